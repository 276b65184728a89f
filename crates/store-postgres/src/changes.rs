//! The feed of changes, by which the other nodes learn what to read again.

use doorward_core::call::Time;
use doorward_core::port::store::{Change, stored};
use doorward_core::refusal::Fault;

use crate::sql::{Sql, get};

/// Any number that no other use of the database takes: "door" and the table's letter.
const FEED_LOCK: i64 = 0x646f_6f72_0063;

/// Lets one transaction at a time into the feed, until it is committed: a position that is given later must not be
/// seen earlier, or a node that read up to it would never see the earlier one. Called last in a job, so that nothing
/// is waited for while it is held.
pub(crate) fn enter(sql: &mut Sql<'_>) -> Result<(), Fault> {
    sql.rows("SELECT pg_advisory_xact_lock($1)", &[&FEED_LOCK], |_| Ok(())).map(|_| ())
}

/// Notes a change; without a date the engine's clock gives it, which decides only when it is swept.
pub(crate) fn note(sql: &mut Sql<'_>, change: Change, at: Option<Time>) -> Result<(), Fault> {
    let columns = stored::ChangeColumns::from(change);
    sql.run(
        "INSERT INTO change (kind, site_id, token, expires, at) VALUES ($1, $2, $3, $4, coalesce($5, extract(epoch FROM now())::bigint))",
        &[&columns.kind, &columns.site, &columns.token, &columns.expires, &at.map(|t| t.0)],
    )?;
    Ok(())
}

pub(crate) fn after(sql: &mut Sql<'_>, seq: i64) -> Result<(Vec<Change>, i64), Fault> {
    let found = sql.rows("SELECT seq, kind, site_id, token, expires FROM change WHERE seq > $1 ORDER BY seq", &[&seq], |row| {
        let columns = stored::ChangeColumns { kind: get(row, 1)?, site: get(row, 2)?, token: get(row, 3)?, expires: get(row, 4)? };
        Ok((get::<i64>(row, 0)?, columns.change()?))
    })?;
    let last = found.last().map_or(seq, |(seq, _)| *seq);
    Ok((found.into_iter().map(|(_, change)| change).collect(), last))
}

pub(crate) fn first(sql: &mut Sql<'_>) -> Result<i64, Fault> {
    Ok(sql.first("SELECT coalesce(min(seq), 0) FROM change", &[], |row| get(row, 0))?.unwrap_or(0))
}

pub(crate) fn last(sql: &mut Sql<'_>) -> Result<i64, Fault> {
    Ok(sql.first("SELECT coalesce(max(seq), 0) FROM change", &[], |row| get(row, 0))?.unwrap_or(0))
}

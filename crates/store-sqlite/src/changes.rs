//! The feed of changes, by which other processes on the same file learn what to read again.

use doorward_core::call::Time;
use doorward_core::port::store::{Change, stored};
use doorward_core::refusal::Fault;

use crate::sql::{Sql, get};

/// Notes a change; without a date the engine's clock gives it, which decides only when it is swept.
pub(crate) fn note(sql: &mut Sql<'_>, change: Change, at: Option<Time>) -> Result<(), Fault> {
    let columns = stored::ChangeColumns::from(change);
    sql.run(
        "INSERT INTO change (kind, site_id, token, expires, at) VALUES (?1, ?2, ?3, ?4, coalesce(?5, unixepoch()))",
        &[&columns.kind, &columns.site, &columns.token, &columns.expires, &at.map(|t| t.0)],
    )?;
    Ok(())
}

pub(crate) fn after(sql: &mut Sql<'_>, seq: i64) -> Result<(Vec<Change>, i64), Fault> {
    let found = sql.rows("SELECT seq, kind, site_id, token, expires FROM change WHERE seq > ?1 ORDER BY seq", &[&seq], |row| {
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

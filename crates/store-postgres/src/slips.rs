//! Slips: small things kept for a while under a digest; tallies: how often something was used.

use doorward_core::call::Time;
use doorward_core::port::store::{Slip, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::Row;

use crate::sql::{Sql, get};

pub(crate) fn of_site(sql: &mut Sql<'_>, site: SiteId, kind: &str, owner: Option<i64>) -> Result<Vec<Slip>, Fault> {
    match owner {
        None => sql.rows(
            "SELECT id, site_id, kind, key, account, note, created, expires FROM slip WHERE site_id = $1 AND kind = $2 ORDER BY id",
            &[&site.0, &kind],
            slip,
        ),
        Some(owner) => sql.rows(
            "SELECT id, site_id, kind, key, account, note, created, expires FROM slip
             WHERE site_id = $1 AND kind = $2 AND account = $3 ORDER BY id",
            &[&site.0, &kind, &owner],
            slip,
        ),
    }
}

pub(crate) fn add(sql: &mut Sql<'_>, slip: &Slip) -> Result<i64, Fault> {
    sql.run("DELETE FROM slip WHERE site_id = $1 AND kind = $2 AND key = $3", &[&slip.site.0, &slip.kind, &slip.key.as_slice()])?;
    let made = sql.first(
        "INSERT INTO slip (site_id, kind, key, account, note, created, expires)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
        &[&slip.site.0, &slip.kind, &slip.key.as_slice(), &slip.account, &stored::shown(&slip.note), &slip.created.0, &slip.expires.0],
        |row| get(row, 0),
    )?;
    made.ok_or_else(|| Fault::new("a slip was not added"))
}

pub(crate) fn take(sql: &mut Sql<'_>, site: SiteId, kind: &str, key: &[u8; 32], account: i64, now: Time) -> Result<bool, Fault> {
    let delete = "DELETE FROM slip WHERE site_id = $1 AND kind = $2 AND key = $3 AND account = $4 AND expires > $5";
    sql.hit(delete, &[&site.0, &kind, &key.as_slice(), &account, &now.0])
}

pub(crate) fn drop_all(sql: &mut Sql<'_>, site: SiteId, kind: &str, account: i64) -> Result<(), Fault> {
    sql.run("DELETE FROM slip WHERE site_id = $1 AND kind = $2 AND account = $3", &[&site.0, &kind, &account])?;
    Ok(())
}

/// One statement: of many at once, as many succeed as there were uses left.
pub(crate) fn tally(sql: &mut Sql<'_>, site: SiteId, kind: &str, key: &[u8; 32], most: i64) -> Result<bool, Fault> {
    if most < 1 {
        return Ok(false);
    }
    sql.hit(
        "INSERT INTO tally (site_id, kind, key, used) VALUES ($1, $2, $3, 1)
         ON CONFLICT (site_id, kind, key) DO UPDATE SET used = tally.used + 1 WHERE tally.used < $4",
        &[&site.0, &kind, &key.as_slice(), &most],
    )
}

pub(crate) fn untally(sql: &mut Sql<'_>, site: SiteId, kind: &str, key: &[u8; 32]) -> Result<(), Fault> {
    let update = "UPDATE tally SET used = used - 1 WHERE site_id = $1 AND kind = $2 AND key = $3 AND used > 0";
    sql.run(update, &[&site.0, &kind, &key.as_slice()])?;
    Ok(())
}

fn slip(row: &Row) -> Result<Slip, Fault> {
    Ok(Slip {
        id: get(row, 0)?,
        site: SiteId(get(row, 1)?),
        kind: get(row, 2)?,
        key: stored::digest(&get::<Vec<u8>>(row, 3)?)?,
        account: get(row, 4)?,
        note: get(row, 5)?,
        created: Time(get(row, 6)?),
        expires: Time(get(row, 7)?),
    })
}

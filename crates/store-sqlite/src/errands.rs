//! Errands: what is to be told to other servers.

use doorward_core::call::Time;
use doorward_core::port::store::{Errand, Standing, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use rusqlite::Row;

use crate::sql::{Sql, get};

pub(crate) fn list(sql: &mut Sql<'_>, site: Option<SiteId>, before: i64, limit: u32) -> Result<Vec<Errand>, Fault> {
    let limit = i64::from(limit);
    match site {
        None => sql.rows(
            "SELECT id, site_id, kind, target, about, made, due, tries, standing, heard FROM errand
             WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
            &[&before, &limit],
            errand,
        ),
        Some(site) => sql.rows(
            "SELECT id, site_id, kind, target, about, made, due, tries, standing, heard FROM errand
             WHERE site_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            &[&site.0, &before, &limit],
            errand,
        ),
    }
}

pub(crate) fn next(sql: &mut Sql<'_>) -> Result<Option<Time>, Fault> {
    Ok(sql.first("SELECT min(due) FROM errand WHERE standing = 0", &[], |row| get::<Option<i64>>(row, 0))?.flatten().map(Time))
}

pub(crate) fn add(sql: &mut Sql<'_>, errand: &Errand) -> Result<i64, Fault> {
    let made = sql.first(
        "INSERT INTO errand (site_id, kind, target, about, made, due, tries, standing, heard)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) RETURNING id",
        &[
            &errand.site.0,
            &errand.kind,
            &errand.target,
            &stored::shown(&errand.about),
            &errand.made.0,
            &errand.due.0,
            &errand.tries,
            &errand.standing.number(),
            &stored::shown(&errand.heard),
        ],
        |row| get(row, 0),
    )?;
    made.ok_or_else(|| Fault::new("an errand was not added"))
}

/// One statement: whoever comes second finds them put off.
pub(crate) fn take(sql: &mut Sql<'_>, now: Time, until: Time, limit: u32) -> Result<Vec<Errand>, Fault> {
    let mut taken = sql.rows(
        "UPDATE errand SET due = ?2 WHERE id IN
             (SELECT id FROM errand WHERE standing = 0 AND due <= ?1 ORDER BY due, id LIMIT ?3)
         RETURNING id, site_id, kind, target, about, made, due, tries, standing, heard",
        &[&now.0, &until.0, &i64::from(limit)],
        errand,
    )?;
    taken.sort_by_key(|errand| errand.id);
    Ok(taken)
}

pub(crate) fn settle(sql: &mut Sql<'_>, errand: &Errand) -> Result<(), Fault> {
    sql.run(
        "UPDATE errand SET due = ?2, tries = ?3, standing = ?4, heard = ?5 WHERE id = ?1 AND standing = 0",
        &[&errand.id, &errand.due.0, &errand.tries, &errand.standing.number(), &stored::shown(&errand.heard)],
    )?;
    Ok(())
}

pub(crate) fn drop_ended(sql: &mut Sql<'_>, site: SiteId, before: Time) -> Result<(), Fault> {
    sql.run("DELETE FROM errand WHERE site_id = ?1 AND standing <> 0 AND due < ?2", &[&site.0, &before.0])?;
    Ok(())
}

fn errand(row: &Row<'_>) -> Result<Errand, Fault> {
    Ok(Errand {
        id: get(row, 0)?,
        site: SiteId(get(row, 1)?),
        kind: get(row, 2)?,
        target: get(row, 3)?,
        about: get(row, 4)?,
        made: Time(get(row, 5)?),
        due: Time(get(row, 6)?),
        tries: get(row, 7)?,
        standing: Standing::of(get(row, 8)?).ok_or_else(|| stored::broken("standing"))?,
        heard: get(row, 9)?,
    })
}

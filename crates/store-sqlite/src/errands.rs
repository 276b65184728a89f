//! Errands: what is to be told to other servers.

use doorward_core::call::Time;
use doorward_core::port::store::{Errand, ErrandQuery, Standing, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use rusqlite::{Row, ToSql};

use crate::sql::{Sql, get};

/// The columns that [`errand`] reads.
macro_rules! columns {
    () => {
        "id, site_id, kind, target, about, made, due, tries, standing, heard"
    };
}

pub(crate) fn list(sql: &mut Sql<'_>, query: &ErrandQuery) -> Result<Vec<Errand>, Fault> {
    let (standing, limit) = (query.standing.map(Standing::number), i64::from(query.limit));
    let mut text = String::from(concat!("SELECT ", columns!(), " FROM errand"));
    let mut values: Vec<&dyn ToSql> = Vec::new();
    // Only what is asked for is written into the statement, so that an index can serve it.
    let mut ask = |condition: &str, value| {
        values.push(value);
        let word = if values.len() == 1 { "WHERE" } else { "AND" };
        text.push_str(&format!(" {word} {condition} ?{}", values.len()));
    };
    if let Some(site) = &query.site {
        ask("site_id =", &site.0);
    }
    if let Some(target) = &query.target {
        ask("target =", target);
    }
    if let Some(standing) = &standing {
        ask("standing =", standing);
    }
    if let Some(before) = &query.before {
        ask("id <", before);
    }
    values.push(&limit);
    text.push_str(&format!(" ORDER BY id DESC LIMIT ?{}", values.len()));
    sql.rows(&text, &values, errand)
}

pub(crate) fn one(sql: &mut Sql<'_>, site: SiteId, id: i64) -> Result<Option<Errand>, Fault> {
    sql.first(concat!("SELECT ", columns!(), " FROM errand WHERE id = ?1 AND site_id = ?2"), &[&id, &site.0], errand)
}

/// What was heard stays heard, and what is being told is not told beside it.
pub(crate) fn hurry(sql: &mut Sql<'_>, site: SiteId, id: i64, now: Time) -> Result<bool, Fault> {
    sql.hit(
        "UPDATE errand SET due = ?3, standing = 0 WHERE id = ?1 AND site_id = ?2 AND standing <> 1 AND taken_until <= ?3",
        &[&id, &site.0, &now.0],
    )
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
        concat!(
            "UPDATE errand SET due = ?2, taken_until = ?2 WHERE id IN
             (SELECT id FROM errand WHERE standing = 0 AND due <= ?1 ORDER BY due, id LIMIT ?3)
         RETURNING ",
            columns!()
        ),
        &[&now.0, &until.0, &i64::from(limit)],
        errand,
    )?;
    taken.sort_by_key(|errand| errand.id);
    Ok(taken)
}

/// A claim is known by its end, which no other has while nothing comes of it, and by the tries, which grow with each that something comes of.
pub(crate) fn settle(sql: &mut Sql<'_>, taken: &Errand, after: &Errand) -> Result<bool, Fault> {
    sql.hit(
        "UPDATE errand SET due = ?2, tries = ?3, standing = ?4, heard = ?5, taken_until = 0
         WHERE id = ?1 AND standing = 0 AND (?4 = 1 OR (taken_until = ?6 AND tries = ?7))",
        &[&taken.id, &after.due.0, &after.tries, &after.standing.number(), &stored::shown(&after.heard), &taken.due.0, &taken.tries],
    )
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

//! What the server itself keeps, of no site: under a name, until it expires.

use doorward_core::call::Time;
use doorward_core::port::store::Kept;
use doorward_core::refusal::Fault;
use rusqlite::Row;

use crate::sql::{Sql, get};

pub(crate) fn under(sql: &mut Sql<'_>, prefix: &str) -> Result<Vec<Kept>, Fault> {
    sql.rows("SELECT name, value, expires FROM kept WHERE name >= ?1 AND substr(name, 1, length(?1)) = ?1 ORDER BY name", &[&prefix], kept)
}

pub(crate) fn keep(sql: &mut Sql<'_>, kept: &Kept) -> Result<(), Fault> {
    sql.run(
        "INSERT INTO kept (name, value, expires) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires = excluded.expires",
        &[&kept.name, &kept.value, &kept.expires.0],
    )?;
    Ok(())
}

pub(crate) fn claim(sql: &mut Sql<'_>, kept: &Kept, now: Time) -> Result<bool, Fault> {
    sql.hit(
        "INSERT INTO kept (name, value, expires) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, expires = excluded.expires
         WHERE kept.expires <= ?4 OR kept.value = excluded.value",
        &[&kept.name, &kept.value, &kept.expires.0, &now.0],
    )
}

pub(crate) fn forget(sql: &mut Sql<'_>, name: &str) -> Result<bool, Fault> {
    sql.hit("DELETE FROM kept WHERE name = ?1", &[&name])
}

fn kept(row: &Row<'_>) -> Result<Kept, Fault> {
    Ok(Kept { name: get(row, 0)?, value: get(row, 1)?, expires: Time(get(row, 2)?) })
}

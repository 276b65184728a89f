//! Sites, their languages and their signing keys.

use doorward_core::call::Time;
use doorward_core::port::store::{DialectRow, KeyRow, Sealed, SiteRow, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use doorward_core::token::Algorithm;
use rusqlite::Row;

use crate::sql::{Sql, get};

pub(crate) fn all(sql: &mut Sql<'_>) -> Result<Vec<SiteRow>, Fault> {
    let mut sites = sql.rows("SELECT id, name, url, hosts, upstream, cors_origins, rules FROM site ORDER BY id", &[], site)?;
    for (id, language) in sql.rows("SELECT site_id, dialect, config FROM dialect ORDER BY site_id, position", &[], language)? {
        if let Ok(at) = sites.binary_search_by_key(&id, |s| s.id) {
            sites[at].dialects.push(language);
        }
    }
    Ok(sites)
}

pub(crate) fn put(sql: &mut Sql<'_>, site: &SiteRow) -> Result<(), Fault> {
    stored::exact(&[&site.name, &site.url])?;
    let (hosts, origins, rules) = (stored::list_text(&site.hosts), stored::list_text(&site.cors_origins), stored::rules_text(&site.rules));
    sql.run(
        "INSERT INTO site (id, name, url, hosts, upstream, cors_origins, rules) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, url = excluded.url, hosts = excluded.hosts,
         upstream = excluded.upstream, cors_origins = excluded.cors_origins, rules = excluded.rules",
        &[&site.id.0, &site.name, &site.url, &hosts, &site.upstream, &origins, &rules],
    )?;
    sql.run("DELETE FROM dialect WHERE site_id = ?1", &[&site.id.0])?;
    for (position, language) in (0_i64..).zip(&site.dialects) {
        sql.run(
            "INSERT INTO dialect (site_id, position, dialect, config) VALUES (?1, ?2, ?3, ?4)",
            &[&site.id.0, &position, &language.dialect, &language.config.0],
        )?;
    }
    Ok(())
}

pub(crate) fn remove(sql: &mut Sql<'_>, site: SiteId) -> Result<bool, Fault> {
    sql.hit("DELETE FROM site WHERE id = ?1", &[&site.0])
}

pub(crate) fn pad(sql: &mut Sql<'_>, site: SiteId) -> Result<String, Fault> {
    Ok(sql.first("SELECT pad FROM site WHERE id = ?1", &[&site.0], |row| get(row, 0))?.unwrap_or_default())
}

pub(crate) fn set_pad(sql: &mut Sql<'_>, site: SiteId, pad: &str) -> Result<(), Fault> {
    stored::exact(&[pad])?;
    let done = sql.hit("UPDATE site SET pad = ?2 WHERE id = ?1", &[&site.0, &pad])?;
    if done { Ok(()) } else { Err(Fault::new("a pad for a site that is not there")) }
}

pub(crate) fn keys(sql: &mut Sql<'_>, site: SiteId) -> Result<Vec<KeyRow>, Fault> {
    sql.rows(
        "SELECT site_id, dialect, kid, algorithm, material, created, retired FROM signing_key WHERE site_id = ?1
         ORDER BY created DESC, seq DESC",
        &[&site.0],
        key,
    )
}

pub(crate) fn put_key(sql: &mut Sql<'_>, key: &KeyRow) -> Result<(), Fault> {
    stored::exact(&[&key.dialect, &key.kid])?;
    let (algorithm, retired) = (key.algorithm.name(), key.retired.map(|t| t.0));
    sql.run(
        "INSERT INTO signing_key (site_id, dialect, kid, algorithm, material, created, retired) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (site_id, dialect, kid) DO UPDATE SET algorithm = excluded.algorithm, material = excluded.material,
         created = excluded.created, retired = excluded.retired",
        &[&key.site.0, &key.dialect, &key.kid, &algorithm, &key.material.0, &key.created.0, &retired],
    )?;
    Ok(())
}

pub(crate) fn remove_key(sql: &mut Sql<'_>, site: SiteId, dialect: &str, kid: &str) -> Result<bool, Fault> {
    sql.hit("DELETE FROM signing_key WHERE site_id = ?1 AND dialect = ?2 AND kid = ?3", &[&site.0, &dialect, &kid])
}

fn site(row: &Row<'_>) -> Result<SiteRow, Fault> {
    Ok(SiteRow {
        id: SiteId(get(row, 0)?),
        name: get(row, 1)?,
        url: get(row, 2)?,
        hosts: stored::parse_list(&get::<String>(row, 3)?)?,
        upstream: get(row, 4)?,
        cors_origins: stored::parse_list(&get::<String>(row, 5)?)?,
        dialects: Vec::new(),
        rules: stored::parse_rules(&get::<String>(row, 6)?)?,
    })
}

fn language(row: &Row<'_>) -> Result<(SiteId, DialectRow), Fault> {
    Ok((SiteId(get(row, 0)?), DialectRow { dialect: get(row, 1)?, config: Sealed(get(row, 2)?) }))
}

fn key(row: &Row<'_>) -> Result<KeyRow, Fault> {
    Ok(KeyRow {
        site: SiteId(get(row, 0)?),
        dialect: get(row, 1)?,
        kid: get(row, 2)?,
        algorithm: Algorithm::parse(&get::<String>(row, 3)?).ok_or_else(|| stored::broken("algorithm"))?,
        material: Sealed(get(row, 4)?),
        created: Time(get(row, 5)?),
        retired: get::<Option<i64>>(row, 6)?.map(Time),
    })
}

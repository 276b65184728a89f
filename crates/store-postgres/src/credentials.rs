//! API tokens, TOTP enrolments and recovery codes.

use doorward_core::call::Time;
use doorward_core::credential::Digest;
use doorward_core::policy::Scopes;
use doorward_core::port::store::{ApiToken, Sealed, TotpRow, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::Row;

use crate::sql::{Sql, get};

/// The columns that [`api_token`] reads.
macro_rules! columns {
    () => {
        "id, site_id, account, dialect, name, digest, hint, scopes, created, expires, used, used_from, revoked, ip_allow"
    };
}

pub(crate) fn by_digest(sql: &mut Sql<'_>, digest: &[u8; 32]) -> Result<Option<ApiToken>, Fault> {
    sql.first(concat!("SELECT ", columns!(), " FROM api_token WHERE digest = $1"), &[&digest.as_slice()], api_token)
}

pub(crate) fn by_id(sql: &mut Sql<'_>, site: SiteId, id: i64) -> Result<Option<ApiToken>, Fault> {
    sql.first(concat!("SELECT ", columns!(), " FROM api_token WHERE id = $2 AND site_id = $1"), &[&site.0, &id], api_token)
}

pub(crate) fn of_site(sql: &mut Sql<'_>, site: SiteId, owner: Option<i64>) -> Result<Vec<ApiToken>, Fault> {
    match owner {
        None => sql.rows(
            concat!("SELECT ", columns!(), " FROM api_token WHERE site_id = $1 AND revoked IS NULL ORDER BY id"),
            &[&site.0],
            api_token,
        ),
        Some(owner) => sql.rows(
            concat!("SELECT ", columns!(), " FROM api_token WHERE site_id = $1 AND account = $2 AND revoked IS NULL ORDER BY id"),
            &[&site.0, &owner],
            api_token,
        ),
    }
}

pub(crate) fn add(sql: &mut Sql<'_>, token: &ApiToken) -> Result<i64, Fault> {
    let digest = token.digest.as_bytes().as_slice();
    let seconds = |time: Option<Time>| time.map(|t| t.0);
    let made = sql.first(
        "INSERT INTO api_token (site_id, account, dialect, name, digest, hint, scopes, created, expires, used, used_from, revoked, ip_allow)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT (digest) DO NOTHING RETURNING id",
        &[
            &token.site.0,
            &token.account,
            &token.dialect,
            &stored::shown(&token.name),
            &digest,
            &stored::shown(&token.hint),
            &token.scopes.text(),
            &token.created.0,
            &seconds(token.expires),
            &seconds(token.used),
            &token.used_from,
            &seconds(token.revoked),
            &stored::list_text(&token.ip_allow),
        ],
        |row| get(row, 0),
    )?;
    let there = "SELECT id FROM api_token WHERE digest = $1";
    let id = if made.is_some() { made } else { sql.first(there, &[&digest], |row| get(row, 0))? };
    id.ok_or_else(|| Fault::new("an API token was neither added nor there"))
}

pub(crate) fn revoke(sql: &mut Sql<'_>, site: SiteId, id: i64, now: Time) -> Result<bool, Fault> {
    sql.hit("UPDATE api_token SET revoked = $3 WHERE id = $2 AND site_id = $1 AND revoked IS NULL", &[&site.0, &id, &now.0])
}

pub(crate) fn all_of_site(sql: &mut Sql<'_>, site: SiteId, owner: Option<i64>) -> Result<Vec<ApiToken>, Fault> {
    match owner {
        None => sql.rows(concat!("SELECT ", columns!(), " FROM api_token WHERE site_id = $1 ORDER BY id"), &[&site.0], api_token),
        Some(owner) => sql.rows(
            concat!("SELECT ", columns!(), " FROM api_token WHERE site_id = $1 AND account = $2 ORDER BY id"),
            &[&site.0, &owner],
            api_token,
        ),
    }
}

pub(crate) fn edit(sql: &mut Sql<'_>, site: SiteId, id: i64, name: &str, scopes: &Scopes, expires: Option<Time>) -> Result<bool, Fault> {
    let update = "UPDATE api_token SET name = $3, scopes = $4, expires = $5 WHERE id = $2 AND site_id = $1";
    sql.hit(update, &[&site.0, &id, &stored::shown(name), &scopes.text(), &expires.map(|t| t.0)])
}

pub(crate) fn remove(sql: &mut Sql<'_>, site: SiteId, id: i64) -> Result<bool, Fault> {
    sql.hit("DELETE FROM api_token WHERE id = $2 AND site_id = $1", &[&site.0, &id])
}

pub(crate) fn touch(sql: &mut Sql<'_>, used: &[(i64, Time, String)]) -> Result<(), Fault> {
    // Always in the same order, so that two nodes cannot wait for each other.
    let mut used: Vec<_> = used.iter().collect();
    used.sort_by_key(|(id, when, _)| (*id, *when));
    for (id, when, address) in used {
        let update = "UPDATE api_token SET used = $2, used_from = $3 WHERE id = $1 AND (used IS NULL OR used <= $2)";
        sql.run(update, &[id, &when.0, &stored::shown(address)])?;
    }
    Ok(())
}

pub(crate) fn totp(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<Option<TotpRow>, Fault> {
    sql.first("SELECT secret, last_step FROM totp WHERE site_id = $1 AND account = $2", &[&site.0, &number], |row| {
        Ok(TotpRow { secret: Sealed(get(row, 0)?), last_step: get(row, 1)? })
    })
}

pub(crate) fn put_totp(sql: &mut Sql<'_>, site: SiteId, number: i64, secret: &Sealed) -> Result<(), Fault> {
    sql.run(
        "INSERT INTO totp (site_id, account, secret, last_step) VALUES ($1, $2, $3, -1)
         ON CONFLICT (site_id, account) DO UPDATE SET secret = excluded.secret, last_step = -1",
        &[&site.0, &number, &secret.0],
    )?;
    Ok(())
}

pub(crate) fn remove_totp(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<bool, Fault> {
    sql.run("DELETE FROM recovery_code WHERE site_id = $1 AND account = $2", &[&site.0, &number])?;
    sql.hit("DELETE FROM totp WHERE site_id = $1 AND account = $2", &[&site.0, &number])
}

pub(crate) fn spend_step(sql: &mut Sql<'_>, site: SiteId, number: i64, step: i64) -> Result<bool, Fault> {
    let update = "UPDATE totp SET last_step = $3 WHERE site_id = $1 AND account = $2 AND last_step < $3";
    sql.hit(update, &[&site.0, &number, &step])
}

pub(crate) fn recovery_codes(sql: &mut Sql<'_>, site: SiteId, number: i64) -> Result<Vec<[u8; 32]>, Fault> {
    let select = "SELECT digest FROM recovery_code WHERE site_id = $1 AND account = $2 ORDER BY digest";
    sql.rows(select, &[&site.0, &number], |row| stored::digest(&get::<Vec<u8>>(row, 0)?))
}

pub(crate) fn put_recovery_codes(sql: &mut Sql<'_>, site: SiteId, number: i64, digests: &[[u8; 32]]) -> Result<(), Fault> {
    // Of two who replace them at once the second must see, and remove, the codes of the first.
    sql.rows("SELECT number FROM account WHERE site_id = $1 AND number = $2 FOR NO KEY UPDATE", &[&site.0, &number], |_| Ok(()))?;
    sql.run("DELETE FROM recovery_code WHERE site_id = $1 AND account = $2", &[&site.0, &number])?;
    for digest in digests {
        let insert = "INSERT INTO recovery_code (site_id, account, digest) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        sql.run(insert, &[&site.0, &number, &digest.as_slice()])?;
    }
    Ok(())
}

pub(crate) fn spend_recovery_code(sql: &mut Sql<'_>, site: SiteId, number: i64, digest: &[u8; 32]) -> Result<bool, Fault> {
    let delete = "DELETE FROM recovery_code WHERE site_id = $1 AND account = $2 AND digest = $3";
    sql.hit(delete, &[&site.0, &number, &digest.as_slice()])
}

fn api_token(row: &Row) -> Result<ApiToken, Fault> {
    let time = |at: usize| Ok::<_, Fault>(get::<Option<i64>>(row, at)?.map(Time));
    Ok(ApiToken {
        id: get(row, 0)?,
        site: SiteId(get(row, 1)?),
        account: get(row, 2)?,
        dialect: get(row, 3)?,
        name: get(row, 4)?,
        digest: Digest::from_slice(&get::<Vec<u8>>(row, 5)?).ok_or_else(|| stored::broken("digest"))?,
        hint: get(row, 6)?,
        scopes: Scopes::parse(&get::<String>(row, 7)?),
        created: Time(get(row, 8)?),
        expires: time(9)?,
        used: time(10)?,
        used_from: get(row, 11)?,
        revoked: time(12)?,
        ip_allow: stored::parse_list(&get::<String>(row, 13)?)?,
    })
}

//! Sessions, revoked tokens and the counters of wrong tries.

use doorward_core::call::Time;
use doorward_core::limit::{AttemptKey, Attempts};
use doorward_core::port::store::stored;
use doorward_core::refusal::Fault;
use doorward_core::session::{Session, SessionId};
use doorward_core::site::SiteId;
use doorward_core::token::TokenId;
use postgres::Row;

use crate::sql::{Sql, get};

/// The columns that [`session`] reads.
macro_rules! columns {
    () => {
        "id, site_id, account, dialect, created, expires, generation, rotated, token, ended, ended_reason, address, agent"
    };
}

pub(crate) fn by_id(sql: &mut Sql<'_>, id: SessionId) -> Result<Option<Session>, Fault> {
    sql.first(concat!("SELECT ", columns!(), " FROM session WHERE id = $1"), &[&id.0.as_slice()], session)
}

pub(crate) fn live(sql: &mut Sql<'_>, site: SiteId, account: Option<i64>, now: Time) -> Result<Vec<Session>, Fault> {
    match account {
        None => sql.rows(
            concat!("SELECT ", columns!(), " FROM session WHERE site_id = $1 AND ended IS NULL AND expires > $2 ORDER BY created DESC, id"),
            &[&site.0, &now.0],
            session,
        ),
        Some(account) => sql.rows(
            concat!(
                "SELECT ",
                columns!(),
                " FROM session WHERE site_id = $1 AND ended IS NULL AND expires > $2 AND account = $3 ORDER BY created DESC, id"
            ),
            &[&site.0, &now.0, &account],
            session,
        ),
    }
}

pub(crate) fn open(sql: &mut Sql<'_>, session: &Session) -> Result<(), Fault> {
    sql.run(
        concat!("INSERT INTO session (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
        &[
            &session.id.0.as_slice(),
            &session.site.0,
            &session.account,
            &session.dialect,
            &session.created.0,
            &session.expires.0,
            &session.generation,
            &session.rotated.0,
            &session.token.map(|t| t.0.to_vec()),
            &session.ended.map(|t| t.0),
            &session.ended_reason,
            &stored::shown(&session.address),
            &session.agent.as_deref().map(stored::shown),
        ],
    )?;
    Ok(())
}

pub(crate) fn advance(sql: &mut Sql<'_>, id: SessionId, from: i64, now: Time, expires: Time) -> Result<bool, Fault> {
    sql.hit(
        "UPDATE session SET generation = $2 + 1, rotated = $3, expires = $4
         WHERE id = $1 AND generation = $2 AND ended IS NULL AND expires > $3",
        &[&id.0.as_slice(), &from, &now.0, &expires.0],
    )
}

pub(crate) fn end(sql: &mut Sql<'_>, id: SessionId, now: Time, reason: &str) -> Result<bool, Fault> {
    let update = "UPDATE session SET ended = $2, ended_reason = $3 WHERE id = $1 AND ended IS NULL";
    sql.hit(update, &[&id.0.as_slice(), &now.0, &stored::shown(reason)])
}

pub(crate) fn revoked(sql: &mut Sql<'_>, now: Time) -> Result<Vec<(TokenId, Time)>, Fault> {
    sql.rows("SELECT token, expires FROM revoked WHERE expires > $1", &[&now.0], |row| {
        Ok((TokenId(stored::id(&get::<Vec<u8>>(row, 0)?)?), Time(get(row, 1)?)))
    })
}

/// True if it was not revoked before; the second value is true if anything was written: a later expiry counts.
pub(crate) fn revoke(sql: &mut Sql<'_>, site: SiteId, token: TokenId, expires: Time) -> Result<(bool, bool), Fault> {
    let insert = "INSERT INTO revoked (token, site_id, expires) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
    if sql.hit(insert, &[&token.0.as_slice(), &site.0, &expires.0])? {
        return Ok((true, true));
    }
    let longer = sql.hit("UPDATE revoked SET expires = $2 WHERE token = $1 AND expires < $2", &[&token.0.as_slice(), &expires.0])?;
    Ok((false, longer))
}

pub(crate) fn lift(sql: &mut Sql<'_>, site: SiteId, token: TokenId) -> Result<bool, Fault> {
    sql.hit("DELETE FROM revoked WHERE token = $1 AND site_id = $2", &[&token.0.as_slice(), &site.0])
}

pub(crate) fn attempts(sql: &mut Sql<'_>, key: AttemptKey, now: Time, window: i64) -> Result<Option<Attempts>, Fault> {
    let select = "SELECT tries, since FROM attempt WHERE id = $1 AND $2 - since < $3";
    sql.first(select, &[&key.0.as_slice(), &now.0, &window], counter)
}

pub(crate) fn charge(sql: &mut Sql<'_>, key: AttemptKey, now: Time, window: i64) -> Result<Attempts, Fault> {
    let charged = sql.first(
        "INSERT INTO attempt AS a (id, tries, since) VALUES ($1, 1, $2) ON CONFLICT (id) DO UPDATE SET
         tries = CASE WHEN $2 - a.since >= $3 THEN 1 ELSE a.tries + 1 END,
         since = CASE WHEN $2 - a.since >= $3 THEN $2 ELSE a.since END
         RETURNING tries, since",
        &[&key.0.as_slice(), &now.0, &window],
        counter,
    )?;
    charged.ok_or_else(|| Fault::new("a try was charged and not counted"))
}

pub(crate) fn refund(sql: &mut Sql<'_>, key: AttemptKey) -> Result<(), Fault> {
    sql.run("UPDATE attempt SET tries = tries - 1 WHERE id = $1", &[&key.0.as_slice()])?;
    // A counter at zero must not keep the date of a try that was taken back.
    sql.run("DELETE FROM attempt WHERE id = $1 AND tries <= 0", &[&key.0.as_slice()])?;
    Ok(())
}

pub(crate) fn forgive(sql: &mut Sql<'_>, key: AttemptKey) -> Result<(), Fault> {
    sql.run("DELETE FROM attempt WHERE id = $1", &[&key.0.as_slice()])?;
    Ok(())
}

fn counter(row: &Row) -> Result<Attempts, Fault> {
    Ok(Attempts { count: u32::try_from(get::<i64>(row, 0)?).unwrap_or(u32::MAX), since: Time(get(row, 1)?) })
}

fn session(row: &Row) -> Result<Session, Fault> {
    let token = get::<Option<Vec<u8>>>(row, 8)?;
    Ok(Session {
        id: SessionId(stored::id(&get::<Vec<u8>>(row, 0)?)?),
        site: SiteId(get(row, 1)?),
        account: get(row, 2)?,
        dialect: get(row, 3)?,
        created: Time(get(row, 4)?),
        expires: Time(get(row, 5)?),
        generation: get(row, 6)?,
        rotated: Time(get(row, 7)?),
        token: token.map(|t| stored::id(&t).map(TokenId)).transpose()?,
        ended: get::<Option<i64>>(row, 9)?.map(Time),
        ended_reason: get(row, 10)?,
        address: get(row, 11)?,
        agent: get(row, 12)?,
    })
}

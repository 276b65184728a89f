//! Remembered decisions, and the sweep of what has expired.

use std::borrow::Cow;

use doorward_core::audit::{Actor, AuditEntry, AuditQuery, Count, Outcome, Span, Traffic};
use doorward_core::call::Time;
use doorward_core::port::store::{Swept, stored};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use postgres::Row;
use postgres::types::ToSql;

use crate::sql::{Sql, get};

/// How long a session that is over is still shown to its owner and to operators: 30 days.
const SESSIONS_KEPT: i64 = 30 * 24 * 3600;
/// Seconds that an errand is kept after it has ended, however long its site would keep it.
const ERRANDS_KEPT: i64 = 400 * 24 * 3600;
/// How far a node may lag behind the feed of changes: an hour.
const CHANGES_KEPT: i64 = 3600;

pub(crate) fn remember(sql: &mut Sql<'_>, entry: &AuditEntry) -> Result<(), Fault> {
    sql.run(
        "INSERT INTO audit (at, site_id, account, action, outcome, reason, detail, address, request, times, actor_site, actor)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        &[
            &entry.at.0,
            &entry.site.map(|s| s.0),
            &entry.account,
            &stored::shown(&entry.action),
            &entry.outcome.word(),
            &stored::shown(&entry.reason),
            &stored::shown(&entry.detail),
            &stored::shown(&entry.address),
            &stored::shown(&entry.request),
            &entry.count,
            &entry.actor.map(|a| a.site.0),
            &entry.actor.map(|a| a.account),
        ],
    )?;
    Ok(())
}

/// An entry, before its conditions.
const ENTRY: &str =
    "SELECT id, at, site_id, account, action, outcome, reason, detail, address, request, times, actor_site, actor FROM audit";

/// Actions that begin alike and are looked for one by one; more of them are so common that looking at every entry is as quick.
const ACTIONS: usize = 32;

/// Which actions entries must have.
enum Doing<'a> {
    Anything,
    This(&'a str),
    Beginning(&'a str),
}

pub(crate) fn entries(sql: &mut Sql<'_>, query: &AuditQuery) -> Result<Vec<AuditEntry>, Fault> {
    let Some(begin) = query.action.as_deref().map(stored::shown).filter(|begin| !begin.is_empty()) else {
        return select(sql, query, &Doing::Anything);
    };
    let known = actions(sql, &begin)?;
    if known.len() > ACTIONS {
        return select(sql, query, &Doing::Beginning(&begin));
    }
    let mut found = Vec::new();
    for action in &known {
        found.append(&mut select(sql, query, &Doing::This(action))?);
    }
    found.sort_by_key(|entry| std::cmp::Reverse((entry.at, entry.id)));
    found.truncate(query.limit as usize);
    Ok(found)
}

/// The actions that begin so, from one to the next by the index; no more than one too many.
fn actions(sql: &mut Sql<'_>, begin: &str) -> Result<Vec<String>, Fault> {
    sql.rows(
        "WITH RECURSIVE known (action) AS (
             (SELECT action FROM audit WHERE action COLLATE \"C\" >= $1 AND action COLLATE \"C\" < $2 ORDER BY action COLLATE \"C\" LIMIT 1)
             UNION ALL SELECT (SELECT n.action FROM audit n WHERE n.action COLLATE \"C\" > known.action COLLATE \"C\" AND n.action COLLATE \"C\" < $2
                               ORDER BY n.action COLLATE \"C\" LIMIT 1) FROM known WHERE known.action IS NOT NULL)
         SELECT action FROM known WHERE action IS NOT NULL LIMIT $3",
        &[&begin, &stored::beyond(begin), &(ACTIONS as i64 + 1)],
        |row| get(row, 0),
    )
}

/// Conditions and their values. Only what is asked for is written into a statement, so that an index can serve it.
#[derive(Default)]
struct Asked<'v> {
    text: String,
    values: Vec<&'v (dyn ToSql + Sync)>,
}

impl<'v> Asked<'v> {
    /// One more condition; every `?` of it is the value.
    fn that(&mut self, condition: &str, value: &'v (dyn ToSql + Sync)) {
        self.values.push(value);
        let word = if self.text.is_empty() { "WHERE" } else { "AND" };
        self.text.push_str(&format!(" {word} {}", condition.replace('?', &format!("${}", self.values.len()))));
    }
}

/// Which entries are looked for, whenever they were.
struct Narrow<'q> {
    site: Option<i64>,
    account: Option<i64>,
    actor: Option<Actor>,
    reason: Option<Cow<'q, str>>,
    outcome: Option<&'static str>,
    address: Option<Cow<'q, str>>,
}

impl<'q> Narrow<'q> {
    fn of(query: &'q AuditQuery) -> Self {
        Self {
            site: query.site.map(|s| s.0),
            account: query.account,
            actor: query.actor,
            reason: query.reason.as_deref().map(stored::shown),
            outcome: query.outcome.map(Outcome::word),
            address: query.address.as_deref().map(stored::shown),
        }
    }

    fn ask<'v>(&'v self, asked: &mut Asked<'v>, doing: &'v Doing<'v>) {
        if let Some(site) = &self.site {
            asked.that("site_id = ?", site);
        }
        if let Some(account) = &self.account {
            asked.that("account = ?", account);
        }
        match doing {
            Doing::Anything => {}
            Doing::This(action) => asked.that("action COLLATE \"C\" = ?", action),
            Doing::Beginning(begin) => asked.that("starts_with(action, ?)", begin),
        }
        if let Some(reason) = &self.reason {
            asked.that("reason = ?", reason);
        }
        if let Some(outcome) = &self.outcome {
            asked.that("outcome = ?", outcome);
        }
        if let Some(address) = &self.address {
            asked.that("address = ?", address);
        }
        if let Some(actor) = &self.actor {
            asked.that("actor_site = ?", &actor.site.0);
            asked.that("actor = ?", &actor.account);
        }
    }
}

fn select(sql: &mut Sql<'_>, query: &AuditQuery, doing: &Doing<'_>) -> Result<Vec<AuditEntry>, Fault> {
    let (narrow, since, until) = (Narrow::of(query), query.since.map(|t| t.0), query.until.map(|t| t.0));
    let limit = i64::from(query.limit);
    // A page goes on where the one before ended, which was at this time; should its last entry be swept away, so is what came before it.
    let edge = match &query.before {
        Some(before) => sql.first("SELECT at FROM audit WHERE id = $1", &[before], |row| get::<i64>(row, 0))?,
        None => None,
    };
    let mut asked = Asked::default();
    narrow.ask(&mut asked, doing);
    if let Some(since) = &since {
        asked.that("at >= ?", since);
    }
    if let Some(until) = &until {
        asked.that("at < ?", until);
    }
    if let (Some(before), None) = (&query.before, &edge) {
        asked.that("id < ?", before);
    }
    if let (Some(before), Some(edge)) = (&query.before, &edge) {
        asked.that("at <= ?", edge);
        asked.values.push(before);
        let id = asked.values.len();
        asked.text.push_str(&format!(" AND (at < ${} OR id < ${id})", id - 1));
    }
    asked.values.push(&limit);
    let text = format!("{ENTRY}{} ORDER BY at DESC, id DESC LIMIT ${}", asked.text, asked.values.len());
    sql.rows(&text, &asked.values, entry)
}

pub(crate) fn counts(sql: &mut Sql<'_>, span: &Span, query: &AuditQuery) -> Result<Vec<Count>, Fault> {
    let (site, from, until, step) = (span.site.map(|s| s.0), span.from.0, span.until.0, span.step.max(1));
    let action = query.action.as_deref().map(stored::shown).filter(|begin| !begin.is_empty());
    let doing = action.as_deref().map_or(Doing::Anything, Doing::Beginning);
    let narrow = Narrow { site, ..Narrow::of(query) };
    let mut asked = Asked::default();
    asked.that("at >= ?", &from);
    asked.that("at < ?", &until);
    narrow.ask(&mut asked, &doing);
    asked.values.push(&step);
    let text = format!(
        "SELECT (at - $1) / ${}, action, outcome, sum(times)::bigint FROM audit{} GROUP BY 1, 2, 3 ORDER BY 1, action COLLATE \"C\", 3",
        asked.values.len(),
        asked.text
    );
    sql.rows(&text, &asked.values, |row| {
        let outcome = Outcome::parse(&get::<String>(row, 2)?).ok_or_else(|| stored::broken("outcome"))?;
        Ok(Count { slot: get(row, 0)?, action: get(row, 1)?, outcome, times: get(row, 3)? })
    })
}

pub(crate) fn traffic(sql: &mut Sql<'_>, span: &Span) -> Result<Vec<(i64, i64)>, Fault> {
    let (site, from, until, step) = (span.site.map(|s| s.0), span.from.0, span.until.0, span.step.max(1));
    let read = |row: &Row| Ok((get(row, 0)?, get(row, 1)?));
    match &site {
        None => sql.rows(
            "SELECT (minute - $1) / $3, sum(verified)::bigint FROM traffic WHERE minute >= $1 AND minute < $2 GROUP BY 1 ORDER BY 1",
            &[&from, &until, &step],
            read,
        ),
        Some(site) => sql.rows(
            "SELECT (minute - $1) / $3, sum(verified)::bigint FROM traffic WHERE minute >= $1 AND minute < $2 AND site_id = $4
             GROUP BY 1 ORDER BY 1",
            &[&from, &until, &step, site],
            read,
        ),
    }
}

pub(crate) fn add_traffic(sql: &mut Sql<'_>, traffic: &[Traffic]) -> Result<(), Fault> {
    for Traffic { site, minute, verified } in traffic {
        sql.run(
            "INSERT INTO traffic (minute, site_id, verified) VALUES ($1, $2, $3)
             ON CONFLICT (minute, site_id) DO UPDATE SET verified = traffic.verified + excluded.verified",
            &[&minute.0, &site.0, verified],
        )?;
    }
    Ok(())
}

pub(crate) fn sweep(sql: &mut Sql<'_>, now: Time, window: i64, keep_audit: i64) -> Result<Swept, Fault> {
    let mut rows = sql.run("DELETE FROM revoked WHERE expires <= $1", &[&now.0])?;
    rows += sql.run("DELETE FROM session WHERE expires < $1", &[&now.plus(-SESSIONS_KEPT).0])?;
    rows += sql.run("DELETE FROM session WHERE ended < $1", &[&now.plus(-SESSIONS_KEPT).0])?;
    rows += sql.run("DELETE FROM slip WHERE expires <= $1", &[&now.0])?;
    rows += sql.run("DELETE FROM ticket WHERE expires <= $1", &[&now.0])?;
    rows += sql.run("DELETE FROM kept WHERE expires <= $1", &[&now.0])?;
    rows += sql.run("DELETE FROM errand WHERE standing <> 0 AND due < $1", &[&now.plus(-ERRANDS_KEPT).0])?;
    rows += sql.run("DELETE FROM attempt WHERE since <= $1", &[&now.plus(-window).0])?;
    // The newest change stays: it is the position from which the next node starts.
    rows += sql.run("DELETE FROM change WHERE at < $1 AND seq < (SELECT max(seq) FROM change)", &[&now.plus(-CHANGES_KEPT).0])?;
    if keep_audit > 0 {
        rows += sql.run("DELETE FROM audit WHERE at < $1", &[&now.plus(-keep_audit).0])?;
        rows += sql.run("DELETE FROM traffic WHERE minute < $1", &[&now.plus(-keep_audit).0])?;
    }
    Ok(Swept { rows })
}

pub(crate) fn drop_before(sql: &mut Sql<'_>, site: SiteId, actions: &str, before: Time) -> Result<u64, Fault> {
    sql.run("DELETE FROM audit WHERE site_id = $1 AND starts_with(action, $2) AND at < $3", &[&site.0, &actions, &before.0])
}

fn entry(row: &Row) -> Result<AuditEntry, Fault> {
    Ok(AuditEntry {
        id: get(row, 0)?,
        at: Time(get(row, 1)?),
        site: get::<Option<i64>>(row, 2)?.map(SiteId),
        account: get(row, 3)?,
        action: get(row, 4)?,
        outcome: Outcome::parse(&get::<String>(row, 5)?).ok_or_else(|| stored::broken("outcome"))?,
        reason: get(row, 6)?,
        detail: get(row, 7)?,
        address: get(row, 8)?,
        request: get(row, 9)?,
        count: get(row, 10)?,
        actor: match (get::<Option<i64>>(row, 11)?, get::<Option<i64>>(row, 12)?) {
            (Some(site), Some(account)) => Some(Actor { site: SiteId(site), account }),
            (_, _) => None,
        },
    })
}

//! `/api/audit`: what was decided, for whom, and why.

use std::collections::HashMap;

use doorward_core::account::Handle;
use doorward_core::audit::{Actor, AuditEntry, AuditQuery, Outcome};
use doorward_core::call::Time;
use doorward_core::house::House;
use doorward_core::port::store::Look;
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/audit", "console.audit.list", Access::Admin, |ask| Box::pin(list(ask))),
    Route::new("GET", "/api/audit/export", "console.audit.export", Access::Admin, |ask| Box::pin(super::export::export(ask))),
    Route::new("GET", "/api/audit/chart", "console.audit.chart", Access::Admin, |ask| Box::pin(super::chart::chart(ask))),
    Route::new("GET", "/api/audit/{id}", "console.audit.show", Access::Admin, |ask| Box::pin(show(ask))),
];

/// Who is named in entries, by site and number, and what sites are called.
#[derive(Default)]
pub(super) struct Names {
    sites: HashMap<SiteId, String>,
    logins: HashMap<(SiteId, i64), String>,
}

async fn list(ask: Ask) -> Result<Answer, No> {
    let limit = ask.limit();
    let Some(query) = query(&ask, limit + 1).await? else {
        return Ok(Answer::ok(&json!({"items": [], "next": null})));
    };
    let (mut entries, names) = ask.console.house.look(move |desk| read(desk, &query, Names::default())).await?;
    let more = entries.len() > limit as usize;
    entries.truncate(limit as usize);
    let next = entries.last().filter(|_| more).map(|entry| entry.id.to_string());
    let items: Vec<Value> = entries.iter().map(|entry| about(entry, &names)).collect();
    Ok(Answer::ok(&json!({"items": items, "next": next})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    let id = ask.number(0)?;
    let site = scope(&ask)?;
    let query = AuditQuery { site, before: Some(id.saturating_add(1)), limit: 1, ..AuditQuery::default() };
    let (entries, names) = ask.console.house.look(move |desk| read(desk, &query, Names::default())).await?;
    let entry = entries.iter().find(|entry| entry.id == id).ok_or_else(No::not_found)?;
    Ok(Answer::ok(&about(entry, &names)))
}

/// The site whose entries may be seen, and are asked for; `None` = all.
///
/// # Errors
/// 403 for another's, 404 for one that whoever runs the server does not have.
pub(super) fn scope(ask: &Ask) -> Result<Option<SiteId>, No> {
    let visitor = ask.visitor()?;
    let own = visitor.account().site;
    let Some(name) = ask.query("site").filter(|name| !name.is_empty()) else {
        return Ok(if visitor.is_owner() { None } else { Some(own) });
    };
    let found = ask.console.house.directory().by_name(&name).map(|view| view.site.id);
    match found {
        Some(site) if visitor.runs(site) => Ok(Some(site)),
        None if visitor.is_owner() => Err(No::not_found()),
        Some(_) | None => Err(No::not_yours()),
    }
}

/// What is asked for; `None` if it names somebody who is not there.
///
/// # Errors
/// A member that cannot be read.
pub(super) async fn query(ask: &Ask, limit: u32) -> Result<Option<AuditQuery>, No> {
    let site = scope(ask)?;
    let text = |name: &str| ask.query(name).filter(|text| !text.is_empty());
    let mut query = AuditQuery {
        site,
        action: text("action"),
        reason: text("reason"),
        address: text("address"),
        since: time(ask, "from")?,
        until: time(ask, "to")?,
        limit,
        ..AuditQuery::default()
    };
    query.outcome = match text("outcome") {
        None => None,
        Some(word) => Some(Outcome::parse(&word).ok_or_else(|| No::invalid("outcome", "granted or refused is asked for"))?),
    };
    query.before = match text("after") {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| No::invalid("after", "It is what `next` said"))?),
    };
    for (name, is_actor) in [("user", false), ("by", true)] {
        let Some(who) = text(name) else { continue };
        let within = site.unwrap_or(ask.visitor()?.account().site);
        let Some(number) = number_of(&ask.console.house, within, who).await? else { return Ok(None) };
        if is_actor {
            query.actor = Some(Actor { site: within, account: number });
        } else {
            (query.site, query.account) = (Some(within), Some(number));
        }
    }
    Ok(Some(query))
}

/// A moment of the query: RFC 3339, or seconds since 1970.
///
/// # Errors
/// If it is neither.
pub(super) fn time(ask: &Ask, name: &'static str) -> Result<Option<Time>, No> {
    let Some(text) = ask.query(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let seconds = text.parse::<i64>().ok().map(Time);
    let found = seconds.or_else(|| Time::parse(&text)).or_else(|| Time::parse(&format!("{text} 00:00:00")));
    found.map(Some).ok_or_else(|| No::invalid(name, "A time such as 2027-01-01T00:00:00Z is asked for"))
}

/// By number, login or address. Of a deleted account only the number is left to ask by.
async fn number_of(house: &House, site: SiteId, who: String) -> Result<Option<i64>, Fault> {
    if let Ok(number) = who.parse() {
        return Ok(Some(number));
    }
    Ok(house.look(move |desk| desk.account_by(site, &Handle::LoginOrEmail(who))).await?.map(|account| account.number))
}

/// Entries, and the names of whom they are about that were not known yet.
pub(super) fn read(desk: &mut dyn Look, query: &AuditQuery, mut names: Names) -> Result<(Vec<AuditEntry>, Names), Fault> {
    let entries = desk.audit(query)?;
    if names.sites.is_empty() {
        names.sites = desk.sites()?.into_iter().map(|row| (row.id, row.name)).collect();
    }
    for entry in &entries {
        let own = entry.site.zip(entry.account);
        for (site, number) in own.into_iter().chain(entry.actor.map(|actor| (actor.site, actor.account))) {
            if !names.logins.contains_key(&(site, number))
                && let Some(account) = desk.account(site, number)?
            {
                names.logins.insert((site, number), account.login);
            }
        }
    }
    Ok((entries, names))
}

/// An entry as JSON.
pub(super) fn about(entry: &AuditEntry, names: &Names) -> Value {
    let login = |site: SiteId, number: i64| names.logins.get(&(site, number));
    let user = entry.account.map(|number| json!({"number": number, "login": entry.site.and_then(|site| login(site, number))}));
    let by = entry
        .actor
        .map(|Actor { site, account }| json!({"site": names.sites.get(&site), "number": account, "login": login(site, account)}));
    json!({
        "id": entry.id,
        "at": entry.at.iso(),
        "site": entry.site.and_then(|site| names.sites.get(&site)),
        "user": user,
        "by": by,
        "action": entry.action,
        "outcome": entry.outcome.word(),
        "reason": entry.reason,
        "detail": entry.detail,
        "address": entry.address,
        "request": entry.request,
        "count": entry.count,
    })
}

//! `/api/me/tokens`: one's own API tokens; and the one of WNCMS's profile page.

use std::sync::Arc;

use doorward_core::call::Time;
use doorward_core::credential::ApiTokenText;
use doorward_core::flow::api_tokens::{self, Made, Order, Replaces};
use doorward_core::flow::console::tokens::{self, STALE_DAYS, UNDO_SECONDS, Wish};
use doorward_core::policy::Scopes;
use doorward_core::port::store::ApiToken;
use doorward_core::site::SiteView;
use serde_json::{Value, json};

use crate::admin::{mark, told};
use crate::answer::Answer;
use crate::ask::{Ask, when};
use crate::refusals::No;
use crate::route::{Access, Route};

/// WNCMS's name among the languages.
const WNCMS: &str = "wncms";

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/me/tokens", "console.token.list", Access::User, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/me/tokens", "console.token.create", Access::User, |ask| Box::pin(create(ask))).fresh(),
    Route::new("PATCH", "/api/me/tokens/{id}", "console.token.name", Access::User, |ask| Box::pin(rename(ask))),
    Route::new("DELETE", "/api/me/tokens/{id}", "console.token.revoke", Access::User, |ask| Box::pin(revoke(ask))),
    Route::new("POST", "/api/me/tokens/{id}/roll", "console.token.roll", Access::User, |ask| Box::pin(roll(ask))).fresh(),
    Route::new("POST", "/api/me/tokens/{id}/undo", "console.token.undo", Access::User, |ask| Box::pin(undo(ask))),
    Route::new("GET", "/api/me/scopes", "console.scopes", Access::User, |ask| Box::pin(scopes(ask))),
    Route::new("POST", "/api/me/wncms-token", "console.wncms_token", Access::User, |ask| Box::pin(wncms(ask))).fresh(),
    Route::new("DELETE", "/api/me/wncms-token", "console.wncms_token.remove", Access::User, |ask| Box::pin(no_wncms(ask))),
];

async fn list(ask: Ask) -> Result<Answer, No> {
    let account = ask.visitor()?.account();
    let all = tokens::list(&ask.console.house, account.site, account.number, ask.call.now).await?;
    Ok(Answer::ok(&page(&ask, &all)))
}

/// A page of tokens, newest first; `after` is the id of the last one seen.
#[must_use]
pub fn page(ask: &Ask, all: &[ApiToken]) -> Value {
    let after = ask.query("after").and_then(|text| text.parse::<i64>().ok());
    let mut rest = all.iter().filter(|token| after.is_none_or(|after| token.id < after));
    let items: Vec<Value> = rest.by_ref().take(ask.limit() as usize).map(|token| row(token, ask.call.now)).collect();
    let last = items.last().map(|item| item["id"].clone());
    let next = rest.next().and(last).and_then(|id| id.as_i64()).map(|id| id.to_string());
    json!({"items": items, "next": next, "total": all.len()})
}

/// What is wished for in a body.
///
/// # Errors
/// If a member has the wrong type.
pub fn wish(ask: &Ask) -> Result<Wish, No> {
    Ok(Wish {
        name: ask.text("name")?.to_owned(),
        scopes: ask.list("scopes")?,
        expires: ask.time("expires")?,
        ip_allow: ask.list("ip_allow")?.unwrap_or_default(),
        dialect: ask.maybe("dialect")?.filter(|dialect| !dialect.is_empty()).map(str::to_owned),
    })
}

async fn create(mut ask: Ask) -> Result<Answer, No> {
    let (house, view, wish) = (Arc::clone(&ask.console.house), own_site(&ask)?, wish(&ask)?);
    let visitor = ask.visitor()?;
    let (owner, runs) = (Arc::new(visitor.account().clone()), visitor.runs(visitor.account().site));
    let made = tokens::make(&house, &mut ask.call, &view, &owner, wish, runs).await?;
    Ok(Answer::made(&shown(&made, ask.call.now)))
}

async fn rename(ask: Ask) -> Result<Answer, No> {
    let (account, is_seen) = (ask.visitor()?.account(), same_name(&ask)?);
    let owner = (account.site, account.number);
    let token = tokens::rename(&ask.console.house, &ask.call, owner, ask.number(0)?, ask.text("name")?, is_seen).await?;
    Ok(Answer::ok(&row(&token, ask.call.now)))
}

async fn revoke(mut ask: Ask) -> Result<Answer, No> {
    let (house, id) = (Arc::clone(&ask.console.house), ask.number(0)?);
    let (site, owner) = (ask.visitor()?.account().site, ask.visitor()?.account().number);
    let until = tokens::revoke(&house, &mut ask.call, site, owner, id).await?;
    Ok(Answer::ok(&json!({"undo_until": until.iso()})))
}

async fn roll(mut ask: Ask) -> Result<Answer, No> {
    let (house, id) = (Arc::clone(&ask.console.house), ask.number(0)?);
    let hours = ask.body.value("overlap_hours").map_or(Some(0), Value::as_i64);
    let hours = hours.ok_or_else(|| No::invalid("overlap_hours", "A whole number of hours is asked for"))?;
    let account = ask.visitor()?.account().clone();
    let made = tokens::roll(&house, &mut ask.call, &account, id, hours).await?;
    Ok(Answer::made(&shown(&made, ask.call.now)))
}

async fn undo(ask: Ask) -> Result<Answer, No> {
    let account = ask.visitor()?.account();
    let token = tokens::undo(&ask.console.house, &ask.call, account.site, account.number, ask.number(0)?).await?;
    Ok(Answer::ok(&row(&token, ask.call.now)))
}

async fn scopes(ask: Ask) -> Result<Answer, No> {
    let view = own_site(&ask)?;
    let dialects: Vec<&str> = view.dialects().map(|language| language.profile.name()).collect();
    Ok(Answer::ok(&json!({"items": tokens::known_scopes(&view), "dialects": dialects})))
}

async fn wncms(mut ask: Ask) -> Result<Answer, No> {
    let view = own_site(&ask)?;
    if view.dialect(WNCMS).is_none() {
        return Err(No::not_found());
    }
    let (house, owner) = (Arc::clone(&ask.console.house), Arc::new(ask.visitor()?.account().clone()));
    let order = Order {
        name: "API Token".into(),
        scopes: Scopes::All,
        expires: None,
        dialect: Some(WNCMS.into()),
        replaces: Replaces::SameName,
        ip_allow: Vec::new(),
        action: "console.wncms_token",
    };
    let text = ApiTokenText::draw(ask.call.dice.as_mut());
    let made = api_tokens::make(&house, &ask.call, &owner, text, order).await?;
    Ok(Answer::made(&shown(&made, ask.call.now)))
}

async fn no_wncms(ask: Ask) -> Result<Answer, No> {
    let account = ask.visitor()?.account();
    let house = &ask.console.house;
    let mut found = false;
    for token in wncms_tokens(&ask).await? {
        api_tokens::revoke(house, &ask.call, account.site, token.id, Some(account.number), "console.wncms_token.remove").await?;
        found = true;
    }
    if found { Ok(Answer::nothing()) } else { Err(No::not_found()) }
}

/// The tokens of WNCMS's profile page that work: one, or none.
async fn wncms_tokens(ask: &Ask) -> Result<Vec<ApiToken>, No> {
    let account = ask.visitor()?.account();
    let mut mine = api_tokens::list(&ask.console.house, account.site, Some(account.number), ask.call.now).await?;
    mine.retain(|token| token.dialect.as_deref() == Some(WNCMS) && token.name == "API Token");
    Ok(mine)
}

/// What the profile page shows of WNCMS: `None` where the site does not speak it, else whether there is a token.
///
/// # Errors
/// If the store fails.
pub async fn wncms_token(ask: &Ask) -> Result<Option<bool>, No> {
    if own_site(ask)?.dialect(WNCMS).is_none() {
        return Ok(None);
    }
    Ok(Some(!wncms_tokens(ask).await?.is_empty()))
}

fn own_site(ask: &Ask) -> Result<Arc<SiteView>, No> {
    ask.console.house.directory().by_id(ask.visitor()?.account().site).cloned().ok_or_else(No::no_session)
}

/// A new token, with its text for this once.
#[must_use]
pub fn shown(made: &Made, now: Time) -> Value {
    let mut value = row(&made.row, now);
    value["token"] = made.text.reveal().into();
    value
}

/// The mark of a row's name, which is all of it that is edited.
#[must_use]
pub fn tag_of(name: &str) -> String {
    format!("\"{}\"", mark(name.as_bytes()))
}

/// Whether a name is the one that was seen, by the request's `If-Match`; any is, without.
///
/// # Errors
/// If it cannot be read.
pub fn same_name(ask: &Ask) -> Result<impl FnOnce(&str) -> bool + Send + 'static, No> {
    let seen = told(ask)?.flatten();
    Ok(move |name: &str| seen.is_none_or(|seen| seen == mark(name.as_bytes())))
}

/// A token as lists show it: never its text.
#[must_use]
pub fn row(token: &ApiToken, now: Time) -> Value {
    let unused = tokens::unused_days(token, now);
    json!({
        "id": token.id,
        "name": token.name,
        "etag": tag_of(&token.name),
        "hint": token.hint,
        "dialect": token.dialect,
        "scopes": match &token.scopes { Scopes::All => Value::Null, Scopes::Only(list) => list.clone().into() },
        "ip_allow": token.ip_allow,
        "created": token.created.iso(),
        "expires": when(token.expires),
        "expired": token.expires.is_some_and(|at| at <= now),
        "used": when(token.used),
        "used_from": token.used_from,
        "revoked": when(token.revoked),
        "undo_until": when(token.revoked.map(|at| at.plus(UNDO_SECONDS))),
        "unused_days": unused,
        "stale": token.is_live(now) && unused >= STALE_DAYS,
    })
}

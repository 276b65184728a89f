//! One's own API tokens: made, named, rolled with an overlap, revoked with a while to take it back.

use std::sync::Arc;

use crate::account::Account;
use crate::call::{Call, Time};
use crate::credential::ApiTokenText;
use crate::flow::admin::Stays;
use crate::flow::api_tokens::{self, Made, Order, Replaces};
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::policy::{AddressList, Scopes};
use crate::port::store::ApiToken;
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, sha256};
use crate::site::{SiteId, SiteView};

use super::ticket::{self, Order as TicketOrder};

const UNDO: &str = "console.token.undo";
/// Seconds within which a revocation can be taken back.
pub const UNDO_SECONDS: i64 = 10 * 60;
/// Days after which a token that nobody uses is stale.
pub const STALE_DAYS: i64 = 90;
/// The longest overlap of a rolled token with its successor, in hours.
pub const OVERLAP_HOURS: i64 = 30 * 24;
/// The most live tokens of an account.
pub const MOST: usize = 20_000;
/// Scopes that open the server itself: only who runs the site gives them.
const RESERVED: &str = "doorward:";

/// What a token shall be.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Its name.
    pub name: String,
    /// What it may be used for; `None` = everything its owner may do.
    pub scopes: Option<Vec<String>>,
    /// When it stops working.
    pub expires: Option<Time>,
    /// The addresses and networks that may use it; empty = from anywhere.
    pub ip_allow: Vec<String>,
    /// The language it is for; `None` = every language of the site that takes API tokens.
    pub dialect: Option<String>,
}

/// Makes a token for an account; `runs` says whether who asks runs the site.
///
/// # Errors
/// [`Refusal::Invalid`] with the member that cannot be used; a fault.
pub async fn make(house: &House, call: &mut Call, view: &SiteView, owner: &Arc<Account>, wish: Wish, runs: bool) -> Result<Made, No> {
    let name = wish.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > api_tokens::NAME_LIMIT {
        return Err(Refusal::Invalid("name").into());
    }
    let odd = |scope: &String| {
        scope.is_empty() || scope.len() > 200 || scope.chars().any(|c| c.is_whitespace() || c.is_control()) || scope == "*"
    };
    let scopes = match wish.scopes {
        None => Scopes::All,
        Some(list) if list.iter().any(odd) || (!runs && list.iter().any(|s| s.starts_with(RESERVED))) => {
            return Err(Refusal::Invalid("scopes").into());
        }
        Some(list) => Scopes::Only(list),
    };
    if wish.expires.is_some_and(|at| at <= call.now) {
        return Err(Refusal::Invalid("expires").into());
    }
    if wish.ip_allow.len() > 100 || AddressList::compile(wish.ip_allow.iter().map(String::as_str)).is_err() {
        return Err(Refusal::Invalid("ip_allow").into());
    }
    if wish.dialect.as_deref().is_some_and(|dialect| view.dialect(dialect).is_none()) {
        return Err(Refusal::Invalid("dialect").into());
    }
    let (site, number) = (owner.site, owner.number);
    if house.look(move |desk| Ok(desk.api_tokens(site, Some(number))?.len())).await? >= MOST {
        return Err(Refusal::Invalid("name").into());
    }
    let ip_allow = wish.ip_allow.iter().map(|entry| entry.trim().to_owned()).filter(|entry| !entry.is_empty()).collect();
    let text = draw(call, wish.dialect.as_deref());
    let order = Order {
        name,
        scopes,
        expires: wish.expires,
        dialect: wish.dialect,
        replaces: Replaces::Nothing,
        ip_allow,
        action: "console.token.create",
    };
    api_tokens::make(house, call, owner, text, order).await
}

/// A token's text in the form of its language.
fn draw(call: &mut Call, dialect: Option<&str>) -> ApiTokenText {
    match dialect {
        Some("wapka") => ApiTokenText::draw_with_prefix("wpk_live_", 40, call.dice.as_mut()),
        Some(_) | None => ApiTokenText::draw(call.dice.as_mut()),
    }
}

/// The tokens of an account that are not revoked, and those whose revocation can still be taken back, newest first.
///
/// # Errors
/// The store's.
pub async fn list(house: &House, site: SiteId, owner: i64, now: Time) -> Result<Vec<ApiToken>, Fault> {
    let mut all = house.look(move |desk| desk.all_api_tokens(site, Some(owner))).await?;
    all.retain(|token| token.revoked.is_none_or(|at| now < at.plus(UNDO_SECONDS)));
    all.reverse();
    Ok(all)
}

/// Names a token; `is_seen` says whether the name that is there is the one that was seen.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`]; [`Stays::Changed`]; a fault.
pub async fn rename(
    house: &House,
    call: &Call,
    (site, owner): (SiteId, i64),
    id: i64,
    name: &str,
    is_seen: impl FnOnce(&str) -> bool + Send + 'static,
) -> Result<ApiToken, Stays> {
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > api_tokens::NAME_LIMIT {
        return Err(Refusal::Invalid("name").into());
    }
    let (now, mark) = (call.now, entry(call, Some(site), Some(owner), "console.token.name", Ok("granted"), ""));
    whole(house, move |desk| {
        let found = desk.api_token_by_id(site, id)?.filter(|t| t.account == owner && t.is_live(now));
        let token = found.ok_or(Refusal::NotFound)?;
        if !is_seen(&token.name) {
            return Err(Stays::Changed);
        }
        desk.edit_api_token(site, id, &name, &token.scopes, token.expires)?;
        desk.remember(&mark)?;
        Ok(desk.api_token_by_id(site, id)?.ok_or(Refusal::NotFound)?)
    })
    .await
}

/// Makes a successor with the same name, scopes, addresses and language; the token itself ends after so many hours.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Invalid`] with `overlap_hours`; a fault.
pub async fn roll(house: &House, call: &mut Call, owner: &Account, id: i64, overlap_hours: i64) -> Result<Made, No> {
    if !(0..=OVERLAP_HOURS).contains(&overlap_hours) {
        return Err(Refusal::Invalid("overlap_hours").into());
    }
    let (site, number, now) = (owner.site, owner.number, call.now);
    let old = house.look(move |desk| desk.api_token_by_id(site, id)).await?;
    let old = old.filter(|t| t.account == number && t.is_live(now)).ok_or(Refusal::NotFound)?;
    let text = draw(call, old.dialect.as_deref());
    // What lived for a year lives for a year again.
    let expires = old.expires.map(|at| now.plus(at.since(old.created)));
    let order = Order {
        name: old.name.clone(),
        scopes: old.scopes.clone(),
        expires,
        dialect: old.dialect.clone(),
        replaces: Replaces::Nothing,
        ip_allow: old.ip_allow.clone(),
        action: "console.token.roll",
    };
    let row = api_tokens::row(owner, text.reveal(), &order, now);
    let mark = entry(call, Some(site), Some(number), order.action, Ok("granted"), &row.hint);
    let end = now.plus(overlap_hours * 3600);
    let made = house
        .work(move |desk| {
            // Of two who roll the same token, one makes its successor.
            let found = desk.api_token_by_id(site, id)?.filter(|t| t.is_live(now) && t.expires == old.expires);
            let Some(token) = found else { return Ok(None) };
            if overlap_hours == 0 {
                desk.revoke_api_token(site, id, now)?;
            } else {
                let end = token.expires.map_or(end, |at| at.min(end));
                desk.edit_api_token(site, id, &token.name, &token.scopes, Some(end))?;
            }
            let row = api_tokens::write(desk, row, Replaces::Nothing, now)?;
            desk.remember(&mark)?;
            Ok(Some(row))
        })
        .await?;
    made.map(|row| Made { row, text }).ok_or(No::Refused(Refusal::NotFound))
}

/// Revokes a token; for a while it can be taken back. Returns until when.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn revoke(house: &House, call: &mut Call, site: SiteId, owner: i64, id: i64) -> Result<Time, No> {
    let order = TicketOrder { kind: UNDO, site, account: owner, life: UNDO_SECONDS };
    let row = ticket::write(house, call, order, &undo_of(id), &Secret::new(Vec::new()))?;
    let (now, until) = (call.now, row.expires);
    let mark = entry(call, Some(site), Some(owner), "console.token.revoke", Ok("granted"), "");
    let done = house
        .work(move |desk| {
            let found = desk.api_token_by_id(site, id)?.filter(|t| t.account == owner && t.is_live(now));
            let Some(token) = found else { return Ok(false) };
            desk.revoke_api_token(site, id, now)?;
            desk.add_ticket(&row)?;
            desk.remember(&crate::audit::AuditEntry { detail: token.hint, ..mark })?;
            Ok(true)
        })
        .await?;
    if done { Ok(until) } else { Err(Refusal::NotFound.into()) }
}

/// Takes a revocation back, once and within its while. What ended a token otherwise (a new password, say) is not taken back.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn undo(house: &House, call: &Call, site: SiteId, owner: i64, id: i64) -> Result<ApiToken, No> {
    let (now, key) = (call.now, sha256(undo_of(id).as_bytes()));
    let mark = entry(call, Some(site), Some(owner), "console.token.undo", Ok("granted"), "");
    let done = house
        .work(move |desk| {
            let Some(token) = desk.api_token_by_id(site, id)?.filter(|t| t.account == owner && t.revoked.is_some()) else {
                return Ok(None);
            };
            let taken = desk.take_ticket(UNDO, &key, now)?.filter(|t| (t.site, t.account) == (site, owner));
            let changed = desk.account(site, owner)?.is_none_or(|a| taken.as_ref().is_some_and(|t| a.valid_after > t.created));
            if taken.is_none() || changed || !desk.restore_api_token(site, id)? {
                return Ok(None);
            }
            desk.remember(&crate::audit::AuditEntry { detail: token.hint, ..mark })?;
            desk.api_token_by_id(site, id)
        })
        .await?;
    done.ok_or(No::Refused(Refusal::NotFound))
}

/// Days since a token was last used, or made if it never was.
#[must_use]
pub fn unused_days(token: &ApiToken, now: Time) -> i64 {
    now.since(token.used.unwrap_or(token.created)).max(0) / 86_400
}

/// The scopes that a site's rules ask for, in order.
#[must_use]
pub fn known_scopes(view: &SiteView) -> Vec<String> {
    let languages = view.dialects().flat_map(|language| language.rules.iter());
    let rules = view.rules().iter().chain(languages);
    let mut scopes: Vec<String> = rules.flat_map(|rule| rule.rule.scopes.iter().cloned()).collect();
    scopes.sort();
    scopes.dedup();
    scopes
}

/// What the ticket of a revocation is found by.
fn undo_of(id: i64) -> String {
    format!("token {id}")
}

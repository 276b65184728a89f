//! API tokens: make, list, revoke, roll. A token is minted for its owner alone, and shown in full once.

use std::sync::Arc;

use crate::account::Account;
use crate::call::{Call, Time};
use crate::credential::ApiTokenText;
use crate::credential::api_token::{digest_of, hint_of};
use crate::house::{House, entry};
use crate::policy::Scopes;
use crate::port::store::{ApiToken, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::site::SiteId;

/// Longest name of a token, in characters.
pub const NAME_LIMIT: usize = 100;

/// What a new token shall be.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its name.
    pub name: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it stops working.
    pub expires: Option<Time>,
    /// The language it is for; `None` = every language of the site that takes API tokens.
    pub dialect: Option<String>,
    /// Whether tokens of the owner with the same name and language are revoked in the same step.
    pub replaces: Replaces,
    /// The addresses and networks that may use it; empty = from anywhere.
    pub ip_allow: Vec<String>,
    /// The action's name for the audit.
    pub action: &'static str,
}

/// Which older tokens a new one takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// None.
    Nothing,
    /// Those of the same owner, name and language.
    SameName,
    /// All of the same owner and language.
    All,
}

/// A new token: its row, and its text for this once.
#[derive(Debug)]
pub struct Made {
    /// The row as stored.
    pub row: ApiToken,
    /// The text, to be shown once.
    pub text: ApiTokenText,
}

/// The row of a new token with a text.
#[must_use]
pub fn row(account: &Account, text: &str, order: &Order, now: Time) -> ApiToken {
    ApiToken {
        id: 0,
        site: account.site,
        account: account.number,
        dialect: order.dialect.clone(),
        name: order.name.chars().take(NAME_LIMIT).collect(),
        digest: digest_of(text),
        hint: hint_of(text),
        scopes: order.scopes.clone(),
        created: now,
        expires: order.expires,
        used: None,
        used_from: None,
        revoked: None,
        ip_allow: order.ip_allow.clone(),
    }
}

/// Writes a new token inside a transaction, revoking those it replaces. Returns the row with its id.
///
/// # Errors
/// The store's.
pub fn write(desk: &mut dyn Work, mut row: ApiToken, replaces: Replaces, now: Time) -> Result<ApiToken, Fault> {
    if replaces != Replaces::Nothing {
        for old in desk.api_tokens(row.site, Some(row.account))? {
            let same = old.dialect == row.dialect && (replaces == Replaces::All || old.name == row.name);
            if same {
                desk.revoke_api_token(row.site, old.id, now)?;
            }
        }
    }
    row.id = desk.add_api_token(&row)?;
    Ok(row)
}

/// Makes a token for an account.
///
/// # Errors
/// The store's.
pub async fn make(house: &House, call: &Call, account: &Arc<Account>, text: ApiTokenText, order: Order) -> Result<Made, No> {
    let now = call.now;
    let row = row(account, text.reveal(), &order, now);
    let mark = entry(call, Some(account.site), Some(account.number), order.action, Ok("granted"), &row.hint);
    let row = house
        .work(move |desk| {
            let row = write(desk, row, order.replaces, now)?;
            desk.remember(&mark)?;
            Ok(row)
        })
        .await?;
    Ok(Made { row, text })
}

/// The live tokens of a site, or of one account.
///
/// # Errors
/// The store's.
pub async fn list(house: &House, site: SiteId, account: Option<i64>, now: Time) -> Result<Vec<ApiToken>, Fault> {
    let all = house.look(move |desk| desk.api_tokens(site, account)).await?;
    Ok(all.into_iter().filter(|t| t.is_live(now)).collect())
}

/// Revokes a token by id; `owner` limits it to that account's.
///
/// # Errors
/// [`Refusal::NotFound`] if there is no such live token (or it is another's); or a fault.
pub async fn revoke(house: &House, call: &Call, site: SiteId, id: i64, owner: Option<i64>, action: &'static str) -> Result<ApiToken, No> {
    let now = call.now;
    let mark = entry(call, Some(site), owner, action, Ok("granted"), "");
    let revoked = house
        .work(move |desk| {
            let found = desk.api_token_by_id(site, id)?.filter(|t| t.is_live(now) && owner.is_none_or(|o| o == t.account));
            let Some(token) = found else { return Ok(None) };
            desk.revoke_api_token(site, id, now)?;
            desk.remember(&crate::audit::AuditEntry { account: Some(token.account), detail: token.hint.clone(), ..mark })?;
            Ok(Some(token))
        })
        .await?;
    revoked.ok_or(No::Refused(Refusal::NotFound))
}

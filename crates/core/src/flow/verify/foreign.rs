//! A provider's ID token shown like one of the site's own: proven by the provider's published keys, its owner found by the address that
//! the provider vouches for. The gateway and the languages' own endpoints ask here, so that there is one rule.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Verified, account_of};
use crate::account::Account;
use crate::call::Time;
use crate::house::House;
use crate::policy::Scopes;
use crate::provider::{Doubt, Nonce, Vouched, identify, token_id};
use crate::refusal::{Forgery, No, Refusal};
use crate::site::{Claims, SiteView, Subject, TokenKind};
use crate::token::{TimeClaims, TokenId};

/// An ID token that its provider proves. Nothing is said yet of whether it was revoked.
#[derive(Debug)]
pub struct Foreign {
    /// The id by which it is revoked.
    pub id: TokenId,
    /// Its claims.
    pub claims: Map<String, Value>,
    /// Whom it names; `None` if its provider does not call the address theirs.
    pub subject: Option<Subject>,
    /// Who that is here, if somebody who may come in.
    pub account: Option<Arc<Account>>,
}

/// Proves an ID token and finds whose it is. Shown again and again, its nonce was its first reader's to check.
///
/// # Errors
/// [`Refusal::ForgedToken`] if it proves nothing here, [`Refusal::SecondFactorDue`] if its owner has a second factor; or a fault.
pub async fn foreign(house: &House, view: &SiteView, vouched: Vouched<'_>, token: &str, now: Time) -> Result<Foreign, No> {
    let fetcher = house.terms().fetcher.as_ref().ok_or(Refusal::ForgedToken(Forgery::Issuer))?;
    let found = identify(house.providers(), fetcher.as_ref(), vouched.provider, token, Nonce::IfKnown(None), now).await;
    let (identity, claims) = found.map_err(|doubt| Refusal::ForgedToken(forgery(doubt)))?;
    let is_believed = identity.email_verified || vouched.trust_email;
    let subject = identity.email.filter(|_| is_believed).map(Subject::Email);
    let account = match &subject {
        Some(subject) => account_of(house, view, subject).await?.filter(|account| account.is_active()),
        None => None,
    };
    // A provider's word is one factor, here as where it buys a token.
    if account.as_ref().is_some_and(|account| account.second_factor) {
        return Err(Refusal::SecondFactorDue.into());
    }
    Ok(Foreign { id: token_id(token), claims, subject, account })
}

/// Opens it as a bearer token.
///
/// # Errors
/// A refusal with its reason, or a fault.
pub(super) async fn open(house: &House, view: &SiteView, vouched: Vouched<'_>, token: &str, now: Time) -> Result<Verified, No> {
    let Foreign { id, claims, subject, account } = foreign(house, view, vouched, token, now).await?;
    let subject = subject.ok_or(Refusal::ForgedToken(Forgery::Claims))?;
    if house.memory().is_revoked(&id) {
        return Err(Refusal::RevokedToken.into());
    }
    let account = account.ok_or(Refusal::AccountGone)?;
    let date = |name: &str| claims.get(name).and_then(Value::as_i64);
    let times = TimeClaims { iat: date("iat"), nbf: date("nbf"), exp: date("exp") };
    if account.outlived(Time(times.iat.unwrap_or(1))) {
        return Err(Refusal::RevokedToken.into());
    }
    let claims = Claims { subject, kind: TokenKind::Access, times, scopes: Scopes::All, level: None, family: None };
    Ok(Verified { claims, id, account: Some(account) })
}

fn forgery(doubt: Doubt) -> Forgery {
    match doubt {
        Doubt::Invalid => Forgery::Signature,
        Doubt::Issuer | Doubt::Unheard(_) => Forgery::Issuer,
        Doubt::Audience | Doubt::Nonce => Forgery::Claims,
    }
}

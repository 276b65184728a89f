//! A provider's ID token as a bearer: proven by the provider's published keys, its owner found by the address that the provider vouches for.

use super::{Verified, account_of};
use crate::call::Time;
use crate::house::House;
use crate::policy::Scopes;
use crate::provider::{Doubt, Nonce, Vouched, identify, token_id};
use crate::refusal::{Forgery, No, Refusal};
use crate::site::{Claims, SiteView, Subject, TokenKind};
use crate::token::TimeClaims;

/// Opens it. Shown again and again, its nonce was its first reader's to check.
///
/// # Errors
/// A refusal with its reason, or a fault.
pub(super) async fn open(house: &House, view: &SiteView, vouched: Vouched<'_>, token: &str, now: Time) -> Result<Verified, No> {
    let fetcher = house.terms().fetcher.as_ref().ok_or(Refusal::ForgedToken(Forgery::Issuer))?;
    let found = identify(house.providers(), fetcher.as_ref(), vouched.provider, token, Nonce::IfKnown(None), now).await;
    let (identity, claims) = found.map_err(|doubt| Refusal::ForgedToken(forgery(doubt)))?;
    let is_believed = identity.email_verified || vouched.trust_email;
    let email = identity.email.filter(|_| is_believed).ok_or(Refusal::ForgedToken(Forgery::Claims))?;
    let id = token_id(token);
    let date = |name: &str| claims.get(name).and_then(serde_json::Value::as_i64);
    let iat = date("iat");
    if house.memory().is_revoked(&id) {
        return Err(Refusal::RevokedToken.into());
    }
    let subject = Subject::Email(email);
    let account = account_of(house, view, &subject).await?.filter(|a| a.is_active()).ok_or(Refusal::AccountGone)?;
    if account.outlived(Time(iat.unwrap_or(1))) {
        return Err(Refusal::RevokedToken.into());
    }
    // A provider's word is one factor, here as where it buys a token.
    if account.second_factor {
        return Err(Refusal::SecondFactorDue.into());
    }
    let times = TimeClaims { iat, nbf: date("nbf"), exp: date("exp") };
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

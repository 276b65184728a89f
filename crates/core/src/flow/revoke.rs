//! Revoke: a token stops working with the next request.

use std::sync::Arc;

use crate::call::{Call, Time};
use crate::flow::verify::{Verified, open_jwt};
use crate::house::{House, entry};
use crate::refusal::{No, Refusal};
use crate::site::{SiteView, TokenKind};
use crate::token::Scratch;

/// What revoking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revoked {
    /// It was live and is not any more.
    Now,
    /// It was not live: revoked, expired or unreadable already.
    Already,
}

/// Revokes a JWT that belongs to `owner`: an access token itself, a refresh token with its family.
///
/// # Errors
/// [`Refusal::NotYours`] if it is another account's; or a fault. A token that is not live is [`Revoked::Already`].
pub async fn own(house: &House, view: &Arc<SiteView>, call: &Call, dialect: &str, token: &str, owner: i64) -> Result<Revoked, No> {
    match open_jwt(house, view, dialect, token, &mut Scratch::new(), call.now, 0).await {
        Ok(opened) if opened.account.as_ref().is_some_and(|a| a.number == owner) => jwt(house, view, call, dialect, &opened).await,
        Ok(opened) => {
            let account = opened.account.as_ref().map(|a| a.number);
            house.memory().gather(entry(call, Some(view.site.id), account, "revoke", Err(Refusal::NotYours.reason()), dialect));
            Err(Refusal::NotYours.into())
        }
        Err(No::Refused(_)) => Ok(Revoked::Already),
        Err(broken) => Err(broken),
    }
}

/// Revokes a JWT that was verified.
///
/// # Errors
/// The store's.
pub async fn jwt(house: &House, view: &SiteView, call: &Call, dialect: &str, opened: &Verified) -> Result<Revoked, No> {
    let site = view.site.id;
    let now = call.now;
    // A token without `exp` is remembered as revoked for good.
    let expires = opened.claims.times.exp.map_or(Time(i64::MAX), Time);
    let (id, kind, family) = (opened.id, opened.claims.kind, opened.claims.family);
    let mark = entry(call, Some(site), opened.account.as_ref().map(|a| a.number), "revoke", Ok("granted"), dialect);
    let fresh = house
        .work(move |desk| {
            let fresh = desk.revoke_token(site, id, expires)?;
            if let (TokenKind::Refresh, Some((session, _))) = (kind, family) {
                desk.end_session(session, now, "revoked")?;
            }
            desk.remember(&mark)?;
            Ok(fresh)
        })
        .await?;
    Ok(if fresh { Revoked::Now } else { Revoked::Already })
}

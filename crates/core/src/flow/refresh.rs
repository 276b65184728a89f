//! Refresh: a refresh token buys its successor, once. See [`crate::session`] for the state machine.

use std::sync::Arc;

use crate::account::Account;
use crate::call::{Call, Time};
use crate::flow::verify::open_jwt;
use crate::house::{House, entry};
use crate::refusal::{Fault, No, Refusal};
use crate::session::{Presented, Session, SessionId};
use crate::site::{SiteView, TokenKind};
use crate::token::{Scratch, TokenId};

/// A renewed family: the session at its current generation, and whose it is.
#[derive(Debug, Clone)]
pub struct Renewed {
    /// The account.
    pub account: Arc<Account>,
    /// The session; [`Session::rotated`] is the `iat` of the successor tokens.
    pub session: Session,
}

/// How a refresh token of a family is judged inside the transaction.
enum Judged {
    Renewed(Session),
    Refused(Refusal),
}

/// Renews the family of a refresh JWT. `life` is the seconds that the new refresh token lives.
///
/// # Errors
/// [`Refusal::WrongKind`] for an access token, [`Refusal::ExpiredToken`], [`Refusal::RevokedToken`] for an ended family,
/// [`Refusal::ReusedRefresh`] for a spent one (its family ends with that, and its access tokens die), or what makes any
/// token invalid; or a fault.
pub async fn refresh(
    house: &House,
    view: &Arc<SiteView>,
    call: &Call,
    dialect: &str,
    token: &str,
    life: i64,
    access_life: i64,
) -> Result<Renewed, No> {
    let action = "refresh";
    let site = view.site.id;
    let opened = open_jwt(house, view, dialect, token, &mut Scratch::new(), call.now, 0).await;
    let opened = match opened {
        Ok(opened) => opened,
        Err(No::Refused(refusal)) => {
            house.memory().gather(entry(call, Some(site), None, action, Err(refusal.reason()), dialect));
            return Err(refusal.into());
        }
        Err(broken) => return Err(broken),
    };
    let number = opened.account.as_ref().map(|a| a.number);
    let refuse = |refusal: Refusal| {
        house.memory().gather(entry(call, Some(site), number, action, Err(refusal.reason()), dialect));
        No::Refused(refusal)
    };
    if opened.claims.kind != TokenKind::Refresh {
        return Err(refuse(Refusal::WrongKind));
    }
    let (Some((family, jti)), Some(account)) = (opened.claims.family, opened.account) else {
        return Err(refuse(Refusal::WrongKind));
    };
    let now = call.now;
    let window = house.terms().retry_window;
    let granted = entry(call, Some(site), number, action, Ok("granted"), dialect);
    let reused = entry(call, Some(site), number, action, Err(Refusal::ReusedRefresh.reason()), dialect);
    let revoked = entry(call, Some(site), number, action, Err(Refusal::RevokedToken.reason()), dialect);
    let (owner, iat) = (account.number, account.issue_time(now));
    let judged = house
        .work(move |desk| {
            let Some(session) = desk.session(family)?.filter(|s| s.site == site && s.account == owner) else {
                desk.remember(&revoked)?;
                return Ok(Judged::Refused(Refusal::RevokedToken));
            };
            match session.judge(&jti, now, window) {
                Presented::Current => {
                    let expires = iat.plus(life);
                    if desk.advance_session(family, session.generation, iat, expires)? {
                        desk.remember(&granted)?;
                        return Ok(Judged::Renewed(Session { generation: session.generation + 1, rotated: iat, expires, ..session }));
                    }
                    // Another refresh of the same token was faster: this one is its retry.
                    let after = desk.session(family)?.filter(|s| s.judge(&jti, now, window) == Presented::Retry);
                    Ok(after.map_or(Judged::Refused(Refusal::RevokedToken), Judged::Renewed))
                }
                Presented::Retry => {
                    desk.remember(&crate::audit::AuditEntry { reason: "retried".into(), ..granted })?;
                    Ok(Judged::Renewed(session))
                }
                Presented::Reused => {
                    desk.end_session(family, now, Refusal::ReusedRefresh.reason())?;
                    desk.revoke_token(site, TokenId(family.0), now.plus(access_life.max(1)))?;
                    desk.remember(&reused)?;
                    Ok(Judged::Refused(Refusal::ReusedRefresh))
                }
                Presented::Ended => {
                    desk.remember(&revoked)?;
                    Ok(Judged::Refused(Refusal::RevokedToken))
                }
            }
        })
        .await?;
    match judged {
        Judged::Renewed(session) => Ok(Renewed { account, session }),
        Judged::Refused(refusal) => Err(refusal.into()),
    }
}

/// Ends a session (sign-out of one device) with everything that grew from it: its refresh tokens, its access tokens, and
/// the one token of a language without refresh. False if it was not live.
///
/// # Errors
/// The store's.
pub async fn end(house: &House, session: SessionId, now: Time, reason: &'static str) -> Result<bool, Fault> {
    house
        .work(move |desk| {
            let Some(row) = desk.session(session)? else { return Ok(false) };
            if !desk.end_session(session, now, reason)? {
                return Ok(false);
            }
            desk.revoke_token(row.site, row.token.unwrap_or(TokenId(session.0)), row.expires)?;
            Ok(true)
        })
        .await
}

//! Opening: what a login leaves behind it: a session, the moment its tokens are issued, and the mark of a wrong shared code.

use crate::account::Account;
use crate::call::{Call, Time};
use crate::house::{House, entry};
use crate::limit::AttemptKey;
use crate::refusal::{No, Refusal};
use crate::session::{Session, SessionId};
use crate::site::SiteView;
use crate::token::TokenId;

/// What a language needs to write its tokens: when they are issued, and the session they open.
#[derive(Clone, Debug)]
pub struct Opening {
    /// The `iat` of every token of this login.
    pub iat: Time,
    /// The session, generation 0.
    pub session: Session,
}

/// What a language made of an [`Opening`].
pub struct Minted<T> {
    /// What it answers with.
    pub answer: T,
    /// When the last of its tokens expires.
    pub expires: Time,
    /// The id of its token, where it makes one that is not a refresh family's.
    pub token: Option<TokenId>,
}

/// A fresh session of an account, not yet stored. Its tokens are dated now that the password is weighed, not when it was asked.
#[must_use]
pub fn opening(house: &House, call: &mut Call, account: &Account, dialect: &str) -> Opening {
    let iat = account.issue_time(house.done(call));
    let session = Session {
        id: SessionId::draw(call.dice.as_mut()),
        site: account.site,
        account: account.number,
        dialect: dialect.to_owned(),
        created: call.now,
        expires: call.now,
        generation: 0,
        rotated: iat,
        token: None,
        ended: None,
        ended_reason: None,
        address: call.client.address.to_string(),
        agent: call.client.agent.clone(),
    };
    Opening { iat, session }
}

/// A wrong shared code (an auth code): charged to the address like a wrong password, so that codes cannot be tried out
/// beside the counters. Returns the no to answer with: the refusal, or [`Refusal::TooMany`] once the address is over its
/// limit.
pub async fn wrong_code(house: &House, view: &SiteView, call: &Call, refusal: Refusal, action: &'static str) -> No {
    let (now, limits) = (call.now, house.terms().limits);
    let address = AttemptKey::address(call.client.address);
    let mark = entry(call, Some(view.site.id), None, action, Err(refusal.reason()), "");
    let charged = house
        .work(move |desk| {
            let attempts = desk.charge(address, now, limits.window)?;
            desk.remember(&mark)?;
            Ok(attempts)
        })
        .await;
    match charged {
        Ok(attempts) if attempts.over(limits.per_address) => No::Refused(Refusal::TooMany(attempts.retry_after(now, limits.window))),
        Ok(_) => No::Refused(refusal),
        Err(fault) => No::Broken(fault),
    }
}

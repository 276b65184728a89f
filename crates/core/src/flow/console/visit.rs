//! A visit: somebody who is signed in at the console. Only this file makes a [`Visitor`].

use crate::account::{Account, Power};
use crate::call::{Call, Time};
use crate::flow::opening::opening;
use crate::house::{House, entry};
use crate::port::store::{Visit, Work};
use crate::refusal::Fault;
use crate::session::{Session, SessionId};
use crate::site::SiteId;

use super::DIALECT;

/// Seconds after which "last seen" is written again.
const SEEN_EVERY: i64 = 60;

/// How long visits last.
#[derive(Clone, Copy, Debug)]
pub struct Lifetimes {
    /// Seconds without a request after which a visit is over.
    pub idle: i64,
    /// Seconds after which it is over anyway.
    pub absolute: i64,
    /// Seconds that a proof is fresh enough for something dangerous.
    pub fresh: i64,
}

impl Default for Lifetimes {
    fn default() -> Self {
        Self { idle: 30 * 60, absolute: 12 * 3600, fresh: 5 * 60 }
    }
}

/// Somebody who is signed in.
#[derive(Clone, Debug)]
pub struct Visitor {
    session: Session,
    visit: Visit,
    account: Account,
    power: Power,
    passkeys: usize,
    given: bool,
}

impl Visitor {
    /// The session.
    #[must_use]
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// What the session has beside it.
    #[must_use]
    pub fn visit(&self) -> &Visit {
        &self.visit
    }

    /// Whose it is.
    #[must_use]
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What they may do beyond their own things.
    #[must_use]
    pub fn power(&self) -> Power {
        self.power
    }

    /// How many passkeys they have.
    #[must_use]
    pub fn passkeys(&self) -> usize {
        self.passkeys
    }

    /// True if an administrator gave the password: before anything else, they choose their own.
    #[must_use]
    pub fn must_choose(&self) -> bool {
        self.given
    }

    /// True for whoever runs the server.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.power == Power::Owner
    }

    /// True for whoever runs the server or this site.
    #[must_use]
    pub fn runs(&self, site: SiteId) -> bool {
        match self.power {
            Power::Owner => true,
            Power::Admin => self.account.site == site,
            Power::None => false,
        }
    }

    /// True if they proved themselves lately enough for something dangerous.
    #[must_use]
    pub fn is_fresh(&self, now: Time, lifetimes: &Lifetimes) -> bool {
        now < self.fresh_until(lifetimes)
    }

    /// Until when they may do something dangerous without proving themselves again.
    #[must_use]
    pub fn fresh_until(&self, lifetimes: &Lifetimes) -> Time {
        self.visit.proven.plus(lifetimes.fresh)
    }

    /// When the visit is over if nothing more is asked.
    #[must_use]
    pub fn idle_until(&self, lifetimes: &Lifetimes) -> Time {
        self.visit.seen.plus(lifetimes.idle).min(self.session.expires)
    }
}

/// A visit to be opened: its session and its own part.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Its own part.
    pub visit: Visit,
}

/// A fresh visit of an account, not yet stored.
#[must_use]
pub fn fresh(house: &House, call: &mut Call, account: &Account, lifetimes: &Lifetimes, factors: &str) -> Opened {
    let session = Session { expires: call.now.plus(lifetimes.absolute), ..opening(house, call, account, DIALECT).session };
    let visit = Visit { session: session.id, seen: call.now, proven: call.now, factors: factors.to_owned() };
    Opened { session, visit }
}

/// Stores a fresh visit inside a transaction.
///
/// # Errors
/// The store's.
pub fn open_in(desk: &mut dyn Work, opened: &Opened) -> Result<(), Fault> {
    desk.open_session(&opened.session)?;
    desk.put_visit(&opened.visit)?;
    if desk.power(opened.session.site, opened.session.account)? == Power::Owner {
        super::setup::arrived_in(desk)?;
    }
    Ok(())
}

/// Who is signed in by this session, if it is still good: neither ended nor over, its account active and unchanged since.
///
/// # Errors
/// The store's.
pub async fn glance(house: &House, id: SessionId, now: Time, lifetimes: &Lifetimes) -> Result<Option<Visitor>, Fault> {
    let found = house
        .look(move |desk| {
            let Some(session) = desk.session(id)?.filter(|s| s.dialect == DIALECT) else { return Ok(None) };
            let (Some(visit), Some(account)) = (desk.visit(id)?, desk.account(session.site, session.account)?) else { return Ok(None) };
            let power = desk.power(session.site, session.account)?;
            let passkeys = desk.passkeys(session.site, session.account)?.len();
            let given = desk.is_password_given(session.site, session.account)?;
            Ok(Some(Visitor { session, visit, account, power, passkeys, given }))
        })
        .await?;
    Ok(found.filter(|visitor| lasts(visitor, now, lifetimes)))
}

/// The same, and notes that they were seen: the time without a request begins anew.
///
/// # Errors
/// The store's.
pub async fn find(house: &House, id: SessionId, now: Time, lifetimes: &Lifetimes) -> Result<Option<Visitor>, Fault> {
    let Some(mut visitor) = glance(house, id, now, lifetimes).await? else { return Ok(None) };
    if now.since(visitor.visit.seen) >= SEEN_EVERY {
        visitor.visit.seen = now;
        let visit = visitor.visit.clone();
        house
            .work(move |desk| match desk.session(id)? {
                Some(session) if session.ended.is_none() => desk.put_visit(&visit),
                Some(_) | None => Ok(()),
            })
            .await?;
    }
    Ok(Some(visitor))
}

/// True if a visit that was found still stands: it has neither ended nor come to one of its ends, its account is as good as it was, and
/// the power is the same. Looking counts as nobody being there.
///
/// # Errors
/// The store's.
pub async fn stands(house: &House, visitor: &Visitor, now: Time, lifetimes: &Lifetimes) -> Result<bool, Fault> {
    let found = glance(house, visitor.session.id, now, lifetimes).await?;
    Ok(found.is_some_and(|found| found.power == visitor.power))
}

fn lasts(visitor: &Visitor, now: Time, lifetimes: &Lifetimes) -> bool {
    let Visitor { session, account, .. } = visitor;
    session.ended.is_none() && now < visitor.idle_until(lifetimes) && account.is_active() && !account.outlived(session.rotated)
}

/// Gives a visit a new id after its owner proved who they are again. Its end stays where it was; the old id is over. `None` if it
/// had ended in the meantime.
///
/// # Errors
/// The store's.
pub async fn renew(house: &House, call: &mut Call, visitor: &Visitor, factor: &str) -> Result<Option<Opened>, Fault> {
    let now = call.now;
    let before = &visitor.session;
    let session = Session { created: before.created, expires: before.expires, ..opening(house, call, &visitor.account, DIALECT).session };
    let known = &visitor.visit.factors;
    let factors = if known.split(' ').any(|f| f == factor) { known.clone() } else { format!("{known} {factor}") };
    let opened = Opened { visit: Visit { session: session.id, seen: now, proven: now, factors }, session };
    let (old, next) = (before.id, opened.clone());
    let mark = entry(call, Some(before.site), Some(before.account), "console.reauth", Ok("granted"), factor);
    let done = house
        .work(move |desk| {
            if !desk.end_session(old, now, "renewed")? {
                return Ok(false);
            }
            open_in(desk, &next)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    Ok(done.then_some(opened))
}

/// Ends a visit.
///
/// # Errors
/// The store's.
pub async fn sign_out(house: &House, call: &Call, visitor: &Visitor) -> Result<(), Fault> {
    let (now, id) = (call.now, visitor.session.id);
    let mark = entry(call, Some(visitor.session.site), Some(visitor.session.account), "console.sign_out", Ok("granted"), "");
    house
        .work(move |desk| {
            if desk.end_session(id, now, "sign_out")? {
                desk.remember(&mark)?;
            }
            Ok(())
        })
        .await
}

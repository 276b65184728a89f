//! One's own account: a new password, the profile, sessions. What ends everything leaves the visit at hand open, under a new id.

use std::sync::Arc;

use crate::account::{Account, Handle};
use crate::call::Call;
use crate::credential::password::MAX_PASSWORD;
use crate::flow::accounts::{Ends, end_all_in, set_hash_in};
use crate::flow::admin::Stays;
use crate::flow::login::{Login, Outcome, Proof, prove_or_ask};
use crate::flow::refresh;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::port::store::{Put, Visit};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, same};
use crate::session::{Session, SessionId};

use super::DIALECT;
use super::visit::{Lifetimes, Opened, Visitor, fresh, open_in};

/// Fewest characters of a password that is chosen here.
pub const SHORTEST: usize = 8;

/// Changes one's own password: the old one is proven on the counters of every login, all else that was signed in ends.
///
/// # Errors
/// [`Refusal::BadCredentials`], [`Refusal::TooMany`], [`Refusal::Invalid`] with `new`, [`Refusal::Busy`]; a fault.
pub async fn change_password(
    house: &House,
    call: &mut Call,
    lifetimes: &Lifetimes,
    visitor: &Visitor,
    old: Secret,
    new: Secret,
) -> Result<Opened, No> {
    let account = visitor.account();
    // Whoever must choose has not chosen with the one that was given.
    if !is_good(&new, account) || (visitor.must_choose() && same(old.reveal(), new.reveal())) {
        return Err(Refusal::Invalid("new").into());
    }
    let directory = Arc::clone(&house.directory());
    let view = directory.by_id(account.site).ok_or(Refusal::NoCredential)?;
    let handle = Handle::Number(account.number);
    let login = Login { handle, proof: Proof::Password(old), second_factor: None, action: "console.password" };
    if let Outcome::Proven(proven) = prove_or_ask(house, view, call, login).await? {
        proven.conclude(house, call, |_| Ok(())).await?;
    }
    let hash = house.terms().hasher.hash(new).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let this = Anew { lifetimes, visitor, ends: Ends::SignIns, is_proven: true };
    end_all_but_this(house, call, this, "password.set", move |desk, account| set_hash_in(desk, account.site, account.number, Some(&hash)))
        .await
}

/// True if a password may be chosen: long enough, and neither the name nor the address of its owner.
#[must_use]
pub fn is_good(password: &Secret, account: &Account) -> bool {
    let Some(text) = password.reveal_text() else { return false };
    let own = [&account.login, &account.email].into_iter().any(|own| own.eq_ignore_ascii_case(text));
    text.chars().count() >= SHORTEST && password.len() <= MAX_PASSWORD && !own
}

/// The visit that goes on when everything else ends.
pub(super) struct Anew<'a> {
    /// How long visits last.
    pub(super) lifetimes: &'a Lifetimes,
    /// Whose it is.
    pub(super) visitor: &'a Visitor,
    /// What ends beside sessions.
    pub(super) ends: Ends,
    /// True if its owner has just proven who they are.
    pub(super) is_proven: bool,
}

/// Does something that ends whatever else is signed in, and opens the visit at hand anew: one transaction. It gets a new id and nothing
/// more: its end stays where it was, and it is no fresher than it was proven.
///
/// # Errors
/// [`Refusal::NoCredential`] if the visit is over; a fault.
pub(super) async fn end_all_but_this(
    house: &House,
    call: &mut Call,
    this: Anew<'_>,
    action: &'static str,
    change: impl FnOnce(&mut dyn crate::port::store::Work, &Account) -> Result<(), Fault> + Send + 'static,
) -> Result<Opened, No> {
    let Anew { lifetimes, visitor, ends, is_proven } = this;
    let (site, number, before) = (visitor.account().site, visitor.account().number, visitor.session());
    let (now, profiles, id) = (call.now, house.terms().profiles.clone(), before.id);
    let mark = entry(call, Some(site), Some(number), action, Ok("granted"), "console");
    let next = fresh(house, call, visitor.account(), lifetimes, &visitor.visit().factors);
    let session = Session { created: before.created, expires: before.expires, ..next.session };
    let proven = if is_proven { now } else { visitor.visit().proven };
    let next = Opened { session, visit: Visit { proven, ..next.visit } };
    let opened = house
        .work(move |desk| {
            let live = desk.session(id)?.is_some_and(|session| session.ended.is_none());
            let Some(account) = desk.account(site, number)?.filter(|account| live && account.is_active()) else { return Ok(None) };
            change(desk, &account)?;
            let Some(account) = desk.account(site, number)? else { return Ok(None) };
            end_all_in(desk, &profiles, account, now, action, ends)?;
            let Some(account) = desk.account(site, number)? else { return Ok(None) };
            let rotated = account.issue_time(now);
            let opened = Opened { session: Session { rotated, ..next.session }, visit: next.visit };
            open_in(desk, &opened)?;
            desk.remember(&mark)?;
            Ok(Some(opened))
        })
        .await?;
    opened.ok_or(No::Refused(Refusal::NoCredential))
}

/// What of a profile its owner may write.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// The name shown to people.
    pub display_name: Option<String>,
    /// The person's own web address; empty = none.
    pub url: Option<String>,
    /// The address of a picture; empty = none.
    pub avatar: Option<String>,
}

/// Writes one's own profile; `is_seen` says whether what is there is what its owner saw. Returns the account as it is now.
///
/// # Errors
/// [`Refusal::Invalid`] with the member that cannot be used; [`Refusal::NoCredential`]; [`Stays::Changed`]; a fault.
pub async fn change_profile(
    house: &House,
    call: &Call,
    visitor: &Visitor,
    profile: Profile,
    is_seen: impl FnOnce(&Account) -> bool + Send + 'static,
) -> Result<Account, Stays> {
    let short =
        |text: &Option<String>, most: usize| text.as_ref().is_none_or(|t| t.chars().count() <= most && !t.chars().any(char::is_control));
    let web = |text: &Option<String>| text.as_deref().is_none_or(|t| t.is_empty() || t.starts_with("https://") || t.starts_with("http://"));
    if !short(&profile.display_name, 250) {
        return Err(Refusal::Invalid("display_name").into());
    }
    if !short(&profile.url, 2000) || !web(&profile.url) {
        return Err(Refusal::Invalid("url").into());
    }
    if !short(&profile.avatar, 2000) || !web(&profile.avatar) {
        return Err(Refusal::Invalid("avatar").into());
    }
    let (site, number) = (visitor.account().site, visitor.account().number);
    let mark = entry(call, Some(site), Some(number), "console.profile", Ok("granted"), "");
    whole(house, move |desk| {
        let account = desk.account(site, number)?.ok_or(Refusal::NoCredential)?;
        if !is_seen(&account) {
            return Err(Stays::Changed);
        }
        let account = Account {
            display_name: profile.display_name.unwrap_or(account.display_name),
            url: profile.url.unwrap_or(account.url),
            avatar: profile.avatar.map_or(account.avatar, |avatar| Some(avatar).filter(|a| !a.is_empty())),
            ..account
        };
        if desk.put_account(&account)? == Put::Changed {
            desk.remember(&mark)?;
        }
        Ok(account)
    })
    .await
}

/// One's own sessions that are still good, newest first; of the console's, also when they were last seen.
///
/// # Errors
/// The store's.
pub async fn sessions(
    house: &House,
    call: &Call,
    lifetimes: &Lifetimes,
    visitor: &Visitor,
) -> Result<Vec<(Session, Option<Visit>)>, Fault> {
    let (site, number, now) = (visitor.account().site, visitor.account().number, call.now);
    let (idle, account) = (lifetimes.idle, visitor.account().clone());
    house
        .look(move |desk| {
            let mut found = Vec::new();
            for session in desk.sessions(site, Some(number), now)? {
                let visit = desk.visit(session.id)?;
                let is_idle = session.dialect == DIALECT && visit.as_ref().is_none_or(|visit| now >= visit.seen.plus(idle));
                if !is_idle && !account.outlived(session.rotated) {
                    found.push((session, visit));
                }
            }
            Ok(found)
        })
        .await
}

/// Ends one of one's own sessions, of whichever language.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn end_session(house: &House, call: &Call, visitor: &Visitor, id: SessionId) -> Result<(), No> {
    let (site, number) = (visitor.account().site, visitor.account().number);
    let session = house.look(move |desk| desk.session(id)).await?;
    if session.is_none_or(|s| (s.site, s.account) != (site, number)) {
        return Err(Refusal::NotFound.into());
    }
    if !refresh::end(house, id, call.now, "sign_out").await? {
        return Err(Refusal::NotFound.into());
    }
    let mark = entry(call, Some(site), Some(number), "console.session.end", Ok("granted"), "");
    Ok(house.work(move |desk| desk.remember(&mark)).await?)
}

/// Ends every other session and every JWT; all API tokens too if `ends` says so.
///
/// # Errors
/// [`Refusal::NoCredential`] if the visit is over; a fault.
pub async fn end_others(house: &House, call: &mut Call, lifetimes: &Lifetimes, visitor: &Visitor, ends: Ends) -> Result<Opened, No> {
    let this = Anew { lifetimes, visitor, ends, is_proven: false };
    end_all_but_this(house, call, this, "sign_out_everywhere", |_, _| Ok(())).await
}

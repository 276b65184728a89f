//! Passkeys: made, named and removed by their owner; a first factor, a second one, or proof that it is still the same person.
//!
//! A passkey comes with the person verified by their authenticator (a finger, a PIN), so it is two factors in one. Whoever uses one is
//! judged like whoever types a password: banned, locked and deleted accounts do not come in.

use serde_json::Value;

use crate::account::{Account, Status};
use crate::audit::{AuditEntry, Outcome};
use crate::call::Call;
use crate::flow::admin::Stays;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::limit::AttemptKey;
use crate::port::passkeys::{Challenge, Holder, Passkeys};
use crate::port::store::{Passkey, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, same};
use crate::site::SiteId;

use super::sign_in::{ACTION, SECOND, second_of};
use super::ticket::{self, Order};
use super::visit::{Lifetimes, Opened, Visitor, fresh, open_in, renew};

const LOGIN: &str = "console.passkey.login";
const AGAIN: &str = "console.passkey.again";
const REGISTER: &str = "console.passkey.register";
const STEP: &str = "console.passkey.second";
/// Seconds that a challenge is good for.
const LIFE: i64 = 5 * 60;
/// Challenges that one address may ask for, before anybody is signed in, in the window of the limits.
const CHALLENGES: u32 = 300;
/// The most passkeys of an account.
pub const MOST: usize = 20;
/// Longest name of a passkey, in characters.
const NAME_LIMIT: usize = 100;

/// A challenge for signing in: whoever has a passkey here.
///
/// Each is kept for a while, so an address gets so many and no more.
///
/// # Errors
/// [`Refusal::TooMany`]; a fault.
pub async fn ask_anybody(house: &House, call: &mut Call, passkeys: &dyn Passkeys) -> Result<Value, No> {
    let (now, window, address) = (call.now, house.terms().limits.window, call.client.address);
    let asked = passkeys.ask(&[])?;
    let row = ticket::write(house, call, Order { kind: LOGIN, site: SiteId(0), account: 0, life: LIFE }, &asked.text, &asked.state)?;
    let kept = house.work(move |desk| {
        let key = AttemptKey::unknown(SiteId(0), &format!("{LOGIN}\0{}", data_encoding::HEXLOWER.encode(&AttemptKey::address(address).0)));
        let asked = desk.charge(key, now, window)?;
        if asked.over(CHALLENGES) {
            return Ok(Some(asked.retry_after(now, window)));
        }
        desk.add_ticket(&row)?;
        Ok(None)
    });
    match kept.await? {
        Some(seconds) => Err(Refusal::TooMany(seconds).into()),
        None => Ok(asked.options),
    }
}

/// A challenge for the second step of a sign-in.
///
/// # Errors
/// [`Refusal::UnknownToken`] if the step is over, [`Refusal::NotFound`] if there are no passkeys; a fault.
pub async fn ask_second(house: &House, call: &mut Call, passkeys: &dyn Passkeys, step: &str) -> Result<Value, No> {
    let account = second_of(house, call, step).await?;
    ask_known(house, call, passkeys, STEP, &account).await
}

/// A challenge for proving oneself again.
///
/// # Errors
/// [`Refusal::NotFound`] if there are no passkeys; a fault.
pub async fn ask_again(house: &House, call: &mut Call, passkeys: &dyn Passkeys, visitor: &Visitor) -> Result<Value, No> {
    ask_known(house, call, passkeys, AGAIN, visitor.account()).await
}

/// A challenge for making a passkey.
///
/// # Errors
/// [`Refusal::Invalid`] if there are too many; a fault.
pub async fn invite(house: &House, call: &mut Call, passkeys: &dyn Passkeys, visitor: &Visitor) -> Result<Value, No> {
    let account = visitor.account();
    let (site, number) = (account.site, account.number);
    let known = house.look(move |desk| desk.passkeys(site, number)).await?;
    if known.len() >= MOST {
        return Err(Refusal::Invalid("passkeys").into());
    }
    let name = if account.display_name.is_empty() { &account.login } else { &account.display_name };
    let holder = Holder { handle: handle(house, site, number), login: &account.login, name };
    let challenge = passkeys.invite(&holder, &known)?;
    Ok(keep(house, call, REGISTER, site, number, challenge).await?)
}

/// Keeps a passkey that was made for a challenge of [`invite`].
///
/// # Errors
/// [`Refusal::UnknownToken`] if the challenge is over, [`Refusal::BadCredentials`] if the answer is wrong or the passkey is known;
/// a fault.
pub async fn register(
    house: &House,
    call: &Call,
    passkeys: &dyn Passkeys,
    visitor: &Visitor,
    answer: &Value,
    name: &str,
) -> Result<Passkey, No> {
    let account = visitor.account();
    let (site, number, now) = (account.site, account.number, call.now);
    let said = passkeys.read(answer).ok_or(Refusal::MalformedBody)?;
    let found = ticket::take(house, REGISTER, &said.challenge, now).await?;
    let found = found.filter(|t| t.row.site == site && t.row.account == number).ok_or(Refusal::UnknownToken)?;
    let made = passkeys.made(&found.note, answer).ok_or(Refusal::BadCredentials)?;
    let name = named(name);
    let passkey =
        Passkey { id: made.id, site, account: number, name, public: made.public, counter: made.counter, created: now, used: None };
    let mark = entry(call, Some(site), Some(number), "console.passkey.add", Ok("granted"), "");
    let row = passkey.clone();
    let added = house
        .work(move |desk| {
            if desk.passkeys(site, number)?.len() >= MOST || !desk.add_passkey(&row)? {
                return Ok(false);
            }
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    if added { Ok(passkey) } else { Err(Refusal::BadCredentials.into()) }
}

/// The name of a passkey as it is kept.
#[must_use]
pub fn named(name: &str) -> String {
    name.trim().chars().take(NAME_LIMIT).collect()
}

/// Signs in with a passkey alone.
///
/// # Errors
/// [`Refusal::UnknownToken`] if the challenge is over; [`Refusal::BadCredentials`], [`Refusal::Banned`], [`Refusal::TooMany`]; a fault.
pub async fn sign_in(house: &House, call: &mut Call, passkeys: &dyn Passkeys, lifetimes: &Lifetimes, answer: &Value) -> Result<Opened, No> {
    let (passkey, account) = weigh(house, call, passkeys, LOGIN, answer, None).await?;
    let opened = fresh(house, call, &account, lifetimes, "passkey");
    conclude(house, call, &passkey, &account, None, Some(opened.clone())).await?;
    Ok(opened)
}

/// Does the second step with a passkey.
///
/// # Errors
/// As [`sign_in`].
pub async fn second(
    house: &House,
    call: &mut Call,
    passkeys: &dyn Passkeys,
    lifetimes: &Lifetimes,
    step: &str,
    answer: &Value,
) -> Result<Opened, No> {
    let account = second_of(house, call, step).await?;
    let (passkey, account) = weigh(house, call, passkeys, STEP, answer, Some(&account)).await?;
    let opened = fresh(house, call, &account, lifetimes, "password passkey");
    conclude(house, call, &passkey, &account, ticket::key_of(step), Some(opened.clone())).await?;
    Ok(opened)
}

/// Proves that it is still the same person; the visit gets a new id.
///
/// # Errors
/// As [`sign_in`]; [`Refusal::NoCredential`] if the visit is over.
pub async fn again(house: &House, call: &mut Call, passkeys: &dyn Passkeys, visitor: &Visitor, answer: &Value) -> Result<Opened, No> {
    let (passkey, account) = weigh(house, call, passkeys, AGAIN, answer, Some(visitor.account())).await?;
    conclude(house, call, &passkey, &account, None, None).await?;
    renew(house, call, visitor, "passkey").await?.ok_or(No::Refused(Refusal::NoCredential))
}

/// Names a passkey; `is_seen` says whether the name that is there is the one that was seen.
///
/// # Errors
/// [`Refusal::NotFound`], [`Stays::Changed`], or a fault.
pub async fn name(
    house: &House,
    call: &Call,
    visitor: &Visitor,
    id: Vec<u8>,
    name: String,
    is_seen: impl FnOnce(&str) -> bool + Send + 'static,
) -> Result<(), Stays> {
    let (site, number) = (visitor.account().site, visitor.account().number);
    let mark = entry(call, Some(site), Some(number), "console.passkey.name", Ok("granted"), "");
    whole(house, move |desk| {
        let found = desk.passkey(&id)?.filter(|passkey| (passkey.site, passkey.account) == (site, number));
        if !is_seen(&found.ok_or(Refusal::NotFound)?.name) {
            return Err(Stays::Changed);
        }
        if !desk.name_passkey(site, number, &id, &name)? {
            return Err(Refusal::NotFound.into());
        }
        Ok(desk.remember(&mark)?)
    })
    .await
}

/// Removes a passkey.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn remove(house: &House, call: &Call, visitor: &Visitor, id: Vec<u8>) -> Result<(), No> {
    let (site, number) = (visitor.account().site, visitor.account().number);
    let mark = entry(call, Some(site), Some(number), "console.passkey.remove", Ok("granted"), "");
    let done = house
        .work(move |desk| {
            let done = desk.remove_passkey(site, number, &id)?;
            if done {
                desk.remember(&mark)?;
            }
            Ok(done)
        })
        .await?;
    if done { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

async fn ask_known(house: &House, call: &mut Call, passkeys: &dyn Passkeys, kind: &'static str, account: &Account) -> Result<Value, No> {
    let (site, number) = (account.site, account.number);
    let known = house.look(move |desk| desk.passkeys(site, number)).await?;
    if known.is_empty() {
        return Err(Refusal::NotFound.into());
    }
    Ok(keep(house, call, kind, site, number, passkeys.ask(&known)?).await?)
}

/// Keeps a challenge in the store, so that a restart does not lose it, and gives its options.
async fn keep(house: &House, call: &mut Call, kind: &'static str, site: SiteId, account: i64, asked: Challenge) -> Result<Value, Fault> {
    let row = ticket::write(house, call, Order { kind, site, account, life: LIFE }, &asked.text, &asked.state)?;
    ticket::keep(house, row).await?;
    Ok(asked.options)
}

/// Checks an answer: whose passkey it is, and that it was made with it. `whose` = the only one who may answer.
async fn weigh(
    house: &House,
    call: &Call,
    passkeys: &dyn Passkeys,
    kind: &'static str,
    answer: &Value,
    whose: Option<&Account>,
) -> Result<(Passkey, Account), No> {
    let said = passkeys.read(answer).ok_or(Refusal::MalformedBody)?;
    let found = ticket::take(house, kind, &said.challenge, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let id = said.credential.clone();
    let known = house
        .look(move |desk| {
            let Some(passkey) = desk.passkey(&id)? else { return Ok(None) };
            Ok(desk.account(passkey.site, passkey.account)?.map(|account| (passkey, account)))
        })
        .await?;
    let Some((passkey, account)) = known else { return Err(wrong(house, call, None, "unknown_passkey").await) };
    let theirs = match whose {
        Some(whose) => (whose.site, whose.number) == (passkey.site, passkey.account) && found.row.account == whose.number,
        None => true,
    };
    let handle = handle(house, passkey.site, passkey.account);
    let handle_fits = match said.handle {
        Some(said) => same(&said, &handle),
        None => whose.is_some(),
    };
    match passkeys.proven(&found.note, answer, &passkey).filter(|_| theirs && handle_fits) {
        Some(proven) => Ok((Passkey { used: Some(call.now), ..proven }, account)),
        None => Err(wrong(house, call, Some(&account), "wrong_passkey").await),
    }
}

/// A wrong answer: charged to the address, like every wrong try.
async fn wrong(house: &House, call: &Call, account: Option<&Account>, detail: &str) -> No {
    let (now, limits, address) = (call.now, house.terms().limits, AttemptKey::address(call.client.address));
    let (site, number) = (account.map(|a| a.site), account.map(|a| a.number));
    let mark = entry(call, site, number, ACTION, Err(Refusal::BadCredentials.reason()), detail);
    let charged = house
        .work(move |desk| {
            let attempts = desk.charge(address, now, limits.window)?;
            desk.remember(&mark)?;
            Ok(attempts)
        })
        .await;
    match charged {
        Ok(attempts) if attempts.over(limits.per_address) => No::Refused(Refusal::TooMany(attempts.retry_after(now, limits.window))),
        Ok(_) => No::Refused(Refusal::BadCredentials),
        Err(fault) => No::Broken(fault),
    }
}

/// Concludes in one transaction: the account as it is now, its lock, the passkey's counter, the step, the session.
async fn conclude(
    house: &House,
    call: &Call,
    passkey: &Passkey,
    account: &Account,
    step: Option<[u8; 32]>,
    opens: Option<Opened>,
) -> Result<(), No> {
    let (now, limits) = (call.now, house.terms().limits);
    let (site, number) = (account.site, account.number);
    let (passkey, seen_at) = (passkey.clone(), account.valid_after);
    let good = entry(call, Some(site), Some(number), ACTION, Ok("granted"), "passkey");
    let address = AttemptKey::address(call.client.address);
    let outcome = house
        .work(move |desk| {
            let refusal = judge(desk, site, number, seen_at, now, limits, address, &passkey, step)?;
            if let Some((refusal, detail)) = refusal {
                let (outcome, reason, detail) = (Outcome::Refused, refusal.reason().to_owned(), detail.to_owned());
                desk.remember(&AuditEntry { outcome, reason, detail, ..good })?;
                return Ok(Err(refusal));
            }
            if let Some(opened) = &opens {
                open_in(desk, opened)?;
            }
            desk.remember(&good)?;
            Ok(Ok(()))
        })
        .await?;
    outcome.map_err(No::Refused)
}

#[expect(clippy::too_many_arguments, reason = "everything a sign-in is judged by, in one place")]
fn judge(
    desk: &mut dyn Work,
    site: SiteId,
    number: i64,
    seen_at: crate::call::Time,
    now: crate::call::Time,
    limits: crate::limit::Limits,
    address: AttemptKey,
    passkey: &Passkey,
    step: Option<[u8; 32]>,
) -> Result<Option<(Refusal, &'static str)>, Fault> {
    let Some(account) = desk.account(site, number)?.filter(|a| a.status != Status::Deleted) else {
        return Ok(Some((Refusal::BadCredentials, "deleted")));
    };
    if account.status == Status::Banned {
        return Ok(Some((Refusal::Banned, "")));
    }
    if account.valid_after != seen_at {
        return Ok(Some((Refusal::BadCredentials, "changed_meanwhile")));
    }
    if let Some(attempts) = desk.attempts(address, now, limits.window)?.filter(|a| a.count >= limits.per_address) {
        return Ok(Some((Refusal::TooMany(attempts.retry_after(now, limits.window)), "address")));
    }
    if desk.attempts(AttemptKey::account(site, number), now, limits.window)?.is_some_and(|a| a.count >= limits.per_account) {
        return Ok(Some((Refusal::BadCredentials, "locked")));
    }
    let Some(stored) = desk.passkey(&passkey.id)?.filter(|p| (p.site, p.account) == (site, number)) else {
        return Ok(Some((Refusal::BadCredentials, "passkey_removed")));
    };
    // A counter that does not move, where there is one, is a copy's. Where there is none, both are 0.
    let moves = passkey.counter > stored.counter || (passkey.counter == 0 && stored.counter == 0);
    if !moves || !desk.use_passkey(passkey, stored.counter)? {
        return Ok(Some((Refusal::BadCredentials, "passkey_counter")));
    }
    if let Some(key) = step
        && desk.take_ticket(SECOND, &key, now)?.is_none()
    {
        return Ok(Some((Refusal::UnknownToken, "step_over")));
    }
    Ok(None)
}

/// What authenticators know an account by.
fn handle(house: &House, site: SiteId, number: i64) -> [u8; 16] {
    let derived: Secret = house.terms().vault.derive(&format!("passkey handle/{}/{number}", site.0));
    let mut out = [0; 16];
    for (slot, byte) in out.iter_mut().zip(derived.reveal()) {
        *slot = *byte;
    }
    out
}

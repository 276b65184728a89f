//! Accounts: make, change, ban, set a password. Every change that takes something away kills older tokens.

use std::sync::Arc;

use crate::account::{Account, nicename};
use crate::call::{Call, Time};
use crate::credential::{Pad, StoredHash};
use crate::house::{House, entry};
use crate::port::store::{Put, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::Secret;
use crate::site::{Profile, SiteId};

/// Which API tokens end together with the sessions of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Those that a sign-in was answered with ([`Profile::signs_in`]).
    SignIns,
    /// All of them: after a compromise.
    EveryToken,
}

impl Ends {
    fn detail(self) -> &'static str {
        match self {
            Self::SignIns => "",
            Self::EveryToken => "api_tokens",
        }
    }
}

/// Makes or replaces an account, keeping its credentials. Tokens issued before die if it lost its standing, a role or
/// level.
///
/// # Errors
/// [`Refusal::Invalid`] with `login` or `email` if another account has it; or a fault.
pub async fn put(house: &House, call: &Call, account: Account, action: &'static str) -> Result<Put, No> {
    let mark = entry(call, Some(account.site), Some(account.number), action, Ok("granted"), "");
    let now = call.now;
    let put = house
        .work(move |desk| {
            let put = put_in(desk, account, now)?;
            if !matches!(put, Put::Taken(_) | Put::Same) {
                desk.remember(&mark)?;
            }
            Ok(put)
        })
        .await?;
    match put {
        Put::Taken(field) => Err(Refusal::Invalid(field).into()),
        Put::Made | Put::Changed | Put::Same => Ok(put),
    }
}

/// The same inside a transaction.
///
/// # Errors
/// The store's.
pub fn put_in(desk: &mut dyn Work, mut account: Account, now: Time) -> Result<Put, Fault> {
    if let Some(before) = desk.account(account.site, account.number)? {
        account.valid_after = account.valid_after.max(before.valid_after);
        if lost_something(&before, &account) {
            account.valid_after = account.valid_after.max(now);
        }
    }
    desk.put_account(&account)
}

/// Roles and levels are read anew with each request, so losing one needs no token to die; losing the standing does.
fn lost_something(before: &Account, after: &Account) -> bool {
    before.is_active() && !after.is_active()
}

/// A new account with the site's next number, and a nicename that no other has.
///
/// # Errors
/// The store's.
pub fn numbered_in(desk: &mut dyn Work, account: Account) -> Result<Account, Fault> {
    let number = desk.last_account(account.site)? + 1;
    let nicename = nicename::free(desk, account.site, &account.nicename, number)?;
    Ok(Account { number, nicename, ..account })
}

/// The next free account number of a site.
///
/// # Errors
/// The store's.
pub async fn next_number(house: &House, site: SiteId) -> Result<i64, Fault> {
    house.look(move |desk| Ok(desk.last_account(site)? + 1)).await
}

/// Sets a password: hashes it, stores it, and kills every JWT, session and sign-in token issued before.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::Busy`], or a fault.
pub async fn set_password(house: &House, call: &Call, site: SiteId, number: i64, password: Secret) -> Result<(), No> {
    set_password_ending(house, call, site, number, password, Ends::SignIns).await
}

/// The same, with whatever else belongs into the same transaction.
///
/// # Errors
/// As [`set_password`].
pub async fn set_password_and(
    house: &House,
    call: &Call,
    site: SiteId,
    number: i64,
    password: Secret,
    also: impl FnOnce(&mut dyn Work) -> Result<(), Fault> + Send + 'static,
) -> Result<(), No> {
    set_in(house, call, site, number, password, Ends::SignIns, also).await
}

/// The same, and says which API tokens end with it.
///
/// # Errors
/// As [`set_password`].
pub async fn set_password_ending(house: &House, call: &Call, site: SiteId, number: i64, password: Secret, ends: Ends) -> Result<(), No> {
    set_in(house, call, site, number, password, ends, |_| Ok(())).await
}

async fn set_in(
    house: &House,
    call: &Call,
    site: SiteId,
    number: i64,
    password: Secret,
    ends: Ends,
    also: impl FnOnce(&mut dyn Work) -> Result<(), Fault> + Send + 'static,
) -> Result<(), No> {
    let hash = house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let now = call.now;
    let mark = entry(call, Some(site), Some(number), "password.set", Ok("granted"), ends.detail());
    let profiles = house.terms().profiles.clone();
    let found = house
        .work(move |desk| {
            let Some(account) = desk.account(site, number)? else { return Ok(false) };
            set_hash_in(desk, site, number, Some(&hash))?;
            end_all_in(desk, &profiles, account, now, "password.set", ends)?;
            also(desk)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    if found { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Stores a hash of any format inside a transaction and keeps the site's pad in step, so that every login of the site
/// goes on costing the same.
///
/// # Errors
/// The store's.
pub fn set_hash_in(desk: &mut dyn Work, site: SiteId, number: i64, hash: Option<&StoredHash>) -> Result<(), Fault> {
    desk.set_password(site, number, hash.map(StoredHash::reveal))?;
    hash.map_or(Ok(()), |hash| widen_pad_in(desk, site, hash))
}

/// Makes room in the site's pad for a hash, inside a transaction.
///
/// # Errors
/// The store's.
pub fn widen_pad_in(desk: &mut dyn Work, site: SiteId, hash: &StoredHash) -> Result<(), Fault> {
    let mut pad = Pad::from_text(&desk.pad(site)?).unwrap_or_default();
    if pad.covers(hash) {
        return Ok(());
    }
    pad.include(hash);
    desk.set_pad(site, &pad.to_text())
}

/// Kills every JWT, session and sign-in token of an account (sign out everywhere).
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn sign_out_everywhere(house: &House, call: &Call, site: SiteId, number: i64) -> Result<(), No> {
    sign_out_ending(house, call, site, number, Ends::SignIns).await
}

/// The same, and says which API tokens end with it.
///
/// # Errors
/// As [`sign_out_everywhere`].
pub async fn sign_out_ending(house: &House, call: &Call, site: SiteId, number: i64, ends: Ends) -> Result<(), No> {
    let now = call.now;
    let mark = entry(call, Some(site), Some(number), "sign_out_everywhere", Ok("granted"), ends.detail());
    let profiles = house.terms().profiles.clone();
    let found = house
        .work(move |desk| {
            let Some(account) = desk.account(site, number)? else { return Ok(false) };
            end_all_in(desk, &profiles, account, now, "sign_out_everywhere", ends)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    if found { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

/// Ends every session of an account and kills its tokens inside a transaction: also those that were issued while the new
/// password was being hashed, which are younger than `now`.
///
/// # Errors
/// The store's.
pub fn end_all_in(
    desk: &mut dyn Work,
    profiles: &[Arc<dyn Profile>],
    account: Account,
    now: Time,
    reason: &str,
    ends: Ends,
) -> Result<(), Fault> {
    for token in desk.api_tokens(account.site, Some(account.number))? {
        if ends == Ends::EveryToken || profiles.iter().any(|profile| profile.signs_in(&token)) {
            desk.revoke_api_token(account.site, token.id, now)?;
        }
    }
    let mut valid_after = now.max(account.valid_after);
    for session in desk.sessions(account.site, Some(account.number), now)? {
        valid_after = valid_after.max(session.rotated);
        desk.end_session(session.id, now, reason)?;
    }
    desk.put_account(&Account { valid_after, ..account })?;
    Ok(())
}

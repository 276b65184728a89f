//! Enrol and leave: an account is made by its owner, and removed by its owner.

use std::sync::Arc;

use crate::account::{Account, Power, Status};
use crate::call::Call;
use crate::flow::accounts::{Ends, end_all_in, numbered_in, set_hash_in};
use crate::house::{House, entry};
use crate::port::store::{Put, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::Secret;
use crate::site::SiteId;

/// An account to be made.
pub struct Newcomer {
    /// The account; its number is given here.
    pub account: Account,
    /// Its password; an empty one is none: nobody logs in with nothing.
    pub password: Secret,
    /// Its free-form fields, a JSON object as text.
    pub meta: String,
    /// The action's name for the audit.
    pub action: &'static str,
}

/// Makes an account: hashes first, then number, account, password and fields in one transaction, with whatever else belongs to it.
///
/// # Errors
/// [`Refusal::Invalid`] with `login` or `email` if another account has it, [`Refusal::Busy`]; or a fault.
pub async fn enrol(
    house: &House,
    call: &Call,
    newcomer: Newcomer,
    also: impl FnOnce(&mut dyn Work, &Account) -> Result<(), Fault> + Send + 'static,
) -> Result<Arc<Account>, No> {
    let Newcomer { account, password, meta, action } = newcomer;
    let hash =
        if password.is_empty() { None } else { Some(house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?) };
    let site = account.site;
    let mut mark = entry(call, Some(site), None, action, Ok("granted"), "");
    let made = house
        .work(move |desk| {
            let account = numbered_in(desk, account)?;
            if let Put::Taken(field) = desk.put_account(&account)? {
                return Ok(Err(field));
            }
            set_hash_in(desk, site, account.number, hash.as_ref())?;
            desk.set_meta(site, account.number, &meta)?;
            mark.account = Some(account.number);
            also(desk, &account)?;
            desk.remember(&mark)?;
            Ok(Ok(account))
        })
        .await?;
    made.map(Arc::new).map_err(|field| Refusal::Invalid(field).into())
}

/// Removes an account for good: sessions, tokens, password, name and address go; the number stays taken, so that nobody else
/// is ever meant by it; whatever else belongs to it goes into the same transaction. False if there was none.
///
/// # Errors
/// The store's.
pub async fn leave(
    house: &House,
    call: &Call,
    site: SiteId,
    number: i64,
    action: &'static str,
    also: impl FnOnce(&mut dyn Work) -> Result<(), Fault> + Send + 'static,
) -> Result<bool, No> {
    let now = call.now;
    let mark = entry(call, Some(site), Some(number), action, Ok("granted"), "");
    let profiles = house.terms().profiles.clone();
    let done = house
        .work(move |desk| {
            let Some(account) = desk.account(site, number)?.filter(|a| a.status != Status::Deleted) else { return Ok(false) };
            end_all_in(desk, &profiles, account.clone(), now, action, Ends::EveryToken)?;
            desk.remove_totp(site, number)?;
            desk.set_power(site, number, Power::None)?;
            for passkey in desk.passkeys(site, number)? {
                desk.remove_passkey(site, number, &passkey.id)?;
            }
            desk.set_password(site, number, None)?;
            desk.set_meta(site, number, "{}")?;
            let after = desk.account(site, number)?.map_or(account.valid_after, |a| a.valid_after);
            let name = format!("deleted #{number}");
            desk.put_account(&Account {
                login: name.clone(),
                email: String::new(),
                nicename: String::new(),
                display_name: name,
                url: String::new(),
                roles: Vec::new(),
                level: 0,
                avatar: None,
                status: Status::Deleted,
                valid_after: after.max(now),
                ..account
            })?;
            also(desk)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    Ok(done)
}

//! Reset: a code that was sent to an account's owner buys one change of its password.

use crate::call::{Call, Time};
use crate::flow::accounts::{Ends, end_all_in, set_hash_in};
use crate::house::{House, entry};
use crate::port::store::{Slip, Work};
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, sha256};
use crate::site::SiteId;

/// Seconds that a code is good for.
pub const LIFE: i64 = 24 * 3600;

/// Keeps a code for an account; the one before dies. What else belongs to it goes into the same transaction.
///
/// # Errors
/// The store's.
pub async fn issue(
    house: &House,
    call: &Call,
    site: SiteId,
    number: i64,
    kind: &'static str,
    code: &Secret,
    also: impl FnOnce(&mut dyn Work) -> Result<(), Fault> + Send + 'static,
) -> Result<(), Fault> {
    let mark = entry(call, Some(site), Some(number), kind, Ok("granted"), "issued");
    let slip = Slip {
        id: 0,
        site,
        kind: kind.to_owned(),
        key: sha256(code.reveal()),
        account: number,
        note: String::new(),
        created: call.now,
        expires: call.now.plus(LIFE),
    };
    house
        .work(move |desk| {
            desk.drop_slips(site, kind, number)?;
            desk.add_slip(&slip)?;
            also(desk)?;
            desk.remember(&mark)
        })
        .await
}

/// True if a code is an account's, and could be spent now; it is not.
///
/// # Errors
/// The store's.
pub async fn is_good(house: &House, site: SiteId, number: i64, kind: &'static str, code: &Secret, now: Time) -> Result<bool, Fault> {
    let key = sha256(code.reveal());
    let kept = house.look(move |desk| desk.slips(site, kind, Some(number))).await?;
    Ok(kept.iter().any(|slip| slip.key == key && now < slip.expires))
}

/// A change of a password that is asked for with a code.
pub struct Change {
    /// Whose; 0 is nobody, and costs what somebody costs.
    pub number: i64,
    /// The kind of the code's slip.
    pub kind: &'static str,
    /// The code.
    pub code: Secret,
    /// The new password.
    pub password: Secret,
}

/// Changes a password for a code, once: every session and token of the account dies with it. False if the code is none of
/// this account's, is over, or was spent. What else belongs to it goes into the same transaction.
///
/// # Errors
/// [`Refusal::Busy`]; or a fault.
pub async fn change(
    house: &House,
    call: &Call,
    site: SiteId,
    asked: Change,
    also: impl FnOnce(&mut dyn Work) -> Result<(), Fault> + Send + 'static,
) -> Result<bool, No> {
    let Change { number, kind, code, password } = asked;
    let hash = house.terms().hasher.hash(password).await.map_err(|o| Refusal::Busy(o.retry_after))?;
    let (now, key) = (call.now, sha256(code.reveal()));
    let mark = entry(call, Some(site), Some(number), kind, Ok("granted"), "changed");
    let profiles = house.terms().profiles.clone();
    let done = house
        .work(move |desk| {
            if !desk.take_slip(site, kind, &key, number, now)? {
                return Ok(false);
            }
            let Some(account) = desk.account(site, number)?.filter(crate::account::Account::is_active) else { return Ok(false) };
            set_hash_in(desk, site, number, Some(&hash))?;
            end_all_in(desk, &profiles, account, now, "password.reset", Ends::SignIns)?;
            also(desk)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    Ok(done)
}

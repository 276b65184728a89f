//! The second step of a login that asks for its factor apart: the same counters, the same factors, spent the same way.

use std::sync::Arc;

use crate::account::{Account, Handle};
use crate::call::Call;
use crate::credential::recovery_code;
use crate::credential::totp::matching_step;
use crate::flow::boarding::board;
use crate::flow::login::{Factor, Proven};
use crate::house::{House, entry, totp_purpose};
use crate::refusal::{No, Refusal};
use crate::secret::same;
use crate::site::SiteView;

/// Proves the second factor of an account whose password was proven before. Nothing is granted yet: see [`Proven::conclude`].
///
/// # Errors
/// [`Refusal::SecondFactorWrong`], which is charged, also while the account is locked; [`Refusal::TooMany`] once the address is over
/// its limit; [`Refusal::Busy`]; or a fault.
pub async fn prove(
    house: &House,
    view: &SiteView,
    call: &Call,
    account: &Arc<Account>,
    code: &str,
    action: &'static str,
) -> Result<Proven, No> {
    let (site, number) = (account.site, account.number);
    let refuse = async |refusal: Refusal, detail: &str| -> No {
        let mark = entry(call, Some(site), Some(number), action, Err(refusal.reason()), detail);
        match house.work(move |desk| desk.remember(&mark)).await {
            Ok(()) => No::Refused(refusal),
            Err(fault) => No::Broken(fault),
        }
    };
    let Some(found) = board(house, view, &Handle::Number(number), call).await? else {
        return Err(refuse(Refusal::Busy(1), "tries_in_flight").await);
    };
    if let Some(seconds) = found.wait {
        return Err(refuse(Refusal::TooMany(seconds), "address").await);
    }
    let Some(sealed) = found.totp.as_ref().filter(|_| !found.locked) else {
        return Err(refuse(Refusal::SecondFactorWrong, "locked").await);
    };
    let secret = house.terms().vault.open(&totp_purpose(site, number), sealed)?;
    let code = code.trim();
    let (factor, detail) = if let Some(step) = matching_step(&secret, code, call.now) {
        (Factor::Step(step), "totp")
    } else {
        let digest = recovery_code::digest(&site.0.to_string(), number, code).map(|d| *d.as_bytes());
        match digest.filter(|d| found.recovery.iter().any(|known| same(known, d))) {
            Some(digest) => (Factor::Recovery(digest), "recovery_code"),
            None => return Err(refuse(Refusal::SecondFactorWrong, "").await),
        }
    };
    Ok(Proven { account: Arc::clone(account), keys: found.keys, factor, action, rehash: None, detail, flight: found.flight })
}

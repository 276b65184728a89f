//! The second factor: enrol TOTP with recovery codes, or take it away. Both end what was signed in before: a session that was
//! opened without the factor must not outlive it, and who takes one away must not keep what it opened.

use crate::call::Call;
use crate::credential::{recovery_code, totp};
use crate::flow::accounts::{Ends, end_all_in};
use crate::house::{House, entry, totp_purpose};
use crate::refusal::{No, Refusal};
use crate::secret::Secret;
use crate::site::SiteId;

/// A fresh enrolment, to be shown once.
#[derive(Debug)]
pub struct Enrolment {
    /// The shared secret.
    pub secret: Secret,
    /// The recovery codes.
    pub codes: Vec<Secret>,
}

/// Enrols an account: a new secret and new recovery codes; the old ones stop working, and so does every JWT, session and
/// sign-in token.
///
/// # Errors
/// [`Refusal::NotFound`], or a fault.
pub async fn enrol(house: &House, call: &mut Call, site: SiteId, number: i64) -> Result<Enrolment, No> {
    let secret = totp::new_secret(call.dice.as_mut());
    let codes = recovery_code::draw_set(call.dice.as_mut());
    let sealed = house.terms().vault.seal(&totp_purpose(site, number), &secret, call.dice.as_mut())?;
    let digests: Vec<_> =
        codes.iter().filter_map(|c| recovery_code::digest(&site.0.to_string(), number, c.reveal_text()?)).map(|d| *d.as_bytes()).collect();
    let mark = entry(call, Some(site), Some(number), "second_factor.enrol", Ok("granted"), "");
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let found = house
        .work(move |desk| {
            if desk.account(site, number)?.is_none() {
                return Ok(false);
            }
            desk.put_totp(site, number, &sealed)?;
            desk.put_recovery_codes(site, number, &digests)?;
            // Read again: it now has a second factor.
            if let Some(account) = desk.account(site, number)? {
                end_all_in(desk, &profiles, account, now, "second_factor.enrol", Ends::SignIns)?;
            }
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    if found { Ok(Enrolment { secret, codes }) } else { Err(Refusal::NotFound.into()) }
}

/// Takes the second factor away; every JWT, session and sign-in token ends.
///
/// # Errors
/// [`Refusal::NotFound`] if there was none; or a fault.
pub async fn remove(house: &House, call: &Call, site: SiteId, number: i64) -> Result<(), No> {
    let mark = entry(call, Some(site), Some(number), "second_factor.remove", Ok("granted"), "");
    let (now, profiles) = (call.now, house.terms().profiles.clone());
    let found = house
        .work(move |desk| {
            let found = desk.remove_totp(site, number)?;
            if found {
                if let Some(account) = desk.account(site, number)? {
                    end_all_in(desk, &profiles, account, now, "second_factor.remove", Ends::SignIns)?;
                }
                desk.remember(&mark)?;
            }
            Ok(found)
        })
        .await?;
    if found { Ok(()) } else { Err(Refusal::NotFound.into()) }
}

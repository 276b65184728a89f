//! One's own second factor: an authenticator is first shown a secret, and counts only after it gave a code of it.

use crate::call::Call;
use crate::credential::{recovery_code, totp};
use crate::flow::accounts::Ends;
use crate::house::{House, entry, totp_purpose};
use crate::limit::AttemptKey;
use crate::refusal::{Fault, No, Refusal};
use crate::secret::Secret;
use crate::site::SiteId;

use super::person::{Anew, end_all_but_this};
use super::ticket::{self, Order};
use super::visit::{Lifetimes, Opened, Visitor};

const PENDING: &str = "console.totp";
/// Seconds that a secret waits for its first code.
const LIFE: i64 = 15 * 60;
/// Wrong codes that a secret waits out.
const TRIES: u32 = 5;

/// Draws a secret for an authenticator; nothing changes until [`confirm`]. An earlier one that waits is replaced.
///
/// # Errors
/// A fault.
pub async fn begin(house: &House, call: &mut Call, visitor: &Visitor) -> Result<Secret, Fault> {
    let secret = totp::new_secret(call.dice.as_mut());
    let (site, account) = (visitor.account().site, visitor.account().number);
    let row = ticket::write(house, call, Order { kind: PENDING, site, account, life: LIFE }, &pending(house, visitor), &secret)?;
    ticket::keep(house, row).await?;
    Ok(secret)
}

/// Enrols the waiting secret after its first code; returns fresh recovery codes. All else that was signed in ends.
///
/// # Errors
/// [`Refusal::UnknownToken`] if none waits, [`Refusal::SecondFactorWrong`], [`Refusal::NoCredential`]; a fault.
pub async fn confirm(
    house: &House,
    call: &mut Call,
    lifetimes: &Lifetimes,
    visitor: &Visitor,
    code: &str,
) -> Result<(Opened, Vec<Secret>), No> {
    let text = pending(house, visitor);
    let found = ticket::find(house, PENDING, &text, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let (site, number) = (visitor.account().site, visitor.account().number);
    let Some(step) = totp::matching_step(&found.note, code, call.now) else { return Err(mistaken(house, call, site, number).await) };
    let sealed = house.terms().vault.seal(&totp_purpose(site, number), &found.note, call.dice.as_mut())?;
    let (codes, digests) = codes(call, site, number);
    // The code is of a secret that counts for nothing yet: it proves nobody.
    let this = Anew { lifetimes, visitor, ends: Ends::SignIns, is_proven: false };
    let opened = end_all_but_this(house, call, this, "second_factor.enrol", move |desk, _| {
        desk.drop_tickets(PENDING, site, number)?;
        desk.put_totp(site, number, &sealed)?;
        desk.put_recovery_codes(site, number, &digests)?;
        // The code that enrolled does not sign in as well.
        desk.spend_totp_step(site, number, step).map(|_| ())
    });
    Ok((opened.await?, codes))
}

/// Takes the second factor away. All else that was signed in ends.
///
/// # Errors
/// [`Refusal::NotFound`] if there is none; [`Refusal::NoCredential`]; a fault.
pub async fn remove(house: &House, call: &mut Call, lifetimes: &Lifetimes, visitor: &Visitor) -> Result<Opened, No> {
    if !visitor.account().second_factor {
        return Err(Refusal::NotFound.into());
    }
    let (site, number) = (visitor.account().site, visitor.account().number);
    let this = Anew { lifetimes, visitor, ends: Ends::SignIns, is_proven: false };
    end_all_but_this(house, call, this, "second_factor.remove", move |desk, _| desk.remove_totp(site, number).map(|_| ())).await
}

/// A wrong first code. After a few the secret waits no longer: whoever guesses begins anew, which asks for a fresh proof.
async fn mistaken(house: &House, call: &Call, site: SiteId, number: i64) -> No {
    let (now, window) = (call.now, house.terms().limits.window);
    let mark = entry(call, Some(site), Some(number), "console.totp.confirm", Err(Refusal::SecondFactorWrong.reason()), "");
    let charged = house.work(move |desk| {
        let key = AttemptKey::unknown(site, &format!("totp\0{number}"));
        if desk.charge(key, now, window)?.over(TRIES) {
            desk.drop_tickets(PENDING, site, number)?;
            desk.forgive(key)?;
        }
        desk.remember(&mark)
    });
    match charged.await {
        Ok(()) => No::Refused(Refusal::SecondFactorWrong),
        Err(fault) => No::Broken(fault),
    }
}

/// Replaces the recovery codes.
///
/// # Errors
/// [`Refusal::NotFound`] if there is no second factor; a fault.
pub async fn new_codes(house: &House, call: &mut Call, visitor: &Visitor) -> Result<Vec<Secret>, No> {
    let (site, number) = (visitor.account().site, visitor.account().number);
    let (codes, digests) = codes(call, site, number);
    let mark = entry(call, Some(site), Some(number), "console.recovery_codes", Ok("granted"), "");
    let done = house
        .work(move |desk| {
            if desk.totp(site, number)?.is_none() {
                return Ok(false);
            }
            desk.put_recovery_codes(site, number, &digests)?;
            desk.remember(&mark)?;
            Ok(true)
        })
        .await?;
    if done { Ok(codes) } else { Err(Refusal::NotFound.into()) }
}

fn codes(call: &mut Call, site: SiteId, number: i64) -> (Vec<Secret>, Vec<[u8; 32]>) {
    let codes = recovery_code::draw_set(call.dice.as_mut());
    let digest = |code: &Secret| recovery_code::digest(&site.0.to_string(), number, code.reveal_text()?).map(|d| *d.as_bytes());
    let digests = codes.iter().filter_map(digest).collect();
    (codes, digests)
}

/// What the waiting secret of an account is found by: nothing need be sent back.
fn pending(house: &House, visitor: &Visitor) -> String {
    let derived = house.terms().vault.derive(&format!("totp pending/{}/{}", visitor.account().site.0, visitor.account().number));
    data_encoding::BASE64URL_NOPAD.encode(derived.reveal())
}

//! The post: a letter is sealed and kept in the store, in the transaction of what it tells of, so that no crash comes between them, and
//! handed to the mail server afterwards, by whichever node is there. Whoever caused it waits for none of that. It is gone from the store
//! once it was handed over, or given up.

use serde_json::{Value, json};

use crate::call::{Call, Time};
use crate::house::House;
use crate::port::mailer::{Delivery, Mail};
use crate::port::store::{SealedLetter, Work};
use crate::refusal::Fault;
use crate::secret::Secret;
use crate::site::SiteId;

/// Seconds between tries; after the last a letter is given up (in all some five hours: codes and links do not live much longer).
const PAUSES: [i64; 7] = [5, 30, 120, 600, 1800, 3600, 10_800];
/// Seconds after which a letter is given to somebody else: whoever took it has died with it. A try takes less.
const LEASE: i64 = 30;

/// Seals a letter, to be [kept](keep_in); `None` if this server sends none.
///
/// # Errors
/// If it cannot be sealed.
pub fn seal(house: &House, call: &mut Call, site: SiteId, mail: &Mail) -> Result<Option<SealedLetter>, Fault> {
    if house.terms().mailer.is_none() {
        return Ok(None);
    }
    let text = Secret::new(json!({"to": mail.to, "subject": mail.subject, "body": mail.body, "html": mail.html}).to_string());
    let sealed = house.terms().vault.seal(&purpose(site), &text, call.dice.as_mut())?;
    Ok(Some(SealedLetter { id: 0, site, sealed, made: call.now, due: call.now, tries: 0 }))
}

/// Keeps a letter inside the transaction of what it tells of. One that does not `go`, since there is nobody to write to, is thrown away in
/// the same step: it costs the same.
///
/// # Errors
/// The store's.
pub fn keep_in(desk: &mut dyn Work, letter: Option<&SealedLetter>, go: bool) -> Result<(), Fault> {
    let Some(letter) = letter else { return Ok(()) };
    let id = desk.add_letter(letter)?;
    if !go {
        desk.remove_letter(id)?;
    }
    Ok(())
}

/// Seals and keeps a letter by itself: when this returns, it is on its way. False if this server sends none.
///
/// # Errors
/// The store's, or if it cannot be sealed.
pub async fn post(house: &House, call: &mut Call, site: SiteId, mail: &Mail) -> Result<bool, Fault> {
    let Some(letter) = seal(house, call, site, mail)? else { return Ok(false) };
    house.work(move |desk| keep_in(desk, Some(&letter), true)).await?;
    Ok(true)
}

/// Takes letters that are due, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn take(house: &House, now: Time, limit: u32) -> Result<Vec<SealedLetter>, Fault> {
    // Looking costs little, and nearly always nothing is due.
    if house.look(|desk| desk.next_letter()).await?.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    house.work(move |desk| desk.take_letters(now, now.plus(LEASE), limit)).await
}

/// Opens a letter that was taken.
///
/// # Errors
/// If it was sealed with another master key, or altered.
pub fn open(house: &House, letter: &SealedLetter) -> Result<Mail, Fault> {
    let text = house.terms().vault.open(&purpose(letter.site), &letter.sealed)?;
    let read: Value = serde_json::from_slice(text.reveal()).map_err(|_| Fault::new("a letter is no JSON"))?;
    let member = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
    Ok(Mail { to: member("to"), subject: member("subject"), body: member("body"), html: read["html"] == true })
}

/// Writes what became of a letter as it was `taken`: gone if it was handed over or there is no hope, else to be tried later. True if it was
/// given up. What somebody else has taken by then is theirs, unless it was handed over.
///
/// # Errors
/// The store's.
pub async fn settle(house: &House, taken: &SealedLetter, delivery: Delivery, now: Time) -> Result<bool, Fault> {
    let taken = taken.clone();
    let work = house.work(move |desk| match (delivery, pause(taken.tries)) {
        (Delivery::Taken, _) => desk.remove_letter(taken.id).map(|_| false),
        (Delivery::Later, Some(pause)) => desk.put_off_letter(&taken, now.plus(pause), taken.tries + 1).map(|_| false),
        (Delivery::Later, None) | (Delivery::Never, _) => desk.give_up_letter(&taken),
    });
    work.await
}

/// Gives a letter back that was not handed over to the end: it is due at once, for whoever is there, and nothing has been tried.
///
/// # Errors
/// The store's.
pub async fn give_back(house: &House, taken: &SealedLetter, now: Time) -> Result<(), Fault> {
    let taken = taken.clone();
    house.work(move |desk| desk.put_off_letter(&taken, now, taken.tries)).await?;
    Ok(())
}

fn pause(tries: i64) -> Option<i64> {
    usize::try_from(tries).ok().and_then(|tries| PAUSES.get(tries)).copied()
}

fn purpose(site: SiteId) -> String {
    format!("letter/{}", site.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_later_and_later_and_end() {
        assert!(PAUSES.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((pause(0), pause(6), pause(7), pause(-1)), (Some(5), Some(10_800), None, None));
        assert!(PAUSES.iter().sum::<i64>() < crate::flow::reset::LIFE, "no letter brings a code that is over");
    }
}

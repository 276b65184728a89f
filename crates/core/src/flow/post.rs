//! The post: a letter is sealed and kept in the store, in the transaction of what it tells of, so that no crash comes between them, and
//! handed to the mail server afterwards, by whichever node is there. Whoever caused it waits for none of that. It is gone from the store
//! once it was handed over, or given up.

use serde_json::{Value, json};

use crate::account::Handle;
use crate::audit::{AuditEntry, Outcome};
use crate::call::{Call, Time};
use crate::credential::Digest;
use crate::house::House;
use crate::port::mailer::{Delivery, Letter, Mail};
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
pub fn open(house: &House, letter: &SealedLetter) -> Result<Letter, Fault> {
    let text = house.terms().vault.open(&purpose(letter.site), &letter.sealed)?;
    let read: Value = serde_json::from_slice(text.reveal()).map_err(|_| Fault::new("a letter is no JSON"))?;
    let member = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
    let mail = Mail { to: member("to"), subject: member("subject"), body: member("body"), html: read["html"] == true };
    Ok(Letter { number: letter.id, id: message_id(house, letter), written: letter.made, mail })
}

/// Of the letter as it lies in the store, which is never sealed the same twice, so that numbers tell nobody how many letters there are;
/// and of its site's configured host.
fn message_id(house: &House, letter: &SealedLetter) -> String {
    let digest = Digest::of_parts(&[&letter.id.to_be_bytes(), &letter.sealed.0]);
    let own: String = digest.as_bytes()[..16].iter().map(|byte| format!("{byte:02x}")).collect();
    let directory = house.directory();
    let host = directory.by_id(letter.site).map_or("", |view| host_of(&view.site.url));
    format!("{own}@{}", if host.is_empty() { "localhost" } else { host })
}

/// The host of a site's URL, as far as a `Message-ID` may have it; empty if there is none.
fn host_of(url: &str) -> &str {
    let (_, rest) = url.split_once("://").unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = if host.starts_with('[') { host.split_inclusive(']').next() } else { host.split(':').next() }.unwrap_or_default();
    if host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-[]:".contains(&byte)) { host } else { "" }
}

/// A letter that was tried.
#[derive(Clone, Copy, Debug)]
pub struct Tried<'a> {
    /// As it was taken.
    pub taken: &'a SealedLetter,
    /// To whom it is; `None` = it does not open.
    pub to: Option<&'a str>,
    /// What became of it.
    pub delivery: Delivery,
}

/// Writes what became of a letter: gone if it was handed over or there is no hope, which is remembered, else to be tried later. True if it
/// was given up. What somebody else has taken by then is theirs, unless it was handed over.
///
/// # Errors
/// The store's.
pub async fn settle(house: &House, tried: Tried<'_>, now: Time) -> Result<bool, Fault> {
    let (taken, to) = (tried.taken.clone(), tried.to.map(str::to_owned));
    let reason = match (tried.delivery, pause(taken.tries)) {
        (Delivery::Taken, _) => return house.work(move |desk| desk.remove_letter(taken.id)).await.map(|_| false),
        (Delivery::Later, Some(pause)) => {
            let work = house.work(move |desk| desk.put_off_letter(&taken, now.plus(pause), taken.tries + 1));
            return work.await.map(|_| false);
        }
        (Delivery::Later, None) => "letter_not_taken",
        (Delivery::Never, _) if to.is_none() => "letter_unreadable",
        (Delivery::Never, _) => "letter_refused",
    };
    house.work(move |desk| give_up(desk, &taken, to, reason, now)).await
}

fn give_up(desk: &mut dyn Work, taken: &SealedLetter, to: Option<String>, reason: &str, now: Time) -> Result<bool, Fault> {
    if !desk.give_up_letter(taken)? {
        return Ok(false);
    }
    // The address is not written down: whose it is, if it is an account's, says as much.
    let account = match to {
        Some(to) => desk.account_by(taken.site, &Handle::Email(to))?.map(|account| account.number),
        None => None,
    };
    desk.remember(&AuditEntry {
        id: 0,
        at: now,
        site: Some(taken.site),
        account,
        action: "letter.send".into(),
        outcome: Outcome::Refused,
        reason: reason.to_owned(),
        detail: format!("letter {}, tries: {}", taken.id, taken.tries + 1),
        address: String::new(),
        request: String::new(),
        count: 1,
        actor: None,
    })?;
    Ok(true)
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
    fn the_host_of_a_message_id_is_that_of_the_url_or_none() {
        for (url, host) in [
            ("https://example.com", "example.com"),
            ("http://example.com:8080/blog", "example.com"),
            ("http://[::1]:8080/", "[::1]"),
            ("https://example.com?a", "example.com"),
            ("https://exa mple.com", ""),
            ("https://a>\r\nBcc: x@y.z", ""),
            ("https://", ""),
            ("example.com", ""),
            ("", ""),
        ] {
            assert_eq!(host_of(url), host, "{url}");
        }
    }

    #[test]
    fn tries_come_later_and_later_and_end() {
        assert!(PAUSES.windows(2).all(|pair| pair[0] < pair[1]));
        assert_eq!((pause(0), pause(6), pause(7), pause(-1)), (Some(5), Some(10_800), None, None));
        assert!(PAUSES.iter().sum::<i64>() < crate::flow::reset::LIFE, "no letter brings a code that is over");
    }
}

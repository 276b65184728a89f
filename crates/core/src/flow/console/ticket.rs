//! Tickets: what is good once and for a while. Kept under a digest, what is written on them sealed.

use crate::call::{Call, Time};
use crate::house::House;
use crate::port::store::Ticket;
use crate::refusal::Fault;
use crate::secret::{Secret, sha256};
use crate::site::SiteId;

/// Letters of a ticket's text: 32 bytes in base64url.
const LETTERS: usize = 43;

/// Whose a ticket is, and what for.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// What it is for.
    pub kind: &'static str,
    /// The site; 0 = none.
    pub site: SiteId,
    /// Whose it is; 0 = nobody's yet.
    pub account: i64,
    /// Seconds that it is good for.
    pub life: i64,
}

/// A ticket that was found, and what is written on it.
#[derive(Debug)]
pub struct Found {
    /// The row.
    pub row: Ticket,
    /// What is written on it.
    pub note: Secret,
}

/// Draws a ticket: its text, for whoever it is for, and its row, still to be added.
///
/// # Errors
/// If sealing fails.
pub fn draw(house: &House, call: &mut Call, order: Order, note: &Secret) -> Result<(Secret, Ticket), Fault> {
    let text = Secret::new(data_encoding::BASE64URL_NOPAD.encode(&call.dice.bytes::<32>()));
    let row = write(house, call, order, text.reveal_text().unwrap_or_default(), note)?;
    Ok((text, row))
}

/// The row of a ticket whose text somebody else drew: a challenge.
///
/// # Errors
/// If sealing fails.
pub fn write(house: &House, call: &mut Call, order: Order, text: &str, note: &Secret) -> Result<Ticket, Fault> {
    let key = sha256(text.as_bytes());
    let note = house.terms().vault.seal(&purpose(order.kind, &key), note, call.dice.as_mut())?;
    let Order { kind, site, account, life } = order;
    Ok(Ticket { kind: kind.to_owned(), key, site, account, note, created: call.now, expires: call.now.plus(life) })
}

/// The key of a ticket's text as it was presented; `None` if it cannot be one.
#[must_use]
pub fn key_of(text: &str) -> Option<[u8; 32]> {
    (text.len() == LETTERS).then(|| sha256(text.as_bytes()))
}

/// Finds a ticket that is still good, without taking it.
///
/// # Errors
/// The store's, or if what is written on it does not open.
pub async fn find(house: &House, kind: &'static str, text: &str, now: Time) -> Result<Option<Found>, Fault> {
    let Some(key) = key_of(text) else { return Ok(None) };
    let row = house.look(move |desk| desk.ticket(kind, &key)).await?;
    row.filter(|row| now < row.expires).map(|row| open(house, row)).transpose()
}

/// Takes a ticket: it is given to exactly one caller.
///
/// # Errors
/// As [`find`].
pub async fn take(house: &House, kind: &'static str, text: &str, now: Time) -> Result<Option<Found>, Fault> {
    let Some(key) = key_of(text) else { return Ok(None) };
    let row = house.work(move |desk| desk.take_ticket(kind, &key, now)).await?;
    row.map(|row| open(house, row)).transpose()
}

/// Adds a ticket that was drawn.
///
/// # Errors
/// The store's.
pub async fn keep(house: &House, row: Ticket) -> Result<(), Fault> {
    house.work(move |desk| desk.add_ticket(&row)).await
}

fn open(house: &House, row: Ticket) -> Result<Found, Fault> {
    let note = house.terms().vault.open(&purpose(&row.kind, &row.key), &row.note)?;
    Ok(Found { row, note })
}

fn purpose(kind: &str, key: &[u8; 32]) -> String {
    format!("ticket/{kind}/{}", data_encoding::HEXLOWER.encode(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn only_a_text_of_the_length_that_is_drawn_is_looked_for(text in "\\PC{0,60}|[A-Za-z0-9_-]{43}|[A-Za-z0-9_-]{0,90}") {
            let key = key_of(&text);
            proptest::prop_assert_eq!(key.is_some(), text.len() == LETTERS);
            proptest::prop_assert_eq!(key, (text.len() == LETTERS).then(|| sha256(text.as_bytes())));
        }

        #[test]
        fn what_is_drawn_is_looked_for(bytes: [u8; 32]) {
            let text = data_encoding::BASE64URL_NOPAD.encode(&bytes);
            proptest::prop_assert!(key_of(&text).is_some());
            proptest::prop_assert_ne!(purpose("console.reset", &sha256(text.as_bytes())), purpose("console.register", &sha256(text.as_bytes())));
        }
    }
}

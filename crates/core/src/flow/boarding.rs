//! Before a try is weighed: who it is about, the charge, and the wait where the counters are full of others in flight.

use std::sync::Arc;

use crate::account::{Account, Handle};
use crate::call::{Call, Client, Time};
use crate::credential::{Pad, StoredHash};
use crate::house::House;
use crate::limit::{AttemptKey, Crowd, Flight, Queued, Turn};
use crate::port::store::{Change, Sealed};
use crate::refusal::Fault;
use crate::site::SiteView;

/// What the look found.
pub(super) struct Found {
    pub(super) account: Option<Account>,
    pub(super) stored: Option<StoredHash>,
    pub(super) totp: Option<Sealed>,
    pub(super) recovery: Vec<[u8; 32]>,
    pub(super) pad: Pad,
    pub(super) keys: [AttemptKey; 2],
    pub(super) locked: bool,
    pub(super) wait: Option<u32>,
    /// Landed when this is dropped: after what came of the try is written.
    pub(super) flight: Flight,
}

/// Charges the try; while its counters are full of others in flight, waits for them first. `None` if too many wait.
pub(super) async fn board(house: &House, view: &SiteView, handle: &Handle, call: &Call) -> Result<Option<Found>, Fault> {
    let mut turn: Option<Turn> = None;
    loop {
        // Found or failed, the turn is dropped here: the next one's.
        let crowd = match look_and_charge(house, view, handle, call.now, &call.client).await? {
            Ok(found) => return Ok(Some(found)),
            Err(crowd) => crowd,
        };
        match house.flights().queue(crowd) {
            Queued::Again => {}
            queued @ (Queued::Full | Queued::Waits(_)) => {
                if let Some(turn) = turn.take() {
                    turn.stays();
                }
                let Queued::Waits(mine) = queued else { return Ok(None) };
                turn = mine.await.ok();
            }
        }
    }
}

/// The outer result is the store's; the inner one says whom to wait for, and then nothing was charged.
async fn look_and_charge(
    house: &House,
    view: &SiteView,
    handle: &Handle,
    now: Time,
    client: &Client,
) -> Result<Result<Found, Crowd>, Fault> {
    let site = view.site.id;
    let handle = handle.clone();
    let limits = house.terms().limits;
    let address = AttemptKey::address(client.address);
    let flights = Arc::clone(house.flights());
    house
        .work(move |desk| {
            let account = desk.account_by(site, &handle)?;
            let key = match &account {
                Some(account) => AttemptKey::account(site, account.number),
                None => AttemptKey::unknown(site, name_of(&handle).as_ref()),
            };
            let mine = desk.charge(key, now, limits.window)?;
            let theirs = desk.charge(address, now, limits.window)?;
            let full = |key, count, limit| flights.crowd(key, count, limit);
            if let Some(crowd) = full(key, mine.count, limits.per_account).or_else(|| full(address, theirs.count, limits.per_address)) {
                desk.refund(key)?;
                desk.refund(address)?;
                return Ok(Err(crowd));
            }
            // The charge that fills the counter may be the one that locks: it reaches what is remembered of the account (proven
            // Basic), on every node, whether or not anybody stays to hear what comes of this try.
            if account.is_some() && mine.count == limits.per_account {
                desk.note(Change::Account(site), now)?;
            }
            let flight = flights.take_off([key, address]);
            let number = account.as_ref().map_or(0, |a| a.number);
            Ok(Ok(Found {
                stored: desk.password(site, number)?.map(StoredHash::new),
                totp: desk.totp(site, number)?.map(|row| row.secret),
                recovery: desk.recovery_codes(site, number)?,
                pad: Pad::from_text(&desk.pad(site)?).unwrap_or_default(),
                account,
                keys: [key, address],
                locked: mine.over(limits.per_account),
                wait: theirs.over(limits.per_address).then(|| theirs.retry_after(now, limits.window)),
                flight,
            }))
        })
        .await
}

fn name_of(handle: &Handle) -> std::borrow::Cow<'_, str> {
    match handle {
        Handle::Number(number) => number.to_string().into(),
        Handle::Login(name) | Handle::Email(name) | Handle::LoginOrEmail(name) => name.into(),
    }
}

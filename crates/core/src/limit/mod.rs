//! Attempts and lock-out: one counter per account and one per address, shared by all doors. Rate limits: `gcra` (the formula)
//! and `counters` (where the counts are).
//!
//! A try is charged *before* the password is weighed and refunded when it was right, so that a burst of parallel
//! guesses cannot exceed the limit; while a counter is full of tries of which nobody knows yet, further ones wait. A right password whose second factor is still due refunds its own charge and
//! clears nothing: wrong codes stay counted however often the password is given again.

mod counters;
mod flight;
mod gcra;

pub use counters::{COUNTERS, CounterKey, Counters, LocalCounters, Whose};
pub(crate) use flight::{Crowd, Flight, Queued, Turn};
pub use flight::{Flights, WAITING};
pub use gcra::{Pace, Paid, Step};

use std::net::IpAddr;

use crate::account::fold;
use crate::call::Time;
use crate::secret::sha256;
use crate::site::SiteId;

/// How many wrong tries, in which time.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Wrong tries per account before it is locked.
    pub per_account: u32,
    /// Wrong tries per address before it must wait.
    pub per_address: u32,
    /// Seconds that a count lives from its first wrong try, and a lock with it.
    pub window: i64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { per_account: 10, per_address: 100, window: 900 }
    }
}

/// What a counter is kept under: a digest, so that mistyped passwords in the name field are not stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AttemptKey(pub [u8; 16]);

impl AttemptKey {
    /// The counter of an account that exists.
    #[must_use]
    pub fn account(site: SiteId, number: i64) -> Self {
        Self::of("account", site, &number.to_string())
    }

    /// The counter of a name that nobody has: counted alike, so that it answers alike.
    #[must_use]
    pub fn unknown(site: SiteId, name: &str) -> Self {
        Self::of("unknown", site, &fold(name))
    }

    /// The counter of an address: the address itself for IPv4, its /64 for IPv6.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        let text = match address.to_canonical() {
            IpAddr::V4(v4) => v4.to_string(),
            IpAddr::V6(v6) => format!("{:x?}", &v6.segments()[..4]),
        };
        Self::of("address", SiteId(0), &text)
    }

    fn of(kind: &str, site: SiteId, name: &str) -> Self {
        let mut out = [0; 16];
        out.copy_from_slice(&sha256(format!("{kind}\0{}\0{name}", site.0).as_bytes())[..16]);
        Self(out)
    }
}

/// A counter: wrong tries since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// Tries charged and not refunded.
    pub count: u32,
    /// When the first of them was.
    pub since: Time,
}

impl Attempts {
    /// True if the count, this try included, is over the limit.
    #[must_use]
    pub fn over(&self, limit: u32) -> bool {
        self.count > limit
    }

    /// Seconds until the count is forgotten, at least one.
    #[must_use]
    pub fn retry_after(&self, now: Time, window: i64) -> u32 {
        u32::try_from(self.since.plus(window).since(now)).unwrap_or(1).max(1)
    }
}

//! The counters of rate limits: the port, and the one that keeps them in this process's memory.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::net::{IpAddr, Ipv6Addr};

use parking_lot::Mutex;

use super::gcra::{Pace, Paid, Step};
use crate::call::Time;
use crate::port::hasher::BoxFuture;
use crate::refusal::Fault;
use crate::site::SiteId;

/// What a counter is kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CounterKey {
    /// The site whose rule it is.
    pub site: SiteId,
    /// The limit: see [`crate::policy::CompiledLimit::id`].
    pub limit: u64,
    /// Whose requests it counts.
    pub whose: Whose,
}

/// Whose requests a counter counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Whose {
    /// Of an address; made by [`Whose::address`].
    Address(IpAddr),
    /// Of an account of a site.
    Account(SiteId, i64),
    /// Of a JWT, by its id.
    Token([u8; 16]),
    /// Of an API token, by its number.
    ApiToken(i64),
    /// Everybody's together.
    All,
}

impl Whose {
    /// The address itself for IPv4, its /64 for IPv6: one customer has at least that much of it.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
        })
    }
}

/// Where the counters are: in this process, or where nodes share them.
pub trait Counters: Send + Sync {
    /// Judges one request and charges it if it is granted.
    ///
    /// # Errors
    /// A fault if the counters cannot be reached: the door stays shut then.
    fn take(&self, key: CounterKey, pace: Pace, now: Time) -> BoxFuture<'_, Result<Step, Fault>>;

    /// What [`Counters::take`] would say, charging nothing.
    ///
    /// # Errors
    /// As for [`Counters::take`].
    fn peek(&self, key: CounterKey, pace: Pace, now: Time) -> BoxFuture<'_, Result<Step, Fault>>;
}

/// Counters that one process keeps, at most so many.
///
/// Forgotten is first what is like a counter never used. If all are in use, those go that would be forgotten soonest: a
/// flood of new addresses pushes out its own kind, never one that is at its limit. Addresses, of which anybody may have
/// many, have their own place and push out no account, token or route.
pub struct LocalCounters {
    strangers: Shelf,
    known: Shelf,
}

/// Counters kept of addresses, and again of everything else: about 10 MiB in all when full.
pub const COUNTERS: usize = 65_536;
const SHARDS: usize = 16;

impl Default for LocalCounters {
    fn default() -> Self {
        Self::with_room(COUNTERS)
    }
}

impl LocalCounters {
    /// Room for so many counters of addresses, and as many of everything else.
    #[must_use]
    pub fn with_room(counters: usize) -> Self {
        Self { strangers: Shelf::new(counters), known: Shelf::new(counters) }
    }

    /// How many are kept.
    #[must_use]
    pub fn kept(&self) -> usize {
        self.strangers.kept() + self.known.kept()
    }

    fn shelf(&self, key: &CounterKey) -> &Shelf {
        match key.whose {
            Whose::Address(_) => &self.strangers,
            Whose::Account(..) | Whose::Token(_) | Whose::ApiToken(_) | Whose::All => &self.known,
        }
    }

    /// [`Counters::take`], at once.
    pub fn take_now(&self, key: CounterKey, pace: Pace, now: Time) -> Step {
        self.shelf(&key).take(key, pace, now)
    }

    /// [`Counters::peek`], at once.
    #[must_use]
    pub fn peek_now(&self, key: CounterKey, pace: Pace, now: Time) -> Step {
        let shelf = self.shelf(&key);
        pace.step(shelf.shard(&key).lock().get(&key).copied(), now).0
    }
}

impl Counters for LocalCounters {
    fn take(&self, key: CounterKey, pace: Pace, now: Time) -> BoxFuture<'_, Result<Step, Fault>> {
        Box::pin(std::future::ready(Ok(self.take_now(key, pace, now))))
    }

    fn peek(&self, key: CounterKey, pace: Pace, now: Time) -> BoxFuture<'_, Result<Step, Fault>> {
        Box::pin(std::future::ready(Ok(self.peek_now(key, pace, now))))
    }
}

struct Shelf {
    shards: [Mutex<HashMap<CounterKey, Paid>>; SHARDS],
    room: usize,
    place: RandomState,
}

impl Shelf {
    fn new(counters: usize) -> Self {
        Self { shards: std::array::from_fn(|_| Mutex::default()), room: counters.div_ceil(SHARDS).max(1), place: RandomState::new() }
    }

    fn shard(&self, key: &CounterKey) -> &Mutex<HashMap<CounterKey, Paid>> {
        let hash = self.place.hash_one(key);
        &self.shards[usize::try_from(hash % SHARDS as u64).unwrap_or_default()]
    }

    fn take(&self, key: CounterKey, pace: Pace, now: Time) -> Step {
        let mut shard = self.shard(&key).lock();
        if let Some(paid) = shard.get_mut(&key) {
            let (step, after) = pace.step(Some(*paid), now);
            *paid = after;
            return step;
        }
        if shard.len() >= self.room {
            make_room(&mut shard, self.room, now);
        }
        let (step, after) = pace.step(None, now);
        shard.insert(key, after);
        step
    }

    fn kept(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().len()).sum()
    }
}

/// Forgets what is spent, and if an eighth is not free then, the eighth that would be spent first.
fn make_room(shard: &mut HashMap<CounterKey, Paid>, room: usize, now: Time) {
    shard.retain(|_, paid| !paid.is_spent(now));
    let wanted = room - (room / 8).max(1);
    if shard.len() <= wanted {
        return;
    }
    let excess = shard.len() - wanted;
    let mut ends: Vec<Paid> = shard.values().copied().collect();
    let (_, &mut limit, _) = ends.select_nth_unstable(excess - 1);
    let mut left = excess;
    shard.retain(|_, paid| {
        let goes = left > 0 && *paid <= limit;
        left -= usize::from(goes);
        !goes
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(whose: Whose) -> CounterKey {
        CounterKey { site: SiteId(1), limit: 7, whose }
    }

    fn address(text: &str) -> CounterKey {
        key(Whose::address(text.parse().unwrap()))
    }

    #[test]
    fn neighbours_in_a_64_share_and_mapped_addresses_are_themselves() {
        assert_eq!(address("2001:db8::1"), address("2001:db8::ffff:0:0:9"));
        assert_ne!(address("2001:db8::1"), address("2001:db8:0:1::1"));
        assert_eq!(address("::ffff:10.0.0.1"), address("10.0.0.1"));
        assert_ne!(address("10.0.0.1"), address("10.0.0.2"));
    }

    #[test]
    fn counters_are_apart_by_site_limit_and_whose() {
        let counters = LocalCounters::default();
        let pace = Pace::new(1, 60, 1).unwrap();
        let first = address("10.0.0.1");
        let others = [
            first,
            CounterKey { site: SiteId(2), ..first },
            CounterKey { limit: 8, ..first },
            address("10.0.0.2"),
            key(Whose::Account(SiteId(1), 4)),
            key(Whose::ApiToken(4)),
            key(Whose::Token([4; 16])),
            key(Whose::All),
        ];
        for key in others {
            assert!(counters.peek_now(key, pace, Time(50)).granted, "{key:?}");
            assert!(counters.take_now(key, pace, Time(50)).granted, "{key:?}");
            assert!(!counters.take_now(key, pace, Time(50)).granted, "{key:?}");
            assert!(!counters.peek_now(key, pace, Time(50)).granted, "{key:?}");
        }
        assert_eq!(counters.kept(), others.len());
    }

    #[test]
    fn a_flood_of_strangers_is_bounded_and_frees_nobody_who_is_at_the_limit() {
        let counters = LocalCounters::with_room(256);
        let pace = Pace::new(10, 100, 10).unwrap();
        let (guilty, known) = (address("192.0.2.1"), key(Whose::Account(SiteId(1), 4)));
        for key in [guilty, known] {
            assert_eq!((0..20).filter(|_| counters.take_now(key, pace, Time(0)).granted).count(), 10);
        }
        for stranger in 0..20_000_u32 {
            counters.take_now(key(Whose::address(IpAddr::from((stranger + 1).to_be_bytes()))), pace, Time(0));
            assert!(counters.kept() <= 256 + 16 + 1);
        }
        for key in [guilty, known] {
            assert!(!counters.take_now(key, pace, Time(0)).granted, "{key:?}");
        }
        // What is spent is forgotten first.
        for stranger in 0..20_000_u32 {
            counters.take_now(key(Whose::address(IpAddr::from((stranger + 1).to_be_bytes()))), pace, Time(1000));
        }
        assert!(counters.take_now(guilty, pace, Time(1000)).granted);
    }

    #[test]
    fn a_burst_in_parallel_passes_as_often_as_one_after_the_other() {
        let counters = LocalCounters::default();
        let pace = Pace::new(1, 10, 25).unwrap();
        let granted = std::thread::scope(|scope| {
            let one = || (0..100).filter(|_| counters.take_now(key(Whose::All), pace, Time(9)).granted).count();
            let all: Vec<_> = (0..4).map(|_| scope.spawn(one)).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
        });
        assert_eq!(granted, 25);
    }
}

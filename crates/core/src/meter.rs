//! The meter of a site: what passes, counted as it passes. One relaxed addition per request while nobody watches.
//!
//! ```text
//!   a request ──▶ let_through / answered / refused ──▶ counters that only grow
//!            └──▶ timed (only while somebody watches) ──▶ durations and talkers of this second
//!   once a second ──▶ Meter::take ──▶ Frame
//! ```

use std::net::IpAddr;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Buckets of durations: four per power of two, from 1 ns to over an hour.
const BUCKETS: usize = 4 * 42;
/// Talkers that are counted at once; who comes beyond takes the place of the least.
const TALKERS: usize = 64;
/// Requests of a second of which each is looked at for its talker; of the later ones every [`SAMPLE`]th, for as many.
const ALL: u64 = 1024;
const SAMPLE: u64 = 16;

/// The meter of a site. Counters only grow; who reads takes differences.
pub struct Meter {
    passed: AtomicU64,
    answered: AtomicU64,
    refused: papaya::HashMap<&'static str, AtomicU64>,
    durations: [AtomicU32; BUCKETS],
    since: AtomicU64,
    talkers: Mutex<Talkers>,
    taken: Mutex<Taken>,
    written: AtomicU64,
}

/// What a request came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// It was let through to what is protected.
    Through,
    /// Doorward answered it itself.
    Answered,
    /// It was refused, for this reason.
    Refused(&'static str),
}

/// Somebody who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Talker {
    /// By address.
    Address(IpAddr),
    /// By account.
    Account(i64),
}

/// What was taken the last time.
#[derive(Default)]
struct Taken {
    passed: u64,
    answered: u64,
    refused: Vec<(&'static str, u64)>,
}

/// What happened since the last frame.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Requests that were let through.
    pub passed: u64,
    /// Requests that Doorward answered itself.
    pub answered: u64,
    /// Requests that were refused, by reason, most first.
    pub refused: Vec<(&'static str, u64)>,
    /// How long they took.
    pub durations: Durations,
    /// Who asked most, most first; counted in part while there is much traffic.
    pub talkers: Talkers,
}

/// How many requests took how long.
#[derive(Clone, Debug)]
pub struct Durations([u64; BUCKETS]);

/// Who asked how often: the most of them, in bounded room (Space-Saving). A count is at most as much too high as the least
/// count there is.
#[derive(Clone, Debug, Default)]
pub struct Talkers(Vec<(Talker, u64)>);

impl Default for Meter {
    fn default() -> Self {
        Self {
            passed: AtomicU64::new(0),
            answered: AtomicU64::new(0),
            refused: papaya::HashMap::new(),
            durations: [const { AtomicU32::new(0) }; BUCKETS],
            since: AtomicU64::new(0),
            talkers: Mutex::default(),
            taken: Mutex::default(),
            written: AtomicU64::new(0),
        }
    }
}

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meter({} passed)", self.passed.load(Relaxed))
    }
}

impl Meter {
    /// Counts a request.
    pub fn count(&self, came: Came) {
        match came {
            Came::Through => self.passed.fetch_add(1, Relaxed),
            Came::Answered => self.answered.fetch_add(1, Relaxed),
            Came::Refused(reason) => self.refused.pin().get_or_insert_with(reason, AtomicU64::default).fetch_add(1, Relaxed),
        };
    }

    /// Notes how long a request took. Only while somebody watches.
    pub fn time(&self, nanos: u64) {
        if let Some(bucket) = self.durations.get(bucket(nanos)) {
            bucket.fetch_add(1, Relaxed);
        }
    }

    /// Notes who asked. Only while somebody watches.
    pub fn talk(&self, talker: Talker) {
        let seen = self.since.fetch_add(1, Relaxed);
        let weight = match seen {
            ..ALL => 1,
            _ if seen.is_multiple_of(SAMPLE) => SAMPLE,
            _ => return,
        };
        // Who would have to wait is not counted: nothing may be slower because somebody looks.
        if let Ok(mut counted) = self.talkers.try_lock() {
            counted.add(talker, weight);
        }
    }

    /// What happened since this was asked last.
    #[must_use]
    pub fn take(&self) -> Frame {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Taken {
            passed: self.passed.load(Relaxed),
            answered: self.answered.load(Relaxed),
            refused: self.refused.pin().iter().map(|(reason, n)| (*reason, n.load(Relaxed))).collect(),
        };
        let before = |reason: &str| taken.refused.iter().find(|(known, _)| *known == reason).map_or(0, |(_, n)| *n);
        let fresh = now.refused.iter().map(|(reason, n)| (*reason, n.wrapping_sub(before(reason))));
        let mut refused: Vec<_> = fresh.filter(|(_, n)| *n > 0).collect();
        refused.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        let (passed, answered) = (now.passed.wrapping_sub(taken.passed), now.answered.wrapping_sub(taken.answered));
        *taken = now;
        self.since.store(0, Relaxed);
        let mut talkers = std::mem::take(&mut *self.talkers.lock().unwrap_or_else(PoisonError::into_inner));
        talkers.sort();
        let durations = Durations(std::array::from_fn(|at| self.durations.get(at).map_or(0, |n| u64::from(n.swap(0, Relaxed)))));
        Frame { passed, answered, refused, durations, talkers }
    }

    /// How many requests were let through since this was asked last: for the counts that are kept.
    #[must_use]
    pub fn take_passed(&self) -> u64 {
        let passed = self.passed.load(Relaxed);
        passed.wrapping_sub(self.written.swap(passed, Relaxed))
    }
}

impl Frame {
    /// All requests.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.passed + self.answered + self.refused.iter().map(|(_, n)| n).sum::<u64>()
    }

    /// Adds another site's. Accounts are a site's own and are left out of the sum.
    pub fn add(&mut self, other: &Self) {
        self.passed += other.passed;
        self.answered += other.answered;
        for (reason, n) in &other.refused {
            match self.refused.iter_mut().find(|(known, _)| known == reason) {
                Some((_, sum)) => *sum += n,
                None => self.refused.push((reason, *n)),
            }
        }
        self.refused.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        self.durations.0.iter_mut().zip(&other.durations.0).for_each(|(sum, n)| *sum += n);
        for (talker, n) in other.talkers.most() {
            if matches!(talker, Talker::Address(_)) {
                self.talkers.add(*talker, *n);
            }
        }
        self.talkers.sort();
    }

    /// Nothing.
    #[must_use]
    pub fn empty() -> Self {
        let durations = Durations([0; BUCKETS]);
        Self { passed: 0, answered: 0, refused: Vec::new(), durations, talkers: Talkers::default() }
    }
}

impl Durations {
    /// The duration that this share of the requests (0 to 100) did not exceed, in nanoseconds, rounded up to its bucket's end
    /// (at most a quarter too much); `None` if none was timed.
    #[must_use]
    pub fn percentile(&self, share: u64) -> Option<u64> {
        let all: u64 = self.0.iter().sum();
        let wanted = (all * share.min(100)).div_ceil(100).max(1);
        let mut sum = 0;
        self.0
            .iter()
            .position(|n| {
                sum += n;
                sum >= wanted
            })
            .map(end)
    }
}

impl Talkers {
    /// Them, most first.
    #[must_use]
    pub fn most(&self) -> &[(Talker, u64)] {
        &self.0
    }

    fn add(&mut self, talker: Talker, weight: u64) {
        if let Some((_, n)) = self.0.iter_mut().find(|(known, _)| *known == talker) {
            *n += weight;
        } else if self.0.len() < TALKERS {
            self.0.push((talker, weight));
        } else if let Some(least) = self.0.iter_mut().min_by_key(|(_, n)| *n) {
            *least = (talker, least.1 + weight);
        }
    }

    fn sort(&mut self) {
        self.0.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    }
}

/// The bucket of a duration.
fn bucket(nanos: u64) -> usize {
    let nanos = nanos.max(4);
    let power = nanos.ilog2();
    let quarter = (nanos >> (power - 2)) & 3;
    usize::try_from(u64::from(power) * 4 + quarter).map_or(BUCKETS - 1, |at| at.min(BUCKETS - 1))
}

/// The longest duration of a bucket.
fn end(bucket: usize) -> u64 {
    let (power, quarter) = (u32::try_from(bucket / 4).unwrap_or(0).max(2), (bucket % 4) as u64);
    ((4 + quarter + 1) << (power - 2)) - 1
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u32) -> Talker {
        Talker::Address(IpAddr::V4(Ipv4Addr::from_bits(n)))
    }

    #[test]
    fn a_frame_has_what_came_since_the_last_one() {
        let meter = Meter::default();
        for _ in 0..3 {
            meter.count(Came::Through);
        }
        meter.count(Came::Answered);
        meter.count(Came::Refused("banned"));
        meter.count(Came::Refused("no_credential"));
        meter.count(Came::Refused("no_credential"));
        let frame = meter.take();
        assert_eq!((frame.passed, frame.answered, frame.requests()), (3, 1, 7));
        assert_eq!(frame.refused, [("no_credential", 2), ("banned", 1)]);
        assert_eq!(frame.durations.percentile(50), None);
        meter.count(Came::Refused("banned"));
        let next = meter.take();
        assert_eq!((next.passed, next.refused.clone()), (0, vec![("banned", 1)]));
        let mut sum = frame;
        sum.add(&next);
        assert_eq!((sum.requests(), sum.refused), (8, vec![("banned", 2), ("no_credential", 2)]));
        assert_eq!((meter.take_passed(), meter.take_passed()), (3, 0), "kept counts are taken apart from frames");
    }

    #[test]
    fn the_loudest_are_found_among_many_and_the_room_is_bounded() {
        let meter = Meter::default();
        for n in 0..200_000_u32 {
            let talker = if n % 4 == 0 { address(7) } else { address(n | 0x0a00_0000) };
            meter.talk(talker);
            meter.talk(Talker::Account(i64::from(n % 3)));
        }
        let frame = meter.take();
        assert_eq!(frame.talkers.most().len(), TALKERS);
        let top: Vec<Talker> = frame.talkers.most().iter().take(3).map(|(talker, _)| *talker).collect();
        assert!(top.contains(&address(7)) && top.contains(&Talker::Account(1)), "{top:?}");
        assert!(meter.take().talkers.most().is_empty());
    }

    proptest::proptest! {
        #[test]
        fn a_duration_lies_in_its_bucket(nanos in 0_u64..4_000_000_000_000) {
            let at = bucket(nanos);
            proptest::prop_assert!(at < BUCKETS && nanos <= end(at));
            proptest::prop_assert!(nanos < 8 || end(at) - nanos <= nanos / 4, "{} in {}", nanos, end(at));
            let meter = Meter::default();
            meter.time(nanos);
            proptest::prop_assert_eq!(meter.take().durations.percentile(99), Some(end(at)));
        }

        #[test]
        fn no_duration_is_too_long(nanos: u64) {
            proptest::prop_assert!(bucket(nanos) < BUCKETS);
        }
    }
}

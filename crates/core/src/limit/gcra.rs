//! How often: GCRA, one formula. A counter is one number, the moment until which its requests are paid for.
//!
//! Every request costs one interval (period ÷ count). What is owed may never exceed the burst. The formula is small enough
//! to be one step of any store, so that counters which nodes share are the same law in another place.
//!
//! Time is counted in whole seconds, as everywhere in the law: within one second at most the burst passes.

use crate::call::Time;

const NANOS: i64 = 1_000_000_000;
/// A clock that is put back by more than this many seconds does not lock a counter for as long as it was put back.
const SLACK: i64 = 60 * NANOS;
/// Longest time in which an empty counter fills up again, in seconds: a year.
const LONGEST: i64 = 366 * 86_400;

/// A rate: so many requests per period, and how many of them at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// What one request costs, in nanoseconds; rounded up, so that the rate is never exceeded.
    interval: i64,
    /// What may be owed at once, in nanoseconds.
    span: i64,
}

/// What became of one request at one counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// It may pass.
    pub granted: bool,
    /// How many more may pass now.
    pub remaining: u32,
    /// Seconds until one may pass again; 0 if it was granted.
    pub wait: u32,
    /// Seconds until as many may pass at once as ever.
    pub whole_in: u32,
}

impl Pace {
    /// `count` requests per `period` seconds, at most `burst` of them at once. `None` if one of them is 0, or it would take
    /// more than a year until the whole burst may pass again.
    #[must_use]
    pub fn new(count: u32, period: u32, burst: u32) -> Option<Self> {
        if count == 0 || period == 0 || burst == 0 {
            return None;
        }
        let interval = (i64::from(period) * NANOS + i64::from(count) - 1) / i64::from(count);
        let span = interval.checked_mul(i64::from(burst))?;
        (span <= LONGEST * NANOS).then_some(Self { interval, span })
    }

    /// Judges one request at a counter, without charging it. `paid` is the counter, `None` if there is none yet.
    ///
    /// Returns what became of it, and the counter after it: unchanged if it was refused.
    #[must_use]
    pub fn step(&self, paid: Option<Paid>, now: Time) -> (Step, Paid) {
        let now = now.0.saturating_mul(NANOS);
        let before = paid.map_or(now, |p| p.0.max(now));
        // More than a whole burst ahead was never granted: the clock was put back.
        let before = if before > now.saturating_add(self.span).saturating_add(SLACK) { now.saturating_add(self.span) } else { before };
        let after = before.saturating_add(self.interval);
        let over = after.saturating_sub(now).saturating_sub(self.span);
        if over > 0 {
            let whole_in = seconds(before.saturating_sub(now));
            return (Step { granted: false, remaining: 0, wait: seconds(over).max(1), whole_in }, Paid(before));
        }
        let remaining = u32::try_from(over.saturating_neg() / self.interval).unwrap_or(u32::MAX);
        (Step { granted: true, remaining, wait: 0, whole_in: seconds(after.saturating_sub(now)) }, Paid(after))
    }
}

/// A counter: the moment until which its requests are paid for, in nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Paid(i64);

impl Paid {
    /// True if the counter is like one that was never used.
    #[must_use]
    pub fn is_spent(self, now: Time) -> bool {
        self.0 <= now.0.saturating_mul(NANOS)
    }
}

/// Whole seconds, rounded up.
fn seconds(nanos: i64) -> u32 {
    u32::try_from(nanos.max(0).saturating_add(NANOS - 1) / NANOS).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(pace: Pace, moments: &[i64]) -> Vec<bool> {
        let mut paid = None;
        let step = |&now: &i64| {
            let (step, after) = pace.step(paid, Time(now));
            paid = Some(after);
            step.granted
        };
        moments.iter().map(step).collect()
    }

    #[test]
    fn a_burst_passes_and_then_one_per_interval() {
        let pace = Pace::new(6, 60, 3).unwrap();
        assert_eq!(
            granted(pace, &[0, 0, 0, 0, 9, 10, 10, 60, 60, 60, 60]),
            [true, true, true, false, false, true, false, true, true, true, false]
        );
    }

    #[test]
    fn a_step_says_how_many_are_left_and_when_to_come_again() {
        let pace = Pace::new(2, 60, 2).unwrap();
        let (first, paid) = pace.step(None, Time(1000));
        assert_eq!(first, Step { granted: true, remaining: 1, wait: 0, whole_in: 30 });
        let (second, paid) = pace.step(Some(paid), Time(1000));
        assert_eq!(second, Step { granted: true, remaining: 0, wait: 0, whole_in: 60 });
        let (third, after) = pace.step(Some(paid), Time(1010));
        assert_eq!(third, Step { granted: false, remaining: 0, wait: 20, whole_in: 50 });
        assert_eq!(after, paid, "a refused request is not charged");
        assert!(pace.step(Some(paid), Time(1030)).0.granted);
    }

    #[test]
    fn a_clock_that_is_put_back_locks_nobody_for_long() {
        let pace = Pace::new(1, 10, 1).unwrap();
        let (_, paid) = pace.step(None, Time(1_000_000));
        let (step, _) = pace.step(Some(paid), Time(1000));
        assert!(!step.granted && step.wait <= 10, "{step:?}");
    }

    #[test]
    fn rates_that_mean_nothing_are_none() {
        for (count, period, burst) in [(0, 1, 1), (1, 0, 1), (1, 1, 0), (1, 86_400 * 30, 100), (1, u32::MAX, u32::MAX)] {
            assert_eq!(Pace::new(count, period, burst), None, "{count} {period} {burst}");
        }
        assert!(Pace::new(u32::MAX, 1, u32::MAX).is_some());
    }

    proptest::proptest! {
        /// Whatever comes when: between any two moments never more than the burst and what the time between them gives.
        #[test]
        fn never_more_than_the_burst_and_the_rate(count in 1..50_u32, period in 1..100_u32, burst in 1..30_u32, gaps in proptest::collection::vec(0..20_i64, 1..80)) {
            let pace = Pace::new(count, period, burst).unwrap();
            let mut now = 1_700_000_000;
            let moments: Vec<i64> = gaps.iter().map(|gap| { now += gap; now }).collect();
            let passed: Vec<i64> = granted(pace, &moments).into_iter().zip(&moments).filter(|(ok, _)| *ok).map(|(_, at)| *at).collect();
            for (at, from) in passed.iter().enumerate() {
                for (n, to) in passed[at..].iter().enumerate() {
                    let allowed = i64::from(burst) + (to - from) * i64::from(count) / i64::from(period);
                    proptest::prop_assert!(i64::try_from(n).unwrap() < allowed + 1, "{} from {} to {}", n + 1, from, to);
                }
            }
        }

        /// And never less than it promised: what it says will pass, passes.
        #[test]
        fn what_remains_passes_and_who_waits_is_served(count in 1..50_u32, period in 1..100_u32, burst in 1..30_u32, before in 0..40_usize) {
            let pace = Pace::new(count, period, burst).unwrap();
            let (mut paid, mut last) = (None, None);
            for _ in 0..=before {
                let (step, after) = pace.step(paid, Time(5000));
                (paid, last) = (Some(after), Some(step));
            }
            let last = last.unwrap();
            if last.granted {
                let passed = granted_from(pace, paid, last.remaining + 1);
                proptest::prop_assert_eq!(passed, last.remaining);
            } else {
                proptest::prop_assert!(pace.step(paid, Time(5000 + i64::from(last.wait))).0.granted);
            }
        }
    }

    fn granted_from(pace: Pace, mut paid: Option<Paid>, tries: u32) -> u32 {
        let mut passed = 0;
        for _ in 0..tries {
            let (step, after) = pace.step(paid, Time(5000));
            paid = Some(after);
            passed += u32::from(step.granted);
        }
        passed
    }
}

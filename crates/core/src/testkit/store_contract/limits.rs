//! Counters of wrong tries, and the edges of their window.

use super::Place;
use super::bench::{Bench, at};
use crate::call::Time;
use crate::limit::{AttemptKey, Attempts};

const KEY: AttemptKey = AttemptKey([1; 16]);
const WINDOW: i64 = 900;

fn charge(bench: &Bench, now: i64) -> (u32, Time) {
    let Attempts { count, since } = bench.work(move |desk| desk.charge(KEY, at(now), WINDOW));
    (count, since)
}

fn seen(bench: &Bench, now: i64) -> Option<(u32, Time)> {
    bench.look(move |desk| desk.attempts(KEY, at(now), WINDOW)).map(|a| (a.count, a.since))
}

/// The date is the first try's; each counter is its own.
pub fn tries_are_counted_from_the_first(place: &dyn Place) {
    let bench = Bench::bare(place);
    assert_eq!(seen(&bench, 0), None);
    assert_eq!(charge(&bench, 0), (1, at(0)));
    assert_eq!(charge(&bench, 10), (2, at(0)));
    assert_eq!(charge(&bench, 5), (3, at(0)), "a clock that went back");
    assert_eq!(seen(&bench, 10), Some((3, at(0))));
    assert_eq!(bench.look(|desk| desk.attempts(AttemptKey([2; 16]), at(0), WINDOW)), None);
}

/// One second before the end it counts, at the end it starts anew.
pub fn a_count_is_forgotten_at_the_end_of_its_window(place: &dyn Place) {
    let bench = Bench::bare(place);
    assert_eq!(charge(&bench, 0), (1, at(0)));
    assert_eq!(charge(&bench, WINDOW - 1), (2, at(0)));
    assert_eq!(seen(&bench, WINDOW - 1), Some((2, at(0))));
    assert_eq!(seen(&bench, WINDOW), None);
    assert_eq!(charge(&bench, WINDOW), (1, at(WINDOW)));
    assert_eq!(charge(&bench, 2 * WINDOW - 1), (2, at(WINDOW)));
}

/// Down to nothing, never below; then the next try has its own date.
pub fn a_refund_takes_one_try_back(place: &dyn Place) {
    let bench = Bench::bare(place);
    charge(&bench, 0);
    charge(&bench, 1);
    bench.work(|desk| desk.refund(KEY));
    assert_eq!(seen(&bench, 2), Some((1, at(0))));
    bench.work(|desk| desk.refund(KEY));
    assert_eq!(seen(&bench, 2), None);
    bench.work(|desk| desk.refund(KEY));
    assert_eq!(charge(&bench, 3), (1, at(3)));
}

/// The counter is gone.
pub fn forgiving_forgets(place: &dyn Place) {
    let bench = Bench::bare(place);
    charge(&bench, 0);
    charge(&bench, 0);
    bench.work(|desk| desk.forgive(KEY));
    assert_eq!(seen(&bench, 0), None);
    bench.work(|desk| desk.forgive(KEY));
    assert_eq!(charge(&bench, 7), (1, at(7)));
}

/// A burst of parallel guesses is counted one by one, and each is told another number.
pub fn no_try_is_lost_when_many_come_at_once(place: &dyn Place) {
    let bench = Bench::bare(place);
    let answers = bench.at_once(64, |_, desk| desk.charge(KEY, at(0), WINDOW));
    let mut counts: Vec<u32> = answers.into_iter().map(|a| a.unwrap().count).collect();
    counts.sort_unstable();
    assert_eq!(counts, (1..=64).collect::<Vec<_>>());
    let answers = bench.at_once(60, |_, desk| desk.refund(KEY));
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(seen(&bench, 0), Some((4, at(0))));
}

//! What the server itself keeps, of no site.

use super::Place;
use super::bench::{Bench, at};
use crate::port::store::Kept;

fn kept(name: &str, value: &[u8], end: i64) -> Kept {
    Kept { name: name.into(), value: value.to_vec(), expires: at(end) }
}

fn names(bench: &Bench, prefix: &'static str) -> Vec<String> {
    bench.look(move |desk| desk.kept(prefix)).into_iter().map(|kept| kept.name).collect()
}

/// The beginning is compared letter by letter: nothing in it means something else. What has a name is replaced.
pub fn what_is_kept_comes_back_by_the_beginning_of_its_name(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(names(&bench, ""), [""; 0]);
    for name in ["a/one", "a/two", "a_three", "A/one", "b%", "ä"] {
        bench.work(move |desk| desk.keep(&kept(name, name.as_bytes(), 5)));
    }
    assert_eq!(names(&bench, "a/"), ["a/one", "a/two"]);
    assert_eq!(names(&bench, "a_"), ["a_three"]);
    assert_eq!(names(&bench, "b%"), ["b%"]);
    assert_eq!(names(&bench, "%"), [""; 0]);
    assert_eq!(names(&bench, "ä"), ["ä"]);
    assert_eq!(names(&bench, "a/one"), ["a/one"]);
    assert_eq!(names(&bench, ""), ["A/one", "a/one", "a/two", "a_three", "b%", "ä"]);
    let noted = bench.noted(|desk| desk.keep(&kept("a/one", &[0, 255], i64::MAX - at(0).0)));
    assert_eq!(noted, []);
    assert_eq!(bench.look(|desk| desk.kept("a/one")), [kept("a/one", &[0, 255], i64::MAX - at(0).0)]);
}

/// Twelve at once, each for itself; afterwards the holder may go on, and nobody else.
pub fn of_many_who_claim_at_once_one_does(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let claim = |n: usize| kept("lease", &[u8::try_from(n).unwrap()], 60);
    let got = bench.at_once(12, move |n, desk| desk.claim(&claim(n), at(0)));
    let winners: Vec<usize> = got.into_iter().enumerate().filter(|(_, got)| *got.as_ref().unwrap()).map(|(n, _)| n).collect();
    assert_eq!(winners.len(), 1);
    let winner = winners[0];
    assert_eq!(bench.look(|desk| desk.kept("lease")), [claim(winner)]);
    assert!(bench.work(move |desk| desk.claim(&claim(winner), at(1))));
    assert!(!bench.work(move |desk| desk.claim(&claim((winner + 1) % 12), at(1))));
    assert_eq!(bench.look(|desk| desk.kept("lease")), [claim(winner)]);
}

/// The holder may make it longer; whoever comes at its end takes it.
pub fn a_claim_holds_until_the_second_it_ends(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert!(bench.work(|desk| desk.claim(&kept("lease", b"one", 10), at(0))));
    assert!(bench.work(|desk| desk.claim(&kept("lease", b"one", 20), at(5))));
    assert!(!bench.work(|desk| desk.claim(&kept("lease", b"two", 99), at(19))));
    assert!(bench.work(|desk| desk.claim(&kept("lease", b"two", 99), at(20))));
    assert!(!bench.work(|desk| desk.claim(&kept("lease", b"one", 99), at(21))));
    assert_eq!(bench.look(|desk| desk.kept("lease")), [kept("lease", b"two", 99)]);
}

/// By its whole name.
pub fn what_is_forgotten_is_gone(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.keep(&kept("a/one", b"1", 9)));
    assert!(!bench.work(|desk| desk.forget("a/")));
    assert!(bench.work(|desk| desk.forget("a/one")));
    assert!(!bench.work(|desk| desk.forget("a/one")));
    assert_eq!(names(&bench, ""), [""; 0]);
}

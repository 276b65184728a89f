//! Letters: each is given to one at a time, put off, and gone once it was handed over.

use super::Place;
use super::bench::{Bench, OTHER, SITE, at, entry};
use crate::port::store::{Sealed, SealedLetter};
use crate::refusal::Fault;

fn letter(text: &[u8], due: i64) -> SealedLetter {
    SealedLetter { id: 0, site: SITE, sealed: Sealed(text.to_vec()), made: at(0), due: at(due), tries: 0 }
}

/// Every member, and every byte.
pub fn a_letter_comes_back_as_it_was_added_and_is_gone_once_it_is_removed(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.look(|desk| desk.next_letter()), None);
    let first = SealedLetter { tries: 3, made: at(-9), ..letter(b"\0\xff sealed", 5) };
    let (one, two) = (first.clone(), SealedLetter { site: OTHER, ..letter(b"", 4) });
    let (one, two) = bench.work(move |desk| Ok((desk.add_letter(&one)?, desk.add_letter(&two)?)));
    assert!(two > one);
    assert_eq!(bench.look(|desk| desk.next_letter()), Some(at(4)));
    let taken = bench.work(|desk| desk.take_letters(at(5), at(65), 9));
    assert_eq!(
        taken,
        [SealedLetter { id: one, due: at(65), ..first }, SealedLetter { id: two, site: OTHER, due: at(65), ..letter(b"", 4) }]
    );
    assert!(bench.work(move |desk| desk.remove_letter(one)));
    assert!(!bench.work(move |desk| desk.remove_letter(one)));
    let gone = taken[0].clone();
    let stays_gone = bench.work(move |desk| Ok(!desk.put_off_letter(&gone, at(0), 9)? && !desk.give_up_letter(&gone)?));
    assert!(stays_gone);
    assert_eq!(bench.work(|desk| desk.take_letters(at(99), at(199), 9)).len(), 1);
}

/// Of many who take at once; and again when it is due again, the oldest first.
pub fn a_letter_is_given_to_one_and_put_off(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let ids = bench.work(|desk| Ok([desk.add_letter(&letter(b"a", 0))?, desk.add_letter(&letter(b"b", 10))?]));
    assert_eq!(bench.winners(16, |desk| Ok(!desk.take_letters(at(0), at(60), 9)?.is_empty())), 1);
    assert_eq!(bench.look(|desk| desk.next_letter()), Some(at(10)));
    let first = SealedLetter { id: ids[0], due: at(60), ..letter(b"a", 0) };
    assert!(bench.work(move |desk| desk.put_off_letter(&first, at(20), 1)));
    assert!(bench.work(|desk| desk.take_letters(at(9), at(69), 9)).is_empty());
    let taken = |now: i64, limit: u32| bench.work(move |desk| desk.take_letters(at(now), at(now + 60), limit));
    let names = |letters: Vec<SealedLetter>| letters.into_iter().map(|l| (l.id, l.tries)).collect::<Vec<_>>();
    assert_eq!(names(taken(30, 1)), [(ids[1], 0)], "the oldest first");
    assert_eq!(names(taken(30, 9)), [(ids[0], 1)]);
    assert_eq!(names(taken(90, 9)), [(ids[0], 1), (ids[1], 0)], "whoever took them has died");
}

/// Whoever comes back after their time ran out settles nothing that somebody else has by now; but what was handed over is gone.
pub fn whoever_comes_late_with_a_letter_leaves_it_to_who_has_it(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_letter(&letter(b"a", 0)));
    let taken = |now: i64| bench.work(move |desk| desk.take_letters(at(now), at(now + 30), 9)).remove(0);
    let put_off = |taken: &SealedLetter, due: i64, tries: i64| {
        let taken = taken.clone();
        bench.work(move |desk| desk.put_off_letter(&taken, at(due), tries))
    };
    let given_up = |taken: &SealedLetter| {
        let taken = taken.clone();
        bench.work(move |desk| desk.give_up_letter(&taken))
    };
    let late = taken(0);
    let has_it = taken(30);
    assert!(!put_off(&late, 5, 1) && !given_up(&late));
    assert_eq!(bench.look(|desk| desk.next_letter()), Some(at(60)), "it is still being handed over");
    // Settled by somebody else, and taken again: also at a second at which the two claims end alike.
    assert!(put_off(&has_it, 0, 1));
    let again = taken(0);
    assert_eq!((again.due, again.tries), (late.due, 1));
    assert!(!put_off(&late, 5, 1) && !given_up(&late) && !given_up(&has_it));
    // Given back, it is nobody's; and whoever takes it settles it.
    assert!(put_off(&again, 7, 1));
    assert!(!given_up(&again));
    let last = taken(7);
    assert_eq!(last.tries, 1);
    assert!(given_up(&last));
    assert!(!given_up(&last));
    assert_eq!(bench.look(|desk| desk.next_letter()), None);
    // Handed over by whoever comes late, it is handed over no more.
    bench.work(|desk| desk.add_letter(&letter(b"b", 0)));
    let (late, has_it) = (taken(0), taken(30));
    assert!(bench.work(move |desk| desk.remove_letter(late.id)));
    assert!(!put_off(&has_it, 99, 1) && !given_up(&has_it));
    assert_eq!(bench.look(|desk| desk.next_letter()), None);
}

/// Written with its event or not at all.
pub fn a_letter_shares_the_fate_of_its_event_and_goes_with_its_site(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let undone = bench.try_work(|desk| {
        desk.add_letter(&letter(b"undone", 0))?;
        desk.remember(&entry("undone"))?;
        Err::<(), _>(Fault::new("the event did not happen"))
    });
    assert!(undone.is_err());
    assert_eq!(bench.look(|desk| desk.next_letter()), None);
    bench.work(|desk| desk.add_letter(&letter(b"done", 0)));
    bench.work(|desk| desk.remove_site(OTHER));
    assert_eq!(bench.look(|desk| desk.next_letter()), Some(at(0)));
    bench.work(|desk| desk.remove_site(SITE));
    assert_eq!(bench.look(|desk| desk.next_letter()), None);
}

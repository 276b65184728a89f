//! Errands: each is given to one at a time, put off, and settled once.

use super::Place;
use super::bench::{Bench, OTHER, SITE, at, entry};
use crate::audit::AuditQuery;
use crate::port::store::{Errand, ErrandQuery, Standing, Work};
use crate::refusal::Fault;
use crate::site::SiteId;

fn errand(target: &str, due: i64) -> Errand {
    Errand {
        id: 0,
        site: SITE,
        kind: "test.hook".into(),
        target: target.into(),
        about: r#"{"event":"auth"}"#.into(),
        made: at(0),
        due: at(due),
        tries: 0,
        standing: Standing::Waiting,
        heard: String::new(),
    }
}

/// All, or all of a site.
fn all(site: Option<SiteId>) -> ErrandQuery {
    ErrandQuery { site, limit: 9, ..ErrandQuery::default() }
}

/// Every member, newest first, page by page.
pub fn an_errand_comes_back_as_it_was_added(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.look(|desk| desk.next_errand()), None);
    let first = bench.work(|desk| desk.add_errand(&errand("a", 5)));
    let second = bench.work(|desk| desk.add_errand(&Errand { site: OTHER, tries: 3, heard: "500\0".into(), ..errand("b", 3) }));
    assert!(second > first);
    let (one, two) = (
        Errand { id: first, ..errand("a", 5) },
        Errand { id: second, site: OTHER, tries: 3, heard: "500\u{fffd}".into(), ..errand("b", 3) },
    );
    assert_eq!(bench.look(|desk| desk.errands(&all(None))), [two.clone(), one.clone()]);
    assert_eq!(bench.look(|desk| desk.errands(&all(Some(SITE)))), std::slice::from_ref(&one));
    assert_eq!(bench.look(|desk| desk.errands(&ErrandQuery { limit: 1, ..all(None) })), [two]);
    assert_eq!(bench.look(move |desk| desk.errands(&ErrandQuery { before: Some(second), ..all(None) })), [one]);
    assert_eq!(bench.look(|desk| desk.next_errand()), Some(at(3)));
}

/// Written with its event or not at all.
pub fn an_errand_shares_the_fate_of_its_event(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let undone = bench.try_work(|desk| {
        desk.add_errand(&errand("undone", 0))?;
        desk.remember(&entry("undone"))?;
        Err::<(), _>(Fault::new("the event did not happen"))
    });
    assert!(undone.is_err());
    assert_eq!(bench.look(|desk| desk.errands(&all(None))), []);
    assert_eq!(bench.look(|desk| desk.next_errand()), None);
    bench.work(|desk| {
        desk.remember(&entry("done"))?;
        desk.add_errand(&errand("done", 0))
    });
    let there =
        bench.look(|desk| Ok((desk.errands(&all(None))?.len(), desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() })?.len())));
    assert_eq!(there, (1, 1));
}

/// Of many who take at once, and until it is due again.
pub fn an_errand_is_given_to_one(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.add_errand(&errand("due", 0))?;
        desk.add_errand(&errand("later", 10))
    });
    assert_eq!(bench.winners(16, |desk| Ok(!desk.take_errands(at(0), at(60), 9)?.is_empty())), 1);
    assert_eq!(bench.look(|desk| desk.next_errand()), Some(at(10)));
    let names = |found: Vec<Errand>| found.into_iter().map(|e| e.target).collect::<Vec<_>>();
    assert_eq!(names(bench.work(|desk| desk.take_errands(at(10), at(70), 9))), ["later"]);
    assert!(bench.work(|desk| desk.take_errands(at(59), at(119), 9)).is_empty());
    assert_eq!(names(bench.work(|desk| desk.take_errands(at(70), at(130), 1))), ["due"], "the oldest first");
}

/// Takes the only one that is due.
fn taken(bench: &Bench, now: i64) -> Errand {
    let mut all = bench.work(move |desk| desk.take_errands(at(now), at(now + 60), 9));
    assert_eq!(all.len(), 1);
    all.remove(0)
}

fn settled(bench: &Bench, taken: &Errand, after: &Errand) -> bool {
    let (taken, after) = (taken.clone(), after.clone());
    bench.work(move |desk| desk.settle_errand(&taken, &after))
}

/// Also by whoever took it before and comes back late.
pub fn what_is_settled_is_told_no_more(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_errand(&errand("a", 0)));
    let first = taken(&bench, 0);
    let retried = Errand { due: at(5), tries: 1, heard: "503".into(), ..first.clone() };
    assert!(settled(&bench, &first, &retried));
    assert_eq!(bench.look(|desk| desk.errands(&all(None))), std::slice::from_ref(&retried));
    let second = taken(&bench, 5);
    let done = Errand { due: at(6), tries: 2, standing: Standing::Done, heard: "200".into(), ..first.clone() };
    assert!(settled(&bench, &second, &done));
    assert!(!settled(&bench, &second, &Errand { standing: Standing::Waiting, ..done.clone() }));
    assert!(!settled(&bench, &first, &retried));
    assert_eq!(bench.look(|desk| desk.errands(&all(None))), [done]);
    assert!(bench.work(|desk| desk.take_errands(at(999), at(9999), 9)).is_empty());
    assert_eq!(bench.look(|desk| desk.next_errand()), None);
}

/// Whoever comes back after their time ran out settles nothing that somebody else has by now, however it was taken since; but what was
/// heard was heard.
pub fn whoever_comes_late_with_an_errand_leaves_it_to_who_has_it(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_errand(&errand("a", 0)));
    let late = taken(&bench, 0);
    let put_off = |taken: &Errand, due: i64| Errand { due: at(due), tries: taken.tries + 1, heard: "500".into(), ..taken.clone() };
    let given_up = |taken: &Errand| Errand { standing: Standing::GivenUp, ..put_off(taken, 1) };
    let stands = || bench.look(move |desk| desk.errand(SITE, id)).map(|e| (e.standing, e.due, e.tries));
    // Taken by somebody else, of itself and by hand.
    let mut has_it = taken(&bench, 60);
    for hurried in [false, true] {
        if hurried {
            assert!(bench.work(move |desk| desk.hurry_errand(SITE, id, at(120))));
            has_it = taken(&bench, 120);
        }
        assert!(!settled(&bench, &late, &put_off(&late, 5)) && !settled(&bench, &late, &given_up(&late)));
        assert_eq!(stands(), Some((Standing::Waiting, has_it.due, 0)), "hurried: {hurried}");
        assert!(!bench.work(move |desk| desk.hurry_errand(SITE, id, at(119))), "and it is still being told");
    }
    // Settled by somebody else, and taken again: also at a second at which the two claims end alike.
    assert!(settled(&bench, &has_it, &put_off(&has_it, 0)));
    let again = taken(&bench, 0);
    assert_eq!((again.due, again.tries), (late.due, 1));
    assert!(!settled(&bench, &late, &put_off(&late, 5)) && !settled(&bench, &has_it, &given_up(&has_it)));
    // Given back, it is nobody's; and whoever takes it settles it.
    assert!(settled(&bench, &again, &Errand { due: at(7), ..again.clone() }));
    assert!(!settled(&bench, &again, &put_off(&again, 9)));
    let last = taken(&bench, 7);
    assert_eq!(last.tries, 1);
    let heard = Errand { due: at(61), tries: 1, standing: Standing::Done, heard: "200".into(), ..late.clone() };
    assert!(settled(&bench, &late, &heard), "nobody tells again what was heard");
    assert!(!settled(&bench, &last, &put_off(&last, 99)));
    assert_eq!(bench.look(|desk| desk.errands(&all(None))), [heard]);
}

/// Those that wait are kept, however old they are.
pub fn errands_that_have_ended_are_dropped_and_go_with_their_site(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.add_errand(&Errand { standing: Standing::Done, ..errand("done", 0) })?;
        desk.add_errand(&Errand { standing: Standing::GivenUp, ..errand("lost", 10) })?;
        desk.add_errand(&errand("waiting", -999))?;
        desk.add_errand(&Errand { site: OTHER, standing: Standing::Done, ..errand("another's", 0) })
    });
    bench.work(|desk| desk.drop_errands(SITE, at(10)));
    let left = bench.look(|desk| desk.errands(&all(None)));
    assert_eq!(left.iter().map(|e| e.target.as_str()).collect::<Vec<_>>(), ["another's", "waiting", "lost"]);
    bench.work(|desk| desk.sweep(at(0), 900, 0));
    assert_eq!(bench.look(|desk| desk.errands(&all(None))).len(), 3);
    bench.work(|desk| desk.remove_site(SITE));
    assert_eq!(bench.look(|desk| desk.errands(&all(None))).len(), 1);
}

/// By target, by how they stand, and page by page.
pub fn errands_are_found_by_target_and_standing(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for n in 0..6 {
            let standing = [Standing::Waiting, Standing::Done, Standing::GivenUp][n % 3];
            desk.add_errand(&Errand { tries: n as i64, standing, ..errand(if n < 4 { "a" } else { "b" }, 0) })?;
        }
        desk.add_errand(&Errand { site: OTHER, tries: 9, ..errand("a", 0) })
    });
    let found = |query: ErrandQuery| bench.look(move |desk| desk.errands(&query)).iter().map(|e| e.tries).collect::<Vec<_>>();
    let to = |target: &str| ErrandQuery { target: Some(target.into()), ..all(Some(SITE)) };
    assert_eq!(found(all(Some(SITE))), [5, 4, 3, 2, 1, 0]);
    assert_eq!(found(to("a")), [3, 2, 1, 0]);
    assert_eq!(found(to("c")), [0; 0]);
    assert_eq!(found(ErrandQuery { standing: Some(Standing::Done), ..all(Some(SITE)) }), [4, 1]);
    assert_eq!(found(ErrandQuery { standing: Some(Standing::Waiting), ..all(None) }), [9, 3, 0]);
    assert_eq!(found(ErrandQuery { standing: Some(Standing::Waiting), ..to("a") }), [3, 0]);
    let third = bench.look(|desk| desk.errands(&ErrandQuery { limit: 3, ..all(Some(SITE)) }))[2].id;
    assert_eq!(found(ErrandQuery { before: Some(third), limit: 2, ..all(Some(SITE)) }), [2, 1]);
    assert_eq!(found(ErrandQuery { before: Some(third), ..to("a") }), [2, 1, 0]);
}

/// One that waits or was given up is due at once; one that was heard, and another site's, stay as they are.
pub fn an_errand_is_hurried_unless_it_was_heard(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let ids = bench.work(|desk| {
        let waiting = desk.add_errand(&Errand { tries: 2, heard: "500".into(), ..errand("waiting", 999) })?;
        let lost = desk.add_errand(&Errand { tries: 9, standing: Standing::GivenUp, ..errand("lost", 5) })?;
        let done = desk.add_errand(&Errand { tries: 1, standing: Standing::Done, ..errand("done", 5) })?;
        Ok([waiting, lost, done])
    });
    let hurried = |site: SiteId, id: i64| bench.work(move |desk| desk.hurry_errand(site, id, at(7)));
    assert_eq!(ids.map(|id| hurried(OTHER, id)), [false; 3], "another site's");
    assert_eq!(bench.look(|desk| desk.next_errand()), Some(at(999)));
    assert_eq!(ids.map(|id| hurried(SITE, id)), [true, true, false]);
    assert!(!hurried(SITE, 999_999));
    let of = |id: i64| bench.look(move |desk| desk.errand(SITE, id)).map(|e| (e.standing, e.due, e.tries));
    assert_eq!(ids.map(of), [Some((Standing::Waiting, at(7), 2)), Some((Standing::Waiting, at(7), 9)), Some((Standing::Done, at(5), 1))]);
    assert_eq!(bench.look(move |desk| desk.errand(OTHER, ids[0])), None);
    assert_eq!(bench.work(|desk| desk.take_errands(at(7), at(60), 9)).len(), 2);
}

/// What somebody took is theirs until they settle it, or have died with it; of many who hurry and take it at once, one tells it.
pub fn an_errand_that_is_being_told_is_not_hurried(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_errand(&errand("a", 0)));
    let hurried = |second: i64| bench.work(move |desk| desk.hurry_errand(SITE, id, at(second)));
    assert!(hurried(0), "nobody has it");
    assert_eq!(taken(&bench, 0).due, at(60));
    assert!(!hurried(0) && !hurried(59), "it is being told");
    assert_eq!(bench.look(|desk| desk.next_errand()), Some(at(60)), "and stays put off");
    assert!(hurried(60), "whoever took it is long gone");
    let mut has_it = taken(&bench, 60);
    // Settled, whichever way, it is anybody's again.
    for (standing, tries) in [(Standing::Waiting, 1), (Standing::GivenUp, 2)] {
        assert!(settled(&bench, &has_it, &Errand { due: at(999), tries, standing, ..has_it.clone() }));
        let one = move |desk: &mut dyn Work| Ok(desk.hurry_errand(SITE, id, at(70))? && !desk.take_errands(at(70), at(130), 9)?.is_empty());
        assert_eq!(bench.winners(16, one), 1, "{standing:?}");
        assert!(!hurried(71));
        has_it = bench.look(move |desk| desk.errand(SITE, id)).unwrap_or(has_it);
        assert_eq!((has_it.due, has_it.tries), (at(130), tries));
    }
    // Hurried by many before anybody takes it, it is told once.
    assert!(settled(&bench, &has_it, &Errand { due: at(999), tries: 3, ..has_it.clone() }));
    assert_eq!(bench.winners(16, move |desk| desk.hurry_errand(SITE, id, at(80))), 16);
    assert_eq!(bench.winners(16, |desk| Ok(!desk.take_errands(at(80), at(140), 9)?.is_empty())), 1);
}

//! How jobs are run: all or nothing, told only when on disk, and one moment per look.

use std::sync::Arc;

use super::Place;
use super::bench::{Bench, SITE, at, entry, session, site_row};
use crate::audit::{AuditEntry, AuditQuery};
use crate::port::store::{self, Change, Look};
use crate::refusal::Fault;
use crate::testkit::block_on;

/// A store that is closed and opened again has what was acknowledged.
pub fn what_was_acknowledged_is_there_when_opened_again(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.remember(&entry("before")));
    drop(bench);
    let bench = Bench::bare(place);
    assert_eq!(actions(&bench), ["before"]);
    assert_eq!(bench.look(|desk| desk.sites()).len(), 2);
}

/// `Err` rolls back, and the fault is told.
pub fn a_job_that_errs_writes_nothing(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let fault = bench.try_work(|desk| {
        desk.remember(&entry("gone"))?;
        desk.open_session(&session(1))?;
        Err::<(), _>(Fault::new("on purpose"))
    });
    assert!(fault.unwrap_err().to_string().contains("on purpose"));
    assert_eq!(actions(&bench), [""; 0]);
    assert_eq!(bench.look(|desk| desk.session(session(1).id)), None);
}

/// A panic rolls back, is told as a fault, and the next jobs run.
pub fn a_job_that_panics_writes_nothing_and_the_store_goes_on(place: &dyn Place) {
    let bench = Bench::furnished(place);
    for _ in 0..10 {
        let fault = bench.try_work(|desk| {
            desk.remember(&entry("gone"))?;
            if at(0).0 > 0 {
                panic!("on purpose, at the writing desk");
            }
            Ok(())
        });
        assert!(fault.is_err());
        let looked = block_on(store::look(bench.store.as_ref(), |desk| {
            desk.sites()?;
            if at(0).0 > 0 {
                panic!("on purpose, at the reading desk");
            }
            Ok(())
        }));
        assert!(looked.is_err());
    }
    bench.work(|desk| desk.remember(&entry("after")));
    assert_eq!(actions(&bench), ["after"]);
}

/// A job whose statement failed is not committed, even if it says `Ok`.
pub fn a_job_that_thinks_nothing_of_a_failed_statement_writes_nothing(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let fault = bench.try_work(|desk| {
        desk.remember(&entry("gone"))?;
        desk.open_session(&session(1))?;
        assert!(desk.open_session(&session(1)).is_err(), "a session's id is unique");
        Ok(())
    });
    assert!(fault.is_err());
    assert_eq!(actions(&bench), [""; 0]);
}

/// Every reading method sees what the running job wrote.
pub fn a_job_sees_what_it_wrote(place: &dyn Place) {
    let bench = Bench::bare(place);
    bench.work(|desk| {
        desk.put_site(&site_row(SITE))?;
        assert_eq!(desk.sites()?, [site_row(SITE)]);
        desk.open_session(&session(1))?;
        assert_eq!(desk.session(session(1).id)?, Some(session(1)));
        assert!(desk.advance_session(session(1).id, 0, at(1), at(9))?);
        assert_eq!(desk.session(session(1).id)?.unwrap().generation, 1);
        assert_eq!(desk.changes_after(0)?.0, [Change::Site(SITE)]);
        assert_eq!(desk.last_change()?, desk.changes_after(0)?.1);
        desk.remember(&entry("mine"))?;
        assert_eq!(desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() })?.len(), 1);
        Ok(())
    });
}

/// Jobs that share a commit do not share their failures.
pub fn failing_jobs_leave_their_neighbours_alone(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(64, |n, desk| {
        desk.remember(&entry(&format!("job-{n:02}")))?;
        match n % 4 {
            1 => Err(Fault::new("on purpose")),
            2 if n % 8 == 2 => panic!("on purpose, among others"),
            2 => desk.open_session(&session(0)).and_then(|()| desk.open_session(&session(0))),
            _ => Ok(()),
        }
    });
    let mut expected = Vec::new();
    for (n, answer) in answers.iter().enumerate() {
        assert_eq!(answer.is_ok(), matches!(n % 4, 0 | 3), "{n}: {answer:?}");
        if answer.is_ok() {
            expected.push(format!("job-{n:02}"));
        }
    }
    let mut found = actions(&bench);
    found.sort();
    assert_eq!(found, expected);
}

/// Two hundred callers are answered, and what they were told holds after the store is opened again.
pub fn two_hundred_at_once_are_all_answered_and_durable(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(200, |n, desk| {
        desk.remember(&entry(&format!("job-{n:03}")))?;
        Ok(n)
    });
    let answers: Vec<usize> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers, (0..200).collect::<Vec<_>>());
    drop(bench);
    let mut found = actions(&Bench::bare(place));
    found.sort();
    assert_eq!(found, (0..200).map(|n| format!("job-{n:03}")).collect::<Vec<_>>());
}

/// What is committed while a look runs is not seen by it.
pub fn a_look_sees_one_moment(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let store = Arc::clone(&bench.store);
    let (before, after) = bench.look(move |desk| {
        let before = count(desk)?;
        block_on(store::work(store.as_ref(), |desk| desk.remember(&entry("meanwhile"))))?;
        Ok((before, count(desk)?))
    });
    assert_eq!((before, after), (0, 0));
    assert_eq!(actions(&bench), ["meanwhile"]);
}

/// Another process, or another node, sees what was written and can tell what changed.
pub fn two_stores_on_one_place_see_each_other(place: &dyn Place) {
    let here = Bench::furnished(place);
    let there = Bench::bare(place);
    let seen = there.look(|desk| desk.last_change());
    here.work(|desk| desk.set_password(SITE, super::bench::ALICE, Some("hash")));
    assert_eq!(there.look(move |desk| desk.changes_after(seen)).0, [Change::Account(SITE)]);
    assert_eq!(there.look(|desk| desk.password(SITE, super::bench::ALICE)).as_deref(), Some("hash"));
    let answers = std::thread::scope(|scope| {
        let threads = [&here, &there]
            .map(|bench| scope.spawn(|| bench.winners(16, |desk| desk.revoke_token(SITE, crate::token::TokenId([1; 16]), at(1)))));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(answers.iter().sum::<usize>(), 1, "one of two processes wins");
}

/// Nodes and commands may start at the same time on an empty place.
pub fn many_may_open_a_fresh_place_at_once(place: &dyn Place) {
    std::thread::scope(|scope| {
        for n in 0..4 {
            scope.spawn(move || Bench::bare(place).work(move |desk| desk.remember(&entry(&format!("opener-{n}")))));
        }
    });
    assert_eq!(actions(&Bench::bare(place)).len(), 4);
}

fn count(desk: &mut dyn Look) -> Result<usize, Fault> {
    desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() }).map(|found| found.len())
}

fn actions(bench: &Bench) -> Vec<String> {
    let found: Vec<AuditEntry> = bench.look(|desk| desk.audit(&AuditQuery { limit: 1000, ..AuditQuery::default() }));
    found.into_iter().map(|e| e.action).collect()
}

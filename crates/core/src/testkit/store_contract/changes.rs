//! The feed of changes: nothing is missed, nothing is out of order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, account, api_token, at, entry, session, site_row};
use crate::account::Account;
use crate::flow::sweep::follow;
use crate::house::{House, Terms};
use crate::limit::AttemptKey;
use crate::port::hasher::{BoxFuture, Hasher, Overload, StoredHash, Weighed, Weighing};
use crate::port::store::{Change, KeyRow, Sealed, SiteRow};
use crate::refusal::Fault;
use crate::secret::Secret;
use crate::testkit::block_on;
use crate::token::{Algorithm, TokenId};
use crate::vault::Vault;

/// By the methods themselves, once per job and kind, and told to the caller as well.
pub fn what_nodes_keep_in_memory_is_noted(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let key = || KeyRow {
        site: SITE,
        dialect: "wapka".into(),
        kid: "k".into(),
        algorithm: Algorithm::Hs256,
        material: Sealed(vec![1]),
        created: at(0),
        retired: None,
    };
    let (site, alice) = ([Change::Site(SITE)], [Change::Account(SITE)]);
    assert_eq!(bench.noted(|desk| desk.put_site(&site_row(SITE))), site);
    assert_eq!(bench.noted(move |desk| desk.put_key(&key())), site);
    assert_eq!(bench.noted(|desk| desk.remove_key(SITE, "wapka", "k")), site);
    assert_eq!(bench.noted(|desk| desk.put_account(&Account { level: 3, ..account(SITE, ALICE, "Alice") })), alice);
    assert_eq!(bench.noted(|desk| desk.set_password(SITE, ALICE, Some("h"))), alice);
    let id = bench.work(|desk| desk.add_api_token(&api_token("t")));
    assert_eq!(bench.noted(move |desk| desk.revoke_api_token(SITE, id, at(0))), alice);
    assert_eq!(bench.noted(|desk| desk.put_totp(SITE, ALICE, &Sealed(vec![1]))), alice);
    assert_eq!(bench.noted(|desk| desk.remove_totp(SITE, ALICE)), alice);
    let revoked = [Change::Revoked(TokenId([1; 16]), at(9))];
    assert_eq!(bench.noted(|desk| desk.revoke_token(SITE, TokenId([1; 16]), at(9))), revoked);
    assert_eq!(bench.noted(|desk| desk.remove_site(SITE)), site);
    let many = bench.noted(|desk| {
        for number in 10..20 {
            desk.put_account(&account(OTHER, number, &format!("n{number}")))?;
        }
        desk.put_site(&site_row(OTHER))
    });
    assert_eq!(many, [Change::Account(OTHER), Change::Site(OTHER)]);
}

/// What changed nothing, and what is read from the store every time.
pub fn what_they_do_not_keep_is_not_noted(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.set_password(SITE, ALICE, Some("h"))?;
        desk.revoke_token(SITE, TokenId([1; 16]), at(9))
    });
    let last = bench.look(|desk| desk.last_change());
    let noted = bench.noted(|desk| {
        desk.put_account(&account(SITE, ALICE, "Alice"))?;
        desk.put_account(&account(SITE, 8, "Alice"))?;
        desk.swap_password(SITE, ALICE, "h", "h2")?;
        desk.set_pad(SITE, "x")?;
        desk.set_meta(SITE, ALICE, "{}")?;
        desk.remove_key(SITE, "wapka", "none")?;
        desk.remove_totp(SITE, ALICE)?;
        desk.revoke_api_token(SITE, 99, at(0))?;
        desk.revoke_token(SITE, TokenId([1; 16]), at(9))?;
        desk.put_recovery_codes(SITE, ALICE, &[[1; 32]])?;
        desk.spend_recovery_code(SITE, ALICE, &[1; 32])?;
        desk.open_session(&session(1))?;
        desk.advance_session(session(1).id, 0, at(0), at(9))?;
        desk.end_session(session(1).id, at(0), "x")?;
        desk.charge(AttemptKey([1; 16]), at(0), 9)?;
        desk.remember(&entry("x"))?;
        desk.remove_site(crate::site::SiteId(99))
    });
    assert_eq!(noted, []);
    assert_eq!(bench.look(|desk| desk.last_change()), last);
}

/// After a position come the later ones, in order; where there are none, the position stays.
pub fn the_feed_is_in_order_and_has_positions(place: &dyn Place) {
    let bench = Bench::bare(place);
    assert_eq!(bench.look(|desk| desk.changes_after(0)), (Vec::new(), 0));
    assert_eq!(bench.look(|desk| desk.last_change()), 0);
    let feed = [Change::Site(SITE), Change::Account(OTHER), Change::Revoked(TokenId([200; 16]), at(5)), Change::Account(SITE)];
    for change in feed {
        bench.work(move |desk| desk.note(change, at(0)));
    }
    let (found, last) = bench.look(|desk| desk.changes_after(0));
    assert_eq!(found, feed);
    assert_eq!(bench.look(|desk| desk.last_change()), last);
    assert_eq!(bench.look(move |desk| desk.changes_after(last)), (Vec::new(), last));
    bench.work(|desk| desk.note(Change::Site(OTHER), at(1)));
    let (found, next) = bench.look(move |desk| desk.changes_after(last));
    assert_eq!(found, [Change::Site(OTHER)]);
    assert!(next > last);
}

/// A node that was away until its changes were swept cannot know what it missed: it forgets all, and only then.
pub fn a_node_that_was_away_too_long_starts_anew(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.put_site(&SiteRow { dialects: Vec::new(), ..site_row(SITE) }));
    bench.work(|desk| desk.remove_site(OTHER));
    let house = house(&bench);
    block_on(house.reload()).unwrap();
    let epoch = || house.directory().by_id(SITE).unwrap().epoch();
    let mut position = bench.look(|desk| desk.last_change());
    assert!((1..=position).contains(&bench.look(|desk| desk.first_change())));
    let (before, token) = (epoch(), TokenId([7; 16]));
    // Swept behind its back, with nothing missed: it goes on as it was.
    bench.work(|desk| desk.sweep(at(9999), 900, 0));
    for _ in 0..2 {
        bench.work(move |desk| desk.note(Change::Revoked(TokenId([1; 16]), at(99_999)), at(9999)));
        position = block_on(follow(&house, position)).unwrap().0;
        assert_eq!(epoch(), before);
    }
    // Two changes, of which the first is swept before it comes back: a revocation and an account are not missed.
    bench.work(move |desk| desk.revoke_token(SITE, token, at(8_000_000_000)));
    bench.work(|desk| desk.note(Change::Account(SITE), at(0)));
    bench.work(|desk| desk.note(Change::Revoked(TokenId([2; 16]), at(99_999)), at(0)));
    bench.work(|desk| desk.sweep(at(4_000_000_000), 900, 0));
    assert_eq!(bench.look(|desk| desk.first_change()), bench.look(|desk| desk.last_change()));
    let (next, problems) = block_on(follow(&house, position)).unwrap();
    assert_eq!((next, problems), (bench.look(|desk| desk.last_change()), Vec::new()));
    assert!(epoch() > before && house.memory().is_revoked(&token));
    let settled = epoch();
    block_on(follow(&house, next)).unwrap();
    assert_eq!(epoch(), settled, "once");
}

/// A house on the bench's store, in which nobody can log in.
fn house(bench: &Bench) -> House {
    struct Nobody;
    impl Hasher for Nobody {
        fn weigh<'a>(&'a self, _work: Weighing) -> BoxFuture<'a, Result<Weighed, Overload>> {
            Box::pin(async { Err(Overload { retry_after: 1 }) })
        }
        fn hash<'a>(&'a self, _password: Secret) -> BoxFuture<'a, Result<StoredHash, Overload>> {
            Box::pin(async { Err(Overload { retry_after: 1 }) })
        }
    }
    let vault = Vault::new(&Secret::new([7; 32])).unwrap();
    House::new(Terms::new(Arc::clone(&bench.store), Arc::new(Nobody), vault, Vec::new(), Secret::new([8; 32])))
}

/// All or nothing holds for notes too.
pub fn a_job_that_is_rolled_back_notes_nothing(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let last = bench.look(|desk| desk.last_change());
    let fault = bench.try_work(|desk| {
        desk.put_site(&site_row(SITE))?;
        desk.last_change()?;
        Err::<(), _>(Fault::new("on purpose"))
    });
    assert!(fault.is_err());
    assert_eq!(bench.look(move |desk| desk.changes_after(last)), (Vec::new(), last));
}

/// While eight write, one follows: each change is seen once, and a position once passed is never filled later.
pub fn a_reader_of_the_feed_misses_nothing(place: &dyn Place) {
    let bench = Bench::bare(place);
    let done = AtomicBool::new(false);
    let seen = std::thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let (mut seen, mut position) = (Vec::new(), 0);
            loop {
                let last_round = done.load(Ordering::Acquire);
                let (found, next) = bench.look(move |desk| desk.changes_after(position));
                seen.extend(found);
                position = next;
                if last_round {
                    return seen;
                }
            }
        });
        let writers: Vec<_> = (0..8_u8)
            .map(|thread| {
                let bench = &bench;
                scope.spawn(move || {
                    for n in 0..25 {
                        let token = TokenId([[thread; 8], [n; 8]].concat().try_into().unwrap());
                        bench.work(move |desk| desk.revoke_token(SITE, token, at(9)));
                    }
                })
            })
            .collect();
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Release);
        reader.join().unwrap()
    });
    let mut tokens: Vec<TokenId> =
        seen.iter().filter_map(|change| if let Change::Revoked(token, _) = change { Some(*token) } else { None }).collect();
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!((seen.len(), tokens.len()), (200, 200));
}

//! What the console keeps: powers, visits, tickets, passkeys, self-service; and what it takes back.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, api_token, at, session};
use crate::account::{Account, Power, Status};
use crate::port::store::{Change, Passkey, Sealed, SelfService, Ticket, Visit, Work};
use crate::refusal::Fault;
use crate::site::SiteId;

fn ticket(key: u8) -> Ticket {
    let (kind, key, note) = ("console.test".into(), [key; 32], Sealed(vec![1, 2, 3]));
    Ticket { kind, key, site: SITE, account: ALICE, note, created: at(0), expires: at(100) }
}

fn passkey(id: &[u8]) -> Passkey {
    Passkey {
        id: id.to_vec(),
        site: SITE,
        account: ALICE,
        name: "a key".into(),
        public: "{}".into(),
        counter: 5,
        created: at(0),
        used: None,
    }
}

/// None until it is given; replaced; gone with its account's site; an account that is not there gets none.
pub fn power_is_given_replaced_and_taken(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let power = || bench.look(|desk| desk.power(SITE, ALICE));
    assert_eq!(power(), Power::None);
    for given in [Power::Admin, Power::Owner, Power::None, Power::Owner] {
        bench.work(move |desk| desk.set_power(SITE, ALICE, given));
        assert_eq!(power(), given);
    }
    bench.work(|desk| desk.set_power(OTHER, ALICE, Power::Admin));
    assert_eq!(bench.look(|desk| desk.powers()), [(SITE, ALICE, Power::Owner), (OTHER, ALICE, Power::Admin)]);
    assert!(bench.try_work(|desk| desk.set_power(SITE, 99, Power::Admin)).is_err(), "nobody is there");
    bench.work(|desk| desk.remove_site(SITE));
    assert_eq!(bench.look(|desk| desk.powers()), [(OTHER, ALICE, Power::Admin)]);
}

/// Made with its session, replaced, and gone when the session is swept.
pub fn a_visit_belongs_to_its_session(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let visit = Visit { session: session(1).id, seen: at(1), proven: at(0), factors: "password totp".into() };
    let early = visit.clone();
    assert!(bench.try_work(move |desk| desk.put_visit(&early)).is_err(), "there is no such session");
    let (first, later) = (visit.clone(), Visit { seen: at(60), ..visit });
    bench.work(move |desk| {
        desk.open_session(&session(1))?;
        desk.put_visit(&first)
    });
    let put = later.clone();
    bench.work(move |desk| desk.put_visit(&put));
    assert_eq!(bench.look(|desk| desk.visit(session(1).id)), Some(later));
    assert_eq!(bench.look(|desk| desk.visit(session(2).id)), None);
    bench.work(|desk| desk.sweep(at(3600 + 31 * 86_400), 900, 0));
    assert_eq!(bench.look(|desk| desk.visit(session(1).id)), None);
}

/// Given to one of many; not at or after its end; looking takes nothing; another kind is another ticket.
pub fn a_ticket_is_taken_once_and_in_time(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_ticket(&ticket(1)));
    assert_eq!(bench.look(|desk| desk.ticket("console.test", &[1; 32])), Some(ticket(1)));
    assert_eq!(bench.work(|desk| desk.take_ticket("console.other", &[1; 32], at(1))), None);
    assert_eq!(bench.work(|desk| desk.take_ticket("console.test", &[1; 32], at(100))), None, "at its end");
    assert_eq!(bench.winners(16, |desk| Ok(desk.take_ticket("console.test", &[1; 32], at(99))?.is_some())), 1);
    assert_eq!(bench.look(|desk| desk.ticket("console.test", &[1; 32])), None);
    // Nobody's, of no site; replaced by the next of its key; dropped by owner and kind; swept at its end.
    let nobodys = Ticket { site: SiteId(0), account: 0, ..ticket(2) };
    let (put, again) = (nobodys.clone(), Ticket { expires: at(200), ..nobodys });
    let expected = again.clone();
    bench.work(move |desk| {
        desk.add_ticket(&put)?;
        desk.add_ticket(&again)?;
        desk.add_ticket(&ticket(3))?;
        desk.add_ticket(&Ticket { site: OTHER, ..ticket(4) })?;
        desk.drop_tickets("console.test", SITE, ALICE)
    });
    let there = |key: u8| bench.look(move |desk| desk.ticket("console.test", &[key; 32]));
    assert_eq!((there(2), there(3), there(4).is_some()), (Some(expected), None, true));
    bench.work(|desk| desk.sweep(at(100), 900, 0));
    assert_eq!((there(2).is_some(), there(4)), (true, None));
}

/// Unique in the server; named, used and removed by its owner; its counter moves for one of many.
pub fn a_passkey_is_kept_and_its_counter_moves_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert!(bench.work(|desk| desk.add_passkey(&passkey(b"one"))));
    assert!(!bench.work(|desk| desk.add_passkey(&Passkey { site: OTHER, ..passkey(b"one") })), "known, whoever's it is");
    assert!(bench.work(|desk| desk.add_passkey(&Passkey { created: at(1), ..passkey(b"two") })));
    let ids = || bench.look(|desk| desk.passkeys(SITE, ALICE)).into_iter().map(|p| p.id).collect::<Vec<_>>();
    assert_eq!(ids(), [b"one".to_vec(), b"two".to_vec()]);
    assert_eq!(bench.look(|desk| desk.passkey(b"one")), Some(passkey(b"one")));
    assert_eq!(bench.look(|desk| desk.passkeys(OTHER, ALICE)), []);
    assert!(!bench.work(|desk| desk.name_passkey(OTHER, ALICE, b"one", "mine")));
    assert!(bench.work(|desk| desk.name_passkey(SITE, ALICE, b"one", "the blue one")));
    let next = Passkey { counter: 6, used: Some(at(9)), public: "{\"n\":6}".into(), ..passkey(b"one") };
    let used = next.clone();
    assert_eq!(bench.winners(16, move |desk| desk.use_passkey(&used, 5)), 1);
    assert_eq!(bench.look(|desk| desk.passkey(b"one")), Some(Passkey { name: "the blue one".into(), ..next }));
    assert!(!bench.work(|desk| desk.remove_passkey(OTHER, ALICE, b"one")));
    assert!(bench.work(|desk| desk.remove_passkey(SITE, ALICE, b"one")));
    assert!(!bench.work(|desk| desk.remove_passkey(SITE, ALICE, b"one")));
    assert_eq!(ids(), [b"two".to_vec()]);
}

/// Nothing until it is set; replaced; gone with its site.
pub fn self_service_is_set_per_site(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.look(|desk| desk.self_service(SITE)), None);
    let offers = SelfService { register: true, reset: false, change_email: true, roles: vec!["author".into(), "x y".into()], level: 2 };
    let set = offers.clone();
    bench.work(move |desk| {
        desk.set_self_service(SITE, &SelfService::default())?;
        desk.set_self_service(SITE, &set)
    });
    assert_eq!(bench.look(|desk| desk.self_service(SITE)), Some(offers));
    assert_eq!(bench.look(|desk| desk.self_service(OTHER)), None);
    assert!(bench.try_work(|desk| desk.set_self_service(SiteId(99), &SelfService::default())).is_err());
    bench.work(|desk| desk.remove_site(SITE));
    assert_eq!(bench.look(|desk| desk.self_service(SITE)), None);
}

/// Only what was revoked; and nodes are told.
pub fn a_revocation_is_taken_back(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_api_token(&api_token("t")));
    assert!(!bench.work(move |desk| desk.restore_api_token(SITE, id)), "it lives");
    bench.work(move |desk| desk.revoke_api_token(SITE, id, at(1)));
    assert!(!bench.work(move |desk| desk.restore_api_token(OTHER, id)));
    assert_eq!(bench.noted(move |desk| desk.restore_api_token(SITE, id)), [Change::Account(SITE)]);
    assert_eq!(bench.look(move |desk| desk.api_token_by_id(SITE, id)).unwrap().revoked, None);
}

/// In the transaction that deletes it, and not when that is rolled back; whoever is taken back has none of it. Others keep theirs.
pub fn whoever_is_deleted_loses_power_passkeys_and_tickets(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let theirs = Passkey { site: OTHER, ..passkey(b"theirs") };
    bench.work(move |desk| {
        desk.set_power(SITE, ALICE, Power::Owner)?;
        desk.set_power(OTHER, ALICE, Power::Admin)?;
        assert!(desk.add_passkey(&passkey(b"one"))? && desk.add_passkey(&theirs)?);
        desk.add_ticket(&ticket(1))
    });
    let left = || {
        bench.look(|desk| {
            let (power, passkeys) = (desk.power(SITE, ALICE)?, desk.passkeys(SITE, ALICE)?.len());
            Ok((power, passkeys, desk.ticket("console.test", &[1; 32])?.is_some()))
        })
    };
    let turn = |status: Status| {
        move |desk: &mut dyn Work| {
            let account = desk.account(SITE, ALICE)?.unwrap();
            desk.put_account(&Account { status, ..account })
        }
    };
    bench.work(turn(Status::Banned));
    assert_eq!(left(), (Power::Owner, 1, true), "whoever is banned may come back as they were");
    let undone = bench.try_work(move |desk| turn(Status::Deleted)(desk).and_then(|_| Err::<(), _>(Fault::new("on purpose"))));
    assert!(undone.is_err());
    assert_eq!(left(), (Power::Owner, 1, true));
    bench.work(turn(Status::Deleted));
    assert_eq!(left(), (Power::None, 0, false));
    bench.work(turn(Status::Active));
    assert_eq!(left(), (Power::None, 0, false));
    assert_eq!(bench.look(|desk| Ok((desk.power(OTHER, ALICE)?, desk.passkeys(OTHER, ALICE)?.len()))), (Power::Admin, 1));
}

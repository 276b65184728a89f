//! Accounts: uniqueness, handles, passwords.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, account, at};
use crate::account::{Account, Handle, Status};
use crate::port::store::{Put, Sealed};

/// Made, Same, Changed; every member comes back; a second factor is never taken from the row that is put.
pub fn putting_says_how_it_ended(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let bob = Account {
        email: "Bob.B@Example.COM".into(),
        url: "https://bob.example".into(),
        roles: vec!["z".into(), "a \"quoted\" role".into()],
        level: 10,
        status: Status::Banned,
        avatar: Some("https://a.example/1.png".into()),
        service: true,
        valid_after: at(-5),
        ..account(SITE, 8, "Bôb")
    };
    let put = |account: &Account| {
        let account = account.clone();
        bench.work(move |desk| desk.put_account(&account))
    };
    assert_eq!(put(&bob), Put::Made);
    assert_eq!(bench.look(|desk| desk.account(SITE, 8)), Some(bob.clone()));
    assert_eq!(put(&bob), Put::Same);
    assert_eq!(put(&Account { second_factor: true, ..bob.clone() }), Put::Same);
    let moved = Account { valid_after: at(0), status: Status::Active, avatar: None, ..bob };
    assert_eq!(put(&moved), Put::Changed);
    assert_eq!(bench.look(|desk| desk.account(SITE, 8)), Some(moved.clone()));
    bench.work(|desk| desk.put_totp(SITE, 8, &Sealed(vec![1])));
    assert_eq!(put(&moved), Put::Same);
    assert_eq!(bench.look(|desk| desk.account(SITE, 8)), Some(Account { second_factor: true, ..moved }));
    assert_eq!(bench.look(|desk| desk.account(OTHER, 8)), None);
}

/// Folded, per site; an empty address is nobody's; what is taken writes nothing.
pub fn names_and_addresses_are_unique_in_a_site_whatever_their_case(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let put = |account: Account| bench.work(move |desk| desk.put_account(&account));
    assert_eq!(put(account(SITE, 8, " aLICE ")), Put::Taken("login"));
    assert_eq!(put(Account { email: "ALICE@example.com".into(), ..account(SITE, 8, "bob") }), Put::Taken("email"));
    assert_eq!(bench.look(|desk| desk.accounts(SITE, 0, 9)).len(), 1);
    assert_eq!(put(Account { email: String::new(), ..account(SITE, 8, "bob") }), Put::Made);
    assert_eq!(put(Account { email: " ".into(), ..account(SITE, 9, "carol") }), Put::Made);
    assert_eq!(put(Account { email: "alice@EXAMPLE.com".into(), ..account(SITE, 9, "carol") }), Put::Taken("email"));
    assert_eq!(put(account(SITE, 9, "BOB")), Put::Taken("login"));
    assert_eq!(bench.look(|desk| desk.account(SITE, 9)).unwrap().login, "carol");
    assert_eq!(put(account(SITE, ALICE, "ALICE")), Put::Changed, "one's own name in another case");
    assert_eq!(put(account(OTHER, 8, "bob")), Put::Made, "the same name on another site");
    assert_eq!(put(account(SITE, 10, "Größe")), Put::Made);
    assert_eq!(put(account(SITE, 11, "GRÖSSE")), Put::Made, "ß is not ss");
    assert_eq!(put(Account { email: String::new(), ..account(SITE, 12, "GRÖßE") }), Put::Taken("login"));
}

/// By number, login, address, or either; never by an empty address, and never on another site.
pub fn an_account_is_found_by_every_handle(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.put_account(&Account { email: String::new(), ..account(SITE, 8, "Bob") })?;
        // A login name that is another's address.
        desk.put_account(&Account { email: "d@example.com".into(), ..account(SITE, 9, "x@example.com") })?;
        desk.put_account(&Account { email: "X@example.com".into(), ..account(SITE, 10, "dora") })
    });
    let rows = [
        (Handle::Number(ALICE), Some(ALICE)),
        (Handle::Number(99), None),
        (Handle::Login(" ALICE".into()), Some(ALICE)),
        (Handle::Login("Alice@example.com".into()), None),
        (Handle::Email("alice@example.com ".into()), Some(ALICE)),
        (Handle::Email("alice".into()), None),
        (Handle::Email(String::new()), None),
        (Handle::Email("  ".into()), None),
        (Handle::LoginOrEmail("alice".into()), Some(ALICE)),
        (Handle::LoginOrEmail("alice@example.com".into()), Some(ALICE)),
        (Handle::LoginOrEmail("bob".into()), Some(8)),
        (Handle::LoginOrEmail("x@example.com".into()), Some(9)),
        (Handle::Email("x@example.com".into()), Some(10)),
        (Handle::LoginOrEmail(String::new()), None),
        (Handle::Login("alice\0".into()), None),
        (Handle::Email("alice@example.com\0".into()), None),
        (Handle::LoginOrEmail("\0@".into()), None),
        (Handle::Login("alice' OR 1=1 --".into()), None),
        (Handle::Login("%".into()), None),
    ];
    for (handle, expected) in rows {
        let asked = handle.clone();
        assert_eq!(bench.look(move |desk| desk.account_by(SITE, &asked)).map(|a| a.number), expected, "{handle:?}");
    }
    assert_eq!(bench.look(|desk| desk.account_by(OTHER, &Handle::Login("bob".into()))), None);
}

/// In order, after a number, at most so many; deleted ones keep their number.
pub fn accounts_are_paged_by_number(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.look(|desk| desk.last_account(crate::site::SiteId(99))), 0);
    bench.work(|desk| {
        desk.put_account(&account(SITE, 100, "c"))?;
        desk.put_account(&account(SITE, 3, "a"))?;
        desk.put_account(&Account { status: Status::Deleted, ..account(SITE, 200, "d") })
    });
    let numbers = |after, limit| bench.look(move |desk| desk.accounts(SITE, after, limit)).iter().map(|a| a.number).collect::<Vec<_>>();
    assert_eq!(numbers(0, 9), [3, 7, 100, 200]);
    assert_eq!(numbers(3, 2), [7, 100]);
    assert_eq!(numbers(200, 9), [0; 0]);
    assert_eq!(bench.look(|desk| desk.last_account(SITE)), 200);
    assert_eq!(bench.look(|desk| desk.last_account(OTHER)), ALICE);
}

/// A rehash replaces only what was weighed; putting the account leaves the password alone.
pub fn passwords_are_set_swapped_and_kept(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let password = || bench.look(|desk| desk.password(SITE, ALICE));
    assert_eq!(password(), None);
    bench.work(|desk| desk.set_password(SITE, ALICE, Some("$P$old")));
    assert_eq!(password().as_deref(), Some("$P$old"));
    assert!(!bench.work(|desk| desk.swap_password(SITE, ALICE, "$P$other", "$new")));
    assert_eq!(bench.winners(16, |desk| desk.swap_password(SITE, ALICE, "$P$old", "$new")), 1);
    assert_eq!(password().as_deref(), Some("$new"));
    bench.work(|desk| desk.put_account(&Account { level: 9, ..account(SITE, ALICE, "Alice") }));
    assert_eq!(password().as_deref(), Some("$new"));
    assert_eq!(bench.look(|desk| desk.password(OTHER, ALICE)), None);
    bench.work(|desk| desk.set_password(SITE, ALICE, None));
    assert_eq!(password(), None);
    assert!(!bench.work(|desk| desk.swap_password(SITE, ALICE, "$new", "$newer")));
    assert!(bench.try_work(|desk| desk.set_password(SITE, 99, Some("x"))).is_err(), "no such account");
}

/// An empty object at first.
pub fn fields_are_kept(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.look(|desk| desk.meta(SITE, ALICE)), "{}");
    bench.work(|desk| desk.set_meta(SITE, ALICE, r#"{"b":1,"a":"ü"}"#));
    bench.work(|desk| desk.put_account(&Account { level: 9, ..account(SITE, ALICE, "Alice") }));
    assert_eq!(bench.look(|desk| desk.meta(SITE, ALICE)), r#"{"b":1,"a":"ü"}"#);
    assert_eq!(bench.look(|desk| desk.meta(SITE, 99)), "{}");
    assert!(bench.try_work(|desk| desk.set_meta(SITE, 99, "{}")).is_err(), "no such account");
}

/// The last number and the putting of the next belong together.
pub fn two_who_register_at_once_get_different_numbers(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(16, |n, desk| {
        let number = desk.last_account(SITE)? + 1;
        Ok((number, desk.put_account(&account(SITE, number, &format!("new-{n}")))?))
    });
    let mut numbers = Vec::new();
    for answer in answers {
        let (number, put) = answer.unwrap();
        assert_eq!(put, Put::Made);
        numbers.push(number);
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (ALICE + 1..=ALICE + 16).collect::<Vec<_>>());
}

/// One is made, the others are told that it is taken; nobody gets a fault.
pub fn of_many_who_want_a_name_at_once_one_gets_it(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(16, |n, desk| {
        let number = 100 + i64::try_from(n).unwrap_or(0);
        desk.put_account(&Account { email: String::new(), ..account(SITE, number, if n % 2 == 0 { "same" } else { "SAME" }) })
    });
    let puts: Vec<Put> = answers.into_iter().map(Result::unwrap).collect();
    assert_eq!(puts.iter().filter(|put| **put == Put::Made).count(), 1);
    assert_eq!(puts.iter().filter(|put| **put == Put::Taken("login")).count(), 15);
}

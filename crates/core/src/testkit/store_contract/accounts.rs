//! Accounts: uniqueness, handles, passwords.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, account, at};
use crate::account::{Account, Handle, Status};
use crate::port::store::{AccountQuery, Put, Sealed};

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

/// To the letter, per site, by number, at most ten; who is deleted has none.
pub fn a_nicename_is_its_accounts_until_it_is_gone(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let named = |site, name: &'static str| bench.look(move |desk| desk.nicenamed(site, name)).iter().map(|a| a.number).collect::<Vec<_>>();
    let with = |number, name: &str| Account { nicename: name.into(), email: String::new(), ..account(SITE, number, &format!("u{number}")) };
    for one in [with(12, "same"), with(11, "same"), with(13, "Same"), Account { status: Status::Banned, ..with(14, "other") }] {
        bench.work(move |desk| desk.put_account(&one));
    }
    bench.work(|desk| desk.put_account(&account(OTHER, 8, "same")));
    assert_eq!(named(SITE, "same"), [11, 12]);
    assert_eq!((named(SITE, "Same"), named(SITE, "other"), named(OTHER, "same")), (vec![13], vec![14], vec![8]));
    for nobody in ["nobody", "sam%", "same\0", "same' OR 1=1 --"] {
        assert!(named(SITE, nobody).is_empty(), "{nobody}");
    }
    let gone = Account { status: Status::Deleted, ..with(11, "same") };
    bench.work(move |desk| desk.put_account(&gone));
    assert_eq!(named(SITE, "same"), [12]);
    for number in 20..40 {
        let one = with(number, "same");
        bench.work(move |desk| desk.put_account(&one));
    }
    assert_eq!(named(SITE, "same"), [12, 20, 21, 22, 23, 24, 25, 26, 27, 28]);
}

/// Of accounts that are made at once, each finds the nicenames of those before it.
pub fn of_many_with_one_nicename_each_has_its_own(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(8, |n, desk| {
        let wanted = Account { nicename: "same".into(), email: String::new(), ..account(SITE, 0, &format!("new-{n}")) };
        let made = crate::flow::accounts::numbered_in(desk, wanted)?;
        desk.put_account(&made)?;
        Ok(made.nicename)
    });
    let mut names: Vec<String> = answers.into_iter().map(Result::unwrap).collect();
    names.sort_unstable();
    assert_eq!(names, ["same", "same-2", "same-3", "same-4", "same-5", "same-6", "same-7", "same-8"]);
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

/// The mark is of the password: it goes with the next one, and stays with the same in another form, or with another profile.
pub fn a_given_password_is_marked_until_the_next(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let given = |site| bench.look(move |desk| desk.is_password_given(site, ALICE));
    assert!(!given(SITE));
    bench.work(|desk| desk.set_password(SITE, ALICE, Some("$P$given")));
    assert!(!given(SITE));
    bench.work(|desk| desk.mark_password_given(SITE, ALICE));
    assert_eq!((given(SITE), given(OTHER)), (true, false));
    assert!(bench.work(|desk| desk.swap_password(SITE, ALICE, "$P$given", "$new")));
    bench.work(|desk| desk.put_account(&Account { level: 9, ..account(SITE, ALICE, "Alice") }));
    assert!(given(SITE), "the same password, and the same person");
    bench.work(|desk| desk.set_password(SITE, ALICE, Some("$own")));
    assert!(!given(SITE));
    assert!(!bench.look(|desk| desk.is_password_given(SITE, 99)));
    assert!(bench.try_work(|desk| desk.mark_password_given(SITE, 99)).is_err(), "no such account");
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

/// By the beginning of login, address or shown name, whatever the letter case; by number; by role, status and kind; in pages.
pub fn accounts_are_found_by_what_they_begin_with(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let named = |number, login: &str, email: &str, shown: &str| Account {
        email: email.into(),
        display_name: shown.into(),
        ..account(SITE, number, login)
    };
    bench.work(move |desk| {
        desk.put_account(&Account { roles: vec!["editor".into(), "it's \"odd\"".into()], ..named(8, "bob", "zoe@example.com", "Özil") })?;
        desk.put_account(&Account { roles: vec!["editor".into()], service: true, ..named(9, "al_bot", "", "Robot %") })?;
        desk.put_account(&Account { status: Status::Banned, ..named(10, "Zed", "b@example.com", "b") })?;
        desk.put_account(&Account {
            status: Status::Deleted,
            roles: vec!["editor".into()],
            ..named(11, "alma", "alma@example.com", "Alma")
        })?;
        desk.put_account(&named(800, "zz", "zz@example.com", &"x".repeat(5000)))?;
        desk.put_account(&Account { roles: vec!["editor".into()], ..account(OTHER, 12, "alice-there") })
    });
    let all = AccountQuery { site: SITE, text: String::new(), role: None, status: None, service: None, after: 0, limit: 100 };
    let numbers = |query: AccountQuery| {
        let found = bench.look(move |desk| desk.find_accounts(&query));
        found.into_iter().map(|a| a.number).collect::<Vec<_>>()
    };
    let text = |text: &str| AccountQuery { text: text.into(), ..all.clone() };
    let rows = [
        (all.clone(), vec![ALICE, 8, 9, 10, 800]),
        (text(" AL"), vec![ALICE, 9]),
        (text("alice@EX"), vec![ALICE]),
        (text("öZ"), vec![8]),
        (text("B"), vec![8, 10]),
        (text("zo"), vec![8]),
        (text("ob"), vec![]),
        (text("8"), vec![8]),
        (text("80"), vec![]),
        (text("al_"), vec![9]),
        (text("a%"), vec![]),
        (text("robot %"), vec![9]),
        (text(&"X".repeat(100)), vec![800]),
        (text("' OR 1=1 --"), vec![]),
        (text("a\0"), vec![]),
        (AccountQuery { role: Some("editor".into()), ..all.clone() }, vec![8, 9]),
        (AccountQuery { role: Some("it's \"odd\"".into()), ..all.clone() }, vec![8]),
        (AccountQuery { role: Some("edit".into()), ..all.clone() }, vec![]),
        (AccountQuery { role: Some("a\0".into()), ..all.clone() }, vec![]),
        (AccountQuery { status: Some(Status::Banned), ..all.clone() }, vec![10]),
        (AccountQuery { status: Some(Status::Deleted), ..all.clone() }, vec![11]),
        (AccountQuery { service: Some(true), ..all.clone() }, vec![9]),
        (AccountQuery { service: Some(false), ..all.clone() }, vec![ALICE, 8, 10, 800]),
        (AccountQuery { after: 8, limit: 2, ..all.clone() }, vec![9, 10]),
        (AccountQuery { limit: 0, ..all.clone() }, vec![]),
        (AccountQuery { role: Some("editor".into()), service: Some(true), status: Some(Status::Active), after: 1, ..text("al") }, vec![9]),
    ];
    for (query, expected) in rows {
        assert_eq!(numbers(query.clone()), expected, "{query:?}");
    }
    let of = |name: &str, count| (name.to_owned(), count);
    let mut expected = vec![of("editor", 2), of("it's \"odd\"", 1)];
    expected.extend(account(SITE, ALICE, "Alice").roles.into_iter().map(|role| (role, 3)));
    expected.sort();
    assert_eq!(bench.look(|desk| desk.roles(SITE, 99)), expected);
    assert_eq!(bench.look(|desk| Ok((desk.count_accounts(SITE, 99)?, desk.count_accounts(OTHER, 99)?))), (5, 2));
    // No further than anybody reads on.
    assert_eq!(bench.look(|desk| Ok((desk.count_accounts(SITE, 4)?, desk.count_accounts(SITE, 3)?))), (5, 4));
    assert!(bench.look(|desk| desk.roles(SITE, 0)).iter().all(|(_, count)| *count == 1));
    assert!(bench.try_work(|desk| desk.put_account(&Account { roles: vec!["a\0".into()], ..account(SITE, 900, "nul") })).is_err());
    // Roles are found as they are now: twice given, taken, of somebody who is gone and comes back.
    let turn = |roles: &[&str], status: Status| {
        let roles: Vec<String> = roles.iter().map(|role| (*role).to_owned()).collect();
        bench.work(move |desk| {
            let before = desk.account(SITE, 8)?.unwrap();
            desk.put_account(&Account { roles, status, ..before })
        });
    };
    let in_role = |role: &str, status| numbers(AccountQuery { role: Some(role.into()), status, ..all.clone() });
    turn(&["author", "author"], Status::Active);
    assert_eq!((in_role("author", None), in_role("editor", None)), (vec![8], vec![9]));
    turn(&["author"], Status::Deleted);
    assert_eq!((in_role("author", None), in_role("author", Some(Status::Deleted))), (vec![], vec![8]));
    assert!(!bench.look(|desk| desk.roles(SITE, 99)).iter().any(|(role, _)| role == "author"));
    turn(&["author"], Status::Banned);
    assert_eq!((in_role("author", None), in_role("author", Some(Status::Active))), (vec![8], vec![]));
    bench.work(|desk| desk.remove_site(SITE));
    assert_eq!(bench.look(|desk| desk.roles(SITE, 99)), []);
}

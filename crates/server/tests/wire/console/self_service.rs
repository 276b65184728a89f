//! Register, verify, forgot, another address: by letter, and nobody learns who has an account.

use doorward_core::port::store::SelfService;
use serde_json::json;

use super::{SITE, world};
use crate::support::{Answer, Browser, PASSWORD, Person, World};

fn offering(register: bool, change_email: bool) -> World {
    let world = world();
    let offers = SelfService { register, change_email, ..SelfService::default() };
    world.run(world.house.work(move |desk| desk.set_self_service(SITE, &offers))).unwrap();
    world
}

/// The ticket of the link in a letter to somebody.
fn ticket(world: &World, to: &str) -> String {
    let letters = world.letters();
    let text = letters.iter().find(|(whom, text)| whom == to && text.contains("/#") | text.contains('#')).map(|(_, text)| text.clone());
    let text = text.unwrap_or_else(|| panic!("no letter to {to}: {letters:?}"));
    text.split('#').nth(1).unwrap().split_whitespace().next().unwrap().to_owned()
}

fn forgot(browser: &mut Browser, name: &str) -> Answer {
    browser.post("/api/forgot", &json!({"login_or_email": name}))
}

#[test]
fn one_s_own_page_knows_whether_the_address_can_be_changed() {
    for (offered, said) in [(true, "on"), (false, "off")] {
        let world = offering(false, offered);
        assert_eq!(Browser::signed_in(&world, "ada").get("/api/me").text("/change_email"), said);
    }
}

#[test]
fn who_forgot_gets_a_letter_and_everybody_the_same_answer() {
    let world = offering(false, false);
    let mut browser = Browser::open(&world);
    for name in ["ada", "ADA@example.com", "nobody", "nobody@example.com", "carol"] {
        forgot(&mut browser, name).is(202, r#"{"sent":true}"#);
    }
    let letters = world.letters();
    assert_eq!(letters.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["ada@example.com", "ada@example.com"]);
    assert!(letters[0].1.contains(&format!("{}/reset#", browser.origin())), "the link is of console.url: {}", letters[0].1);
    let dead = letters[0].1.split('#').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    let set = |browser: &mut Browser, token: &str, password: &str| {
        browser.post("/api/forgot/set", &json!({"token": token, "password": password}))
    };
    assert_eq!(set(&mut browser, &dead, "a good long one").text("/error/code"), "link_over", "the letter before is dead");
    forgot(&mut browser, "ada");
    let token = ticket(&world, "ada@example.com");
    let mut here = Browser::signed_in(&world, "ada");
    assert_eq!(set(&mut browser, &token, "short").text("/error/field"), "password");
    let parallel = browser.clone();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..6)
            .map(|_| {
                scope.spawn(|| parallel.clone().post("/api/forgot/set", &json!({"token": token, "password": "a good long one"})).status)
            })
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert_eq!(browser.cookie("__Host-doorward"), None, "a link signs nobody in");
    assert_eq!(here.get("/api/me").status, 401);
    assert_eq!((browser.sign_in("ada", PASSWORD).status, browser.sign_in("ada", "a good long one").status), (401, 200));
}

#[test]
fn a_link_is_over_after_an_hour_or_when_address_or_password_changed_and_no_second_factor_is_skipped() {
    let world = offering(false, false);
    let mut browser = Browser::open(&world);
    forgot(&mut browser, "ada");
    let token = ticket(&world, "ada@example.com");
    world.pass(3600);
    let set = |browser: &mut Browser, token: &str| {
        browser.post("/api/forgot/set", &json!({"token": token, "password": "a good long one"})).status
    };
    assert_eq!(set(&mut browser, &token), 410);
    forgot(&mut browser, "ada");
    let token = ticket(&world, "ada@example.com");
    let mut account = world.run(world.house.look(|desk| desk.account(SITE, 1))).unwrap().unwrap();
    account.email = "ada@elsewhere.example".into();
    world.run(doorward_core::flow::accounts::put(&world.house, &super::call(&world), account, "test")).unwrap();
    assert_eq!(set(&mut browser, &token), 410, "it was written to another address");
    forgot(&mut browser, "bob");
    let token = ticket(&world, "bob@example.com");
    assert_eq!(set(&mut browser, &token), 200);
    assert_eq!(browser.sign_in("bob", "a good long one").text("/error/code"), "second_factor_due");
}

#[test]
fn letters_are_counted_and_addresses_too() {
    let world = offering(false, false);
    let mut browser = Browser::open(&world);
    for _ in 0..20 {
        forgot(&mut browser, "ada").is(202, r#"{"sent":true}"#);
    }
    assert_eq!(world.letters().len(), 5, "five in a quarter of an hour");
}

#[test]
fn an_account_exists_once_its_address_is_verified_and_its_roles_are_the_site_s_to_say() {
    let world = offering(true, false);
    let mut browser = Browser::open(&world);
    let body = json!({"login": "dan", "email": "dan@example.com", "password": "dan's long one", "roles": ["administrator"], "level": 10});
    browser.post("/api/register", &body).is(202, r#"{"sent":true}"#);
    assert_eq!(Browser::open(&world).sign_in("dan", "dan's long one").status, 401, "not yet");
    let token = ticket(&world, "dan@example.com");
    let made = browser.post("/api/register/verify", &json!({"token": token}));
    assert_eq!((made.status, made.text("/login")), (201, "dan".into()), "{}", made.line());
    assert_eq!(browser.post("/api/register/verify", &json!({"token": token})).status, 410);
    let signed = browser.sign_in("dan", "dan's long one");
    assert_eq!((&signed.value()["user"]["roles"], &signed.value()["user"]["level"]), (&json!(["subscriber"]), &json!(1)));
}

#[test]
fn who_registers_another_s_address_gets_nothing_of_it() {
    let world = offering(true, false);
    let mut mallory = Browser::open(&world);
    let body = json!({"login": "victim", "email": "victim@example.com", "password": "mallory knows it"});
    assert_eq!(mallory.post("/api/register", &body).status, 202);
    let token = ticket(&world, "victim@example.com");
    // The owner of the address opens the link in a browser of their own.
    let mut victim = Browser::open(&world);
    let due = victim.post("/api/register/verify", &json!({"token": token}));
    assert_eq!((due.status, due.text("/error/code")), (422, "password_due".into()));
    assert_eq!(victim.post("/api/register/verify", &json!({"token": token, "password": "the victim's own"})).status, 201);
    assert_eq!(mallory.sign_in("victim", "mallory knows it").status, 401);
    assert_eq!(mallory.post("/api/register/verify", &json!({"token": token})).status, 410);
    assert_eq!(victim.sign_in("victim", "the victim's own").status, 200);
}

#[test]
fn a_known_address_is_answered_alike_and_told_by_letter_and_a_taken_login_at_the_end() {
    let world = offering(true, false);
    let mut browser = Browser::open(&world);
    let register = |browser: &mut Browser, login: &str, email: &str| {
        browser.post("/api/register", &json!({"login": login, "email": email, "password": "a good long one"})).is(202, r#"{"sent":true}"#);
    };
    register(&mut browser, "ada2", "ada@example.com");
    let letters = world.letters();
    assert!(letters.len() == 1 && letters[0].1.contains("already") && !letters[0].1.contains('#'), "{letters:?}");
    register(&mut browser, "ada", "new@example.com");
    let token = ticket(&world, "new@example.com");
    assert_eq!(browser.post("/api/register/verify", &json!({"token": token})).text("/error/code"), "login_taken");
    assert_eq!(browser.post("/api/register/verify", &json!({"token": token, "login": "ada3"})).status, 201);
}

#[test]
fn what_a_site_does_not_offer_is_not_there() {
    let world = offering(false, false);
    let mut browser = Browser::open(&world);
    let body = json!({"login": "dan", "email": "dan@example.com", "password": "dan's long one"});
    assert_eq!(browser.post("/api/register", &body).text("/error/code"), "switched_off");
    let mut ada = Browser::signed_in(&world, "ada");
    assert_eq!(ada.post("/api/me/email", &json!({"email": "a@b.example"})).text("/error/code"), "switched_off");
    assert_eq!(world.letters(), []);
}

#[test]
fn an_address_changes_when_the_new_one_says_so_and_both_are_told() {
    let world = offering(false, true);
    let mut ada = Browser::signed_in(&world, "ada");
    ada.post("/api/me/email", &json!({"email": "bob@example.com"})).is(202, r#"{"sent":true}"#);
    assert!(world.letters().iter().all(|(_, text)| !text.contains('#')), "a taken address confirms nothing");
    ada.post("/api/me/email", &json!({"email": "ada@new.example"})).is(202, r#"{"sent":true}"#);
    let letters = world.letters();
    assert_eq!(letters.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["ada@new.example", "ada@example.com"]);
    let token = letters[0].1.split('#').nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert_eq!(ada.get("/api/me").text("/email"), "ada@example.com");
    let bob = Browser::signed_in_with_code(&world, "bob");
    assert_eq!(bob.clone().post("/api/me/email/confirm", &json!({"token": token})).status, 410, "another's link");
    assert_eq!(ada.post("/api/me/email/confirm", &json!({"token": token})).status, 200);
    assert_eq!(ada.get("/api/me").text("/email"), "ada@new.example");
    assert_eq!(ada.post("/api/me/email/confirm", &json!({"token": token})).status, 410);
    assert!(world.letters().iter().any(|(to, text)| to == "ada@example.com" && text.contains("ada@new.example")));
}

#[test]
fn nobody_can_tell_who_exists_by_answer_or_by_work() {
    let stage = super::stage()
        .person(Person::new(5, "foreign").hash("$2y$06$ZC/..lZa1Ptl7ANb.iZGauevj6d3pQ9WVSIV0RQrXUCz9lDssmxh."))
        .person(Person::new(6, "locked"))
        .person(Person::new(9, "passwordless").hash(""));
    let world = World::with_console(vec![stage]);
    let offers = SelfService { register: true, ..SelfService::default() };
    world.run(world.house.work(move |desk| desk.set_self_service(SITE, &offers))).unwrap();
    let mut browser = Browser::open(&world);
    for _ in 0..12 {
        browser.sign_in("locked", "wrong");
    }
    type Body = fn(&str) -> serde_json::Value;
    let doors: [(&str, Body); 3] = [
        ("/api/session", |name| json!({"login": name, "password": "wrong"})),
        ("/api/forgot", |name| json!({"login_or_email": name})),
        ("/api/register", |name| json!({"login": "newcomer", "email": format!("{name}@example.com"), "password": "a good long one"})),
    ];
    for (path, body) in doors {
        let mut seen = Vec::new();
        for name in ["ada", "unknown", "foreign", "locked", "carol", "bob", "passwordless"] {
            let before = world.hasher.computations();
            let answer = browser.post(path, &body(name));
            let after = world.hasher.computations();
            let work = (after.argon2 - before.argon2, after.bcrypt - before.bcrypt, after.phpass - before.phpass, after.md5 - before.md5);
            let headers: Vec<_> = answer.headers.iter().filter(|(n, _)| n != "x-request-id" && n != "date").cloned().collect();
            seen.push((name, answer.status, answer.body, headers, work));
        }
        for (name, status, body, headers, work) in &seen {
            let (_, s, b, h, w) = &seen[0];
            assert_eq!((status, body, headers, work), (s, b, h, w), "{path}: {name} can be told apart");
        }
    }
}

#[test]
fn a_link_that_is_none_costs_no_hash() {
    let world = world();
    let mut browser = Browser::open(&world);
    let before = world.hasher.computations();
    for token in ["A".repeat(43), "short".into(), String::from("x")] {
        let answer = browser.post("/api/forgot/set", &json!({"token": token, "password": "a good long one"}));
        assert_eq!((answer.status, answer.text("/error/code")), (410, "link_over".into()));
    }
    assert_eq!(world.hasher.computations(), before);
}

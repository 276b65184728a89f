//! The second step, proving oneself again, and one's own authenticator.

use doorward_core::call::Time;
use serde_json::json;

use super::world;
use crate::support::{Ask, Browser, PASSWORD, World};

fn step(world: &World) -> (Browser, String) {
    let mut browser = Browser::open(world);
    let due = browser.sign_in("bob", PASSWORD);
    assert_eq!((due.status, due.text("/error/code")), (401, "second_factor_due".into()));
    assert_eq!(due.value()["error"]["methods"][0], json!("totp"));
    assert_eq!(browser.cookie("__Host-doorward"), None, "nobody is in yet");
    let ticket = due.text("/error/ticket");
    (browser, ticket)
}

#[test]
fn a_code_does_the_second_step_once() {
    let world = world();
    let (mut browser, ticket) = step(&world);
    let wrong = browser.post("/api/session/second", &json!({"ticket": ticket, "code": "000000"}));
    assert_eq!((wrong.status, wrong.text("/error/code")), (401, "second_factor_wrong".into()));
    let code = world.totp();
    let other = browser.clone();
    assert_eq!(browser.post("/api/session/second", &json!({"ticket": ticket, "code": code})).status, 200);
    assert_eq!(browser.get("/api/me").text("/login"), "bob");
    let again = other.clone().post("/api/session/second", &json!({"ticket": ticket, "code": code}));
    assert_eq!((again.status, again.text("/error/code")), (410, "link_over".into()), "a step is done once");
    assert_eq!(other.clone().get("/api/me").status, 401);
}

#[test]
fn a_recovery_code_does_it_too_and_a_step_is_over_after_five_minutes_or_a_new_password() {
    let world = world();
    let (mut browser, ticket) = step(&world);
    assert_eq!(browser.post("/api/session/second", &json!({"ticket": ticket, "code": "AAAAA bbbbb"})).status, 200);
    let (mut browser, ticket) = step(&world);
    world.pass(301);
    assert_eq!(browser.post("/api/session/second", &json!({"ticket": ticket, "code": world.totp()})).status, 410);
    let (mut browser, ticket) = step(&world);
    let call = super::call(&world);
    world
        .run(doorward_core::flow::accounts::set_password(
            &world.house,
            &call,
            super::SITE,
            2,
            doorward_core::secret::Secret::new("another one"),
        ))
        .unwrap();
    assert_eq!(browser.post("/api/session/second", &json!({"ticket": ticket, "code": world.totp()})).status, 410);
}

#[test]
fn wrong_codes_lock_the_account_at_every_door_and_a_new_password_try_forgives_none() {
    let world = world();
    for _ in 0..10 {
        let (mut browser, ticket) = step(&world);
        assert_eq!(browser.post("/api/session/second", &json!({"ticket": ticket, "code": "000000"})).status, 401);
    }
    let mut browser = Browser::open(&world);
    assert_eq!(browser.sign_in("bob", PASSWORD).text("/error/code"), "bad_credentials", "locked");
    let body = json!({"site": "yoursite", "username": "bob", "password": PASSWORD, "otp": world.totp()}).to_string();
    assert_eq!(world.ask(Ask::post("/v1/auth/login").json(&body)).status, 401, "the languages' doors count alike");
}

#[test]
fn what_is_dangerous_asks_again_and_the_session_gets_a_new_id() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    assert_eq!(browser.post("/api/me/tokens", &json!({"name": "fresh"})).status, 201, "the password was just given");
    world.pass(300);
    let due = browser.post("/api/me/tokens", &json!({"name": "late"}));
    assert_eq!((due.status, due.text("/error/code")), (403, "reauth_due".into()));
    let before = browser.cookie("__Host-doorward").unwrap().to_owned();
    let old = browser.clone();
    assert_eq!(browser.post("/api/session/reauth", &json!({"password": "wrong"})).status, 401);
    assert_eq!(browser.cookie("__Host-doorward"), Some(before.as_str()));
    assert_eq!(browser.post("/api/session/reauth", &json!({"password": PASSWORD})).status, 200);
    assert_ne!(browser.cookie("__Host-doorward"), Some(before.as_str()));
    assert_eq!(browser.post("/api/me/tokens", &json!({"name": "late"})).status, 201);
    assert_eq!(old.clone().get("/api/me").status, 401, "the old id is over");
}

#[test]
fn an_authenticator_is_enrolled_by_its_first_code_and_all_else_is_signed_out() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let elsewhere = Browser::signed_in(&world, "ada");
    let begun = browser.post("/api/me/totp", &json!({})).value();
    let secret = doorward_core::credential::totp::decode_base32(begun["secret"].as_str().unwrap()).unwrap();
    assert!(begun["uri"].as_str().unwrap().starts_with("otpauth://totp/Doorward%20yoursite:ada?secret="));
    assert!(begun["qr"]["path"].as_str().unwrap().starts_with("M0 0h7v1h-7z"));
    assert_eq!(browser.sign_in("ada", PASSWORD).status, 200, "not in force yet");
    assert_eq!(browser.post("/api/me/totp/confirm", &json!({"code": "000000"})).text("/error/code"), "second_factor_wrong");
    let code = |now: Time| {
        (0..1_000_000)
            .map(|n| format!("{n:06}"))
            .find(|c| doorward_core::credential::totp::matching_step(&secret, c, now) == Some(now.0 / 30))
            .unwrap()
    };
    let done = browser.post("/api/me/totp/confirm", &json!({"code": code(world.now())}));
    assert_eq!(done.status, 200, "{}", done.line());
    let codes = done.value()["recovery_codes"].as_array().unwrap().clone();
    assert_eq!((codes.len(), &done.value()["user"]["second_factor"]), (10, &json!(true)));
    assert_eq!(elsewhere.clone().get("/api/me").status, 401, "what was signed in without it is out");
    assert_eq!(browser.get("/api/me").status, 200, "this one stays");
    let mut other = Browser::open(&world);
    let due = other.sign_in("ada", PASSWORD);
    assert_eq!(due.text("/error/code"), "second_factor_due");
    let spent = other.post("/api/session/second", &json!({"ticket": due.text("/error/ticket"), "code": code(world.now())}));
    assert_eq!(spent.text("/error/code"), "second_factor_wrong", "the code that enrolled signs nobody in");
    let due = other.sign_in("ada", PASSWORD);
    assert_eq!(other.post("/api/session/second", &json!({"ticket": due.text("/error/ticket"), "code": codes[0]})).status, 200);

    let fresh = browser.post("/api/me/recovery-codes", &json!({})).value();
    assert_eq!(fresh["recovery_codes"].as_array().unwrap().len(), 10);
    assert_ne!(fresh["recovery_codes"][1], codes[1]);
    assert_eq!(browser.delete("/api/me/totp").status, 200);
    assert_eq!(Browser::open(&world).sign_in("ada", PASSWORD).status, 200);
}

#[test]
fn a_waiting_secret_is_not_guessed() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let begun = browser.post("/api/me/totp", &json!({})).value();
    let secret = doorward_core::credential::totp::decode_base32(begun["secret"].as_str().unwrap()).unwrap();
    let now = world.now();
    let mut codes = (0..1_000_000).map(|n| format!("{n:06}"));
    let mut wrong = codes.clone().filter(|code| doorward_core::credential::totp::matching_step(&secret, code, now).is_none());
    let right = codes.find(|code| doorward_core::credential::totp::matching_step(&secret, code, now).is_some()).unwrap();
    for _ in 0..6 {
        let answer = browser.post("/api/me/totp/confirm", &json!({"code": wrong.next().unwrap()}));
        assert_eq!((answer.status, answer.text("/error/code")), (401, "second_factor_wrong".into()));
    }
    let late = browser.post("/api/me/totp/confirm", &json!({"code": right}));
    assert_eq!((late.status, late.text("/error/code")), (410, "link_over".into()), "it waits no longer");
    assert_eq!(browser.get("/api/me").value()["second_factor"], json!(false));
    assert!(world.reasons().iter().any(|entry| entry == "console.totp.confirm second_factor_wrong"), "{:?}", world.reasons());
}

#[test]
fn of_many_who_show_one_recovery_code_one_comes_in() {
    let world = world();
    let steps: Vec<_> = (0..8).map(|_| step(&world)).collect();
    let statuses = std::thread::scope(|scope| {
        let tries = steps.into_iter().map(|(mut browser, ticket)| {
            scope.spawn(move || browser.post("/api/session/second", &json!({"ticket": ticket, "code": "aaaaa-bbbbb"})).status)
        });
        let tries: Vec<_> = tries.collect();
        tries.into_iter().map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| matches!(status, 200 | 401)), "{statuses:?}");
}

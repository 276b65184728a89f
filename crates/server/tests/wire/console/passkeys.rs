//! Passkeys, with another implementation's authenticator: made, used as the first factor, the second, and again.

use serde_json::{Value, json};

use super::{SITE, call, world};
use crate::support::{Ask, Browser, Key, PASSWORD, World};

fn options(browser: &mut Browser, body: &Value) -> Value {
    let answer = browser.post("/api/passkeys/challenge", body);
    assert_eq!(answer.status, 200, "{}", answer.line());
    answer.value()
}

/// Somebody who is signed in makes a passkey.
fn make(world: &World, browser: &mut Browser) -> Key {
    let mut key = Key::new();
    let asked = options(browser, &json!({"for": "register"}));
    assert_eq!(asked["rp"]["id"], "localhost");
    let credential = key.make(world, &browser.origin(), &asked);
    let made = browser.post("/api/me/passkeys", &json!({"name": "My key", "credential": credential}));
    assert_eq!(made.status, 201, "{}", made.line());
    key
}

fn sign_in(world: &World, key: &mut Key) -> (Browser, crate::support::Answer) {
    let mut browser = Browser::open(world);
    let asked = options(&mut browser, &json!({"for": "login"}));
    let assertion = key.answer(world, &browser.origin(), &asked);
    let answer = browser.post("/api/session/passkey", &json!({"assertion": assertion}));
    (browser, answer)
}

#[test]
fn a_passkey_signs_in_alone_until_it_is_removed() {
    let world = world();
    let mut ada = Browser::signed_in(&world, "ada");
    let mut key = make(&world, &mut ada);
    let (mut browser, answer) = sign_in(&world, &mut key);
    assert_eq!((answer.status, answer.text("/user/login")), (200, "ada".into()), "{}", answer.line());
    let list = browser.get("/api/me/passkeys").value();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&list["items"][0]["name"], list["items"][0]["used"].is_null()), (&json!("My key"), false));
    let named = |browser: &mut Browser, mark: &str, name: &str| {
        let ask = Ask::new("PATCH", &format!("/api/me/passkeys/{id}")).header("If-Match", mark).json(&json!({"name": name}).to_string());
        let ask = browser.ours(ask);
        browser.send(ask).status
    };
    let seen = list["items"][0]["etag"].as_str().unwrap();
    assert_eq!(named(&mut ada, seen, "In another tab"), 204);
    assert_eq!(named(&mut browser, seen, "Too late"), 412);
    assert_eq!(browser.get("/api/me/passkeys").text("/items/0/name"), "In another tab");
    assert_eq!(browser.patch(&format!("/api/me/passkeys/{id}"), &json!({"name": "The other"})).status, 204);
    assert_eq!(Browser::signed_in_with_code(&world, "bob").delete(&format!("/api/me/passkeys/{id}")).status, 404, "another's");
    assert_eq!(browser.delete(&format!("/api/me/passkeys/{id}")).status, 204);
    assert_eq!(sign_in(&world, &mut key).1.text("/error/code"), "bad_credentials");
}

#[test]
fn an_answer_is_good_once_and_for_its_own_challenge_and_origin() {
    let world = world();
    let mut ada = Browser::signed_in(&world, "ada");
    let mut key = make(&world, &mut ada);
    let mut browser = Browser::open(&world);
    let asked = options(&mut browser, &json!({"for": "login"}));
    let assertion = key.answer(&world, &browser.origin(), &asked);
    let other = browser.clone();
    assert_eq!(browser.post("/api/session/passkey", &json!({"assertion": assertion})).status, 200);
    let again = other.clone().post("/api/session/passkey", &json!({"assertion": assertion}));
    assert_eq!(again.text("/error/code"), "link_over", "a challenge is answered once");
    // Answered in time, or not at all; and a challenge for one purpose is none for another.
    let mut browser = Browser::open(&world);
    let asked = options(&mut browser, &json!({"for": "login"}));
    let assertion = key.answer(&world, &browser.origin(), &asked);
    world.pass(300);
    assert_eq!(browser.post("/api/session/passkey", &json!({"assertion": assertion})).text("/error/code"), "link_over");
    let mut ada = Browser::signed_in(&world, "ada");
    let asked = options(&mut ada, &json!({"for": "reauth"}));
    let assertion = key.answer(&world, &ada.origin(), &asked);
    assert_eq!(Browser::open(&world).post("/api/session/passkey", &json!({"assertion": assertion})).text("/error/code"), "link_over");
    // What another origin got an answer for is none here.
    let mut browser = Browser::open(&world);
    let asked = options(&mut browser, &json!({"for": "login"}));
    let assertion = key.answer(&world, "http://localhost:1", &asked);
    assert_eq!(browser.post("/api/session/passkey", &json!({"assertion": assertion})).text("/error/code"), "bad_credentials");
    assert_eq!(browser.cookie("__Host-doorward"), None);
}

#[test]
fn a_copy_shows_by_its_counter() {
    let world = world();
    let mut ada = Browser::signed_in(&world, "ada");
    let mut key = make(&world, &mut ada);
    let mut copy = key.copy();
    assert_eq!(sign_in(&world, &mut key).1.status, 200);
    assert_eq!(sign_in(&world, &mut key).1.status, 200);
    assert_eq!(sign_in(&world, &mut copy).1.text("/error/code"), "bad_credentials");
}

#[test]
fn it_passes_the_same_checks_as_a_password() {
    let world = world();
    let mut ada = Browser::signed_in(&world, "ada");
    let mut key = make(&world, &mut ada);
    for _ in 0..10 {
        assert_eq!(Browser::open(&world).sign_in("ada", "wrong").status, 401);
    }
    assert_eq!(sign_in(&world, &mut key).1.text("/error/code"), "bad_credentials", "locked");
    world.pass(900);
    assert_eq!(sign_in(&world, &mut key).1.status, 200);
    for (status, code) in
        [(doorward_core::account::Status::Banned, "account_banned"), (doorward_core::account::Status::Deleted, "bad_credentials")]
    {
        let mut account = world.run(world.house.look(|desk| desk.account(SITE, 1))).unwrap().unwrap();
        account.status = status;
        world.run(doorward_core::flow::accounts::put(&world.house, &call(&world), account, "test")).unwrap();
        assert_eq!(sign_in(&world, &mut key).1.text("/error/code"), code);
    }
}

#[test]
fn it_does_the_second_step_and_proves_again() {
    let world = world();
    let mut bob = Browser::signed_in_with_code(&world, "bob");
    let mut key = make(&world, &mut bob);
    let mut browser = Browser::open(&world);
    let due = browser.sign_in("bob", PASSWORD);
    assert_eq!(due.value()["error"]["methods"], json!(["totp", "recovery_code", "passkey"]));
    let ticket = due.text("/error/ticket");
    let asked = options(&mut browser, &json!({"for": "second", "ticket": ticket}));
    let assertion = key.answer(&world, &browser.origin(), &asked);
    let done = browser.post("/api/session/second", &json!({"ticket": ticket, "passkey": assertion}));
    assert_eq!(done.status, 200, "{}", done.line());
    world.pass(300);
    assert_eq!(browser.post("/api/me/recovery-codes", &json!({})).text("/error/code"), "reauth_due");
    let asked = options(&mut browser, &json!({"for": "reauth"}));
    let assertion = key.answer(&world, &browser.origin(), &asked);
    assert_eq!(browser.post("/api/session/reauth", &json!({"passkey": assertion})).status, 200);
    assert_eq!(browser.post("/api/me/recovery-codes", &json!({})).status, 200);
    // Another's passkey is no second step of Bob's.
    let mut ada = Browser::signed_in(&world, "ada");
    let mut adas = make(&world, &mut ada);
    let mut browser = Browser::open(&world);
    let ticket = browser.sign_in("bob", PASSWORD).text("/error/ticket");
    let mut asked = options(&mut browser, &json!({"for": "second", "ticket": ticket}));
    asked["allowCredentials"] = json!([]);
    let assertion = adas.answer(&world, &browser.origin(), &asked);
    assert_eq!(
        browser.post("/api/session/second", &json!({"ticket": ticket, "passkey": assertion})).text("/error/code"),
        "bad_credentials"
    );
}

#[test]
fn nonsense_is_refused_and_nothing_more() {
    let world = world();
    let mut browser = Browser::open(&world);
    for assertion in [
        json!({}),
        json!({"response": {}}),
        json!({"rawId": "!", "response": {"clientDataJSON": "AAAA"}}),
        json!({"rawId": "AAAA", "response": {"clientDataJSON": "e30"}}),
    ] {
        let answer = browser.post("/api/session/passkey", &json!({"assertion": assertion}));
        assert_eq!((answer.status, answer.text("/error/code")), (400, "malformed_body".into()), "{assertion}");
    }
    for (body, code) in [
        (json!({"for": "register"}), "no_session"),
        (json!({"for": "reauth"}), "no_session"),
        (json!({"for": "tea"}), "invalid_field"),
        (json!({"for": "second", "ticket": "x"}), "link_over"),
    ] {
        assert_eq!(browser.post("/api/passkeys/challenge", &body).text("/error/code"), code, "{body}");
    }
}

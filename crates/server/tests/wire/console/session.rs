//! `/api/session`: signing in with a password, staying signed in, and out.

use serde_json::json;

use super::world;
use crate::support::{Ask, Browser, PASSWORD};

const SESSION: &str = "__Host-doorward";

#[test]
fn nobody_is_signed_in_at_first_and_ada_is_after_her_password() {
    let world = world();
    let mut browser = Browser::open(&world);
    let before = browser.get("/api/session").value();
    assert_eq!((&before["signed_in"], &before["sites"][0]["name"]), (&json!(false), &json!("yoursite")));
    assert_eq!(before.get("user"), None);
    let answer = browser.sign_in("ADA@example.com", PASSWORD);
    assert_eq!(answer.status, 200, "{}", answer.line());
    let user = &answer.value()["user"];
    assert_eq!((&user["login"], &user["power"], &user["level"]), (&json!("ada"), &json!("none"), &json!(10)));
    let line = answer.headers.iter().find(|(n, v)| n == "set-cookie" && v.starts_with("__Host-doorward=")).unwrap().1.clone();
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Strict"), "{line}");
    assert_eq!(browser.get("/api/session").value()["user"]["number"], json!(1));
    assert_eq!(world.reasons(), ["console.sign_in granted"]);
    assert!(!answer.body.contains(browser.cookie(SESSION).unwrap()), "the cookie is in no answer");

    assert_eq!(browser.delete("/api/session").status, 204);
    assert_eq!(browser.cookie(SESSION), None);
    assert_eq!(browser.get("/api/session").value()["signed_in"], json!(false));
}

#[test]
fn wrong_unknown_and_other_sites_are_one_answer() {
    let world = world();
    let mut browser = Browser::open(&world);
    let mut answers = Vec::new();
    for body in [
        json!({"login": "ada", "password": "wrong"}),
        json!({"login": "nobody", "password": "wrong"}),
        json!({"login": "carol", "password": "wrong"}),
        json!({"login": "ada", "password": PASSWORD, "site": "nowhere"}),
    ] {
        answers.push(browser.post("/api/session", &body));
    }
    for answer in &answers {
        answer.is(401, r#"{"error":{"code":"bad_credentials","message":"Login or password is wrong"}}"#);
        assert!(!answer.headers.iter().any(|(n, v)| n == "set-cookie" && v.starts_with("__Host-doorward=")));
    }
    let banned = browser.sign_in("carol", PASSWORD);
    assert_eq!((banned.status, banned.text("/error/code")), (403, "account_banned".into()));
}

#[test]
fn every_answer_is_safe_and_another_host_is_not_the_console() {
    let world = world();
    let mut browser = Browser::open(&world);
    for target in ["/", "/index.html", "/settings/api", "/app.js", "/api/session", "/api/nothing", "/nothing.js"] {
        let answer = browser.get(target);
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'; script-src 'self';"), "{target}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{target}");
        assert!(answer.header("x-request-id").starts_with("req_"), "{target}");
    }
    let page = browser.get("/settings/api");
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    let again = browser.send(Ask::get("/settings/api").header("If-None-Match", page.header("etag")));
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let evil = Ask::get("/api/session").header("Host", "evil.example").send(world.console());
    assert_eq!((evil.status, evil.text("/error/code")), (421, "another_host".into()));
    let page = Ask::get("/settings").header("Host", "127.0.0.1").send(world.console());
    assert_eq!((page.status, page.header("location")), (307, format!("{}/settings", browser.origin()).as_str()));
    let site = world.ask(Ask::get("/api/session").header("Host", browser.origin().trim_start_matches("http://")));
    assert!(!site.body.contains("signed_in"), "the sites' listener is not the console's: {}", site.line());
}

/// Two tabs of one person: what was typed in the first is not lost to the second.
#[test]
fn of_two_who_save_a_profile_the_second_is_told() {
    let world = world();
    let mut ada = Browser::signed_in(&world, "ada");
    let save = |browser: &mut Browser, mark: &str, name: &str| {
        let ask = Ask::new("PATCH", "/api/me").header("If-Match", mark).json(&json!({"display_name": name}).to_string());
        let ask = browser.ours(ask);
        browser.send(ask)
    };
    let seen = ada.get("/api/me").header("etag").to_owned();
    let first = save(&mut ada, &seen, "Countess");
    assert_eq!((first.status, first.text("/display_name")), (200, "Countess".into()));
    let late = save(&mut ada, &seen, "Enchantress");
    assert_eq!((late.status, late.text("/error/code")), (412, "changed".into()));
    assert_eq!(ada.get("/api/me").text("/display_name"), "Countess");
    let next = first.header("etag").to_owned();
    assert_eq!(next, ada.get("/api/me").header("etag"), "the answer says what is there now");
    // What somebody else makes of the account otherwise is none of the profile's.
    let account = world.run(world.house.look(|desk| desk.account(super::SITE, 1))).unwrap().unwrap();
    let level = doorward_core::account::Account { level: 3, ..account };
    world.run(world.house.work(move |desk| desk.put_account(&level))).unwrap();
    assert_eq!(save(&mut ada, &next, "Enchantress").status, 200);
    assert_eq!(save(&mut ada, "*", "Ada").status, 200);
    let two = format!("{next}\r\nIf-Match: {next}");
    assert_eq!(save(&mut ada, &two, "Twice").status, 400, "one mark, not several");
    assert_eq!(ada.patch("/api/me", &json!({"display_name": "Ada L."})).status, 200, "who says nothing means whatever is there");
}

//! `POST /v1/auth/login`.

use doorward_core::account::Account;

use super::{change, invalid, meta, refused, world};
use crate::support::{Answer, Ask, PASSWORD, World, peek};

const BAD: (u16, &str, &str) = (401, "invalid_credentials", "Invalid username or password");

fn post(body: &str) -> Ask {
    Ask::post("/v1/auth/login").json(body)
}

fn as_user(name: &str, more: &str) -> Ask {
    post(&format!(r#"{{"site":"yoursite","username":"{name}","password":"{PASSWORD}"{more}}}"#))
}

#[track_caller]
fn bad(world: &World, ask: Ask) -> Answer {
    refused(world, ask, BAD.0, BAD.1, BAD.2)
}

#[test]
fn a_login_is_answered_to_the_letter() {
    let world = world();
    change(&world, 1, |a| Account { avatar: Some("https://img.example/é.jpg".into()), ..a });
    let answer = world.ask(as_user("owner", ""));
    let token = answer.text("/data/token");
    let user = r#"{"id":1,"username":"owner","email":"owner@example.com","level":10,"role":"superadmin","type":1,"type_label":"Active","avatar":"https://img.example/é.jpg","created_at":"2025-01-15T00:00:00Z"}"#;
    let expected = format!(r#"{{"data":{{"token":"{token}","user":{user}}},{}}}"#, meta(&world, &answer));
    answer.is(200, &expected);
    let (header, claims) = peek(&token);
    assert_eq!(header, r#"{"alg":"HS256","typ":"JWT"}"#);
    let now = world.now().0;
    let end = now + 86_400;
    assert_eq!(
        claims,
        format!(
            r#"{{"iss":"wapka-api","sub":"site:1","site_id":1,"user_id":1,"level":10,"persona":"superadmin","scope":"*","iat":{now},"exp":{end}}}"#
        )
    );
    let ann = world.ask(as_user("ann", "")).value();
    assert_eq!((&ann["data"]["user"]["avatar"], &ann["data"]["user"]["role"]), (&serde_json::Value::Null, &"user".into()));
    assert_eq!(world.reasons(), ["user.change granted", "wapka.login granted", "wapka.login granted"]);
}

#[test]
fn every_way_of_sending_and_naming_it_is_read() {
    let world = world();
    let json = format!(r#"{{"site":"yoursite","username":"ann","password":"{PASSWORD}"}}"#);
    let form = "site=yoursite&username=ann&password=correct+horse";
    for ask in [
        post(&json),
        Ask::post("/v1/auth/login/").json(&json),
        Ask::post("/v1/auth/login").body("text/plain;charset=UTF-8", json.as_bytes()),
        Ask::post("/v1/auth/login").body("", json.as_bytes()),
        Ask::post("/v1/auth/login").form(form),
        Ask::post(&format!("/v1/auth/login?{form}")),
        as_user(" ANN ", ""),
        as_user("ann@example.com", ""),
        as_user("ann", r#","email":"nobody@example.com""#),
        as_user("", r#","email":"Ann@Example.com""#),
        post(&format!(r#"{{"site":"YourSite.wapka.site","email":"ann@example.com","password":"{PASSWORD}"}}"#)),
        post(&json).header("Host", "other.example"),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!((answer.status, answer.value()["data"]["user"]["id"].as_i64()), (200, Some(4)), "{ask:?}: {}", answer.line());
    }
}

#[test]
fn unknown_wrong_deleted_and_anothers_are_one_answer() {
    let world = world();
    for ask in [
        post(r#"{"site":"yoursite","username":"ann","password":"wrong"}"#),
        post(r#"{"site":"yoursite","username":"nobody","password":"wrong"}"#),
        post(r#"{"site":"yoursite","email":"ann","password":"correct horse"}"#),
        as_user("del", ""),
        as_user("olga", ""),
        post(r#"{"site":"yoursite","username":"eve","password":"wrong"}"#),
        post(&format!(r#"{{"site":"other","username":"owner","password":"{PASSWORD}"}}"#)),
        as_user("ann\\u0000", ""),
        post(r#"{"site":"yoursite","username":"ann","password":" correct horse "}"#),
    ] {
        let answer = bad(&world, ask);
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="wapka-api""#);
    }
    refused(&world, as_user("eve", ""), 403, "account_banned", "This account is banned");
}

#[test]
fn fields_and_sites_that_are_missing_are_named() {
    let world = world();
    let required =
        |names: &[&str]| format!("{{{}}}", names.iter().map(|n| format!(r#""{n}":["is required"]"#)).collect::<Vec<_>>().join(","));
    for (body, missing) in [
        ("{}", &["password", "site", "username"][..]),
        ("", &["password", "site", "username"]),
        (r#"{"site":"yoursite"}"#, &["password", "username"]),
        (r#"{"site":"yoursite","email":"a@b","password":""}"#, &["password"]),
        (r#"{"site":"yoursite","username":" ","password":"x"}"#, &["username"]),
        (r#"{"username":"ann","password":"x"}"#, &["site"]),
    ] {
        invalid(&world, post(body), &required(missing));
    }
    for (body, field) in [
        (r#"{"site":["yoursite"],"username":"ann","password":"x"}"#, "site"),
        (r#"{"site":"yoursite","username":{"a":1},"password":"x"}"#, "username"),
        (r#"{"site":"yoursite","email":1,"password":"x"}"#, "email"),
        (r#"{"site":"yoursite","username":"ann","password":true}"#, "password"),
        (r#"{"site":"yoursite","username":"ann","password":["correct horse"]}"#, "password"),
        (r#"{"site":"yoursite","username":"ann","password":"x","otp_attempt":[1]}"#, "otp_attempt"),
    ] {
        invalid(&world, post(body), &format!(r#"{{"{field}":["has the wrong type"]}}"#));
    }
    refused(&world, post(r#"{"site":"nosite","username":"ann","password":"x"}"#), 404, "not_found", "Site not found");
    refused(&world, post(r#"{"site":"plain","username":"ann","password":"x"}"#), 404, "not_found", "Site not found");
    refused(&world, post("{"), 400, "bad_request", "The body is not a JSON object");
    assert_eq!(world.reasons(), Vec::<String>::new());
}

#[test]
fn a_second_factor_is_asked_for_after_a_right_password_and_works_once() {
    let world = world();
    let due = || refused(&world, as_user("bob", ""), 401, "second_factor_required", "A one-time code is required: send otp_attempt");
    due();
    bad(&world, post(r#"{"site":"yoursite","username":"bob","password":"wrong"}"#));
    bad(&world, as_user("bob", r#","otp_attempt":"000000""#));
    let code = world.totp();
    assert_eq!(world.ask(as_user("bob", &format!(r#","otp_attempt":"{code}""#))).status, 200);
    bad(&world, as_user("bob", &format!(r#","otp_attempt":"{code}""#)));
    assert_eq!(world.ask(as_user("bob", r#","otp_attempt":"k7m2p-9xq4t""#)).status, 200);
    bad(&world, as_user("bob", r#","otp_attempt":"k7m2p-9xq4t""#));
    assert_eq!(world.ask(as_user("ann", r#","otp_attempt":"123456""#)).status, 200, "ignored where there is none");
}

#[test]
fn ten_wrong_tries_lock_the_account_on_its_own_site() {
    let world = world();
    for _ in 0..10 {
        bad(&world, post(r#"{"site":"yoursite","username":"ann","password":"wrong"}"#));
    }
    bad(&world, as_user("ann", ""));
    let there = format!(r#"{{"site":"other","username":"ann","password":"{PASSWORD}"}}"#);
    assert_eq!(world.ask(post(&there)).status, 200);
    world.pass(900);
    assert_eq!(world.ask(as_user("ann", "")).status, 200);
}

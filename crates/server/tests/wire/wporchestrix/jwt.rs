//! `POST /api/v1/jwt`.

use super::{ann, stage};
use crate::support::{Ask, PASSWORD, World, peek};

const BAD: &str = r#"{"error":"Invalid email or password."}"#;

fn login(email: &str, more: &str) -> Ask {
    Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"{email}","password":"{PASSWORD}"{more}}}"#))
}

#[test]
fn a_login_answers_the_pair_in_the_documented_order_and_lives() {
    let world = World::new(stage());
    let answer = world.ask(login("ann@example.com", ""));
    assert_eq!(answer.status, 200);
    let keys: Vec<_> = answer.value().as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["access_token", "refresh_token", "token_type", "expires_in"]);
    assert!(answer.body.ends_with(r#","token_type":"Bearer","expires_in":900}"#), "{}", answer.body);
    assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(answer.header("x-request-id").starts_with("req_"));
    let now = world.now().0;
    let (header, access) = peek(&answer.text("/access_token"));
    assert_eq!(header, r#"{"alg":"HS256"}"#);
    assert!(access.starts_with(&format!(r#"{{"sub":"4","iat":{now},"exp":{},"jti":""#, now + 900)), "{access}");
    assert!(access.ends_with(r#""type":"access"}"#), "{access}");
    let (header, refresh) = peek(&answer.text("/refresh_token"));
    assert_eq!(header, r#"{"alg":"HS256"}"#);
    assert!(refresh.contains(&format!(r#""exp":{}"#, now + 604_800)) && refresh.ends_with(r#""type":"refresh"}"#), "{refresh}");
    assert_eq!(world.reasons(), ["wporchestrix.login granted"]);
}

#[test]
fn every_way_of_sending_it_is_read() {
    let world = World::new(stage());
    let json = format!(r#"{{"email":" ANN@Example.com ","password":"{PASSWORD}"}}"#);
    let form = "email=ann%40example.com&password=correct+horse";
    let multipart = format!(
        "--X\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nann@example.com\r\n--X\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\n{PASSWORD}\r\n--X--\r\n"
    );
    for ask in [
        Ask::post("/api/v1/jwt").json(&json),
        Ask::post("/api/v1/jwt.json").json(&json),
        Ask::post("/api/v1/jwt/").json(&json),
        Ask::post("/api/v1/jwt").body("application/json;charset=utf-8", json.as_bytes()),
        Ask::post("/api/v1/jwt").body("text/plain;charset=UTF-8", json.as_bytes()),
        Ask::post("/api/v1/jwt").body("application/x-www-form-urlencoded", json.as_bytes()),
        Ask::post("/api/v1/jwt").body("", json.as_bytes()),
        Ask::post("/api/v1/jwt").form(form),
        Ask::post("/api/v1/jwt").body("multipart/form-data; boundary=X", multipart.as_bytes()),
        Ask::post(&format!("/api/v1/jwt?{form}")),
        Ask::post("/api/v1/jwt").json(&json).auth("Bearer stale.stale.stale"),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
    }
}

#[test]
fn wrong_unknown_missing_and_misshapen_are_one_answer() {
    let world = World::new(stage());
    for body in [
        r#"{"email":"ann@example.com","password":"wrong"}"#,
        r#"{"email":"nobody@example.com","password":"wrong"}"#,
        r#"{"email":"ann","password":"correct horse"}"#,
        r#"{"email":"ann@example.com"}"#,
        r#"{"password":"correct horse"}"#,
        r#"{"email":"","password":""}"#,
        r#"{"email":"ann@example.com","password":""}"#,
        "{}",
        "",
        r#"{"email":["ann@example.com"],"password":"correct horse"}"#,
        r#"{"email":{"a":1},"password":"correct horse"}"#,
        r#"{"email":"ann@example.com","password":true}"#,
        r#"{"email":"ann@example.com","password":1}"#,
        r#"{"email":"ann@example.com","password":["correct horse"]}"#,
        r#"{"email":null,"password":null}"#,
        r#"{"email":"ann@example.com\u0000","password":"correct horse"}"#,
        r#"{"email":"ann@example.com","password":"correct horse","password":"last wins"}"#,
    ] {
        world.ask(Ask::post("/api/v1/jwt").json(body)).is(401, BAD);
    }
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_works_once() {
    let world = World::new(stage());
    let due = r#"{"error":"otp_attempt_required"}"#;
    let wrong = r#"{"error":"Incorrect verification code"}"#;
    world.ask(login("bob@example.com", "")).is(422, due);
    world.ask(login("bob@example.com", r#","otp_attempt":"  ""#)).is(422, due);
    world.ask(login("bob@example.com", r#","otp_attempt":"000000""#)).is(401, wrong);
    let code = world.totp();
    assert_eq!(world.ask(login("bob@example.com", &format!(r#","otp_attempt":"{code}""#))).status, 200);
    world.ask(login("bob@example.com", &format!(r#","otp_attempt":"{code}""#))).is(401, wrong);
    world.pass(30);
    let spaced = format!("{} {}", &world.totp()[..3], &world.totp()[3..]);
    assert_eq!(world.ask(login("bob@example.com", &format!(r#","otp_attempt":"{spaced}""#))).status, 200);
    world.pass(60);
    let number: u32 = world.totp().parse().unwrap();
    assert_eq!(world.ask(login("bob@example.com", &format!(r#","otp_attempt":{number}"#))).status, 200);
    assert_eq!(world.ask(login("bob@example.com", r#","otp_attempt":"K7M2P 9XQ4T""#)).status, 200);
    world.ask(login("bob@example.com", r#","otp_attempt":"k7m2p-9xq4t""#)).is(401, wrong);
    world
        .ask(Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"bob@example.com","password":"x","otp_attempt":"{code}"}}"#)))
        .is(401, BAD);
}

#[test]
fn otp_is_ignored_where_no_second_factor_is() {
    let world = World::new(stage());
    assert_eq!(world.ask(login("ann@example.com", r#","otp_attempt":"123456""#)).status, 200);
}

#[test]
fn ten_wrong_tries_lock_the_account_for_fifteen_minutes_and_look_like_any_wrong_password() {
    let world = World::new(stage());
    for _ in 0..10 {
        world.ask(Ask::post("/api/v1/jwt").json(r#"{"email":"ann@example.com","password":"wrong"}"#)).is(401, BAD);
    }
    world.ask(login("ann@example.com", "")).is(401, BAD);
    world.pass(899);
    world.ask(login("ann@example.com", "")).is(401, BAD);
    world.pass(1);
    ann(&world);
}

#[test]
fn wrong_codes_count_on_the_same_lock_and_a_right_password_does_not_clear_them() {
    let world = World::new(stage());
    for _ in 0..10 {
        world.ask(login("bob@example.com", r#","otp_attempt":"000000""#)).is(401, r#"{"error":"Incorrect verification code"}"#);
        assert!(matches!(world.ask(login("bob@example.com", "")).status, 422 | 401));
    }
    let code = world.totp();
    world.ask(login("bob@example.com", &format!(r#","otp_attempt":"{code}""#))).is(401, BAD);
}

#[test]
fn a_banned_account_hears_so_only_with_the_right_password() {
    let world = World::new(stage());
    world.ask(login("eve@example.com", "")).is(401, r#"{"error":"Your account is locked."}"#);
    world.ask(Ask::post("/api/v1/jwt").json(r#"{"email":"eve@example.com","password":"x"}"#)).is(401, BAD);
}

#[test]
fn what_cannot_be_read_has_its_answer() {
    let world = World::new(stage());
    for body in ["{", "[]", "null", "\"x\"", "1", "\u{0}", "{\"a\":"] {
        world.ask(Ask::post("/api/v1/jwt").json(body)).is(400, r#"{"error":"Bad Request"}"#);
    }
    world.ask(Ask::post("/api/v1/jwt").body("application/json", b"{\"email\":\"\xff\"}")).is(400, r#"{"error":"Bad Request"}"#);
    let deep = format!("{}1{}", r#"{"a":"#.repeat(2000), "}".repeat(2000));
    world.ask(Ask::post("/api/v1/jwt").json(&deep)).is(400, r#"{"error":"Bad Request"}"#);
    let large = vec![b' '; 1024 * 1024 + 1];
    world.ask(Ask::post("/api/v1/jwt").body("application/json", &large)).is(413, r#"{"error":"Payload Too Large"}"#);
    world.ask(Ask::post("/api/v1/jwt").json("{}").header("Content-Encoding", "gzip")).is(415, r#"{"error":"Unsupported Media Type"}"#);
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = world.ask(Ask::new(method, "/api/v1/jwt"));
        answer.is(405, r#"{"error":"Method Not Allowed"}"#);
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
    }
}

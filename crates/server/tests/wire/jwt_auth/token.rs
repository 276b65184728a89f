//! `POST /wp-json/jwt-auth/v1/token`.

use super::{HEADER, ann, stage};
use crate::support::{Ask, PASSWORD, World, peek};

const TOKEN: &str = "/wp-json/jwt-auth/v1/token";
const BAD: &str = r#"{"code":"jwt_auth_failed","data":{"status":403},"message":"Invalid Credentials."}"#;

fn login(username: &str, more: &str) -> Ask {
    Ask::post(TOKEN).json(&format!(r#"{{"username":"{username}","password":"{PASSWORD}"{more}}}"#))
}

#[test]
fn a_login_answers_the_four_members_of_the_seed_with_its_token() {
    let world = World::new(stage());
    let answer = world.ask(login("ann", ""));
    let token = answer.text("/token");
    answer.is(200, &format!(r#"{{"token":"{token}","user_display_name":"ANN","user_email":"ann@example.com","user_nicename":"ann"}}"#));
    for (name, value) in [
        ("content-type", "application/json; charset=UTF-8"),
        ("x-robots-tag", "noindex"),
        ("x-content-type-options", "nosniff"),
        ("allow", "POST"),
        ("cache-control", "no-store"),
    ] {
        assert_eq!(answer.header(name), value, "{name}");
    }
    let (header, payload) = peek(&token);
    let (now, end) = (world.now().0, world.now().0 + 604_800);
    assert_eq!(header, HEADER);
    assert_eq!(payload, format!(r#"{{"iss":"http:\/\/wire.example","iat":{now},"nbf":{now},"exp":{end},"data":{{"user":{{"id":"4"}}}}}}"#));
    assert_eq!(world.reasons(), ["jwt_auth.login granted"]);
}

#[test]
fn every_way_of_sending_it_is_read() {
    let world = World::new(stage());
    let json = format!(r#"{{"username":" ANN@Example.com ","password":" {PASSWORD}\n"}}"#);
    let form = "username=ann&password=correct+horse";
    let part = |name: &str, value: &str| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let multipart = format!("{}{}--X--\r\n", part("username", "ann"), part("password", PASSWORD));
    for ask in [
        Ask::post(TOKEN).json(&json),
        Ask::post(TOKEN).body("application/json;charset=utf-8", json.as_bytes()),
        Ask::post(TOKEN).body("application/vnd.api+json", json.as_bytes()),
        Ask::post(TOKEN).body("text/plain;charset=UTF-8", json.as_bytes()),
        Ask::post(TOKEN).body("application/x-www-form-urlencoded", json.as_bytes()),
        Ask::post(TOKEN).body("", json.as_bytes()),
        Ask::post(TOKEN).form(form),
        Ask::post(TOKEN).body("multipart/form-data; boundary=X", multipart.as_bytes()),
        Ask::post(&format!("{TOKEN}?{form}")),
        Ask::post(&format!("{TOKEN}/")).form(form),
        Ask::post("/wp-json/JWT-Auth/V1/Token").form(form),
        Ask::post("/index.php/wp-json/jwt-auth/v1/token").form(form),
        Ask::post("/?rest_route=/jwt-auth/v1/token").form(form),
        Ask::post("/?rest_route=%2Fjwt-auth%2Fv1%2Ftoken%2F").json(&json),
        Ask::post(&format!("/index.php?rest_route=/jwt-auth/v1/token&{form}")),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
    }
}

#[test]
fn a_stale_bearer_does_not_block_the_login_that_replaces_it() {
    let world = World::new(stage());
    let old = format!("Bearer {}", ann(&world));
    world.pass(604_800);
    for auth in [old.as_str(), "Bearer a.b.c", "Bearer", "Basic YW5uOng="] {
        assert_eq!(world.ask(login("ann", "").auth(auth)).status, 200, "{auth}");
    }
}

#[test]
fn wrong_unknown_missing_and_misshapen_are_one_answer() {
    let world = World::new(stage());
    for body in [
        r#"{"username":"ann","password":"wrong"}"#,
        r#"{"username":"nobody","password":"wrong"}"#,
        r#"{"username":"nobody@example.com","password":"wrong"}"#,
        r#"{"username":"ann"}"#,
        r#"{"password":"correct horse"}"#,
        r#"{"username":"","password":""}"#,
        r#"{"username":"ann","password":" "}"#,
        r#"{"username":"ann","password":"0"}"#,
        r#"{"username":"ann","password":null}"#,
        "{}",
        "",
        r#"{"username":["ann"],"password":"correct horse"}"#,
        r#"{"username":{"a":1},"password":"correct horse"}"#,
        r#"{"username":4,"password":"correct horse"}"#,
        r#"{"username":"ann","password":true}"#,
        r#"{"username":"ann","password":["correct horse"]}"#,
        r#"{"username":"ann\u0000","password":"correct horse"}"#,
    ] {
        world.ask(Ask::post(TOKEN).json(body)).is(403, BAD);
    }
    world.ask(login("eve", "")).is(403, BAD);
}

#[test]
fn ten_wrong_tries_lock_the_account_and_look_like_any_wrong_password() {
    let world = World::new(stage());
    for _ in 0..10 {
        world.ask(Ask::post(TOKEN).json(r#"{"username":"ann","password":"wrong"}"#)).is(403, BAD);
    }
    world.ask(login("ann", "")).is(403, BAD);
    world.pass(900);
    ann(&world);
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_works_once() {
    let world = World::new(stage());
    let due = r#"{"code":"jwt_auth_failed","data":{"status":403},"message":"A second factor is required: send otp_attempt."}"#;
    let wrong = r#"{"code":"jwt_auth_failed","data":{"status":403},"message":"Incorrect verification code."}"#;
    world.ask(login("bob", "")).is(403, due);
    world.ask(login("bob", r#","otp_attempt":"000000""#)).is(403, wrong);
    world.ask(login("bob", r#","otp_attempt":[1]"#)).is(403, BAD);
    let code = world.totp();
    assert_eq!(world.ask(login("bob", &format!(r#","otp_attempt":"{code}""#))).status, 200);
    world.ask(login("bob", &format!(r#","otp_attempt":"{code}""#))).is(403, wrong);
    assert_eq!(world.ask(login("bob", r#","otp_attempt":"k7m2p-9xq4t""#)).status, 200);
    world.ask(login("bob", r#","otp_attempt":"k7m2p-9xq4t""#)).is(403, wrong);
}

#[test]
fn what_cannot_be_read_has_its_answer() {
    let world = World::new(stage());
    let invalid = concat!(
        r#"{"code":"rest_invalid_json","message":"Invalid JSON body passed.","#,
        r#""data":{"status":400,"json_error_code":4,"json_error_message":"Syntax error"}}"#
    );
    for body in ["{", "[]", "null", "{\"username\":}"] {
        world.ask(Ask::post(TOKEN).json(body)).is(400, invalid);
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let too_large = r#"{"code":"payload_too_large","message":"Payload Too Large","data":{"status":413}}"#;
    world.ask(Ask::post(TOKEN).body("application/json", &large)).is(413, too_large);
    let packed = r#"{"code":"unsupported_media_type","message":"Unsupported Media Type","data":{"status":415}}"#;
    world.ask(Ask::post(TOKEN).json("{}").header("Content-Encoding", "gzip")).is(415, packed);
}

#[test]
fn the_filters_of_a_site_change_the_dates() {
    let mut config = super::config();
    config["filters"] = serde_json::json!({"jwt_auth_expire": {"__add": -604_740}, "jwt_auth_not_before": {"__add": -5}});
    let mut stage = stage();
    stage.dialects[0].1 = config;
    let world = World::new(stage);
    let now = world.now().0;
    let (_, payload) = peek(&ann(&world));
    assert!(payload.contains(&format!(r#","iat":{now},"nbf":{},"exp":{},"#, now - 5, now + 60)), "{payload}");
}

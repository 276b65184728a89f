//! `POST /wp-json/simple-jwt-login/v1/auth`.

use serde_json::json;

use super::{AUTH, HEADER, NO_ROUTE, ann, login, no, option, stage};
use crate::support::{Ask, PASSWORD, Person, World, peek};

#[test]
fn a_login_answers_one_jwt_with_the_six_claims_of_the_seed() {
    let world = World::new(stage());
    let answer = world.ask(login(""));
    let token = answer.text("/data/jwt");
    answer.is(200, &format!(r#"{{"success":true,"data":{{"jwt":"{token}"}}}}"#));
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
    let (now, end) = (world.now().0, world.now().0 + 3_600);
    assert_eq!(header, HEADER);
    let names = r#""email":"ann@example.com","id":"4","site":"http:\/\/wire.example","username":"ann""#;
    assert_eq!(payload, format!(r#"{{"iat":{now},"exp":{end},{names}}}"#));
    assert_eq!(world.reasons(), ["simple_jwt_login.login granted"]);
}

#[test]
fn every_way_of_sending_it_is_read() {
    let world = World::new(stage());
    let part = |name: &str, value: &str| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    for (name, value) in
        [("username", "ann"), ("username", " ANN "), ("email", "Ann@Example.com"), ("login", "ann"), ("login", "ann@example.com")]
    {
        let json = format!(r#"{{"{name}":"{value}","password":"{PASSWORD}"}}"#);
        let form = format!("{name}={}&password=correct+horse", value.trim());
        let multipart = format!("{}{}--X--\r\n", part(name, value), part("password", PASSWORD));
        for ask in [
            Ask::post(AUTH).json(&json),
            Ask::post(AUTH).body("application/json; charset=utf-8", json.as_bytes()),
            Ask::post(AUTH).body("text/plain;charset=UTF-8", json.as_bytes()),
            Ask::post(AUTH).body("application/x-www-form-urlencoded", json.as_bytes()),
            Ask::post(AUTH).body("", json.as_bytes()),
            Ask::post(AUTH).form(&form),
            Ask::post(AUTH).body("multipart/form-data; boundary=X", multipart.as_bytes()),
            Ask::post(&format!("{AUTH}?{form}")),
            Ask::post(&format!("/?rest_route=/simple-jwt-login/v1/auth&{form}")),
            Ask::post("/?rest_route=/simple-jwt-login/v1/auth").body("application/x-www-form-urlencoded", json.as_bytes()),
            Ask::post("/?rest_route=%2Fsimple-jwt-login%2Fv1%2Fauth%2F").json(&json),
            Ask::post("/index.php?rest_route=/simple-jwt-login/v1/auth").form(&form),
            Ask::post("/index.php/wp-json/simple-jwt-login/v1/auth").form(&form),
            Ask::post("/wp-json/Simple-JWT-Login/V1/Auth/").form(&form),
            Ask::post(AUTH).json(&json).auth("Bearer stale.stale.stale"),
        ] {
            let answer = world.ask(ask.clone());
            assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
        }
    }
}

#[test]
fn wrong_unknown_locked_and_banned_are_one_answer() {
    let world = World::new(stage());
    let bad = no("Wrong user credentials.");
    for body in [
        r#"{"username":"ann","password":"wrong"}"#,
        r#"{"username":"nobody","password":"wrong"}"#,
        r#"{"email":"ann","password":"correct horse"}"#,
        r#"{"username":"ann@example.com","password":"correct horse"}"#,
        r#"{"email":"nobody@example.com","login":"ann","password":"correct horse"}"#,
        r#"{"username":"","email":"ann@example.com","password":"correct horse"}"#,
        r#"{"username":"eve","password":"correct horse"}"#,
        r#"{"username":"ann\u0000","password":"correct horse"}"#,
        r#"{"username":"ann","password":" correct horse"}"#,
    ] {
        world.ask(Ask::post(AUTH).json(body)).is(400, &bad);
    }
    for _ in 0..10 {
        world.ask(Ask::post(AUTH).json(r#"{"login":"ida","password":"wrong"}"#)).is(400, &bad);
    }
    world.ask(Ask::post(AUTH).json(&format!(r#"{{"login":"ida","password":"{PASSWORD}"}}"#))).is(400, &bad);
    world.pass(900);
    assert_eq!(world.ask(Ask::post(AUTH).json(&format!(r#"{{"login":"ida","password":"{PASSWORD}"}}"#))).status, 200);
}

#[test]
fn what_is_missing_or_misshapen_is_named() {
    let world = World::new(stage());
    let name = "The email, username, or login parameter is missing from the request.";
    let password = "The password or password_hash parameter is missing from request.";
    for (body, text) in [
        ("", name),
        ("{}", name),
        (r#"{"password":"correct horse"}"#, name),
        (r#"{"username":"","email":" ","password":"x"}"#, name),
        (r#"{"login":null,"password":"x"}"#, name),
        (r#"{"login":"ann"}"#, password),
        (r#"{"login":"ann","password":""}"#, password),
        (r#"{"login":"ann","password":null,"password_hash":""}"#, password),
        (r#"{"login":["ann"],"password":"correct horse"}"#, "The login parameter must be a text."),
        (r#"{"username":4,"password":"correct horse"}"#, "The username parameter must be a text."),
        (r#"{"email":{"a":1},"password":"correct horse"}"#, "The email parameter must be a text."),
        (r#"{"login":"ann","password":["correct horse"]}"#, "The password parameter must be a text."),
        (r#"{"login":"ann","password":true}"#, "The password parameter must be a text."),
        (r#"{"login":"ann","password_hash":1}"#, "The password_hash parameter must be a text."),
    ] {
        world.ask(Ask::post(AUTH).json(body)).is(400, &no(text));
    }
    let long = format!(r#"{{"login":"ann","password":"{}"}}"#, "x".repeat(20_000));
    world.ask(Ask::post(AUTH).json(&long)).is(400, &no("The password parameter cannot be used."));
}

#[test]
fn a_second_factor_is_asked_for_and_each_code_works_once() {
    let world = World::new(stage());
    let bob = |more: &str| Ask::post(AUTH).json(&format!(r#"{{"email":"bob@example.com","password":"{PASSWORD}"{more}}}"#));
    world.ask(bob("")).is(400, &no("A second factor is required: send otp_attempt."));
    world.ask(bob(r#","otp_attempt":"000000""#)).is(400, &no("Incorrect verification code."));
    let code = format!(r#","otp_attempt":"{}""#, world.totp());
    assert_eq!(world.ask(bob(&code)).status, 200);
    world.ask(bob(&code)).is(400, &no("Incorrect verification code."));
}

#[test]
fn pass_the_hash_is_off_until_the_site_turns_it_on_and_is_remembered() {
    const HASH: &str = "3cb4e732631f47e6eb961f34554b7cde";
    let by_hash = |hash: &str| Ask::post(AUTH).json(&format!(r#"{{"username":"ann","password_hash":"{hash}"}}"#));
    for stage in [stage(), option(json!({})), option(json!({"password_hash_enabled": "0"}))] {
        world_refuses_hashes(&World::new(stage), &by_hash(HASH));
    }
    let world = World::new(option(json!({"password_hash_enabled": "1"})).person(Person::new(8, "joe").hash("!")));
    assert_eq!(world.ask(by_hash(HASH)).status, 200);
    let query = doorward_core::audit::AuditQuery { limit: 10, ..Default::default() };
    let last = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap().remove(0);
    assert_eq!((last.reason.as_str(), last.detail.as_str()), ("granted", "password_hash"));
    let bad = no("Wrong user credentials.");
    world.ask(by_hash("wrong")).is(400, &bad);
    world.ask(by_hash(&HASH.to_uppercase())).is(400, &bad);
    world.ask(Ask::post(AUTH).json(r#"{"username":"nobody","password_hash":"x"}"#)).is(400, &bad);
    world.ask(Ask::post(AUTH).json(r#"{"username":"joe","password_hash":"!"}"#)).is(400, &bad);
    // A password decides where both are sent.
    world.ask(Ask::post(AUTH).json(&format!(r#"{{"username":"ann","password":"wrong","password_hash":"{HASH}"}}"#))).is(400, &bad);
    // The hash stands for the first factor only.
    let bob = Ask::post(AUTH).json(&format!(r#"{{"username":"bob","password_hash":"{HASH}"}}"#));
    world.ask(bob).is(400, &no("A second factor is required: send otp_attempt."));
}

fn world_refuses_hashes(world: &World, ask: &Ask) {
    world.ask(ask.clone()).is(400, &no("Authentication with password_hash is not enabled."));
    assert_eq!(world.reasons(), Vec::<String>::new());
}

#[test]
fn what_cannot_be_read_has_its_answer() {
    let world = World::new(stage());
    let invalid = concat!(
        r#"{"code":"rest_invalid_json","message":"Invalid JSON body passed.","#,
        r#""data":{"status":400,"json_error_code":4,"json_error_message":"Syntax error"}}"#
    );
    for body in ["{", "[]", "null", "{\"username\":}"] {
        world.ask(Ask::post(AUTH).json(body)).is(400, invalid);
    }
    let name = no("The email, username, or login parameter is missing from the request.");
    world.ask(Ask::post(AUTH).body("text/plain", b"{broken")).is(400, &name);
    let large = vec![b' '; 1024 * 1024 + 1];
    world.ask(Ask::post(AUTH).body("application/json", &large)).is(413, &no("Payload Too Large"));
    world.ask(Ask::post(AUTH).json("{}").header("Content-Encoding", "gzip")).is(415, &no("Unsupported Media Type"));
}

#[test]
fn what_is_in_the_namespace_and_no_route_goes_no_further() {
    let world = World::new(stage());
    ann(&world);
    for (method, path) in [
        ("GET", AUTH),
        ("PUT", AUTH),
        ("DELETE", "/wp-json/simple-jwt-login/v1/auth/validate"),
        ("GET", "/wp-json/simple-jwt-login/v1/auth/refresh"),
        ("GET", "/wp-json/simple-jwt-login/v1/auth/revoke"),
        ("POST", "/wp-json/simple-jwt-login/v1/users"),
        ("DELETE", "/wp-json/simple-jwt-login/v1/users"),
        ("GET", "/wp-json/simple-jwt-login/v1/autologin"),
        ("GET", "/wp-json/simple-jwt-login/v1"),
        ("POST", "/?rest_route=/simple-jwt-login/v1/user/reset_password"),
    ] {
        world.ask(Ask::new(method, path)).is(404, NO_ROUTE);
    }
    assert!(world.upstream.arrived().is_empty());
}

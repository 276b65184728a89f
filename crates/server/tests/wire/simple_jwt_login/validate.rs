//! `GET` and `POST /wp-json/simple-jwt-login/v1/auth/validate`.

use serde_json::json;

use super::{HEADER, KEY, VALIDATE, ann, bad_tokens, bearer, no, option, sign, stage};
use crate::support::{Ask, PASSWORD, World, peek};

const MISSING: &str = "The `jwt` parameter is missing.";

#[test]
fn a_good_token_is_answered_with_its_owner_and_itself_taken_apart() {
    let world = World::new(stage());
    let login = Ask::post(super::AUTH).json(&format!(r#"{{"username":"ida","password":"{PASSWORD}"}}"#));
    let token = world.ask(login).text("/data/jwt");
    world.pass(100);
    let (header, payload) = peek(&token);
    let user = concat!(
        r#"{"ID":"7","user_login":"ida","user_nicename":"ida","user_email":"ida@example.com","user_url":"https:\/\/ida.example\/\u00e9","#,
        r#""user_registered":"2025-01-15 00:00:00","user_activation_key":"","user_status":"0","display_name":"IDA"}"#
    );
    let jwt = format!(r#"[{{"token":"{token}","header":{header},"payload":{payload},"expire_in":3500}}]"#);
    let body = format!(r#"{{"success":true,"data":{{"user":{user},"roles":["editor","author"],"jwt":{jwt}}}}}"#);
    for ask in [Ask::get(VALIDATE), Ask::post(VALIDATE)] {
        let answer = bearer(&world, ask, &token);
        answer.is(200, &body);
        assert_eq!(answer.header("allow"), "GET, POST");
    }
}

#[test]
fn the_token_is_found_wherever_a_client_puts_it() {
    let world = World::new(stage());
    let token = ann(&world);
    for ask in [
        Ask::get(VALIDATE).auth(&format!("bearer {token}")),
        Ask::get(VALIDATE).auth(&token),
        Ask::get(&format!("{VALIDATE}?JWT={token}")),
        Ask::get(&format!("{VALIDATE}/?jwt={token}")).auth("Basic YW5uOng="),
        Ask::get(&format!("/?rest_route=/simple-jwt-login/v1/auth/validate&JWT={token}")),
        Ask::post(VALIDATE).json(&format!(r#"{{"JWT":"{token}"}}"#)),
        Ask::post(VALIDATE).json(&format!(r#"{{"jwt":"{token}"}}"#)),
        Ask::post(VALIDATE).body("text/plain", format!(r#"{{"jwt":"{token}"}}"#).as_bytes()),
        Ask::post(VALIDATE).form(&format!("JWT={token}")),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
    }
    let head = world.ask(Ask::new("HEAD", VALIDATE).auth(&token));
    head.is(200, "");
}

#[test]
fn no_token_and_no_good_token_are_refused_with_the_reason() {
    let world = World::new(option(json!({})));
    for ask in [
        Ask::get(VALIDATE),
        Ask::get(VALIDATE).auth(""),
        Ask::get(VALIDATE).auth("Token a.b.c"),
        Ask::get(VALIDATE).auth("Basic YW5uOng="),
        Ask::get(VALIDATE).header("Cookie", "simple-jwt-login-token=a.b.c"),
        Ask::post(VALIDATE).json(r#"{"token":"a.b.c"}"#),
        Ask::post(VALIDATE).json(r#"{"JWT":""}"#),
    ] {
        world.ask(ask).is(400, &no(MISSING));
    }
    for (token, text) in bad_tokens(world.now().0) {
        bearer(&world, Ask::get(VALIDATE), &token).is(400, &no(text));
        world.ask(Ask::get(&format!("{VALIDATE}?JWT={token}"))).is(400, &no(text));
    }
    world.ask(Ask::get(VALIDATE).auth("Bearer")).is(400, &no("Wrong number of segments"));
    world.ask(Ask::post(VALIDATE).json(r#"{"JWT":["a.b.c"]}"#)).is(400, &no("Wrong number of segments"));
    // The first place counts, even if what is there is bad.
    let good = ann(&world);
    bearer(&world, Ask::get(&format!("{VALIDATE}?JWT={good}")), "a.b.c").is(400, &no("Wrong number of segments"));
    world.pass(3_599);
    assert_eq!(bearer(&world, Ask::get(VALIDATE), &good).status, 200);
    world.pass(1);
    bearer(&world, Ask::get(VALIDATE), &good).is(400, &no("Expired token"));
}

#[test]
fn a_token_without_an_end_is_good_for_ever_and_says_no_seconds() {
    let world = World::new(option(json!({"jwt_payload": ["email"]})));
    let token = ann(&world);
    assert_eq!(peek(&token).1, format!(r#"{{"iat":{},"email":"ann@example.com"}}"#, world.now().0));
    world.pass(3_000_000_000);
    let answer = bearer(&world, Ask::get(VALIDATE), &token);
    assert!(answer.status == 200 && answer.body.ends_with(r#""email":"ann@example.com"}}]}}"#), "{}", answer.line());
}

#[test]
fn the_site_says_which_claim_names_the_owner() {
    for (by, claim, payload) in [
        (0, "data.user.mail", r#"{"iat":1767323045,"data":{"user":{"mail":"ann@example.com"}}}"#),
        (1, "id", r#"{"iat":1767323045,"id":4}"#),
        (7, "id", r#"{"iat":1767323045,"id":"4"}"#),
        (2, "username", r#"{"iat":1767323045,"username":"ANN"}"#),
    ] {
        let world = World::new(option(json!({"jwt_login_by": by, "jwt_login_by_parameter": claim})));
        assert_eq!(bearer(&world, Ask::get(VALIDATE), &sign(KEY, HEADER, payload)).status, 200, "{payload}");
    }
    for (claim, text) in [
        ("", "Unable to find user  property in JWT."),
        ("uid", "Unable to find user uid property in JWT."),
        ("data.user.mail", "Unable to find user mail property in JWT.( Settings: data.user.mail )"),
    ] {
        let world = World::new(option(json!({"jwt_login_by_parameter": claim})));
        bearer(&world, Ask::get(VALIDATE), &ann(&world)).is(400, &no(text));
    }
}

//! `POST /wp-json/simple-jwt-login/v1/auth/revoke`.

use serde_json::json;

use super::{REFRESH, REVOKE, VALIDATE, ann, bad_tokens, bearer, no, option, stage};
use crate::support::{Ask, World};

#[test]
fn a_revoked_token_is_dead_and_the_others_live() {
    let world = World::new(stage());
    let old = ann(&world);
    world.pass(1);
    let other = ann(&world);
    let done = format!(r#"{{"success":true,"message":"Token was revoked.","data":{{"jwt":["{old}"]}}}}"#);
    bearer(&world, Ask::post(REVOKE), &old).is(200, &done);
    bearer(&world, Ask::get(VALIDATE), &old).is(400, &no("This JWT is invalid."));
    bearer(&world, Ask::post(REVOKE), &old).is(400, &no("Token was already revoked."));
    assert_eq!(bearer(&world, Ask::get(VALIDATE), &other).status, 200);
}

#[test]
fn it_is_read_from_every_place() {
    let world = World::new(stage());
    for at in [
        |token: &str| Ask::post(&format!("{REVOKE}?JWT={token}")),
        |token: &str| Ask::post(REVOKE).form(&format!("JWT={token}")),
        |token: &str| Ask::post(REVOKE).json(&format!(r#"{{"jwt":"{token}"}}"#)),
        |token: &str| Ask::post("/?rest_route=/simple-jwt-login/v1/auth/revoke").auth(token),
    ] {
        world.pass(1);
        let token = ann(&world);
        assert_eq!(world.ask(at(&token)).status, 200);
        bearer(&world, Ask::get(VALIDATE), &token).is(400, &no("This JWT is invalid."));
    }
}

#[test]
fn a_login_in_the_second_of_a_revocation_gets_a_token_that_lives() {
    let world = World::new(stage());
    let mut seen = Vec::new();
    for _ in 0..3 {
        let token = ann(&world);
        assert!(!seen.contains(&token), "a dead token was handed out");
        assert_eq!(bearer(&world, Ask::get(VALIDATE), &token).status, 200);
        assert_eq!(bearer(&world, Ask::post(REVOKE), &token).status, 200);
        seen.push(token);
    }
}

#[test]
fn what_is_no_good_token_is_refused_with_the_reason() {
    let world = World::new(option(json!({})));
    world.ask(Ask::post(REVOKE)).is(400, &no("The `jwt` parameter is missing."));
    for (token, text) in bad_tokens(world.now().0) {
        bearer(&world, Ask::post(REVOKE), &token).is(400, &no(text));
    }
}

#[test]
fn an_expired_token_is_refused_and_can_be_refreshed_no_more() {
    let world = World::new(stage());
    let old = ann(&world);
    world.pass(3_600);
    bearer(&world, Ask::post(REVOKE), &old).is(400, &no("Expired token"));
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("This JWT is invalid."));
}

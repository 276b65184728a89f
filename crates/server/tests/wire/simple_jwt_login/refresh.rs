//! `POST /wp-json/simple-jwt-login/v1/auth/refresh`.

use serde_json::json;

use super::{REFRESH, REVOKE, VALIDATE, ann, bad_tokens, bearer, no, option, stage};
use crate::support::{Ask, World, peek};

const FORTNIGHT: i64 = 1_209_600;

#[test]
fn a_good_token_buys_a_fresh_one_of_the_same_owner_and_lives_on() {
    let world = World::new(stage());
    let old = ann(&world);
    world.pass(10);
    for ask in [
        Ask::post(REFRESH).auth(&format!("Bearer {old}")),
        Ask::post(REFRESH).json(&format!(r#"{{"JWT":"{old}"}}"#)),
        Ask::post(REFRESH).form(&format!("jwt={old}")),
        Ask::post(&format!("/?rest_route=/simple-jwt-login/v1/auth/refresh&JWT={old}")),
    ] {
        let answer = world.ask(ask);
        let new = answer.text("/data/jwt");
        answer.is(200, &format!(r#"{{"success":true,"data":{{"jwt":"{new}"}}}}"#));
        let (iat, exp) = (world.now().0, world.now().0 + 3_600);
        let names = r#""email":"ann@example.com","id":"4","site":"http:\/\/wire.example","username":"ann""#;
        assert_eq!(peek(&new).1, format!(r#"{{"iat":{iat},"exp":{exp},{names}}}"#));
        assert_eq!(bearer(&world, Ask::get(VALIDATE), &new).status, 200);
    }
    assert_eq!(bearer(&world, Ask::get(VALIDATE), &old).status, 200);
    assert_eq!(world.reasons()[..2], ["simple_jwt_login.login granted", "refresh granted"]);
}

#[test]
fn an_expired_token_buys_one_within_the_time_of_grace() {
    let world = World::new(stage());
    let old = ann(&world);
    world.pass(3_600 + FORTNIGHT - 1);
    bearer(&world, Ask::get(VALIDATE), &old).is(400, &no("Expired token"));
    assert_eq!(bearer(&world, Ask::post(REFRESH), &old).status, 200);
    world.pass(1);
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("JWT is too old to be refreshed."));
    let world = World::new(option(json!({"jwt_auth_refresh_ttl": "1"})));
    let old = ann(&world);
    world.pass(3_659);
    assert_eq!(bearer(&world, Ask::post(REFRESH), &old).status, 200);
    world.pass(1);
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("JWT is too old to be refreshed."));
}

#[test]
fn a_revoked_token_buys_nothing_before_or_after_its_end() {
    let world = World::new(stage());
    let old = ann(&world);
    assert_eq!(bearer(&world, Ask::post(REVOKE), &old).status, 200);
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("This JWT is invalid."));
    world.pass(3_600 + FORTNIGHT - 1);
    world.run(doorward_core::flow::sweep::sweep(&world.house, world.now(), 0)).unwrap();
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("This JWT is invalid."));
}

#[test]
fn what_buys_nothing_is_refused_with_the_reason() {
    let world = World::new(option(json!({})));
    world.ask(Ask::post(REFRESH)).is(400, &no("JWT is missing."));
    world.ask(Ask::post(REFRESH).auth("Basic YW5uOng=")).is(400, &no("JWT is missing."));
    for (token, text) in bad_tokens(world.now().0) {
        bearer(&world, Ask::post(REFRESH), &token).is(400, &no(text));
    }
}

#[test]
fn a_ban_ends_it() {
    let world = World::new(stage());
    let old = ann(&world);
    world.run(async {
        let call = doorward_core::testkit::frozen_call(world.now(), 9);
        let account = world.house.look(|desk| desk.account(doorward_core::site::SiteId(1), 4)).await.unwrap().unwrap();
        let banned = doorward_core::account::Account { status: doorward_core::account::Status::Banned, ..account };
        doorward_core::flow::accounts::put(&world.house, &call, banned, "user.ban").await.unwrap();
    });
    bearer(&world, Ask::post(REFRESH), &old).is(400, &no("User not found."));
}

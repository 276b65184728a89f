//! `GET /v1/users/me`.

use doorward_core::account::Account;

use super::{change, guest, login, meta, refused, world};
use crate::support::Ask;

fn me(auth: &str) -> Ask {
    Ask::get("/v1/users/me").auth(auth)
}

#[test]
fn it_shows_the_account_as_it_is_now_on_its_own_site() {
    let world = world();
    let token = login(&world, "yoursite", "ann");
    change(&world, 4, |a| Account { level: 7, ..a });
    let answer = world.ask(me(&format!("Bearer {token}")));
    let user = r#"{"id":4,"username":"ann","email":"ann@example.com","level":7,"role":"moderator","type":1,"type_label":"Active","avatar":null,"created_at":"2025-01-15T00:00:00Z"}"#;
    let expected = format!(r#"{{"data":{user},{}}}"#, meta(&world, &answer));
    answer.is(200, &expected);
    // The token names the site, whatever the host.
    let there = login(&world, "other", "olga");
    assert_eq!(world.ask(me(&format!("bearer {there}"))).value()["data"]["id"], 40);
    assert_eq!(world.ask(Ask::new("HEAD", "/v1/users/me/").auth(&format!("Bearer {token}"))).status, 200);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_guest_is_forbidden_and_everybody_else_is_told_what_is_wrong() {
    let world = world();
    refused(&world, me(&format!("Bearer {}", guest(&world))), 403, "forbidden", "You are not allowed to do this");
    let answer = refused(&world, Ask::get("/v1/users/me"), 401, "unauthorized", "A token or API key is required");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="wapka-api""#);
    refused(&world, me("Bearer a.b.c"), 401, "invalid_token", "Invalid token");
    let key = refused(&world, me("wpk_live_nobody"), 401, "invalid_api_key", "Invalid API key");
    assert_eq!(key.header("www-authenticate"), r#"Bearer realm="wapka-api", error="invalid_token""#);
}

#[test]
fn changing_the_profile_is_the_applications() {
    let world = world();
    let token = login(&world, "yoursite", "ann");
    let patch = Ask::new("PATCH", "/v1/users/me").auth(&format!("Bearer {token}")).json(r#"{"avatar":"x"}"#);
    world.ask(patch).is(200, r#"{"upstream":true}"#);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
    refused(&world, Ask::new("PATCH", "/v1/users/me").json("{}"), 401, "unauthorized", "A token or API key is required");
}

//! Endpoints in mode `basic`.

use serde_json::json;

use super::{ANN, INVALID, THROUGH, basic, post, world};
use crate::support::{Ask, PASSWORD};

fn index(auth: &str) -> Ask {
    Ask::get("/api/v1/posts").auth(auth)
}

#[test]
fn an_address_and_its_password_open() {
    let world = world(json!({"wncms_api_post_index_should_auth": "basic"}));
    let good = basic("ann@example.com", PASSWORD);
    for auth in
        [good.clone(), good.replace("Basic ", "bASIC   "), good.trim_end_matches('=').to_owned(), basic(" Ann@Example.COM ", PASSWORD)]
    {
        world.ask(index(&auth)).is(200, THROUGH);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"), "{auth}");
    }
}

#[test]
fn everything_else_is_one_answer_without_a_dialog() {
    let world = world(json!({"wncms_api_post_index_should_auth": "basic"}));
    for auth in [
        basic("ann@example.com", "wrong").as_str(),
        &basic("ann", PASSWORD),
        &basic("nobody@example.com", PASSWORD),
        &basic("ann@example.com", &format!(" {PASSWORD}")),
        &basic("ann@example.com", ""),
        &basic("ann@example.com", "0"),
        &basic("0", PASSWORD),
        &basic("", PASSWORD),
        // Banned, and somebody with a second factor, which Basic cannot show.
        &basic("eve@example.com", PASSWORD),
        &basic("bob@example.com", PASSWORD),
        "Basic",
        "Basic ***",
        "Basic YW5u",
        "Bearer x",
        &format!("Bearer {ANN}"),
    ] {
        let answer = world.ask(index(auth));
        answer.is(401, INVALID);
        assert_eq!(answer.header("www-authenticate"), "", "{auth}");
    }
    world.ask(Ask::get("/api/v1/posts")).is(401, INVALID);
    // One mode, no fallback.
    post(&world, "/api/v1/posts", ANN).is(401, INVALID);
    let good = basic("ann@example.com", PASSWORD);
    world.ask(index(&good).auth(&good)).is(401, INVALID);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_realm_is_named_only_where_one_is_set() {
    let world = world(json!({"wncms_api_post_index_should_auth": "basic", "basic_realm": "My \"CMS\""}));
    let answer = world.ask(Ask::get("/api/v1/posts"));
    answer.is(401, INVALID);
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"My CMS\"");
}

#[test]
fn wrong_passwords_count_on_the_lock_of_every_door() {
    let world = world(json!({"wncms_api_post_index_should_auth": "basic"}));
    for _ in 0..10 {
        world.ask(index(&basic("ann@example.com", "wrong"))).is(401, INVALID);
    }
    world.ask(index(&basic("ann@example.com", PASSWORD))).is(401, INVALID);
    world.pass(900);
    world.ask(index(&basic("ann@example.com", PASSWORD))).is(200, THROUGH);
}

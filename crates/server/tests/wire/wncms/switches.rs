//! Switches, modes and the whitelist of the settings table.

use serde_json::json;

use super::{ANN, INVALID, OFF, ROOT, THROUGH, post, world};
use crate::support::Ask;

const UNLISTED: &str = r#"{"status":"fail","message":"Request IP or domain is not in the API whitelist"}"#;

#[test]
fn a_switched_off_endpoint_says_so_before_it_asks_who_is_there() {
    for rows in [
        json!({"wncms_api_post_store": "0"}),
        json!({"wncms_api_post_store": ""}),
        json!({"wncms_api_post_store": null}),
        json!({"wncms_api_posts_store": false}),
        json!({"enable_api_post": "0"}),
        json!({"enable_api_access": false, "api_access_whitelist": "10.0.0.1"}),
    ] {
        let world = world(rows.clone());
        for ask in [Ask::post("/api/v1/posts/store"), Ask::post("/api/v1/posts/store").json(&format!(r#"{{"api_token":"{ANN}"}}"#))] {
            let answer = world.ask(ask);
            assert_eq!(answer.line(), format!("403 {OFF}"), "{rows}");
        }
    }
}

#[test]
fn a_switch_leaves_the_others_alone() {
    let world = world(json!({"wncms_api_posts_index": false, "enable_api_tag": "0", "disable_core_update": "1"}));
    world.ask(Ask::get("/api/v1/posts")).is(403, OFF);
    world.ask(Ask::post("/api/v1/tags")).is(403, OFF);
    world.ask(Ask::post("/api/v1/tags/exist")).is(403, OFF);
    post(&world, "/api/v1/update", ROOT).is(403, OFF);
    world.ask(Ask::get("/api/v1/posts/hello")).is(200, THROUGH);
    post(&world, "/api/v1/update/progress", ROOT).is(200, THROUGH);
}

#[test]
fn the_global_switch_closes_everything_and_the_token_buttons_too() {
    let world = world(json!({"enable_api_access": "0"}));
    for path in ["posts", "tags", "websites", "menus", "pages", "update", "token/generate", "token/regenerate", "token/revoke"] {
        post(&world, &format!("/api/v1/{path}"), ROOT).is(403, OFF);
    }
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn modes_are_set_by_endpoint_in_either_spelling() {
    let world = world(json!({
        "wncms_api_post_index_should_auth": "simple",
        "wncms_api_posts_store_should_auth": "none",
        "wncms_api_tag_index_should_auth": "digest",
        "wncms_api_website_index_should_auth": "",
    }));
    world.ask(Ask::get("/api/v1/posts")).is(401, INVALID);
    world.ask(Ask::post("/api/v1/posts/store")).is(200, THROUGH);
    post(&world, "/api/v1/tags", ANN).is(403, r#"{"status":"fail","message":"Unsupported auth mode: digest"}"#);
    // A website belongs to somebody: without a mode nobody can be shown.
    post(&world, "/api/v1/websites", ROOT).is(401, INVALID);
}

#[test]
fn the_whitelist_goes_by_address_and_hosts_open_nothing() {
    let home = world(json!({"api_access_whitelist": "10.0.0.0/8\r\n127.0.0.0/8"}));
    home.ask(Ask::get("/api/v1/posts")).is(200, THROUGH);
    for rows in [json!({"api_access_whitelist": "10.0.0.0/8"}), json!({"api_access_whitelist": "https://wire.example\nexample.com"})] {
        let away = world(rows);
        let ask = Ask::get("/api/v1/posts").header("Origin", "https://wire.example").header("Referer", "https://wire.example/");
        away.ask(ask.header("X-Forwarded-For", "10.1.1.1")).is(403, UNLISTED);
        post(&away, "/api/v1/posts/store", ANN).is(403, UNLISTED);
        post(&away, "/api/v1/token/generate", ANN).is(403, UNLISTED);
        assert!(away.upstream.arrived().is_empty());
    }
}

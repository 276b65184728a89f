//! Endpoints in mode `none` and `simple`, and those that need a role.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::{ADMIN, ANN, EVE, INVALID, ROOT, SUE, THROUGH, post, stage, world};
use crate::support::{Ask, World};

#[test]
fn a_token_in_every_way_of_sending_it_opens_and_the_upstream_is_told_who_it_is() {
    let world = world(json!({}));
    let json = format!(r#"{{"api_token":"{ANN}","title":"New Post"}}"#);
    let store = || Ask::post("/api/v1/posts/store");
    let multipart = format!("--X\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\n{ANN}\r\n--X--\r\n");
    for ask in [
        store().json(&json),
        Ask::post("/api/v1/posts/store/").json(&json),
        store().body("text/plain;charset=UTF-8", json.as_bytes()),
        store().body("application/x-www-form-urlencoded", json.as_bytes()),
        store().body("", json.as_bytes()),
        store().form(&format!("title=x&api_token={ANN}")),
        store().body("multipart/form-data; boundary=X", multipart.as_bytes()),
        Ask::post(&format!("/api/v1/posts/store?api_token={ANN}")),
        Ask::post("/api/v1/posts/store?api_token=other").json(&json),
        store().json(&format!(r#"{{"api_token":" {ANN}\n"}}"#)),
        store().json(&json).auth("Bearer other").header("Cookie", "session=1"),
    ] {
        world.ask(ask.clone()).is(200, THROUGH);
        let arrived = world.upstream.last();
        assert_eq!(arrived.header("x-doorward-user-id"), Some("4"), "{ask:?}");
    }
    world.ask(store().body("text/plain;charset=UTF-8", json.as_bytes()));
    assert_eq!(world.upstream.last().body, json, "the body goes on as it came");
}

#[test]
fn whatever_is_no_live_token_of_an_active_user_is_one_answer_and_reaches_nobody() {
    let world = world(json!({}));
    let store = || Ask::post("/api/v1/posts/store");
    for token in ["your-api-token", EVE, &ANN.to_uppercase(), &ANN[1..], "a.b.c", "", "  ", "0"] {
        let answer = post(&world, "/api/v1/posts/store", token);
        answer.is(401, INVALID);
        assert_eq!((answer.header("content-type"), answer.header("www-authenticate")), ("application/json", ""), "{token}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    for body in [
        "{}",
        "",
        "{",
        "[]",
        r#"{"api_token":null}"#,
        r#"{"api_token":true}"#,
        r#"{"api_token":1}"#,
        &format!(r#"{{"api_token":["{ANN}"]}}"#),
        &format!(r#"{{"api_token":{{"0":"{ANN}"}}}}"#),
        &format!(r#"{{"API_TOKEN":"{ANN}"}}"#),
    ] {
        world.ask(store().json(body)).is(401, INVALID);
    }
    world.ask(Ask::post(&format!("/api/v1/posts/store?api_token[]={ANN}"))).is(401, INVALID);
    world.ask(store()).is(401, INVALID);
    world.ask(store().auth(&format!("Bearer {ANN}"))).is(401, INVALID);
    world.ask(store().auth(&super::basic("ann@example.com", "correct horse"))).is(401, INVALID);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn in_mode_none_credentials_are_not_looked_at() {
    let world = world(json!({}));
    for ask in [
        Ask::get("/api/v1/posts"),
        Ask::new("HEAD", "/api/v1/posts"),
        Ask::post("/api/v1/posts").json("{"),
        Ask::post("/api/v1/posts").json(r#"{"api_token":["x"]}"#),
        Ask::get(&format!("/api/v1/posts/hello?api_token={ANN}")).auth("Bearer x"),
        Ask::get("/api/v1/posts/store"),
        Ask::post("/api/v1/tags"),
        Ask::post("/api/v1/tags/exist"),
        Ask::get("/api/v1/menus"),
        Ask::get("/api/v1/menus/3"),
        Ask::post("/api/v1/pages"),
        Ask::post("/api/v1/pages/3"),
    ] {
        assert_eq!(world.ask(ask.clone()).status, 200, "{ask:?}");
        let arrived = world.upstream.last();
        assert_eq!(arrived.header("x-doorward-user-id"), None, "{ask:?}");
    }
}

#[test]
fn writes_ask_for_a_token_and_some_for_an_admin() {
    let world = world(json!({}));
    for path in [
        "posts/update/7",
        "posts/delete/hello",
        "tags/store",
        "menus/store",
        "pages/store",
        "websites",
        "websites/3",
        "websites/update/3",
        "websites/add-domain",
        "websites/remove-domain",
    ] {
        let path = format!("/api/v1/{path}");
        world.ask(Ask::post(&path)).is(401, INVALID);
        post(&world, &path, ANN).is(200, THROUGH);
    }
    for path in ["websites/store", "websites/delete/3", "menus/sync", "update", "update/progress"] {
        let path = format!("/api/v1/{path}");
        world.ask(Ask::post(&path)).is(401, INVALID);
        post(&world, &path, ANN).is(403, ADMIN);
        post(&world, &path, SUE).is(403, ADMIN);
        post(&world, &path, ROOT).is(200, THROUGH);
        assert_eq!(world.upstream.last().header("x-doorward-roles"), Some("admin"));
    }
}

#[test]
fn a_get_may_show_its_token_in_a_body_or_in_the_query() {
    let world = world(json!({"wncms_api_post_index_should_auth": "simple"}));
    world.ask(Ask::get("/api/v1/posts").json(&format!(r#"{{"api_token":"{ANN}"}}"#))).is(200, THROUGH);
    world.ask(Ask::get(&format!("/api/v1/posts?api_token={ANN}"))).is(200, THROUGH);
    world.ask(Ask::get("/api/v1/posts")).is(401, INVALID);
}

#[test]
fn unknown_paths_methods_and_bodies_have_their_words() {
    let world = world(json!({}));
    for path in ["/api/v1/posts/7/comments", "/api/v1/update/now", "/api/v1/anything", "/api/v1"] {
        post(&world, path, ROOT).is(404, r#"{"status":"fail","message":"Not found"}"#);
    }
    for (method, path, allow) in [
        ("PUT", "/api/v1/posts", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/api/v1/posts/7", "GET, HEAD, POST, OPTIONS"),
        ("GET", "/api/v1/posts/delete/7", "POST, OPTIONS"),
        ("GET", "/api/v1/tags", "POST, OPTIONS"),
        ("GET", "/api/v1/update", "POST, OPTIONS"),
        ("GET", "/api/v1/token/generate", "POST, OPTIONS"),
    ] {
        let answer = world.ask(Ask::new(method, path));
        answer.is(405, r#"{"status":"fail","message":"Method not allowed"}"#);
        assert_eq!(answer.header("allow"), allow, "{method} {path}");
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let large = Ask::post("/api/v1/posts/store").body("application/json", &large);
    world.ask(large).is(413, r#"{"status":"fail","message":"Payload too large"}"#);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn bearer_is_off_until_it_is_switched_on() {
    let hello = |world: &World, auth: &str| world.ask(Ask::post("/api/v1/posts/store").auth(auth));
    let on = world(json!({"bearer": true}));
    hello(&on, &format!("Bearer {ANN}")).is(200, THROUGH);
    hello(&on, "Bearer unknown").is(401, INVALID);
    hello(&on, "Bearer a.b.c").is(401, INVALID);
    hello(&on, "Bearer").is(401, INVALID);
    hello(&on, &format!("token {ANN}")).is(401, INVALID);
    post(&on, "/api/v1/posts/store", ANN).is(200, THROUGH);
}

#[test]
fn a_sites_own_rules_come_first_and_speak_its_words() {
    let mut open = Rule::new("open", PathMatch::Exact, "/api/v1/posts/store", &[Way::None]);
    open.methods = vec!["PUT".into()];
    let mut hello = Rule::new("hello", PathMatch::Exact, "/api/v1/posts/hello", &[Way::Simple, Way::Bearer]);
    hello.roles = vec!["admin".into()];
    let mut editors = Rule::new("editors", PathMatch::Exact, "/api/v1/menus", &[Way::Simple]);
    editors.roles = vec!["editor".into()];
    let world = World::new(stage(json!({})).rule(open).rule(hello).rule(editors));
    world.ask(Ask::new("PUT", "/api/v1/posts/store")).is(200, THROUGH);
    world.ask(Ask::get("/api/v1/posts/hello")).is(401, INVALID);
    world.ask(Ask::get("/api/v1/posts/hello").auth(&format!("Bearer {ANN}"))).is(403, ADMIN);
    world.ask(Ask::get("/api/v1/posts/hello").auth(&format!("Bearer {ROOT}"))).is(200, THROUGH);
    post(&world, "/api/v1/menus", ANN).is(403, r#"{"status":"fail","message":"Access denied"}"#);
}

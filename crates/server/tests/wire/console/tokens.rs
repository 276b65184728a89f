//! One's own API tokens.

use serde_json::json;

use super::world;
use crate::support::{Answer, Ask, Browser, World};

fn used(world: &World, token: &str) -> Answer {
    world.ask(Ask::get("/v1/posts").auth(token))
}

#[test]
fn a_token_is_shown_once_listed_used_and_revoked_with_a_while_to_think() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let made = browser.post("/api/me/tokens", &json!({"name": "CI <b>", "dialect": "wapka", "expires": "2030-01-01T00:00:00Z"}));
    assert_eq!(made.status, 201, "{}", made.line());
    let (id, token) = (made.value()["id"].as_i64().unwrap(), made.text("/token"));
    assert!(token.starts_with("wpk_live_"));
    assert_eq!(used(&world, &token).status, 200);
    let list = browser.get("/api/me/tokens");
    assert_eq!((list.text("/items/0/name"), list.text("/items/0/expires")), ("CI <b>".into(), "2030-01-01T00:00:00Z".into()));
    assert!(!list.body.contains(&token) && !browser.get("/api/session").body.contains(&token));
    let bob = Browser::signed_in_with_code(&world, "bob");
    for (method, path) in [("PATCH", ""), ("POST", "/roll"), ("POST", "/undo")] {
        assert_eq!(bob.clone().write(method, &format!("/api/me/tokens/{id}{path}"), &json!({"name": "mine"})).status, 404, "{method}");
    }
    assert_eq!(bob.clone().delete(&format!("/api/me/tokens/{id}")).status, 404);
    assert_eq!(browser.post(&format!("/api/me/tokens/{id}/undo"), &json!({})).status, 404, "nothing to undo");
    assert_eq!(browser.delete(&format!("/api/me/tokens/{id}")).status, 200);
    assert_eq!(used(&world, &token).status, 401);
    assert_eq!(browser.post(&format!("/api/me/tokens/{id}/undo"), &json!({})).status, 200);
    assert_eq!(used(&world, &token).status, 200);
    assert_eq!(browser.delete(&format!("/api/me/tokens/{id}")).status, 200);
    world.pass(600);
    assert_eq!(browser.post(&format!("/api/me/tokens/{id}/undo"), &json!({})).status, 404, "too late");
    assert_eq!(used(&world, &token).status, 401);
    assert_eq!(browser.get("/api/me/tokens").value()["items"], json!([]));
}

#[test]
fn what_ended_with_everything_is_not_taken_back() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let made = browser.post("/api/me/tokens", &json!({"name": "a", "dialect": "wapka"}));
    let id = made.value()["id"].as_i64().unwrap();
    assert_eq!(browser.delete("/api/me/sessions?everything=true").status, 200);
    assert_eq!(used(&world, &made.text("/token")).status, 401);
    assert_eq!(browser.post(&format!("/api/me/tokens/{id}/undo"), &json!({})).status, 404);
}

#[test]
fn a_token_is_bound_to_addresses_at_every_use() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let make = |browser: &mut Browser, ip_allow: &[&str]| {
        browser.post("/api/me/tokens", &json!({"name": "bound", "dialect": "wapka", "ip_allow": ip_allow}))
    };
    for wrong in ["localhost", "10.0.0.0/99", "300.1.1.1"] {
        assert_eq!(make(&mut browser, &[wrong]).text("/error/field"), "ip_allow", "{wrong}");
    }
    let here = make(&mut browser, &["127.0.0.1"]).text("/token");
    let there = make(&mut browser, &["10.0.0.0/8", "2001:db8::/32"]).text("/token");
    for _ in 0..2 {
        assert_eq!(used(&world, &here).status, 200);
        assert_eq!(used(&world, &there).status, 403, "not from here, also when it was seen before");
        let bearer = Ask::get("/v1/posts").auth(&format!("Bearer {there}"));
        assert_ne!(world.ask(bearer).status, 200);
    }
    // A key that is made with it is bound like it.
    let child = world.ask(Ask::post("/v1/api-keys").auth(&here).json(r#"{"name":"child"}"#));
    if child.status == 201 {
        let row = browser.get("/api/me/tokens").value();
        assert_eq!(row["items"][0]["ip_allow"], json!(["127.0.0.1"]));
    }
}

#[test]
fn rolling_leaves_the_old_one_its_hours_and_one_wins() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let made = browser.post("/api/me/tokens", &json!({"name": "a", "dialect": "wapka", "ip_allow": ["127.0.0.0/8"]}));
    let (id, old) = (made.value()["id"].as_i64().unwrap(), made.text("/token"));
    assert_eq!(browser.post(&format!("/api/me/tokens/{id}/roll"), &json!({"overlap_hours": 721})).text("/error/field"), "overlap_hours");
    let rolled = browser.post(&format!("/api/me/tokens/{id}/roll"), &json!({"overlap_hours": 1}));
    assert_eq!(rolled.status, 201, "{}", rolled.line());
    assert_eq!(rolled.value()["ip_allow"], json!(["127.0.0.0/8"]));
    let new = rolled.text("/token");
    assert_eq!((used(&world, &old).status, used(&world, &new).status), (200, 200));
    world.pass(3600);
    assert_eq!((used(&world, &old).status, used(&world, &new).status), (401, 200));
    let rolled_id = rolled.value()["id"].as_i64().unwrap();
    let fresh = Browser::signed_in(&world, "ada");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| fresh.clone().post(&format!("/api/me/tokens/{rolled_id}/roll"), &json!({"overlap_hours": 0})).status))
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 201).count(), 1, "{statuses:?}");
    assert_eq!(used(&world, &new).status, 401);
}

#[test]
fn what_cannot_be_a_token_is_told_by_its_field_and_stale_ones_show() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    for (body, field) in [
        (json!({"name": " "}), "name"),
        (json!({"name": "x".repeat(101)}), "name"),
        (json!({"name": "a", "expires": "2001-01-01T00:00:00Z"}), "expires"),
        (json!({"name": "a", "expires": "soon"}), "expires"),
        (json!({"name": "a", "scopes": ["a b"]}), "scopes"),
        (json!({"name": "a", "scopes": ["*"]}), "scopes"),
        (json!({"name": "a", "scopes": "read"}), "scopes"),
        (json!({"name": "a", "scopes": ["doorward:admin"]}), "scopes"),
        (json!({"name": "a", "dialect": "klingon"}), "dialect"),
    ] {
        let answer = browser.post("/api/me/tokens", &body);
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.into()), "{body}");
    }
    assert_eq!(browser.get("/api/me/tokens").value()["items"], json!([]));
    browser.post("/api/me/tokens", &json!({"name": "old", "scopes": []}));
    world.pass(90 * 86_400);
    let mut browser = Browser::signed_in(&world, "ada");
    let row = browser.get("/api/me/tokens").value()["items"][0].clone();
    assert_eq!((&row["unused_days"], &row["stale"], &row["scopes"]), (&json!(90), &json!(true), &json!([])));
}

//! `/v1/api-keys`.

use doorward_core::account::Account;

use super::{change, guest, invalid, login, meta, refused, world};
use crate::support::{Answer, Ask, World};

fn owner(world: &World) -> String {
    format!("Bearer {}", login(world, "yoursite", "owner"))
}

fn create(auth: &str, body: &str) -> Ask {
    Ask::post("/v1/api-keys").auth(auth).json(body)
}

fn made(world: &World, auth: &str, body: &str) -> (i64, String, Answer) {
    let answer = world.ask(create(auth, body));
    assert_eq!(answer.status, 201, "{}", answer.line());
    let id = answer.value()["data"]["id"].as_i64().unwrap();
    (id, answer.text("/data/key"), answer)
}

#[test]
fn a_key_is_shown_once_and_opens_bare_and_behind_bearer() {
    let world = world();
    let owner = owner(&world);
    let (id, key, answer) = made(&world, &owner, r#"{"name":" CI ","expires_at":"2026-02-01T00:00:00Z"}"#);
    assert!(key.starts_with("wpk_live_") && key.len() == 49, "{key}");
    let data = format!(
        r#"{{"id":{id},"name":"CI","key":"{key}","prefix":"wpk_live_","scope":"*","created_at":"2026-01-02T03:04:05Z","expires_at":"2026-02-01T00:00:00Z"}}"#
    );
    let expected = format!(r#"{{"data":{data},{}}}"#, meta(&world, &answer));
    answer.is(201, &expected);
    for auth in [key.clone(), format!("Bearer {key}"), format!("bearer   {key}")] {
        for ask in [Ask::get("/v1/posts"), Ask::post("/v1/posts"), Ask::get("/v1/posts").header("Host", "other.example")] {
            world.ask(ask.auth(&auth)).is(200, r#"{"upstream":true}"#);
            let arrived = world.upstream.last();
            let told = ["x-doorward-user-id", "x-doorward-level", "x-doorward-scopes", "x-doorward-site"];
            assert_eq!(told.map(|n| arrived.header(n).unwrap_or("-")), ["1", "10", "*", "yoursite"], "{auth}");
        }
    }
    assert_eq!(world.ask(Ask::get("/v1/users/me").auth(&key)).value()["data"]["id"], 1);
    let listed = world.ask(Ask::get("/v1/api-keys").auth(&owner));
    assert!(!listed.body.contains(&key));
    world.pass(30 * 86_400);
    refused(&world, Ask::get("/v1/posts").auth(&key), 401, "invalid_api_key", "Invalid API key");
}

#[test]
fn a_key_for_what_is_public_reads_and_no_more() {
    let world = world();
    let (_, key, _) = made(&world, &owner(&world), r#"{"name":"reader","scope":"public:read"}"#);
    assert_eq!(world.ask(Ask::get("/v1/posts").auth(&key)).status, 200);
    for ask in [
        Ask::post("/v1/posts").auth(&key),
        Ask::get("/v1/users/me").auth(&key),
        Ask::get("/v1/api-keys").auth(&key),
        create(&key, r#"{"name":"more","scope":"public:read"}"#),
        Ask::new("DELETE", "/v1/api-keys/1").auth(&key),
    ] {
        refused(&world, ask, 403, "forbidden", "You are not allowed to do this");
    }
}

#[test]
fn only_a_superadmin_handles_keys() {
    let world = world();
    let (_, key, _) = made(&world, &owner(&world), r#"{"name":"x"}"#);
    for token in [guest(&world), login(&world, "yoursite", "mia"), login(&world, "yoursite", "ann")] {
        let auth = format!("Bearer {token}");
        for ask in
            [create(&auth, r#"{"name":"x"}"#), Ask::get("/v1/api-keys").auth(&auth), Ask::new("DELETE", "/v1/api-keys/1").auth(&auth)]
        {
            refused(&world, ask, 403, "forbidden", "You are not allowed to do this");
        }
    }
    for ask in [Ask::post("/v1/api-keys").json(r#"{"name":"x"}"#), Ask::get("/v1/api-keys"), Ask::new("DELETE", "/v1/api-keys/1")] {
        refused(&world, ask, 401, "unauthorized", "A token or API key is required");
    }
    change(&world, 1, |a| Account { level: 9, ..a });
    refused(&world, create(&key, r#"{"name":"x"}"#), 403, "forbidden", "You are not allowed to do this");
}

#[test]
fn what_a_key_cannot_be_is_said_by_field() {
    let world = world();
    let owner = owner(&world);
    for (body, details) in [
        ("{}", r#"{"name":["is required"]}"#),
        (r#"{"name":" "}"#, r#"{"name":["is required"]}"#),
        (r#"{"name":["x"]}"#, r#"{"name":["has the wrong type"]}"#),
        (&format!(r#"{{"name":"{}"}}"#, "x".repeat(101)), r#"{"name":["is not valid"]}"#),
        (r#"{"name":"x","scope":"everything"}"#, r#"{"scope":["is not valid"]}"#),
        (r#"{"name":"x","scope":["*"]}"#, r#"{"scope":["has the wrong type"]}"#),
        (r#"{"name":"x","expires_at":"2026-01-02T03:04:05Z"}"#, r#"{"expires_at":["is not valid"]}"#),
        (r#"{"name":"x","expires_at":1900000000}"#, r#"{"expires_at":["has the wrong type"]}"#),
        (r#"{"name":"x","user_id":4}"#, r#"{"user_id":["is not valid"]}"#),
        (r#"{"name":"x","userId":1}"#, r#"{"userId":["is not valid"]}"#),
    ] {
        invalid(&world, create(&owner, body), details);
    }
    refused(&world, create(&owner, "{"), 400, "bad_request", "The body is not a JSON object");
    let wrong = refused(&world, Ask::new("PUT", "/v1/api-keys").auth(&owner), 405, "method_not_allowed", "Method not allowed");
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST, OPTIONS");
    assert_eq!(world.ask(Ask::get("/v1/api-keys").auth(&owner)).value()["data"], serde_json::json!([]));
}

#[test]
fn an_expiring_key_makes_none_that_outlives_it() {
    let world = world();
    let (_, key, _) = made(&world, &owner(&world), r#"{"name":"x","expires_at":"2026-02-01T00:00:00Z"}"#);
    invalid(&world, create(&key, r#"{"name":"y","expires_at":"2026-02-01T00:00:01Z"}"#), r#"{"expires_at":["is not valid"]}"#);
    let (_, _, child) = made(&world, &key, r#"{"name":"y"}"#);
    assert_eq!(child.value()["data"]["expires_at"], "2026-02-01T00:00:00Z");
}

#[test]
fn lists_are_masked_paged_and_ones_own() {
    let world = world();
    let owner = owner(&world);
    let keys: Vec<_> = ["a", "b", "c"].iter().map(|n| made(&world, &owner, &format!(r#"{{"name":"{n}"}}"#))).collect();
    let list = |query: &str, auth: &str| world.ask(Ask::get(&format!("/v1/api-keys{query}")).auth(auth));
    let answer = list("?page=2&limit=2", &owner);
    let (id, key, _) = &keys[2];
    let row = format!(
        r#"{{"id":{id},"name":"c","key":"wpk_…{}","prefix":"wpk_live_","scope":"*","created_at":"2026-01-02T03:04:05Z","expires_at":null}}"#,
        &key[45..]
    );
    let pages = r#"{"page":2,"limit":2,"totalItems":3,"totalPages":2,"hasNext":false,"hasPrev":true}"#;
    let expected = format!(r#"{{"data":[{row}],"pagination":{pages},{}}}"#, meta(&world, &answer));
    answer.is(200, &expected);
    assert_eq!(
        list("?limit=1000", &owner).value()["pagination"],
        serde_json::json!({"page": 1, "limit": 100, "totalItems": 3, "totalPages": 1, "hasNext": false, "hasPrev": false})
    );
    assert_eq!(list("", &owner).value()["pagination"]["limit"], 20);
    assert_eq!(list("", &format!("Bearer {}", login(&world, "other", "ann"))).value()["data"], serde_json::json!([]));
    for query in ["?page=0", "?page=x", "?page=-1", "?page="] {
        invalid(&world, Ask::get(&format!("/v1/api-keys{query}")).auth(&owner), r#"{"page":["is not valid"]}"#);
    }
    invalid(&world, Ask::get("/v1/api-keys?limit=0").auth(&owner), r#"{"limit":["is not valid"]}"#);
}

#[test]
fn a_deleted_key_is_dead_with_the_next_request() {
    let world = world();
    let owner = owner(&world);
    let (id, key, _) = made(&world, &owner, r#"{"name":"x"}"#);
    assert_eq!(world.ask(Ask::get("/v1/posts").auth(&key)).status, 200);
    let there = format!("Bearer {}", login(&world, "other", "ann"));
    let delete = |id: &str, auth: &str| Ask::new("DELETE", &format!("/v1/api-keys/{id}")).auth(auth);
    refused(&world, delete(&id.to_string(), &there), 404, "not_found", "Not found");
    let gone = world.ask(delete(&id.to_string(), &owner));
    gone.is(204, "");
    assert_eq!(gone.header("content-type"), "");
    refused(&world, Ask::get("/v1/posts").auth(&key), 401, "invalid_api_key", "Invalid API key");
    for id in [id.to_string().as_str(), "999", "x", "-1", "99999999999999999999"] {
        refused(&world, delete(id, &owner), 404, "not_found", "Not found");
    }
    let reasons = world.reasons();
    assert!(reasons.contains(&"token.create granted".to_owned()) && reasons.contains(&"token.revoke granted".to_owned()), "{reasons:?}");
}

//! What the tables do not hold: paths, methods, sizes, fields, the token buttons, no upstream.

use serde_json::json;

use super::super::{ANN, ROOT, THROUGH, basic, post};
use super::{EDITIONS, world};
use crate::support::{Answer, Ask, PASSWORD, World};

/// A failure in the recorded envelope.
fn failure(code: u16, message: &str) -> String {
    format!(r#"{{"code":{code},"status":"fail","message":"{message}","data":[],"extra":[]}}"#)
}

/// What is heard in each edition: two members, the envelope with its code as status, and the envelope with this status.
fn each(answers: impl Fn(&World) -> Answer, documented: (u16, &str), code: u16, message: &str, v6: u16) {
    for (column, name) in EDITIONS.iter().enumerate() {
        let world = world(name, json!({"wncms_api_tag_index_should_auth": "a\"/é"}));
        let expected = match column {
            0 => format!("{} {}", documented.0, documented.1),
            1 => format!("{code} {}", failure(code, message)),
            _ => format!("{v6} {}", failure(code, message)),
        };
        assert_eq!(answers(&world).line(), expected, "{name}");
        assert!(world.upstream.arrived().is_empty());
    }
}

#[test]
fn what_a_framework_says_first_has_its_own_status_in_every_edition() {
    let not_found = (404, r#"{"status":"fail","message":"Not found"}"#);
    for path in ["/api/v1/posts/7/comments", "/api/v1/anything", "/api/v1", "/v1/posts"] {
        each(|world| post(world, path, ROOT), not_found, 404, "Not found", 404);
    }
    let method = (405, r#"{"status":"fail","message":"Method not allowed"}"#);
    for (asked, path, allow) in [
        ("PUT", "/api/v1/posts", "GET, HEAD, POST, OPTIONS"),
        ("GET", "/api/v1/tags", "POST, OPTIONS"),
        ("GET", "/api/v1/token/revoke", "POST, OPTIONS"),
    ] {
        let answers = |world: &World| {
            let answer = world.ask(Ask::new(asked, path));
            assert_eq!(answer.header("allow"), allow, "{asked} {path}");
            answer
        };
        each(answers, method, 405, "Method not allowed", 405);
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    let answers = |world: &World| world.ask(Ask::post("/api/v1/posts/store").body("application/json", &large));
    each(answers, (413, r#"{"status":"fail","message":"Payload too large"}"#), 413, "Payload too large", 413);
}

#[test]
fn a_mode_is_told_in_the_letters_of_php() {
    let documented = (403, r#"{"status":"fail","message":"Unsupported auth mode: a\"\/\u00e9"}"#);
    each(|world| post(world, "/api/v1/tags", ANN), documented, 403, r#"Unsupported auth mode: a\"\/\u00e9"#, 200);
}

#[test]
fn no_recorded_edition_sends_a_challenge() {
    for name in ["v6.3", "v6"] {
        let world = world(name, json!({"wncms_api_post_index_should_auth": "basic", "basic_realm": "CMS"}));
        let answer = world.ask(Ask::get("/api/v1/posts"));
        assert_eq!((answer.header("www-authenticate"), answer.value()["code"].clone()), ("", json!(401)), "{name}");
    }
}

/// Presses a token button with a token, or with Ann's Basic.
fn press(world: &World, button: &str, token: Option<&str>, fields: &str) -> Answer {
    let ask = Ask::post(&format!("/api/v1/token/{button}"));
    world.ask(match token {
        Some(token) => ask.form(&format!("api_token={token}&{fields}")),
        None => ask.form(fields).auth(&basic("ann@example.com", PASSWORD)),
    })
}

#[test]
fn the_token_buttons_speak_the_edition() {
    for (column, name) in EDITIONS.iter().enumerate().skip(1) {
        let world = world(name, json!({}));
        let status = |code: u16| if column == 1 { code } else { 200 };
        let no = |answer: Answer, code: u16, message: &str| {
            answer.is(status(code), &failure(code, message));
        };
        no(press(&world, "generate", Some("wrong"), "name=x"), 401, "Invalid api_token");
        no(press(&world, "generate", Some(""), "name=x"), 401, "Missing api_token");
        no(world.ask(Ask::post("/api/v1/token/generate").json("{")), 401, "Missing api_token");
        no(world.ask(Ask::post("/api/v1/token/revoke").auth(&basic("ann@example.com", "wrong"))), 401, "Invalid Basic credentials");
        no(world.ask(Ask::post("/api/v1/token/revoke").auth(&basic("bob@example.com", PASSWORD))), 401, "Invalid Basic credentials");
        no(press(&world, "revoke", None, "id=4711"), 404, "Not found");
        // As the framework writes it, whoever asks: never 302, never 500.
        let required = r#"{"message":"The name field is required.","errors":{"name":["The name field is required."]}}"#;
        press(&world, "generate", Some(ANN), "").is(422, required);
        world
            .ask(Ask::post("/api/v1/token/generate").json(&format!(r#"{{"api_token":"{ANN}","name":[]}}"#)))
            .is(422, r#"{"message":"The name field has the wrong type.","errors":{"name":["The name field has the wrong type."]}}"#);
        press(&world, "generate", Some(ANN), "name=x&expires_at=never")
            .is(422, r#"{"message":"The expires_at field is invalid.","errors":{"expires_at":["The expires_at field is invalid."]}}"#);
        // A new one in place of the old one, which is unknown from then on.
        let fresh = press(&world, "regenerate", Some(ANN), "");
        assert_eq!((fresh.status, fresh.value()["message"].clone()), (200, json!("Successfully Updated")), "{name}");
        let fresh = fresh.text("/data/api_token");
        no(post(&world, "/api/v1/posts/store", ANN), 401, "Invalid api_token");
        post(&world, "/api/v1/posts/store", &fresh).is(200, THROUGH);
        press(&world, "revoke", Some(&fresh), "")
            .is(200, r#"{"code":200,"status":"success","message":"Successfully Deleted","data":null,"extra":[]}"#);
        no(post(&world, "/api/v1/posts/store", &fresh), 401, "Invalid api_token");
    }
}

#[test]
fn with_bearer_switched_on_a_bearer_is_judged_as_a_token() {
    for (column, name) in EDITIONS.iter().enumerate().skip(1) {
        let world = world(name, json!({"bearer": true}));
        let hello = |auth: &str| world.ask(Ask::post("/api/v1/posts/store").auth(auth));
        let status = if column == 1 { 401 } else { 200 };
        hello(&format!("Bearer {ANN}")).is(200, THROUGH);
        for auth in ["Bearer unknown", "Bearer a.b.c", "Bearer"] {
            hello(auth).is(status, &failure(401, "Invalid api_token"));
        }
        hello(&format!("token {ANN}")).is(status, &failure(401, "Missing api_token"));
    }
}

#[test]
fn a_site_without_an_upstream_has_nothing_to_show_in_any_edition() {
    for (name, body) in
        EDITIONS.iter().zip([r#"{"status":"fail","message":"Not found"}"#.to_owned(), failure(404, "Not found"), failure(404, "Not found")])
    {
        let mut stage = super::edition(name, json!({}));
        stage.upstream = false;
        World::new(stage).ask(Ask::get("/api/v1/posts")).is(404, &body);
    }
}

/// A framework stands around the real application: nothing of a preflight is remembered, and a no may be kept by whoever asked.
#[test]
fn the_headers_are_the_editions() {
    for (column, name) in EDITIONS.iter().enumerate() {
        let world = world(name, json!({}));
        let recorded = column > 0;
        for path in ["/api/v1/posts/store", "/API/v1/posts", "/api/v1/token/generate", "/api/v1/anything"] {
            let preflight = Ask::new("OPTIONS", path).header("Origin", "https://a.example").header("Access-Control-Request-Method", "POST");
            let answer = world.ask(preflight.header("Access-Control-Request-Headers", "x-a"));
            let age = if recorded && !path.contains("token") { "0" } else { "600" };
            assert_eq!((answer.status, answer.header("access-control-max-age")), (204, age), "{name} {path}");
            assert_eq!((answer.header("access-control-allow-origin"), answer.header("access-control-allow-headers")), ("*", "x-a"));
        }
        let kept = if recorded { "no-cache, private" } else { "no-store" };
        for (ask, expected) in [
            (Ask::post("/api/v1/posts/store"), kept),
            (Ask::post("/api/v1/posts/7/comments"), kept),
            (Ask::new("DELETE", "/api/v1/posts/7"), kept),
            // What a cache would keep an address with a token by, no cache keeps.
            (Ask::post("/api/v1/posts/store?api_token=x"), "no-store"),
            // These answers are ours, and have tokens in them.
            (Ask::post("/api/v1/token/generate"), "no-store"),
            (Ask::post("/api/v1/token/generate").form(&format!("api_token={ROOT}&name=n")), "no-store"),
        ] {
            let answer = world.ask(ask.clone());
            assert_eq!(answer.header("cache-control"), expected, "{name} {ask:?}: {}", answer.line());
        }
    }
}

/// A compressed body shows no token where one may be in it, and is not taken at the token buttons.
#[test]
fn a_compressed_body_shows_no_token() {
    for (column, name) in EDITIONS.iter().enumerate() {
        let world = world(name, json!({}));
        let packed = |path: &str| {
            world.ask(Ask::post(path).header("Content-Encoding", "gzip").body("application/json", b"\x1f\x8b\x08\x00\x00\x00\x00\x00"))
        };
        let guarded = packed("/api/v1/posts/store");
        assert_eq!(guarded.status, [401, 401, 200][column], "{name}: {}", guarded.line());
        assert_eq!(guarded.value()["status"], json!("fail"), "{name}");
        assert_eq!(packed("/api/v1/token/generate").status, 415, "{name}");
        assert!(world.upstream.arrived().is_empty());
    }
}

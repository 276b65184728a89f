//! `POST /v1/auth/token`.

use super::{invalid, meta, refused, world};
use crate::support::{Ask, peek};

#[test]
fn a_guests_token_is_answered_to_the_letter() {
    let world = world();
    let answer = world.ask(Ask::post("/v1/auth/token").json(r#"{"site":"yoursite"}"#));
    let token = answer.text("/data/token");
    let expected = format!(r#"{{"data":{{"token":"{token}","site_id":1}},{}}}"#, meta(&world, &answer));
    answer.is(200, &expected);
    assert_eq!(answer.header("cache-control"), "no-store");
    let (header, claims) = peek(&token);
    assert_eq!(header, r#"{"alg":"HS256","typ":"JWT"}"#);
    assert!(token.starts_with("eyJhbGciOiJIUzI1NiIs"), "the visible prefix of the documentation: {token}");
    let now = world.now().0;
    let end = now + 86_400;
    assert_eq!(
        claims,
        format!(
            r#"{{"iss":"wapka-api","sub":"site:1","site_id":1,"user_id":0,"level":0,"persona":"public","scope":"public:read","iat":{now},"exp":{end}}}"#
        )
    );
    assert_eq!(world.reasons(), Vec::<String>::new());
}

#[test]
fn every_way_of_sending_and_naming_it_is_read() {
    let world = world();
    let json = br#"{"site":"yoursite"}"#;
    let multipart = "--X\r\nContent-Disposition: form-data; name=\"site\"\r\n\r\nyoursite\r\n--X--\r\n";
    let post = || Ask::post("/v1/auth/token");
    for ask in [
        post().body("application/json;charset=utf-8", json),
        post().body("text/plain;charset=UTF-8", json),
        post().body("application/x-www-form-urlencoded", json),
        post().body("", json),
        post().form("site=yoursite"),
        post().body("multipart/form-data; boundary=X", multipart.as_bytes()),
        Ask::post("/v1/auth/token?site=yoursite"),
        Ask::post("/v1/auth/token/").json(r#"{"site":" YourSite "}"#),
        post().json(r#"{"site":"yoursite.wapka.site"}"#),
        post().json(r#"{"site":"YOURSITE.wapka.site:443"}"#),
        post().json(r#"{"site":"yoursite"}"#).header("Host", "other.example"),
        post().json(r#"{"site":"yoursite"}"#).header("Host", "unknown.example"),
        post().json(r#"{"site":"yoursite"}"#).auth("Bearer stale.stale.stale"),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!((answer.status, answer.value()["data"]["site_id"].as_i64()), (200, Some(1)), "{ask:?}: {}", answer.line());
    }
    let other = world.ask(Ask::post("/v1/auth/token").json(r#"{"site":"other"}"#));
    assert_eq!(other.value()["data"]["site_id"], 2);
}

#[test]
fn a_site_must_be_named_and_must_be_there() {
    let world = world();
    let post = |body: &str| Ask::post("/v1/auth/token").json(body);
    for body in ["{}", "", r#"{"site":""}"#, r#"{"site":"  "}"#, r#"{"site":null}"#] {
        invalid(&world, post(body), r#"{"site":["is required"]}"#);
    }
    for body in [r#"{"site":1}"#, r#"{"site":true}"#, r#"{"site":["yoursite"]}"#, r#"{"site":{"a":1}}"#] {
        invalid(&world, post(body), r#"{"site":["has the wrong type"]}"#);
    }
    for name in ["nosite", "plain", "your site", "../yoursite", "http://yoursite", "1"] {
        refused(&world, post(&format!(r#"{{"site":"{name}"}}"#)), 404, "not_found", "Site not found");
    }
}

#[test]
fn what_cannot_be_read_has_its_answer() {
    let world = world();
    for body in ["{", "[]", "null", "\"x\"", "{\"site\":"] {
        refused(&world, Ask::post("/v1/auth/token").json(body), 400, "bad_request", "The body is not a JSON object");
    }
    let large = vec![b' '; 1024 * 1024 + 1];
    refused(&world, Ask::post("/v1/auth/token").body("application/json", &large), 413, "payload_too_large", "The body is too large");
    let packed = Ask::post("/v1/auth/token").json("{}").header("Content-Encoding", "gzip");
    refused(&world, packed, 415, "unsupported_media_type", "The body's encoding is not supported");
    for method in ["GET", "PUT", "DELETE"] {
        let answer = refused(&world, Ask::new(method, "/v1/auth/token"), 405, "method_not_allowed", "Method not allowed");
        assert_eq!(answer.header("allow"), "POST, OPTIONS");
    }
    assert!(world.upstream.arrived().is_empty());
}

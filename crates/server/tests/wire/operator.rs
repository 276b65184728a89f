//! The server's own paths.

use crate::support::{Ask, World};
use crate::wporchestrix::stage;

#[test]
fn health_readiness_document_and_keys_answer_on_every_host() {
    let world = World::new(stage());
    for host in ["wire.example", "unknown.example", ""] {
        world.ask(Ask::get("/healthz").header("Host", host)).is(200, r#"{"status":"ok"}"#);
        world.ask(Ask::get("/readyz").header("Host", host)).is(200, r#"{"status":"ready","store":"sqlite"}"#);
        // HMAC keys never show.
        world.ask(Ask::get("/.well-known/jwks.json").header("Host", host)).is(200, r#"{"keys":[]}"#);
    }
    let document = world.ask(Ask::get("/openapi.json")).value();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/api/v1/jwt"]["post"].is_object());
    assert_eq!(world.ask(Ask::post("/healthz")).status, 405);
}

#[test]
fn paths_that_could_mean_two_things_are_refused_before_anybody_judges_them() {
    let world = World::new(stage());
    for path in ["/api//v1/sites", "/api/v1/%2e%2e/x", "/api/v1%2fsites", "/api/v1/../v1/sites", "/api/v1/sites;x", "/api\\v1"] {
        let answer = world.ask(Ask::get(path).auth("token d41d8cd98f00b204e9800998ecf8427e"));
        assert_eq!(answer.status, 400, "{path}: {}", answer.line());
        assert!(!answer.body.is_empty());
    }
    assert!(world.upstream.arrived().is_empty());
}

//! Browsers: preflights before any credential, errors as readable as successes.

use crate::support::{Ask, World};
use crate::wporchestrix::stage;

#[test]
fn a_preflight_is_answered_before_anybody_is_asked_who_they_are() {
    let world = World::new(stage());
    for path in ["/api/v1/jwt", "/api/v1/sites", "/api/v1/sites/"] {
        let answer = world.ask(
            Ask::new("OPTIONS", path)
                .header("Origin", "https://app.example")
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "authorization,content-type"),
        );
        answer.is(204, "");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        assert_eq!(answer.header("access-control-allow-methods"), "POST");
        assert_eq!(answer.header("access-control-allow-headers"), "authorization,content-type");
        assert_eq!(answer.header("access-control-allow-credentials"), "");
    }
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn errors_and_upstream_answers_carry_the_same_origin_headers() {
    let world = World::new(stage());
    for ask in [
        Ask::get("/api/v1/sites"),
        Ask::get("/api/v1/sites").auth("token d41d8cd98f00b204e9800998ecf8427e"),
        Ask::post("/api/v1/jwt").json("{"),
        Ask::get("/api/v1/jwt"),
        Ask::get("/a//b"),
    ] {
        let answer = world.ask(ask.clone().header("Origin", "https://app.example"));
        assert_eq!(answer.header("access-control-allow-origin"), "*", "{ask:?}");
    }
}

#[test]
fn a_site_with_a_list_names_its_origins() {
    let world = World::new(stage().origins(&["https://app.example"]));
    let known = world.ask(Ask::get("/api/v1/sites").header("Origin", "https://app.example"));
    assert_eq!(known.header("access-control-allow-origin"), "https://app.example");
    let varies: Vec<_> = known.headers.iter().filter(|(name, _)| name == "vary").map(|(_, value)| value.as_str()).collect();
    assert_eq!(varies, ["Authorization", "Origin"]);
    let unknown = world.ask(Ask::get("/api/v1/sites").header("Origin", "https://evil.example"));
    assert_eq!(unknown.header("access-control-allow-origin"), "");
}

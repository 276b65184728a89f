//! The site's own rules, and what is nobody's.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use crate::support::{Ask, Person, Stage, World};
use crate::wporchestrix::stage;

#[test]
fn a_path_that_no_language_owns_passes_as_nobody() {
    let world = World::new(stage());
    let answer = world.ask(Ask::get("/about?x=1").header("X-Doorward-User-Id", "1").auth("token d41d8cd98f00b204e9800998ecf8427e"));
    answer.is(200, r#"{"upstream":true}"#);
    let arrived = world.upstream.last();
    assert_eq!(arrived.header("x-doorward-user-id"), None);
    assert_eq!(arrived.header("x-doorward-site"), Some("yoursite"));
}

#[test]
fn a_sites_rules_come_before_the_languages() {
    let mut public = Rule::new("public", PathMatch::Exact, "/api/v1/sites", &[Way::None]);
    public.methods = vec!["GET".into()];
    let mut admins = Rule::new("admins", PathMatch::Prefix, "/admin", &[Way::Token]);
    admins.roles = vec!["administrator".into()];
    admins.answers_as = Some("wporchestrix".into());
    let mut off = Rule::new("off", PathMatch::Prefix, "/api/v1/old", &[Way::Token]);
    off.off = Some("old".into());
    let mut far = Rule::new("far", PathMatch::Prefix, "/api/v1/far", &[Way::None]);
    far.ip_allow = vec!["10.0.0.0/8".into()];
    let world = World::new(
        stage().rule(public).rule(admins).rule(off).rule(far).person(Person::new(9, "root").role("administrator", 10).token("rootroot")),
    );
    assert_eq!(world.ask(Ask::get("/api/v1/sites")).status, 200);
    world.ask(Ask::post("/api/v1/sites")).is(401, r#"{"error":"Unauthorized"}"#);
    world.ask(Ask::get("/admin/x")).is(401, r#"{"error":"Unauthorized"}"#);
    world.ask(Ask::get("/admin/x").auth("token d41d8cd98f00b204e9800998ecf8427e")).is(403, r#"{"error":"Forbidden"}"#);
    assert_eq!(world.ask(Ask::get("/admin/x").auth("token rootroot")).status, 200);
    world.ask(Ask::get("/api/v1/old/x").auth("token rootroot")).is(403, r#"{"error":"Forbidden"}"#);
    world.ask(Ask::get("/api/v1/far")).is(403, r#"{"error":"Forbidden"}"#);
    // A forwarded address from a peer that nobody trusts moves nothing.
    world.ask(Ask::get("/api/v1/far").header("X-Forwarded-For", "10.1.1.1")).is(403, r#"{"error":"Forbidden"}"#);
}

#[test]
fn a_token_of_one_site_is_nobody_on_another() {
    let other = Stage {
        id: 2,
        name: "other".into(),
        hosts: vec!["other.example".into()],
        ..Stage::of("wporchestrix", json!({})).person(Person::new(4, "ann").token("othertoken"))
    };
    let world = World::with(vec![stage(), other]);
    let (access, _) = crate::wporchestrix::ann(&world);
    let at = |host: &str, auth: &str| world.ask(Ask::get("/api/v1/sites").header("Host", host).auth(auth)).status;
    assert_eq!(at("wire.example", &format!("Bearer {access}")), 200);
    assert_eq!(at("other.example", &format!("Bearer {access}")), 401);
    assert_eq!(at("other.example:8080", "token othertoken"), 200);
    assert_eq!(at("wire.example", "token othertoken"), 401);
    assert_eq!(at("OTHER.example", "token othertoken"), 200);
}

#[test]
fn nginx_asks_first_and_hears_204_or_the_refusal() {
    let world = World::new(stage());
    let check = |uri: &str, auth: &str| {
        world.ask(Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", uri).auth(auth))
    };
    let yes = check("/api/v1/sites?x=1", "token d41d8cd98f00b204e9800998ecf8427e");
    yes.is(204, "");
    assert_eq!(yes.header("x-doorward-user-id"), "7");
    check("/api/v1/sites", "token nobody").is(401, r#"{"error":"Unauthorized"}"#);
    assert_eq!(check("/api/v1/../admin", "token d41d8cd98f00b204e9800998ecf8427e").status, 403);
    assert_eq!(world.ask(Ask::get("/_doorward/check/nginx")).status, 403);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn nginx_is_told_to_send_the_languages_own_paths_here() {
    let world = World::new(stage().and("jwt_auth", json!({})));
    for (method, uri) in [
        ("POST", "/api/v1/jwt"),
        ("DELETE", "/api/v1/auth"),
        ("GET", "/api/v1/jwt"),
        ("POST", "/wp-json/jwt-auth/v1/token"),
        ("POST", "/?rest_route=/jwt-auth/v1/token"),
        ("POST", "/wp-json/jwt-auth/v1/anything"),
    ] {
        let check = Ask::get("/_doorward/check/nginx").header("X-Original-Method", method).header("X-Original-URI", uri);
        assert_eq!(world.ask(check).status, 403, "{method} {uri}");
    }
}

#[test]
fn spellings_that_the_application_would_fold_are_judged_as_what_it_will_see_or_refused() {
    let world = World::new(Stage::of("wncms", json!({})).person(Person::new(4, "ann").role("admin", 10)));
    for path in ["/v1/update", "/v1/posts", "/index.php/v1/update", "/index.php/api/v1/update"] {
        let answer = world.ask(Ask::post(path));
        assert!(matches!(answer.status, 401 | 404), "{path}: {}", answer.line());
    }
    for path in ["/?rest.route=/x", "/other?rest_route=/x", "/other?rest%5Froute=/x", "/?rest_route[]=/x", "/?rest%5Broute=/x"] {
        assert_eq!(world.ask(Ask::post(path)).status, 400, "{path}");
    }
    assert!(world.upstream.arrived().is_empty());
}

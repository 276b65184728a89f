//! Every other path below `/wp-json`: looked at, passed on or refused.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::{ann, bad_tokens, config, refused, stage};
use crate::support::{Ask, PASSWORD, World};

const CONTACTS: &str = "/wp-json/dt-posts/v2/contacts/";
const NO_ROUTE: &str =
    r#"{"code":"rest_no_route","message":"No route was found matching the URL and request method.","data":{"status":404}}"#;

#[test]
fn nobody_passes_as_nobody_and_a_good_bearer_as_its_user() {
    let world = World::new(stage());
    let token = ann(&world);
    for auth in ["", "bearer x", "Basic YW5uOng=", &token] {
        world.ask(Ask::get(CONTACTS).auth(auth)).is(200, r#"{"upstream":true}"#);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), None, "{auth}");
    }
    let bearer = format!("Bearer {token}");
    for path in [CONTACTS, "/wp-json/dt-posts/v2/contacts", "/wp-json/", "/?rest_route=/dt-posts/v2/contacts", "/wp-json/wp/v2/x?a=1"] {
        let ask = Ask::get(path).header("Content-Type", "application/json").header("authorization", &bearer);
        world.ask(ask).is(200, r#"{"upstream":true}"#);
        let arrived = world.upstream.last();
        assert_eq!(arrived.line, format!("GET {path} HTTP/1.1"));
        assert_eq!(arrived.header("x-doorward-user-id"), Some("4"), "{path}");
    }
}

#[test]
fn a_bad_bearer_refuses_the_request_in_the_words_of_validate() {
    let world = World::new(stage());
    for (token, answer) in bad_tokens(world.now().0) {
        let heard = world.ask(Ask::get(CONTACTS).auth(&format!("Bearer {token}")));
        heard.is(403, &answer);
        assert_eq!(heard.header("content-type"), "application/json; charset=UTF-8");
    }
    let malformed = refused("jwt_auth_bad_auth_header", "Authorization header malformed.");
    world.ask(Ask::get(CONTACTS).auth("Bearer")).is(403, &malformed);
    world.ask(Ask::get(CONTACTS).auth("Bearer a.b.c").auth("Bearer a.b.c")).is(403, &malformed);
    let token = ann(&world);
    world.pass(604_800);
    world.ask(Ask::get(CONTACTS).auth(&format!("Bearer {token}"))).is(403, &refused("jwt_auth_invalid_token", "Expired token"));
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn pages_outside_the_rest_root_are_not_looked_at() {
    let world = World::new(stage());
    for path in ["/", "/about", "/wp-jsonx", "/wp-admin/"] {
        world.ask(Ask::get(path).auth("Bearer a.b.c")).is(200, r#"{"upstream":true}"#);
    }
}

#[test]
fn what_is_in_the_namespace_and_no_route_goes_no_further() {
    let world = World::new(stage());
    for (method, path) in [
        ("GET", "/wp-json/jwt-auth/v1/token"),
        ("PUT", "/wp-json/jwt-auth/v1/token"),
        ("DELETE", "/wp-json/jwt-auth/v1/token/validate"),
        ("GET", "/wp-json/jwt-auth/v1/token/validate"),
        ("POST", "/wp-json/jwt-auth/v1/token/refresh"),
        ("GET", "/wp-json/jwt-auth/v1"),
        ("POST", "/wp-json/JWT-auth/v1/nothing"),
        ("GET", "/?rest_route=/jwt-auth/v1/token"),
    ] {
        world.ask(Ask::new(method, path)).is(404, NO_ROUTE);
    }
    let preflight = Ask::new("OPTIONS", "/wp-json/jwt-auth/v1/token")
        .header("Origin", "https://app.example")
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", "content-type");
    world.ask(preflight).is(204, "");
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_sites_own_rules_come_first_and_refuse_in_these_words() {
    let members = Rule::new("members", PathMatch::Prefix, "/wp-json/members", &[Way::Bearer]);
    let mut admins = Rule::new("admins", PathMatch::Prefix, "/wp-json/admins", &[Way::Bearer]);
    admins.roles = vec!["administrator".into()];
    let mut resource = Rule::new("resource", PathMatch::Exact, "/resource", &[Way::Bearer]);
    resource.answers_as = Some("jwt_auth".into());
    let world = World::new(stage().rule(members).rule(admins).rule(resource));
    let bearer = format!("Bearer {}", ann(&world));
    let none = refused("jwt_auth_no_auth_header", "Authorization header not found.");
    world.ask(Ask::get("/wp-json/members/x")).is(403, &none);
    world.ask(Ask::get("/wp-json/members/x").auth("Basic YW5uOng=")).is(403, &none);
    assert_eq!(world.ask(Ask::get("/wp-json/members/x").auth(&bearer)).status, 200);
    let forbidden = r#"{"code":"rest_forbidden","message":"Sorry, you are not allowed to do that.","data":{"status":403}}"#;
    world.ask(Ask::get("/wp-json/admins").auth(&bearer)).is(403, forbidden);
    let opaque = Ask::post("/resource").auth("Bearer mF_s9.B5f-4.1JqM");
    world.ask(opaque).is(403, &refused("jwt_auth_invalid_token", "Wrong number of segments"));
    assert_eq!(world.ask(Ask::post("/resource").auth(&bearer)).status, 200);
}

#[test]
fn a_ban_ends_a_token_with_the_next_request() {
    let world = World::new(stage());
    let contacts = Ask::get(CONTACTS).auth(&format!("Bearer {}", ann(&world)));
    assert_eq!(world.ask(contacts.clone()).status, 200);
    world.run(async {
        let call = doorward_core::testkit::frozen_call(world.now(), 9);
        let account = world.house.look(|desk| desk.account(doorward_core::site::SiteId(1), 4)).await.unwrap().unwrap();
        let banned = doorward_core::account::Account { status: doorward_core::account::Status::Banned, ..account };
        doorward_core::flow::accounts::put(&world.house, &call, banned, "user.ban").await.unwrap();
    });
    world.ask(contacts).is(403, &refused("jwt_auth_invalid_token", "User not found"));
}

#[test]
fn beside_simple_jwt_login_this_language_looks_at_every_bearer_but_not_in_the_others_namespace() {
    let login = |world: &World| {
        let body = format!(r#"{{"username":"ann","password":"{PASSWORD}"}}"#);
        let ask = Ask::post("/wp-json/simple-jwt-login/v1/auth").json(&body).auth("Bearer stale.stale.stale");
        world.ask(ask).text("/data/jwt")
    };
    for order in [["jwt_auth", "simple_jwt_login"], ["simple_jwt_login", "jwt_auth"]] {
        let mut stage = stage().and("simple_jwt_login", json!({}));
        stage.dialects.sort_by_key(|(name, _)| order.iter().position(|n| n == name));
        let world = World::new(stage);
        let theirs = format!("Bearer {}", login(&world));
        let answer = refused("jwt_auth_invalid_token", "Signature verification failed");
        world.ask(Ask::get(CONTACTS).auth(&theirs)).is(403, &answer);
        assert_eq!(world.ask(Ask::get("/wp-json/simple-jwt-login/v1/auth/validate").auth(&theirs)).status, 200);
        let ours = format!("Bearer {}", ann(&world));
        assert_eq!(world.ask(Ask::get(CONTACTS).auth(&ours)).status, 200);
    }
    let mut both = stage().and("simple_jwt_login", json!({}));
    both.dialects[0].1 = config();
    both.dialects[0].1["accept_tokens_of"] = json!(["simple_jwt_login"]);
    let world = World::new(both);
    let theirs = format!("Bearer {}", login(&world));
    assert_eq!(world.ask(Ask::get(CONTACTS).auth(&theirs)).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
}

//! Every other path below `/wp-json`: with the plugin's middleware a JWT is looked at, without it nothing is.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::{REVOKE, ann, bad_tokens, bearer, no, option};
use crate::support::{Ask, World};

const POSTS: &str = "/wp-json/wp/v2/posts";

#[test]
fn without_it_everybody_passes_as_nobody() {
    let world = World::new(option(json!({})));
    let token = format!("Bearer {}", ann(&world));
    for auth in ["", "Bearer a.b.c", &token] {
        world.ask(Ask::get(POSTS).auth(auth)).is(200, r#"{"upstream":true}"#);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), None);
    }
}

#[test]
fn with_it_a_good_token_tells_who_it_is_and_a_bad_one_refuses() {
    let world = World::new(option(json!({"api_middleware": {"enabled": true}})));
    let token = ann(&world);
    world.ask(Ask::get(POSTS)).is(200, r#"{"upstream":true}"#);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), None);
    for ask in [
        Ask::get(POSTS).auth(&format!("Bearer {token}")),
        Ask::get(POSTS).auth(&token),
        Ask::get(&format!("{POSTS}?JWT={token}")),
        Ask::get(&format!("/?rest_route=/wp/v2/posts&jwt={token}")),
    ] {
        assert_eq!(world.ask(ask).status, 200);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
    }
    // A body is not waited for: it streams to the application, which reads it itself.
    assert_eq!(world.ask(Ask::post(POSTS).json(r#"{"JWT":"a.b.c"}"#)).status, 200);
    let arrived = world.upstream.arrived().len();
    for (bad, text) in bad_tokens(world.now().0) {
        bearer(&world, Ask::get(POSTS), &bad).is(401, &no(text));
    }
    assert_eq!(bearer(&world, Ask::post(REVOKE), &token).status, 200);
    bearer(&world, Ask::get(POSTS), &token).is(401, &no("This JWT is invalid."));
    world.pass(1);
    let token = ann(&world);
    world.pass(3_600);
    bearer(&world, Ask::get(POSTS), &token).is(401, &no("Expired token"));
    assert_eq!(world.upstream.arrived().len(), arrived);
}

#[test]
fn a_sites_own_rules_come_first_and_refuse_in_these_words() {
    let members = Rule::new("members", PathMatch::Prefix, "/wp-json/members", &[Way::Bearer]);
    let mut admins = Rule::new("admins", PathMatch::Prefix, "/wp-json/admins", &[Way::Bearer]);
    admins.roles = vec!["administrator".into()];
    let mut far = Rule::new("far", PathMatch::Prefix, "/wp-json/far", &[Way::None]);
    far.ip_allow = vec!["10.0.0.0/8".into()];
    let mut off = Rule::new("off", PathMatch::Prefix, "/wp-json/off", &[Way::None]);
    off.off = Some("off".into());
    let world = World::new(option(json!({})).rule(members).rule(admins).rule(far).rule(off));
    let token = ann(&world);
    let unauthorized = no("You are not authorized to access this endpoint.");
    world.ask(Ask::get("/wp-json/members")).is(401, &unauthorized);
    world.ask(Ask::get("/wp-json/members").auth("Basic YW5uOng=")).is(401, &unauthorized);
    assert_eq!(bearer(&world, Ask::get("/wp-json/members/x"), &token).status, 200);
    bearer(&world, Ask::get("/wp-json/admins"), &token).is(403, &no("You do not have the required role to access this endpoint."));
    world.ask(Ask::get("/wp-json/far")).is(403, &unauthorized);
    world.ask(Ask::get("/wp-json/off")).is(403, &unauthorized);
}

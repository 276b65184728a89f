//! Rules edited while the server runs: a good edit holds with the next request, a bad one changes nothing.

use doorward_core::policy::{PathMatch, Rule, Way};

use super::{edit, exact, prefix};
use crate::support::{Ask, Stage, World};

#[test]
fn a_bad_edit_leaves_the_last_good_rules_standing_and_says_where_it_is_wrong() {
    let world = World::new(crate::wporchestrix::stage().rule(exact("/api/v1/x", &[Way::None])));
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200);
    let bad = Rule { ip_allow: vec!["10.0.0.0/8".into(), "nowhere".into()], ..exact("/api/v1/x", &[Way::Token]) };
    let problems = edit(&world, vec![exact("/api/v1/y", &[Way::None]), bad.clone()]);
    let where_and_why = "site yoursite stays as it was: endpoints[1].ip_allow[1]: rule 2 (/1/ip_allow/1): `nowhere` is no address";
    assert!(problems.len() == 1 && problems[0].starts_with(where_and_why), "{problems:?}");
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200, "the last good rules stand");
    assert_eq!(world.ask(Ask::get("/api/v1/y")).status, 401, "and nothing of the bad edit holds");
    assert_eq!(edit(&world, vec![exact("/api/v1/x", &[Way::Token])]), Vec::<String>::new());
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 401, "a good edit holds with the next request");
}

/// A path as it is copied from an address bar guards what it looks like.
#[test]
fn a_path_is_read_as_a_requests_path_is() {
    let pattern = Rule::new("test", PathMatch::Pattern, "/s%C3%A4le/{id}/edit", &[Way::Token]);
    let rules = [prefix("/my%20files", &[Way::Token]), exact("/caf%C3%A9", &[Way::Token]), pattern, prefix("/%61dmin", &[Way::Token])];
    let world = World::new(rules.into_iter().fold(crate::wporchestrix::stage(), Stage::rule));
    for (path, status) in [
        ("/my%20files", 401),
        ("/my%20files/x", 401),
        ("/MY%20Files/x", 401),
        ("/my%20filesx", 200),
        ("/caf%C3%A9", 401),
        ("/caf%c3%a9/", 401),
        ("/cafe", 200),
        ("/s%C3%A4le/7/edit", 401),
        ("/s%C3%A4le/7", 200),
        ("/admin", 401),
        ("/%61dmin/x", 401),
    ] {
        let before = world.upstream.arrived().len();
        let answer = world.ask(Ask::get(path));
        assert_eq!(answer.status, status, "{path}: {}", answer.line());
        assert_eq!(world.upstream.arrived().len() - before, usize::from(status == 200), "{path}");
        let check = world.ask(Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", path));
        assert_eq!(check.status == 204, status == 200, "check of {path}: {}", check.line());
    }
}

/// Rules that were kept before such were refused stay as they are: the site answers, its other rules hold, and it is told of them.
#[test]
fn what_was_kept_before_does_not_take_a_site_down_and_is_told_of() {
    let method = Rule { methods: vec!["GET,POST".into(), "PUT".into()], ..prefix("/m", &[Way::Token]) };
    let scope = Rule { scopes: vec!["a b".into()], ..prefix("/s", &[Way::Token]) };
    let pattern = |path: &str| Rule::new("test", PathMatch::Pattern, path, &[Way::Token]);
    let flawed = vec![
        prefix("/secret?x=1", &[Way::Token]),
        prefix("/a//b", &[Way::Token]),
        prefix("/dot/../x", &[Way::Token]),
        prefix("/x#y", &[Way::Token]),
        pattern("/posts/{id"),
        pattern("/files/*"),
        method,
        scope,
    ];
    let count = flawed.len();
    let rules: Vec<Rule> = flawed.into_iter().chain([prefix("/admin", &[Way::Token])]).collect();
    let world = World::new(rules.into_iter().fold(crate::wporchestrix::stage(), Stage::rule));
    assert_eq!(world.ask(Ask::get("/admin")).status, 401);
    assert_eq!(world.ask(Ask::get("/news")).status, 200);
    assert_eq!(world.ask(Ask::new("PUT", "/m")).status, 401, "what of a rule can be used is");
    assert_eq!(world.ask(Ask::get("/s")).status, 401, "a scope that nobody can have shuts");
    let warnings = world.house.directory().by_name("yoursite").unwrap().warnings();
    for (index, warning) in warnings.iter().enumerate() {
        assert!(warning.starts_with(&format!("endpoints[{index}].")), "{warning}");
    }
    assert_eq!(warnings.len(), count, "{warnings:?}");
}

//! The site's rules before the languages' own endpoints.

use doorward_core::policy::{PathMatch, Per, RateLimit, Rule, Way};
use serde_json::json;

use super::{exact, prefix};
use crate::support::{Ask, PASSWORD, World};
use crate::threats::doors::polyglot;

const LOGINS: [(&str, &str); 5] = [
    ("/api/v1/jwt", r#"{"email":"ann@example.com","password":"correct horse"}"#),
    ("/api/v1/auth", r#"{"email":"ann@example.com","password":"correct horse"}"#),
    ("/wp-json/simple-jwt-login/v1/auth", r#"{"email":"ann@example.com","password":"correct horse"}"#),
    ("/v1/auth/login", r#"{"site":"yoursite","username":"ann","password":"correct horse"}"#),
    ("/wp-json/jwt-auth/v1/token", r#"{"username":"ann","password":"correct horse"}"#),
];

fn login(world: &World, (path, body): (&str, &str)) -> crate::support::Answer {
    world.ask(Ask::post(path).json(body))
}

#[test]
fn switch_and_addresses_shut_every_languages_login_in_its_words() {
    let off = |rule: Rule| Rule { off: Some("login".into()), ..rule };
    let far = |rule: Rule| Rule { ip_allow: vec!["10.0.0.0/8".into()], ..rule };
    let denied = |rule: Rule| Rule { ip_deny: vec!["127.0.0.1".into()], ..rule };
    let open = World::new(polyglot());
    for door in LOGINS {
        assert_eq!(login(&open, door).status, 200, "{}", door.0);
        let rules: [Rule; 4] = [
            off(exact(door.0, &[])),
            far(exact(door.0, &[Way::None])),
            denied(prefix("/", &[Way::None])),
            off(prefix("/", &[Way::Bearer])),
        ];
        for rule in rules {
            let world = World::new(polyglot().rule(rule.clone()));
            let answer = login(&world, door);
            assert!(matches!(answer.status, 400 | 403), "{rule:?}: {}", answer.line());
            assert!(answer.value().is_object() && !answer.body.contains("token\":"), "{rule:?}: {}", answer.line());
            let reasons = world.reasons();
            assert!(!reasons.iter().any(|r| r.contains("granted")), "{reasons:?}");
        }
        let others = World::new(polyglot().rule(off(Rule { methods: vec!["GET".into()], ..prefix("/", &[]) })));
        assert_eq!(login(&others, door).status, 200, "a rule for another method");
        let elsewhere = Rule { hosts: vec!["else.example".into()], ..off(prefix("/", &[])) };
        assert_eq!(login(&World::new(polyglot().rule(elsewhere)), door).status, 200, "a rule for another host");
    }
}

#[test]
fn a_prefix_that_asks_for_a_token_leaves_the_login_below_it_open() {
    let world = World::new(polyglot().rule(prefix("/", &[Way::Bearer])).rule(prefix("/api", &[Way::Token])));
    for door in LOGINS {
        assert_eq!(login(&world, door).status, 200, "{}", door.0);
    }
}

#[test]
fn a_rule_that_names_the_endpoint_can_ask_for_a_credential_before_it() {
    let named = |path: &str, matching, roles: &[&str]| Rule {
        matching,
        roles: roles.iter().map(|r| (*r).to_owned()).collect(),
        ..exact(path, &[Way::Token])
    };
    let (path, body) = ("/api/v1/jwt", r#"{"email":"ann@example.com","password":"correct horse"}"#);
    for (rule, expected) in [
        (named(path, PathMatch::Exact, &[]), 200),
        (named("/API/v1/{what}", PathMatch::Pattern, &[]), 200),
        (named(path, PathMatch::Exact, &["administrator"]), 403),
    ] {
        let world = World::new(crate::wporchestrix::stage().rule(rule));
        world.ask(Ask::post(path).json(body)).is(401, r#"{"error":"Unauthorized"}"#);
        world.ask(Ask::post(path).json(body).auth("token nobody")).is(401, r#"{"error":"Unauthorized"}"#);
        let answer = world.ask(Ask::post(path).json(body).auth("token d41d8cd98f00b204e9800998ecf8427e"));
        assert_eq!(answer.status, expected, "{}", answer.line());
    }
}

#[test]
fn a_rate_limit_holds_before_the_login_is_weighed() {
    let limited = Rule { rate_limits: vec![RateLimit::new(Per::Address, 2, 60)], ..exact("/api/v1/jwt", &[Way::None]) };
    let world = World::new(crate::wporchestrix::stage().rule(limited));
    let ask =
        |password: &str| world.ask(Ask::post("/api/v1/jwt").json(&json!({"email": "ann@example.com", "password": password}).to_string()));
    let first = ask("wrong");
    assert_eq!((first.status, first.header("ratelimit")), (401, r#""address";r=1;t=30"#));
    assert_eq!(ask(PASSWORD).status, 200);
    let third = ask(PASSWORD);
    third.is(429, r#"{"error":"Too many requests"}"#);
    assert_eq!((third.header("retry-after"), third.header("ratelimit-policy")), ("30", r#""address";q=2;w=60"#));
    world.pass(30);
    assert_eq!(ask(PASSWORD).status, 200);
}

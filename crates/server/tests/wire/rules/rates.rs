//! Rate limits: what is counted together, what the answer says, and each language's 429.

use doorward_core::policy::{Per, RateLimit, Rule, Way};
use serde_json::json;

use super::{edit, exact, prefix};
use crate::support::{Answer, Ask, Person, Stage, World};

const TIM: &str = "token d41d8cd98f00b204e9800998ecf8427e";

fn limited(rule: Rule, limits: &[RateLimit]) -> Rule {
    Rule { rate_limits: limits.to_vec(), ..rule }
}

fn state(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.header("ratelimit"))
}

#[test]
fn the_answer_says_what_is_left_and_when_to_come_again() {
    let pair = [RateLimit { burst: 2, ..RateLimit::new(Per::Address, 6, 60) }, RateLimit::new(Per::Route, 100, 10)];
    let world = World::new(crate::wporchestrix::stage().rule(limited(prefix("/api/v1", &[Way::None]), &pair)));
    let first = world.ask(Ask::get("/api/v1/x"));
    assert_eq!(state(&first), (200, r#""address";r=1;t=10, "route";r=99;t=1"#));
    assert_eq!(first.header("ratelimit-policy"), r#""address";q=6;w=60, "route";q=100;w=10"#);
    assert_eq!(state(&world.ask(Ask::get("/api/v1/y"))), (200, r#""address";r=0;t=20, "route";r=98;t=1"#));
    let third = world.ask(Ask::get("/api/v1/x"));
    third.is(429, r#"{"error":"Too many requests"}"#);
    assert_eq!((third.header("retry-after"), third.header("ratelimit")), ("10", r#""address";r=0;t=20"#));
    assert_eq!(world.upstream.arrived().len(), 2);
    world.pass(10);
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200);
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 429);
    // Somebody else's address is not moved by what a peer says of itself.
    assert_eq!(world.ask(Ask::get("/api/v1/x").header("X-Forwarded-For", "10.0.0.9")).status, 429);
    assert_eq!(world.ask(Ask::get("/elsewhere")).header("ratelimit"), "");
}

#[test]
fn what_is_counted_together() {
    let two = |per| [RateLimit::new(per, 2, 60)];
    let rule = |path: &str, per| limited(prefix(path, &[Way::None, Way::Token, Way::Bearer]), &two(per));
    let (tim, tom) = (TIM, "token tomtoken");
    let world = World::new(
        crate::wporchestrix::stage()
            .person(Person::new(8, "tom").token("tomtoken").token("tomtoken2"))
            .rule(rule("/api/v1/account", Per::Account))
            .rule(rule("/api/v1/token", Per::Token))
            .rule(rule("/api/v1/route", Per::Route)),
    );
    let (ann, _) = crate::wporchestrix::ann(&world);
    let ann = format!("Bearer {ann}");
    let asked = |path: &str, auth: &str| {
        let ask = Ask::get(path);
        world.ask(if auth.is_empty() { ask } else { ask.auth(auth) }).status
    };
    let run = |path: &str, asks: &[&str]| asks.iter().map(|auth| asked(path, auth)).collect::<Vec<_>>();
    // Two tokens of one account are one account; another account and nobody have their own.
    assert_eq!(
        run("/api/v1/account", &[tom, "token tomtoken2", tom, tim, tim, tim, "", "", ""]),
        [200, 200, 429, 200, 200, 429, 200, 200, 429]
    );
    // Two tokens of one account are two tokens.
    assert_eq!(
        run("/api/v1/token", &[tom, "token tomtoken2", tom, tom, "token tomtoken2", &ann, &ann, &ann]),
        [200, 200, 200, 429, 200, 200, 200, 429]
    );
    // A route is everybody's, whatever the path below it.
    assert_eq!(run("/api/v1/route", &[tom, tim]), [200, 200]);
    assert_eq!(asked("/api/v1/route/other", ""), 429);
}

#[test]
fn limits_of_one_name_share_their_counters_and_others_do_not() {
    let named = RateLimit { name: Some("site".into()), ..RateLimit::new(Per::Address, 2, 60) };
    let plain = RateLimit::new(Per::Address, 2, 60);
    let world = World::new(
        crate::wporchestrix::stage()
            .rule(limited(prefix("/a", &[Way::None]), std::slice::from_ref(&named)))
            .rule(limited(prefix("/b", &[Way::None]), std::slice::from_ref(&named)))
            .rule(limited(prefix("/c", &[Way::None]), std::slice::from_ref(&plain)))
            .rule(limited(prefix("/d", &[Way::None]), std::slice::from_ref(&plain))),
    );
    let run = |paths: &[&str]| paths.iter().map(|path| world.ask(Ask::get(path)).status).collect::<Vec<_>>();
    assert_eq!(run(&["/a", "/b", "/a", "/b"]), [200, 200, 429, 429]);
    assert_eq!(run(&["/c", "/d", "/c", "/d", "/c"]), [200, 200, 200, 200, 429]);
}

#[test]
fn an_edit_of_other_rules_resets_no_counter() {
    let one = limited(exact("/api/v1/x", &[Way::None]), &[RateLimit::new(Per::Address, 1, 60)]);
    let world = World::new(crate::wporchestrix::stage().rule(one.clone()));
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 200);
    assert_eq!(edit(&world, vec![exact("/api/v1/before", &[Way::None]), one.clone()]), Vec::<String>::new());
    assert_eq!(world.ask(Ask::get("/api/v1/x")).status, 429);
    let wider = limited(one, &[RateLimit::new(Per::Address, 5, 60)]);
    assert_eq!(edit(&world, vec![wider]), Vec::<String>::new());
    assert_eq!(world.ask(Ask::get("/api/v1/x")).header("ratelimit"), r#""address";r=4;t=12"#);
}

#[test]
fn a_proxy_that_asks_first_hears_the_same_and_is_counted_the_same() {
    let rule = limited(prefix("/api/v1", &[Way::Token]), &[RateLimit::new(Per::Account, 2, 60)]);
    let world = World::new(crate::wporchestrix::stage().rule(rule));
    let check = || Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", "/api/v1/x").auth(TIM);
    assert_eq!(state(&world.ask(check())), (204, r#""account";r=1;t=30"#));
    assert_eq!(state(&world.ask(Ask::get("/api/v1/x").auth(TIM))), (200, r#""account";r=0;t=60"#));
    let third = world.ask(check());
    assert_eq!((third.status, third.header("retry-after")), (429, "30"));
}

#[test]
fn every_language_has_its_429() {
    for (dialect, path, expected) in [
        ("wporchestrix", "/api/v1/x", r#"{"error":"Too many requests"}"#),
        ("simple_jwt_login", "/wp-json/x", "Too many requests."),
        ("wncms", "/api/v1/x", r#"{"status":"fail","message":"Too many requests"}"#),
        ("wapka", "/v1/x", r#""code":"rate_limited","message":"Too many requests, try again later""#),
        ("jwt_auth", "/wp-json/x", r#"{"code":"rest_too_many_requests","message":"Too many requests.","data":{"status":429}}"#),
    ] {
        let rule = limited(prefix("/", &[Way::None]), &[RateLimit::new(Per::Route, 1, 7)]);
        let world = World::new(Stage::of(dialect, json!({})).rule(rule));
        assert_eq!(world.ask(Ask::get(path)).status, 200, "{dialect}");
        let answer = world.ask(Ask::get(path));
        assert!(answer.body.contains(expected), "{dialect}: {}", answer.line());
        assert_eq!((answer.status, answer.header("retry-after")), (429, "7"), "{dialect}");
        assert_eq!(answer.header("ratelimit"), r#""route";r=0;t=7"#, "{dialect}");
    }
}

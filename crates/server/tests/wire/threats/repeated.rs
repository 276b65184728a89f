//! A question that is asked again word for word is answered from memory, but never by what was.

use std::sync::Arc;

use doorward_core::house::House;
use doorward_core::policy::{Per, RateLimit, Rule, Way};

use crate::rules::{edit, prefix};
use crate::support::{Ask, Person, Stage, World};
use crate::wporchestrix;

const TOM: &str = "token tomtoken";
const PAGE: &str = "/api/v1/page";

fn check(auth: &str) -> Ask {
    Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", PAGE).auth(auth)
}

fn page(ways: &[Way]) -> Rule {
    prefix(PAGE, ways)
}

fn stage() -> Stage {
    wporchestrix::stage().person(Person::new(8, "tom").role("editor", 5).token("tomtoken"))
}

/// Asks so often that the answer comes from memory where it can.
fn learn(world: &World, ask: &Ask) {
    for _ in 0..4 {
        assert_eq!(world.ask(ask.clone()).status, 204, "{ask:?}");
    }
}

/// A world in which two credentials' questions are known, and the questions.
fn learned(rule: Rule) -> (World, [Ask; 2]) {
    let world = World::new(stage().rule(rule));
    let (access, _) = wporchestrix::ann(&world);
    let asks = [check(&format!("Bearer {access}")), check(TOM)];
    for ask in &asks {
        learn(&world, ask);
    }
    (world, asks)
}

fn both() -> Rule {
    page(&[Way::Token, Way::Bearer])
}

#[test]
fn the_rules_of_now_decide() {
    let asks_more = |rule: Rule| {
        [
            Rule { roles: vec!["nobody".into()], ..rule.clone() },
            Rule { min_level: 11, ..rule.clone() },
            Rule { ip_deny: vec!["127.0.0.1".into()], ..rule.clone() },
            Rule { ip_allow: vec!["192.0.2.1".into()], ..rule.clone() },
            Rule { off: Some("off".into()), ..rule.clone() },
            Rule { ways: vec![Way::Basic], ..rule },
        ]
    };
    for rule in asks_more(both()) {
        let (world, asks) = learned(both());
        assert!(edit(&world, vec![rule.clone()]).is_empty());
        for ask in &asks {
            let answer = world.ask(ask.clone());
            assert!(matches!(answer.status, 401 | 403), "{rule:?}: {}", answer.line());
        }
        // And back: nothing of the no is remembered.
        assert!(edit(&world, vec![both()]).is_empty());
        for ask in &asks {
            learn(&world, ask);
        }
    }
}

#[test]
fn the_hosts_of_now_decide() {
    let (world, asks) = learned(both());
    world.run(async {
        let mut site = world.house.look(|desk| desk.sites()).await.unwrap().remove(0);
        site.hosts = vec!["elsewhere.example".into()];
        world.house.work(move |desk| desk.put_site(&site)).await.unwrap();
    });
    for ask in &asks {
        assert_eq!(world.ask(ask.clone()).status, 404);
    }
}

#[test]
fn another_word_is_another_question() {
    let deny = Rule { ip_deny: vec!["192.0.2.9".into()], ..both() };
    let (world, asks) = learned(deny);
    for ask in &asks {
        for (name, value, status) in [
            ("X-HTTP-Method-Override", "TRACE", 204),
            ("X-Forwarded-For", "192.0.2.9", 403),
            ("X-Forwarded-For", "no address", 403),
            ("X-Original-URI", "/api/v1/jwt", 403),
            ("X-Original-Method", "POST", 403),
            ("Authorization", "token another", 401),
            ("X-Accept", "anything", 204),
        ] {
            let answer = world.ask(ask.clone().header(name, value));
            assert_eq!(answer.status, status, "{ask:?} with {name}: {value}: {}", answer.line());
        }
        learn(&world, ask);
    }
}

#[test]
fn what_is_counted_is_counted_each_time() {
    for per in [Per::Address, Per::Route, Per::Account, Per::Token] {
        let limited = Rule { rate_limits: vec![RateLimit::new(per, 6, 60)], ..both() };
        let world = World::new(stage().rule(limited));
        let left: Vec<_> = (0..8).map(|_| world.ask(check(TOM)).status).collect();
        assert_eq!(left, [204, 204, 204, 204, 204, 204, 429, 429], "{per:?}");
    }
}

#[test]
fn what_goes_no_further_is_said_each_time() {
    let (world, asks) = learned(Rule { strip_credential: true, ..both() });
    for ask in asks {
        for _ in 0..4 {
            assert_eq!(world.ask(ask.clone()).header("x-doorward-remove"), "authorization");
        }
    }
}

/// Each use of an API token is noted with its time, each request has its own id, and the caller is told as at first.
#[test]
fn each_time_is_a_time_of_its_own() {
    let (world, [_, ask]) = learned(both());
    let used = |house: &Arc<House>| house.memory().take_used().into_iter().map(|(_, at, from)| (at, from)).collect::<Vec<_>>();
    let first = world.ask(ask.clone());
    drop(used(&world.house));
    world.pass(7);
    let later = world.ask(ask);
    assert_eq!(used(&world.house), [(world.now(), "127.0.0.1".to_owned())]);
    assert_ne!(first.header("x-request-id"), later.header("x-request-id"));
    for name in ["x-doorward-user", "x-doorward-user-id", "x-doorward-roles", "x-doorward-level", "x-doorward-scopes", "cache-control"] {
        assert_eq!(first.header(name), later.header(name), "{name}");
    }
    assert_eq!((later.header("x-doorward-user"), later.header("x-doorward-level")), ("tom", "5"));
}

//! A question of which all but the path was asked before: it is answered as if nothing were remembered, whatever the path.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::kinds::{rules, world};
use super::prefix;
use crate::simple_jwt_login::recorded::v4;
use crate::support::{Answer, Ask, Person, Stage, World};
use crate::threats::doors::{ANN_TOKEN, Tokens};
use crate::wncms::basic;
use crate::{jwt_auth, simple_jwt_login, wporchestrix};

const RECALLED: &str = "doorward_checks_recalled_total";

/// A question at a door about a target, and how it is asked there.
pub(crate) type Door = (&'static str, fn(&str, &str) -> Ask);

/// The doors, as their proxies ask there.
pub(crate) const DOORS: [Door; 5] = [
    ("nginx", |method, target| Ask::get("/_doorward/check/nginx").header("X-Original-Method", method).header("X-Original-URI", target)),
    ("haproxy", |method, target| at("haproxy").header("X-Original-Method", method).header("X-Original-URI", target)),
    ("caddy", |method, target| forwarded("caddy", method, target)),
    ("traefik", |method, target| forwarded("traefik", method, target)),
    ("envoy", |method, target| Ask::new(method, &format!("/_doorward/check/envoy{target}")).header("X-Forwarded-For", "127.0.0.1")),
];

fn at(door: &str) -> Ask {
    let ask = Ask::get(&format!("/_doorward/check/{door}")).header("X-Forwarded-For", "127.0.0.1");
    ask.header("X-Forwarded-Proto", "http").header("X-Forwarded-Host", "wire.example")
}

fn forwarded(door: &str, method: &str, target: &str) -> Ask {
    at(door).header("X-Forwarded-Method", method).header("X-Forwarded-Uri", target)
}

/// What is heard, but for what is another each time.
fn heard(answer: &Answer) -> (u16, Vec<(String, String)>, String) {
    let own = ["x-request-id", "x-doorward-answer", "date"];
    let mut headers: Vec<_> = answer.headers.iter().filter(|(name, _)| !own.contains(&name.as_str())).cloned().collect();
    headers.sort();
    let body = answer.body.split("req_").next().unwrap_or_default().to_owned();
    (answer.status, headers, body)
}

/// Asks about all targets until their like is known, and then each beside the same question from somebody who was never here.
fn compare(world: &World, ask: impl Fn(&str) -> Ask, targets: &[String], told: &str) {
    for _ in 0..2 {
        for target in targets {
            world.ask(ask(target));
        }
    }
    for (number, target) in targets.iter().enumerate() {
        let (known, anew) = (world.ask(ask(target)), world.ask(ask(target).header("X-Never-Here", &format!("{told} {number}"))));
        assert_eq!(heard(&known), heard(&anew), "{told}: {target}");
    }
}

/// What else a target could be than the plain path of a rule.
fn spellings(path: &str) -> Vec<String> {
    let tail = [
        "",
        "/",
        "/a",
        "/a/b",
        "/a.json",
        "/A",
        ".",
        "%20",
        "/%61",
        "//",
        "/..",
        "/;a",
        "?x=1",
        "/a?x=1",
        "?_method=DELETE",
        "?api_token=x",
    ];
    tail.iter().map(|tail| format!("{path}{tail}")).chain([format!("/index.php{path}"), path.to_uppercase(), format!("/x{path}")]).collect()
}

#[test]
fn a_question_with_another_path_is_answered_as_if_nothing_were_remembered() {
    let world = world();
    let tokens = Tokens::of(&world, "ann");
    let counts = |rule: &Rule| rule.rate_limits.is_empty();
    let mut targets: Vec<String> =
        rules().iter().filter(|rule| counts(rule)).flat_map(|rule| spellings(&rule.path.replace("{id}", "7"))).collect();
    for path in [
        "/",
        "/api/v1/sites",
        "/api/v1/sites/1",
        "/api/v1/jwt",
        "/api/v1/posts",
        "/v1/auth/me",
        "/v1/x",
        "/sjl/x",
        "/wp-json/x",
        "/wp-json/jwt-auth/v1/token",
        "/p/7/edit",
        "/p/7/8/edit",
        "/p/7/edit/x",
    ] {
        targets.extend(spellings(path));
    }
    targets.extend([
        "/?rest_route=/wp/v2/x".into(),
        "/index.php".into(),
        "/public/index.php/any".into(),
        "/any#x".into(),
        "any".into(),
        String::new(),
    ]);
    targets.sort();
    targets.dedup();
    let credentials = [
        format!("token {ANN_TOKEN}"),
        format!("Bearer {}", tokens.access),
        format!("Bearer {}", tokens.sjl),
        basic("ann@example.com", "wrong"),
        String::new(),
    ];
    for (number, (name, ask)) in DOORS.into_iter().enumerate() {
        // Not every credential at every door, nor every target: each pair of neighbours, and each third.
        let targets: Vec<String> = targets.iter().skip(number % 3).step_by(3).cloned().collect();
        for credential in [&credentials[number], &credentials[(number + 1) % credentials.len()]] {
            let ask = |target: &str| ask("GET", target).auth(credential);
            compare(&world, ask, &targets, &format!("{name}, {credential}"));
        }
    }
    let before = world.counted(RECALLED);
    assert!(before > 100, "{before} were answered from memory");
}

/// One rule for all, and the path alone says what is shown: by Simple JWT Login below `/wp-json`, by the fork where that is spelled.
#[test]
fn what_is_shown_may_hang_on_the_path() {
    let everything = |language: &str| Rule { answers_as: Some(language.into()), ..prefix("/", &[Way::None, Way::Bearer]) };
    let fork = Stage::of("jwt_auth", json!({"edition": "disciple_tools", "constants": {"JWT_AUTH_SECRET_KEY": jwt_auth::KEY}}));
    let fork = fork.person(Person::new(4, "ann")).rule(everything("jwt_auth"));
    let plugin = v4(&[("general.api_middleware", json!({"enabled": true}))]).rule(everything("simple_jwt_login"));
    let now = |world: &World| world.now().0;
    for (stage, is_fork) in [(fork, true), (plugin, false)] {
        let world = World::new(stage);
        let token = if is_fork {
            let login =
                Ask::post("/wp-json/jwt-auth/v1/token").json(&json!({"username": "ann", "password": crate::support::PASSWORD}).to_string());
            world.ask(login).text("/token")
        } else {
            let payload = format!(r#"{{"iat":{},"exp":{},"email":"cyd@example.com"}}"#, now(&world), now(&world) + 600);
            simple_jwt_login::sign(simple_jwt_login::KEY, simple_jwt_login::HEADER, &payload)
        };
        let inside = ["/wp-json/a", "/wp-json/b", "/wp-json/c/d", "/wp-json/wp/v2/users"];
        let outside = ["/a", "/b", "/wp-jso/a", "/WP-JSON/a"];
        let targets: Vec<String> = inside.iter().chain(&outside).map(|path| (*path).to_owned()).collect();
        for (name, ask) in DOORS {
            compare(&world, |target| ask("GET", target).auth(&format!("Bearer {token}")), &targets, name);
        }
        let ask = |target: &str| DOORS[0].1("GET", target).auth(&format!("Bearer {token}"));
        for (page, is_known) in [("/wp-json/new", true), ("/new", false)] {
            let answer = world.ask(ask(page));
            assert_eq!(
                (answer.status, !answer.header("x-doorward-user-id").is_empty()),
                (204, is_known),
                "fork {is_fork}, {page}: {}",
                answer.line()
            );
        }
    }
}

/// The memory is used: of a path that was never asked about nothing is verified again, at any door; and not beyond its rule.
#[test]
fn a_path_that_was_never_asked_about_is_answered_from_memory_within_its_rule() {
    let rule = |path: &str| Rule { min_level: 5, ..prefix(path, &[Way::Token, Way::Bearer]) };
    let other = Rule { min_level: 7, ..prefix("/api/v1/pages/high", &[Way::Token, Way::Bearer]) };
    let exact = Rule { matching: PathMatch::Exact, off: Some("off".into()), ..prefix("/api/v1/pages/off", &[Way::None]) };
    let front = Rule { min_level: 7, ..prefix("/index.php/api/v1/pages/front", &[Way::Token, Way::Bearer]) };
    let stage = wporchestrix::stage().person(Person::new(8, "tom").role("editor", 5).token("tomtoken"));
    let world = World::new(stage.rule(exact).rule(other).rule(front).rule(rule("/api/v1/pages")));
    for (name, ask) in DOORS {
        let ask = |target: &str| ask("GET", target).auth("token tomtoken");
        for page in 0..3 {
            let answer = world.ask(ask(&format!("/api/v1/pages/{page}")));
            assert!(matches!(answer.status, 200 | 204), "{name}: {}", answer.line());
        }
        let before = world.counted(RECALLED);
        for page in 3..13 {
            let answer = world.ask(ask(&format!("/api/v1/pages/{page}")));
            assert_eq!((answer.status == 200 || answer.status == 204, answer.header("x-doorward-user")), (true, "tom"), "{name}");
        }
        assert_eq!(world.counted(RECALLED) - before, 10, "{name}");
        for no in [
            "/api/v1/pages/high",
            "/api/v1/pages/high/1",
            "/api/v1/pages/off",
            "/api/v1/pages/1/../high",
            "/api/v1/pages//1",
            "/api/v1/jwt",
            "/api/v1/pages/high.json",
            "/api/v1/pages/high.",
            "/api/v1/pages/high%20",
            "/index.php/api/v1/pages/front",
        ] {
            let answer = world.ask(ask(no));
            assert!(!matches!(answer.status, 200 | 204), "{name} {no}: {}", answer.line());
        }
        assert_eq!(world.counted(RECALLED) - before, 10, "{name}: a no is never remembered");
        // What was changed holds at once, for paths that were never asked about too.
        world.pass(1);
    }
    assert!(super::edit(&world, vec![Rule { min_level: 6, ..rule("/api/v1/pages") }]).is_empty());
    for (name, ask) in DOORS {
        let answer = world.ask(ask("GET", "/api/v1/pages/99").auth("token tomtoken"));
        assert!(!matches!(answer.status, 200 | 204), "{name}: {}", answer.line());
    }
}

/// A method named in a header or the query brings other rules in on other paths: such a question is only known word for word.
#[test]
fn a_question_that_names_another_method_is_known_word_for_word_only() {
    let delete = Rule { methods: vec!["DELETE".into()], min_level: 9, ..prefix("/pages/deep", &[Way::Token]) };
    // Of another page nobody says who may delete it.
    let get = Rule { methods: vec!["GET".into()], ..prefix("/pages", &[Way::Token]) };
    let stage = wporchestrix::stage().person(Person::new(8, "tom").role("editor", 5).token("tomtoken"));
    let world = World::new(stage.rule(delete).rule(get));
    let by_header = |page: &str| DOORS[0].1("GET", page).header("X-HTTP-Method-Override", "DELETE").auth("token tomtoken");
    let by_query = |page: &str| DOORS[0].1("GET", &format!("{page}?_method=DELETE")).auth("token tomtoken");
    for ask in [&by_header as &dyn Fn(&str) -> Ask, &by_query] {
        for page in ["/pages/1", "/pages/2", "/pages/3", "/pages/4"] {
            for _ in 0..3 {
                assert_eq!(world.ask(ask(page)).status, 204);
            }
        }
        assert_eq!(world.ask(ask("/pages/deep/1")).status, 403);
    }
    assert_eq!(world.ask(DOORS[0].1("GET", "/pages/deep/1").auth("token tomtoken")).status, 204);
}

/// The languages' own endpoints are sent here, though a rule for all around them is known.
#[test]
fn an_endpoint_within_a_known_rule_is_an_endpoint() {
    let stage = wporchestrix::stage().person(Person::new(8, "tom").role("editor", 5).token("tomtoken"));
    let world = World::new(stage.rule(prefix("/api/v1", &[Way::Token])));
    for (name, ask) in DOORS {
        let ask = |target: &str| world.ask(ask("GET", target).auth("token tomtoken"));
        for page in 0..6 {
            assert!(matches!(ask(&format!("/api/v1/pages/{page}")).status, 200 | 204), "{name}");
        }
        for endpoint in ["/api/v1/jwt", "/api/v1/auth", "/api/v1/jwt.json"] {
            assert!(!matches!(ask(endpoint).status, 200 | 204), "{name} {endpoint}");
        }
    }
}

//! Every kind of rule × every kind of credential × every body × every host: explain and the proxy decide alike, what is refused
//! does not arrive, and each kind and each reason came up.

use std::cell::RefCell;
use std::collections::BTreeSet;

use doorward_core::call::Time;
use doorward_core::credential::api_token::{digest_of, hint_of};
use doorward_core::policy::{PathMatch, Per, RateLimit, Rule, Scopes, Stale, Way};
use doorward_core::port::store::ApiToken;
use doorward_core::site::SiteId;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::explain::{Both, agrees, explained_by, reception};
use super::prefix;
use crate::simple_jwt_login::recorded::v4;
use crate::simple_jwt_login::{HEADER, KEY, sign};
use crate::support::{Ask, PASSWORD, Person, Stage, World};
use crate::threats::doors::{ANN_TOKEN, Tokens, polyglot};
use crate::wncms::basic;

/// Text, scopes (all if `None`), addresses; whether it has expired, and was revoked.
type Further = (&'static str, Option<&'static str>, &'static [&'static str], bool, bool);

/// Ann's further tokens.
const FURTHER: [Further; 6] = [
    ("scopedtokenscopedtokenscopedtokenscop", Some("shop:write"), &[], false, false),
    ("nothingtokennothingtokennothingtokeno", Some(""), &[], false, false),
    ("neartokenneartokenneartokenneartokennea", None, &["127.0.0.0/8", "::1"], false, false),
    ("fartokenfartokenfartokenfartokenfartok", None, &["10.0.0.0/8", "2001:db8::/32"], false, false),
    ("oldtokenoldtokenoldtokenoldtokenoldtok", None, &[], true, false),
    ("gonetokengonetokengonetokengonetokengon", None, &[], false, true),
];
const LOW: &str = "lowtokenlowtokenlowtokenlowtokenlowt";

/// One rule of each kind, named by its path.
pub(super) fn rules() -> Vec<Rule> {
    let all = [Way::Simple, Way::Basic, Way::Token, Way::Bearer];
    let open = [Way::None, Way::Simple, Way::Token, Way::Bearer];
    let rule = |action: &str, ways: &[Way]| Rule { action: action.into(), ..prefix(&format!("/{action}"), ways) };
    let list = |entries: &[&str]| entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>();
    let spoken = |language: &str, rule: Rule| Rule { answers_as: Some(language.into()), ..rule };
    vec![
        rule("none", &[Way::None]),
        spoken("wncms", rule("simple", &[Way::Simple])),
        spoken("wncms", rule("basic", &[Way::Basic])),
        spoken("wporchestrix", rule("token", &[Way::Token])),
        spoken("wporchestrix", rule("bearer", &[Way::Bearer])),
        spoken("jwt_auth", rule("plugin", &[Way::Bearer])),
        spoken("wapka", rule("wapka", &[Way::Token, Way::Bearer])),
        rule("any", &all),
        Rule { all: true, ..rule("both", &[Way::Simple, Way::Token]) },
        Rule { all: true, ..rule("three", &[Way::Simple, Way::Token, Way::Basic]) },
        Rule { roles: list(&["editor", "admin"]), ..rule("role", &all) },
        Rule { roles: list(&["editor"]), ..rule("editor", &all) },
        Rule { min_level: 5, ..rule("level", &all) },
        Rule { min_level: 1, ..rule("anonymous-level", &open) },
        Rule { scopes: list(&["shop:write"]), ..rule("scope", &all) },
        Rule { ip_allow: list(&["127.0.0.0/8"]), ..rule("near", &open) },
        Rule { ip_allow: list(&["10.0.0.0/8", "2001:db8::/32", "192.168.*.*"]), ..rule("far", &open) },
        Rule { ip_allow: list(&["127.*.*.*"]), ip_deny: list(&["127.0.0.1"]), ..rule("denied", &open) },
        Rule { hosts: list(&["admin.example"]), ..rule("host", &all) },
        Rule { action: "elsewhere".into(), ..rule("host", &[Way::None]) },
        Rule { methods: list(&["DELETE"]), ..rule("method", &all) },
        Rule { action: "other-method".into(), ..rule("method", &[Way::None]) },
        Rule { off: Some("switch".into()), ..rule("off", &open) },
        Rule { unknown_mode: Some("digest".into()), ..rule("unknown", &[]) },
        Rule { stale: Stale::Ignore, ..rule("ignore", &open) },
        Rule { stale: Stale::Refuse, ..rule("refuse", &open) },
        Rule { strip_credential: true, ..rule("strip", &open) },
        Rule { rate_limits: vec![RateLimit::new(Per::Route, 12, 3600)], ..rule("rate", &open) },
        Rule { rate_limits: vec![RateLimit::new(Per::Account, 12, 3600), RateLimit::new(Per::Token, 9, 3600)], ..rule("rates", &all) },
        Rule { matching: PathMatch::Pattern, path: "/p/{id}/edit".into(), min_level: 5, ..rule("pattern", &all) },
        Rule { matching: PathMatch::Start, path: "/start".into(), ..rule("start", &[Way::Token]) },
    ]
}

pub(super) fn world() -> World {
    let mut stage = rules().into_iter().fold(polyglot().person(Person::new(6, "low").token(LOW)), Stage::rule);
    stage.hosts.push("admin.example".into());
    let protect = json!({"enabled": 1, "default_action": "allow_all", "rules_url": ["wp/v2/users"], "rules_method": ["ALL"],
        "rules_match": ["STARTS_WITH"], "rules_type": ["protected"]});
    let mut keys = v4(&[("api_keys", json!({"enabled": true})), ("protect_endpoint", protect)]);
    (keys.id, keys.name, keys.hosts) = (2, "keys".into(), vec!["keys.example".into()]);
    let world = World::with(vec![stage, keys]);
    let now = world.now();
    let further = FURTHER.map(|(text, scopes, from, is_old, is_gone)| ApiToken {
        id: 0,
        site: SiteId(1),
        account: 4,
        dialect: None,
        name: text[..4].into(),
        digest: digest_of(text),
        hint: hint_of(text),
        scopes: scopes.map_or(Scopes::All, Scopes::parse),
        created: Time(now.0 - 10),
        expires: is_old.then(|| Time(now.0 - 1)),
        used: None,
        used_from: None,
        revoked: is_gone.then_some(now),
        ip_allow: from.iter().map(|entry| (*entry).to_owned()).collect(),
    });
    let written = world.house.work(move |desk| further.iter().try_for_each(|row| desk.add_api_token(row).map(|_| ())));
    world.run(written).expect("the further tokens");
    world
}

/// A body with a token, in each of the ways of sending one.
fn bodies() -> Vec<(&'static str, String)> {
    let mut bodies = Vec::new();
    let part = |token: &str| format!("--X\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\n{token}\r\n--X--\r\n");
    for token in [ANN_TOKEN, LOW, "wrong"].into_iter().chain(FURTHER.map(|(text, ..)| text)) {
        let json = format!(r#"{{"a":1,"api_token":"{token}"}}"#);
        bodies.push(("application/json", json.clone()));
        bodies.push(("text/plain", json));
        bodies.push(("application/x-www-form-urlencoded", format!("a=1&api_token={token}")));
        bodies.push(("multipart/form-data; boundary=X", part(token)));
    }
    for json in ["{", "[]", "null", r#"{"api_token":7}"#, r#"{"api_token":["x"]}"#, r#"{"api_token":null}"#] {
        bodies.push(("application/json", json.into()));
    }
    bodies.push(("application/x-www-form-urlencoded", "_method=DELETE".into()));
    bodies.push(("multipart/form-data; boundary=X", "--X\r\n".into()));
    bodies
}

#[test]
fn whatever_the_rule_and_whatever_is_shown_explain_and_the_proxy_decide_alike() {
    let world = world();
    let (tokens, reception) = (Tokens::of(&world, "ann"), reception(&world));
    let now = world.now().0;
    let cyd = sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"cyd@example.com"}}"#, now + 600));
    let make = Ask::post("/wp-json/simple-jwt-login/v1/api-keys").header("Host", "keys.example").auth(&format!("Bearer {cyd}"));
    let key = world.ask(make.json(r#"{"name":"k","permissions":["read"]}"#)).text("/data/key");

    let mut credentials: Vec<String> =
        [ANN_TOKEN, LOW, "nobody"].into_iter().chain(FURTHER.map(|(text, ..)| text)).map(|t| format!("token {t}")).collect();
    for jwt in [&tokens.access, &tokens.refresh, &tokens.wapka, &tokens.jwt_auth, &tokens.sjl, &cyd] {
        credentials.push(format!("Bearer {jwt}"));
    }
    credentials.extend([
        String::new(),
        String::new(),
        format!("Bearer {}x", tokens.access),
        "Bearer a.b.c".into(),
        "Bearer".into(),
        basic("ann@example.com", PASSWORD),
        "Basic ***".into(),
        ANN_TOKEN.into(),
    ]);
    let mut paths: Vec<String> = rules().iter().map(|rule| rule.path.replace("{id}", "7")).collect();
    paths.extend([
        "/start-of-it".into(),
        "/strip/below".into(),
        "/nobodys".into(),
        "/wp-json/wp/v2/users".into(),
        "/wp-json/wp/v2/posts".into(),
    ]);
    let queries = vec![
        String::new(),
        String::new(),
        format!("?api_token={ANN_TOKEN}"),
        format!("?x=1&api_token={}", FURTHER[3].0),
        "?api_token[]=x".into(),
    ];
    let others = vec![
        ("Host", "admin.example".to_owned()),
        ("Host", "keys.example".into()),
        ("Host", "elsewhere.example".into()),
        ("X-API-Key", key),
        ("X-API-Key", "sjl_0000".into()),
        ("Authorization", format!("token {ANN_TOKEN}")),
        ("X-HTTP-Method-Override", "DELETE".into()),
    ];
    let strategy = (
        select(vec!["GET", "POST", "POST", "DELETE"]),
        select(paths),
        select(queries),
        select(credentials),
        prop::option::weighted(0.4, (select(others.clone()), prop::option::of(select(others)))),
        prop::option::of(select(bodies())),
    );
    let (actions, outcomes) = (RefCell::new(BTreeSet::new()), RefCell::new(BTreeSet::new()));
    let config = ProptestConfig { cases: 2500, failure_persistence: None, ..ProptestConfig::default() };
    proptest::test_runner::TestRunner::new(config)
        .run(&strategy, |(method, path, query, credential, more, body)| {
            let mut both = Both { method, target: format!("{path}{query}"), headers: Vec::new(), body: None };
            let mut headers: Vec<(&'static str, String)> = more.into_iter().flat_map(|(one, other)| [Some(one), other]).flatten().collect();
            // Two hosts are nobody's request; that is another test's.
            let hosts = headers.iter().filter(|(name, _)| *name == "Host").count();
            if hosts > 1 {
                headers.retain(|(name, _)| *name != "Host");
            }
            if !credential.is_empty() {
                headers.push(("Authorization", credential));
            }
            both.headers = headers;
            if let Some((kind, text)) = body.filter(|_| method == "POST") {
                both.headers.push(("Content-Type", kind.into()));
                both.body = Some(text);
            }
            let told = explained_by(&reception, &world, &both, true).expect("a target");
            actions.borrow_mut().insert(told.action.clone());
            outcomes.borrow_mut().insert(told.reason().unwrap_or(told.word()));
            agrees(&told, &world, &both)
        })
        .unwrap();
    // Two accounts where one is wanted are rare by chance.
    let json = format!(r#"{{"api_token":"{LOW}"}}"#);
    let both =
        Both { method: "POST", target: "/both".into(), headers: vec![("Content-Type", "application/json".into())], body: Some(json) };
    let both = both.with("Authorization", &format!("token {ANN_TOKEN}"));
    let told = explained_by(&reception, &world, &both, true).expect("a target");
    assert_eq!(told.reason(), Some("not_yours"));
    agrees(&told, &world, &both).unwrap();
    let (actions, outcomes) = (actions.into_inner(), outcomes.into_inner());
    let missing: Vec<_> = rules().into_iter().map(|rule| rule.action).filter(|action| !actions.contains(action)).collect();
    assert!(missing.is_empty(), "never asked: {missing:?} of {actions:?}");
    for outcome in [
        "passes",
        "no_credential",
        "malformed_credential",
        "unknown_token",
        "token_signature",
        "token_wrong_kind",
        "address_not_allowed",
        "switched_off",
        "unknown_mode",
        "role_missing",
        "level_too_low",
        "scope_missing",
        "rate_limited",
    ] {
        assert!(outcomes.contains(outcome), "{outcome} never came up: {outcomes:?}");
    }
}

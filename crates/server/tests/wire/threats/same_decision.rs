//! The proxy and the check of a proxy that asks first decide alike, whatever is asked.

use doorward_core::policy::{PathMatch, Rule, Way};
use proptest::prelude::*;

use super::doors::{ANN_TOKEN, Tokens, polyglot};
use crate::support::{Ask, Stage, World};

fn stage() -> Stage {
    let rule = |action: &str, matching, path: &str, ways: &[Way]| Rule::new(action, matching, path, ways);
    let mut delete = rule("delete", PathMatch::Prefix, "/shop", &[Way::Token]);
    delete.methods = vec!["DELETE".into()];
    let mut editors = rule("editors", PathMatch::Pattern, "/shop/{id}/edit", &[Way::Token, Way::Bearer]);
    editors.roles = vec!["editor".into()];
    polyglot().rule(delete).rule(editors).rule(rule("admin", PathMatch::Prefix, "/admin", &[Way::Token]))
}

fn segment() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(vec![
            "shop", "Shop", "admin", "ADMIN", "edit", "api", "v1", "sites", "posts", "store", "wp-json", "wp", "v2", "users", "sjl",
            "index.php", "7", "x.json", "sites.json", "..", ".", "", "%2e", "%61dmin", "a;b", "%", "caf%C3%A9", "admin.",
        ]).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9.%;_~-]{0,6}",
    ]
}

fn target() -> impl Strategy<Value = String> {
    let query = prop_oneof![
        4 => Just(String::new()),
        1 => prop::sample::select(vec!["?x=1", "?_method=DELETE", "?rest_route=/wp/v2/users", "?rest_route=/x", "?api_token=no", "?"]).prop_map(str::to_owned),
        1 => Just(format!("?api_token={ANN_TOKEN}")),
    ];
    (prop::collection::vec(segment(), 0..5), query).prop_map(|(segments, query)| format!("/{}{query}", segments.join("/")))
}

#[test]
fn the_proxy_and_the_check_decide_alike() {
    let world = World::new(stage());
    let tokens = Tokens::of(&world, "ann");
    let credentials = vec![
        String::new(),
        format!("token {ANN_TOKEN}"),
        format!("Bearer {}", tokens.access),
        format!("Bearer {}", tokens.wapka),
        format!("Bearer {}", tokens.jwt_auth),
        format!("Bearer {}", tokens.sjl),
        crate::wncms::basic("ann@example.com", crate::support::PASSWORD),
        "Bearer a.b.c".into(),
        "Basic ***".into(),
    ];
    let methods = prop::sample::select(vec!["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "PURGE", "get", "TRACE"]);
    let strategy = (methods, target(), prop::sample::select(credentials), prop::option::of(prop::sample::select(vec!["DELETE", "GET"])));
    let config = ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&strategy, |(method, target, credential, override_by)| {
            let with = |ask: Ask| {
                let ask = if credential.is_empty() { ask } else { ask.auth(&credential) };
                override_by.map_or(ask.clone(), |method| ask.header("X-HTTP-Method-Override", method))
            };
            let before = world.upstream.arrived().len();
            let proxied = world.ask(with(Ask::new(method, &target)));
            let arrived = world.upstream.arrived().len() > before;
            let asked = Ask::get("/_doorward/check/nginx").header("X-Original-Method", method).header("X-Original-URI", &target);
            let checked = world.ask(with(asked));
            // What we answer ourselves is never passed on, and never waved through.
            prop_assert_eq!(arrived, checked.status == 204, "{} {}: {} / {}", method, target, proxied.line(), checked.line());
            if arrived {
                let (upstream, told) = (world.upstream.last(), checked);
                for name in ["x-doorward-user-id", "x-doorward-level", "x-doorward-site", "x-doorward-roles", "x-doorward-scopes"] {
                    prop_assert_eq!(upstream.header(name).unwrap_or_default(), told.header(name), "{} {}", method, target);
                }
            }
            Ok(())
        })
        .unwrap();
}

/// A guarded path or an endpoint of ours, and the same in another letter case.
fn cased() -> impl Strategy<Value = (&'static str, String, String)> {
    let paths = prop::sample::select(super::letter_case::PATHS.to_vec());
    let front = prop::sample::select(vec!["", "/index.php", "/INDEX.PHP", "/public/index.php"]);
    let format = prop::sample::select(vec!["", "", ".json", ".xml", "/", "."]);
    (paths, front, format, any::<u64>()).prop_map(|((method, path), front, format, mask)| {
        let turn = |(at, c): (usize, char)| if mask >> (at % 64) & 1 == 1 { c.to_ascii_uppercase() } else { c };
        let path = format!("{path}{format}");
        let other: String = path.chars().enumerate().map(turn).collect();
        (method, format!("{front}{path}"), format!("{front}{other}"))
    })
}

#[test]
fn no_letter_case_lets_in_whom_the_path_refuses() {
    let worlds: Vec<World> = super::letter_case::stages().into_iter().chain([stage()]).map(World::new).collect();
    let strategy = (0..worlds.len(), cased(), prop::sample::select(vec!["", "token x", "Bearer a.b.c", "Basic YTpi"]));
    let config = ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    runner
        .run(&strategy, |(world, (method, path, other), credential)| {
            let world = &worlds[world];
            let with = |ask: Ask| if credential.is_empty() { ask } else { ask.auth(credential) };
            let before = world.upstream.arrived().len();
            let plain = world.ask(with(Ask::new(method, &path)));
            let arrived = world.upstream.arrived().len() - before;
            let cased = world.ask(with(Ask::new(method, &other)));
            let arrived_cased = world.upstream.arrived().len() - before - arrived;
            prop_assert!(arrived_cased <= arrived, "{method} {other}: {}, but {path}: {}", cased.line(), plain.line());
            let ask =
                |target: &str| Ask::get("/_doorward/check/nginx").header("X-Original-Method", method).header("X-Original-URI", target);
            let (plain, cased) = (world.ask(with(ask(&path))), world.ask(with(ask(&other))));
            prop_assert!(plain.status == 204 || cased.status != 204, "{method} {other}: {}, but {path}: {}", cased.line(), plain.line());
            Ok(())
        })
        .unwrap();
}

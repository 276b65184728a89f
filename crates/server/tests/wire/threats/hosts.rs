//! The host that was judged is the host that arrives.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use crate::support::{Ask, Person, Stage, World};

/// Two sites before one upstream that tells them apart by `Host`: the first is open, the second shut.
fn world() -> World {
    let open = Stage { hosts: vec!["open.example".into()], ..Stage::of("wporchestrix", json!({})) };
    let shut = Stage {
        id: 2,
        name: "shut".into(),
        hosts: vec!["shut.example".into()],
        ..Stage::of("wporchestrix", json!({})).person(Person::new(4, "ann")).rule(Rule::new("all", PathMatch::Prefix, "/", &[Way::Token]))
    };
    World::with(vec![open, shut])
}

/// How an upstream might read a host.
fn read(host: &str) -> String {
    let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    host.split(':').next().unwrap_or_default().trim_end_matches('.').to_owned()
}

#[test]
fn no_spelling_of_a_host_reaches_a_site_by_another_sites_rules() {
    let world = world();
    for host in [
        "shut.example",
        "SHUT.example",
        "shut.example:80",
        "shut.example:",
        "shut.example:0080",
        "shut.example.",
        "shut.example.:80",
        "shut.example..",
        "shut.example:80:80",
        "shut.example:x",
        "user@shut.example",
        "open.example@shut.example",
        "shut.example@open.example",
        "open.example, shut.example",
        "open.example shut.example",
        "shut.example/",
        "shut.example/x",
        "shut.example#",
        "shut.example?",
        "shut%2eexample",
        "[shut.example]",
        "",
        "www.shut.example",
        "nobody.example",
    ] {
        let answer = world.ask(Ask::get("/about").header("Host", host));
        assert!(matches!(answer.status, 200 | 400..=404), "{host}: {}", answer.line());
        if answer.status == 200 {
            let arrived = world.upstream.last();
            assert_eq!(arrived.header("x-doorward-site"), Some("yoursite"), "{host}");
            for name in ["host", "x-forwarded-host"] {
                assert_eq!(read(arrived.header(name).unwrap_or("open.example")), "open.example", "{host}: {name}");
            }
        }
    }
}

#[test]
fn two_hosts_are_none_and_an_absolute_target_comes_before_the_header() {
    let world = world();
    let two = Ask::get("/about").header("Host", "open.example").header("Host", "shut.example");
    assert_eq!(world.ask(two).status, 400);
    let target = Ask::get("http://shut.example/about").header("Host", "open.example");
    assert_eq!(world.ask(target).status, 401);
    let target = Ask::get("http://open.example/about").header("Host", "shut.example");
    assert_eq!(world.ask(target).status, 200);
    assert_eq!(world.upstream.last().header("host"), Some("open.example"));
    for header in ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host"] {
        assert_eq!(world.ask(Ask::get("/about").header("Host", "shut.example").header(header, "open.example")).status, 401, "{header}");
    }
}

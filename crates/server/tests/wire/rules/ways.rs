//! Ways, one or all of them; what a stale credential does; hosts; addresses that are shut out.

use doorward_core::policy::{Rule, Stale, Way};
use serde_json::json;

use super::{exact, prefix};
use crate::support::{Ask, PASSWORD, Person, Stage, World};
use crate::wncms::{ANN, THROUGH, basic};

const UNAUTHORIZED: &str = r#"{"error":"Unauthorized"}"#;

#[test]
fn all_of_several_ways_must_be_proven_by_one_account() {
    let both = Rule { all: true, answers_as: Some("wncms".into()), ..prefix("/both", &[Way::Simple, Way::Basic]) };
    let admins = Rule { roles: vec!["admin".into()], ..both.clone() };
    let admins = Rule { path: "/admins".into(), ..admins };
    let bob = Person::new(8, "ben").token("bentokenbentokenbentokenbentokenbent");
    let world = World::new(crate::wncms::stage(json!({})).person(bob).rule(both).rule(admins));
    let token = |token: &str| format!("/both?api_token={token}");
    let (ann, ben) = (basic("ann@example.com", PASSWORD), basic("ben@example.com", PASSWORD));
    world.ask(Ask::get(&token(ANN)).auth(&ann)).is(200, THROUGH);
    assert_eq!(world.upstream.last().header("x-doorward-user"), Some("ann"));
    for (what, ask) in [
        ("neither", Ask::get("/both")),
        ("only the token", Ask::get(&token(ANN))),
        ("only Basic", Ask::get("/both").auth(&ann)),
        ("a wrong password", Ask::get(&token(ANN)).auth(&basic("ann@example.com", "wrong"))),
        ("a wrong token", Ask::get(&token("nobody")).auth(&ann)),
    ] {
        let answer = world.ask(ask);
        assert_eq!(answer.status, 401, "{what}: {}", answer.line());
    }
    assert_eq!(world.ask(Ask::get(&token(ANN)).auth(&ben)).status, 403, "two accounts");
    let admin = |path: &str, name: &str, token: &str| {
        world.ask(Ask::get(&format!("{path}?api_token={token}")).auth(&basic(&format!("{name}@example.com"), PASSWORD))).status
    };
    assert_eq!(admin("/admins", "root", crate::wncms::ROOT), 200);
    assert_eq!(admin("/admins", "ann", ANN), 403);
    assert_eq!(world.upstream.arrived().len(), 2);
}

#[test]
fn a_stale_credential_on_a_public_route_refuses_or_is_ignored_as_the_rule_says() {
    let open = |path: &str, stale| Rule { stale, ..prefix(path, &[Way::None, Way::Token, Way::Bearer]) };
    let world =
        World::new(crate::wporchestrix::stage().rule(open("/api/v1/strict", Stale::Refuse)).rule(open("/api/v1/soft", Stale::Ignore)));
    let (access, refresh) = crate::wporchestrix::ann(&world);
    let good = "token d41d8cd98f00b204e9800998ecf8427e";
    for path in ["/api/v1/strict", "/api/v1/soft"] {
        assert_eq!(world.ask(Ask::get(path)).status, 200);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), None);
        assert_eq!(world.ask(Ask::get(path).auth(good)).status, 200);
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("7"), "{path}: a good one is told");
    }
    world.pass(100_000);
    let stale = [
        format!("Bearer {access}"),
        format!("Bearer {refresh}"),
        "token nobody".into(),
        "Bearer a.b.c".into(),
        "Nonsense".into(),
        format!("Bearer {}", access.replace('.', "..")),
    ];
    for credential in stale {
        let before = world.upstream.arrived().len();
        assert_eq!(world.ask(Ask::get("/api/v1/strict").auth(&credential)).status, 401, "{credential}");
        assert_eq!(world.upstream.arrived().len(), before, "{credential}");
        assert_eq!(world.ask(Ask::get("/api/v1/soft").auth(&credential)).status, 200, "{credential}");
        assert_eq!(world.upstream.last().header("x-doorward-user-id"), None, "{credential}");
    }
}

#[test]
fn who_is_nobody_has_no_role_level_or_scope_even_where_nobody_is_welcome() {
    let open = |path: &str| prefix(path, &[Way::None]);
    let roles = Rule { roles: vec!["administrator".into()], ..open("/roles") };
    let level = Rule { min_level: 1, ..open("/level") };
    let scopes = Rule { scopes: vec!["read".into()], ..open("/scopes") };
    let world = World::new(crate::wporchestrix::stage().rule(roles).rule(level).rule(scopes));
    for path in ["/roles", "/level", "/scopes"] {
        assert_eq!(world.ask(Ask::get(path)).status, 403, "{path}");
    }
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_rule_for_a_host_holds_there_and_nowhere_else() {
    let at = |hosts: &[&str], ways: &[Way]| Rule {
        hosts: hosts.iter().map(|h| (*h).to_owned()).collect(),
        answers_as: Some("wporchestrix".into()),
        ..prefix("/", ways)
    };
    let stage = Stage { hosts: vec!["wire.example".into(), "admin.example".into()], ..crate::wporchestrix::stage() };
    let world = World::new(stage.rule(at(&["admin.example"], &[Way::Token])).rule(at(&[], &[Way::None])));
    let status = |host: &str| world.ask(Ask::get("/x").header("Host", host)).status;
    for host in ["admin.example", "ADMIN.example", "admin.example:8443"] {
        assert_eq!(status(host), 401, "{host}");
    }
    for host in ["wire.example", "elsewhere.example", "admin.example.", "x.admin.example"] {
        assert_eq!(status(host), 200, "{host}");
        assert_eq!(world.upstream.last().header("host"), Some("wire.example"), "{host}: unknown hosts are the site's first");
    }
    let forwarded = Ask::get("/x").header("Host", "admin.example").header("X-Forwarded-Host", "wire.example");
    world.ask(forwarded).is(401, UNAUTHORIZED);
}

#[test]
fn addresses_can_be_shut_out_of_those_that_are_welcome() {
    let rule = |allow: &[&str], deny: &[&str], path: &str| Rule {
        ip_allow: allow.iter().map(|a| (*a).to_owned()).collect(),
        ip_deny: deny.iter().map(|a| (*a).to_owned()).collect(),
        ..exact(path, &[Way::None])
    };
    let world = World::new(
        crate::wporchestrix::stage()
            .rule(rule(&["127.0.0.0/8"], &[], "/in"))
            .rule(rule(&["127.0.0.0/8"], &["127.0.0.1"], "/out"))
            .rule(rule(&[], &["127.*.*.*"], "/wild"))
            .rule(rule(&[], &["::1", "10.0.0.0/8"], "/others")),
    );
    for (path, status) in [("/in", 200), ("/out", 403), ("/wild", 403), ("/others", 200)] {
        assert_eq!(world.ask(Ask::get(path)).status, status, "{path}");
        // Nobody trusts this peer: what it says of itself moves nothing.
        assert_eq!(world.ask(Ask::get(path).header("X-Forwarded-For", "10.0.0.1")).status, status, "{path}");
    }
}

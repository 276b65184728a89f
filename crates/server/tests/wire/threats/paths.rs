//! A rule for a path is not evaded by a spelling that the application takes for it.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::doors::polyglot;
use crate::support::{Ask, Stage, World};

/// `/admin` is shut at three kinds of rule; all else that nobody owns is open.
fn world() -> World {
    let shut = |matching, path: &str| Rule::new("shut", matching, path, &[Way::Token]);
    World::new(
        polyglot()
            .rule(shut(PathMatch::Prefix, "/admin"))
            .rule(shut(PathMatch::Exact, "/wp-json/wp/v2/users"))
            .rule(shut(PathMatch::Pattern, "/items/{id}/Secret"))
            .rule(shut(PathMatch::Exact, "/script.php"))
            .rule(shut(PathMatch::Exact, "/"))
            .rule(shut(PathMatch::Prefix, "/index.php")),
    )
}

#[test]
fn no_spelling_of_a_shut_path_arrives() {
    let world = world();
    for target in [
        "/admin",
        "/admin/",
        "/admin/x",
        "/ADMIN",
        "/Admin/X",
        "//admin",
        "///admin",
        "/admin//",
        "/./admin",
        "/x/../admin",
        "/x/%2e%2e/admin",
        "/x/.%2e/admin",
        "/%2e/admin",
        "/x/..%2fadmin",
        "/x/..%5cadmin",
        "/x/..\\admin",
        "\\admin",
        "/%5cadmin",
        "/x%2f..%2fadmin",
        "/..;/admin",
        "/;/admin",
        "/admin;x=1",
        "/admin;/x",
        "/admin%3bx",
        "/%61dmin",
        "/%41DMIN",
        "/%2561dmin",
        "/%%361dmin",
        "/%u0061dmin",
        "/admin%",
        "/admin%2",
        "/admin%00",
        "/admin%09",
        "/admin%0a",
        "/admin%0d%0aX:1",
        "/admin%7f",
        "/%c0%ae%c0%ae/admin",
        "/%c1%a1dmin",
        "/admin?x=1",
        "/admin#x",
        "/admin.json",
        "/admin.",
        "/admin...",
        "/admin%20",
        "/admin%20.%20",
        "/Admin./x",
        "/admin%20/x",
        "/INDEX.PHP/admin",
        "/Index.Php/Admin/x",
        "/INDEX.PHP./admin",
        "/index.php%20/admin",
        "/public/index.php/admin",
        "/public/INDEX.PHP/Admin",
        "/public/index.php/admin.",
        "/a/b/index.php/items/7/secret",
        "/blog/index.php",
        "/blog/index.php/wp-json/wp/v2/users",
        "/public/index.php/api/v1/sites",
        "/public/index.php/api/v1/jwt",
        "/public/index.php/wp-json/jwt-auth/v1/token",
        "/script.php",
        "/script.php/x",
        "/SCRIPT.PHP/x.css",
        "/script.php./x",
        "/items/7/secret.",
        "/items/7/secret%20",
        "/admin.xml",
        "/index.php/admin",
        "/index.php/Admin",
        "/index.php/./admin",
        "/index.php",
        "/index.php/",
        "/INDEX.PHP",
        "/index.php/x",
        "/index.php?rest_route=/zzz",
        "/?rest_route=/zzz",
        "/",
        "/?x",
        "http://wire.example/admin",
        "HTTP://WIRE.EXAMPLE/admin",
        "http://wire.example//admin",
        "http://wire.example",
        "http://user@wire.example/admin",
        "http://user:pass@wire.example/x",
        "//wire.example/admin",
        "wire.example/admin",
        "*",
        "/items/7/secret",
        "/items/7/SECRET/",
        "/ITEMS/7/Secret",
        "/items/7/secret.json",
        "/wp-json/wp/v2/users",
        "/wp-json/WP/v2/Users/",
        "/index.php/wp-json/wp/v2/users",
        "/?rest_route=/wp/v2/users",
        "/?rest_route=/WP/V2/users/",
        "/?rest_route=wp/v2/users",
        "/?rest_route=%2Fwp%2Fv2%2Fusers",
        "/index.php?rest_route=/wp/v2/users",
        "/x?rest_route=/wp/v2/users",
        "/?rest.route=/wp/v2/users",
    ] {
        for method in ["GET", "POST", "HEAD"] {
            let answer = world.ask(Ask::new(method, target));
            assert!(matches!(answer.status, 400..=405), "{method} {target}: {}", answer.line());
        }
        let check = Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", target);
        let answer = world.ask(check);
        // A fragment is no part of a URI that nginx passes on; whole URLs are never asked about.
        assert!(matches!(answer.status, 400..=405) || target.contains('#'), "check of {target}: {}", answer.line());
    }
    assert_eq!(world.upstream.arrived().iter().map(|a| a.line.clone()).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn what_arrives_is_what_was_judged() {
    let world = world();
    for (target, line) in [
        ("/about", "GET /about HTTP/1.1"),
        ("/caf%C3%A9?x=%2e%2e", "GET /caf%C3%A9?x=%2e%2e HTTP/1.1"),
        ("http://wire.example/about?y", "GET /about?y HTTP/1.1"),
        ("/a.b/c.", "GET /a.b/c. HTTP/1.1"),
        ("/x%20y./z.php/w", "GET /x%20y./z.php/w HTTP/1.1"),
        ("/public/index.php/about", "GET /public/index.php/about HTTP/1.1"),
    ] {
        assert_eq!(world.ask(Ask::get(target)).status, 200, "{target}");
        assert_eq!(world.upstream.last().line, line);
    }
}

/// A site that does not speak a language of WordPress: its application knows no `rest_route`.
#[test]
fn a_front_page_that_is_shut_is_not_opened_by_a_rest_route() {
    let stage = Stage::of("wncms", json!({})).rule(Rule::new("front", PathMatch::Exact, "/", &[Way::Simple]));
    let world = World::new(stage);
    for target in ["/", "/?rest_route=/x", "/?rest_route=x", "/?rest_route=/api/v1/posts"] {
        assert_eq!(world.ask(Ask::get(target)).status, 401, "{target}");
    }
    assert!(world.upstream.arrived().is_empty());
}

/// Rules compare without letter case, so that a shut path is shut in any. What is open is open as it is written.
#[test]
fn an_opening_in_another_spelling_opens_nothing_that_is_shut() {
    let open = |path: &str| Rule::new("open", PathMatch::Prefix, path, &[Way::None]);
    let shut = Rule::new("shut", PathMatch::Prefix, "/files", &[Way::Token]);
    let world = World::new(polyglot().rule(open("/Files")).rule(open("/API/v1/sites")).rule(shut));
    for (target, status) in [("/Files/x", 200), ("/files/x", 401), ("/FILES/x", 401), ("/API/v1/sites", 200), ("/api/v1/sites", 401)] {
        assert_eq!(world.ask(Ask::get(target)).status, status, "{target}");
    }
}

#[test]
fn an_answer_that_depends_on_a_credential_says_so() {
    let world = World::new(polyglot().rule(Rule::new("mine", PathMatch::Prefix, "/mine", &[Way::Token])));
    let varies = |ask: Ask| {
        let answer = world.ask(ask);
        let lines = answer.headers.iter().filter(|(name, _)| name == "vary");
        lines.map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" + ")
    };
    let token = format!("token {}", super::doors::ANN_TOKEN);
    for (ask, expected) in [
        (Ask::get("/about"), ""),
        (Ask::get("/mine"), "Authorization"),
        (Ask::get("/mine").auth(&token), "Authorization"),
        (Ask::get("/api/v1/sites"), "Authorization"),
        (Ask::post("/api/v1/jwt").json("{}"), "Authorization"),
        (Ask::get("/api/v1/sites").auth(&token).header("X-Upstream-Vary", "Accept"), "Accept + Authorization"),
        (Ask::get("/api/v1/sites").auth(&token).header("X-Upstream-Vary", "*"), "*"),
        (Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", "/mine"), "Authorization"),
    ] {
        assert_eq!(varies(ask.clone()), expected, "{ask:?}");
    }
}

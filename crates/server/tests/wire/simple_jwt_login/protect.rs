//! Protected endpoints, as the plugin's option lists them, in both editions: line × request × credential, and the paths that
//! another reader could take for a protected one. What the plugin itself answers is replayed (`tests/replay`).

use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{HEADER, KEY, REVOKE, sign};
use crate::support::{Ask, World};

/// Nobody, Ann, Cyd (an administrator), and tokens that are no good.
const WHO: [&str; 7] = ["nobody", "ann", "cyd", "revoked", "expired", "forged", "garbage"];
/// Status and code.
type Heard = (u16, u64);
const THROUGH: Heard = (200, 999);

/// The token of each of [`WHO`], `None` for nobody. The plugin gives an end a minute of leeway.
fn tokens(world: &World, is_v4: bool) -> Vec<Option<String>> {
    let now = world.now().0;
    let token = |name: &str, iat: i64, exp: i64, key: &str| {
        Some(sign(key, HEADER, &format!(r#"{{"iat":{iat},"exp":{exp},"email":"{name}@example.com"}}"#)))
    };
    let revoked = token("ann", now, now + 599, KEY);
    let answer = world.ask(Ask::post(REVOKE).auth(&format!("Bearer {}", revoked.as_deref().unwrap_or_default())));
    assert_eq!(answer.status, 200, "{is_v4}: {}", answer.line());
    vec![
        None,
        token("ann", now, now + 600, KEY),
        token("cyd", now, now + 600, KEY),
        revoked,
        token("ann", now - 600, now - 61, KEY),
        token("cyd", now, now + 600, "another-key-of-32-letters-or-more"),
        Some("a.b.c".to_owned()),
    ]
}

/// Asks each question as each of [`WHO`]; a row has what each hears, `(200, 999)` for a request that reached the application.
fn table(world: &World, is_v4: bool, rows: &[(&str, &str, [Heard; 7])]) {
    let tokens = tokens(world, is_v4);
    for (method, path, heard) in rows {
        for ((who, token), expected) in WHO.iter().zip(&tokens).zip(heard) {
            let before = world.upstream.arrived().len();
            let ask = token.iter().fold(Ask::new(method, path), |ask, token| ask.auth(&format!("Bearer {token}")));
            let answer = world.ask(ask);
            let case = format!("v4 {is_v4}: {method} {path} as {who}: {}", answer.line());
            // A HEAD has no body to read a code from.
            let told = if *method == "HEAD" { (answer.status, expected.1) } else { word(&answer) };
            assert_eq!(told, *expected, "{case}");
            let arrived = world.upstream.arrived().len() - before;
            assert_eq!(arrived, usize::from(*expected == THROUGH), "{case}");
            if !is_v4 && *expected != THROUGH && *method != "HEAD" {
                assert_eq!(answer.text("/data/type"), "simple-jwt-login-route-protect", "{case}");
            }
        }
    }
}

#[test]
fn v4_lines_are_asked_in_their_order_and_the_rest_by_the_default() {
    let lines = |default: &str| {
        json!({"enabled": 1, "default_action": default,
            "rules_url": ["/wp-json/wp/v2/posts/", "wp/v2/settings", "wp/v2/users", "wp/v2/posts", "wp/v2/open"],
            "rules_method": ["GET", "ALL", "ALL", "DELETE", "ALL"],
            "rules_match": ["STARTS_WITH", "STARTS_WITH", "EXACT", "STARTS_WITH", "EXACT"],
            "rules_type": ["public", "protected_roles", "protected", "protected_roles", "public"],
            "rules_roles": ["", "editor, administrator", "", "administrator", ""]})
    };
    let (no, role, gone, yes) = ((401, 75), (403, 114), (401, 55), THROUGH);
    let member = [no, yes, yes, gone, no, no, no];
    let admin = [no, role, yes, gone, no, no, no];
    #[rustfmt::skip]
    let rows = |rest: [Heard; 7]| [
        ("GET",    "/wp-json/wp/v2/settings",            admin),
        ("POST",   "/wp-json/wp/v2/settings/",           admin),
        ("GET",    "/wp-json/wp/v2/settings/x",          admin),
        // What is shut begins anywhere, as the plugin compares.
        ("GET",    "/wp-json/wp/v2/settingsx",           admin),
        ("HEAD",   "/wp-json/wp/v2/settings",            admin),
        ("GET",    "/?rest_route=/wp/v2/settings",       admin),
        ("GET",    "/index.php?rest_route=/wp/v2/settings", admin),
        ("GET",    "/wp-json/wp/v2/users",               member),
        ("PATCH",  "/wp-json/wp/v2/users",               member),
        ("GET",    "/?rest_route=/wp/v2/users",          member),
        ("DELETE", "/wp-json/wp/v2/posts/7",             admin),
        ("GET",    "/wp-json/wp/v2/users/7",             rest),
        ("POST",   "/wp-json/wp/v2/posts",               rest),
        ("GET",    "/wp-json/wp/v2/comments",            rest),
        // What is open ends at whole segments.
        ("GET",    "/wp-json/wp/v2/openx",               rest),
    ];
    let shut = World::new(v4(&[("protect_endpoint", lines("protect_all"))]));
    table(&shut, true, &rows(member));
    for path in ["/wp-json/wp/v2/posts", "/wp-json/wp/v2/posts/7", "/wp-json/wp/v2/open"] {
        assert_eq!(word(&shut.ask(Ask::get(path))), THROUGH, "{path}");
    }
    assert_eq!(shut.ask(Ask::new("HEAD", "/wp-json/wp/v2/posts")).status, 200);
    for (method, path) in [("GET", "/wp-json/wp/v2/postscript"), ("POST", "/wp-json/wp/v2/posts"), ("GET", "/wp-json/wp/v2/open/x")] {
        assert_eq!(word(&shut.ask(Ask::new(method, path))), no, "{method} {path}");
    }
    let open = World::new(v4(&[("protect_endpoint", lines("allow_all"))]));
    let rows = rows(member);
    table(&open, true, &rows[..11]);
    for (method, path, _) in &rows[11..] {
        assert_eq!(word(&open.ask(Ask::new(method, path))), THROUGH, "{method} {path}");
    }
}

#[test]
fn v3_protects_all_but_a_list_or_a_list_alone() {
    let (no, yes) = ((403, 403), THROUGH);
    let member = [no, yes, yes, no, no, no, no];
    let on = json!({"allow_authentication": "1", "allow_revoke_token": "1", "revoke_token_enabled": "1"});
    let world = |endpoints: Value| {
        let mut option = on.clone();
        option["protect_endpoints"] = endpoints;
        World::new(v3(option))
    };
    let all = world(json!({"enabled": 1, "action": 1, "whitelist": ["/wp/v2/posts", "/wp-json/wp/v2/open"],
        "whitelist_method": ["GET", "ALL"], "whitelist_match": ["STARTS_WITH", "EXACT"], "protect": ["/wp/v2/open"]}));
    table(
        &all,
        false,
        &[
            ("GET", "/wp-json/wp/v2/users", member),
            ("POST", "/wp-json/wp/v2/posts", member),
            ("GET", "/wp-json/wp/v2/postscript", member),
            ("GET", "/wp-json/wp/v2/open/x", member),
            ("GET", "/?rest_route=/wp/v2/users", member),
        ],
    );
    for path in ["/wp-json/wp/v2/posts", "/wp-json/wp/v2/posts/7", "/wp-json/wp/v2/open", "/about"] {
        assert_eq!(word(&all.ask(Ask::get(path))), THROUGH, "{path}");
    }
    let some = world(json!({"enabled": 1, "action": 2, "protect": ["/wp/v2/users", "wp/v2/settings"],
        "protect_method": ["ALL", "POST"], "protect_match": ["STARTS_WITH", "EXACT"], "whitelist": ["/wp/v2/users"]}));
    table(
        &some,
        false,
        &[
            ("GET", "/wp-json/wp/v2/users", member),
            ("DELETE", "/wp-json/wp/v2/users/7", member),
            ("GET", "/wp-json/wp/v2/usersx", member),
            ("POST", "/wp-json/wp/v2/settings", member),
        ],
    );
    for path in ["/wp-json/wp/v2/settings", "/wp-json/wp/v2/settings/x", "/wp-json/wp/v2/posts"] {
        assert_eq!(word(&some.ask(Ask::get(path))), THROUGH, "{path}");
    }
    let off = world(json!({"enabled": 0, "action": 1}));
    assert_eq!(word(&off.ask(Ask::get("/wp-json/wp/v2/users"))), THROUGH);
}

/// WordPress reads a path in more ways than one; none of them leads around a protected line.
#[test]
fn no_other_name_of_a_protected_path_reaches_the_application() {
    let endpoint = json!({"enabled": 1, "default_action": "allow_all", "rules_url": ["wp/v2/users", "wp/v2/posts"],
        "rules_method": ["ALL", "DELETE"], "rules_match": ["STARTS_WITH", "STARTS_WITH"], "rules_type": ["protected", "protected"]});
    let world = World::new(v4(&[("protect_endpoint", endpoint)]));
    for target in [
        "/wp-json/wp/v2/users",
        "/wp-json/wp/v2/users/",
        "//wp-json/wp/v2/users",
        "/wp-json//wp/v2/users",
        "/wp-json/wp/v2//users",
        "/wp-json/WP/v2/Users",
        "/WP-JSON/wp/v2/users",
        "/wp-json/wp/v2/%75sers",
        "/wp-json/wp/v2/users%2f7",
        "/wp-json/wp/v2%2fusers",
        "/wp-json/wp/v2/posts/../users",
        "/wp-json/wp/v2/posts/%2e%2e/users",
        "/wp-json/wp/v2/./users",
        "/wp-json/wp/v2/users;x=1",
        "/wp-json/wp/v2/users.json",
        "/wp-json/wp/v2\\users",
        "/index.php/wp-json/wp/v2/users",
        "/?rest_route=/wp/v2/users",
        "/?rest_route=wp/v2/users",
        "/?rest_route=%2Fwp%2Fv2%2Fusers",
        "/?rest_route=/wp/v2/posts&rest_route=/wp/v2/users",
        "/?rest%5Froute=/wp/v2/users",
        "/?rest.route=/wp/v2/users",
        "/index.php?rest_route=/wp/v2/users",
        "/about?rest_route=/wp/v2/users",
        "/wp-json/wp/v2/open?rest_route=/wp/v2/users",
    ] {
        let answer = world.ask(Ask::get(target));
        assert!((400..500).contains(&answer.status), "{target}: {}", answer.line());
    }
    let delete = |ask: Ask| assert_eq!(word(&world.ask(ask)), (401, 75));
    delete(Ask::post("/wp-json/wp/v2/posts/7").header("X-HTTP-Method-Override", "DELETE"));
    delete(Ask::post("/wp-json/wp/v2/posts/7?_method=delete"));
    assert!(world.upstream.arrived().is_empty(), "{:?}", world.upstream.arrived());
    // A list and a form of it are the application's to read; here neither is a protected path.
    assert_eq!(word(&world.ask(Ask::get("/wp-json/wp/v2/posts/7"))), THROUGH);
}

/// What a site's option protects is protected in every edition, whichever form the option has; each says no in its own words.
#[test]
fn every_edition_protects_what_either_form_lists() {
    let general = json!({"decryption_key": KEY, "jwt_algorithm": "HS256"});
    let login = json!({"login_by": 0, "login_by_parameter": "email"});
    let flat = |endpoints: Value| {
        json!({"allow_authentication": "1", "jwt_payload": ["iat", "exp", "id"], "decryption_key": KEY, "jwt_login_by": 0,
            "jwt_login_by_parameter": "email", "protect_endpoints": endpoints})
    };
    let sections = |endpoints: Value| json!({"_schema_version": 2, "general": general, "login": login, "protect_endpoint": endpoints});
    let list = json!({"enabled": 1, "action": 2, "protect": ["/wp/v2/posts"], "protect_method": ["ALL"], "protect_match": ["STARTS_WITH"]});
    let all = json!({"enabled": "1", "action": "1", "whitelist": ["/wp/v2/users"], "whitelist_method": ["GET"]});
    let lines = json!({"enabled": true, "default_action": "allow_all", "rules_url": ["/wp/v2/posts"], "rules_type": ["protected"]});
    let rest = json!({"enabled": true, "default_action": "protect_all", "rules_url": ["/wp/v2/users"], "rules_type": ["public"],
        "rules_method": ["GET"]});
    let bare = json!({"enabled": 1, "action": 2, "protect": ["/wp/v2/posts"]});
    let options = [
        ("a flat list", flat(list.clone()), false),
        ("a flat list without more", flat(bare), false),
        ("flat, all but a list", flat(all.clone()), true),
        ("a list in sections", sections(list), false),
        ("sections, all but a list", sections(all), true),
        ("lines in sections", sections(lines.clone()), false),
        ("lines in sections, and the rest", sections(rest), true),
        ("flat lines", flat(lines), false),
    ];
    for (edition, status) in [("documented", 401), ("v3", 403), ("v4", 401)] {
        for (name, option, is_all) in &options {
            // The oldest edition knows no lines in the flat form, as its plugin did not.
            if edition == "v3" && *name == "flat lines" {
                continue;
            }
            let world = World::new(super::site(json!({"edition": edition, "settings": option})));
            let now = world.now().0;
            let token = |exp: i64| sign(KEY, HEADER, &format!(r#"{{"iat":{},"exp":{exp},"email":"ann@example.com"}}"#, now - 600));
            for (method, path) in [
                ("GET", "/wp-json/wp/v2/posts"),
                ("POST", "/wp-json/wp/v2/posts/7"),
                ("HEAD", "/WP-JSON/wp/v2/Posts"),
                ("GET", "/?rest_route=/wp/v2/posts"),
                ("GET", "/index.php/wp-json/wp/v2/posts"),
            ] {
                let case = format!("{edition}, {name}: {method} {path}");
                for auth in [String::new(), "Bearer a.b.c".into(), format!("Bearer {}", token(now - 300))] {
                    let ask = if auth.is_empty() { Ask::new(method, path) } else { Ask::new(method, path).auth(&auth) };
                    let answer = world.ask(ask);
                    assert_eq!(answer.status, status, "{case} {auth}: {}", answer.line());
                    if edition == "documented" && method != "HEAD" && auth.is_empty() {
                        assert_eq!(answer.body, super::no("You are not authorized to access this endpoint."), "{case}");
                    }
                }
                assert!(world.upstream.arrived().is_empty(), "{case}");
            }
            let good = world.ask(Ask::get("/wp-json/wp/v2/posts").auth(&format!("Bearer {}", token(now + 300))));
            assert_eq!(good.status, 200, "{edition}, {name}: {}", good.line());
            assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"), "{edition}, {name}");
            // What is not listed: open, or open for what the list says.
            assert_eq!(world.ask(Ask::get("/wp-json/wp/v2/users")).status, 200, "{edition}, {name}");
            let write = world.ask(Ask::post("/wp-json/wp/v2/users")).status;
            assert_eq!(write, if *is_all { status } else { 200 }, "{edition}, {name}");
        }
    }
}

/// A list that is off protects nothing, and a JWT is looked at nowhere: as it was without one.
#[test]
fn a_list_that_is_off_changes_nothing() {
    for endpoints in [json!({"enabled": 0, "action": 1}), json!({"enabled": "", "action": 2, "protect": ["/wp/v2/posts"]}), json!({})] {
        let world = World::new(super::option(json!({"protect_endpoints": endpoints})));
        for auth in ["", "Bearer a.b.c"] {
            let answer = world.ask(Ask::get("/wp-json/wp/v2/posts").auth(auth));
            assert_eq!(answer.status, 200, "{endpoints}: {}", answer.line());
            assert_eq!(world.upstream.last().header("x-doorward-user-id"), None);
        }
    }
}

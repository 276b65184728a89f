//! Every endpoint for administrators, asked by everybody: the exact answers, as a table that shows every opening.

use std::fmt::Write;
use std::io::{Read, Write as _};
use std::net::TcpStream;
use std::path::Path;

use serde_json::{Value, json};

use super::{signed_in, world};
use crate::support::{Answer, Ask, Browser, World};

/// A path with something in each brace.
fn target(path: &str, number: &str, id: &str) -> String {
    let path = path.replace("{site}", "yoursite").replace("{number}", number).replace("{dialect}", "wapka");
    path.replace("{kid}", "nothing").replace("{id}", id)
}

#[test]
fn each_endpoint_answers_each_of_them_exactly_so() {
    let world = world();
    let mut table = String::from("# method path: anonymous, user, other site's admin, admin, owner\n");
    for route in doorward_console::routes::all() {
        let target = target(route.path, "3", "99999");
        let mut row = format!("{:6} {}:", route.method, route.path);
        for who in [None, Some(("yoursite", "bob")), Some(("other", "oscar")), Some(("yoursite", "adam")), Some(("yoursite", "ada"))] {
            let mut browser = match who {
                None => Browser::open(&world),
                Some((site, login)) => signed_in(&world, site, login),
            };
            write!(row, " {}", asked(&world, &mut browser, route.method, &target)).unwrap();
        }
        writeln!(table, "{row}").unwrap();
    }
    writeln!(table, "\n# method path: admin on somebody above their level, on the owner").unwrap();
    for route in doorward_console::routes::all().filter(|route| route.path.contains("{number}")) {
        let mut row = format!("{:6} {}:", route.method, route.path);
        let id = if route.path.contains("/sessions/") { "ab".repeat(16) } else { "1".to_owned() };
        for number in ["4", "1"] {
            let mut adam = signed_in(&world, "yoursite", "adam");
            let answer = match route.method {
                "GET" => adam.get(&target(route.path, number, &id)),
                "DELETE" => adam.delete(&target(route.path, number, &id)),
                method => adam.write(method, &target(route.path, number, &id), &wish(route.action)),
            };
            write!(row, " {}", told(&answer)).unwrap();
        }
        writeln!(table, "{row}").unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/console/admin/access.txt");
    if std::env::var_os("DOORWARD_ACCEPT").is_some() {
        std::fs::write(&path, &table).unwrap();
        return;
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(table, agreed, "read the difference, then accept it with DOORWARD_ACCEPT=1");
}

/// Status, and the reason of a no.
fn asked(world: &World, browser: &mut Browser, method: &str, target: &str) -> String {
    if target == "/api/live" {
        return begun(world, browser, target);
    }
    let answer = match method {
        "GET" => browser.get(target),
        "DELETE" => browser.delete(target),
        _ => browser.write(method, target, &json!({})),
    };
    told(&answer)
}

fn told(answer: &Answer) -> String {
    match serde_json::from_str::<Value>(&answer.body).ok().and_then(|v| Some(v.pointer("/error/code")?.as_str()?.to_owned())) {
        Some(code) => format!("{} {code},", answer.status),
        None => format!("{},", answer.status),
    }
}

/// A body with which an action would be done, to whomever it may be done.
fn wish(action: &str) -> Value {
    match action {
        "console.user.change" => json!({"display_name": "Mallory"}),
        "console.user.password" => json!({"mode": "one_time"}),
        "console.user.power" => json!({"power": "admin"}),
        "console.user.token.create" | "console.user.token.name" => json!({"name": "mine"}),
        _ => json!({}),
    }
}

/// The beginning of an answer that does not end by itself.
fn begun(world: &World, browser: &Browser, target: &str) -> String {
    let cookies: Vec<_> = browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = browser.origin().replace("http://", "");
    let head = format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\r\n", cookies.join("; "));
    let mut stream = TcpStream::connect(world.console()).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    let mut start = [0; 12];
    stream.read_exact(&mut start).unwrap();
    format!("{},", std::str::from_utf8(&start).unwrap().split(' ').nth(1).unwrap())
}

#[test]
fn nothing_is_written_without_the_token_the_origin_and_for_dangerous_things_a_fresh_proof() {
    let world = world();
    for route in doorward_console::routes::all().filter(|route| route.method != "GET") {
        let target = target(route.path, "3", "1");
        let mut browser = super::ada(&world);
        let bare = browser.send(Ask::new(route.method, &target).json("{}"));
        assert_eq!(super::no(&bare), super::refused(403, "csrf"), "{} {target}", route.method);
        let other = browser.send(
            Ask::new(route.method, &target).header("Origin", "https://evil.example").header("X-CSRF-Token", &browser.csrf).json("{}"),
        );
        assert_eq!(super::no(&other), super::refused(403, "csrf"), "{} {target}", route.method);
        if route.fresh {
            world.pass(301);
            let late = browser.write(route.method, &target, &json!({}));
            assert_eq!(super::no(&late), super::refused(403, "reauth_due"), "{} {target}", route.method);
        }
    }
    assert!(!world.reasons().iter().any(|entry| entry.starts_with("console.user") && entry.ends_with("granted")), "nothing was done");
}

/// Every write that goes without a fresh proof, and why it may. All others ask for one.
const WITHOUT_A_PROOF: &[(&str, &str, &str)] = &[
    ("POST", "/api/session", "it is the proof"),
    ("DELETE", "/api/session", "it takes the own visit away, which is never too early"),
    ("POST", "/api/session/second", "it is the proof"),
    ("POST", "/api/session/passkey", "it is the proof"),
    ("POST", "/api/session/reauth", "it is the proof"),
    ("POST", "/api/passkeys/challenge", "it writes nothing that opens anything"),
    ("PATCH", "/api/me/passkeys/{id}", "a name opens nothing"),
    ("PATCH", "/api/me", "name, web address and picture open nothing"),
    ("POST", "/api/me/password", "the old password goes with it"),
    ("POST", "/api/me/email/confirm", "the proof was given when the letter was asked for; the letter's link goes with it"),
    ("POST", "/api/me/totp/confirm", "the proof was given when the secret was asked for; its first code goes with it"),
    ("DELETE", "/api/me/sessions/{id}", "it takes one visit away, which its owner opens again"),
    ("PATCH", "/api/me/tokens/{id}", "a name opens nothing"),
    ("DELETE", "/api/me/tokens/{id}", "it can be taken back for ten minutes, and must be quick when a token is lost"),
    ("POST", "/api/me/tokens/{id}/undo", "it gives back what was there ten minutes ago, to the same"),
    ("DELETE", "/api/me/wncms-token", "it must be quick when a token is lost, and its owner makes another"),
    ("POST", "/api/setup", "the link's secret goes with it"),
    ("POST", "/api/register", "nobody is signed in"),
    ("POST", "/api/register/verify", "nobody is signed in: the letter's link goes with it"),
    ("POST", "/api/forgot", "nobody is signed in"),
    ("POST", "/api/forgot/set", "nobody is signed in: the letter's link goes with it"),
    ("PATCH", "/api/sites/{site}/users/{number}", "asked for in part: see the test below"),
    ("DELETE", "/api/sites/{site}/users/{number}/sessions/{id}", "it takes one visit away, which its owner opens again"),
    ("PATCH", "/api/sites/{site}/users/{number}/tokens/{id}", "a name opens nothing"),
    (
        "DELETE",
        "/api/sites/{site}/users/{number}/tokens/{id}",
        "it can be taken back for ten minutes, and must be quick when a token is lost",
    ),
    ("POST", "/api/sites/{site}/users/{number}/tokens/{id}/undo", "it gives back what was there ten minutes ago, to the same"),
    ("POST", "/api/sites/{site}/rules/check", "it writes nothing"),
    ("POST", "/api/sites/{site}/explain", "it writes nothing"),
    ("POST", "/api/sites/{site}/webhooks/deliveries/{id}/retry", "it tells the same to the same once more"),
];

#[test]
fn every_write_asks_for_a_fresh_proof_or_has_a_reason_not_to() {
    let world = world();
    let spared: Vec<(&str, &str)> = WITHOUT_A_PROOF.iter().map(|(method, path, _)| (*method, *path)).collect();
    let writes: Vec<_> = doorward_console::routes::all().filter(|route| route.method != "GET").collect();
    for route in &writes {
        assert_ne!(
            route.fresh,
            spared.contains(&(route.method, route.path)),
            "{} {}: fresh, or a reason not to be",
            route.method,
            route.path
        );
    }
    for (method, path) in &spared {
        assert!(writes.iter().any(|route| (route.method, route.path) == (*method, *path)), "{method} {path} is no route any more");
        // The table tells the truth: none of these answers that a proof is due.
        let mut ada = super::ada(&world);
        world.pass(301);
        let answer = ada.write(method, &target(path, "3", "99999"), &json!({}));
        assert_ne!(told(&answer), "403 reauth_due,", "{method} {path}");
    }
}

#[test]
fn what_of_a_user_gives_or_takes_access_asks_for_a_fresh_proof_and_the_rest_does_not() {
    let world = world();
    let at = "/api/sites/yoursite/users/3";
    let mut adam = super::adam(&world);
    let before = adam.get(at).value();
    world.pass(301);
    for body in [
        json!({"login": "robert"}),
        json!({"email": "mine@example.com"}),
        json!({"roles": ["administrator"]}),
        json!({"level": 5}),
        json!({"status": "banned"}),
        json!({"status": "deleted"}),
        json!({"service": true}),
        json!({"display_name": "New", "level": 5}),
    ] {
        assert_eq!(super::no(&adam.patch(at, &body)), super::refused(403, "reauth_due"), "{body}");
        assert_eq!(adam.get(at).value(), before, "nothing of it was written: {body}");
    }
    let same = json!({"login": before["login"], "roles": before["roles"], "level": before["level"], "status": before["status"]});
    for body in [json!({"display_name": "New", "url": "https://example.com/", "avatar": null}), same] {
        assert_eq!(adam.patch(at, &body).status, 200, "{body}");
    }
    assert_eq!(adam.post("/api/session/reauth", &json!({"password": crate::support::PASSWORD})).status, 200);
    assert_eq!(adam.patch(at, &json!({"level": 5, "roles": ["author"]})).status, 200);
}

#[test]
fn a_site_that_is_not_there_and_anothers_are_one_answer_to_whoever_does_not_run_the_server() {
    let world = world();
    for mut browser in [signed_in(&world, "other", "oscar"), signed_in(&world, "yoursite", "bob")] {
        let target = if browser.get("/api/session").text("/user/site") == "other" { "/api/sites/yoursite" } else { "/api/sites/other" };
        let (anothers, none) = (browser.get(target), browser.get("/api/sites/nowhere"));
        assert_eq!((none.status, &none.body), (403, &anothers.body));
    }
    assert_eq!(super::no(&super::ada(&world).get("/api/sites/nowhere")), super::refused(404, "not_found"));
}

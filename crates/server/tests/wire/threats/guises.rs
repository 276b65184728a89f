//! A rule is not evaded by a field of a posted body that the application takes for another method or route.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::doors::ANN_TOKEN;
use crate::jwt_auth;
use crate::support::{Ask, PASSWORD, Person, Stage, World};

const MULTIPART: &str = "multipart/form-data; boundary=X";

fn part(name: &str, value: &str) -> Vec<u8> {
    let before = "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nrest_route=/x&_method=PUT\r\n";
    format!("{before}--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--X--\r\n").into_bytes()
}

pub(super) fn wordpress() -> World {
    let shut = Rule::new("shut", PathMatch::Prefix, "/wp-json/shut", &[Way::Token]);
    World::new(Stage::of("jwt_auth", jwt_auth::config()).rule(shut).person(Person::new(4, "ann")))
}

/// A site whose languages' platforms are Rails or Laravel, with a `DELETE` that is shut.
pub(super) fn forms(dialect: &str) -> World {
    let mut delete = Rule::new("delete", PathMatch::Prefix, "/posts", &[Way::Token, Way::Simple]);
    delete.methods = vec!["DELETE".into()];
    let settings = if dialect == "wncms" { json!({"settings": {}}) } else { json!({}) };
    World::new(Stage::of(dialect, settings).rule(delete).person(Person::new(4, "ann").token(ANN_TOKEN)))
}

#[test]
fn a_route_in_a_form_is_judged_as_the_route_it_is() {
    let world = wordpress();
    for path in ["/", "/contact", "/index.php", "/wp-login.php", "/wp-admin/edit.php", "/contact?x=1"] {
        for name in ["rest_route", "rest.route", "+rest_route", "rest_route[]", "rest[route", "rest%5Froute", "a=b;rest_route"] {
            for route in ["/shut/x", "shut/x", "%2Fshut%2Fx", "/SHUT/X", "/jwt-auth/v1/token", "/a/../b", "/a//b"] {
                let answer = world.ask(Ask::post(path).form(&format!("x=y&{name}={route}")));
                assert!(matches!(answer.status, 400..=404), "{path} {name}={route}: {}", answer.line());
            }
        }
        for ask in [
            Ask::post(path).body(MULTIPART, &part("rest_route", "/shut/x")),
            Ask::post(path).body("Multipart/Form-Data; Boundary=\"X\"", &part("rest.route", "/shut/x")),
            Ask::post(path).body("", b"rest_route=/shut/x"),
            Ask::post(path).body("application/x-www-form-urlencoded,application/json", br#"{"a":"&rest_route=/shut/x&"}"#),
            Ask::post(path).header("Content-Type", "text/plain").form("rest_route=/shut/x"),
            Ask::post(path).body(MULTIPART, b"--X\r\nno part"),
            Ask::post(path).header("Content-Encoding", "gzip").form("rest_route=/shut/x"),
        ] {
            let answer = world.ask(ask.clone());
            assert!(matches!(answer.status, 400..=415), "{ask:?}: {}", answer.line());
        }
    }
    assert_eq!(world.upstream.arrived().iter().map(|a| a.line.clone()).collect::<Vec<_>>(), Vec::<String>::new());
}

#[test]
fn forms_without_a_route_and_bodies_that_are_no_forms_arrive_whole() {
    let world = wordpress();
    let long = vec![b'x'; 2 * 1024 * 1024];
    let token =
        world.ask(Ask::post("/wp-json/jwt-auth/v1/token").json(&format!(r#"{{"username":"ann","password":"{PASSWORD}"}}"#))).text("/token");
    for ask in [
        Ask::post("/contact").form("name=Ann&text=rest_route"),
        Ask::post("/contact").form("rest_route=/wp/v2/posts"),
        Ask::post("/contact").body(MULTIPART, &part("text", "rest_route=/wp/v2/posts")),
        Ask::post("/contact").json(r#"{"rest_route":"/wp/v2/posts"}"#),
        Ask::post("/contact").body("application/octet-stream", &long),
        Ask::post("/wp-admin/async-upload.php").body(MULTIPART, &long),
        Ask::new("PUT", "/contact").form("rest_route=/wp/v2/posts"),
        Ask::post("/wp-json/wp/v2/posts").auth(&format!("Bearer {token}")).form("title=x"),
        Ask::post("/contact").auth(&format!("Bearer {token}")).form("rest_route=/wp/v2/posts"),
    ] {
        assert_eq!(world.ask(ask.clone()).status, 200, "{:?}", format!("{ask:?}").chars().take(200).collect::<String>());
    }
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"), "the stricter rule says who it is");
    assert_eq!(world.ask(Ask::post("/contact").body("application/x-www-form-urlencoded", &long)).status, 200);
    assert_eq!(world.ask(Ask::post("/contact").body("multipart/mixed; boundary=X", &long)).status, 413);
}

#[test]
fn a_method_in_a_posted_body_is_judged_as_well() {
    for (dialect, reads_json) in [("wporchestrix", false), ("wncms", true)] {
        let world = forms(dialect);
        let mut asks = vec![Ask::post("/posts/1").body(MULTIPART, &part("_method", "delete"))];
        for form in [
            "_method=DELETE",
            "_method=delete",
            "x=y&.method=DELETE",
            "+_method=DELETE",
            "_method=PUT&_method=DELETE",
            "a=b;_method=DELETE",
        ] {
            asks.push(Ask::post("/posts/1").form(form));
            asks.push(Ask::post("/posts/1").body("", form.as_bytes()));
        }
        let many: String = (0..2000).map(|n| format!("f{n}=x&")).collect();
        asks.push(Ask::post("/posts/1").form(&format!("{many}_method=DELETE")));
        asks.push(Ask::post("/posts/1").form(r#"{"a":"&_method=DELETE&"}"#));
        for ask in &asks {
            let answer = world.ask(ask.clone());
            assert_eq!(answer.status, 401, "{dialect} {ask:?}: {}", answer.line());
        }
        let json = Ask::post("/posts/1").json(r#"{"_method":"delete"}"#);
        assert_eq!(world.ask(json).status, if reads_json { 401 } else { 200 }, "{dialect}");
        let arrived = world.upstream.arrived().len();
        for ask in [
            Ask::post("/posts/1").form("_method=PUT"),
            Ask::post("/posts/1").form("method=DELETE"),
            Ask::post("/other").form("_method=DELETE"),
            Ask::post("/other").body("application/x-www-form-urlencoded", &vec![b'x'; 2 * 1024 * 1024]),
            Ask::new("PUT", "/posts/1").form("_method=DELETE"),
        ] {
            assert_eq!(world.ask(ask).status, 200, "{dialect}");
        }
        assert_eq!(world.upstream.arrived().len(), arrived + 5);
        assert_eq!(world.ask(Ask::post("/posts/1").body("", &vec![b'x'; 2 * 1024 * 1024])).status, 413, "nobody knows its type");
    }
}

#[test]
fn who_may_delete_may_post_a_form_that_deletes() {
    let world = forms("wporchestrix");
    let ask = Ask::post("/posts/1").auth(&format!("token {ANN_TOKEN}")).form("_method=DELETE");
    assert_eq!(world.ask(ask).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
}

/// Nobody knows what stands behind Wapka's language: its bodies are streamed.
#[test]
fn a_platform_that_does_not_look_there_is_not_looked_for() {
    let world = forms("wapka");
    assert_eq!(world.ask(Ask::post("/posts/1").form("_method=DELETE")).status, 200);
    assert_eq!(world.ask(Ask::post("/").form("rest_route=/wp/v2/posts")).status, 200);
}

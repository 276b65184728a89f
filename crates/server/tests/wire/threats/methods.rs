//! A rule for a method is not evaded by a method that only the application takes for it.

use doorward_core::policy::{PathMatch, Rule, Way};

use super::doors::{ANN_TOKEN, polyglot};
use crate::support::{Ask, World};

fn world() -> World {
    let mut delete = Rule::new("delete", PathMatch::Prefix, "/posts", &[Way::Token]);
    delete.methods = vec!["DELETE".into()];
    World::new(polyglot().rule(delete))
}

#[test]
fn a_method_that_the_application_reads_elsewhere_is_judged_as_well() {
    let world = world();
    let check = |ask: Ask, uri: &str| ask.header("X-Original-URI", uri);
    for (method, uri, header) in [
        ("DELETE", "/posts/1", ""),
        ("delete", "/posts/1", ""),
        ("Delete", "/posts/1", ""),
        ("POST", "/posts/1", "X-HTTP-Method-Override"),
        ("GET", "/posts/1", "x-http-method-override"),
        ("POST", "/posts/1", "X_HTTP_Method_Override"),
        ("POST", "/posts/1", "X-HTTP-Method"),
        ("POST", "/posts/1", "X-Method-Override"),
        ("GET", "/posts/1?_method=DELETE", ""),
        ("GET", "/posts/1?_method=delete", ""),
        ("GET", "/posts/1?x=1&%5fmethod=DELETE", ""),
        ("GET", "/posts/1?.method=DELETE", ""),
        ("GET", "/posts/1?+_method=DELETE", ""),
        ("GET", "/posts/1?_method=GET&_method=DELETE", ""),
        ("TRACE", "/posts/1", ""),
        ("TRACE", "/about", ""),
        ("CONNECT", "/posts/1", ""),
    ] {
        let with = |ask: Ask| if header.is_empty() { ask } else { ask.header(header, "DELETE") };
        let answer = world.ask(with(Ask::new(method, uri)));
        assert!(matches!(answer.status, 400..=405), "{method} {uri} {header}: {}", answer.line());
        let asked = Ask::get("/_doorward/check/nginx").header("X-Original-Method", method);
        let answer = world.ask(with(check(asked, uri)));
        assert!(matches!(answer.status, 400..=405), "check of {method} {uri} {header}: {}", answer.line());
    }
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn who_may_do_it_may_say_it_in_other_words() {
    let world = world();
    let token = format!("token {ANN_TOKEN}");
    for ask in [
        Ask::new("DELETE", "/posts/1").auth(&token),
        Ask::post("/posts/1").header("X-HTTP-Method-Override", "DELETE").auth(&token),
        Ask::get("/posts/1?_method=DELETE").auth(&token),
        Ask::post("/posts/1").header("X-HTTP-Method-Override", "PUT"),
        Ask::get("/posts/1"),
    ] {
        assert_eq!(world.ask(ask.clone()).status, 200, "{ask:?}");
    }
    assert_eq!(world.upstream.arrived()[1].header("x-doorward-user-id"), Some("4"), "the stricter rule says who it is");
}

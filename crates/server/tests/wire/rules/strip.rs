//! Credentials that the upstream does not see, in whatever place they were shown.

use doorward_core::policy::{Rule, Stale, Way};
use serde_json::json;

use super::prefix;
use crate::support::{Ask, World};
use crate::wncms::{ANN, basic};

fn world(strip_credential: bool) -> World {
    let ways = [Way::None, Way::Simple, Way::Basic, Way::Bearer];
    let rule = Rule { strip_credential, stale: Stale::Ignore, ..prefix("/", &ways) };
    let cookies = json!({"settings": {"general": {"request_jwt_cookie": true}}});
    World::new(crate::wncms::stage(json!({})).and("simple_jwt_login", cookies).rule(rule))
}

#[test]
fn what_is_shown_goes_no_further_and_everything_else_does() {
    let kept = [
        Ask::get("/x?api_token=gone&page=2&JWT=gone&q=a+b"),
        Ask::get("/x?page=2&API_Token=gone&api.token[]=gone&jwt=gone&q=a+b"),
        Ask::get("/x?page=2&q=a+b").auth("Bearer gone"),
        Ask::get("/x?page=2&q=a+b").auth(&basic("gone", "gone")),
        Ask::get("/x?page=2&q=a+b").header("Cookie", "a=1; simple-jwt-login-token=gone;b=2"),
    ];
    for (ask, strip) in kept.iter().flat_map(|ask| [(ask, true), (ask, false)]) {
        let world = world(strip);
        assert_eq!(world.ask(ask.clone().header("Cookie", "c=3")).status, 200, "{ask:?}");
        let arrived = world.upstream.last();
        let all = format!("{arrived:?}");
        assert_eq!(all.contains("gone") || arrived.header("authorization").is_some(), !strip, "{all}");
        if strip {
            assert!(all.contains("/x?page=2&q=a+b") && all.contains("c=3"), "{all}");
        }
    }
}

/// A query that was nothing but the credential.
#[test]
fn a_credential_that_is_the_whole_query_goes_no_further_either() {
    for (shown, left) in
        [("/x?api_token=gone", "/x"), ("/x?JWT=gone&api_token=gone", "/x"), ("/?api_token=gone", "/"), ("/x?", "/x?"), ("/x", "/x")]
    {
        let world = world(true);
        assert_eq!(world.ask(Ask::get(shown)).status, 200, "{shown}");
        assert_eq!(world.upstream.last().line, format!("GET {left} HTTP/1.1"), "{shown}");
    }
}

#[test]
fn a_token_in_a_body_is_cut_out_of_it_and_proves_all_the_same() {
    let world = world(true);
    let part = |name: &str, text: &str| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n");
    let multipart = format!("{}{}--X--\r\n", part("api_token", ANN), part("a", "1"));
    for (kind, body, expected) in [
        ("application/json", format!(r#"{{"api_token":"{ANN}","page_size":10}}"#), r#"{"page_size":10}"#.to_owned()),
        ("text/plain;charset=UTF-8", format!(r#"{{"page_size":1e3, "api_token":"{ANN}"}}"#), r#"{"page_size":1e3}"#.to_owned()),
        ("application/x-www-form-urlencoded", format!("a=1&api_token={ANN}&b=%20"), "a=1&b=%20".to_owned()),
        ("multipart/form-data; boundary=X", multipart, format!("{}--X--\r\n", part("a", "1"))),
        ("", format!("api_token={ANN}"), String::new()),
    ] {
        assert_eq!(world.ask(Ask::post("/api/v1/posts/store").body(kind, body.as_bytes())).status, 200, "{kind}");
        let arrived = world.upstream.last();
        assert_eq!(arrived.header("x-doorward-user"), Some("ann"), "{kind}");
        assert_eq!(arrived.body, expected, "{kind}");
        assert_eq!(arrived.header("content-length"), Some(expected.len().to_string().as_str()), "{kind}");
    }
    let before = world.upstream.arrived().len();
    for (kind, encoding, body) in [("application/json", "", "{\"api_token\":"), ("application/json", "gzip", "x")] {
        let answer = world.ask(Ask::post("/api/v1/posts/store").header("Content-Encoding", encoding).body(kind, body.as_bytes()));
        assert!(matches!(answer.status, 400..=415), "what cannot be read is not passed on: {}", answer.line());
    }
    assert_eq!(world.upstream.arrived().len(), before);
}

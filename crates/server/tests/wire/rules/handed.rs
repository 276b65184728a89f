//! What nginx is handed with a no, and what becomes of the request that comes with it.

use doorward_core::policy::{Per, RateLimit, Rule, Way};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::prefix;
use crate::support::World;

/// Says something from the proxy's address and hears head and body.
fn from_proxy(world: &World, method: &str, target: &str, more: &str, body: &str) -> (String, String) {
    let proxied = "Host: wire.example\r\nX-Forwarded-For: 198.51.100.7\r\nConnection: close\r\n";
    let ask = format!("{method} {target} HTTP/1.1\r\n{proxied}{more}\r\n{body}");
    let heard = world.run(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.2:0".parse().unwrap()).unwrap();
        let mut stream = socket.connect(world.address()).await.unwrap();
        stream.write_all(ask.as_bytes()).await.unwrap();
        let mut heard = String::new();
        stream.read_to_string(&mut heard).await.unwrap();
        heard
    });
    let (head, body) = heard.split_once("\r\n\r\n").unwrap();
    (head.to_ascii_lowercase(), body.to_owned())
}

fn question(world: &World, method: &str, target: &str, more: &str) -> (String, String) {
    let asked = format!("X-Original-Method: {method}\r\nX-Original-URI: {target}\r\n{more}");
    from_proxy(world, "GET", "/_doorward/check/nginx", &asked, "")
}

fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

fn world(ways: &[Way]) -> World {
    let rule = Rule { rate_limits: vec![RateLimit::new(Per::Address, 3, 60)], ..prefix("/limited", ways) };
    World::new(crate::wporchestrix::stage().and("wncms", serde_json::json!({})).rule(rule))
}

fn left(head: &str) -> Option<&str> {
    header(head, "ratelimit")?.split(';').nth(1)
}

#[test]
fn a_no_is_handed_over_whole_once_and_counted_once() {
    let world = world(&[Way::Token]);
    let ask = |more: &str| from_proxy(&world, "GET", "/limited", more, "");
    // What it would be straight, of which the first of three is taken.
    let (straight, body) = ask("");
    assert_eq!(left(&straight), Some("r=2"));
    let (told, none) = question(&world, "GET", "/limited", "Origin: https://page.example\r\n");
    assert!(told.starts_with("http/1.1 401") && header(&told, "www-authenticate").is_none(), "{told} {none}");
    let handle = format!("X-Doorward-Answer: {}\r\n", header(&told, "x-doorward-answer").unwrap());
    let (whole, same) = ask(&handle);
    assert!(whole.starts_with("http/1.1 401") && same == body, "{whole} {same}");
    assert_eq!((left(&whole), header(&whole, "access-control-allow-origin")), (Some("r=1"), Some("*")));
    assert_eq!(header(&whole, "www-authenticate"), header(&straight, "www-authenticate"));
    assert_eq!(header(&whole, "x-request-id"), header(&told, "x-request-id"), "it is one request");
    assert!(header(&whole, "x-doorward-answer").is_none());
    // Shown again, it stands for nothing.
    assert_eq!(left(&ask(&handle).0), Some("r=0"));
    let limited = question(&world, "GET", "/limited", "").0;
    assert!(limited.starts_with("http/1.1 429"), "{limited}");
    let handle = header(&limited, "x-doorward-answer").unwrap();
    // A proxy on this machine that nobody named may ask, and holds handles: a no for the address that it told is none for its own.
    let unnamed = world.ask(crate::support::Ask::get("/limited").header("X-Doorward-Answer", handle));
    assert_eq!((unnamed.status, unnamed.header("ratelimit").split(';').nth(1)), (429, Some("r=0")));
    let unnamed = world.ask(crate::support::Ask::get("/limited").header("X-Doorward-Answer", handle));
    assert_eq!((unnamed.status, unnamed.header("ratelimit").split(';').nth(1)), (401, Some("r=2")), "an address of its own");
    assert!(ask(&format!("X-Doorward-Answer: {handle}\r\n")).0.starts_with("http/1.1 429"));
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_body_that_may_say_more_is_judged_and_the_limit_still_counts_one() {
    let rule = |ways: &[Way]| Rule {
        answers_as: Some("wncms".into()),
        rate_limits: vec![RateLimit::new(Per::Address, 9, 60)],
        ..prefix("/bodied", ways)
    };
    let tim = "d41d8cd98f00b204e9800998ecf8427e";
    let stage = crate::wporchestrix::stage().and("wncms", serde_json::json!({"accept_tokens_of": ["wporchestrix"]}));
    let world = World::new(stage.rule(rule(&[Way::Simple])));
    for (at, body, passes) in [(8, r#"{"a":1}"#.to_owned(), false), (7, format!(r#"{{"api_token":"{tim}"}}"#), true)] {
        let (told, _) = question(&world, "POST", "/bodied", "");
        assert!(told.starts_with("http/1.1 40"), "{told}");
        let more = format!(
            "X-Doorward-Answer: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n",
            header(&told, "x-doorward-answer").unwrap(),
            body.len()
        );
        let (head, _) = from_proxy(&world, "POST", "/bodied", &more, &body);
        assert_eq!((head.starts_with("http/1.1 200"), left(&head)), (passes, Some(format!("r={at}").as_str())), "{head}");
        assert_eq!(world.upstream.arrived().len(), usize::from(passes));
    }
}

/// A credential in the query or a cookie is taken out by us alone: every door sends the request here, counted once.
#[test]
fn what_is_sent_here_to_lose_its_credential_is_counted_once() {
    let jwt = serde_json::json!({"settings": {"general": {"request_jwt_cookie": true}}});
    let limits = vec![RateLimit::new(Per::Address, 50, 60), RateLimit::new(Per::Account, 40, 60)];
    let rule = Rule { rate_limits: limits, strip_credential: true, answers_as: Some("wncms".into()), ..prefix("/once", &[Way::Simple]) };
    let world = World::new(crate::wncms::stage(serde_json::json!({})).and("simple_jwt_login", jwt).rule(rule));
    let target = format!("/once?a=1&api_token={}", crate::wncms::ANN);
    let nginx = format!("X-Original-Method: GET\r\nX-Original-URI: {target}\r\n");
    let told =
        format!("X-Forwarded-Method: GET\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: wire.example\r\nX-Forwarded-Uri: {target}\r\n");
    let haproxy = format!("{nginx}X-Forwarded-Proto: http\r\nX-Forwarded-Host: wire.example\r\n");
    let mut left = (50, 40);
    for (door, asked) in [("nginx", &nginx), ("haproxy", &haproxy), ("caddy", &told), ("traefik", &told)] {
        left = (left.0 - 1, left.1 - 1);
        let (no, _) = from_proxy(&world, "GET", &format!("/_doorward/check/{door}"), asked, "");
        assert!(no.starts_with("http/1.1 403") && header(&no, "x-doorward-send-here") == Some("1"), "{door}: {no}");
        assert_eq!(header(&no, "x-doorward-user-id"), None, "{door}: it is no yes");
        let handle = header(&no, "x-doorward-answer").unwrap();
        let (head, _) = from_proxy(&world, "GET", &target, &format!("X-Doorward-Answer: {handle}\r\n"), "");
        assert!(head.starts_with("http/1.1 200"), "{door}: {head}");
        let expected = format!("\"address\";r={};t=", left.0);
        assert!(header(&head, "ratelimit").unwrap().starts_with(&expected), "{door}: {head}");
        assert!(header(&head, "ratelimit").unwrap().contains(&format!("\"account\";r={};t=", left.1)), "{door}: {head}");
        let arrived = world.upstream.last();
        assert_eq!(
            (arrived.line.as_str(), arrived.header("x-doorward-user-id"), arrived.header("x-doorward-answer")),
            ("GET /once?a=1 HTTP/1.1", Some("4"), None)
        );
    }
    // Without its handle it is a request of its own.
    left = (left.0 - 1, left.1 - 1);
    let (head, _) = from_proxy(&world, "GET", &target, "", "");
    assert!(header(&head, "ratelimit").unwrap().starts_with(&format!("\"address\";r={};t=", left.0)), "{head}");
    assert_eq!(world.upstream.arrived().len(), 5);
}

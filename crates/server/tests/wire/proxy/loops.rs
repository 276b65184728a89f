//! How far requests come: what has been here before is told so instead of being passed on, and `Max-Forwards` is kept.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use super::{Behind, hear, on, status, world};
use crate::support::{Ask, Ground, Stage, World};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

/// The entries of `Via` that came with a head.
fn via(head: &str) -> Vec<String> {
    let lines = head.lines().filter_map(|line| line.strip_prefix("via: "));
    lines.flat_map(|line| line.split(',')).map(|entry| entry.trim().to_owned()).collect()
}

fn refused(world: &World) -> u64 {
    world.counted("doorward_refused_total{reason=\"loop_detected\"}")
}

#[test]
fn what_an_upstream_sends_back_here_is_refused_once() {
    let world = world("http://127.0.0.1:1");
    for scheme in ["http", "h2c"] {
        world.put_upstreams(&format!("{scheme}://{}", world.address()));
        for ask in [
            Ask::get("/open"),
            Ask::post("/open").body("text/plain", b"body"),
            Ask::new("OPTIONS", "/open").header("Max-Forwards", "70"),
            Ask::get("/open").header("Via", "1.1 somebody"),
            Ask::get("/open").header("Upgrade", "websocket").header("Connection", "upgrade"),
            Ask::get("/open").header("Connection", "Via"),
        ] {
            let answer = world.ask(ask.clone());
            assert_eq!((answer.status, answer.text("/error/code").as_str()), (508, "loop_detected"), "{scheme} {ask:?}: {}", answer.line());
        }
    }
    assert_eq!(refused(&world), 12, "each came back once");
    let good = Behind::saying(GOOD);
    world.put_upstreams(&good.url());
    world.ask(Ask::get("/open")).is(200, "good");
}

#[test]
fn a_way_round_that_leads_over_another_server_ends_as_well() {
    let (first, second) = (world("http://127.0.0.1:1"), world("http://127.0.0.1:1"));
    first.put_upstreams(&format!("http://{}", second.address()));
    second.put_upstreams(&format!("h2c://{}", first.address()));
    assert_eq!(first.ask(Ask::get("/open")).status, 508);
    assert_eq!((refused(&first), second.counted("doorward_granted_total{action=\"guarded\"}")), (1, 1));
    // Two servers one behind the other are no loop.
    let good = Behind::saying(GOOD);
    second.put_upstreams(&good.url());
    first.ask(Ask::get("/open")).is(200, "good");
    let signed = via(&good.heads()[0]);
    assert!(signed.len() == 2 && signed[0] != signed[1], "{signed:?}");
}

#[test]
fn it_is_said_in_the_words_of_the_paths_language() {
    let open = Rule { answers_as: Some("wporchestrix".into()), ..Rule::new("open", PathMatch::Prefix, "/api", &[Way::None]) };
    let stage = Stage::of("wporchestrix", json!({})).rule(open);
    let world = World::on(vec![stage], Ground::default());
    world.put_upstreams(&format!("http://{}", world.address()));
    world.ask(Ask::get("/api/v1/sites")).is(508, r#"{"error":"Loop Detected"}"#);
}

#[test]
fn an_upstream_is_told_by_whom_it_is_asked_and_of_whom_before() {
    let behind = Behind::saying(GOOD);
    let world = world(&behind.url());
    let get = |version: &str, more: &str| format!("GET /open HTTP/{version}\r\nHost: wire.example\r\nConnection: close\r\n{more}\r\n");
    for (version, more) in [
        ("1.1", ""),
        ("1.0", ""),
        ("1.1", "Via: 1.0 fred, 1.1 p.example.com (squid)\r\nVia: 2 last\r\n"),
        ("1.1", "Via: 1.1 doorward-0000000000000000\r\n"),
    ] {
        assert_eq!(status(&hear(world.address(), get(version, more).as_bytes())), "200");
    }
    let heads = behind.heads();
    let ours = via(&heads[0]).remove(0);
    let name = ours.strip_prefix("1.1 doorward-").unwrap();
    assert!(name.len() == 16 && name.bytes().all(|b| b.is_ascii_hexdigit()), "no more than a number: {ours}");
    assert_eq!(via(&heads[1]), [ours.replace("1.1", "1.0")]);
    assert_eq!(via(&heads[2]), ["1.0 fred", "1.1 p.example.com (squid)", "2 last", &ours]);
    assert_eq!(via(&heads[3]), ["1.1 doorward-0000000000000000", &ours]);
}

#[test]
fn max_forwards_is_counted_down_and_ends_here() {
    let behind = Behind::saying(GOOD);
    let world = on(&behind.url(), Ground::default());
    for (method, said, onward) in [
        ("OPTIONS", "1", Some("0")),
        ("OPTIONS", "70", Some("69")),
        ("OPTIONS", "99999999999999999999", Some("4294967294")),
        ("OPTIONS", "0", None),
        ("OPTIONS", "00", None),
        ("TRACE", "0", None),
        ("TRACE", "5", None),
        // Of other methods it says nothing.
        ("GET", "0", Some("0")),
        ("POST", "5", Some("5")),
    ] {
        let before = behind.heads().len();
        let answer = world.ask(Ask::new(method, "/open").header("Max-Forwards", said));
        let heads = behind.heads().split_off(before);
        let expected = onward.map_or(if method == "OPTIONS" { 204 } else { 405 }, |_| 200);
        assert_eq!(answer.status, expected, "{method} {said}: {}", answer.line());
        let sent: Vec<&str> = heads.iter().filter_map(|head| head.lines().find_map(|line| line.strip_prefix("max-forwards: "))).collect();
        assert_eq!((sent.first().copied(), heads.len()), (onward, usize::from(onward.is_some())), "{method} {said}");
    }
    let twice = world.ask(Ask::new("OPTIONS", "/open").header("Max-Forwards", "3").header("Max-Forwards", "0"));
    assert_eq!(twice.status, 204, "the fewest of several");
    // Who may not pass does not learn how far it would have come.
    assert_eq!(world.ask(Ask::new("OPTIONS", "/shut").header("Max-Forwards", "0")).status, 401);
}

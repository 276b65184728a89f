//! A client's own word for where it comes from moves nothing; a proxy's that the operator named does, up to the first stranger.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use doorward_core::policy::{PathMatch, Per, RateLimit, Rule, Way};
use serde_json::json;

use crate::support::{Answer, Ask, Person, Stage, World};

/// Every header in which an address was ever believed, as a client would forge it.
const FORGED: &[(&str, &str)] = &[
    ("X-Forwarded-For", "10.1.1.1"),
    ("X-Forwarded-For", "10.1.1.1, 127.0.0.2"),
    ("X-Forwarded-For", "10.1.1.1:80"),
    ("X_Forwarded_For", "10.1.1.1"),
    ("Forwarded", "for=10.1.1.1"),
    ("Forwarded", "for=\"[::ffff:10.1.1.1]\";proto=https;by=127.0.0.2"),
    ("X-Real-IP", "10.1.1.1"),
    ("X-Client-IP", "10.1.1.1"),
    ("Client-IP", "10.1.1.1"),
    ("True-Client-IP", "10.1.1.1"),
    ("CF-Connecting-IP", "10.1.1.1"),
    ("Fastly-Client-IP", "10.1.1.1"),
    ("X-Cluster-Client-IP", "10.1.1.1"),
    ("X-Original-Forwarded-For", "10.1.1.1"),
    ("X-Envoy-External-Address", "10.1.1.1"),
];

fn world() -> World {
    let rule = |action: &str| Rule::new(action, PathMatch::Prefix, &format!("/{action}"), &[Way::None]);
    World::new(
        Stage::of("wporchestrix", json!({}))
            .person(Person::new(4, "ann"))
            .rule(Rule { ip_allow: vec!["10.0.0.0/8".into()], ..rule("near") })
            .rule(Rule { ip_deny: vec!["127.0.0.1".into()], ..rule("away") })
            .rule(Rule { rate_limits: vec![RateLimit::new(Per::Address, 3, 3600)], ..rule("few") }),
    )
}

/// From the proxy that the operator named, saying this.
fn by_proxy(world: &World, path: &str, lines: &[(&str, &str)]) -> Answer {
    let head: String = lines.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let ask = format!("GET {path} HTTP/1.1\r\nHost: wire.example\r\n{head}Connection: close\r\n\r\n");
    let to: SocketAddr = world.address();
    let stream = world.run(async {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        socket.bind((IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), 0).into()).expect("the proxy's address");
        socket.connect(to).await.expect("the server listens").into_std().expect("a stream")
    });
    stream.set_nonblocking(false).expect("a blocking stream");
    let (mut writer, mut heard) = (&stream, Vec::new());
    writer.write_all(ask.as_bytes()).expect("written");
    (&stream).read_to_end(&mut heard).expect("an answer");
    Answer::parse(&heard)
}

#[test]
fn no_header_of_a_client_moves_a_list() {
    let world = world();
    for (name, value) in FORGED {
        let forged = |path: &str| world.ask(Ask::get(path).header(name, value));
        assert_eq!((forged("/near").status, forged("/away").status), (403, 403), "{name}: {value}");
        // Nor the address that is told at a door, from a peer that is no named proxy: it says where it is asked from itself.
        let told = world.ask(
            Ask::get("/_doorward/check/caddy").header("X-Forwarded-Method", "GET").header("X-Forwarded-Uri", "/near").header(name, value),
        );
        assert_ne!(told.status / 100, 2, "{name}: {value}: {}", told.line());
    }
    assert!(world.upstream.arrived().is_empty());
    // Twice, in two lines, and many times.
    let many = FORGED.iter().fold(Ask::get("/near"), |ask, (name, value)| ask.header(name, value));
    assert_eq!(world.ask(many).status, 403);
}

#[test]
fn no_header_of_a_client_moves_a_limit_or_a_lock() {
    let world = world();
    let statuses: Vec<u16> = FORGED.iter().map(|(name, value)| world.ask(Ask::get("/few").header(name, value)).status).collect();
    assert_eq!(statuses[..3], [200, 200, 200]);
    assert!(statuses[3..].iter().all(|status| *status == 429), "{statuses:?}");
    assert_eq!(world.upstream.arrived().len(), 3);
    let wrong = r#"{"email":"ann@example.com","password":"wrong"}"#;
    for (name, value) in FORGED {
        world.ask(Ask::post("/api/v1/jwt").json(wrong).header(name, value));
    }
    let seen = world.run(world.house.look(|desk| desk.audit(&doorward_core::audit::AuditQuery { limit: 100, ..Default::default() })));
    let seen = seen.expect("the audit");
    assert!(seen.iter().all(|entry| entry.address == "127.0.0.1"), "{seen:?}");
}

#[test]
fn a_named_proxy_is_believed_up_to_the_first_stranger() {
    let world = world();
    for (lines, near) in [
        (&[("X-Forwarded-For", "10.1.1.1")][..], true),
        (&[("X-Forwarded-For", "203.0.113.9, 10.1.1.1")], true),
        (&[("X-Forwarded-For", "10.1.1.1"), ("X-Forwarded-For", "127.0.0.2")], true),
        // What the client wrote stands left of what the proxy saw.
        (&[("X-Forwarded-For", "10.1.1.1, 203.0.113.9")], false),
        (&[("X-Forwarded-For", "10.1.1.1"), ("X-Forwarded-For", "203.0.113.9")], false),
        (&[("X-Forwarded-For", "10.1.1.1, 203.0.113.9, 127.0.0.2")], false),
        (&[("X-Forwarded-For", "10.1.1.1, nonsense")], false),
        (&[("X-Forwarded-For", "")], false),
        (&[("Forwarded", "for=10.1.1.1")], false),
        (&[("X-Real-IP", "10.1.1.1")], false),
        (&[("X_Forwarded_For", "10.1.1.1")], false),
        (&[], false),
    ] {
        let answer = by_proxy(&world, "/near", lines);
        assert_eq!(answer.status, if near { 200 } else { 403 }, "{lines:?}: {}", answer.line());
    }
    assert_eq!(world.upstream.last().header("x-forwarded-for"), Some("10.1.1.1"));
}

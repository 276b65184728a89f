//! Heads that are too large, in every way to be so: refused, hung up on, and nobody else notices.

use std::process::Command;

use doorward_core::policy::Way;

use crate::rules::prefix;
use crate::support::{Ask, World, raw};

fn world() -> World {
    World::new(crate::wporchestrix::stage().rule(prefix("/open", &[Way::None])))
}

#[test]
fn a_head_that_is_too_large_is_refused_and_nothing_of_it_arrives() {
    let world = world();
    let many = |count: usize, size: usize| (0..count).map(|n| format!("X-{n}: {}\r\n", "a".repeat(size))).collect::<String>();
    for (name, more) in [
        ("one line of 300 KiB", format!("X: {}\r\n", "a".repeat(300 * 1024))),
        ("a cookie of 300 KiB", format!("Cookie: {}\r\n", "a=b; ".repeat(60 * 1024))),
        ("a credential of 300 KiB", format!("Authorization: Bearer {}\r\n", "a".repeat(300 * 1024))),
        ("a name of 300 KiB", format!("{}: a\r\n", "X".repeat(300 * 1024))),
        ("99 lines of 8 KiB", many(99, 8192)),
        ("101 lines", many(101, 1)),
        ("5,000 lines", many(5000, 1)),
        ("the same name 5,000 times", "X: a\r\n".repeat(5000)),
        ("5,000 hosts", "Host: wire.example\r\n".repeat(5000)),
    ] {
        let head = format!("GET /open HTTP/1.1\r\nHost: wire.example\r\nConnection: close\r\n{more}\r\n");
        let answer = raw(world.address(), head.as_bytes());
        assert!(matches!(answer.status, 400 | 431), "{name}: {}", answer.line());
    }
    let long = raw(world.address(), format!("GET /open?{} HTTP/1.1\r\nHost: wire.example\r\n\r\n", "a".repeat(300 * 1024)).as_bytes());
    assert!(matches!(long.status, 414 | 431), "{}", long.line());
    assert!(world.upstream.arrived().is_empty());
    assert_eq!(world.ask(Ask::get("/open")).status, 200, "everybody else is served");
}

#[test]
fn over_http_2_it_is_no_other() {
    let world = world();
    let url = format!("http://{}/open", world.address());
    let curl = |headers: Vec<String>| {
        let mut command = Command::new("curl");
        command.args(["-s", "--max-time", "30", "--noproxy", "*", "--http2-prior-knowledge", "-o", "/dev/null", "-w", "%{http_code}"]);
        command.args(["-H", "Host: wire.example"]);
        for header in &headers {
            command.args(["-H", header]);
        }
        String::from_utf8(command.arg(&url).output().unwrap().stdout).unwrap()
    };
    assert_eq!(curl((0..150).map(|n| format!("X-{n}: a")).collect()), "431");
    // What is over the announced size is not even counted: the stream is refused, or the connection ended.
    let large = curl((0..12).map(|n| format!("X-{n}: {}", "a".repeat(9000))).collect());
    assert!(matches!(large.as_str(), "431" | "000"), "{large}");
    assert!(world.upstream.arrived().is_empty());
    assert_eq!(curl(Vec::new()), "200");
}

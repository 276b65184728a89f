//! HTTP/2 on both sides: with curl, and with frames by hand for those who would use it to break us.

use std::process::Command;
use std::time::Duration;

use super::{Behind, on, world};
use crate::support::{Ask, Frames, Ground};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

fn curl(arguments: &[&str]) -> String {
    let out = Command::new("curl").args(["-sS", "--max-time", "30", "--noproxy", "*"]).args(arguments).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

#[test]
fn one_port_speaks_both() {
    let behind = Behind::saying(GOOD);
    let world = world(&behind.url());
    let url = format!("http://{}/open", world.address());
    for (option, version) in [("--http1.1", "1.1"), ("--http2-prior-knowledge", "2"), ("--http1.0", "1")] {
        let said = curl(&[option, "-H", "Host: wire.example", "-w", " %{http_version} %{http_code}", &url]);
        assert_eq!(said, format!("good {version} 200"), "{option}");
    }
    // curl's own wish to upgrade is not heard: it goes on in HTTP/1.1.
    let said = curl(&["--http2", "-H", "Host: wire.example", "-w", " %{http_version}", &url]);
    assert_eq!(said, "good 1.1");
    let said = curl(&[
        "--http2-prior-knowledge",
        "-H",
        "Host: wire.example",
        "-w",
        " %{http_code}",
        "-o",
        "/dev/null",
        &format!("http://{}/shut", world.address()),
    ]);
    assert_eq!(said, " 401");
    for head in behind.heads() {
        assert!(head.starts_with("get /open http/1.1\r\n") && head.matches("\r\nhost: wire.example\r\n").count() == 1, "{head}");
    }
}

#[test]
fn bodies_cookies_and_trailers_come_through_in_both_directions() {
    let behind = Behind::start(|line| {
        while line.head().is_some() {
            let Some(body) = line.until(b"0\r\n\r\n") else { return };
            line.book.lock().unwrap().push(body);
            line.say(GOOD);
        }
    });
    let world = world(&behind.url());
    let url = format!("http://{}/open", world.address());
    let said = curl(&[
        "--http2-prior-knowledge",
        "-H",
        "Host: wire.example",
        "-H",
        "Cookie: a=1",
        "-H",
        "Cookie: b=2",
        "-H",
        "Content-Length:",
        "-T",
        "/etc/hostname",
        &url,
    ]);
    assert_eq!(said, "good");
    assert!(behind.heads()[0].contains("\r\ncookie: a=1; b=2\r\n"), "{:?}", behind.heads());
}

#[test]
fn an_upstream_may_speak_http_2_too() {
    // A second Doorward is an upstream that speaks both.
    let behind = Behind::saying(GOOD);
    let inner = world(&behind.url());
    let outer = world(&format!("h2c://{}", inner.address()));
    for _ in 0..10 {
        outer.ask(Ask::get("/open?x=1").header("Cookie", "a=1")).is(200, "good");
    }
    assert_eq!((behind.connections(), behind.heads().len()), (1, 10));
    let heads = behind.heads();
    assert!(heads[0].starts_with("get /open?x=1 http/1.1\r\n") && heads[0].contains("\r\nhost: wire.example\r\n"), "{}", heads[0]);
    assert_eq!(outer.ask(Ask::get("/shut")).status, 401);
    drop(inner);
    assert_eq!(outer.ask(Ask::get("/open")).status, 503);
}

/// `GET /open` of the site, in HPACK without a table.
fn block() -> Vec<u8> {
    let mut block = vec![0x82, 0x86];
    for (index, text) in [(0x04, "/open"), (0x01, "wire.example")] {
        block.push(index);
        block.push(u8::try_from(text.len()).unwrap());
        block.extend_from_slice(text.as_bytes());
    }
    block
}

/// Floods that once took servers down: the connection is ended, with the reason, and the next client is served.
#[test]
fn floods_end_their_connection_and_nothing_else() {
    let behind = Behind::start(|line| {
        line.head();
        line.hold();
    });
    let mut ground = Ground::default();
    ground.ways.head = Duration::from_secs(30);
    let world = on(&behind.url(), ground);
    let good = Behind::saying(GOOD);
    for flood in ["reset", "made reset", "continuation", "settings", "ping", "list"] {
        let mut frames = Frames::open(world.address());
        let mut open = true;
        match flood {
            // CVE-2023-44487: streams that are opened and reset.
            "reset" => {
                for n in 0..20_000 {
                    let id = 2 * n + 1;
                    open = open && frames.send(1, 5, id, &block()) && frames.send(3, 0, id, &8u32.to_be_bytes());
                }
            }
            // CVE-2025-8671: streams that we are made to reset, by a window that overflows.
            "made reset" => {
                for n in 0..20_000 {
                    let id = 2 * n + 1;
                    open = open && frames.send(1, 5, id, &block()) && frames.send(8, 0, id, &0x7fff_ffffu32.to_be_bytes());
                }
            }
            // A head that never ends.
            "continuation" => {
                frames.send(1, 1, 1, &block());
                for _ in 0..20_000 {
                    open = open && frames.send(9, 0, 1, &[0x00, 0x01, b'x', 0x01, b'y'].repeat(200));
                }
            }
            "settings" => {
                for _ in 0..20_000 {
                    open = open && frames.send(4, 0, 0, &[]);
                }
            }
            "ping" => {
                for _ in 0..20_000 {
                    open = open && frames.send(6, 0, 0, &[0; 8]);
                }
            }
            // A head of many small lines, whose list is larger than allowed.
            _ => {
                let lines = [0x00, 0x01, b'x', 0x01, b'y'].repeat(3000);
                frames.send(1, 5, 1, &[block(), lines].concat());
                frames.send(7, 0, 0, &[0; 8]);
            }
        }
        let _ = frames.0.shutdown(std::net::Shutdown::Write);
        let (kinds, code) = frames.hear();
        if flood != "settings" && flood != "ping" && flood != "list" {
            assert!(!open || code.is_some(), "{flood}: {} frames, {code:?}", kinds.len());
        }
        let (before, upstream) = (behind.connections(), good.url());
        assert!(before < 500, "{flood}: {before} requests reached the upstream");
        world.put_upstreams(&upstream);
        world.ask(Ask::get("/open")).is(200, "good");
        world.put_upstreams(&behind.url());
    }
}

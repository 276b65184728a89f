//! What the upstream gets: once, whole, in our words where they are ours, on connections that are kept.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use doorward_gateway::proxy::terms::Forwarded;

use super::{Behind, get, hear, on, status, world};
use crate::support::{Ask, Ground};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

/// Takes heads with `Content-Length` and answers.
fn reading() -> Behind {
    Behind::start(|line| {
        while let Some(head) = line.head() {
            let length =
                head.to_ascii_lowercase().split("content-length: ").nth(1).and_then(|l| l.split("\r\n").next()?.parse::<usize>().ok());
            if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
                let Some(body) = line.until(b"0\r\n") else { return };
                let Some(rest) = line.until(b"\r\n") else { return };
                let mut all = body + &rest;
                while !all.ends_with("\r\n\r\n") {
                    let Some(more) = line.until(b"\r\n") else { return };
                    all += &more;
                }
                line.book.lock().unwrap().push(all);
            } else if let Some(length) = length {
                while line.rest.len() < length {
                    let mut buffer = [0; 65_536];
                    match line.stream.read(&mut buffer) {
                        Ok(n) if n > 0 => line.rest.extend_from_slice(&buffer[..n]),
                        Ok(_) | Err(_) => return,
                    }
                }
                line.rest.drain(..length);
            }
            line.say(GOOD);
        }
    })
}

#[test]
fn connections_are_kept_and_used_again() {
    let behind = reading();
    let world = world(&behind.url());
    for n in 0..20 {
        let ask = if n % 2 == 0 { Ask::get("/open") } else { Ask::post("/open").json("{}") };
        world.ask(ask).is(200, "good");
    }
    assert_eq!((behind.connections(), behind.heads().len()), (1, 20));
}

#[test]
fn what_died_before_a_byte_is_asked_again_only_if_that_does_no_harm() {
    for (method, body, twice) in [
        ("GET", "", true),
        ("HEAD", "", true),
        ("DELETE", "", true),
        ("PUT", "small", true),
        ("OPTIONS", "", true),
        ("POST", "", false),
        ("POST", "small", false),
        ("PATCH", "small", false),
        ("BREW", "", false),
    ] {
        // Each first request of a connection is answered; the second one finds it dead, after it was sent.
        let behind = Behind::start(|line| {
            if line.head().is_some() {
                line.say(GOOD);
            }
            line.head();
        });
        let world = world(&behind.url());
        assert_eq!(world.ask(Ask::get("/open")).status, 200);
        let mut ask = Ask::new(method, "/open");
        if !body.is_empty() {
            ask = ask.body("text/plain", body.as_bytes());
        }
        let answer = world.ask(ask);
        let asked = behind.heads().iter().filter(|h| h.starts_with(&format!("{} ", method.to_lowercase()))).count();
        let (before, streamed) = (usize::from(method == "GET"), !body.is_empty());
        // A body that came by in pieces is gone; only what was read here, or was none, can be sent again.
        let again = twice && !streamed;
        assert_eq!((answer.status, asked - before), if again { (200, 2) } else { (503, 1) }, "{method} {body:?}");
    }
}

#[test]
fn a_kept_connection_that_was_closed_meanwhile_costs_nobody_anything() {
    let behind = Behind::start(|line| {
        line.head();
        // Says that it stays, and goes.
        line.say(GOOD);
    });
    let world = world(&behind.url());
    for _ in 0..10 {
        world.ask(Ask::get("/open")).is(200, "good");
    }
}

#[test]
fn bodies_longer_than_allowed_do_not_pass() {
    let behind = reading();
    let mut ground = Ground::default();
    ground.ways.request_bytes = 10;
    let world = on(&behind.url(), ground);
    world.ask(Ask::post("/open").body("text/plain", b"0123456789")).is(200, "good");
    assert_eq!(world.ask(Ask::post("/open").body("text/plain", b"0123456789x")).status, 413);
    assert_eq!(behind.heads().len(), 1, "a length that is announced is refused before anybody is asked");
    let chunked =
        "POST /open HTTP/1.1\r\nHost: wire.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nb\r\n0123456789x\r\n0\r\n\r\n";
    let heard = hear(world.address(), chunked.as_bytes());
    assert_eq!(status(&heard), "413", "{heard}");
}

#[test]
fn a_client_that_falls_silent_is_told_so() {
    let behind = reading();
    let world = world(&behind.url());
    let heard = hear(world.address(), b"POST /open HTTP/1.1\r\nHost: wire.example\r\nContent-Length: 10\r\nConnection: close\r\n\r\nhalf");
    assert_eq!(status(&heard), "408", "{heard}");
}

#[test]
fn a_client_that_waits_for_a_word_gets_it_only_if_it_may_pass() {
    let behind = reading();
    let world = world(&behind.url());
    let ask = |path: &str| {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let head =
            format!("PUT {path} HTTP/1.1\r\nHost: wire.example\r\nExpect: 100-continue\r\nContent-Length: 4\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        (stream, String::from_utf8_lossy(&first).into_owned())
    };
    assert_eq!(ask("/shut").1, "HTTP/1.1 401");
    let (mut stream, first) = ask("/open");
    assert_eq!(first, "HTTP/1.1 100");
    stream.write_all(b"body").unwrap();
    let mut heard = String::new();
    stream.read_to_string(&mut heard).unwrap();
    assert!(heard.contains("HTTP/1.1 200 OK"), "{heard}");
    assert_eq!(behind.heads().len(), 1);
    assert!(!behind.heads()[0].contains("expect"), "{:?}", behind.heads());
}

#[test]
fn trailers_pass_if_they_were_announced_and_are_nothing_but_trailers() {
    let behind = reading();
    let world = world(&behind.url());
    let sent = "POST /open HTTP/1.1\r\nHost: wire.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\
        Trailer: X-Sum, X-Doorward-User-Id, Authorization, X-Forwarded-For\r\n\r\n\
        4\r\nbody\r\n0\r\nX-Sum: 7\r\nX-Doorward-User-Id: 1\r\nAuthorization: x\r\nX-Forwarded-For: 6.6.6.6\r\nX-Other: 1\r\n\r\n";
    assert_eq!(status(&hear(world.address(), sent.as_bytes())), "200");
    let heard = behind.heads();
    assert!(heard[0].contains("trailer: x-sum\r\n"), "{heard:?}");
    assert_eq!(heard[1].to_ascii_lowercase(), "4\r\nbody\r\n0\r\nx-sum: 7\r\n\r\n");
}

#[test]
fn trailers_of_answers_come_to_those_who_take_them() {
    let behind = Behind::saying(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, Set-Cookie\r\n\r\n4\r\ngood\r\n0\r\nX-Sum: 7\r\nSet-Cookie: a=b\r\nX-Doorward-User: x\r\n\r\n",
    );
    let world = world(&behind.url());
    let heard = hear(world.address(), b"GET /open HTTP/1.1\r\nHost: wire.example\r\nTE: trailers\r\nConnection: close, TE\r\n\r\n")
        .to_ascii_lowercase();
    assert!(heard.ends_with("4\r\ngood\r\n0\r\nx-sum: 7\r\n\r\n"), "{heard:?}");
    assert!(behind.heads()[0].contains("te: trailers\r\n"));
    let heard = hear(world.address(), get("/open").as_bytes()).to_ascii_lowercase();
    assert!(heard.ends_with("4\r\ngood\r\n0\r\n\r\n"), "{heard:?}");
}

#[test]
fn who_the_client_is_only_we_say() {
    for (how, expected, absent) in [
        (
            Forwarded::XForwarded,
            "x-forwarded-for: 127.0.0.1\r\nx-forwarded-proto: http\r\nx-forwarded-host: wire.example\r\n",
            "\r\nforwarded:",
        ),
        (Forwarded::Standard, "forwarded: for=127.0.0.1;host=\"wire.example\";proto=http\r\n", "x-forwarded-"),
    ] {
        let behind = reading();
        let mut ground = Ground::default();
        ground.ways.forwarded = how;
        let world = on(&behind.url(), ground);
        let names = "Forwarded X-Forwarded-For X-Forwarded-Proto X-Forwarded-Host X-Forwarded-Port X-Real-IP Client-IP True-Client-IP Fastly-Client-IP \
            CF-Connecting-IP CF-Connecting-IPv6 CF-Visitor X-Azure-ClientIP X-Azure-SocketIP X-Envoy-External-Address X-Envoy-Original-Path X-Cluster-Client-IP \
            CloudFront-Forwarded-Proto X-Scheme X-Url-Scheme X-Host X-HTTP-Host-Override X-Original-URL X-Rewrite-URL Front-End-Https X-ARR-SSL WL-Proxy-SSL";
        let mut ask = Ask::get("/open");
        for name in names.split_ascii_whitespace() {
            for name in [name.to_owned(), name.replace('-', "_"), name.replace('-', ".")] {
                ask = ask.header(&name, "for=6.6.6.6;proto=https");
            }
        }
        world.ask(ask).is(200, "good");
        let head = &behind.heads()[0];
        assert!(head.contains(expected) && !head.contains(absent) && !head.contains("6.6.6.6"), "{head}");
    }
}

#[test]
fn a_base_path_and_the_host_that_was_judged() {
    let behind = reading();
    let world = world(&format!("{}/app", behind.url()));
    world.ask(Ask::get("/open?x=%20y")).is(200, "good");
    // An absolute target names the host; another in the header is nobody's.
    hear(world.address(), b"GET http://wire.example/open HTTP/1.1\r\nHost: other.example\r\nConnection: close\r\n\r\n");
    for head in behind.heads() {
        assert!(head.starts_with("get /app/open") && head.contains("\r\nhost: wire.example\r\n") && !head.contains("other"), "{head}");
    }
    assert_eq!(behind.heads().len(), 2);
}

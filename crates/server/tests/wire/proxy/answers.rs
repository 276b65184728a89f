//! Upstreams that die, lie, babble and dawdle: what the client sees of it, each time exactly.

use std::time::Duration;

use super::{Behind, Line, get, hear, on, status, world};
use crate::support::{Ask, Frames, Ground, hpack};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
/// What a path that no language owns is told when the upstream is broken.
const OPAQUE: &str = r#"{"error":{"code":"unavailable","message":"Service unavailable"}}"#;

#[test]
fn an_answer_that_is_none_is_a_fault_and_nobody_is_told_more() {
    let bomb: &'static str = Box::leak(format!("HTTP/1.1 200 OK\r\n{}Content-Length: 0\r\n\r\n", "X: y\r\n".repeat(200)).into_boxed_str());
    let long: &'static str =
        Box::leak(format!("HTTP/1.1 200 OK\r\nX: {}\r\nContent-Length: 0\r\n\r\n", "y".repeat(200_000)).into_boxed_str());
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\nContent-Len",
        "no HTTP at all\r\n\r\n",
        "SSH-2.0-OpenSSH_9.2\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nContent-Length: 4, 4\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nContent-Length: four\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n X: folded\r\n\r\ngood",
        "HTTP/1.1 200 OK\r\nContent-Length : 4\r\n\r\ngood",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        bomb,
        long,
    ] {
        let behind = Behind::start(move |line| {
            line.head();
            line.say(answer);
        });
        let world = world(&behind.url());
        let heard = world.ask(Ask::get("/open"));
        heard.is(503, OPAQUE);
        // What was sent and heard of is asked once; silence after a GET twice.
        assert_eq!(behind.connections(), if answer.is_empty() { 2 } else { 1 }, "{answer:?}");
    }
}

#[test]
fn silence_is_waited_for_and_no_longer() {
    let behind = Behind::start(|line| {
        line.head();
        line.hold();
    });
    world(&behind.url()).ask(Ask::get("/open")).is(503, OPAQUE);
    assert_eq!(behind.connections(), 1, "an upstream that thinks is not asked again");
}

#[test]
fn notes_before_the_answer_are_skipped_and_a_flood_of_them_ends() {
    let notes = Behind::start(|line| {
        while line.head().is_some() {
            line.say("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
            line.say(GOOD);
        }
    });
    let world = world(&notes.url());
    world.ask(Ask::get("/open")).is(200, "good");
    let flood = Behind::start(|line| {
        line.head();
        let many = "HTTP/1.1 102 Processing\r\n\r\n".repeat(500);
        while std::io::Write::write_all(&mut line.stream, many.as_bytes()).is_ok() {}
    });
    world.put_upstreams(&flood.url());
    world.ask(Ask::get("/open")).is(503, OPAQUE);
}

#[test]
fn half_an_answer_never_looks_like_a_whole_one() {
    for (answer, hold) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nhalf", false),
    ] {
        let behind = Behind::start(move |line| {
            line.head();
            line.say(answer);
            if hold {
                line.hold();
            }
        });
        let heard = hear(world(&behind.url()).address(), get("/open").as_bytes());
        // What broke at once may take the head with it.
        if heard.is_empty() {
            continue;
        }
        assert_eq!(status(&heard), "200", "{answer:?}: {heard}");
        let (head, body) = heard.split_once("\r\n\r\n").unwrap();
        if head.contains("transfer-encoding") {
            assert!(!body.ends_with("0\r\n\r\n"), "{answer:?}: {heard:?}");
        } else {
            assert!(head.contains("content-length: 10") && body.len() < 10, "{answer:?}: {heard:?}");
        }
    }
}

/// Over HTTP/2 as well: a stream that is broken off is reset, and has no end.
#[test]
fn half_an_answer_has_no_end_over_http_2_either() {
    for (answer, whole) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfull", true),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nfull\r\n0\r\n\r\n", true),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n0\r\n", false),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nzz\r\n", false),
    ] {
        let behind = Behind::start(move |line| {
            line.head();
            line.say(answer);
        });
        let world = world(&behind.url());
        let mut frames = Frames::open(world.address());
        frames.send(1, 5, 1, &hpack([(":method", "GET"), (":scheme", "http"), (":authority", "wire.example"), (":path", "/open")]));
        assert_eq!(frames.ended(1), whole, "{answer:?}");
    }
}

#[test]
fn what_belongs_to_the_upstreams_connection_stays_there() {
    let behind = Behind::saying(
        "HTTP/1.1 200 OK\r\nConnection: keep-alive, X-Mine, X-Kept-Not\r\nKeep-Alive: timeout=5\r\nProxy-Connection: keep-alive\r\nUpgrade: h2c\r\n\
        X-Mine: gone\r\nX-Kept-Not: gone\r\nProxy-Authenticate: Basic\r\nTE: gone\r\nX-Doorward-User-Id: 1\r\nX-Stays: here\r\nContent-Length: 4\r\n\r\ngood",
    );
    let world = world(&behind.url());
    for _ in 0..2 {
        let heard = world.ask(Ask::get("/open"));
        heard.is(200, "good");
        assert_eq!((heard.header("x-stays"), heard.header("connection")), ("here", "close"), "ours: the client asked for it");
        for name in ["keep-alive", "proxy-connection", "upgrade", "x-mine", "x-kept-not", "proxy-authenticate", "te", "x-doorward-user-id"]
        {
            assert_eq!(heard.header(name), "", "{name}");
        }
    }
    assert_eq!(behind.connections(), 1, "and it is used again");
}

/// An upstream that takes the connection and says nothing of TLS is as good as none: the next one is asked, whatever the method, since
/// nothing was written; alone, it is a fault.
#[test]
fn a_handshake_that_never_ends_is_not_waited_for() {
    let mute = Behind::start(Line::hold);
    let good = Behind::saying(GOOD);
    let mut ground = Ground::default();
    ground.ways.connect = Duration::from_millis(300);
    let tls = mute.url().replace("http://", "https://");
    let world = on(&format!("{tls} {}", good.url()), ground);
    for _ in 0..2 {
        world.ask(Ask::post("/open").body("text/plain", b"once")).is(200, "good");
        world.ask(Ask::get("/open")).is(200, "good");
    }
    assert_eq!(good.heads().iter().filter(|head| head.starts_with("post ")).count(), 2, "each once");
    assert!(mute.connections() > 0);
    world.put_upstreams(&tls);
    world.ask(Ask::get("/open")).is(503, OPAQUE);
}

#[test]
fn more_than_was_announced_reaches_nobody() {
    for surplus in ["more", "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"] {
        let behind = Behind::start(move |line| {
            while line.head().is_some() {
                line.say(&format!("{GOOD}{surplus}"));
            }
        });
        let world = world(&behind.url());
        for _ in 0..4 {
            world.ask(Ask::get("/open")).is(200, "good");
        }
        assert_eq!(behind.connections(), 4, "no connection that said too much is used again");
    }
}

#[test]
fn an_answer_may_come_before_the_request_has_ended() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.1 413 Content Too Large\r\nContent-Length: 6\r\nConnection: close\r\n\r\nenough");
    });
    let world = world(&behind.url());
    let heard = hear(world.address(), b"POST /open HTTP/1.1\r\nHost: wire.example\r\nContent-Length: 100000\r\n\r\nfirst");
    assert_eq!(status(&heard), "413", "{heard}");
    assert!(heard.ends_with("enough"), "{heard}");
}

#[test]
fn answers_without_a_body_have_none_whatever_they_announce() {
    for (method, answer, expected) in [
        ("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n", "content-length: 1234"),
        ("GET", "HTTP/1.1 204 No Content\r\n\r\n", "204"),
        ("GET", "HTTP/1.1 304 Not Modified\r\nETag: \"x\"\r\n\r\n", "etag: \"x\""),
    ] {
        let behind = Behind::saying(answer);
        let world = world(&behind.url());
        for _ in 0..2 {
            let heard = hear(world.address(), get("/open").replace("GET", method).as_bytes()).to_ascii_lowercase();
            assert!(heard.contains(expected) && heard.ends_with("\r\n\r\n") && heard.matches("\r\n\r\n").count() == 1, "{heard:?}");
        }
        assert_eq!(behind.connections(), 1, "{method}: the connection is used again");
    }
}

#[test]
fn an_answer_that_ends_with_its_connection_is_whole() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.0 200 OK\r\n\r\nto the end");
    });
    let heard = world(&behind.url()).ask(Ask::get("/open"));
    heard.is(200, "to the end");
    assert!(heard.raw.starts_with(b"HTTP/1.1 200"), "our version, not the upstream's");
}

#[test]
fn events_pass_as_they_come() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
        for _ in 0..3 {
            line.say("9\r\ndata: x\n\n\r\n");
            // The next only after somebody said that the last one arrived.
            if line.until(b"heard").is_none() {
                return;
            }
        }
        line.say("0\r\n\r\n");
    });
    let world = world(&behind.url());
    let mut stream = std::net::TcpStream::connect(world.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let ask = "POST /open HTTP/1.1\r\nHost: wire.example\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, ask.as_bytes()).unwrap();
    let mut heard = Vec::new();
    for count in 1..=3 {
        while String::from_utf8_lossy(&heard).matches("data: x").count() < count {
            let mut buffer = [0; 4096];
            let n = std::io::Read::read(&mut stream, &mut buffer).unwrap();
            assert!(n > 0, "{}", String::from_utf8_lossy(&heard));
            heard.extend_from_slice(&buffer[..n]);
        }
        std::io::Write::write_all(&mut stream, b"5\r\nheard\r\n").unwrap();
    }
    std::io::Write::write_all(&mut stream, b"0\r\n\r\n").unwrap();
    std::io::Read::read_to_end(&mut stream, &mut heard).unwrap();
    assert!(heard.ends_with(b"0\r\n\r\n"));
}

#[test]
fn answers_longer_than_allowed_do_not_pass_whole() {
    let mut ground = Ground::default();
    ground.ways.answer_bytes = 4;
    let world = on(&Behind::saying(GOOD).url(), ground);
    world.ask(Ask::get("/open")).is(200, "good");
    world.put_upstreams(&Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\ngreat").url());
    world.ask(Ask::get("/open")).is(503, OPAQUE);
    world.put_upstreams(&Behind::saying("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\ngreat\r\n0\r\n\r\n").url());
    let heard = hear(world.address(), get("/open").as_bytes());
    assert!(!heard.ends_with("0\r\n\r\n"), "{heard:?}");
}

#[test]
fn a_fault_on_a_languages_path_is_in_its_words() {
    let world = world("http://127.0.0.1:1");
    let answer = world.ask(Ask::get("/open"));
    answer.is(503, OPAQUE);
    assert!(!String::from_utf8_lossy(&answer.raw).contains("127.0.0.1"));
}

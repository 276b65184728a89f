//! Whose fault it was: nothing that a client breaks puts an upstream out, and when all are out one is asked all the same.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::{Behind, hear, on, status};
use crate::support::{Ask, Frames, Ground, World, hpack};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";
const HALF: &str = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n";

/// What an upstream makes of a request with a body.
#[derive(Clone, Copy)]
enum Does {
    /// Waits for the rest of it.
    Waits,
    /// Goes without an answer once it has read `half`.
    LosesPatience,
    /// Begins to answer.
    Answers,
}

/// Two upstreams that answer what has no body, and tell of each body that begins, and of the end of its connection.
struct Pair {
    upstreams: [Behind; 2],
    begun: Receiver<()>,
    gone: Receiver<()>,
}

impl Pair {
    fn start(does: Does) -> Self {
        let (begins, begun) = channel();
        let (goes, gone) = channel();
        let upstreams = [(); 2].map(|()| {
            let (begins, goes) = (Mutex::new(begins.clone()), Mutex::new(goes.clone()));
            Behind::start(move |line| {
                while let Some(head) = line.head() {
                    if !head.starts_with("POST") {
                        line.say(GOOD);
                        continue;
                    }
                    let _ = begins.lock().unwrap().send(());
                    match does {
                        Does::Waits => line.hold(),
                        Does::LosesPatience => drop(line.until(b"half")),
                        Does::Answers => {
                            line.say(HALF);
                            line.hold();
                        }
                    }
                    break;
                }
                let _ = goes.lock().unwrap().send(());
            })
        });
        Self { upstreams, begun, gone }
    }

    /// A world before them in which one failure is enough, and for long.
    fn world(&self, ways: impl FnOnce(&mut Ground)) -> World {
        let mut ground = Ground::default();
        ground.ways.failures = 1;
        ground.ways.out = Duration::from_secs(3600);
        ground.ways.request_idle = Duration::from_secs(3600);
        ways(&mut ground);
        on(&format!("{} {}", self.upstreams[0].url(), self.upstreams[1].url()), ground)
    }

    /// Asserts that requests go to both.
    #[track_caller]
    fn are_well(&self, world: &World, after: &str) {
        let so_far = || [0, 1].map(|at: usize| self.upstreams[at].heads().iter().filter(|h| h.starts_with("get ")).count());
        let before = so_far();
        for _ in 0..4 {
            world.ask(Ask::get("/open")).is(200, "good");
        }
        assert!(so_far().iter().zip(before).all(|(now, before)| *now > before), "after {after}: {before:?}, then {:?}", so_far());
    }
}

/// A request that posts, by HTTP/1.1.
fn post(framing: &str, body: &str) -> Vec<u8> {
    format!("POST /open HTTP/1.1\r\nHost: wire.example\r\n{framing}\r\n\r\n{body}").into_bytes()
}

const CHUNKED: &str = "Transfer-Encoding: chunked";
const OF_TEN: &str = "Content-Length: 10";

#[test]
fn bodies_that_are_broken_or_too_long_put_nobody_out() {
    let pair = Pair::start(Does::Waits);
    let world = pair.world(|ground| ground.ways.request_bytes = 10);
    for (framing, body, goes, said) in [
        (CHUNKED, "zz\r\n", false, "400"),
        (CHUNKED, "4\r\nbody\r\nzz\r\n", false, "400"),
        (CHUNKED, "4\r\nbodyx\r\n", false, "400"),
        (CHUNKED, "ffffffffffffffffff\r\n", false, "400"),
        (CHUNKED, "4\r\nbo", true, "400"),
        (OF_TEN, "bo", true, "400"),
        (CHUNKED, "b\r\n0123456789x\r\n0\r\n\r\n", false, "413"),
        (CHUNKED, "6\r\n012345\r\n6\r\n012345\r\n0\r\n\r\n", false, "413"),
    ] {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(&post(framing, body)).unwrap();
        if goes {
            stream.shutdown(std::net::Shutdown::Write).unwrap();
        }
        let mut heard = Vec::new();
        let _ = stream.read_to_end(&mut heard);
        let heard = String::from_utf8_lossy(&heard);
        assert!(heard.is_empty() && goes || status(&heard) == said, "{framing} {body:?}: {heard}");
        pair.gone.recv().unwrap();
        pair.are_well(&world, &format!("{framing} {body:?}"));
    }
}

#[test]
fn bodies_that_never_come_put_nobody_out() {
    let pair = Pair::start(Does::Waits);
    let world = pair.world(|ground| ground.ways.request_idle = Duration::from_millis(200));
    for (framing, body) in [(CHUNKED, "4\r\nbody\r\n"), (CHUNKED, ""), (OF_TEN, "half"), (OF_TEN, "")] {
        let heard = hear(world.address(), &post(framing, body));
        assert_eq!(status(&heard), "408", "{framing} {body:?}: {heard}");
        pair.gone.recv().unwrap();
        pair.are_well(&world, &format!("{framing} {body:?}"));
    }
}

#[test]
fn who_hangs_up_puts_nobody_out() {
    for does in [Does::Waits, Does::Answers] {
        let pair = Pair::start(does);
        let world = pair.world(|_| {});
        for (framing, body) in [(CHUNKED, "4\r\nbody\r\n"), (CHUNKED, ""), (OF_TEN, "half")] {
            let mut stream = TcpStream::connect(world.address()).unwrap();
            stream.write_all(&post(framing, body)).unwrap();
            pair.begun.recv().unwrap();
            if matches!(does, Does::Answers) {
                let mut heard = Vec::new();
                while !heard.ends_with(b"half") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    heard.push(byte[0]);
                }
            }
            drop(stream);
            pair.gone.recv().unwrap();
            pair.are_well(&world, &format!("{framing} {body:?}"));
        }
    }
}

/// The clock of the answer stands while it is the client that is waited for: the upstream has nothing to answer yet.
#[test]
fn a_client_that_is_waited_for_longer_than_an_answer_is_told_so() {
    let pair = Pair::start(Does::Waits);
    let world = pair.world(|ground| {
        ground.ways.head = Duration::from_secs(2);
        ground.ways.request_idle = Duration::from_secs(3);
    });
    let to = world.address();
    let asks = [(CHUNKED, "4\r\nbody\r\n"), (CHUNKED, ""), (OF_TEN, "half"), (OF_TEN, "")];
    for ask in asks.map(|(framing, body)| std::thread::spawn(move || hear(to, &post(framing, body)))) {
        let heard = ask.join().unwrap();
        assert_eq!(status(&heard), "408", "it was the client that was late: {heard}");
    }
}

#[test]
fn an_upstream_that_loses_patience_with_a_client_is_not_put_out() {
    let pair = Pair::start(Does::LosesPatience);
    let world = pair.world(|_| {});
    for (framing, body) in [(CHUNKED, "4\r\nhalf\r\n"), (OF_TEN, "half")] {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(&post(framing, body)).unwrap();
        let mut first = [0; 12];
        stream.read_exact(&mut first).unwrap();
        assert_eq!(&first, b"HTTP/1.1 503");
        pair.gone.recv().unwrap();
        pair.are_well(&world, &format!("{framing} {body:?}"));
    }
}

#[test]
fn streams_that_are_reset_or_break_their_word_put_nobody_out() {
    const DATA: u8 = 0;
    const HEADERS: u8 = 1;
    const RESET: u8 = 3;
    const END: u8 = 1;
    for does in [Does::Waits, Does::Answers] {
        let pair = Pair::start(does);
        let world = pair.world(|ground| ground.ways.request_bytes = 10);
        for how in ["reset", "reset at once", "too short", "too long", "more than allowed", "hung up"] {
            let announced = if how == "more than allowed" { None } else { Some(("content-length", "10")) };
            let pseudo = [(":method", "POST"), (":scheme", "http"), (":path", "/open"), (":authority", "wire.example")];
            let mut frames = Frames::open(world.address());
            frames.send(HEADERS, 4, 1, &hpack(pseudo.into_iter().chain(announced)));
            if how != "reset at once" {
                frames.send(DATA, 0, 1, b"half");
            }
            pair.begun.recv().unwrap();
            match how {
                "reset" | "reset at once" => frames.send(RESET, 0, 1, &8u32.to_be_bytes()),
                "too short" => frames.send(DATA, END, 1, b"x"),
                "too long" => frames.send(DATA, 0, 1, b"0123456789"),
                "more than allowed" => frames.send(DATA, 0, 1, b"0123456789"),
                _ => frames.0.shutdown(std::net::Shutdown::Both).is_ok(),
            };
            pair.gone.recv().unwrap();
            pair.are_well(&world, how);
        }
    }
}

/// The upstreams' own doing counts; but when all of them are out, they are asked in turn, and who answers is in again.
#[test]
fn all_out_is_not_all_dead() {
    let upstreams = [(); 2].map(|()| {
        Behind::start(|line| {
            while let Some(head) = line.head() {
                if head.contains("/die") {
                    return;
                }
                line.say(GOOD);
            }
        })
    });
    let mut ground = Ground::default();
    ground.ways.failures = 1;
    ground.ways.out = Duration::from_secs(3600);
    let world = on(&format!("{} {}", upstreams[0].url(), upstreams[1].url()), ground);
    for _ in 0..3 {
        for _ in 0..2 {
            assert_eq!(world.ask(Ask::post("/die")).status, 503);
        }
        for _ in 0..4 {
            world.ask(Ask::get("/open")).is(200, "good");
        }
    }
    assert_eq!(world.ask(Ask::post("/die")).status, 503);
    let so_far = || upstreams.iter().map(|u| u.heads().iter().filter(|h| h.starts_with("get ")).count()).collect::<Vec<_>>();
    let before = so_far();
    for _ in 0..4 {
        world.ask(Ask::get("/open")).is(200, "good");
    }
    let grown: Vec<usize> = so_far().iter().zip(before).map(|(now, before)| now - before).collect();
    assert!(grown == [0, 4] || grown == [4, 0], "one of two is out, and the other is there: {grown:?}");
}

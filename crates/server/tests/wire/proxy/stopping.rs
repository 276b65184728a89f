//! The end: what is in flight is finished, what is idle is closed, what never ends is cut off.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use super::{Behind, on, world};
use crate::support::Ground;

#[test]
fn what_is_in_flight_is_finished_and_what_is_idle_closed() {
    let (asked, was_asked) = mpsc::channel();
    let (go, went) = mpsc::channel::<()>();
    let (asked, went) = (Mutex::new(asked), Mutex::new(went));
    let behind = Behind::start(move |line| {
        line.head();
        asked.lock().unwrap().send(()).unwrap();
        went.lock().unwrap().recv().unwrap();
        line.say("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    });
    let mut ground = Ground::default();
    ground.doors.last_wait = Duration::from_secs(60);
    let mut world = on(&behind.url(), ground);
    let mut idle = TcpStream::connect(world.address()).unwrap();
    let mut busy = TcpStream::connect(world.address()).unwrap();
    busy.write_all(b"GET /open HTTP/1.1\r\nHost: wire.example\r\n\r\n").unwrap();
    was_asked.recv().unwrap();
    world.ask_to_stop();
    let mut heard = Vec::new();
    idle.read_to_end(&mut heard).unwrap();
    assert!(heard.is_empty());
    go.send(()).unwrap();
    busy.read_to_end(&mut heard).unwrap();
    let heard = String::from_utf8_lossy(&heard);
    assert!(heard.starts_with("HTTP/1.1 200") && heard.ends_with("good"), "{heard}");
}

#[test]
fn what_never_ends_is_cut_off() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nhello");
        line.hold();
    });
    let mut ground = Ground::default();
    ground.doors.last_wait = Duration::from_millis(300);
    let mut world = on(&behind.url(), ground);
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.write_all(b"GET /open HTTP/1.1\r\nHost: wire.example\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n").unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"hello") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        heard.push(byte[0]);
    }
    let begun = Instant::now();
    world.ask_to_stop();
    drop(world);
    assert!(begun.elapsed() < Duration::from_secs(30), "the world ended although one connection did not");
    // Cut, one way or the other.
    let _ = stream.read_to_end(&mut heard);
}

#[test]
fn a_client_that_takes_nothing_is_cut_off() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        let piece = format!("10000\r\n{}\r\n", "x".repeat(65_536));
        while line.stream.write_all(piece.as_bytes()).is_ok() {}
        // The upstream's connection ended, because the client's did.
        line.book.lock().unwrap().push("ended".into());
    });
    let mut ground = Ground::default();
    ground.doors.write_time = Duration::from_millis(300);
    let world = on(&behind.url(), ground);
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.write_all(b"GET /open HTTP/1.1\r\nHost: wire.example\r\n\r\n").unwrap();
    let begun = Instant::now();
    while !behind.heads().contains(&"ended".to_owned()) {
        assert!(begun.elapsed() < Duration::from_secs(60), "still writing");
        std::thread::yield_now();
    }
    drop(stream);
}

#[test]
fn a_head_letter_by_letter_is_read_and_one_that_stops_is_not_waited_for() {
    let behind = Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    let world = world(&behind.url());
    for head in ["PROPFIND /open", "PRIVMSG /open", "PUT /open", "P /open"] {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream.set_nodelay(true).unwrap();
        for letter in format!("{head} HTTP/1.1\r\nHost: wire.example\r\nConnection: close\r\n\r\n").bytes() {
            let _ = stream.write_all(&[letter]);
        }
        let mut heard = String::new();
        let _ = stream.read_to_string(&mut heard);
        assert!(heard.contains("200 OK"), "{head}: {heard}");
    }
    let mut ground = Ground::default();
    ground.doors.head_time = Duration::from_millis(300);
    let world = on(&behind.url(), ground);
    // After a head that was answered, too: each has its own time, and then the connection is not kept for ever.
    let answered = "GET /open HTTP/1.1\r\nHost: wire.example\r\n\r\n";
    let (kept, twice) = (format!("{answered}GET / HTTP/1.1\r\nHost: x\r\n"), answered.repeat(2));
    let begun = ["", "P", "PR", "GET /", "GET / HTTP/1.1\r\nHost: x\r\n", "PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r"];
    for begun in begun.into_iter().chain([answered, &kept, &twice]) {
        let mut stream = TcpStream::connect(world.address()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        let mut heard = Vec::new();
        assert!(stream.read_to_end(&mut heard).is_ok(), "{begun:?}: still connected");
    }
}

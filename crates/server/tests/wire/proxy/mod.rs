//! The way to the upstream: what it gets, what comes back, and what happens when either side misbehaves.

mod answers;
mod blame;
mod certificates;
mod loops;
mod nginx;
mod requests;
mod several;
mod stopping;
mod two;
mod upgrades;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use crate::support::{Ground, Stage, World};

/// An upstream that does exactly what it is told to, one script for each connection.
struct Behind {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
    book: Arc<Mutex<Vec<String>>>,
}

/// One connection of such an upstream.
struct Line {
    stream: TcpStream,
    rest: Vec<u8>,
    book: Arc<Mutex<Vec<String>>>,
}

impl Behind {
    fn start(script: impl Fn(&mut Line) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (connections, book, script) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())), Arc::new(script));
        let (count, kept) = (Arc::clone(&connections), Arc::clone(&book));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                count.fetch_add(1, Ordering::SeqCst);
                let mut line = Line { stream, rest: Vec::new(), book: Arc::clone(&kept) };
                let script = Arc::clone(&script);
                std::thread::spawn(move || script(&mut line));
            }
        });
        Self { address, connections, book }
    }

    /// One that answers each head (without a body) with these bytes, and goes on.
    fn saying(answer: &'static str) -> Self {
        Self::start(move |line| {
            while line.head().is_some() {
                line.say(answer);
            }
        })
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads that came, in lower case.
    fn heads(&self) -> Vec<String> {
        self.book.lock().unwrap().clone()
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Line {
    /// Reads to the end of a head; nothing if the connection ends before.
    fn head(&mut self) -> Option<String> {
        let head = self.until(b"\r\n\r\n")?;
        self.book.lock().unwrap().push(head.to_ascii_lowercase());
        Some(head)
    }

    /// Reads to the end of these bytes.
    fn until(&mut self, end: &[u8]) -> Option<String> {
        let mut buffer = [0; 4096];
        loop {
            if let Some(at) = self.rest.windows(end.len()).position(|w| w == end) {
                let found: Vec<u8> = self.rest.drain(..at + end.len()).collect();
                return Some(String::from_utf8_lossy(&found).into_owned());
            }
            match self.stream.read(&mut buffer) {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.rest.extend_from_slice(&buffer[..n]),
            }
        }
    }

    /// Says this; that nobody listens is no news.
    fn say(&mut self, text: &str) {
        let _ = self.stream.write_all(text.as_bytes());
    }

    /// Keeps the connection until the other side ends it.
    fn hold(&mut self) {
        let mut buffer = [0; 4096];
        while self.stream.read(&mut buffer).is_ok_and(|n| n > 0) {}
    }
}

fn stage() -> Stage {
    Stage::of("wporchestrix", json!({})).rule(Rule::new("shut", PathMatch::Prefix, "/shut", &[Way::Token]))
}

/// A world before this upstream, in which nobody waits long.
fn world(urls: &str) -> World {
    let mut ground = Ground::default();
    ground.ways.head = Duration::from_millis(700);
    ground.ways.answer_idle = Duration::from_millis(700);
    ground.ways.request_idle = Duration::from_millis(700);
    on(urls, ground)
}

fn on(urls: &str, ground: Ground) -> World {
    let world = World::on(vec![stage()], ground);
    world.put_upstreams(urls);
    world
}

/// Sends bytes and hears everything until the other side ends, whatever it is.
fn hear(to: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    String::from_utf8_lossy(&heard).into_owned()
}

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: wire.example\r\nConnection: close\r\n\r\n")
}

fn status(heard: &str) -> &str {
    heard.get(9..12).unwrap_or("")
}

//! Two readers of one stream: whatever the framing, the upstream never reads a request that was not judged.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use crate::support::{Stage, World};

/// An upstream that keeps the bytes of each connection as they came, and answers whatever falls silent.
pub(super) struct Raw {
    address: SocketAddr,
    book: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Raw {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let book = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&book);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || keep(stream, &kept));
            }
        });
        Self { address, book }
    }

    /// The requests of all connections, as a strict reader cuts them; and what it could not cut.
    pub(super) fn take(&self) -> Vec<Request> {
        let streams = std::mem::take(&mut *self.book.lock().unwrap());
        streams.iter().flat_map(|bytes| cut(bytes)).collect()
    }
}

fn keep(mut stream: TcpStream, book: &Mutex<Vec<Vec<u8>>>) {
    let mut slot = None;
    stream.set_read_timeout(Some(Duration::from_millis(40))).unwrap();
    let mut owed = false;
    // Moments without a letter.
    let mut silence = 0;
    let mut buffer = [0; 65_536];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return,
            Ok(n) => {
                (owed, silence) = (true, 0);
                let mut book = book.lock().unwrap();
                let at = slot.filter(|at| *at < book.len()).unwrap_or_else(|| {
                    book.push(Vec::new());
                    book.len() - 1
                });
                slot = Some(at);
                book[at].extend_from_slice(&buffer[..n]);
            }
            Err(_) if owed => {
                // On a slow machine a body comes long after its head: what is not whole is given time, and what is never whole an answer.
                silence += 1;
                let so_far = slot.and_then(|at: usize| book.lock().unwrap().get(at).cloned()).unwrap_or_default();
                if !is_whole(&so_far) && silence < 100 {
                    continue;
                }
                owed = false;
                // One answer, then the end: each request comes on a connection of its own.
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok");
                let _ = stream.shutdown(Shutdown::Write);
            }
            Err(_) => {}
        }
    }
}

#[derive(Debug)]
pub(super) struct Request {
    pub(super) line: String,
    /// All of it, in lower case.
    pub(super) head: String,
    pub(super) framing: Vec<String>,
    pub(super) body: Vec<u8>,
}

fn cut(mut bytes: &[u8]) -> Vec<Request> {
    let mut requests = Vec::new();
    while !bytes.is_empty() {
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            panic!("the upstream was left with {:?}", String::from_utf8_lossy(bytes));
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let line = lines.next().unwrap_or_default().to_owned();
        let framing: Vec<String> = lines
            .map(|l| l.to_ascii_lowercase())
            .filter(|l| l.replace('_', "-").starts_with("content-length") || l.replace('_', "-").contains("transfer-encoding"))
            .collect();
        bytes = &bytes[end + 4..];
        let body = match framing.first().map(String::as_str) {
            None => Vec::new(),
            Some("transfer-encoding: chunked") => {
                // A request that was broken off has no end; then nothing may come behind it.
                let (body, rest) = bytes.split_at(chunks(bytes).unwrap_or(bytes.len()));
                bytes = rest;
                body.to_vec()
            }
            Some(length) => {
                let length: usize =
                    length.strip_prefix("content-length: ").and_then(|l| l.parse().ok()).unwrap_or_else(|| panic!("{head}"));
                let (body, rest) = bytes.split_at(length.min(bytes.len()));
                bytes = rest;
                body.to_vec()
            }
        };
        requests.push(Request { line, head: head.to_ascii_lowercase(), framing, body });
    }
    requests
}

/// True if the first request has come to its end.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let body = &bytes[end + 4..];
    let length = head.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    if head.contains("\r\ntransfer-encoding: chunked") { chunks(body).is_some() } else { length.is_none_or(|length| body.len() >= length) }
}

/// Where a body in pieces ends, as the strictest reader has it; `None` if it has no end.
fn chunks(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        let line = bytes.get(at..)?.windows(2).position(|w| w == b"\r\n")?;
        let text = std::str::from_utf8(&bytes[at..at + line]).expect("a length");
        assert!(!text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit()), "a length of ours: {text:?}");
        let length = usize::from_str_radix(text, 16).expect("a length");
        let end = at + line + 2 + length;
        if bytes.len() < end + 2 {
            return None;
        }
        assert_eq!(&bytes[end..end + 2], b"\r\n", "a piece is as long as it says");
        at = end + 2;
        if length == 0 {
            return Some(at);
        }
    }
}

pub(super) fn world(raw: &Raw) -> World {
    let world = World::new(Stage::of("wporchestrix", json!({})).rule(Rule::new("shut", PathMatch::Prefix, "/admin", &[Way::Token])));
    let upstream = format!("http://{}", raw.address);
    world.run(async {
        let mut site = world.house.look(|desk| desk.sites()).await.unwrap().remove(0);
        site.upstream = Some(upstream);
        world.house.work(move |desk| desk.put_site(&site)).await.unwrap();
    });
    world
}

/// Sends bytes, ends, and hears all: the statuses of the answers.
pub(super) fn converse(world: &World, bytes: &[u8]) -> Vec<u16> {
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(15))).unwrap();
    let _ = stream.write_all(bytes);
    let _ = stream.shutdown(Shutdown::Write);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    let text = String::from_utf8_lossy(&heard).into_owned();
    text.split("HTTP/1.1 ").skip(1).filter_map(|s| s.get(..3)?.parse().ok()).collect()
}

const HIDDEN: &str = "GET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n";

/// Heads with framing that two readers may read differently; behind each comes a body and a hidden request.
const FRAMINGS: &[&str] = &[
    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "Content-Length: 5\r\nContent-Length: 50\r\n",
    "Content-Length: 50\r\nContent-Length: 5\r\n",
    "Content-Length: 5\r\nContent-Length: 5\r\n",
    "Content-Length: 5, 5\r\n",
    "Content-Length: 5, 50\r\n",
    "Content-Length: +5\r\n",
    "Content-Length: -5\r\n",
    "Content-Length: 0x5\r\n",
    "Content-Length: 5 \r\n",
    "Content-Length: 5;\r\n",
    "Content-Length: \r\n",
    "Content-Length: 18446744073709551621\r\n",
    "Content-Length : 5\r\n",
    " Content-Length: 5\r\n",
    "X: y\r\n Content-Length: 5\r\n",
    "X: y\r\n\tTransfer-Encoding: chunked\r\n",
    "Content_Length: 5\r\n",
    "Content-Length\x00: 5\r\n",
    "Content-Length: 5\nX: y\r\n",
    "X: y\rTransfer-Encoding: chunked\r\n",
    "X: y\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\n",
    "Transfer-Encoding : chunked\r\n",
    "Transfer-Encoding:chunked\r\n",
    "Transfer-Encoding:\tchunked\r\n",
    "Transfer-Encoding: \x0bchunked\r\n",
    "Transfer-Encoding: xchunked\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked, identity\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: identity\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: identity, chunked\r\n",
    "Transfer-Encoding: gzip, chunked\r\n",
    "Transfer-Encoding: chunked, chunked\r\n",
    "Transfer-Encoding: CHUNKED\r\n",
    "Transfer-Encoding: \"chunked\"\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked;q=1\r\nContent-Length: 5\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\nContent-Length: 5\r\n",
    "Transfer_Encoding: chunked\r\nContent-Length: 5\r\n",
    "X-Y: z\r\nTransfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n",
    "Connection: Content-Length\r\nContent-Length: 5\r\n",
    "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
    "Connection: close, content-length, host\r\nContent-Length: 5\r\n",
    "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n",
    "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5\r\n",
    "Expect: 100-continue\r\nContent-Length: 5\r\n",
    "",
];

const BODIES: &[&str] = &[
    "0\r\n\r\n",
    "5\r\nhello\r\n0\r\n\r\n",
    "hello",
    "5;ext=\"\r\n\"\r\nhello\r\n0\r\n\r\n",
    "5\nhello\n0\n\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    "0x5\r\nhello\r\n0\r\n\r\n",
    "-1\r\n\r\n",
    "+5\r\nhello\r\n0\r\n\r\n",
    "5 \r\nhello\r\n0\r\n\r\n",
    "fffffffffffffffff\r\nhello\r\n",
    "0\r\nX-Doorward-User-Id: 1\r\nContent-Length: 9\r\n\r\n",
    "\r\n",
];

#[test]
fn whatever_the_framing_nothing_unjudged_is_read_behind_us() {
    let raw = Raw::start();
    let world = world(&raw);
    std::thread::scope(|scope| {
        for method in ["POST", "GET"] {
            for framing in FRAMINGS {
                let (world, raw) = (&world, &raw);
                scope.spawn(move || {
                    for body in BODIES {
                        let sent = format!("{method} /open HTTP/1.1\r\nHost: wire.example\r\n{framing}\r\n{body}{HIDDEN}");
                        let statuses = converse(world, sent.as_bytes());
                        assert!(statuses.iter().all(|s| *s < 500), "{sent:?}: {statuses:?}");
                        let _ = raw;
                    }
                });
            }
        }
    });
    let arrived = raw.take();
    assert!(!arrived.is_empty());
    for request in arrived {
        let line = &request.line;
        assert!(line == "POST /open HTTP/1.1" || line == "GET /open HTTP/1.1", "{request:?}");
        assert!(request.framing.len() <= 1, "{request:?}");
        let body = String::from_utf8_lossy(&request.body).to_ascii_lowercase();
        assert!(!body.contains("x-doorward"), "a trailer went through: {request:?}");
    }
}

#[test]
fn a_request_line_has_one_reading_or_none() {
    let raw = Raw::start();
    let world = world(&raw);
    for line in [
        "GET /open HTTP/1.1 x",
        "GET  /admin HTTP/1.1",
        "GET /open\tHTTP/1.1",
        "GET /open /admin HTTP/1.1",
        "GET /open HTTP/2.0",
        "GET /open HTTP/1.2",
        "GET /open HTTP/0.9",
        "GET /open",
        "GET /admin\x00 HTTP/1.1",
        "GET\x0b/admin HTTP/1.1",
        "G\x00T /open HTTP/1.1",
        "GET /open\x0d/admin HTTP/1.1",
        "GET /op\x7fen HTTP/1.1",
        "\x00GET /open HTTP/1.1",
        "PRI * HTTP/2.0",
    ] {
        let statuses = converse(&world, format!("{line}\r\nHost: wire.example\r\n\r\n").as_bytes());
        assert!(statuses.iter().all(|s| (400..500).contains(s)), "{line:?}: {statuses:?}");
    }
    assert!(raw.take().is_empty());
}

/// A header line that is folded, bare or broken is not passed on as something else.
#[test]
fn header_lines_have_one_reading_or_none() {
    let raw = Raw::start();
    let world = world(&raw);
    for header in [
        "X: a\r\n X-Doorward-User-Id: 1",
        "X: a\rX-Doorward-User-Id: 1",
        "X: a\nX-Doorward-User-Id: 1",
        "X: a\x00X-Doorward-User-Id: 1",
        "X-Doorward-User-Id : 1",
        "X-Doorward-User-Id\t: 1",
        " X-Doorward-User-Id: 1",
        "X-Doorward-User-Id",
        ": X-Doorward-User-Id: 1",
        "X-Doorward-User-Id\x00: 1",
        "X\u{2010}Doorward-User-Id: 1",
    ] {
        converse(&world, format!("GET /open HTTP/1.1\r\nHost: wire.example\r\n{header}\r\n\r\n").as_bytes());
        let book = raw.book.lock().unwrap().clone();
        for bytes in book {
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            let lines = text.split(['\r', '\n']).filter(|l| l.trim_start().starts_with("x-doorward-user"));
            assert_eq!(lines.count(), 0, "{header:?}: {text:?}");
        }
        raw.take();
    }
}

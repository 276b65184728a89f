//! HTTP/2 in front, HTTP/1.1 behind: what frames can say and lines cannot. Each request is refused and reaches nobody, or reaches
//! the upstream as the one request that was judged, with the framing that we chose.

use super::smuggling::{Raw, world};
use crate::support::{Ask, Frames, hpack};

/// What must come of a request.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Refused; nothing reaches the upstream.
    Refused,
    /// This line, with this body, once.
    One(&'static str, &'static str),
    /// What came of it before it was known to be wrong, if anything: this line, and less than the body that was announced.
    Part(&'static str),
}

use Fate::{One, Part, Refused};

const OPEN: &str = "GET /open HTTP/1.1";
const POST: &str = "POST /open HTTP/1.1";
const HIDDEN: &str = "0\r\n\r\nGET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n";

/// A request: method, scheme, authority, path; the header lines behind them; a body if there is one.
type Row = ([&'static str; 4], &'static [(&'static str, &'static str)], Option<&'static str>, Fate);

const fn get(path: &'static str, fate: Fate) -> Row {
    (["GET", "http", "wire.example", path], &[], None, fate)
}

const fn line(name: &'static [(&'static str, &'static str)], fate: Fate) -> Row {
    (["GET", "http", "wire.example", "/open"], name, None, fate)
}

const fn body(lines: &'static [(&'static str, &'static str)], body: &'static str, fate: Fate) -> Row {
    (["POST", "http", "wire.example", "/open"], lines, Some(body), fate)
}

#[rustfmt::skip]
const CORPUS: &[Row] = &[
    get("/open", One(OPEN, "")),
    body(&[], "hello", One(POST, "5\r\nhello\r\n0\r\n\r\n")),
    body(&[("content-length", "5")], "hello", One(POST, "hello")),
    // A body that looks like requests is a body.
    body(&[], HIDDEN, One(POST, "30\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n\r\n0\r\n\r\n")),
    // Lengths that the frames do not keep.
    body(&[("content-length", "3")], "hello", Part(POST)),
    body(&[("content-length", "0")], HIDDEN, Part(POST)),
    body(&[("content-length", "50")], "hello", Part(POST)),
    body(&[("content-length", "5"), ("content-length", "6")], "hello", Refused),
    body(&[("content-length", "5, 6")], "hello", Refused),
    body(&[("content-length", "+5")], "hello", Refused),
    body(&[("content-length", "-1")], "hello", Refused),
    body(&[("content-length", "")], "hello", Refused),
    body(&[("content-length", "5\r\nx: y")], "hello", Refused),
    body(&[("content_length", "3")], "hello", One(POST, "5\r\nhello\r\n0\r\n\r\n")),
    // What belongs to one connection of HTTP/1.1.
    body(&[("transfer-encoding", "chunked")], HIDDEN, Refused),
    body(&[("transfer-encoding", "chunked"), ("content-length", "5")], "hello", Refused),
    body(&[("transfer_encoding", "chunked")], HIDDEN, One(POST, "30\r\n0\r\n\r\nGET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n\r\n0\r\n\r\n")),
    body(&[("transfer-encoding\r\nx", "chunked")], "hello", Refused),
    line(&[("connection", "keep-alive")], Refused),
    line(&[("connection", "x-doorward-site")], Refused),
    line(&[("proxy-connection", "keep-alive")], Refused),
    line(&[("keep-alive", "timeout=5")], Refused),
    line(&[("upgrade", "h2c")], Refused),
    line(&[("te", "gzip")], Refused),
    line(&[("te", "trailers")], One(OPEN, "")),
    // Paths.
    get("/admin", Refused),
    get("", Refused),
    get("open", Refused),
    get("*", Refused),
    get("/open /admin HTTP/1.1", Refused),
    get("/open HTTP/1.1\r\nX-Doorward-User-Id: 1\r\nX: y", Refused),
    get("/open\r\n\r\nGET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n", Refused),
    get("/open\nX: y", Refused),
    get("/open\t", Refused),
    get("/open\u{0}", Refused),
    get("/op\u{7f}en", Refused),
    get("//admin", Refused),
    get("/x/../admin", Refused),
    get("/x/%2e%2e/admin", Refused),
    get("/x%2f..%2fadmin", Refused),
    get("/x\\..\\admin", Refused),
    get("/x;/../admin", Refused),
    get("/ADMIN", Refused),
    get("http://wire.example/admin", Refused),
    get("//wire.example/admin", Refused),
    // Authorities and hosts.
    (["GET", "http", "wire.example/admin", "/open"], &[], None, Refused),
    (["GET", "http", "wire.example/admin?", "/open"], &[], None, Refused),
    (["GET", "http", "user@wire.example", "/open"], &[], None, Refused),
    (["GET", "http", "wire.example\r\nx: y", "/open"], &[], None, Refused),
    (["GET", "http", "wire.example wire.example", "/open"], &[], None, Refused),
    (["GET", "http", "wire.example,other.example", "/open"], &[], None, Refused),
    (["GET", "http", "wire.example", "/open"], &[("host", "other.example"), ("host", "wire.example")], None, Refused),
    (["GET", "http", "wire.example", "/admin"], &[("host", "other.example")], None, Refused),
    (["GET", "http", "wire.example", "/open"], &[("host", "other.example")], None, One(OPEN, "")),
    // Methods.
    (["GET /admin HTTP/1.1\r\nHost: x\r\n\r\nGET", "http", "wire.example", "/open"], &[], None, Refused),
    (["GET ", "http", "wire.example", "/open"], &[], None, Refused),
    (["G\tT", "http", "wire.example", "/open"], &[], None, Refused),
    (["", "http", "wire.example", "/open"], &[], None, Refused),
    (["get", "http", "wire.example", "/open"], &[], None, Refused),
    (["TRACE", "http", "wire.example", "/open"], &[], None, Refused),
    (["CONNECT", "http", "wire.example", "/open"], &[], None, Refused),
    // Schemes: nobody builds a target of one.
    (["GET", "http://wire.example/admin?", "wire.example", "/open"], &[], None, Refused),
    (["GET", "http\r\nx: y", "wire.example", "/open"], &[], None, Refused),
    (["GET", "", "wire.example", "/open"], &[], None, One(OPEN, "")),
    // Pseudo headers that come twice, late, or that nobody knows.
    line(&[(":path", "/admin")], Refused),
    line(&[(":method", "POST")], Refused),
    line(&[(":authority", "other.example")], Refused),
    line(&[(":scheme", "https")], Refused),
    line(&[(":unknown", "x")], Refused),
    line(&[("x", "y"), (":path", "/admin")], Refused),
    line(&[(":status", "200")], Refused),
    // Names and values.
    line(&[("X-Upper", "y")], Refused),
    line(&[("X-Doorward-User-Id", "1")], Refused),
    line(&[("x y", "z")], Refused),
    line(&[("x:", "z")], Refused),
    line(&[("", "z")], Refused),
    line(&[("x\r\nx-doorward-user-id", "1")], Refused),
    line(&[("x", "y\r\nx-doorward-user-id: 1")], Refused),
    line(&[("x", "y\nx-doorward-user-id: 1")], Refused),
    line(&[("x", "y\rz")], Refused),
    line(&[("x", "y\u{0}z")], Refused),
    line(&[("x-doorward-user-id", "1"), ("x_doorward_user_id", "1"), ("x-forwarded-for", "6.6.6.6")], One(OPEN, "")),
];

fn send(world: &crate::support::World, ([method, scheme, authority, path], lines, body, _): &Row) {
    let pseudo = [(":method", *method), (":scheme", *scheme), (":authority", *authority), (":path", *path)];
    let head = hpack(pseudo.into_iter().chain(lines.iter().copied()));
    let mut frames = Frames::open(world.address());
    frames.send(1, if body.is_some() { 4 } else { 5 }, 1, &head);
    if let Some(body) = body {
        frames.send(0, 1, 1, body.as_bytes());
    }
    frames.ended(1);
}

#[test]
fn each_is_refused_or_is_one_request_with_our_framing() {
    let raw = Raw::start();
    let world = world(&raw);
    let mut wrong = Vec::new();
    for row in CORPUS {
        send(&world, row);
        let arrived = raw.take();
        let came: Vec<(&str, String)> = arrived.iter().map(|r| (r.line.as_str(), String::from_utf8_lossy(&r.body).into_owned())).collect();
        let good = match row.3 {
            Refused => came.is_empty(),
            One(line, body) => came == [(line, body.to_owned())],
            Part(line) => came.iter().all(|(l, body)| *l == line && !body.ends_with("0\r\n\r\n") && body.len() < 50) && came.len() <= 1,
        };
        let framed = arrived.iter().all(|r| r.framing.len() <= 1);
        let clean = arrived.iter().all(|r| {
            !r.head.contains("x-doorward-user")
                && !r.head.contains("x_doorward")
                && !r.head.contains("6.6.6.6")
                && !r.head.contains("other")
        });
        if !(good && framed && clean) {
            wrong.push(format!("{row:?}\n    {came:?} {:?}", arrived.iter().map(|r| &r.head).collect::<Vec<_>>()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.ask(Ask::get("/open")).status, 200, "the server goes on");
}

/// Header lines behind the body are no header lines of the request.
#[test]
fn trailers_say_nothing_of_the_request() {
    let raw = Raw::start();
    let world = world(&raw);
    for trailer in [
        ("x-doorward-user-id", "1"),
        ("content-length", "5"),
        ("transfer-encoding", "chunked"),
        ("host", "other.example"),
        (":path", "/admin"),
    ] {
        let mut frames = Frames::open(world.address());
        let head = [(":method", "POST"), (":scheme", "http"), (":authority", "wire.example"), (":path", "/open")];
        frames.send(1, 4, 1, &hpack(head));
        frames.send(0, 0, 1, b"hello");
        frames.send(1, 5, 1, &hpack([trailer]));
        frames.ended(1);
        for request in raw.take() {
            let (head, body) = (&request.head, String::from_utf8_lossy(&request.body));
            assert_eq!(request.line, POST, "{trailer:?}");
            assert!(
                !head.contains("x-doorward-user") && !head.contains("other.example") && request.framing.len() == 1,
                "{trailer:?}: {head}"
            );
            assert!(body == "5\r\nhello\r\n0\r\n\r\n" || body == "5\r\nhello\r\n", "{trailer:?}: {body}");
        }
    }
}

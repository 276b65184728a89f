//! A corpus of requests that two readers may read differently: each is refused and reaches nobody, or reaches the upstream
//! as exactly one request that is the one that was judged.

use super::smuggling::{Raw, converse, world};

/// What must come of a request.
enum Fate {
    /// Refused; nothing reaches the upstream.
    Refused,
    /// One request line with one body, byte for byte.
    One(&'static str, &'static str),
}

use Fate::{One, Refused};

const H: &str = "Host: wire.example\r\n";

/// Head after the request line (or the whole, if it begins with `!`), body, and what comes of it. `Connection: close` is
/// added, so that what follows the request cannot be a second one.
const CORPUS: &[(&str, &str, Fate)] = &[
    // Both framings, in every order and spelling.
    (
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n",
        One("POST /open HTTP/1.1", "0\r\n\r\n"),
    ),
    (
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n"),
    ),
    ("Content-Length: 5\r\nTransfer-Encoding: xchunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: identity\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: chunked, identity\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding:\r\n chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding : chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\n Transfer-Encoding: chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding\t: chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: \x0bchunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: chunked;x=y\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: \"chunked\"\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer_Encoding: chunked\r\n", "hello", One("POST /open HTTP/1.1", "hello")),
    ("Content-Length: 5\r\nX: y\rTransfer-Encoding: chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding\x00: chunked\r\n", "hello", Refused),
    ("Content-Length: 5\r\nTransfer-Encoding: chunked\x00\r\n", "hello", Refused),
    // Codings that we do not know.
    ("Transfer-Encoding: gzip\r\n", "hello", Refused),
    ("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n", Refused),
    ("Transfer-Encoding: identity\r\n", "hello", Refused),
    ("Transfer-Encoding: \r\n", "hello", Refused),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", "0\r\n\r\n", Refused),
    // Several lengths.
    ("Content-Length: 5\r\nContent-Length: 6\r\n", "hello", Refused),
    ("Content-Length: 0\r\nContent-Length: 35\r\n", "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n", Refused),
    ("Content-Length: 5, 6\r\n", "hello", Refused),
    ("Content-Length: 5,\r\n", "hello", Refused),
    ("Content-Length: +5\r\n", "hello", Refused),
    ("Content-Length: -5\r\n", "hello", Refused),
    ("Content-Length: 0x5\r\n", "hello", Refused),
    ("Content-Length: 5 5\r\n", "hello", Refused),
    ("Content-Length: 5.0\r\n", "hello", Refused),
    ("Content-Length: 1e1\r\n", "hello", Refused),
    ("Content-Length: five\r\n", "hello", Refused),
    ("Content-Length: \r\n", "hello", Refused),
    ("Content-Length: 18446744073709551616\r\n", "hello", Refused),
    ("Content-Length: 99999999999999999999999\r\n", "hello", Refused),
    ("Content-Length : 5\r\n", "hello", Refused),
    ("Content-Length\t: 5\r\n", "hello", Refused),
    ("Content-Length: 5\r\nContent_Length: 6\r\n", "hello", One("POST /open HTTP/1.1", "hello")),
    ("Content-Length: \t5 \t\r\n", "hello", One("POST /open HTTP/1.1", "hello")),
    ("content-length: 05\r\n", "hello", One("POST /open HTTP/1.1", "hello")),
    // Pieces.
    ("Transfer-Encoding: chunked\r\n", "5;ext=1\r\nhello\r\n0\r\n\r\n", One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n")),
    ("Transfer-Encoding: chunked\r\n", "5;a=\"b\"\r\nhello\r\n0;c\r\n\r\n", One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n")),
    ("Transfer-Encoding: chunked\r\n", "05\r\nhello\r\n00\r\n\r\n", One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n")),
    ("Transfer-Encoding: CHUNKED\r\n", "5\r\nhello\r\n0\r\n\r\n", One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n")),
    ("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\nX: y\r\n\r\n", One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n")),
    // Header lines.
    ("X: a\r\n b\r\nContent-Length: 5\r\n", "hello", Refused),
    (
        "X: a\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n"),
    ),
    ("X: a\x00b\r\nContent-Length: 5\r\n", "hello", Refused),
    ("X\r\nContent-Length: 5\r\n", "hello", Refused),
    (": x\r\nContent-Length: 5\r\n", "hello", Refused),
    ("X y: z\r\nContent-Length: 5\r\n", "hello", Refused),
    ("X(y): z\r\nContent-Length: 5\r\n", "hello", Refused),
    ("Connection: Content-Length\r\nContent-Length: 5\r\n", "hello", One("POST /open HTTP/1.1", "hello")),
    (
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        One("POST /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n"),
    ),
    ("Host: other.example\r\nContent-Length: 5\r\n", "hello", Refused),
    ("Host: wire.example\r\nContent-Length: 5\r\n", "hello", Refused),
    // Request lines and targets.
    ("!GET /open HTTP/1.1\r\nHost: wire.example/admin\r\n", "", Refused),
    ("!GET /open HTTP/1.1\r\nHost: wire.example@evil\r\n", "", Refused),
    ("!GET /open HTTP/1.1\r\nHost: wire.example, other\r\n", "", Refused),
    ("!GET /open HTTP/1.1\r\nHost: wire example\r\n", "", Refused),
    ("!GET /x/../admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open/%2e%2e/admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open%2f..%2fadmin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open\\..\\admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET //admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open;/../admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET http://wire.example/admin HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET http://wire.example/open HTTP/1.1\r\nHost: other.example\r\n", "", One("GET /open HTTP/1.1", "")),
    ("!GET wire.example:80 HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!OPTIONS * HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!CONNECT wire.example:80 HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open HTTP/1.1 HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open HTTP/1.1\x0b\r\nHost: wire.example\r\n", "", Refused),
    ("!G(T /open HTTP/1.1\r\nHost: wire.example\r\n", "", Refused),
    ("!GET /open#/../admin HTTP/1.1\r\nHost: wire.example\r\n", "", One("GET /open HTTP/1.1", "")),
    ("!POST /open HTTP/1.0\r\nHost: wire.example\r\nTransfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n", Refused),
    // Bodies where none is expected are bodies, not requests.
    ("!GET /open HTTP/1.1\r\nHost: wire.example\r\nContent-Length: 5\r\n", "hello", One("GET /open HTTP/1.1", "hello")),
    (
        "!GET /open HTTP/1.1\r\nHost: wire.example\r\nTransfer-Encoding: chunked\r\n",
        "5\r\nhello\r\n0\r\n\r\n",
        One("GET /open HTTP/1.1", "5\r\nhello\r\n0\r\n\r\n"),
    ),
    ("!GET /open HTTP/1.1\r\nHost: wire.example\r\n", "GET /admin HTTP/1.1\r\nHost: wire.example\r\n\r\n", One("GET /open HTTP/1.1", "")),
];

#[test]
fn each_is_refused_or_is_one_request() {
    assert!(CORPUS.len() >= 60);
    let raw = Raw::start();
    let world = world(&raw);
    let mut wrong = Vec::new();
    for (head, body, fate) in CORPUS {
        let sent = match head.strip_prefix('!') {
            Some(whole) => format!("{whole}Connection: close\r\n\r\n{body}"),
            None => format!("POST /open HTTP/1.1\r\n{H}{head}Connection: close\r\n\r\n{body}"),
        };
        let statuses = converse(&world, sent.as_bytes());
        let arrived = raw.take();
        let came: Vec<(&str, String)> = arrived.iter().map(|r| (r.line.as_str(), String::from_utf8_lossy(&r.body).into_owned())).collect();
        let good = match fate {
            Refused => came.is_empty() && statuses.iter().all(|s| (400..500).contains(s)),
            One(line, body) => came == [(*line, (*body).to_owned())] && statuses == [200] && arrived[0].framing.len() <= 1,
        };
        if !good {
            wrong.push(format!("{sent:?}\n    {statuses:?} {came:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

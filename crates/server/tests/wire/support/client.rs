//! A client that sends exactly the bytes it is told, one connection per request.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// A request to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
}

impl Ask {
    /// A request without headers and body.
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { method: method.into(), target: target.into(), headers: Vec::new(), body: None }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// With an `Authorization` header.
    pub(crate) fn auth(self, value: &str) -> Self {
        self.header("Authorization", value)
    }

    /// With a JSON body of this text.
    pub(crate) fn json(self, text: &str) -> Self {
        self.body("application/json", text.as_bytes())
    }

    /// With a form body.
    pub(crate) fn form(self, text: &str) -> Self {
        self.body("application/x-www-form-urlencoded", text.as_bytes())
    }

    /// With a body of a type.
    pub(crate) fn body(mut self, kind: &str, bytes: &[u8]) -> Self {
        self.body = Some(bytes.to_vec());
        if kind.is_empty() { self } else { self.header("Content-Type", kind) }
    }

    /// Sends it and hears the answer.
    pub(crate) fn send(&self, to: SocketAddr) -> Answer {
        let mut head = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        if !self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("host")) {
            head.push_str(&format!("Host: {}\r\n", "wire.example"));
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(body) = &self.body
            && !self.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("content-length") || n.eq_ignore_ascii_case("transfer-encoding"))
        {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("Connection: close\r\n\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(self.body.as_deref().unwrap_or_default());
        raw(to, &bytes)
    }
}

/// Sends bytes as they are and reads the answer until the server closes.
pub(crate) fn raw(to: SocketAddr, bytes: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(to).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a timeout can be set");
    // The server may answer and close before it has read all of a body that is too large.
    let _ = stream.write_all(bytes);
    let mut heard = Vec::new();
    let _ = stream.read_to_end(&mut heard);
    Answer::parse(&heard)
}

/// An answer as heard.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// Head and body as they came.
    pub(crate) raw: Vec<u8>,
}

impl Answer {
    pub(crate) fn parse(heard: &[u8]) -> Self {
        let end =
            heard.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| panic!("no answer: {:?}", String::from_utf8_lossy(heard)));
        let head = String::from_utf8_lossy(&heard[..end]).into_owned();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|l| l.split(' ').nth(1)).and_then(|s| s.parse().ok()).expect("a status line");
        let headers: Vec<(String, String)> =
            lines.filter_map(|l| l.split_once(':')).map(|(n, v)| (n.to_ascii_lowercase(), v.trim().to_owned())).collect();
        let mut body = heard[end + 4..].to_vec();
        if headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked") {
            body = unchunk(&body);
        }
        Self { status, headers, body: String::from_utf8_lossy(&body).into_owned(), raw: heard.to_vec() }
    }

    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
    }

    /// Status and body on one line.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status, self.body)
    }

    /// The body as JSON.
    pub(crate) fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.line()))
    }

    /// A text of the body by JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.value().pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("no text at {pointer}: {}", self.line())).to_owned()
    }

    /// Asserts status and exact body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) -> &Self {
        assert_eq!(self.line(), format!("{status} {body}"));
        self
    }
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while let Some(end) = body.windows(2).position(|w| w == b"\r\n") {
        let size = usize::from_str_radix(String::from_utf8_lossy(&body[..end]).trim(), 16).unwrap_or(0);
        if size == 0 {
            break;
        }
        out.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[(end + 4 + size).min(body.len())..];
    }
    out
}

//! A client of one request per connection, which may find nobody there.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any answer takes: who hears nothing until then has found a hang.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request to be sent.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    line: String,
    headers: String,
    body: String,
}

impl Ask {
    pub(crate) fn new(method: &str, target: &str) -> Self {
        Self { line: format!("{method} {target} HTTP/1.1\r\n"), headers: String::new(), body: String::new() }
    }

    pub(crate) fn get(target: &str) -> Self {
        Self::new("GET", target)
    }

    pub(crate) fn post(target: &str) -> Self {
        Self::new("POST", target)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    pub(crate) fn auth(self, value: &str) -> Self {
        self.header("Authorization", value)
    }

    /// With `Authorization: Basic`.
    pub(crate) fn basic(self, user: &str, password: &str) -> Self {
        let encoded = data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes());
        self.auth(&format!("Basic {encoded}"))
    }

    pub(crate) fn json(mut self, body: &Value) -> Self {
        self.body = body.to_string();
        self.headers.push_str("Content-Type: application/json\r\n");
        self
    }

    /// Head and body as they go over the wire.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let Self { line, headers, body } = self;
        let host = if headers.contains("Host: ") { "" } else { "Host: binary.example\r\n" };
        format!("{line}{host}{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
    }

    /// Sends it and hears the answer; an error if nobody answers whole.
    pub(crate) fn try_send(&self, to: SocketAddr) -> Result<Answer> {
        let mut stream = TcpStream::connect(to)?;
        stream.write_all(&self.bytes())?;
        read_answer(&mut stream)
    }

    /// Sends it and hears the answer.
    #[track_caller]
    pub(crate) fn send(&self, to: SocketAddr) -> Answer {
        self.try_send(to).unwrap_or_else(|e| panic!("no answer to {}: {e}", self.line.trim_end()))
    }
}

/// Reads an answer until the server closes.
pub(crate) fn read_answer(stream: &mut TcpStream) -> Result<Answer> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut heard = Vec::new();
    let ended = stream.read_to_end(&mut heard);
    match Answer::parse(&heard) {
        Some(answer) => Ok(answer),
        // A hang must not look like a server that went away.
        None => Err(ended.err().unwrap_or_else(|| Error::from(ErrorKind::UnexpectedEof))),
    }
}

/// An answer as heard.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    /// The head with its letters as they came.
    pub(crate) sent: String,
    pub(crate) body: String,
}

impl Answer {
    /// A whole answer, or nothing.
    fn parse(heard: &[u8]) -> Option<Self> {
        let end = heard.windows(4).position(|w| w == b"\r\n\r\n")?;
        let sent = String::from_utf8_lossy(heard.get(..end)?).into_owned();
        let head = sent.to_ascii_lowercase();
        let body = String::from_utf8_lossy(heard.get(end + 4..)?).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        let answer = Self { status, head, sent, body };
        let length = answer.header("content-length").parse().ok();
        (length.is_none_or(|length: usize| answer.body.len() == length)).then_some(answer)
    }

    /// The value of a header, in lower case, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let of = |line: &'_ str| line.split_once(':').is_some_and(|(n, _)| n == name);
        self.head.lines().find(|line| of(line)).and_then(|line| line.split_once(':')).map_or("", |(_, value)| value.trim())
    }

    /// Status and body on one line.
    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.status, self.body)
    }

    /// A member of the body by JSON pointer.
    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> Value {
        let value: Value = serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("no JSON ({e}): {}", self.line()));
        value.pointer(pointer).cloned().unwrap_or_else(|| panic!("nothing at {pointer}: {}", self.line()))
    }

    /// A text of the body by JSON pointer.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.at(pointer).as_str().unwrap_or_else(|| panic!("no text at {pointer}: {}", self.line())).to_owned()
    }

    /// Asserts status and exact body.
    #[track_caller]
    pub(crate) fn is(&self, status: u16, body: &str) -> &Self {
        assert_eq!(self.line(), format!("{status} {body}"));
        self
    }
}

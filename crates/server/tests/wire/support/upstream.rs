//! An upstream that writes down what really reached it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrived {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Arrived {
    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }
}

/// The upstream: answers everything with 200 `{"upstream":true}`, and with the `Vary` that it is told.
pub(crate) struct Upstream {
    pub(crate) address: SocketAddr,
    arrived: Arc<Mutex<Vec<Arrived>>>,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&arrived);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let book = Arc::clone(&book);
                std::thread::spawn(move || converse(stream, &book));
            }
        });
        Self { address, arrived }
    }

    /// What arrived so far.
    pub(crate) fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().expect("the book").clone()
    }

    /// The last that arrived.
    pub(crate) fn last(&self) -> Arrived {
        self.arrived.lock().expect("the book").last().cloned().expect("nothing reached the upstream")
    }
}

fn converse(stream: std::net::TcpStream, book: &Mutex<Vec<Arrived>>) {
    let mut writer = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    loop {
        let mut arrived = Arrived::default();
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        arrived.line = line.trim_end().to_owned();
        let mut length = 0;
        loop {
            let mut header = String::new();
            if reader.read_line(&mut header).unwrap_or(0) == 0 {
                return;
            }
            let Some((name, value)) = header.trim_end().split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or(0);
            }
            arrived.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut body = vec![0; length];
        if reader.read_exact(&mut body).is_err() {
            return;
        }
        arrived.body = String::from_utf8_lossy(&body).into_owned();
        let vary = arrived.header("x-upstream-vary").map_or(String::new(), |names| format!("Vary: {names}\r\n"));
        book.lock().expect("the book").push(arrived);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 17\r\n";
        if writer.write_all(format!("{head}{vary}\r\n{{\"upstream\":true}}").as_bytes()).is_err() {
            return;
        }
    }
}

//! An upstream that writes down what really reached it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::mpsc::{Receiver, Sender, channel};
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
    cut: Mutex<Receiver<Vec<u8>>>,
}

impl Upstream {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&arrived);
        let (tell, cut) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                let book = Arc::clone(&book);
                let tell = tell.clone();
                std::thread::spawn(move || converse(stream, &book, &tell));
            }
        });
        Self { address, arrived, cut: Mutex::new(cut) }
    }

    /// What arrived of the next body that was cut, once its connection is gone.
    pub(crate) fn cut(&self) -> Vec<u8> {
        self.cut.lock().expect("the book").recv().expect("the upstream listens")
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

fn converse(stream: std::net::TcpStream, book: &Mutex<Vec<Arrived>>, cut: &Sender<Vec<u8>>) {
    let mut writer = stream.try_clone().expect("a second handle");
    let mut reader = BufReader::new(stream);
    loop {
        let mut arrived = Arrived::default();
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return;
        }
        arrived.line = line.trim_end().to_owned();
        let mut length = 0u64;
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
        let mut body = Vec::new();
        let is_whole = if arrived.header("transfer-encoding") == Some("chunked") {
            chunks(&mut reader, &mut body)
        } else {
            piece(&mut reader, length, &mut body)
        };
        if !is_whole {
            let _ = cut.send(body);
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

/// Reads a piece of a body; false if the connection ended within it.
fn piece(reader: &mut impl BufRead, length: u64, body: &mut Vec<u8>) -> bool {
    reader.take(length).read_to_end(body).is_ok_and(|read| read as u64 == length)
}

fn chunks(reader: &mut impl BufRead, body: &mut Vec<u8>) -> bool {
    loop {
        let (mut size, mut end) = (String::new(), String::new());
        if reader.read_line(&mut size).unwrap_or(0) == 0 {
            return false;
        }
        let Ok(length) = u64::from_str_radix(size.trim(), 16) else { return false };
        if !piece(reader, length, body) || reader.read_line(&mut end).unwrap_or(0) == 0 {
            return false;
        }
        if length == 0 {
            return true;
        }
    }
}

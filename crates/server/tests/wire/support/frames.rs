//! HTTP/2 by hand: frames as they are told, however wrong.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Header lines in HPACK without a table, whatever is in them.
pub(crate) fn hpack<'a>(lines: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in lines {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).ok().filter(|length| *length < 127).expect("a short text"));
            block.extend_from_slice(text.as_bytes());
        }
    }
    block
}

/// A connection spoken by hand.
pub(crate) struct Frames(pub(crate) TcpStream);

impl Frames {
    /// Opens one and says the preface and its settings.
    pub(crate) fn open(to: SocketAddr) -> Self {
        let mut stream = TcpStream::connect(to).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream.write_all(PREFACE).unwrap();
        let mut new = Self(stream);
        new.send(4, 0, 0, &[]);
        new
    }

    /// Sends a frame; false if nobody takes it any more.
    pub(crate) fn send(&mut self, kind: u8, flags: u8, stream: u32, payload: &[u8]) -> bool {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = vec![length[1], length[2], length[3], kind, flags];
        frame.extend_from_slice(&stream.to_be_bytes());
        frame.extend_from_slice(payload);
        self.0.write_all(&frame).is_ok()
    }

    /// Reads frames until the other side ends; the kinds, and the code of its GOAWAY.
    pub(crate) fn hear(&mut self) -> (Vec<u8>, Option<u32>) {
        let (mut kinds, mut code) = (Vec::new(), None);
        loop {
            let mut head = [0; 9];
            if self.0.read_exact(&mut head).is_err() {
                return (kinds, code);
            }
            let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
            if self.0.read_exact(&mut payload).is_err() {
                return (kinds, code);
            }
            if head[3] == 7 {
                code = Some(u32::from_be_bytes([payload[4], payload[5], payload[6], payload[7]]));
            }
            kinds.push(head[3]);
        }
    }

    /// Reads frames until a stream, or the whole connection, is over; true if the stream came to its own end.
    pub(crate) fn ended(&mut self, stream: u32) -> bool {
        loop {
            let mut head = [0; 9];
            if self.0.read_exact(&mut head).is_err() {
                return false;
            }
            let mut payload = vec![0; usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2])];
            if self.0.read_exact(&mut payload).is_err() {
                return false;
            }
            let is_its = head[5..9] == stream.to_be_bytes();
            let is_last = head[3] == 3 || (head[3] <= 1 && head[4] & 1 == 1);
            if head[3] == 7 || (is_its && is_last) {
                return is_its && head[3] <= 1;
            }
        }
    }
}

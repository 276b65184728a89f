//! One connection: TLS or not, HTTP/1.1 or HTTP/2, until it ends or everything does.

use std::convert::Infallible;
use std::io;
use std::net::IpAddr;
use std::sync::Arc;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;

use super::alarm::Alarm;
use super::pipe::Pipe;
use super::tls::PROOF;
use super::two::Two;
use super::{Answers, Peer, Speaks, Terms};

/// What an HTTP/2 client says first (RFC 9113 §3.4).
const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How connections of a listener are led.
pub(super) struct Life<A> {
    terms: Terms,
    speaks: Speaks,
    one: http1::Builder,
    two: Two,
    answers: Arc<A>,
}

/// Which HTTP a client begins with.
enum Begins {
    One,
    Two,
}

impl<A: Answers> Life<A> {
    pub(super) fn new(terms: Terms, speaks: Speaks, answers: &Arc<A>) -> Arc<Self> {
        let mut one = http1::Builder::new();
        one.header_read_timeout(terms.head_time).max_buf_size(terms.head_bytes.max(8192)).half_close(true);
        // The parser's own hundred needs no memory from the heap.
        if terms.headers != Terms::default().headers {
            one.max_headers(terms.headers);
        }
        Arc::new(Self { terms, speaks, one, two: Two::new(terms), answers: Arc::clone(answers) })
    }

    /// Leads a connection to its end. That a client breaks off is no news.
    pub(super) async fn lead(&self, stream: TcpStream, address: IpAddr, mut ending: watch::Receiver<bool>) {
        let begun = tokio::select! {
            begun = timeout(self.terms.head_time, self.begin(stream)) => begun,
            _ = ending.wait_for(|ending| *ending) => return,
        };
        let Ok(Ok((pipe, begins))) = begun else { return };
        let peer = Peer { address, secure: matches!(self.speaks, Speaks::Tls(_)) };
        match begins {
            Begins::One => self.one(pipe, peer, ending).await,
            Begins::Two => Box::pin(self.two.lead(pipe, peer, &self.answers, ending)).await,
        }
    }

    /// The pipe, and which HTTP comes through it: by ALPN, or by the first letters.
    async fn begin(&self, mut stream: TcpStream) -> io::Result<(Pipe, Begins)> {
        if let Speaks::Tls(acceptor) = &self.speaks {
            let tls = Box::pin(acceptor.accept(stream)).await?;
            let begins = match tls.get_ref().1.alpn_protocol() {
                // A certificate authority has seen what it came for: no HTTP is spoken there.
                Some(PROOF) => return Err(io::ErrorKind::ConnectionAborted.into()),
                Some(b"h2") => Begins::Two,
                _ => Begins::One,
            };
            return Ok((Pipe::tls(tls, self.terms.write_time), begins));
        }
        if matches!(self.speaks, Speaks::Http2) {
            return Ok((Pipe::plain(stream, &[], self.terms.write_time), Begins::Two));
        }
        // `PRI` begins the preface of HTTP/2 and no method. One look mostly tells; only where it does not are letters read, one
        // by one, and put back. Whoever began the preface must send all of it in the same time.
        let mut first = [0; PREFACE.len()];
        let known = stream.peek(&mut first[..3]).await?;
        let mut taken = 0;
        if first[..known] == PREFACE[..known] {
            while taken < PREFACE.len() && first[..taken] == PREFACE[..taken] {
                stream.read_exact(&mut first[taken..=taken]).await?;
                taken += 1;
            }
        }
        let begins = if first == *PREFACE { Begins::Two } else { Begins::One };
        Ok((Pipe::plain(stream, &first[..taken], self.terms.write_time), begins))
    }

    async fn one(&self, pipe: Pipe, peer: Peer, mut ending: watch::Receiver<bool>) {
        let answers = &self.answers;
        let service = service_fn(move |request| {
            let answers = Arc::clone(answers);
            async move { Ok::<_, Infallible>(answers.answer(request, peer).await) }
        });
        let connection = self.one.clone().timer(Alarm::default()).serve_connection(TokioIo::new(pipe), service).with_upgrades();
        tokio::pin!(connection);
        tokio::select! {
            // In this order: no dice are needed for each turn of a connection.
            biased;
            _ = connection.as_mut() => return,
            _ = ending.wait_for(|ending| *ending) => connection.as_mut().graceful_shutdown(),
        }
        let _ = connection.await;
    }
}

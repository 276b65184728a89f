//! The listener: accepts, speaks HTTP/1.1 and HTTP/2, in plain or over TLS, and stops gracefully. The only accept loop there is.
//!
//! Reading order:
//! - [`serve`]: the loop, and the end;
//! - `connection`: which HTTP it is, and one connection's life; `two`: what HTTP/2 may cost;
//! - `pipe`: the bytes; `alarm`: how long a head may take; [`tls`]: certificates; [`redirect`]: a plain listener that sends everybody to the TLS one.

mod alarm;
mod connection;
mod pipe;
pub mod redirect;
pub mod tls;
mod two;

use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use doorward_gateway::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

/// What answers the requests of a listener.
pub trait Answers: Send + Sync + 'static {
    /// Answers one.
    fn answer(&self, request: Request<Incoming>, peer: Peer) -> impl Future<Output = Response<Body>> + Send;
    /// A connection came (+1) or went (-1).
    fn connection(&self, _change: i64) {}
    /// Done when nothing is left that outlives its connection.
    fn ended(&self) -> impl Future<Output = ()> + Send {
        std::future::ready(())
    }
}

/// Which HTTP is spoken at a listener.
#[derive(Clone, Default)]
pub enum Speaks {
    /// Both, in plain: each client's first letters say which.
    #[default]
    Plain,
    /// Both, over TLS: each client's ALPN says which.
    Tls(TlsAcceptor),
    /// HTTP/2 alone, in plain, with another program that knows so: no letters are waited for and put back.
    Http2,
}

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// True if it speaks TLS with us.
    pub secure: bool,
}

/// What a connection may cost.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// How long a head, or a TLS handshake, may take to arrive.
    pub head_time: Duration,
    /// How long a client may refuse to take what is written to it.
    pub write_time: Duration,
    /// The largest head, in bytes.
    pub head_bytes: usize,
    /// The most header lines.
    pub headers: usize,
    /// The most requests at once on one HTTP/2 connection.
    pub streams: u32,
    /// How long requests in flight are waited for at the end.
    pub last_wait: Duration,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            head_time: Duration::from_secs(10),
            write_time: Duration::from_secs(60),
            head_bytes: 64 * 1024,
            headers: 100,
            streams: 100,
            last_wait: Duration::from_secs(8),
        }
    }
}

/// Serves until `stop` is done, then finishes what is in flight, within the terms.
pub async fn serve<A: Answers>(listener: TcpListener, speaks: Speaks, terms: Terms, answers: Arc<A>, stop: impl Future<Output = ()>) {
    let (end, ending) = watch::channel(false);
    let life = connection::Life::new(terms, speaks, &answers);
    be_heard(&listener, terms.write_time);
    tokio::pin!(stop);
    loop {
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors, most likely: wait for some to come back instead of spinning.
                    tracing::warn!(%error, "accept failed");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
            () = &mut stop => break,
        };
        let _ = stream.set_nodelay(true);
        answers.connection(1);
        let (life, answers, ending) = (Arc::clone(&life), Arc::clone(&answers), ending.clone());
        tokio::spawn(async move {
            life.lead(stream, peer.ip(), ending).await;
            answers.connection(-1);
        });
    }
    drop((listener, ending));
    // An error means that nobody is connected: all the sooner is the end.
    let _ = end.send(true);
    let left = async {
        end.closed().await;
        answers.ended().await;
    };
    if tokio::time::timeout(terms.last_wait, left).await.is_err() {
        tracing::warn!(seconds = terms.last_wait.as_secs(), "some requests were still in flight after the last wait and are cut off");
    }
}

/// Has the kernel end connections whose client acknowledges nothing, or makes no room for more, for so long. It keeps megabytes for each,
/// so that a client who has stopped reading a stream of small pieces would not be noticed by writing for hours. Accepted connections have
/// this from their listener.
fn be_heard(listener: &TcpListener, most: Duration) {
    #[cfg(target_os = "linux")]
    if let Err(error) = socket2::SockRef::from(listener).set_tcp_user_timeout(Some(most)) {
        tracing::warn!(%error, "clients that take nothing are noticed late");
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (listener, most);
}

impl Answers for crate::reception::Reception {
    fn answer(&self, request: Request<Incoming>, peer: Peer) -> impl Future<Output = Response<Body>> + Send {
        Self::answer(self, request, peer)
    }

    fn connection(&self, change: i64) {
        self.count_connection(change);
    }

    fn ended(&self) -> impl Future<Output = ()> + Send {
        self.tunnels_closed()
    }
}

//! Connections that become something else (WebSocket): asked of the upstream, and only its 101 makes them so.

use std::any::Any;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use doorward_core::refusal::Fault;
use doorward_web::Head;
use http::Response;
use http::header::{CONNECTION, HeaderMap, HeaderValue, SEC_WEBSOCKET_ACCEPT, UPGRADE};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

/// How long the two ends may take to become something else, after 101.
const TURN: Duration = Duration::from_secs(10);

/// What a client asked its connection to become.
#[derive(Clone)]
pub(super) struct Wish {
    protocol: HeaderValue,
    client: OnUpgrade,
    accept: Option<Accept>,
    kept: Option<Kept>,
}

/// What an upstream must say to a WebSocket's key that was made here, among a request's extensions: a client of HTTP/2 sends
/// none and sees no answer to it (RFC 8441 §5).
#[derive(Clone, Debug)]
pub struct Accept(pub HeaderValue);

/// Something that lasts as long as what a request has become, among its extensions: by it a connection of many requests knows
/// that one of them is still there.
#[derive(Clone)]
pub struct Kept(pub Arc<dyn Any + Send + Sync>);

/// The wish of a request, if it is one that we pass on: one protocol, asked by GET, and not HTTP/2 in plain, through which
/// requests would come that nobody judges. Any other wish is not heard, and the request is an ordinary one.
pub(super) fn wish(head: &Head) -> Option<Wish> {
    let mut asked = head.headers.get_all(UPGRADE).iter();
    let (Some(protocol), None) = (asked.next(), asked.next()) else { return None };
    let named = head.headers.get_all(CONNECTION).iter().filter_map(|v| v.to_str().ok()).flat_map(|v| v.split(','));
    let named = named.into_iter().any(|name| name.trim().eq_ignore_ascii_case("upgrade"));
    let text = protocol.to_str().ok()?.trim();
    let name = text.split('/').next().unwrap_or(text);
    let is_token = !name.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b',');
    let is_http = ["h2c", "h2", "http", "tls"].iter().any(|own| name.eq_ignore_ascii_case(own));
    if !named || !is_token || is_http || head.method != http::Method::GET {
        return None;
    }
    let client = head.extensions.get::<OnUpgrade>()?.clone();
    let (accept, kept) = (head.extensions.get::<Accept>().cloned(), head.extensions.get::<Kept>().cloned());
    Some(Wish { protocol: protocol.clone(), client, accept, kept })
}

impl Wish {
    /// Writes it into the request.
    pub(super) fn ask(&self, headers: &mut HeaderMap) {
        headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(UPGRADE, self.protocol.clone());
    }

    /// True if the upstream's 101 is to what was asked.
    pub(super) fn is_granted(&self, answer: &HeaderMap) -> bool {
        if self.accept.as_ref().is_some_and(|Accept(accept)| answer.get(SEC_WEBSOCKET_ACCEPT) != Some(accept)) {
            return false;
        }
        let mut granted = answer.get_all(UPGRADE).iter();
        match (granted.next(), granted.next()) {
            (Some(one), None) => one.as_bytes().eq_ignore_ascii_case(self.protocol.as_bytes()),
            (_, _) => false,
        }
    }

    /// Joins the two ends once both have turned. Ends when either end is gone or both were silent for `idle`.
    pub(super) fn join(self, answer: &mut Response<Incoming>, idle: Duration, tunnels: &Tunnels, held: impl Send + 'static) {
        let upstream = hyper::upgrade::on(answer);
        let open = tunnels.open();
        tokio::spawn(async move {
            let (_open, _held, _kept) = (open, held, self.kept);
            let both = async { tokio::join!(self.client, upstream) };
            let Ok((Ok(client), Ok(upstream))) = tokio::time::timeout(TURN, both).await else { return };
            let moved = Arc::new(AtomicU64::new(0));
            let mut client = Counted { inner: TokioIo::new(client), moved: Arc::clone(&moved) };
            let mut upstream = Counted { inner: TokioIo::new(upstream), moved: Arc::clone(&moved) };
            tokio::select! {
                // That one end broke off is no news.
                _ = tokio::io::copy_bidirectional(&mut client, &mut upstream) => {}
                () = silence(&moved, idle) => {}
            }
        });
    }
}

async fn silence(moved: &AtomicU64, idle: Duration) {
    let mut seen = 0;
    loop {
        tokio::time::sleep(idle).await;
        let now = moved.load(Ordering::Relaxed);
        if now == seen {
            return;
        }
        seen = now;
    }
}

/// The connections that became something else: at the end they are waited for.
pub(super) struct Tunnels(watch::Sender<usize>);

impl Default for Tunnels {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

struct Open(watch::Sender<usize>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Tunnels {
    fn open(&self) -> impl Send + 'static {
        self.0.send_modify(|count| *count += 1);
        Open(self.0.clone())
    }

    /// Done when none is left.
    pub(super) fn closed(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut count = self.0.subscribe();
        async move {
            // An error would mean that the proxy is gone, and all of them with it.
            let _ = count.wait_for(|count| *count == 0).await;
        }
    }
}

/// The fault of a 101 that nobody asked for.
pub(super) fn unasked() -> Fault {
    Fault::new("the upstream answered 101 to what was no such question")
}

struct Counted<T> {
    inner: T,
    moved: Arc<AtomicU64>,
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.inner).poll_read(cx, buf);
        if done.is_ready() {
            self.moved.fetch_add(1, Ordering::Relaxed);
        }
        done
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

//! HTTP/2: what one connection may cost, and its end when nothing moves on it any more.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use doorward_gateway::Body;
use doorward_gateway::proxy::Trouble;
use doorward_gateway::proxy::upgrade::Kept;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::sync::watch;
use tokio::time::Instant;

use super::pipe::Pipe;
use super::{Answers, Peer, Terms};

/// Streams that a client reset and we have not yet looked at (CVE-2023-44487).
const RESETS_BY_CLIENT: usize = 20;
/// Streams that a client made us reset (CVE-2025-8671), over the life of a connection.
const RESETS_BY_US: usize = 64;
/// How often a silent client is asked whether it is there, and how long it may take to say so.
const PING: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));
/// How often a connection is looked at.
const LOOK: Duration = Duration::from_secs(30);
/// Looks at an idle connection before it is told to go, and at one whose answers nobody takes before it is cut.
const IDLE_LOOKS: u32 = 2;
const STUCK_LOOKS: u32 = 12;

/// How HTTP/2 is spoken.
pub(super) struct Two {
    builder: http2::Builder<TokioExecutor>,
    headers: usize,
}

/// What moves on a connection.
#[derive(Default)]
struct Pulse {
    /// Requests whose answer's head is not there yet.
    serving: AtomicUsize,
    /// Answers whose body has not ended.
    answering: AtomicUsize,
    moved: AtomicU64,
}

impl Two {
    pub(super) fn new(terms: Terms) -> Self {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .max_concurrent_streams(terms.streams)
            .max_header_list_size(u32::try_from(terms.head_bytes).unwrap_or(u32::MAX))
            .max_pending_accept_reset_streams(RESETS_BY_CLIENT)
            .max_local_error_reset_streams(RESETS_BY_US)
            .initial_connection_window_size(1024 * 1024)
            .initial_stream_window_size(256 * 1024)
            .max_send_buf_size(256 * 1024)
            .enable_connect_protocol()
            .keep_alive_interval(PING.0)
            .keep_alive_timeout(PING.1);
        Self { builder, headers: terms.headers }
    }

    pub(super) async fn lead<A: Answers>(&self, pipe: Pipe, peer: Peer, answers: &Arc<A>, mut ending: watch::Receiver<bool>) {
        let pulse = Arc::new(Pulse::default());
        let headers = self.headers;
        let service = {
            let (answers, pulse) = (Arc::clone(answers), Arc::clone(&pulse));
            service_fn(move |mut request: Request<Incoming>| {
                if request.method() == Method::CONNECT {
                    // What it may become is a sign of life until its end.
                    request.extensions_mut().insert(Kept(Arc::new(Serving::new(&pulse))));
                }
                let (answers, serving) = (Arc::clone(&answers), Serving::new(&pulse));
                async move {
                    // HTTP/1.1's parser counts its lines itself.
                    if request.headers().len() > headers {
                        return Ok(too_many());
                    }
                    let answer = answers.answer(request, peer).await;
                    Ok::<_, Infallible>(answer.map(|inner| Watched::new(inner, &serving.0).boxed()))
                }
            })
        };
        let connection = self.builder.serve_connection(TokioIo::new(pipe), service);
        tokio::pin!(connection);
        let mut looks = tokio::time::interval_at(Instant::now() + LOOK, LOOK);
        let (mut seen, mut quiet, mut told) = (0, 0, false);
        loop {
            tokio::select! {
                _ = connection.as_mut() => return,
                _ = ending.wait_for(|ending| *ending), if !told => {
                    told = true;
                    connection.as_mut().graceful_shutdown();
                }
                _ = looks.tick() => {
                    let now = pulse.moved.load(Ordering::Relaxed);
                    quiet = if now == seen && pulse.serving.load(Ordering::Relaxed) == 0 { quiet + 1 } else { 0 };
                    seen = now;
                    let idle = pulse.answering.load(Ordering::Relaxed) == 0;
                    if quiet >= STUCK_LOOKS || (idle && quiet > IDLE_LOOKS) {
                        return;
                    }
                    if idle && quiet == IDLE_LOOKS && !told {
                        told = true;
                        connection.as_mut().graceful_shutdown();
                    }
                }
            }
        }
    }
}

fn too_many() -> Response<Body> {
    let mut answer = Response::new(doorward_gateway::proxy::whole(Bytes::new()));
    *answer.status_mut() = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
    answer
}

/// A request that is being answered.
struct Serving(Arc<Pulse>);

impl Serving {
    fn new(pulse: &Arc<Pulse>) -> Self {
        pulse.serving.fetch_add(1, Ordering::Relaxed);
        pulse.moved.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(pulse))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.serving.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer's body, whose pieces are a sign of life.
struct Watched {
    inner: Body,
    pulse: Arc<Pulse>,
}

impl Watched {
    fn new(inner: Body, pulse: &Arc<Pulse>) -> Self {
        pulse.answering.fetch_add(1, Ordering::Relaxed);
        Self { inner, pulse: Arc::clone(pulse) }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.pulse.answering.fetch_sub(1, Ordering::Relaxed);
    }
}

impl hyper::body::Body for Watched {
    type Data = Bytes;
    type Error = Trouble;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        if polled.is_ready() {
            self.pulse.moved.fetch_add(1, Ordering::Relaxed);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

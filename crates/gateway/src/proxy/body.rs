//! Bodies on their way: counted, timed, their trailers looked at.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use http::header::{HeaderMap, HeaderName};
use hyper::body::{Body as _, Frame, Incoming, SizeHint};
use tokio::time::{Instant, Sleep, sleep};

use super::Trouble;
use super::group::Busy;
use super::target::Single;
use crate::identity;

/// A silence that was too long, within a body.
struct Silence {
    most: Duration,
    clock: Option<Pin<Box<Sleep>>>,
    running: bool,
}

impl Silence {
    fn new(most: Duration) -> Self {
        Self { most, clock: None, running: false }
    }

    fn broken(&mut self) {
        self.running = false;
    }

    /// True if it has lasted too long.
    fn lasts(&mut self, cx: &mut Context<'_>) -> bool {
        let clock = self.clock.get_or_insert_with(|| Box::pin(sleep(self.most)));
        if !self.running {
            clock.as_mut().reset(Instant::now() + self.most);
            self.running = true;
        }
        clock.as_mut().poll(cx).is_ready()
    }
}

/// How a request's body is doing, seen from outside: why it ended badly, and whether it still moves.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    wrong: AtomicU8,
    pieces: AtomicU32,
    waiting: AtomicBool,
}

impl Gauge {
    /// How many pieces passed.
    pub(super) fn pieces(&self) -> u32 {
        self.pieces.load(Ordering::Relaxed)
    }

    /// True if the upstream would take more of it than the client has sent.
    pub(super) fn is_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed)
    }

    /// True if what just ended is the client's doing, or an upstream's that was kept waiting by it.
    pub(super) fn is_the_clients(&self) -> bool {
        self.is_waiting() || self.refusal().is_some()
    }

    /// What the client did wrong, if it did.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self.wrong.load(Ordering::Acquire) {
            TOO_LARGE => Some(Refusal::BodyTooLarge),
            TOO_SLOW => Some(Refusal::BodyTooSlow),
            BROKEN_OFF => Some(Refusal::MalformedBody),
            _ => None,
        }
    }
}

const TOO_LARGE: u8 = 1;
const TOO_SLOW: u8 = 2;
const BROKEN_OFF: u8 = 3;

/// A request's body: what the client sends, as long as it sends, up to the limit.
pub(super) struct Asked<B> {
    inner: B,
    gauge: Arc<Gauge>,
    silence: Silence,
    left: Option<u64>,
    /// Names that `Trailer` announced.
    announced: Vec<HeaderName>,
}

impl<B> Asked<B> {
    pub(super) fn new(inner: B, gauge: Arc<Gauge>, idle: Duration, most: u64, announced: Vec<HeaderName>) -> Self {
        Self { inner, gauge, silence: Silence::new(idle), left: (most > 0).then_some(most), announced }
    }

    fn stop(&self, wrong: u8, what: &'static str) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        self.gauge.wrong.store(wrong, Ordering::Release);
        Poll::Ready(Some(Err(what.into())))
    }
}

impl<B: hyper::body::Body<Data = Bytes> + Unpin> hyper::body::Body for Asked<B> {
    type Data = Bytes;
    type Error = Trouble;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(cx);
        self.gauge.waiting.store(polled.is_pending(), Ordering::Relaxed);
        match polled {
            Poll::Ready(Some(Ok(frame))) => {
                self.silence.broken();
                self.gauge.pieces.fetch_add(1, Ordering::Relaxed);
                if !spend(&mut self.left, &frame) {
                    return self.stop(TOO_LARGE, "the request's body is too long");
                }
                let announced = &self.announced;
                Poll::Ready(Some(Ok(cleaned(frame, |name| announced.contains(name)))))
            }
            Poll::Ready(Some(Err(_))) => self.stop(BROKEN_OFF, "the client broke off"),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending if self.silence.lasts(cx) => self.stop(TOO_SLOW, "the client fell silent"),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body. What goes wrong in it breaks the client's connection: half an answer must not look like a whole one.
pub(super) struct Answered {
    inner: Incoming,
    silence: Silence,
    left: Option<u64>,
    /// The connection, kept for the next request once this answer has ended.
    line: Option<Single>,
    busy: Busy,
    /// How the request's body is doing, which may still be on its way.
    gauge: Arc<Gauge>,
}

impl Answered {
    pub(super) fn new(inner: Incoming, idle: Duration, most: u64, line: Option<Single>, (busy, gauge): (Busy, Arc<Gauge>)) -> Self {
        let mut new = Self { inner, silence: Silence::new(idle), left: (most > 0).then_some(most), line, busy, gauge };
        if new.inner.is_end_stream() {
            new.ended();
        }
        new
    }

    fn ended(&mut self) {
        if let Some(line) = self.line.take() {
            self.busy.0.keep(line);
        }
    }

    fn stop(&mut self, what: Trouble) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        self.line = None;
        // An upstream cannot go on with a request that its client breaks off: nobody's trouble but the client's.
        if self.gauge.refusal().is_none() {
            tracing::warn!(upstream = %self.busy.0.address, error = %what, "an answer was broken off");
        }
        Poll::Ready(Some(Err(what)))
    }
}

impl hyper::body::Body for Answered {
    type Data = Bytes;
    type Error = Trouble;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Trouble>>> {
        match Pin::new(&mut self.inner).poll_frame(cx) {
            Poll::Ready(Some(Ok(frame))) => {
                self.silence.broken();
                if !spend(&mut self.left, &frame) {
                    return self.stop("the answer is longer than proxy.answer_bytes".into());
                }
                if self.inner.is_end_stream() {
                    self.ended();
                }
                Poll::Ready(Some(Ok(cleaned(frame, |_| true))))
            }
            Poll::Ready(Some(Err(error))) => self.stop(error.into()),
            Poll::Ready(None) => {
                self.ended();
                Poll::Ready(None)
            }
            Poll::Pending if self.silence.lasts(cx) => self.stop("the upstream fell silent".into()),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// Takes a piece from what may still pass; false if it is more.
fn spend(left: &mut Option<u64>, frame: &Frame<Bytes>) -> bool {
    let (Some(left), Some(data)) = (left, frame.data_ref()) else { return true };
    match left.checked_sub(u64::try_from(data.len()).unwrap_or(u64::MAX)) {
        Some(rest) => {
            *left = rest;
            true
        }
        None => false,
    }
}

/// A piece as it may pass: trailers without what belongs into a head or is ours alone to say.
fn cleaned(frame: Frame<Bytes>, passes: impl Fn(&HeaderName) -> bool) -> Frame<Bytes> {
    if frame.is_data() {
        return frame;
    }
    match frame.into_trailers() {
        Ok(mut trailers) => {
            let gone: Vec<HeaderName> = trailers.keys().filter(|name| !passes(name) || !may_trail(name)).cloned().collect();
            for name in gone {
                trailers.remove(name);
            }
            identity::strip(&mut trailers);
            Frame::trailers(trailers)
        }
        Err(frame) => frame,
    }
}

/// False for fields that frame, route, authenticate or describe a message (RFC 9110 §6.5.1): some readers merge trailers
/// into the head, after it was judged.
fn may_trail(name: &HeaderName) -> bool {
    const NEVER: [&str; 24] = [
        "age",
        "authorization",
        "cache-control",
        "content-encoding",
        "content-length",
        "content-range",
        "content-type",
        "cookie",
        "date",
        "expect",
        "expires",
        "host",
        "location",
        "max-forwards",
        "origin",
        "pragma",
        "proxy-authenticate",
        "range",
        "retry-after",
        "set-cookie",
        "strict-transport-security",
        "vary",
        "warning",
        "www-authenticate",
    ];
    let name = name.as_str();
    !NEVER.iter().any(|never| identity::folds_to(name, never)) && !identity::is_a_proxys(name) && !name.starts_with("if-")
}

/// The names that a `Trailer` header announces and that may pass.
pub(super) fn announced(headers: &HeaderMap) -> Vec<HeaderName> {
    let lists = headers.get_all(http::header::TRAILER).iter().filter_map(|v| v.to_str().ok());
    let names = lists.flat_map(|list| list.split(',')).filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok());
    names.filter(may_trail).filter(|name| !identity::is_kept_back(name.as_str())).collect()
}

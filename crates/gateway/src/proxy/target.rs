//! One upstream: the connections to it that are kept, how busy it is, and whether it is well.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use doorward_core::refusal::Fault;
use futures_util::FutureExt;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use parking_lot::Mutex;
use tokio::time::Instant;

use super::Body;
use super::address::{Address, Scheme};
use super::wire::{Dialer, Missed};

/// How long a connection that nobody uses is kept.
const KEPT: Duration = Duration::from_secs(60);
/// How many of them.
const KEPT_MOST: usize = 256;

/// One upstream.
pub(super) struct Target {
    pub(super) address: Address,
    head_bytes: usize,
    idle: Mutex<Vec<(Single, Instant)>>,
    shared: tokio::sync::Mutex<Option<http2::SendRequest<Body>>>,
    /// What a TLS handshake chose last: HTTP/2 connections are shared, so only one is made at a time.
    two: AtomicBool,
    /// Requests in flight.
    pub(super) busy: AtomicUsize,
    /// Failures in a row, and until when it is out: the first stay as long as the second lasts.
    pub(super) failures: AtomicU64,
    pub(super) out: Mutex<Option<Instant>>,
    /// Said by the health check.
    pub(super) sick: AtomicBool,
    /// True while the health check asks it.
    pub(super) looked_at: AtomicBool,
}

/// An HTTP/1.1 connection: one request at a time.
pub(super) struct Single {
    sender: http1::SendRequest<Body>,
    heard: Arc<AtomicU64>,
}

/// A connection for one request.
pub(super) enum Line {
    Single { line: Single, reused: bool },
    Shared { line: http2::SendRequest<Body>, reused: bool },
}

impl Target {
    pub(super) fn new(address: Address, head_bytes: usize) -> Self {
        Self {
            two: AtomicBool::new(address.scheme == Scheme::H2c),
            address,
            head_bytes,
            idle: Mutex::default(),
            shared: tokio::sync::Mutex::default(),
            busy: AtomicUsize::new(0),
            failures: AtomicU64::new(0),
            out: Mutex::default(),
            sick: AtomicBool::new(false),
            looked_at: AtomicBool::new(false),
        }
    }

    /// A connection: one that is kept, unless it must be `fresh`, else a new one. An upgrade needs one of its own.
    pub(super) async fn line(&self, dialer: &Dialer, fresh: bool, upgrade: bool) -> Result<Line, Missed> {
        if !fresh && let Some(line) = self.kept() {
            return Ok(Line::Single { line, reused: true });
        }
        if upgrade || !self.two.load(Ordering::Relaxed) {
            let line = self.dial(dialer, upgrade).await?;
            // The first time that the other side chose HTTP/2.
            if let Line::Shared { line, .. } = &line
                && let Ok(mut shared) = self.shared.try_lock()
            {
                *shared = Some(line.clone());
            }
            return Ok(line);
        }
        // Whoever waits while another connects waits no longer than for a connection of its own.
        let Ok(mut shared) = tokio::time::timeout(dialer.time, self.shared.lock()).await else {
            let fault = Fault::new(format_args!("the upstream {} cannot be reached: nobody could connect in time", self.address));
            return Err(Missed { fault, is_ours: false });
        };
        if !fresh && let Some(line) = shared.as_ref().filter(|line| !line.is_closed()) {
            return Ok(Line::Shared { line: line.clone(), reused: true });
        }
        let line = self.dial(dialer, upgrade).await?;
        if let Line::Shared { line, .. } = &line {
            *shared = Some(line.clone());
        }
        Ok(line)
    }

    async fn dial(&self, dialer: &Dialer, upgrade: bool) -> Result<Line, Missed> {
        let (wire, two) = dialer.dial(&self.address, upgrade).await?;
        if !upgrade {
            self.two.store(two, Ordering::Relaxed);
        }
        let heard = Arc::clone(&wire.heard);
        let broken = |e: hyper::Error| {
            let fault = Fault::new(format_args!("the upstream {} cannot be spoken to: {}", self.address, super::story(&e)));
            Missed { fault, is_ours: false }
        };
        if two {
            let mut hands = http2::Builder::new(TokioExecutor::new());
            let list = u32::try_from(self.head_bytes).unwrap_or(u32::MAX);
            hands
                .timer(TokioTimer::new())
                .max_header_list_size(list)
                .keep_alive_interval(Duration::from_secs(20))
                .keep_alive_timeout(Duration::from_secs(10));
            let (line, connection) = hands.handshake(TokioIo::new(wire)).await.map_err(broken)?;
            // Its end is noticed by whoever uses it next.
            tokio::spawn(connection);
            return Ok(Line::Shared { line, reused: false });
        }
        let mut hands = http1::Builder::new();
        hands.max_buf_size(self.head_bytes.max(8192));
        let (sender, connection) = hands.handshake(TokioIo::new(wire)).await.map_err(broken)?;
        tokio::spawn(connection.with_upgrades());
        Ok(Line::Single { line: Single { sender, heard }, reused: false })
    }

    /// The connection that was used last and is ready: what was put back is sometimes still sending the rest of a request
    /// that was answered early, or was closed by the other side.
    fn kept(&self) -> Option<Single> {
        let mut idle = self.idle.lock();
        for at in (0..idle.len()).rev() {
            let sender = &mut idle[at].0.sender;
            if sender.is_closed() {
                idle.remove(at);
            } else if sender.is_ready() || matches!(sender.ready().now_or_never(), Some(Ok(()))) {
                return Some(idle.remove(at).0);
            }
        }
        None
    }

    /// Takes a connection back.
    pub(super) fn keep(&self, line: Single) {
        if line.sender.is_closed() {
            return;
        }
        let mut idle = self.idle.lock();
        if idle.len() < KEPT_MOST {
            idle.push((line, Instant::now()));
        }
    }

    /// Lets go of what nobody used for a minute.
    pub(super) fn tidy(&self) {
        self.idle.lock().retain(|(line, since)| since.elapsed() < KEPT && !line.sender.is_closed());
    }

    /// It answered: also one that was out, and was asked because there was no other, is in again.
    pub(super) fn worked(&self) {
        // Read first: a write would move the line between the cores for each request.
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
            *self.out.lock() = None;
        }
    }

    /// It did not: after `most` times in a row it is out for a while. What is out already does not stay out longer for it.
    pub(super) fn failed(&self, most: u32, while_out: Duration, fault: &Fault) {
        let mut out = self.out.lock();
        if out.is_some_and(|until| until > Instant::now()) {
            return;
        }
        let so_far = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if so_far >= u64::from(most) {
            *out = Some(Instant::now() + while_out);
            tracing::warn!(upstream = %self.address, %fault, seconds = while_out.as_secs(), "an upstream failed too often: it is left out for a while");
        }
    }

    /// True if it may be asked: not known to be sick, and not out.
    pub(super) fn is_well(&self) -> bool {
        if self.sick.load(Ordering::Relaxed) {
            return false;
        }
        let mut out = self.out.lock();
        match *out {
            Some(until) if until > Instant::now() => false,
            Some(_) => {
                *out = None;
                self.failures.store(0, Ordering::Relaxed);
                true
            }
            None => true,
        }
    }
}

impl Line {
    /// True if it served another request before.
    pub(super) fn was_reused(&self) -> bool {
        match self {
            Self::Single { reused, .. } | Self::Shared { reused, .. } => *reused,
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        matches!(self, Self::Shared { .. })
    }

    /// Bytes heard on it so far. A shared one hears of other requests too: there, that no head came is all that is known.
    pub(super) fn heard(&self) -> u64 {
        match self {
            Self::Single { line, .. } => line.heard.load(Ordering::Relaxed),
            Self::Shared { .. } => 0,
        }
    }

    /// Sends. An error gives the request back if none of it was written.
    pub(super) async fn send(&mut self, request: Request<Body>) -> Result<Response<Incoming>, TrySendError<Request<Body>>> {
        match self {
            Self::Single { line, .. } => line.sender.try_send_request(request).await,
            Self::Shared { line, .. } => line.try_send_request(request).await,
        }
    }

    /// The connection, to be kept when the answer has ended; a shared one is kept already.
    pub(super) fn into_single(self) -> Option<Single> {
        match self {
            Self::Single { line, .. } => Some(line),
            Self::Shared { .. } => None,
        }
    }
}

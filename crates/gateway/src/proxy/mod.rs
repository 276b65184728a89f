//! The way to the upstream and back: streamed both ways, on connections that are kept, asked twice only where that is safe.
//!
//! Reading order:
//! - [`terms`]: what the operator chose; [`address`]: what an upstream is;
//! - `group`: which upstream is asked; `target`: one of them and its connections; `wire`: one connection;
//! - [`Proxy::pass`] here: one request; `request`: what is sent; `answer`: what comes back; `body`: the bodies' limits;
//! - `via`: how far a request has come; `upgrade`: WebSocket and its like; `health`: the rounds; `repeat`: what may be asked twice.

pub mod address;
mod answer;
mod body;
mod forwarded;
mod group;
mod health;
mod repeat;
mod request;
mod target;
pub mod terms;
pub mod upgrade;
mod via;
mod wire;

use std::collections::HashMap;
use std::future::Future;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_web::Head;
use http::header::HeaderMap;
use http::{Request, Response, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::{Body as _, Incoming};
use parking_lot::RwLock;

use crate::guise::Scanned;
use body::Gauge;
use group::{Busy, Group};
use target::Target;
use terms::Terms;
use upgrade::{Tunnels, Wish};
use wire::{Dialer, Missed};

/// What went wrong in a body.
pub type Trouble = Box<dyn std::error::Error + Send + Sync>;

/// A body on its way: whole, or streamed.
pub type Body = BoxBody<Bytes, Trouble>;

/// The ways to all upstreams.
pub struct Proxy {
    terms: Terms,
    groups: RwLock<HashMap<Box<str>, Arc<Group>>>,
    dialer: Dialer,
    tunnels: Tunnels,
    /// What our names in `Via` are counted from, and how many there were.
    instance: u64,
    made: AtomicU64,
}

/// A request that may pass.
pub struct Passage<'a> {
    /// The site's upstreams: base URLs with a blank between.
    pub upstreams: &'a str,
    /// Its head.
    pub head: &'a Head,
    /// The client's address.
    pub client: IpAddr,
    /// True if the client speaks TLS.
    pub secure: bool,
    /// Writes the identity headers, after every copy of them was removed.
    pub tell: &'a (dyn Fn(&mut HeaderMap) + Send + Sync),
}

/// A request's body.
pub enum Load {
    /// Read already.
    Whole(Bytes),
    /// Still with the client.
    Stream(Incoming),
    /// Begun to be read, and looked through on its way.
    Scanned(Scanned),
}

/// A body that is there already.
#[must_use]
pub fn whole(bytes: Bytes) -> Body {
    // Nothing takes no memory.
    if bytes.is_empty() {
        return Empty::new().map_err(|never| match never {}).boxed();
    }
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

/// A body of our own that comes in pieces.
pub fn streamed(pieces: impl futures_util::Stream<Item = Bytes> + Send + Sync + 'static) -> Body {
    use futures_util::StreamExt;
    let frames = pieces.map(|piece| Ok::<_, std::convert::Infallible>(hyper::body::Frame::data(piece)));
    BodyExt::boxed(http_body_util::StreamBody::new(frames).map_err(|never| match never {}))
}

impl Default for Proxy {
    fn default() -> Self {
        Self::new(Terms::default(), 0)
    }
}

/// What one try came to.
enum Tried {
    Answer(Response<Body>),
    /// It failed; true if nothing was sent, or nothing heard of what may be asked twice.
    Failed(Fault, bool),
}

impl Proxy {
    /// Ways on these terms. By the number, drawn at random, a running server knows requests that it has passed on itself.
    #[must_use]
    pub fn new(terms: Terms, instance: u64) -> Self {
        let dialer = Dialer::new(terms.connect, terms.tls.clone());
        Self { terms, groups: RwLock::default(), dialer, tunnels: Tunnels::default(), instance, made: AtomicU64::new(0) }
    }

    /// Done when no upgraded connection is left.
    pub fn tunnels_closed(&self) -> impl Future<Output = ()> + Send + use<> {
        self.tunnels.closed()
    }

    /// Passes a request on and returns the upstream's answer, its body streamed.
    ///
    /// # Errors
    /// A refusal if the client's body is too large, too slow or broken off, or the request has been here before; a fault if no
    /// upstream can be reached, or none answers in time and in HTTP.
    pub async fn pass(&self, passage: Passage<'_>, load: Load) -> Result<Response<Body>, No> {
        let group = self.group(passage.upstreams)?;
        if group.pseudonym.has_signed(&passage.head.headers) {
            return Err(Refusal::LoopDetected.into());
        }
        if via::hops(passage.head) == Some(0) {
            return Ok(via::here(&passage.head.method));
        }
        let gauge = Arc::new(Gauge::default());
        let mut load = Some(self.load(&passage, load, &gauge)?);
        let wish = upgrade::wish(passage.head).filter(|_| matches!(load, Some(Ready::Whole(ref bytes)) if bytes.is_empty()));
        let mut tried: Vec<Arc<Target>> = Vec::new();
        let mut repeats = 1;
        let mut last = None;
        loop {
            let Some(busy) = group.pick(self.terms.balance, &tried) else {
                return Err(last.unwrap_or_else(|| Fault::new("no upstream of the site is well")).into());
            };
            let target = Arc::clone(&busy.0);
            let fault = match self.attempt(&passage, &group, busy, wish.as_ref(), &mut load, &gauge, &mut repeats).await {
                Tried::Answer(answer) => return Ok(answer),
                Tried::Failed(fault, again) => {
                    if let Some(refusal) = gauge.refusal() {
                        return Err(refusal.into());
                    }
                    if !again {
                        return Err(fault.into());
                    }
                    fault
                }
            };
            last = Some(fault);
            tried.push(target);
        }
    }

    /// The body as it may be sent, if its announced length is within the limit.
    fn load(&self, passage: &Passage<'_>, load: Load, gauge: &Arc<Gauge>) -> Result<Ready, Refusal> {
        match load {
            Load::Whole(bytes) => Ok(Ready::Whole(bytes)),
            Load::Stream(stream) if stream.is_end_stream() => Ok(Ready::Whole(Bytes::new())),
            Load::Stream(stream) => self.stream(passage, stream, gauge),
            Load::Scanned(scanned) => self.stream(passage, scanned, gauge),
        }
    }

    fn stream<B>(&self, passage: &Passage<'_>, stream: B, gauge: &Arc<Gauge>) -> Result<Ready, Refusal>
    where
        B: hyper::body::Body<Data = Bytes> + Send + Sync + Unpin + 'static,
    {
        let most = self.terms.request_bytes;
        if most > 0 && stream.size_hint().lower() > most {
            return Err(Refusal::BodyTooLarge);
        }
        let announced = body::announced(&passage.head.headers);
        Ok(Ready::Stream(body::Asked::new(stream, Arc::clone(gauge), self.terms.request_idle, most, announced).boxed()))
    }

    /// Asks one upstream: on a kept connection first, on a new one if that was closed before it took anything.
    #[expect(clippy::too_many_arguments, reason = "what one request has at hand; a struct for one caller would only rename it")]
    async fn attempt(
        &self,
        passage: &Passage<'_>,
        group: &Group,
        busy: Busy,
        wish: Option<&Wish>,
        load: &mut Option<Ready>,
        gauge: &Arc<Gauge>,
        repeats: &mut u32,
    ) -> Tried {
        let target = Arc::clone(&busy.0);
        // What a client breaks off or leaves us waiting for says nothing about the upstream: nobody can put one out by that.
        let failed = |fault: Fault, again| {
            if group.has_others() && !gauge.is_the_clients() {
                target.failed(self.terms.failures, self.terms.out, &fault);
            }
            Tried::Failed(fault, again)
        };
        let mut fresh = false;
        let mut unsent: Option<Request<Body>> = None;
        loop {
            let mut line = match target.line(&self.dialer, fresh, wish.is_some()).await {
                Ok(line) => line,
                Err(Missed { fault, is_ours }) => {
                    if let Some(request) = unsent {
                        *load = Some(Ready::Stream(request.into_body()));
                    }
                    let again = load.is_some();
                    return if is_ours { Tried::Failed(fault, again) } else { failed(fault, again) };
                }
            };
            let request = match unsent.take() {
                // The same words on another connection: the kept and the new speak the same protocol, or it is written anew.
                Some(request) if line.is_shared() == (request.version() == Version::HTTP_2) => request,
                Some(request) => match self.request(passage, (group, &target), &line, wish, request.into_body()) {
                    Ok(request) => request,
                    Err(fault) => return Tried::Failed(fault, false),
                },
                None => {
                    let Some(body) = take(load, passage.head) else { return Tried::Failed(Fault::new("the body was sent already"), false) };
                    match self.request(passage, (group, &target), &line, wish, body) {
                        Ok(request) => request,
                        Err(fault) => return Tried::Failed(fault, false),
                    }
                }
            };
            let heard = line.heard();
            let mut error = match self.in_time(line.send(request), gauge).await {
                Some(Ok(answer)) => {
                    target.worked();
                    return match self.answer(answer, line, (busy, Arc::clone(gauge)), wish) {
                        Ok(answer) => Tried::Answer(answer),
                        Err(fault) => Tried::Failed(fault, false),
                    };
                }
                Some(Err(error)) => error,
                None => return failed(Fault::new(format_args!("the upstream {} did not answer in time", target.address)), false),
            };
            let message = error.take_message();
            let story = Fault::new(format_args!("the upstream {} broke off: {}", target.address, story(error.error())));
            if let Some(request) = message {
                if line.was_reused() {
                    fresh = true;
                    unsent = Some(request);
                    continue;
                }
                *load = Some(Ready::Stream(request.into_body()));
                return failed(story, true);
            }
            // Something was sent. Asked again only if that does no harm, nothing was heard, and once.
            let again = load.is_some() && *repeats > 0 && line.heard() == heard && !is_nonsense(error.error());
            if !again {
                return failed(story, false);
            }
            *repeats -= 1;
            if !line.was_reused() && group.has_others() {
                return failed(story, true);
            }
            fresh = true;
        }
    }

    /// Waits for the head. The clock starts anew as long as the request's body still moves, or it is the client that is waited
    /// for, which has a clock of its own; `None` = too late.
    async fn in_time<T>(&self, sent: impl Future<Output = T>, gauge: &Gauge) -> Option<T> {
        tokio::pin!(sent);
        let mut seen = 0;
        loop {
            if let Ok(done) = tokio::time::timeout(self.terms.head, &mut sent).await {
                return Some(done);
            }
            let now = gauge.pieces();
            if now == seen && !gauge.is_waiting() {
                return None;
            }
            seen = now;
        }
    }

    fn group(&self, urls: &str) -> Result<Arc<Group>, Fault> {
        if let Some(group) = self.groups.read().get(urls) {
            health::touch(&group.used);
            return Ok(Arc::clone(group));
        }
        let mut groups = self.groups.write();
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let group = Arc::new(Group::new(urls, &self.terms, self.instance.wrapping_add(made))?);
        Ok(Arc::clone(groups.entry(urls.into()).or_insert(group)))
    }
}

/// A body that can be sent.
enum Ready {
    Whole(Bytes),
    Stream(Body),
}

/// The body for a try. What may be asked twice and is small stays for another.
fn take(load: &mut Option<Ready>, head: &Head) -> Option<Body> {
    match load.take()? {
        Ready::Whole(bytes) => {
            if bytes.len() <= repeat::REPLAYED && repeat::is_idempotent(&head.method) {
                *load = Some(Ready::Whole(bytes.clone()));
            }
            Some(whole(bytes))
        }
        Ready::Stream(body) => Some(body),
    }
}

/// True if something was heard that is no HTTP: whoever says it would say it again.
fn is_nonsense(error: &hyper::Error) -> bool {
    error.is_parse() || error.is_parse_too_large()
}

/// The innermost cause: the outer ones say only "client error".
fn story(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

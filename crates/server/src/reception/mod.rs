//! Reception: from a request to an answer. The server's own paths, the languages' endpoints, and what they guard.

mod again;
mod doors;
mod endpoint;
mod explain;
mod front;
mod guarded;
mod handover;
mod operator;
mod recall;
mod websocket;
mod words;

pub use explain::{Came, Explanation, Question};
pub use operator::openapi;

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use doorward_core::call::{Call, RequestId, Time};
use doorward_core::house::House;
use doorward_core::meter;
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_core::site::SiteView;
use doorward_gateway::door::fallback;
use doorward_gateway::guard::Tally;
use doorward_gateway::guise::Arrival;
use doorward_gateway::{Body, Door, Guard, Proxy, proxy};
use doorward_web::client_addr::TrustedProxies;
use doorward_web::json::Style;
use doorward_web::reply::vary;
use doorward_web::{About, Dialect, Fields, Found, Head, Reply, Source, Territory, cors, incoming};
use futures_util::FutureExt;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Incoming;
use serde_json::json;

use self::front::{Misrouted, Sent};
use self::handover::{Handed, Handover};
use self::recall::Recall;
use self::words::{ambiguous, no_site, plain, plain_refusal};
use crate::listener::Peer;
use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything that answers requests.
pub struct Reception {
    house: Arc<House>,
    guard: Guard,
    proxy: Proxy,
    proxies: TrustedProxies,
    body_time: Duration,
    source: Arc<dyn Source>,
    metrics: Arc<Metrics>,
    openapi: Bytes,
    handover: Handover,
    recall: Recall,
}

/// One request on its way through.
struct Visit {
    call: Call,
    head: Arc<Head>,
    view: Arc<SiteView>,
    /// True if the client speaks TLS, with us or with a proxy that we trust.
    secure: bool,
    /// What limits have counted of it already, when a proxy asked about it.
    counted: Tally,
    /// What the decision has read in its body, for who says no to it.
    fields: std::sync::OnceLock<Fields>,
}

impl Visit {
    fn about<'a>(&'a self, own: bool) -> About<'a> {
        About {
            head: Some(&self.head),
            fields: self.fields.get(),
            path: &self.head.target.path,
            own,
            request_id: self.call.request_id.as_str(),
            now: self.call.now,
        }
    }

    /// A refusal in the words of a language, or in plain ones.
    fn refusal(&self, dialect: Option<&Arc<dyn Dialect>>, refusal: &Refusal, own: bool) -> Reply {
        match dialect {
            Some(dialect) => dialect.finish(&self.view, &self.head, dialect.refuse(&self.view, refusal, &self.about(own))),
            None => plain_refusal(refusal),
        }
    }

    /// That something of ours broke, in the same words.
    fn breakage(&self, dialect: Option<&Arc<dyn Dialect>>, own: bool) -> Reply {
        match dialect {
            Some(dialect) => dialect.finish(&self.view, &self.head, dialect.broken(&self.about(own))),
            None => plain(503, "unavailable", "Service unavailable"),
        }
    }
}

impl Reception {
    /// A reception for a house; a body may take `body_time` to arrive.
    #[must_use]
    pub fn new(
        house: Arc<House>,
        dialects: Vec<Arc<dyn Dialect>>,
        proxies: TrustedProxies,
        body_time: Duration,
        source: Arc<dyn Source>,
        metrics: Arc<Metrics>,
    ) -> Self {
        let openapi = Bytes::from(serde_json::to_vec(&operator::openapi(&dialects)).unwrap_or_default());
        let guard = Guard::new(Arc::clone(&house), dialects);
        let (proxy, handover, recall) = (Proxy::default(), Handover::default(), Recall::default());
        Self { house, guard, proxy, proxies, body_time, source, metrics, openapi, handover, recall }
    }

    /// Answers a request. Never fails, never panics: a panic inside is caught here, counted, logged and answered.
    pub async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let guarded = AssertUnwindSafe(self.route(request, peer)).catch_unwind();
        guarded.await.unwrap_or_else(|_| {
            self.metrics.panics.inc();
            tracing::error!("a request panicked; it was answered 500 and the server goes on");
            send(Reply::json(500, Style::Plain, &json!({"error": {"code": "internal_error", "message": "Internal error"}})))
        })
    }

    async fn route(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let (mut parts, body) = request.into_parts();
        if parts.method == http::Method::CONNECT && websocket::lower(&mut parts, self.source.dice().as_mut()) {
            return websocket::raise(Box::pin(self.led(parts, body, peer)).await);
        }
        self.led(parts, body, peer).await
    }

    async fn led(&self, mut parts: Parts, body: Incoming, peer: Peer) -> Response<Body> {
        let started = self.house.is_watched().then(Instant::now);
        if operator::is_own(parts.uri.path()) {
            return send(Box::pin(self.operator(&parts)).await);
        }
        let call = incoming::call(self.source.as_ref(), &self.proxies, peer.address, &parts.headers);
        let mut counted = Tally::default();
        if self.proxies.trusts(peer.address) && fallback::settle(&mut parts.headers).is_err() {
            self.metrics.refused("ambiguous_credential");
            let reply = plain(400, "bad_request", "Authorization and X-Doorward-Authorization say two things");
            return finish(reply, None, &parts.headers.clone_origin(), call.request_id.as_str());
        }
        // Whoever may ask holds handles: what stands behind one was decided for the address that was told with the question.
        if self.proxies.may_ask(peer.address) {
            match self.handover.take(&mut parts.headers, call.now) {
                Some(Handed::Answer(reply)) => return send(*reply),
                Some(Handed::Counted(tally)) => counted = tally,
                None => {}
            }
        }
        if let Some(door) = Door::at(parts.uri.path()) {
            return match self.at_door(door, parts, call, peer.address, started) {
                Ok(answer) => answer,
                Err(inquiry) => Box::pin(self.asked(*inquiry)).await,
            };
        }
        let secure = peer.secure || self.proxies.says_secure(peer.address, &parts.headers);
        let origin = parts.headers.clone_origin();
        let Ok(head) = Head::read(parts) else {
            self.metrics.refused("ambiguous_target");
            return finish(ambiguous(), None, &origin, call.request_id.as_str());
        };
        let visit = match self.visit(head, call) {
            Ok(visit) => Visit { secure, counted, ..visit },
            Err(id) => return finish(no_site(), None, &origin, id.as_str()),
        };
        let id = visit.call.request_id;
        let (view, address) = (Arc::clone(&visit.view), visit.call.client.address);
        let mut answer = match Box::pin(self.routed_by_form(visit, Sent::Arriving(Arrival::Wire(body)))).await {
            Ok((visit, body)) => Box::pin(self.answered(visit, body)).await,
            Err(Misrouted { visit, dialect, refusal }) => send(self.refuse(&visit, Some(&dialect), "route", &refusal, false)),
        };
        stamp(answer.headers_mut(), id.as_str());
        cors::decorate(Some(&view), &origin, answer.headers_mut());
        took(started, &view, address);
        answer
    }

    async fn answered(&self, visit: Visit, body: Sent) -> Response<Body> {
        let endpoint = self.endpoint_of(&visit.view, &visit.head);
        if let Some((dialect, no)) = self.watched(&visit, &endpoint, None).await {
            return send(self.say_no(&visit, Some(&dialect), "watch", no, false));
        }
        match endpoint {
            Endpoint::Own(dialect, route, values) => {
                let view = Arc::clone(&visit.view);
                let mut reply = Box::pin(self.endpoint(visit, &dialect, route, values, body)).await;
                vary(&mut reply.headers, dialect.varies(&view));
                send(reply)
            }
            Endpoint::Preflight(reply) => {
                visit.view.meter().count(meter::Came::Answered);
                send(reply)
            }
            Endpoint::Refused(dialect, refusal) => send(self.refuse(&visit, Some(&dialect), "route", &refusal, true)),
            Endpoint::Elsewhere => Box::pin(self.guarded(visit, body)).await,
        }
    }

    /// A request at its site. `Err` with the request's id if there is no site at all.
    fn visit(&self, mut head: Head, call: Call) -> Result<Visit, RequestId> {
        let known = self.house.directory().by_host(&head.host).cloned();
        let view = if let Some(view) = known {
            view
        } else {
            let view = self.surest(&head).ok_or(call.request_id)?;
            // An unknown host selects nothing behind us either: an upstream with several hosts would else answer for another
            // than the one whose rules were asked.
            if let Some(host) = view.site.hosts.first() {
                head.host.clone_from(host);
            }
            view
        };
        Ok(Visit { call, head: Arc::new(head), view, secure: false, counted: Tally::default(), fields: std::sync::OnceLock::new() })
    }

    /// The site that answers an unknown host: the one that claims the path most surely, the first of several.
    fn surest(&self, head: &Head) -> Option<Arc<SiteView>> {
        let directory = self.house.directory();
        let mut best: Option<(Territory, &Arc<SiteView>)> = None;
        for view in directory.sites() {
            let claim = self.guard.claim(view, &head.target.path);
            if best.is_none_or(|(surest, _)| claim > surest) {
                best = Some((claim, view));
            }
        }
        best.map(|(_, view)| Arc::clone(view))
    }

    fn endpoint_of(&self, view: &SiteView, head: &Head) -> Endpoint {
        let target = &head.target;
        let mut wrong: Option<(&Arc<dyn Dialect>, Refusal)> = None;
        for spoken in view.dialects() {
            let Some(dialect) = self.guard.by_name(spoken.profile.name()) else { continue };
            if let Some(reply) = dialect.describe(view, head) {
                return Endpoint::Preflight(dialect.finish(view, head, reply));
            }
            match dialect.find(view, &dialect.method(view, head), target) {
                Found::Hit(route, values) if route.handler.is_some() => return Endpoint::Own(Arc::clone(dialect), route, values),
                Found::Hit(_, _) | Found::Miss => {}
                Found::WrongMethod(allow) => wrong = wrong.or(Some((dialect, Refusal::MethodNotAllowed(allow)))),
                Found::Lookalike => wrong = wrong.or(Some((dialect, Refusal::NoRoute))),
            }
        }
        if head.method == http::Method::OPTIONS {
            let owner = self.guard.owner(view, &target.path);
            let framed = owner.is_some_and(|o| o.framed(view));
            let allow = if let Some((_, Refusal::MethodNotAllowed(allow))) = &wrong { allow } else { "" };
            if !framed
                && (wrong.is_some() || cors::is_preflight(&head.headers) || owner.is_some())
                && let Some(reply) = cors::options(&head.method, &head.headers, allow)
            {
                let dialect = wrong.map(|(dialect, _)| dialect).or(owner);
                return Endpoint::Preflight(match dialect {
                    Some(dialect) => dialect.finish(view, head, reply),
                    None => reply,
                });
            }
        }
        match wrong {
            Some((dialect, refusal)) => Endpoint::Refused(Arc::clone(dialect), refusal),
            None => Endpoint::Elsewhere,
        }
    }

    /// The answer to a no: in a language's words where there is one. Counts and logs; audits what no flow did.
    fn say_no(&self, visit: &Visit, dialect: Option<&Arc<dyn Dialect>>, action: &str, no: No, own: bool) -> Reply {
        match no {
            No::Refused(refusal) => self.refuse(visit, dialect, action, &refusal, own),
            No::Broken(fault) => self.broken(visit, dialect, action, &fault, own),
        }
    }

    fn refuse(&self, visit: &Visit, dialect: Option<&Arc<dyn Dialect>>, action: &str, refusal: &Refusal, own: bool) -> Reply {
        self.metrics.refused(refusal.reason());
        visit.view.meter().count(meter::Came::Refused(refusal.reason()));
        tracing::debug!(
            request = visit.call.request_id.as_str(),
            site = visit.view.site.name.as_str(),
            action,
            reason = refusal.reason(),
            "refused"
        );
        visit.refusal(dialect, refusal, own)
    }

    fn broken(&self, visit: &Visit, dialect: Option<&Arc<dyn Dialect>>, action: &str, fault: &Fault, own: bool) -> Reply {
        self.metrics.faults.inc();
        tracing::error!(request = visit.call.request_id.as_str(), site = visit.view.site.name.as_str(), action, %fault, "fault");
        visit.breakage(dialect, own)
    }
}

/// Notes how long a request took and where it came from, while somebody watches: only then was it `started`.
fn took(started: Option<Instant>, view: &SiteView, address: IpAddr) {
    if let Some(started) = started {
        let nanos = u64::try_from(started.elapsed().as_nanos()).unwrap_or(u64::MAX);
        view.meter().time(nanos);
        view.meter().talk(meter::Talker::Address(address));
    }
}

/// Where a request goes.
enum Endpoint {
    Own(Arc<dyn Dialect>, &'static doorward_web::Route, Vec<String>),
    Preflight(Reply),
    Refused(Arc<dyn Dialect>, Refusal),
    Elsewhere,
}

/// The origin headers of a request, kept for the answer while the head itself travels on.
trait CloneOrigin {
    fn clone_origin(&self) -> http::HeaderMap;
}

impl CloneOrigin for http::HeaderMap {
    fn clone_origin(&self) -> http::HeaderMap {
        let mut kept = http::HeaderMap::new();
        if let Some(origin) = self.get(http::header::ORIGIN) {
            kept.insert(http::header::ORIGIN, origin.clone());
        }
        kept
    }
}

fn finish(reply: Reply, view: Option<&SiteView>, origin: &http::HeaderMap, request_id: &str) -> Response<Body> {
    let mut answer = send(reply);
    stamp(answer.headers_mut(), request_id);
    cors::decorate(view, origin, answer.headers_mut());
    answer
}

fn stamp(headers: &mut http::HeaderMap, request_id: &str) {
    if let Ok(value) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, value);
    }
}

pub(crate) fn send(reply: Reply) -> Response<Body> {
    let mut answer = Response::new(proxy::whole(reply.body));
    *answer.status_mut() = reply.status;
    *answer.headers_mut() = reply.headers;
    answer
}

impl Reception {
    /// The same, with another way to the upstreams.
    #[must_use]
    pub fn by(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// The way to the upstreams.
    #[must_use]
    pub fn proxy(&self) -> &Proxy {
        &self.proxy
    }

    /// Done when no upgraded connection is left.
    pub fn tunnels_closed(&self) -> impl Future<Output = ()> + Send + use<> {
        self.proxy.tunnels_closed()
    }

    /// True for the server's own paths, which are the same on every host.
    #[must_use]
    pub fn is_own(path: &str) -> bool {
        operator::is_own(path)
    }

    /// True if a host is a site's.
    #[must_use]
    pub fn knows(&self, host: &str) -> bool {
        self.house.directory().by_host(host).is_some()
    }

    /// Counts connections.
    pub(crate) fn count_connection(&self, change: i64) {
        self.metrics.connections.inc_by(change);
    }

    /// The moment that the next request will get.
    #[must_use]
    pub fn now(&self) -> Time {
        self.source.now()
    }
}

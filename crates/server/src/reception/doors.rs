//! The doors: a proxy in front asks about a request before it passes it on itself, over HTTP or over gRPC.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use doorward_core::call::Call;
use doorward_core::refusal::{No, Refusal};
use doorward_gateway::door::asked::FORWARDED_FOR;
use doorward_gateway::door::{SEND_HERE, grpc};
use doorward_gateway::guard::{Admission, Judged, Tally, hidden};
use doorward_gateway::{Body, Door, identity, proxy};
use doorward_web::body::{BODY_LIMIT, collect};
use doorward_web::reply::vary;
use doorward_web::target::Ambiguous;
use doorward_web::{Fields, Head, Reply, cors, incoming};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::guarded::{asked_of, varies_by};
use super::handover::{HANDLE, Handed};
use super::recall::{Kept, Question};
use super::{CloneOrigin, Endpoint, Reception, Visit, no_site, plain, plain_refusal, stamp, took};

/// What is thought of a request, before it is said in the words of a proxy.
enum Opinion {
    /// It may pass: the headers of the answer say who sent it; and which of its own the application must not see.
    Pass(HeaderMap, Vec<String>),
    /// The client hears this instead; the status for a proxy that would take this one for a yes.
    Refuse(Reply, StatusCode),
    /// The same, of a request that comes here with its body, which may say more: what was counted of it meanwhile.
    Unsure(Reply, StatusCode, Tally),
    /// A browser asks what it may ask.
    Preflight(Reply),
    /// Doorward answers the path itself, or alone can take the credential out: the proxy must send the request here, not ask
    /// about it. With what limits have counted of it meanwhile.
    SendHere(Tally),
}

/// What a proxy asks over HTTP.
pub(super) struct Inquiry {
    pub(super) door: Door,
    /// The original request; `None` if it cannot be read, or who asks may not.
    pub(super) head: Option<Head>,
    pub(super) call: Call,
    pub(super) peer: IpAddr,
    /// The client's origin, for the answer.
    pub(super) origin: HeaderMap,
    /// What was asked, if a yes may be remembered for it.
    pub(super) question: Option<Question>,
    pub(super) started: Option<Instant>,
}

impl Reception {
    /// Thinks about what a proxy asks over HTTP.
    pub(super) async fn asked(&self, inquiry: Inquiry) -> Response<Body> {
        let Inquiry { door, head, mut call, peer, origin, question, started } = inquiry;
        let id = call.request_id;
        let say = |reply: Reply, at: Option<&Visit>| {
            let mut answer = super::finish(reply, at.map(|visit| &*visit.view), &origin, id.as_str());
            door.undress(answer.headers_mut());
            answer
        };
        if !self.proxies.may_ask(peer) {
            return say(plain(404, "not_found", "Not found"), None);
        }
        let read = head.and_then(|head| Some((self.told_address(&head.headers, peer).ok()?, head)));
        let Some((address, head)) = read else { return say(unreadable(), None) };
        call.client.address = address;
        let Some(visit) = self.known(head, call) else { return say(no_site(), None) };
        let opinion = self.opinion(&visit, Some(door), question).await;
        took(started, &visit.view, address);
        match opinion {
            Opinion::Pass(told, hidden) => yes(door, told, &visit.head.headers, &hidden),
            Opinion::Unsure(mut reply, shut, tally) => {
                let handle = self.counted(tally, &visit);
                reply.status = if reply.status.is_success() { shut } else { reply.status };
                handed(say(reply, Some(&visit)), handle)
            }
            Opinion::Refuse(reply, shut) if door.comes_back() => {
                let mut whole = reply.clone();
                stamp(&mut whole.headers, id.as_str());
                cors::decorate(Some(&visit.view), &origin, &mut whole.headers);
                let handle = self.handover.keep(Handed::Answer(Box::new(whole)), visit.call.now, self.source.dice().as_mut());
                let status = if reply.status.is_client_error() || reply.status.is_server_error() { reply.status } else { shut };
                handed(say(Reply { status, ..reply }, Some(&visit)), handle)
            }
            Opinion::Refuse(mut reply, shut) => {
                if !door.tells_a_no_from_its_status() && !reply.status.is_client_error() && !reply.status.is_server_error() {
                    reply.status = shut;
                }
                say(reply, Some(&visit))
            }
            // 204, and no yes: Envoy's is 200, HAProxy's says who was let in.
            Opinion::Preflight(reply) if door.answers_preflights() => say(reply, Some(&visit)),
            Opinion::Preflight(_) => say(send_here().with(HeaderName::from_static(SEND_HERE), "1"), Some(&visit)),
            Opinion::SendHere(tally) => {
                let handle = self.counted(tally, &visit);
                handed(say(send_here().with(HeaderName::from_static(SEND_HERE), "1"), Some(&visit)), handle)
            }
        }
    }

    /// The handle of what limits have counted, if they have counted anything.
    fn counted(&self, tally: Tally, visit: &Visit) -> Option<HeaderValue> {
        if tally.is_empty() {
            return None;
        }
        self.handover.keep(Handed::Counted(tally), visit.call.now, self.source.dice().as_mut())
    }

    /// A proxy asks over gRPC. Never fails, never panics.
    pub(crate) async fn asked_over_grpc(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let guarded = AssertUnwindSafe(self.heard_over_grpc(request, peer)).catch_unwind();
        guarded.await.unwrap_or_else(|_| {
            self.metrics.panics.inc();
            tracing::error!("a question panicked; it was answered with an error, which is no yes, and the server goes on");
            grpc::frame::end(grpc::frame::Code::Internal)
        })
    }

    async fn heard_over_grpc(&self, request: Request<Incoming>, peer: IpAddr) -> Response<Body> {
        if !self.proxies.may_ask(peer) {
            return grpc::frame::end(grpc::frame::Code::PermissionDenied);
        }
        if request.uri().path() != grpc::PATH {
            return grpc::frame::end(grpc::frame::Code::Unimplemented);
        }
        let Ok(body) = collect(request.into_body(), BODY_LIMIT, self.body_time).await else {
            return grpc::frame::end(grpc::frame::Code::ResourceExhausted);
        };
        let question = match grpc::frame::read(&body) {
            Ok(question) => question,
            Err(code) => return grpc::frame::end(code),
        };
        let answer = match grpc::question::original(question) {
            Ok((head, address)) => self.answer_to_grpc(head, address).await,
            Err(Ambiguous) => grpc::answer::refuse(&unreadable()),
        };
        grpc::frame::answer(&answer)
    }

    async fn answer_to_grpc(&self, head: Head, address: IpAddr) -> grpc::message::CheckResponse {
        // Envoy's word for the client's address counts like a connection's: another proxy before Envoy must be trusted, too.
        let call = incoming::call(self.source.as_ref(), &self.proxies, address, &head.headers);
        let (id, address) = (call.request_id, call.client.address);
        let started = self.house.is_watched().then(Instant::now);
        let origin = head.headers.clone_origin();
        let Some(visit) = self.known(head, call) else { return grpc::answer::refuse(&no_site()) };
        let opinion = self.opinion(&visit, None, None).await;
        took(started, &visit.view, address);
        let mut reply = match opinion {
            Opinion::Pass(told, hidden) => return grpc::answer::pass(&told, &visit.head.headers, &hidden),
            Opinion::Refuse(reply, _) | Opinion::Unsure(reply, ..) | Opinion::Preflight(reply) => reply,
            Opinion::SendHere(_) => send_here(),
        };
        stamp(&mut reply.headers, id.as_str());
        cors::decorate(Some(&visit.view), &origin, &mut reply.headers);
        grpc::answer::refuse(&reply)
    }

    /// The client's address as the asking proxy tells it. A configured proxy must tell it: without, all clients would count as
    /// the proxy, whose own address may be on an allow-list.
    fn told_address(&self, headers: &HeaderMap, peer: IpAddr) -> Result<IpAddr, Ambiguous> {
        if headers.contains_key(FORWARDED_FOR) {
            doorward_gateway::door::asked::client(headers)?;
            return Ok(self.proxies.told(peer, headers));
        }
        if self.proxies.trusts(peer) { Err(Ambiguous) } else { Ok(peer.to_canonical()) }
    }

    /// The request at the site of its host. A host that no site has is nobody's here: the proxy would pass it on as it is,
    /// and an application with several hosts might answer for another than the one whose rules were asked.
    fn known(&self, head: Head, call: Call) -> Option<Visit> {
        let view = self.house.directory().by_host(&head.host).cloned()?;
        Some(Visit { call, head: Arc::new(head), view, secure: false, counted: Tally::default(), fields: std::sync::OnceLock::new() })
    }

    /// `door` is where it is asked, `None` for gRPC. `question` is what was asked, if a yes may be remembered for it.
    async fn opinion(&self, visit: &Visit, door: Option<Door>, question: Option<Question>) -> Opinion {
        // What is refused comes here with its body.
        let comes_back = door.is_some_and(Door::comes_back);
        match self.endpoint_of(&visit.view, &visit.head) {
            Endpoint::Elsewhere => {}
            Endpoint::Preflight(reply) => return Opinion::Preflight(reply),
            Endpoint::Own(..) | Endpoint::Refused(..) => {
                // For the site it is no refusal: the request comes here, and counts as what it is then.
                self.metrics.refused("own_endpoint");
                return Opinion::SendHere(Tally::default());
            }
        }
        if let Some((dialect, no)) = self.watched(visit, &Endpoint::Elsewhere, None).await {
            return Opinion::Refuse(self.say_no(visit, Some(&dialect), "watch", no, false), StatusCode::FORBIDDEN);
        }
        let fields = Fields::new(serde_json::Map::new(), &visit.head.target.query);
        let place = self.guard.place(&visit.view, &visit.head);
        let Judged { owner, action, mut outcome, tally, strip } = self.judge(visit, place, &fields, None, None).await;
        let mut gone = Some(Vec::new());
        if strip && outcome.is_ok() {
            match self.guard.without_credentials(&visit.view, &visit.head, None) {
                Ok((stripped, _)) => gone = hidden(&visit.head, &stripped),
                Err(refusal) => outcome = Err(refusal.into()),
            }
        }
        match outcome {
            Ok(admission) => {
                // What is in more than whole headers only who passes the request on can remove, and some proxies can be told of
                // few headers.
                let can_hide = |names: &Vec<String>| names.iter().all(|name| door.is_none_or(|door| door.hides(name)));
                let Some(gone) = gone.filter(can_hide) else { return Opinion::SendHere(tally) };
                self.metrics.granted_checks.inc();
                self.through(&visit.view, &admission);
                if let (Some(question), Admission::Known(pass)) = (question, &admission)
                    && let Some(again) = self.recall.is_again(&question)
                    && let Some(plain) = self.guard.plain(asked_of(visit, &fields, None), place)
                {
                    let kept = Kept::new(&question, visit, pass, plain);
                    self.recall.keep(&question, again, kept, &visit.head.target.raw);
                }
                let mut headers = identity::answer(&visit.view, &admission, visit.call.request_id.as_str());
                tally.tell(&mut headers);
                Opinion::Pass(headers, gone)
            }
            Err(no) if comes_back && self.may_change(visit, &no) => {
                let shut = shut(&no);
                let reply = match &no {
                    No::Refused(refusal) => visit.refusal(owner.as_ref(), refusal, false),
                    No::Broken(_) => visit.breakage(owner.as_ref(), false),
                };
                Opinion::Unsure(reply, shut, tally)
            }
            Err(no) => {
                self.gather(visit, &action, &no);
                let shut = shut(&no);
                let mut reply = self.say_no(visit, owner.as_ref(), &action, no, false);
                tally.tell(&mut reply.headers);
                if let Some(names) = varies_by(visit, owner.as_ref(), &action) {
                    vary(&mut reply.headers, names);
                }
                Opinion::Refuse(reply, shut)
            }
        }
    }
}

impl Reception {
    /// True if the body of a refused request could show the credential that its head does not, or if a preflight has an answer
    /// of its own. What has charged a try or was counted full is a no for good: it would be charged again.
    fn may_change(&self, visit: &Visit, no: &No) -> bool {
        let No::Refused(refusal) = no else { return false };
        let weighed = matches!(
            refusal,
            Refusal::BadCredentials
                | Refusal::SecondFactorDue
                | Refusal::SecondFactorWrong
                | Refusal::Banned
                | Refusal::TooMany(_)
                | Refusal::RateLimited(_)
                | Refusal::Busy(_)
        );
        !weighed
            && (visit.head.method == http::Method::OPTIONS
                || self.guard.wants_body(&visit.view, &visit.head, self.guard.place(&visit.view, &visit.head)))
    }
}

/// An answer with the handle of what waits here for the request.
fn handed(mut answer: Response<Body>, handle: Option<HeaderValue>) -> Response<Body> {
    if let Some(handle) = handle {
        answer.headers_mut().insert(HANDLE, handle);
    }
    answer
}

/// The answer that lets a request through. `asked` are the headers that the question came with, `hidden` those that go no further.
pub(super) fn yes(door: Door, mut told: HeaderMap, asked: &HeaderMap, hidden: &[String]) -> Response<Body> {
    door.dress(&mut told, asked, hidden);
    let mut answer = Response::new(proxy::whole(Bytes::new()));
    *answer.status_mut() = door.yes();
    *answer.headers_mut() = told;
    answer
}

/// The status of a no to a proxy that asks, where the language's own would be read as a yes. Banned accounts are not told
/// apart by it from wrong passwords: languages that could would not say 200.
fn shut(no: &No) -> StatusCode {
    match no {
        No::Refused(Refusal::Banned) => StatusCode::UNAUTHORIZED,
        No::Refused(refusal) => plain_refusal(refusal).status,
        No::Broken(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}

fn unreadable() -> Reply {
    plain(403, "bad_request", "The original request cannot be read")
}

fn send_here() -> Reply {
    plain(403, "own_endpoint", "Doorward answers this path itself: send it here")
}

//! The doors: a proxy in front asks about a request before it passes it on itself, over HTTP or over gRPC.

use std::net::IpAddr;
use std::panic::AssertUnwindSafe;

use doorward_core::call::Call;
use doorward_core::refusal::{No, Refusal};
use doorward_gateway::door::{SEND_HERE, grpc};
use doorward_gateway::guard::Judged;
use doorward_gateway::{Body, Door, identity};
use doorward_web::body::{BODY_LIMIT, collect};
use doorward_web::reply::vary;
use doorward_web::target::Ambiguous;
use doorward_web::{Fields, Head, Reply, cors, incoming};
use futures_util::FutureExt;
use http::request::Parts;
use http::{HeaderMap, HeaderName, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::guarded::varies_by;
use super::{CloneOrigin, Endpoint, Reception, Visit, no_site, plain, plain_refusal, send, stamp};

/// What is thought of a request, before it is said in the words of a proxy.
enum Opinion {
    /// It may pass: the headers of the answer say who sent it.
    Pass(HeaderMap),
    /// The client hears this instead; the status for a proxy that would take this one for a yes.
    Refuse(Reply, StatusCode),
    /// A browser asks what it may ask.
    Preflight(Reply),
    /// Doorward answers the path itself: the proxy must send the request here, not ask about it.
    SendHere,
}

impl Reception {
    /// A proxy asks over HTTP.
    pub(super) async fn asked(&self, door: Door, parts: Parts, mut call: Call, peer: IpAddr) -> Response<Body> {
        let origin = parts.headers.clone_origin();
        let id = call.request_id;
        let say = |reply: Reply, at: Option<&Visit>| {
            let mut answer = super::finish(reply, at.map(|visit| &*visit.view), &origin, id.as_str());
            door.undress(answer.headers_mut());
            answer
        };
        if !self.may_ask(peer) {
            return say(plain(404, "not_found", "Not found"), None);
        }
        let read = self.told_address(&parts.headers, peer).and_then(|address| Ok((address, door.original(parts)?)));
        let Ok((address, head)) = read else { return say(unreadable(), None) };
        call.client.address = address;
        let Some(visit) = self.known(head, call) else { return say(no_site(), None) };
        match self.opinion(&visit).await {
            Opinion::Pass(mut headers) => {
                door.dress(&mut headers, &visit.head.headers);
                send(Reply { status: door.yes(), headers, ..Reply::empty(204) })
            }
            Opinion::Refuse(mut reply, shut) => {
                if !door.tells_a_no_from_its_status() && !reply.status.is_client_error() && !reply.status.is_server_error() {
                    reply.status = shut;
                }
                say(reply, Some(&visit))
            }
            // 204, and no yes: Envoy's is 200, HAProxy's says who was let in.
            Opinion::Preflight(reply) if door.answers_preflights() => say(reply, Some(&visit)),
            Opinion::Preflight(_) | Opinion::SendHere => say(send_here().with(HeaderName::from_static(SEND_HERE), "1"), Some(&visit)),
        }
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
        if !self.may_ask(peer) {
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
        let id = call.request_id;
        let origin = head.headers.clone_origin();
        let Some(visit) = self.known(head, call) else { return grpc::answer::refuse(&no_site()) };
        let mut reply = match self.opinion(&visit).await {
            Opinion::Pass(told) => return grpc::answer::pass(&told, &visit.head.headers),
            Opinion::Refuse(reply, _) | Opinion::Preflight(reply) => reply,
            Opinion::SendHere => send_here(),
        };
        stamp(&mut reply.headers, id.as_str());
        cors::decorate(Some(&visit.view), &origin, &mut reply.headers);
        grpc::answer::refuse(&reply)
    }

    /// True for this machine and for trusted proxies.
    fn may_ask(&self, peer: IpAddr) -> bool {
        peer.to_canonical().is_loopback() || self.proxies.trusts(peer)
    }

    /// The client's address as the asking proxy tells it. A configured proxy must tell it: without, all clients would count as
    /// the proxy, whose own address may be on an allow-list.
    fn told_address(&self, headers: &HeaderMap, peer: IpAddr) -> Result<IpAddr, Ambiguous> {
        if headers.contains_key("x-forwarded-for") {
            doorward_gateway::door::asked::client(headers)?;
            return Ok(self.proxies.told(peer, headers));
        }
        if self.proxies.trusts(peer) { Err(Ambiguous) } else { Ok(peer.to_canonical()) }
    }

    /// The request at the site of its host. A host that no site has is nobody's here: the proxy would pass it on as it is,
    /// and an application with several hosts might answer for another than the one whose rules were asked.
    fn known(&self, head: Head, call: Call) -> Option<Visit> {
        self.house.directory().by_host(&head.host)?;
        self.visit(head, call).ok()
    }

    async fn opinion(&self, visit: &Visit) -> Opinion {
        match self.endpoint_of(visit) {
            Endpoint::Elsewhere => {}
            Endpoint::Preflight(reply) => return Opinion::Preflight(reply),
            Endpoint::Own(..) | Endpoint::Refused(..) => {
                self.metrics.refused("own_endpoint");
                visit.view.meter().count(doorward_core::meter::Came::Refused("own_endpoint"));
                return Opinion::SendHere;
            }
        }
        if let Some((dialect, no)) = self.watched(visit, true).await {
            return Opinion::Refuse(self.say_no(visit, Some(&dialect), "watch", no, false), StatusCode::FORBIDDEN);
        }
        let fields = Fields::new(serde_json::Map::new(), &visit.head.target.query);
        let Judged { owner, action, outcome, tally, .. } = self.judge(visit, &fields, None, None).await;
        match outcome {
            Ok(admission) => {
                self.metrics.granted_checks.inc();
                self.through(visit, &admission);
                let mut headers = identity::answer(&visit.view, &admission, visit.call.request_id.as_str());
                tally.tell(&mut headers);
                Opinion::Pass(headers)
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

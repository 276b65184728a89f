//! The console's door: its own listener, and its own name on the TLS one.

mod reports;
mod server;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use doorward_console::behind::Behind;
use doorward_console::{Answer, Console, PublicUrl, Terms};
use doorward_core::house::House;
use doorward_core::port::passkeys::Passkeys;
use doorward_core::site::SiteView;
use doorward_gateway::{Body, proxy};
use doorward_web::client_addr::TrustedProxies;
use doorward_web::json::Style;
use doorward_web::{Head, Reply, Source, incoming};
use futures_util::FutureExt;
use http::{HeaderName, HeaderValue, Request, Response};
use hyper::body::Incoming;
use serde_json::json;
use tokio::net::TcpListener;

pub use server::Server;

use crate::adapter::passkeys::WebauthnPasskeys;
use crate::config;
use crate::listener::{Answers, Peer};
use crate::metrics::Metrics;
use crate::reception::{Reception, send};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What a server needs to open its console.
pub struct Opening {
    /// Its listener, bound.
    pub listener: Option<TcpListener>,
    /// Its one address.
    pub url: PublicUrl,
    /// The settings.
    pub settings: config::Console,
    /// Every setting of the server, as it is shown.
    pub shown: serde_json::Value,
}

/// The console's door.
pub struct ConsoleDoor {
    console: Arc<Console>,
    source: Arc<dyn Source>,
    proxies: TrustedProxies,
    metrics: Arc<Metrics>,
}

impl ConsoleDoor {
    /// The door of a house's console.
    #[must_use]
    pub fn new(
        house: Arc<House>,
        opening: &Opening,
        body_time: Duration,
        source: Arc<dyn Source>,
        proxies: TrustedProxies,
        metrics: Arc<Metrics>,
        behind: Arc<dyn Behind>,
    ) -> Self {
        let terms =
            Terms { url: opening.url.clone(), lifetimes: opening.settings.lifetimes, lists_sites: opening.settings.lists_sites, body_time };
        let passkeys = WebauthnPasskeys::of(&opening.url).map(|passkeys| Arc::new(passkeys) as Arc<dyn Passkeys>);
        let console = Arc::new(Console::new(house, terms, behind, passkeys));
        Self { console, source, proxies, metrics }
    }

    /// True if a request is for the console: it has a name of its own, over TLS.
    #[must_use]
    pub fn is_for(&self, request: &Request<Incoming>) -> bool {
        let url = &self.console.terms.url;
        let named = || request.uri().authority().map(http::uri::Authority::as_str);
        let host = || request.headers().get(http::header::HOST).and_then(|host| host.to_str().ok());
        url.is_secure() && named().or_else(host).is_some_and(|host| url.is_host(host))
    }

    async fn answered(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let call = incoming::call(self.source.as_ref(), &self.proxies, peer.address, &parts.headers);
        let id = call.request_id;
        let answer = Arc::clone(&self.console).answer(Head::read(parts).ok(), body, call).await;
        if let Some(reason) = answer.reply.refused {
            self.metrics.refused(reason);
        }
        let mut answer = sent(answer);
        if let Ok(value) = HeaderValue::from_str(id.as_str()) {
            answer.headers_mut().insert(REQUEST_ID, value);
        }
        answer
    }
}

impl Answers for ConsoleDoor {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        let guarded = AssertUnwindSafe(Box::pin(self.answered(request, peer))).catch_unwind();
        guarded.await.unwrap_or_else(|_| {
            self.metrics.panics.inc();
            tracing::error!("a request to the console panicked; it was answered 500 and the server goes on");
            send(Reply::json(500, Style::Plain, &json!({"error": {"code": "internal_error", "message": "Internal error"}})))
        })
    }
}

/// Sites, and hosts of theirs where the console answers instead: `console.url` was changed after they were given them.
#[must_use]
pub fn taken_from_sites(house: &House) -> Vec<(String, String)> {
    let directory = house.directory();
    let of = |view: &Arc<SiteView>| {
        let name = view.site.name.clone();
        let own = view.site.hosts.iter().filter(|host| house.is_own_host(host));
        own.map(move |host| (name.clone(), host.clone())).collect::<Vec<_>>()
    };
    directory.sites().iter().flat_map(of).collect()
}

fn sent(answer: Answer) -> Response<Body> {
    let Answer { mut reply, pieces } = answer;
    let Some(pieces) = pieces else { return send(reply) };
    reply.body = bytes::Bytes::new();
    let mut response = send(reply);
    *response.body_mut() = proxy::streamed(pieces);
    response
}

/// A listener that answers for the sites, and for the console under its own name.
pub struct Both {
    /// The sites.
    pub reception: Arc<Reception>,
    /// The console.
    pub console: Option<Arc<ConsoleDoor>>,
}

impl Answers for Both {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        match self.console.as_ref().filter(|console| console.is_for(&request)) {
            Some(console) => Box::pin(Answers::answer(console.as_ref(), request, peer)).await,
            None => self.reception.answer(request, peer).await,
        }
    }

    fn connection(&self, change: i64) {
        self.reception.count_connection(change);
    }

    fn ended(&self) -> impl Future<Output = ()> + Send {
        self.reception.tunnels_closed()
    }
}

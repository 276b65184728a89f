//! Serve: the public listener, the metrics listener, the timer, and a graceful end.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use doorward_console::behind::Listener;
use doorward_core::house::House;
use doorward_core::refusal::Fault;
use doorward_gateway::{Body, Proxy, proxy};
use doorward_web::client_addr::TrustedProxies;
use doorward_web::{Dialect, Source};
use http::{Request, Response};
use hyper::body::Incoming;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::acme::answering::Answering;
use crate::acme::{self, Steward};
use crate::adapter::hasher::HashPool;
use crate::carrier::{self, Load};
use crate::console::{self, Both, ConsoleDoor};
use crate::errands::Errands;
use crate::grpc;
use crate::listener::redirect::Redirect;
use crate::listener::tls::Certificates;
use crate::listener::{self, Answers, Peer, Speaks};
use crate::live::Live;
use crate::metrics::Metrics;
use crate::post::Letters;
use crate::reception::Reception;
use crate::rules::admin::Admin;
use crate::rules::file::Watch;
use crate::timer;

/// What a running server needs.
pub struct Running {
    /// The house.
    pub house: Arc<House>,
    /// The languages.
    pub dialects: Vec<Arc<dyn Dialect>>,
    /// The hash threads, for their queue's length.
    pub hasher: Option<Arc<HashPool>>,
    /// Whose `X-Forwarded-For` is believed.
    pub proxies: TrustedProxies,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// Seconds that audit entries are kept; 0 = for ever.
    pub keep_audit: i64,
    /// A file with rules that is watched.
    pub rules_file: Option<PathBuf>,
    /// Where Envoy asks over gRPC, bound.
    pub grpc: Option<TcpListener>,
    /// What the way to the upstreams is like.
    pub ways: proxy::terms::Terms,
    /// What connections may cost.
    pub doors: listener::Terms,
    /// The console, where there is one.
    pub console: Option<console::Opening>,
    /// The listener that speaks TLS.
    pub secure: Option<Secure>,
    /// A number drawn for this run: by it, requests that come back to this server are known.
    pub instance: u64,
}

/// A listener that speaks TLS.
pub struct Secure {
    /// Where.
    pub listener: TcpListener,
    /// With which certificates.
    pub certificates: Arc<Certificates>,
    /// True if the plain listener sends everybody here.
    pub alone: bool,
    /// How certificates are obtained; `None` = they are not.
    pub acme: Option<acme::Terms>,
}

/// Binds a listener.
///
/// # Errors
/// With the address, if it cannot be bound.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(address).await.map_err(|e| Fault::new(format!("cannot listen on {address}: {e}")))
}

/// Serves on bound listeners until `stop` is done.
///
/// # Errors
/// If the store cannot be read at start.
pub async fn serve(
    running: Running,
    public: TcpListener,
    metrics_listener: Option<TcpListener>,
    stop: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Fault> {
    let Running {
        house,
        dialects,
        hasher,
        proxies,
        body_time,
        source,
        keep_audit,
        rules_file,
        ways,
        doors,
        secure,
        console,
        grpc,
        instance,
    } = running;
    let grpc_listener = grpc;
    let metrics = Arc::new(Metrics::default());
    let position = house.look(|desk| desk.last_change()).await?;
    // What changed between loading the sites and now is read again here.
    for problem in house.reload().await? {
        tracing::error!(%problem, "a site cannot be used");
    }
    for view in house.directory().sites() {
        for warning in view.warnings() {
            tracing::warn!(site = view.site.name.as_str(), %warning, "something of the site does not do what it says");
        }
    }
    for (site, host) in console::taken_from_sites(&house) {
        tracing::warn!(site, host, "a host of the site is the console's (console.url): the console answers there, the site no longer does");
    }
    let spoken = dialects.clone();
    let reception = Reception::new(Arc::clone(&house), dialects, proxies.clone(), body_time, Arc::clone(&source), Arc::clone(&metrics));
    let reception = Arc::new(reception.by(Proxy::new(ways, instance)));
    let admin = Admin::new(Arc::clone(&house), Arc::clone(&reception), Arc::clone(&source));
    let live = Arc::new(Live::new(Arc::clone(&house), Arc::clone(&source)));
    let sites_at = secure.as_ref().filter(|secure| secure.alone).map_or((&public, false), |secure| (&secure.listener, true));
    let sites_at = (sites_at.0.local_addr().map_err(|e| Fault::new(format!("a listener has no address: {e}")))?, sites_at.1);
    let (console, console_listener) = match console {
        None => (None, None),
        Some(mut opening) => {
            let listener = opening.listener.take();
            let behind = Arc::new(console::Server {
                house: Arc::clone(&house),
                reception: Arc::clone(&reception),
                source: Arc::clone(&source),
                live: Arc::clone(&live),
                settings: opening.shown.clone(),
                listener: Listener { address: sites_at.0, tls: sites_at.1 },
            });
            let metrics = Arc::clone(&metrics);
            let door = ConsoleDoor::new(Arc::clone(&house), &opening, body_time, Arc::clone(&source), proxies, metrics, behind);
            (Some(Arc::new(door)), listener)
        }
    };
    // The first requests find the file's rules, not those of the last time.
    let mut watch = rules_file.map(|path| Watch::new(path, Arc::clone(&metrics)));
    if let Some(watch) = &mut watch {
        watch.turn(&house, source.as_ref()).await;
    }
    let steward = secure.as_ref().and_then(|secure| Some((secure.acme.clone()?, Arc::clone(&secure.certificates))));
    let steward = steward.map(|(terms, certificates)| Steward::new(terms, &house, certificates, &source, &metrics));
    let clock_of = Arc::clone(&source);
    let clock = tokio::spawn(timer::run(Arc::clone(&house), spoken.clone(), Arc::clone(&source), position, keep_audit, watch));
    let looking = tokio::spawn(async move { live.run().await });
    let rounds = tokio::spawn({
        let reception = Arc::clone(&reception);
        async move { reception.proxy().rounds().await }
    });
    let (stopping, stopped) = watch::channel(false);
    let carried = carry(Errands { house: Arc::clone(&house), dialects: spoken, source: Arc::clone(&source) }, &stopped);
    let mailer = house.terms().mailer.clone();
    let posted = mailer.map(|mailer| carry(Letters { house: Arc::clone(&house), mailer, source }, &stopped));
    let (end, ended) = watch::channel(false);
    let numbers = metrics_listener.map(|listener| {
        let answers = Arc::new(Numbers { metrics: Arc::clone(&metrics), hasher, admin });
        tokio::spawn(listener::serve(listener, Speaks::Plain, doors, answers, wait(ended.clone())))
    });
    let pages = console.clone().zip(console_listener);
    let pages = pages.map(|(door, listener)| tokio::spawn(listener::serve(listener, Speaks::Plain, doors, door, wait(ended.clone()))));
    let grpc = grpc_listener.map(|listener| {
        let answers = Arc::new(grpc::Questions(Arc::clone(&reception)));
        tokio::spawn(listener::serve(listener, Speaks::Http2, grpc::terms(doors), answers, wait(ended)))
    });
    let stop = async move {
        stop.await;
        // Nobody is left to tell if the other listener has gone already.
        let _ = stopping.send(true);
    };
    match secure {
        None => listener::serve(public, Speaks::Plain, doors, reception, stop).await,
        Some(secure) => both(public, secure, doors, Arc::new(Both { reception, console }), steward, stop, stopped).await?,
    }
    let _ = end.send(true);
    for beside in numbers.into_iter().chain(grpc).chain(pages) {
        let _ = beside.await;
    }
    rounds.abort();
    looking.abort();
    clock.abort();
    for carrier in posted.into_iter().chain([carried]) {
        let _ = carrier.await;
    }
    timer::last_flush(&house, clock_of.now()).await;
    Ok(())
}

/// Serves in plain and over TLS.
async fn both(
    public: TcpListener,
    secure: Secure,
    doors: listener::Terms,
    both: Arc<Both>,
    steward: Option<Arc<Steward>>,
    stop: impl Future<Output = ()>,
    stopped: watch::Receiver<bool>,
) -> Result<(), Fault> {
    let Secure { listener, certificates, alone, acme: _ } = secure;
    let acceptor = certificates.acceptor()?;
    let port = listener.local_addr().map_or(443, |address| address.port());
    let watching = tokio::spawn(certificates.watch());
    let reception = Arc::clone(&both.reception);
    let over_tls = listener::serve(listener, Speaks::Tls(acceptor), doors, both, wait(stopped));
    if alone {
        let redirect = Arc::new(Redirect { reception, port });
        tokio::join!(over_tls, plain(public, doors, redirect, steward, stop));
    } else {
        tokio::join!(over_tls, plain(public, doors, reception, steward, stop));
    }
    watching.abort();
    Ok(())
}

/// Serves in plain, and obtains certificates meanwhile where somebody looks after that.
async fn plain<A: Answers>(
    public: TcpListener,
    doors: listener::Terms,
    inner: Arc<A>,
    steward: Option<Arc<Steward>>,
    stop: impl Future<Output = ()>,
) {
    let Some(steward) = steward else { return listener::serve(public, Speaks::Plain, doors, inner, stop).await };
    let answers = Arc::new(Answering { shelf: steward.shelf(), inner });
    let working = tokio::spawn(steward.work());
    listener::serve(public, Speaks::Plain, doors, answers, stop).await;
    working.abort();
}

/// Has something carried beside what is served, until the end.
fn carry(load: impl Load, stopped: &watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(carrier::run(Arc::new(load), carrier::Times::default(), stopped.clone()))
}

async fn wait(mut ended: watch::Receiver<bool>) {
    let _ = ended.wait_for(|ended| *ended).await;
}

/// SIGTERM or Ctrl-C.
pub async fn signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        let _ = tokio::signal::ctrl_c().await;
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
}

/// The metrics listener: `/metrics`, and the admin API.
struct Numbers {
    metrics: Arc<Metrics>,
    hasher: Option<Arc<HashPool>>,
    admin: Admin,
}

impl Answers for Numbers {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        if Admin::is_here(request.uri().path()) {
            return crate::reception::send(self.admin.answer(request, peer.address).await);
        }
        let (status, text) = if request.uri().path() == "/metrics" {
            if let Some(hasher) = &self.hasher {
                self.metrics.hash_queue.set(i64::try_from(hasher.queued()).unwrap_or(i64::MAX));
            }
            (http::StatusCode::OK, self.metrics.text())
        } else {
            (http::StatusCode::NOT_FOUND, "only /metrics is here\n".to_owned())
        };
        let mut answer = Response::new(proxy::whole(text.into()));
        *answer.status_mut() = status;
        let kind = http::HeaderValue::from_static("application/openmetrics-text; version=1.0.0; charset=utf-8");
        answer.headers_mut().insert(http::header::CONTENT_TYPE, kind);
        answer
    }
}

//! `doorward serve`: run the server.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use doorward_core::flow::console::setup;
use doorward_web::Source;
use tokio::net::TcpListener;

use super::{Common, Failed, add_flag, first_run, log, out, room, told};
use crate::config::{Origin, Settings, reference};
use crate::console::Opening;
use crate::listener::tls::Certificates;
use crate::serve::{Running, Secure, bind, serve, signal};
use crate::source::Machine;
use crate::wire::{self, Opened};

/// Run the server until it is told to stop (SIGTERM, Ctrl-C); requests in flight are answered first.
///
/// With nothing there it makes the data directory, keys, a site that speaks every dialect, and an administrator whose
/// password is printed once, and listens on this machine alone.
#[derive(clap::Args)]
pub(super) struct Serve {
    /// Where clients reach the server [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<String>,
    /// Where Prometheus reads /metrics, empty = nowhere [default: 127.0.0.1:9180]
    #[arg(long, value_name = "ADDRESS:PORT")]
    metrics_listen: Option<String>,
    /// Where Envoy asks over gRPC, empty = nowhere [default: empty]
    #[arg(long, value_name = "ADDRESS:PORT")]
    grpc_listen: Option<String>,
    /// Where clients reach the server over TLS, empty = nowhere [default: empty]
    #[arg(long, value_name = "ADDRESS:PORT")]
    tls_listen: Option<String>,
    /// Where people reach the console, empty = nowhere [default: 127.0.0.1:8081]
    #[arg(long, value_name = "ADDRESS:PORT")]
    console_listen: Option<String>,
    /// The proxies whose X-Forwarded-For is believed, separated by commas [default: none]
    #[arg(long, value_name = "NETWORKS")]
    trusted_proxies: Option<String>,
}

impl Serve {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let mut sources = common.sources()?;
        add_flag(&mut sources, "server.listen", self.listen.as_ref());
        add_flag(&mut sources, "server.metrics_listen", self.metrics_listen.as_ref());
        add_flag(&mut sources, "server.grpc_listen", self.grpc_listen.as_ref());
        add_flag(&mut sources, "tls.listen", self.tls_listen.as_ref());
        add_flag(&mut sources, "console.listen", self.console_listen.as_ref());
        add_flag(&mut sources, "server.trusted_proxies", self.trusted_proxies.as_ref());
        let settings = told(Settings::load(&sources)?)?;
        log::start(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        runtime.map_err(|e| Failed::Said(format!("no runtime: {e}")))?.block_on(start(settings))
    }
}

async fn start(settings: Settings) -> Result<(), Failed> {
    // Bound before anything is made: an address that is taken leaves no half-made directory behind.
    let public = bind(settings.server.listen).await?;
    let address = public.local_addr().map_err(|e| Failed::Said(format!("the listener has no address: {e}")))?;
    let secure = secure(&settings).await?;
    let metrics = metrics(&settings).await?;
    let grpc = match settings.server.grpc_listen {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let console = console(&settings).await?;
    let source: Arc<dyn Source> = Arc::new(Machine);
    let opened = wire::open(&settings, &source).await?;
    let url = home(address);
    if let Some(password) = first_run::make(&opened, &url).await? {
        let dir = settings.data.dir.display();
        out::line(format_args!("A new Doorward: its data is in {dir}, the master key in {}.", settings.data.master_key_file.display()));
        out::line("Keep a copy of that key apart from the data: without it, a backup cannot be used.\n");
        out::facts(&[
            ("site", format!("{} ({url}), which speaks every dialect", first_run::SITE)),
            ("user", first_run::LOGIN.to_owned()),
            ("password", format!("{}   (shown this once)", password.reveal_text().unwrap_or_default())),
        ]);
        out::line("\nAnother password:  doorward user password admin --password-stdin");
        out::line("Another address:   doorward site set default --url https://login.example.com\n");
    }
    if let Some(console) = &console {
        let url = &console.url;
        if setup::is_due(&opened.house).await? {
            let token = setup::link(&opened.house, &mut room::call(opened.source.as_ref())).await?;
            let link = url.page(&format!("/setup#{}", token.reveal_text().unwrap_or_default()));
            out::line(format_args!("Begin in the console (this link works once, for a day):\n  {link}\n"));
        }
        tracing::info!(console = url.origin(), "the console is open");
    }
    let stays = settings.audit.keep_seconds();
    tracing::info!(%address, store = opened.house.terms().store.engine(), sites = opened.house.directory().sites().len(), "serving");
    serve(running(opened, &settings, stays, secure, grpc, console), public, metrics, signal()).await?;
    tracing::info!("stopped");
    Ok(())
}

/// The URL of the first site: where somebody on this machine reaches it.
fn home(address: SocketAddr) -> String {
    let ip = if address.ip().is_unspecified() { IpAddr::V4(Ipv4Addr::LOCALHOST) } else { address.ip() };
    format!("http://{}", SocketAddr::new(ip, address.port()))
}

fn running(
    opened: Opened,
    settings: &Settings,
    keep_audit: i64,
    secure: Option<Secure>,
    grpc: Option<TcpListener>,
    console: Option<Opening>,
) -> Running {
    Running {
        house: opened.house,
        dialects: opened.dialects,
        hasher: Some(opened.hasher),
        proxies: settings.server.trusted_proxies.clone(),
        body_time: settings.server.body_time,
        instance: u64::from_be_bytes(opened.source.dice().bytes()),
        source: opened.source,
        keep_audit,
        rules_file: settings.rules.file.clone(),
        grpc,
        ways: settings.proxy.clone(),
        doors: settings.server.doors,
        console,
        secure,
    }
}

/// The listener that speaks TLS, with its certificates: both must be good at start.
async fn secure(settings: &Settings) -> Result<Option<Secure>, Failed> {
    let Some(address) = settings.tls.listen else { return Ok(None) };
    let certificates = Certificates::read(settings.tls.files.clone())?;
    let listener = bind(address).await?;
    let address = listener.local_addr().map_err(|e| Failed::Said(format!("the TLS listener has no address: {e}")))?;
    tracing::info!(tls = %address, "serving over TLS too");
    Ok(Some(Secure { listener, certificates, alone: settings.tls.redirect, acme: settings.acme.clone() }))
}

/// The console and its listener. As with the metrics, only an address that somebody chose must be free.
async fn console(settings: &Settings) -> Result<Option<Opening>, Failed> {
    let listener = match settings.console.listen {
        None => None,
        Some(address) => match bind(address).await {
            Ok(listener) => Some(listener),
            Err(fault) if *settings.origin("console.listen") == Origin::Default => {
                tracing::warn!(%fault, "no console: set console.listen");
                None
            }
            Err(fault) => return Err(fault.into()),
        },
    };
    let address = listener.as_ref().and_then(|listener| listener.local_addr().ok());
    let url = settings.console.address(address).filter(|url| listener.is_some() || (url.is_secure() && settings.tls.listen.is_some()));
    Ok(url.map(|url| Opening { listener, url, settings: settings.console.clone(), shown: reference::list(settings) }))
}

/// The listener of the metrics. That a second server on this machine finds the default address taken is no reason not to
/// serve; that an address somebody chose is taken, is one.
async fn metrics(settings: &Settings) -> Result<Option<TcpListener>, Failed> {
    let Some(address) = settings.server.metrics_listen else { return Ok(None) };
    match bind(address).await {
        Ok(listener) => Ok(Some(listener)),
        Err(fault) if *settings.origin("server.metrics_listen") == Origin::Default => {
            tracing::warn!(%fault, "no metrics: set server.metrics_listen");
            Ok(None)
        }
        Err(fault) => Err(fault.into()),
    }
}

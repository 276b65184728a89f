//! The demo: a server in a temporary directory, a site for each dialect, and an upstream to play with. A toy, named so.
//!
//! Reading order:
//! - this file: how it starts and ends;
//! - `cast`: the sites, users and tokens; `upstream`: what they protect;
//! - `guide`: what is printed; `client`, `code`: how it gets tokens and codes to print.

mod cast;
mod client;
mod code;
mod guide;
mod upstream;

use std::fs::DirBuilder;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_core::account::Power;
use doorward_core::call::{Call, Client, RequestId};
use doorward_core::refusal::Fault;
use doorward_web::Source;

use crate::bundle::{Mode, Stopped, import};
use crate::config::{Settings, reference};
use crate::console::Opening;
use crate::serve::{Running, bind, serve};
use crate::source::Machine;
use crate::wire;

/// A directory that goes when this goes.
pub struct TemporaryRoom(PathBuf);

impl TemporaryRoom {
    /// Makes one, for its owner alone.
    ///
    /// # Errors
    /// If it cannot be made.
    pub fn make() -> Result<Self, Fault> {
        let mut dice = Machine.dice();
        let name = format!("doorward-demo-{}", data_encoding::HEXLOWER.encode(&dice.as_mut().bytes::<6>()));
        let path = std::env::temp_dir().join(name);
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|e| Fault::new(format!("{} cannot be made: {e}", path.display())))?;
        Ok(Self(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryRoom {
    fn drop(&mut self) {
        // What cannot be removed, the system's own cleaning of temporary files will.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Runs the demo until `stop` is done; `show` prints.
///
/// # Errors
/// If an address is taken, or the store cannot be made.
pub async fn run(settings: Settings, show: impl Fn(&str), stop: impl Future<Output = ()> + Send + 'static) -> Result<(), Fault> {
    let public = bind(settings.server.listen).await?;
    let address = public.local_addr().map_err(|e| Fault::new(format!("the listener has no address: {e}")))?;
    let behind = bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?;
    let upstream = behind.local_addr().map_err(|e| Fault::new(format!("the upstream has no address: {e}")))?;
    let source: Arc<dyn Source> = Arc::new(Machine);
    let opened = wire::open(&settings, &source).await?;
    let cast = cast::make(&opened, address, upstream).await?;
    let imported = import(&opened.house, call(source.as_ref()), cast.bundle.clone(), Mode::Write("demo")).await;
    imported.map_err(|stopped| match stopped {
        Stopped::Problem(problem) => Fault::new(problem).while_doing("making the demo's sites"),
        Stopped::Kept(reason) => Fault::new(reason),
        Stopped::Fault(fault) => fault,
    })?;
    // Ada runs all of it.
    let sites: Vec<_> = opened.house.directory().sites().iter().map(|view| view.site.id).collect();
    opened.house.work(move |desk| sites.iter().try_for_each(|site| desk.set_power(*site, cast::ADA_NUMBER, Power::Owner))).await?;
    let playing = tokio::spawn(upstream::serve(behind));
    let console = console(&settings).await?;
    let pages = console.as_ref().map(|console| console.url.origin().to_owned());
    let running = Running {
        house: opened.house,
        dialects: opened.dialects,
        hasher: Some(opened.hasher),
        proxies: settings.server.trusted_proxies,
        body_time: settings.server.body_time,
        instance: u64::from_be_bytes(source.dice().bytes()),
        source: Arc::clone(&source),
        keep_audit: 0,
        rules_file: None,
        grpc: None,
        ways: settings.proxy,
        doors: settings.server.doors,
        console,
        secure: None,
    };
    let telling = async { show(&guide::write(address, pages.as_deref(), &cast, source.as_ref()).await) };
    let serving = serve(running, public, None, stop);
    let (served, ()) = tokio::join!(serving, telling);
    playing.abort();
    served
}

/// The console's listener: that its usual address is taken is no reason not to play.
async fn console(settings: &Settings) -> Result<Option<Opening>, Fault> {
    let Some(wanted) = settings.console.listen else { return Ok(None) };
    let listener = match bind(wanted).await {
        Ok(listener) => listener,
        Err(_) => bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?,
    };
    let url = settings.console.address(listener.local_addr().ok());
    Ok(url.map(|url| Opening { listener: Some(listener), url, settings: settings.console.clone(), shown: reference::list(settings) }))
}

fn call(source: &dyn Source) -> Call {
    let mut dice = source.dice();
    let request_id = RequestId::draw(dice.as_mut());
    Call { now: source.now(), dice, client: Client { address: Ipv4Addr::LOCALHOST.into(), agent: None }, request_id, actor: None }
}

//! `doorward demo`: try it.

use super::{Failed, log};
use crate::config::{Settings, Sources};

/// A server in a temporary directory, with a site for each dialect, users with and without a second factor, API tokens,
/// and an upstream to play with. It prints commands to paste, and what each should answer. Ctrl-C ends it, and nothing
/// stays behind.
#[derive(clap::Args)]
pub(super) struct Demo {
    /// Where it listens
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
}

impl Demo {
    pub(super) fn run(self) -> Result<(), Failed> {
        let room = crate::demo::TemporaryRoom::make()?;
        // Nothing of the machine's own configuration belongs into a demo.
        let mut sources = Sources::default();
        let place = room.path().display().to_string();
        for (key, value) in [("server.listen", self.listen), ("server.metrics_listen", String::new()), ("data.dir", place)] {
            super::add_flag(&mut sources, key, Some(&value));
        }
        sources.set("log.level=warn")?;
        let settings = Settings::load(&sources)?;
        log::start(&settings.log);
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|e| Failed::Said(format!("no runtime: {e}")))?;
        let show = |text: &str| super::out::line(text);
        runtime.block_on(crate::demo::run(settings, show, crate::serve::signal()))?;
        // The store is closed before its directory goes.
        drop(runtime);
        drop(room);
        Ok(())
    }
}

//! `doorward settings`: what holds, why, and what it does.

use super::{Common, Failed, out};
use crate::config::reference;

#[derive(clap::Subcommand)]
pub(super) enum Settings {
    /// Every setting: its value, where that came from, and the default
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// What one setting does, and where it can be set
    Explain {
        /// The setting, such as server.listen
        key: String,
    },
    /// The reference of all settings, as Markdown
    Reference,
}

impl Settings {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        match self {
            Self::List { json } => {
                let settings = common.settings()?;
                if json {
                    out::json(&reference::list(&settings));
                } else {
                    let row = |k: &'static crate::config::Key| {
                        [k.name.to_owned(), reference::shown(k, &settings), settings.origin(k.name).to_string(), k.default.to_owned()]
                    };
                    let rows: Vec<_> = crate::config::keys().map(row).collect();
                    out::table(["setting", "value", "set by", "default"], &rows, "");
                }
            }
            Self::Explain { key } => out::raw(reference::explain(&key, &common.settings()?)?.as_bytes()),
            Self::Reference => out::raw(reference::markdown().as_bytes()),
        }
        Ok(())
    }
}

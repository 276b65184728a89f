//! `doorward export bundle`: move out.

use std::fs::OpenOptions;
use std::io::{IsTerminal, Write, stdout};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::bundle::{Wanted, export};

#[derive(clap::Subcommand)]
pub(super) enum Export {
    /// Write sites, rules and users as a bundle; with --with-secrets, everything that is needed to move out
    Bundle {
        /// The file to write, readable by you alone; without it, standard output
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Also password hashes, second factors, digests of API tokens, signing keys and the dialects' settings
        #[arg(long)]
        with_secrets: bool,
        /// This site alone
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
    },
}

impl Export {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let Self::Bundle { out: file, with_secrets, site } = self;
        if with_secrets && file.is_none() && stdout().is_terminal() {
            return Err(Failed::Usage("secrets are not shown on a terminal: name a file with --out".into()));
        }
        let bundle = block(async {
            let room = Room::open(common).await?;
            if site.is_some() {
                room.site(site.as_deref()).await?;
            }
            Ok(export(room.house(), Wanted { site, secrets: with_secrets }).await?)
        })?;
        let mut text = serde_json::to_string_pretty(&bundle).map_err(|e| Failed::Said(e.to_string()))?;
        text.push('\n');
        let Some(file) = file else {
            out::raw(text.as_bytes());
            return Ok(());
        };
        write(&file, &text).map_err(|e| Failed::Said(format!("{} cannot be written: {e}", file.display())))?;
        let what = if with_secrets { "with secrets: keep it as you keep passwords" } else { "without secrets" };
        out::line(format_args!("written to {}, {what}", file.display()));
        Ok(())
    }
}

/// A new file, for its owner alone; an existing one is not replaced.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    open.write_all(text.as_bytes())?;
    open.sync_all()
}

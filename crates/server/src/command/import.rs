//! `doorward import bundle`: move in.

use std::io::Read;
use std::path::PathBuf;

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::bundle::{self, Mode};

#[derive(clap::Subcommand)]
pub(super) enum Import {
    /// Read a bundle: all of it or nothing; a second time changes nothing; a running server takes it up within a second
    Bundle {
        /// The file; - is standard input
        file: PathBuf,
        /// Try everything and write nothing
        #[arg(long)]
        dry_run: bool,
        /// The report as JSON
        #[arg(long)]
        json: bool,
    },
}

impl Import {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let Self::Bundle { file, dry_run, json } = self;
        let text = read(&file)?;
        let bundle = bundle::read(&text).map_err(|p| Failed::Said(format!("{}: {p}", file.display())))?;
        let mode = if dry_run { Mode::DryRun } else { Mode::Write("command.import_bundle") };
        let report = block(async {
            let room = Room::open_or_make(common).await?;
            Ok(bundle::import(room.house(), room.call(), bundle, mode).await?)
        })?;
        for warning in &report.warnings {
            out::warn(warning);
        }
        if json {
            out::json(&report.json());
        } else {
            let how = if dry_run { "would be imported" } else { "imported" };
            out::line(format_args!("{how}: {report}"));
        }
        Ok(())
    }
}

fn read(file: &std::path::Path) -> Result<String, Failed> {
    let read = if file.as_os_str() == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|e| Failed::Said(format!("{} cannot be read: {e}", file.display())))
}

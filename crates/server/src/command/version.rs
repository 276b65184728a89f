//! `doorward version`: which one this is.

use serde_json::json;

use super::out;

/// Print the version.
#[derive(clap::Args)]
pub(super) struct Version {
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Version {
    pub(super) fn run(self) {
        let version = env!("CARGO_PKG_VERSION");
        if self.json {
            let dialects: Vec<_> = doorward_dialects::all().iter().map(|d| d.name()).collect();
            out::json(&json!({
                "name": "doorward",
                "version": version,
                "bundle_format": crate::bundle::format::VERSION,
                "dialects": dialects,
                "stores": ["sqlite", "postgres"],
            }));
        } else {
            out::line(format_args!("doorward {version}"));
        }
    }
}

//! `[log]`: how the server tells what it does.

use super::key::{Key, Kind};
use super::{Problem, Values};

const FORMATS: &[&str] = &["text", "json"];
const LEVELS: &[&str] = &["error", "warn", "info", "debug"];

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "log.format",
        env: "DOORWARD_LOG_FORMAT",
        flag: None,
        kind: Kind::Word(FORMATS),
        default: "text",
        about: "How log lines are written to standard error: text for people, json (one object per line) for collectors.",
    },
    Key {
        name: "log.level",
        env: "DOORWARD_LOG_LEVEL",
        flag: None,
        kind: Kind::Word(LEVELS),
        default: "info",
        about: "The least important lines that are still written. debug tells every refusal with its reason id; no level \
                writes a password, token or key.",
    },
];

/// The section's values.
#[derive(Clone, Copy, Debug)]
pub struct Log {
    /// One JSON object per line instead of text.
    pub json: bool,
    /// The least important level that is written.
    pub level: tracing::Level,
}

impl Log {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let json = values.word("log.format", FORMATS)? == "json";
        let level = values.word("log.level", LEVELS)?;
        Ok(Self { json, level: level.parse().unwrap_or(tracing::Level::INFO) })
    }
}

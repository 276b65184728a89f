//! How the server logs: tracing to standard error, as text or as one JSON object per line.

use std::io::{IsTerminal, stderr};

use tracing_subscriber::fmt;

use crate::config::Log;

/// Starts logging. A second start (in tests) changes nothing.
pub(crate) fn start(log: &Log) {
    let builder = fmt().with_writer(stderr).with_max_level(log.level).with_target(false);
    let _ = if log.json { builder.json().flatten_event(true).try_init() } else { builder.with_ansi(stderr().is_terminal()).try_init() };
}

//! How it wraps answers: bare objects, errors under `error`, as Rails writes JSON.

use doorward_web::Reply;
use doorward_web::json::Style;
use serde::Serialize;
use serde_json::json;

/// A success.
pub(super) fn ok(value: &impl Serialize) -> Reply {
    Reply::json(200, Style::Rails, value)
}

/// A failure.
pub(super) fn error(status: u16, text: &str) -> Reply {
    Reply::json(status, Style::Rails, &json!({"error": text}))
}

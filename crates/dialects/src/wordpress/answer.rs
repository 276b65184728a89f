//! Answers as WordPress's REST server writes them: PHP's JSON, and errors as `code`, `message`, `data`.

use doorward_web::Reply;
use doorward_web::json::Style;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde_json::{Value, json};

use super::php::JsonError;

/// The type of every REST answer.
pub(crate) const JSON: &str = "application/json; charset=UTF-8";

/// A REST answer.
pub(crate) fn json(status: u16, value: &impl Serialize) -> Reply {
    Reply::json(status, Style::Php, value).with(CONTENT_TYPE, JSON)
}

/// A `WP_Error` with a status.
pub(crate) fn error(status: u16, code: &str, message: &str) -> Reply {
    error_with(status, code, message, &json!({"status": status}))
}

/// A `WP_Error` with data of its own.
pub(crate) fn error_with(status: u16, code: &str, message: &str, data: &Value) -> Reply {
    json(status, &json!({"code": code, "message": message, "data": data}))
}

/// No route has this path with this method.
pub(crate) fn no_route() -> Reply {
    error(404, "rest_no_route", "No route was found matching the URL and request method.")
}

/// A body that calls itself JSON and is none: refused before the plugin runs.
pub(crate) fn invalid_json(JsonError(code, message): JsonError) -> Reply {
    let data = json!({"status": 400, "json_error_code": code, "json_error_message": message});
    error_with(400, "rest_invalid_json", "Invalid JSON body passed.", &data).refusing("malformed_body")
}

/// What WordPress says when its own code broke.
pub(crate) fn fatal() -> Reply {
    let message = "<p>There has been a critical error on this website.</p>";
    error(500, "internal_server_error", message)
}

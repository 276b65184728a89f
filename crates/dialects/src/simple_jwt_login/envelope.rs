//! How it wraps answers: `success` first, as WordPress writes JSON, with the headers of its REST answers.

use doorward_web::Reply;
use doorward_web::json::Style;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use serde::Serialize;
use serde_json::{Value, json};

/// A success on a route that has these methods.
pub(super) fn ok(allow: &str, value: &impl Serialize) -> Reply {
    wordpress(200, value).with(ALLOW, allow)
}

/// A success that is one JWT.
pub(super) fn jwt(token: &str) -> Reply {
    ok("POST", &json!({"success": true, "data": {"jwt": token}}))
}

/// A failure, as seed 001 documents it.
pub(super) fn error(status: u16, text: &str) -> Reply {
    wordpress(status, &json!({"success": false, "error": text}))
}

/// A body that calls itself JSON and is none, as WordPress refuses it before any plugin runs.
pub(super) fn invalid_json() -> Reply {
    let data = json!({"status": 400, "json_error_code": 4, "json_error_message": "Syntax error"});
    core(400, "rest_invalid_json", "Invalid JSON body passed.", &data)
}

/// A path or method that the namespace does not have.
pub(super) fn no_route() -> Reply {
    core(404, "rest_no_route", "No route was found matching the URL and request method.", &json!({"status": 404}))
}

fn core(status: u16, code: &str, message: &str, data: &Value) -> Reply {
    wordpress(status, &json!({"code": code, "message": message, "data": data}))
}

fn wordpress(status: u16, value: &impl Serialize) -> Reply {
    Reply::json(status, Style::Php, value)
        .with(CONTENT_TYPE, "application/json; charset=UTF-8")
        .with(HeaderName::from_static("x-robots-tag"), "noindex")
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
}

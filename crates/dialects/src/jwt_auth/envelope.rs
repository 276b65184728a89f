//! How it wraps answers: bare objects, as WordPress writes JSON, with the headers of its REST answers.

use doorward_web::Reply;
use doorward_web::json::Style;
use http::header::{ALLOW, CONTENT_TYPE, HeaderName, X_CONTENT_TYPE_OPTIONS};
use serde::Serialize;
use serde_json::json;

/// A success.
pub(super) fn ok(value: &impl Serialize) -> Reply {
    wordpress(200, value).with(ALLOW, "POST")
}

/// A refused login, in the seed's order of members.
pub(super) fn login_refused(status: u16, message: &str) -> Reply {
    wordpress(status, &json!({"code": "jwt_auth_failed", "data": {"status": status}, "message": message}))
}

/// A refused token: the seed's list of one object, always 403.
pub(super) fn token_refused(code: &str, message: &str) -> Reply {
    wordpress(403, &json!([{"code": code, "message": message, "data": {"status": 403}}]))
}

/// An error of WordPress itself.
pub(super) fn error(status: u16, code: &str, message: &str) -> Reply {
    wordpress(status, &json!({"code": code, "message": message, "data": {"status": status}}))
}

/// A body that calls itself JSON and is none, as WordPress refuses it before any plugin runs.
pub(super) fn invalid_json() -> Reply {
    let data = json!({"status": 400, "json_error_code": 4, "json_error_message": "Syntax error"});
    wordpress(400, &json!({"code": "rest_invalid_json", "message": "Invalid JSON body passed.", "data": data}))
}

/// A path or method that the namespace does not have.
pub(super) fn no_route() -> Reply {
    error(404, "rest_no_route", "No route was found matching the URL and request method.")
}

fn wordpress(status: u16, value: &impl Serialize) -> Reply {
    Reply::json(status, Style::Php, value)
        .with(CONTENT_TYPE, "application/json; charset=UTF-8")
        .with(HeaderName::from_static("x-robots-tag"), "noindex")
        .with(X_CONTENT_TYPE_OPTIONS, "nosniff")
}

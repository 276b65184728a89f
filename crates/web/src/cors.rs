//! CORS: a preflight is answered before anybody is asked for a credential, and errors carry the same headers as successes.
//!
//! Any origin may call, without credentials (no cookie authenticates here); a site with an allow-list names its origins.

use doorward_core::site::SiteView;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, ALLOW, HeaderMap, HeaderName, HeaderValue,
    ORIGIN, VARY,
};

use crate::reply::Reply;

const EXPOSED: &str = "X-Request-Id, Retry-After, WWW-Authenticate, X-WP-Total, X-WP-TotalPages, Link";
const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/// The answer to an `OPTIONS`, if the request is one: 204, whoever asks.
#[must_use]
pub fn options(method: &http::Method, headers: &HeaderMap, allow: &str) -> Option<Reply> {
    if method != http::Method::OPTIONS {
        return None;
    }
    let reply = Reply::empty(204).with(ALLOW, if allow.is_empty() { METHODS } else { allow });
    if !is_preflight(headers) {
        return Some(reply);
    }
    let echo = |name: &HeaderName, fallback: &str| headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or(fallback).to_owned();
    Some(
        reply
            .with(ACCESS_CONTROL_ALLOW_METHODS, &echo(&ACCESS_CONTROL_REQUEST_METHOD, METHODS))
            .with(ACCESS_CONTROL_ALLOW_HEADERS, &echo(&ACCESS_CONTROL_REQUEST_HEADERS, "Authorization, Content-Type"))
            .with(ACCESS_CONTROL_MAX_AGE, "600"),
    )
}

/// True if the request is a browser's preflight.
#[must_use]
pub fn is_preflight(headers: &HeaderMap) -> bool {
    headers.contains_key(ORIGIN) && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds the origin headers to an answer, unless it brings its own. `view` is `None` where no site was found.
pub fn decorate(view: Option<&SiteView>, request: &HeaderMap, answer: &mut HeaderMap) {
    let Some(origin) = request.get(ORIGIN) else { return };
    if answer.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    let list = view.map(|v| v.site.cors_origins.as_slice()).unwrap_or_default();
    if list.is_empty() {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        answer.append(VARY, HeaderValue::from_static("Origin"));
        let known = origin.to_str().is_ok_and(|o| list.iter().any(|allowed| allowed == o));
        if !known {
            return;
        }
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    }
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}

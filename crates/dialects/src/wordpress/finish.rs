//! The last touch of WordPress's REST server on an answer: its headers, CORS, and `_fields`, `_envelope`, `_pretty`, `_jsonp`.

use doorward_core::site::SiteView;
use doorward_web::json::{Style, write};
use doorward_web::{Head, Reply};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ALLOW, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LINK, ORIGIN, VARY, X_CONTENT_TYPE_OPTIONS,
};
use serde_json::{Map, Value, json};

use super::{answer, php};

const EXPOSED: HeaderValue = HeaderValue::from_static("X-WP-Total, X-WP-TotalPages, Link");
const ALLOWED: HeaderValue = HeaderValue::from_static("Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type");
const METHODS: HeaderValue = HeaderValue::from_static("OPTIONS, GET, POST, PUT, PATCH, DELETE");

/// Finishes an answer: wraps its body as the query asks, unless it is [as is](Reply::as_is), and adds WordPress's headers.
///
/// The origin is echoed on every answer, refusals included (the plugins' own error answers lack it, and a browser cannot read
/// them), unless the site has a list of its own: then Doorward's list decides.
pub(crate) fn finish(view: &SiteView, head: &Head, mut reply: Reply) -> Reply {
    if !reply.as_is && is_json(&reply) {
        reply = wrapped(head, reply);
    }
    let headers = &mut reply.headers;
    headers.insert(HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
    headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
    if let Ok(link) = HeaderValue::from_str(&format!("<{}/wp-json/>; rel=\"https://api.w.org/\"", view.site.url)) {
        headers.insert(LINK, link);
    }
    origin(view, head, headers);
    reply
}

fn origin(view: &SiteView, head: &Head, headers: &mut HeaderMap) {
    match head.headers.get(ORIGIN) {
        Some(origin) if view.site.cors_origins.is_empty() => {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        None if head.method == http::Method::GET => {
            headers.append(VARY, HeaderValue::from_static("Origin"));
        }
        Some(_) | None => {}
    }
}

fn is_json(reply: &Reply) -> bool {
    reply.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

/// The refusal of a `_jsonp` that is no name of a function; the request is not run then.
pub(super) fn bad_callback(head: &Head) -> Option<Reply> {
    let query = asked(head)?;
    let callback = query.get("_jsonp")?;
    let plain = callback.as_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')));
    let refused = || answer::json(400, &json!({"code": "rest_callback_invalid", "message": "Invalid JSONP callback function."}));
    // An empty name counts as none.
    let named = callback.as_str().is_none_or(|name| !name.is_empty() && name != "0");
    (named && !plain).then(|| refused().with(CONTENT_TYPE, SCRIPT).refusing("invalid_field").untouched())
}

const SCRIPT: &str = "application/javascript; charset=UTF-8";

/// The query's variables, if any of them could be WordPress's own.
fn asked(head: &Head) -> Option<Map<String, Value>> {
    let query = &head.target.query;
    (query.contains("_fields") || query.contains("_envelope") || query.contains("_pretty") || query.contains("_jsonp"))
        .then(|| php::query(query))
}

fn wrapped(head: &Head, mut reply: Reply) -> Reply {
    let Some(query) = asked(head) else { return reply };
    if let Some(refused) = bad_callback(head) {
        return refused;
    }
    let Ok(mut body) = serde_json::from_slice::<Value>(&reply.body) else { return reply };
    if let Some(fields) = query.get("_fields").filter(|_| reply.status.as_u16() < 400) {
        body = filtered(body, fields);
    }
    if query.contains_key("_envelope") {
        let mut headers = Map::new();
        if let Some(allow) = reply.headers.remove(ALLOW).as_ref().and_then(|v| v.to_str().ok()) {
            headers.insert("Allow".into(), Value::from(allow));
        }
        let headers = if headers.is_empty() { json!([]) } else { Value::Object(headers) };
        body = json!({"body": body, "status": reply.status.as_u16(), "headers": headers});
        reply.status = http::StatusCode::OK;
    }
    let style = if query.contains_key("_pretty") { Style::PhpPretty } else { Style::Php };
    let mut text = write(style, &body);
    if let Some(callback) = query.get("_jsonp").and_then(Value::as_str).filter(|name| !name.is_empty() && *name != "0") {
        text = [b"/**/", callback.as_bytes(), b"(", &text, b")"].concat();
        reply.headers.insert(CONTENT_TYPE, HeaderValue::from_static(SCRIPT));
    }
    reply.body = text.into();
    reply
}

/// `_fields`: a list of names, or names with commas or blanks between them, and dots for what is deeper.
fn filtered(body: Value, fields: &Value) -> Value {
    let names: Vec<String> = match fields {
        Value::Array(list) => list.iter().filter_map(php::text).collect(),
        Value::Object(map) => map.values().filter_map(php::text).collect(),
        text @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            let text = php::text(text).unwrap_or_default();
            text.split([',', ' ', '\t', '\n', '\r']).filter(|name| !name.is_empty()).map(str::to_owned).collect()
        }
    };
    if names.is_empty() {
        return body;
    }
    let paths: Vec<Vec<&str>> = names.iter().map(|name| name.trim().split('.').collect()).collect();
    match body {
        Value::Array(items) => items.into_iter().map(|item| kept(item, &paths)).collect(),
        one @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => kept(one, &paths),
    }
}

/// The members that some path names; one that a path ends at is kept whole. Nothing left is an empty list, as in PHP.
fn kept(value: Value, paths: &[Vec<&str>]) -> Value {
    let Value::Object(map) = value else { return value };
    let mut left = Map::new();
    for (name, inner) in map {
        let deeper: Vec<Vec<&str>> =
            paths.iter().filter(|p| p.first() == Some(&name.as_str())).map(|p| p.get(1..).unwrap_or_default().to_vec()).collect();
        if deeper.is_empty() {
            continue;
        }
        let whole = deeper.iter().any(Vec::is_empty);
        left.insert(name, if whole { inner } else { kept(inner, &deeper) });
    }
    if left.is_empty() { json!([]) } else { Value::Object(left) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrap(uri: &str, status: u16, body: &Value) -> (u16, String, String) {
        let head = Head::read(http::Request::builder().uri(uri).body(()).unwrap().into_parts().0).unwrap();
        let reply = wrapped(&head, answer::json(status, body).with(ALLOW, "POST"));
        let kind = reply.headers.get(CONTENT_TYPE).unwrap().to_str().unwrap().to_owned();
        (reply.status.as_u16(), kind, String::from_utf8(reply.body.to_vec()).unwrap())
    }

    #[test]
    fn the_query_wraps_and_cuts_the_body() {
        let body = json!({"a": {"b": 1, "c": "x/y"}, "d": [1]});
        for (uri, status, expected) in [
            ("/x", 200, r#"{"a":{"b":1,"c":"x\/y"},"d":[1]}"#),
            ("/x?_fields=d", 200, r#"{"d":[1]}"#),
            ("/x?_fields=a.b,%20d", 200, r#"{"a":{"b":1},"d":[1]}"#),
            ("/x?_fields[]=d&_fields[]=a.c", 200, r#"{"a":{"c":"x\/y"},"d":[1]}"#),
            ("/x?_fields=a,a.b", 200, r#"{"a":{"b":1,"c":"x\/y"}}"#),
            ("/x?_fields=z", 200, "[]"),
            ("/x?_fields=", 200, r#"{"a":{"b":1,"c":"x\/y"},"d":[1]}"#),
            ("/x?_fields=d", 403, r#"{"a":{"b":1,"c":"x\/y"},"d":[1]}"#),
            ("/x?_envelope&_fields=d", 200, r#"{"body":{"d":[1]},"status":200,"headers":{"Allow":"POST"}}"#),
            ("/x?_pretty&_fields=d", 200, "{\n    \"d\": [\n        1\n    ]\n}"),
            ("/x?_jsonp=a.b_1&_fields=d", 200, r#"/**/a.b_1({"d":[1]})"#),
        ] {
            assert_eq!(wrap(uri, status, &body).2, expected, "{uri} {status}");
        }
        assert_eq!(wrap("/x?_envelope=1", 403, &json!({})).0, 200);
        assert_eq!(wrap("/x?_jsonp=cb", 200, &json!({})).1, SCRIPT);
        let refused = wrap("/x?_jsonp=alert(1)", 200, &json!({}));
        assert_eq!((refused.0, &*refused.2), (400, r#"{"code":"rest_callback_invalid","message":"Invalid JSONP callback function."}"#));
    }
}

//! How it wraps its answers: WordPress's, with the plugin's own error body and CORS settings.

use doorward_core::site::SiteView;
use doorward_web::{Head, Reply};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, ALLOW, CACHE_CONTROL, EXPIRES, HeaderName,
    LOCATION, ORIGIN,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::words::Word;
use super::{Generation, Plugin, routes};
use crate::wordpress::{self, answer};

/// What WordPress says of an answer to somebody who is logged in.
const NEVER: &str = "no-cache, must-revalidate, max-age=0, no-store, private";

/// A success on a route that has these methods.
pub(super) fn ok(allow: &str, value: &impl Serialize) -> Reply {
    answer::json(200, value).with(ALLOW, allow)
}

/// The plugin's error.
pub(super) fn error(plugin: &Plugin, word: &Word, kind: Option<&str>) -> Reply {
    let name = if plugin.generation == Generation::V3 { "errorCode" } else { "error_code" };
    let mut data = Map::new();
    data.insert("message".to_owned(), Value::String(word.text.clone()));
    data.insert(name.to_owned(), Value::from(word.code));
    if let Some(kind) = kind {
        data.insert("type".to_owned(), Value::from(kind));
    }
    let mut reply = answer::json(word.status(plugin.generation), &json!({"success": false, "data": data})).refusing(word.reason());
    reply.as_is = true;
    reply
}

/// A redirect of WordPress.
pub(super) fn redirect(to: &str) -> Reply {
    let by = HeaderName::from_static("x-redirect-by");
    let mut reply = answer::json(302, &Value::Null).with(by, "WordPress").with(LOCATION, &location(to));
    reply.body = bytes::Bytes::new();
    reply
}

/// `wp_sanitize_redirect`: what a header may hold of a target; line ends go, also encoded ones.
pub(super) fn location(target: &str) -> String {
    let mut out = String::with_capacity(target.len());
    for byte in target.bytes() {
        match byte {
            b' ' => out.push_str("%20"),
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(char::from(byte)),
            _ if b"-~+_.?#=&;,/:%!*[]()@".contains(&byte) => out.push(char::from(byte)),
            0x80.. => out.push_str(&format!("%{byte:02X}")),
            _ => {}
        }
    }
    while let Some(at) = ["%0d", "%0a", "%0D", "%0A"].iter().find_map(|end| out.find(end)) {
        out.replace_range(at..at + 3, "");
    }
    out
}

/// What WordPress adds once the request has a user.
pub(super) fn known(reply: Reply) -> Reply {
    reply.with(CACHE_CONTROL, NEVER).with(EXPIRES, "Wed, 11 Jan 1984 05:00:00 GMT")
}

/// The last touch: WordPress's, then the plugin's CORS settings where no origin asked, or where it is the plugin that says no.
/// Where a cookie may hold the JWT, no foreign page is told that it may send cookies along.
pub(in super::super) fn finish(view: &SiteView, plugin: &Plugin, head: &Head, reply: Reply) -> Reply {
    // WordPress's own errors are finished by WordPress; the plugin's end the request before it comes to that.
    let is_plugins_no = reply.as_is && reply.refused.is_some();
    let is_malformed = reply.refused == Some("malformed_body");
    let allow = routes::allowed(plugin, &head.target.path).filter(|_| is_malformed);
    let mut reply = wordpress::finish(view, head, allow.iter().fold(reply, |reply, allow| reply.with(ALLOW, allow)));
    let origin = head.headers.get(ORIGIN);
    if origin.is_none() || is_plugins_no {
        for (name, value) in [(ACCESS_CONTROL_ALLOW_ORIGIN, &plugin.cors.origin), (ACCESS_CONTROL_ALLOW_METHODS, &plugin.cors.methods)] {
            if let Some(value) = value {
                reply = reply.with(name, value);
            }
        }
    }
    if plugin.sources.cookie.is_some() && origin.is_some_and(|origin| origin != view.site.url.as_str()) {
        reply.headers.remove(ACCESS_CONTROL_ALLOW_CREDENTIALS);
    }
    reply
}

/// The same answer with another status.
pub(super) fn with_status(mut reply: Reply, status: u16) -> Reply {
    reply.status = http::StatusCode::from_u16(status).unwrap_or(reply.status);
    reply
}

#[cfg(test)]
mod tests {
    use super::location;

    #[test]
    fn a_target_is_cleaned_as_wordpress_cleans_it() {
        for (target, cleaned) in [
            ("https://app.example/x?a=1&b[]=2#c", "https://app.example/x?a=1&b[]=2#c"),
            ("/a b/\u{e9}?n={{user_first_name}}", "/a%20b/%C3%A9?n=user_first_name"),
            ("/a?e=Bad.%0AInvalid%0D%0a", "/a?e=Bad.Invalid"),
            ("/a?e=%0%0ad<\"'>", "/a?e="),
        ] {
            assert_eq!(location(target), cleaned, "{target}");
        }
    }
}

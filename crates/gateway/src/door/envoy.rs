//! Envoy asks first: `ext_authz` over HTTP sends the original method, `Host` and headers to the original path behind our
//! own (`path_prefix`); 200 lets it pass, any other status is the client's, with headers and body.

use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue};

use doorward_web::Head;
use doorward_web::target::Ambiguous;

use super::asked;

/// What Envoy puts before the original path.
pub(super) const PATH: &str = "/_doorward/check/envoy";

/// Names what Envoy must remove from the client's request; it copies only what is set.
const REMOVE: HeaderName = HeaderName::from_static("x-envoy-auth-headers-to-remove");

/// True for a path behind ours.
pub(super) fn is_below(path: &str) -> bool {
    path.strip_prefix(PATH).is_some_and(|rest| rest.starts_with('/'))
}

pub(super) fn original(parts: Parts) -> Result<Head, Ambiguous> {
    asked::client(&parts.headers)?;
    let raw = parts.uri.path_and_query().ok_or(Ambiguous)?.as_str();
    let target = asked::target(raw.strip_prefix(PATH).ok_or(Ambiguous)?)?;
    let method = parts.method.clone();
    let host = asked::one(&parts.headers, &HOST).ok().or(parts.uri.authority().map(http::uri::Authority::as_str));
    let host = host.ok_or(Ambiguous)?.to_owned();
    Head::about(parts, method, target).and_then(|head| if head.host == host { Ok(head) } else { Err(Ambiguous) })
}

pub(super) fn dress(answer: &mut HeaderMap, asked: &HeaderMap, hidden: &[String]) {
    let gone = [super::to_remove(answer, asked).as_slice(), hidden].concat();
    if let Ok(names) = HeaderValue::from_str(&gone.join(",")) {
        answer.insert(REMOVE, names);
    }
}

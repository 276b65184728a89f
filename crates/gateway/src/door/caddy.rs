//! Caddy asks first: `forward_auth` sends a `GET` with `X-Forwarded-Method`, `-Uri`, `-Proto`, `-Host` and `-For`; 2xx lets
//! it pass.
//!
//! `X-Forwarded-Uri` is the target as Go writes it again after reading it, and so is the upstream's request line.

use http::request::Parts;
use http::{HeaderMap, HeaderValue};

use doorward_web::Head;
use doorward_web::target::Ambiguous;

use super::asked;
use crate::identity;

/// The path that Caddy asks at.
pub(super) const PATH: &str = "/_doorward/check/caddy";

pub(super) fn original(parts: Parts) -> Result<Head, Ambiguous> {
    forwarded(parts)
}

/// Every identity header, empty where there is nothing to say: for one that `copy_headers` does not find, Caddy 2.6 writes
/// the placeholder's own text, and some later versions leave the client's.
pub(super) fn dress(answer: &mut HeaderMap) {
    for name in identity::NAMES {
        answer.entry(name).or_insert(HeaderValue::from_static(""));
    }
}

/// The five headers that Caddy and Traefik have in common.
pub(super) fn forwarded(parts: Parts) -> Result<Head, Ambiguous> {
    asked::scheme(asked::one(&parts.headers, &asked::FORWARDED_PROTO)?)?;
    asked::client(&parts.headers)?;
    let target = asked::target(asked::one(&parts.headers, &asked::FORWARDED_URI)?)?;
    let method = asked::method(asked::one(&parts.headers, &asked::FORWARDED_METHOD)?)?;
    let host = asked::one(&parts.headers, &asked::FORWARDED_HOST)?.to_owned();
    Head::about(asked::at_host(parts, &host)?, method, target)
}

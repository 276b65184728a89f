//! nginx asks first: `auth_request` with the original method and URI in headers; 204 with identity headers lets it pass.
//!
//! `$request_uri` is the target as the client sent it, and what `proxy_pass` without a path passes on. `$uri` is decoded and
//! must not be used for either.

use http::request::Parts;

use doorward_web::Head;
use doorward_web::target::Ambiguous;

use super::asked;

/// The path that nginx asks at.
pub(super) const PATH: &str = "/_doorward/check/nginx";

pub(super) fn original(parts: Parts) -> Result<Head, Ambiguous> {
    let target = asked::target(asked::one(&parts.headers, &asked::ORIGINAL_URI)?)?;
    let method = asked::method(asked::one(&parts.headers, &asked::ORIGINAL_METHOD)?)?;
    Head::about(parts, method, target)
}

//! `HAProxy` asks first: the script of `examples/haproxy` sends the request line's method and target, the scheme, the
//! host and the client's address; 204 that names the site lets it pass, every other answer is the client's.

use http::request::Parts;

use doorward_web::Head;
use doorward_web::target::Ambiguous;

use super::asked;

/// The path that the script asks at.
pub(super) const PATH: &str = "/_doorward/check/haproxy";

pub(super) fn original(parts: Parts) -> Result<Head, Ambiguous> {
    asked::scheme(asked::one(&parts.headers, &asked::FORWARDED_PROTO)?)?;
    asked::client(&parts.headers)?;
    let target = asked::target(asked::one(&parts.headers, &asked::ORIGINAL_URI)?)?;
    let method = asked::method(asked::one(&parts.headers, &asked::ORIGINAL_METHOD)?)?;
    let host = asked::one(&parts.headers, &asked::FORWARDED_HOST)?.to_owned();
    Head::about(asked::at_host(parts, &host)?, method, target)
}

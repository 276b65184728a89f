//! Traefik asks first: `ForwardAuth` sends a `GET` with `X-Forwarded-Method`, `-Proto`, `-Host`, `-Uri` and `-For`; 2xx lets
//! it pass.
//!
//! With `trustForwardHeader` Traefik would pass on what the client says in these headers: it must stay off.

use http::request::Parts;

use doorward_web::Head;
use doorward_web::target::Ambiguous;

/// The path that Traefik asks at.
pub(super) const PATH: &str = "/_doorward/check/traefik";

pub(super) fn original(parts: Parts) -> Result<Head, Ambiguous> {
    super::caddy::forwarded(parts)
}

//! The request that Envoy asks about. Envoy says some things twice (`path` and `:path`): they must be the same.

use std::net::IpAddr;

use doorward_web::Head;
use doorward_web::target::Ambiguous;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};

use super::message::{AttributeContext, CheckRequest, HttpRequest};
use crate::door::asked;

/// The head of the original request, and the address that Envoy was called from.
///
/// # Errors
/// [`Ambiguous`] if something is missing, double or unreadable.
pub fn original(asked: CheckRequest) -> Result<(Head, IpAddr), Ambiguous> {
    let AttributeContext { source, request } = asked.attributes.ok_or(Ambiguous)?;
    let address = source.and_then(|peer| peer.address?.socket_address).ok_or(Ambiguous)?.address;
    let http = request.and_then(|request| request.http).ok_or(Ambiguous)?;
    if !http.query.is_empty() || !http.fragment.is_empty() || http.host.is_empty() {
        return Err(Ambiguous);
    }
    asked::scheme(&http.scheme)?;
    let headers = headers(&http)?;
    let (mut parts, ()) = http::Request::new(()).into_parts();
    parts.headers = headers;
    let head = Head::about(asked::at_host(parts, &http.host)?, asked::method(&http.method)?, asked::target(&http.path)?)?;
    Ok((head, address.parse().map_err(|_| Ambiguous)?))
}

/// The headers, from the map or from the list, never from both.
fn headers(http: &HttpRequest) -> Result<HeaderMap, Ambiguous> {
    let mut found = HeaderMap::new();
    let map = http.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let list = http.header_map.iter().flat_map(|list| &list.headers);
    let list = list.map(|h| (h.key.as_str(), if h.raw_value.is_empty() { h.value.as_bytes() } else { h.raw_value.as_slice() }));
    if http.header_map.is_some() && !http.headers.is_empty() {
        return Err(Ambiguous);
    }
    for (name, value) in map.chain(list) {
        let said = match name {
            ":method" => &http.method,
            ":path" => &http.path,
            ":authority" | "host" => &http.host,
            ":scheme" => &http.scheme,
            other if other.starts_with(':') => continue,
            other => {
                let name = HeaderName::from_bytes(other.as_bytes()).map_err(|_| Ambiguous)?;
                found.append(name, HeaderValue::from_bytes(value).map_err(|_| Ambiguous)?);
                continue;
            }
        };
        if said.as_bytes() != value {
            return Err(Ambiguous);
        }
    }
    found.remove(HOST);
    Ok(found)
}

//! What a proxy says of the original request: each header once and readable, or nothing is believed.

use std::net::IpAddr;

use doorward_web::Target;
use doorward_web::incoming::text;
use doorward_web::target::Ambiguous;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Method, Uri};

pub(super) const ORIGINAL_METHOD: HeaderName = HeaderName::from_static("x-original-method");
pub(super) const ORIGINAL_URI: HeaderName = HeaderName::from_static("x-original-uri");
pub(super) const FORWARDED_METHOD: HeaderName = HeaderName::from_static("x-forwarded-method");
pub(super) const FORWARDED_URI: HeaderName = HeaderName::from_static("x-forwarded-uri");
pub(super) const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(super) const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
/// The header by which a proxy tells the client's address.
pub const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The value of a header that must be there once.
///
/// # Errors
/// [`Ambiguous`] if it is missing, empty, double, or no visible ASCII.
pub fn one<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Result<&'h str, Ambiguous> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) if !value.is_empty() => text(value).ok_or(Ambiguous),
        (_, _) => Err(Ambiguous),
    }
}

/// The original method.
///
/// # Errors
/// [`Ambiguous`] if it is no method.
pub fn method(text: &str) -> Result<Method, Ambiguous> {
    Method::from_bytes(text.as_bytes()).map_err(|_| Ambiguous)
}

/// The original path and query. Refused is what [`Target::parse`] refuses, and a `#`: some applications end the path there.
///
/// # Errors
/// [`Ambiguous`].
pub fn target(text: &str) -> Result<Target, Ambiguous> {
    if text.contains('#') { Err(Ambiguous) } else { Target::parse(text) }
}

/// The scheme that the client used must be one that is proxied. Nothing else depends on it.
///
/// # Errors
/// [`Ambiguous`] if it is neither `http` nor `https`.
pub fn scheme(text: &str) -> Result<(), Ambiguous> {
    if matches!(text, "http" | "https") { Ok(()) } else { Err(Ambiguous) }
}

/// The address that the proxy itself added to `X-Forwarded-For`: the last one. Without it every client would count as the
/// proxy, whose address may be on an allow-list.
///
/// # Errors
/// [`Ambiguous`] if there is none that can be read.
pub fn client(headers: &HeaderMap) -> Result<IpAddr, Ambiguous> {
    let last = headers.get_all(FORWARDED_FOR).iter().next_back().ok_or(Ambiguous)?;
    let last = text(last).ok_or(Ambiguous)?.rsplit(',').next().unwrap_or_default().trim();
    last.parse().map_err(|_| Ambiguous)
}

/// Sets the host that the client asked for, in place of the one that this question was sent to.
///
/// # Errors
/// [`Ambiguous`] if it is no header value.
pub fn at_host(mut asked: Parts, host: &str) -> Result<Parts, Ambiguous> {
    let host = HeaderValue::from_str(host).map_err(|_| Ambiguous)?;
    asked.headers.insert(HOST, host);
    // An authority in the question's own target would count for more.
    asked.uri = Uri::from_static("/");
    Ok(asked)
}

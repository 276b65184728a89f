//! One incoming request: its head, and the one `Call` that is made of it.

use std::net::IpAddr;

use doorward_core::call::{Call, Client, Dice, RequestId, Time};
use http::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, HeaderValue, USER_AGENT};
use http::{Method, Version, request::Parts};

use crate::client_addr::TrustedProxies;
use crate::target::{Ambiguous, Target};

/// Where time and randomness come from: the machine, or a test.
pub trait Source: Send + Sync {
    /// Now.
    fn now(&self) -> Time;
    /// Fresh dice for one request.
    fn dice(&self) -> Box<dyn Dice>;
}

/// The head of a request.
#[derive(Clone, Debug)]
pub struct Head {
    /// The method.
    pub method: Method,
    /// The path and query.
    pub target: Target,
    /// The headers as sent.
    pub headers: HeaderMap,
    /// The host that was asked, lower case or as sent; empty if none.
    pub host: String,
    /// What the listener knows of the connection (the other end of an upgrade).
    pub extensions: http::Extensions,
}

/// The version of HTTP that a request came by, among its extensions, where it is not the usual one.
#[derive(Clone, Copy)]
struct Spoken(Version);

impl Head {
    /// Reads a head.
    ///
    /// # Errors
    /// [`Ambiguous`] if the path or the host could mean two things, or there are two `Host` headers.
    pub fn read(parts: Parts) -> Result<Self, Ambiguous> {
        // A target that is only a host and a port (CONNECT's form) has no path to judge.
        let raw = parts.uri.path_and_query().ok_or(Ambiguous)?.as_str();
        let target = Target::parse(raw)?;
        let method = parts.method.clone();
        Self::about(parts, method, target)
    }

    /// The head of a request that this one asks about: its method and target, this one's host and headers.
    ///
    /// # Errors
    /// [`Ambiguous`] if the host could mean two things.
    pub fn about(parts: Parts, method: Method, target: Target) -> Result<Self, Ambiguous> {
        let mut hosts = parts.headers.get_all(HOST).iter();
        let host = match (parts.uri.authority(), hosts.next(), hosts.next()) {
            (_, _, Some(_)) => return Err(Ambiguous),
            (Some(authority), _, None) => authority.as_str().to_owned(),
            (None, Some(host), None) => text(host).ok_or(Ambiguous)?.to_owned(),
            (None, None, None) => String::new(),
        };
        if !is_host(&host) {
            return Err(Ambiguous);
        }
        let mut extensions = parts.extensions;
        if parts.version != Version::HTTP_11 {
            extensions.insert(Spoken(parts.version));
        }
        Ok(Self { method, target, headers: parts.headers, host, extensions })
    }

    /// The version of HTTP that the client speaks.
    #[must_use]
    pub fn version(&self) -> Version {
        self.extensions.get::<Spoken>().map_or(Version::HTTP_11, |spoken| spoken.0)
    }

    /// The `Authorization` header; `Err` if there are several or it is no text.
    ///
    /// # Errors
    /// [`Ambiguous`] for a header that could mean two things.
    pub fn authorization(&self) -> Result<Option<&str>, Ambiguous> {
        let mut values = self.headers.get_all(AUTHORIZATION).iter();
        match (values.next(), values.next()) {
            (None, _) => Ok(None),
            (Some(value), None) => text(value).map(|v| Some(v.trim_ascii())).ok_or(Ambiguous),
            (Some(_), Some(_)) => Err(Ambiguous),
        }
    }

    /// A header as text.
    #[must_use]
    pub fn header(&self, name: &http::HeaderName) -> Option<&str> {
        self.headers.get(name).and_then(text)
    }

    /// The body's declared type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.header(&CONTENT_TYPE)
    }

    /// The body's declared encoding.
    #[must_use]
    pub fn content_encoding(&self) -> Option<&str> {
        self.header(&CONTENT_ENCODING)
    }
}

/// A header's value as text, if it is ASCII: what [`HeaderValue::to_str`] says (no value holds control characters), found
/// out many bytes at a time.
#[must_use]
pub fn text(value: &HeaderValue) -> Option<&str> {
    Some(value.as_bytes()).filter(|bytes| bytes.is_ascii()).and_then(|bytes| std::str::from_utf8(bytes).ok())
}

/// True for what a host and a port are made of: no user info, no list, no blank.
fn is_host(host: &str) -> bool {
    host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']'))
}

/// Makes the call of a request. The only place where one is made.
#[must_use]
pub fn call(source: &dyn Source, proxies: &TrustedProxies, peer: IpAddr, headers: &HeaderMap) -> Call {
    let mut dice = source.dice();
    let request_id = RequestId::draw(dice.as_mut());
    let agent = headers.get(USER_AGENT).map(agent);
    Call { now: source.now(), dice, client: Client { address: proxies.client(peer, headers), agent }, request_id, actor: None }
}

/// The first letters of a `User-Agent`.
fn agent(value: &HeaderValue) -> String {
    const MOST: usize = 256;
    match text(value) {
        Some(text) => text[..text.len().min(MOST)].to_owned(),
        None => String::from_utf8_lossy(value.as_bytes()).chars().take(MOST).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_the_library_takes_for_text() {
        for byte in 0..=255_u8 {
            let Ok(value) = HeaderValue::from_bytes(&[b'a', byte, b'b']) else { continue };
            assert_eq!(text(&value), value.to_str().ok(), "{byte:#x}");
        }
        let long = HeaderValue::from_bytes("ä".repeat(300).as_bytes()).unwrap();
        assert_eq!(agent(&long).chars().count(), 256);
    }
}

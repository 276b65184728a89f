//! An answer: status, headers, body. Made by a language, sent by the server.

use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, VARY};
use http::{HeaderMap, StatusCode};
use serde::Serialize;

use crate::json::{self, Style};

/// An answer that Doorward itself gives.
#[derive(Clone, Debug)]
pub struct Reply {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Bytes,
    /// The stable reason id, where a handler wrote a refusal in words that depend on more than the refusal: it is counted
    /// as refused, not as granted.
    pub refused: Option<&'static str>,
    /// True if nothing around the endpoint may wrap or cut the body (an answer that a plugin printed itself).
    pub as_is: bool,
}

/// Says that an answer differs by these request headers, besides what it says already.
pub fn vary(headers: &mut HeaderMap, names: HeaderValue) {
    let mut said = headers.get_all(VARY).iter();
    if !said.any(|value| value == "*" || value == names) {
        headers.append(VARY, names);
    }
}

impl Reply {
    /// JSON in a style, never to be cached.
    #[must_use]
    pub fn json(status: u16, style: Style, value: &impl Serialize) -> Self {
        Self::raw(status, "application/json; charset=utf-8", json::write(style, value))
    }

    /// A body of a type, never to be cached.
    #[must_use]
    pub fn raw(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        let mut headers = HeaderMap::with_capacity(16);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        Self {
            status: StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            headers,
            body: body.into(),
            refused: None,
            as_is: false,
        }
    }

    /// An answer without a body (204, 304).
    #[must_use]
    pub fn empty(status: u16) -> Self {
        let mut reply = Self::raw(status, "application/json", Bytes::new());
        reply.headers.remove(CONTENT_TYPE);
        reply
    }

    /// As a refusal with its reason id; see [`Reply::refused`].
    #[must_use]
    pub fn refusing(mut self, reason: &'static str) -> Self {
        self.refused = Some(reason);
        self
    }

    /// With a body that nothing around the endpoint changes; see [`Reply::as_is`].
    #[must_use]
    pub fn untouched(mut self) -> Self {
        self.as_is = true;
        self
    }

    /// With a header; a value that cannot be sent is left out.
    #[must_use]
    pub fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }
}

//! An answer: whole, or a stream (exports, the live view).

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use doorward_web::Reply;
use doorward_web::json::Style;
use futures_util::Stream;
use http::header::{HeaderName, HeaderValue, SET_COOKIE};
use serde_json::Value;

/// Pieces of a body, as they come.
pub type Pieces = Pin<Box<dyn Stream<Item = Bytes> + Send + Sync>>;

/// An answer.
pub struct Answer {
    /// Status, headers, and the whole body if there is no stream.
    pub reply: Reply,
    /// The body's pieces, where it is a stream.
    pub pieces: Option<Pieces>,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Answer({})", self.reply.status)
    }
}

impl From<Reply> for Answer {
    fn from(reply: Reply) -> Self {
        Self { reply, pieces: None }
    }
}

impl Answer {
    /// 200 with a JSON object.
    #[must_use]
    pub fn ok(value: &Value) -> Self {
        Self::json(200, value)
    }

    /// 201 with a JSON object.
    #[must_use]
    pub fn made(value: &Value) -> Self {
        Self::json(201, value)
    }

    /// A JSON object with a status.
    #[must_use]
    pub fn json(status: u16, value: &Value) -> Self {
        Reply::json(status, Style::Plain, value).into()
    }

    /// 204.
    #[must_use]
    pub fn nothing() -> Self {
        Reply::empty(204).into()
    }

    /// 200 with a body that comes in pieces.
    #[must_use]
    pub fn stream(content_type: &'static str, pieces: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let alone = Alone(Mutex::new(Box::pin(pieces)));
        Self { reply: Reply::raw(200, content_type, Bytes::new()), pieces: Some(Box::pin(alone)) }
    }

    /// With a header; a value that cannot be sent is left out.
    #[must_use]
    pub fn with(self, name: HeaderName, value: &str) -> Self {
        Self { reply: self.reply.with(name, value), pieces: self.pieces }
    }

    /// With a cookie, beside others.
    #[must_use]
    pub fn cookie(mut self, cookie: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(cookie) {
            self.reply.headers.append(SET_COOKIE, value);
        }
        self
    }
}

/// A stream that one asks at a time: bodies must be shareable, futures of the store are not. The lock is never taken.
struct Alone(Mutex<Pin<Box<dyn Stream<Item = Bytes> + Send>>>);

impl Stream for Alone {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll_next(cx)
    }
}

//! What comes back: one answer with one length, or a fault. Never a guess.

use std::sync::Arc;

use doorward_core::refusal::Fault;
use http::header::{CONNECTION, CONTENT_LENGTH, HeaderMap, HeaderValue, TRAILER, TRANSFER_ENCODING, UPGRADE};
use http::{Response, StatusCode, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};

use super::body::Gauge;
use super::group::Busy;
use super::target::Line;
use super::upgrade::{self, Wish};
use super::{Body, Proxy, body, request, whole};
use crate::identity;

impl Proxy {
    pub(super) fn answer(
        &self,
        mut answer: Response<Incoming>,
        line: Line,
        (busy, gauge): (Busy, Arc<Gauge>),
        wish: Option<&Wish>,
    ) -> Result<Response<Body>, Fault> {
        if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
            return self.turned(answer, line, busy, wish);
        }
        one_length(answer.headers_mut())?;
        let most = self.terms.answer_bytes;
        if most > 0 && answer.body().size_hint().lower() > most {
            return Err(Fault::new("the upstream's answer is longer than proxy.answer_bytes"));
        }
        let (mut parts, incoming) = answer.into_parts();
        let announced = if parts.headers.contains_key(TRAILER) { body::announced(&parts.headers) } else { Vec::new() };
        identity::strip(&mut parts.headers);
        request::set_announced(&mut parts.headers, &announced);
        parts.version = Version::HTTP_11;
        let body = body::Answered::new(incoming, self.terms.answer_idle, most, line.into_single(), (busy, gauge));
        Ok(Response::from_parts(parts, body.boxed()))
    }

    fn turned(&self, mut answer: Response<Incoming>, line: Line, busy: Busy, wish: Option<&Wish>) -> Result<Response<Body>, Fault> {
        let wish = wish.filter(|wish| wish.is_granted(answer.headers())).ok_or_else(upgrade::unasked)?;
        wish.clone().join(&mut answer, self.terms.tunnel_idle, &self.tunnels, (line.into_single(), busy));
        let (mut parts, _) = answer.into_parts();
        let granted = parts.headers.get(UPGRADE).cloned();
        identity::strip(&mut parts.headers);
        parts.headers.remove(CONTENT_LENGTH);
        parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
        if let Some(granted) = granted {
            parts.headers.insert(UPGRADE, granted);
        }
        parts.extensions.clear();
        parts.version = Version::HTTP_11;
        Ok(Response::from_parts(parts, whole(bytes::Bytes::new())))
    }
}

/// Refuses an answer whose length could be read in two ways, and writes the same length twice only once.
fn one_length(headers: &mut HeaderMap) -> Result<(), Fault> {
    if let Some(coding) = headers.get(TRANSFER_ENCODING) {
        let one = headers.get_all(TRANSFER_ENCODING).iter().count() == 1;
        if headers.contains_key(CONTENT_LENGTH) || !one || !coding.as_bytes().trim_ascii().eq_ignore_ascii_case(b"chunked") {
            return Err(Fault::new("the upstream's answer has a length that could be read in two ways"));
        }
        return Ok(());
    }
    let Some(first) = headers.get(CONTENT_LENGTH).cloned() else { return Ok(()) };
    let digits = |v: &HeaderValue| !v.is_empty() && v.as_bytes().iter().all(u8::is_ascii_digit);
    if !digits(&first) || headers.get_all(CONTENT_LENGTH).iter().any(|v| v != first) {
        return Err(Fault::new("the upstream's answer has a length that could be read in two ways"));
    }
    headers.insert(CONTENT_LENGTH, first);
    Ok(())
}

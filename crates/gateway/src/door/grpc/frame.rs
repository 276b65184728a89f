//! gRPC over HTTP/2, as far as one message in and one out need it: a byte that says whether it is compressed, four of
//! length, the message; the status in the trailers.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;

use crate::Body;

const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const HEAD: usize = 5;

/// Why a call ends without an answer; Envoy then shuts the door (`failure_mode_allow` is off unless somebody turns it on).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// The message cannot be read.
    InvalidArgument = 3,
    /// This peer may not ask.
    PermissionDenied = 7,
    /// The message is too large.
    ResourceExhausted = 8,
    /// No such method, or a compressed message.
    Unimplemented = 12,
    /// Something of ours broke.
    Internal = 13,
}

/// Reads the one message of a body.
///
/// # Errors
/// The code to answer with, if it is compressed, broken, or more than one.
pub fn read<M: Message + Default>(body: &[u8]) -> Result<M, Code> {
    let (head, message) = body.split_at_checked(HEAD).ok_or(Code::InvalidArgument)?;
    if head[0] != 0 {
        return Err(Code::Unimplemented);
    }
    let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]);
    if usize::try_from(length) != Ok(message.len()) {
        return Err(Code::InvalidArgument);
    }
    M::decode(message).map_err(|_| Code::InvalidArgument)
}

/// An answer with one message.
#[must_use]
pub fn answer(message: &impl Message) -> Response<Body> {
    let encoded = message.encode_to_vec();
    // An answer of 4 GiB is not made here.
    let length = u32::try_from(encoded.len()).unwrap_or(u32::MAX);
    let mut bytes = BytesMut::with_capacity(HEAD + encoded.len());
    bytes.put_u8(0);
    bytes.put_u32(length);
    bytes.put_slice(&encoded);
    let trailers = async { Some(Ok(HeaderMap::from_iter([(STATUS, HeaderValue::from_static("0"))]))) };
    let body = Full::new(bytes.freeze()).with_trailers(trailers);
    shape(body.map_err(|never| match never {}).boxed())
}

/// The end of a call without an answer.
#[must_use]
pub fn end(code: Code) -> Response<Body> {
    let mut answer = shape(crate::proxy::whole(Bytes::new()));
    answer.headers_mut().insert(STATUS, HeaderValue::from(code as u16));
    answer
}

fn shape(body: Body) -> Response<Body> {
    let mut answer = Response::new(body);
    answer.headers_mut().insert(http::header::CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    answer
}

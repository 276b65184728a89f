//! WebSocket over HTTP/2 (RFC 8441): a client asks by an extended `CONNECT`, which is judged and passed on as the `GET` with an
//! upgrade that it stands for. Any other `CONNECT` stays what it is, and is refused.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use data_encoding::BASE64;
use doorward_core::call::Dice;
use doorward_gateway::Body;
use doorward_gateway::proxy::upgrade::Accept;
use doorward_gateway::proxy::whole;
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use http::request::Parts;
use http::{Method, Response, StatusCode};
use hyper::ext::Protocol;

/// What RFC 6455 §1.3 has appended to a key.
const MARK: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Makes a request of HTTP/1.1 of one that asks for a WebSocket over HTTP/2; true if it was one.
pub(super) fn lower(parts: &mut Parts, dice: &mut dyn Dice) -> bool {
    if parts.method != Method::CONNECT || parts.extensions.get::<Protocol>().is_none_or(|asked| asked.as_str() != "websocket") {
        return false;
    }
    let key = BASE64.encode(&dice.bytes::<16>());
    let accept = BASE64.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, format!("{key}{MARK}").as_bytes()).as_ref());
    let (Ok(key), Ok(accept)) = (HeaderValue::from_str(&key), HeaderValue::from_str(&accept)) else { return false };
    parts.method = Method::GET;
    parts.headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    parts.headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    parts.headers.insert(SEC_WEBSOCKET_KEY, key);
    parts.extensions.insert(Accept(accept));
    true
}

/// Makes an answer of HTTP/2 of one to such a request. There, every 2xx would open the WebSocket: only the 101 is one.
pub(super) fn raise(mut answer: Response<Body>) -> Response<Body> {
    if answer.status() == StatusCode::SWITCHING_PROTOCOLS {
        *answer.status_mut() = StatusCode::OK;
        for name in [CONNECTION, UPGRADE, SEC_WEBSOCKET_ACCEPT] {
            answer.headers_mut().remove(name);
        }
    } else if answer.status().is_success() {
        *answer.status_mut() = StatusCode::BAD_GATEWAY;
        for name in [CONTENT_LENGTH, CONTENT_TYPE] {
            answer.headers_mut().remove(name);
        }
        *answer.body_mut() = whole(bytes::Bytes::new());
    }
    answer
}

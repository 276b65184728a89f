//! What Envoy is told: who was let in and what to remove, or the client's answer whole.

use doorward_web::Reply;
use http::header::{CONTENT_LENGTH, HeaderMap, HeaderName};

use crate::identity;

use super::message::{CheckResponse, DeniedHttpResponse, HeaderValue, HeaderValueOption, HttpResponse, HttpStatus, OkHttpResponse, Status};

/// `OK` and `PERMISSION_DENIED` of gRPC: to Envoy, everything but 0 is a no.
const PASS: i32 = 0;
const DENIED: i32 = 7;

/// The request may pass: `told` names who was let in, `asked` are the client's headers, `hidden` those that the application must
/// not see.
#[must_use]
pub fn pass(told: &HeaderMap, asked: &HeaderMap, hidden: &[String]) -> CheckResponse {
    let gone = [crate::door::to_remove(told, asked).as_slice(), hidden].concat();
    let ok = OkHttpResponse { headers: options(told, is_identity), headers_to_remove: gone };
    CheckResponse { status: Some(Status { code: PASS }), http_response: Some(HttpResponse::Ok(ok)) }
}

/// It may not: the client hears this.
#[must_use]
pub fn refuse(reply: &Reply) -> CheckResponse {
    let denied = DeniedHttpResponse {
        status: Some(HttpStatus { code: i32::from(reply.status.as_u16()) }),
        headers: options(&reply.headers, |name| *name != CONTENT_LENGTH),
        body: String::from_utf8_lossy(&reply.body).into_owned(),
    };
    CheckResponse { status: Some(Status { code: DENIED }), http_response: Some(HttpResponse::Denied(denied)) }
}

/// What else an answer over HTTP says is not the application's to hear.
fn is_identity(name: &HeaderName) -> bool {
    identity::NAMES.contains(&name.as_str())
}

/// Every header once, several values joined: each is set in place of what is there.
fn options(headers: &HeaderMap, which: impl Fn(&HeaderName) -> bool) -> Vec<HeaderValueOption> {
    let kept = headers.keys().filter(|name| which(name));
    let text = |name: &HeaderName| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(", ")
    };
    let option = |name: &HeaderName| HeaderValueOption {
        header: Some(HeaderValue { key: name.as_str().to_owned(), value: text(name), raw_value: Vec::new() }),
        append: Some(false),
    };
    kept.map(option).collect()
}

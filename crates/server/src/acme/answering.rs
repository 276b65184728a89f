//! The plain listener while certificates are obtained: it tells the authority what proves a name, whatever site or rule.

use std::sync::Arc;

use doorward_gateway::{Body, proxy};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::shelf::Shelf;
use crate::listener::{Answers, Peer};

/// Where the authority asks (RFC 8555 §8.3).
const PLACE: &str = "/.well-known/acme-challenge/";
/// The longest token that is looked for; they have 22 letters at least, and in practice 43.
const LONGEST: usize = 128;

/// Answers what the authority asks, and leaves everything else to somebody else.
pub struct Answering<A> {
    /// Where the answers are.
    pub shelf: Arc<Shelf>,
    /// Who answers everything else: tokens that nobody here knows, too, since a site may prove its name itself.
    pub inner: Arc<A>,
}

impl<A: Answers> Answers for Answering<A> {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        if request.method() == Method::GET
            && let Some(token) = token(request.uri().path())
        {
            match self.shelf.answer(token).await {
                Ok(Some(text)) => return told(text),
                Ok(None) => {}
                Err(fault) => {
                    tracing::error!(%fault, "the authority's question cannot be answered");
                    let mut answer = Response::new(proxy::whole(bytes::Bytes::new()));
                    *answer.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                    return answer;
                }
            }
        }
        self.inner.answer(request, peer).await
    }

    fn connection(&self, change: i64) {
        self.inner.connection(change);
    }

    async fn ended(&self) {
        self.inner.ended().await;
    }
}

fn told(text: Vec<u8>) -> Response<Body> {
    let mut answer = Response::new(proxy::whole(text.into()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

/// The token of a path: base64url and nothing else, so that no path is anything but a name.
fn token(path: &str) -> Option<&str> {
    let token = path.strip_prefix(PLACE)?;
    let fits = !token.is_empty() && token.len() <= LONGEST;
    (fits && token.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_base64url_and_no_path() {
        let long = "a".repeat(129);
        for (rest, token) in [
            ("LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0", true),
            ("a-_9", true),
            (&long[1..], true),
            (&long, false),
            ("", false),
            ("a/b", false),
            ("a%2e", false),
            ("..", false),
            ("a=", false),
        ] {
            assert_eq!(super::token(&format!("{PLACE}{rest}")).is_some(), token, "{rest}");
        }
        assert_eq!(super::token("/.well-known/acme-challenge"), None);
        assert_eq!(super::token("/x/.well-known/acme-challenge/abc"), None);
    }
}

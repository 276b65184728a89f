//! A plain listener that answers nothing but its own paths: everybody else is sent to the TLS listener.

use std::sync::Arc;

use doorward_gateway::{Body, proxy};
use http::header::{HOST, HeaderValue, LOCATION};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;

use super::{Answers, Peer};
use crate::reception::Reception;

/// Sends clients to the same path of the same host over TLS.
pub struct Redirect {
    /// Answers the server's own paths, and says which hosts are known.
    pub reception: Arc<Reception>,
    /// The port of the TLS listener, as clients see it.
    pub port: u16,
}

impl Answers for Redirect {
    async fn answer(&self, request: Request<Incoming>, peer: Peer) -> Response<Body> {
        if Reception::is_own(request.uri().path()) {
            return self.reception.answer(request, peer).await;
        }
        let mut answer = Response::new(proxy::whole(bytes::Bytes::new()));
        match self.place(&request).and_then(|place| HeaderValue::from_str(&place).ok()) {
            Some(place) => {
                // 308: the method stays, and the body.
                *answer.status_mut() = StatusCode::PERMANENT_REDIRECT;
                answer.headers_mut().insert(LOCATION, place);
            }
            None => *answer.status_mut() = StatusCode::NOT_FOUND,
        }
        answer
    }

    fn connection(&self, change: i64) {
        self.reception.count_connection(change);
    }
}

impl Redirect {
    /// Where to; `None` if the host is no site's: nobody is sent to a place that only a header named.
    fn place(&self, request: &Request<Incoming>) -> Option<String> {
        let mut hosts = request.headers().get_all(HOST).iter();
        let host = match (request.uri().authority(), hosts.next(), hosts.next()) {
            (Some(authority), _, None) => authority.as_str(),
            (None, Some(host), None) => host.to_str().ok()?,
            (_, _, _) => return None,
        };
        let host = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |(name, _)| name);
        let port = if self.port == 443 { String::new() } else { format!(":{}", self.port) };
        let known = self.reception.knows(host) || self.reception.knows(&format!("{host}{port}"));
        let path = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        known.then(|| format!("https://{host}{port}{path}"))
    }
}

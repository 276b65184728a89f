//! The way to the upstream and back: bodies streamed, one connection pool, hop-by-hop headers kept apart.

use std::net::IpAddr;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderName, HeaderValue};
use http::{Request, Response, Uri};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};

use doorward_core::refusal::Fault;
use doorward_web::Head;

use crate::identity;

/// A body on its way: whole, or streamed.
pub type Body = BoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

const CONNECT: Duration = Duration::from_secs(5);
/// How long an upstream may think before its head arrives.
const HEAD: Duration = Duration::from_secs(60);

/// A connection pool to all upstreams.
pub struct Proxy {
    client: Client<HttpConnector, Body>,
}

impl Default for Proxy {
    fn default() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_connect_timeout(Some(CONNECT));
        connector.set_nodelay(true);
        let client =
            Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).pool_idle_timeout(Duration::from_secs(60)).build(connector);
        Self { client }
    }
}

/// A body that is there already.
#[must_use]
pub fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed()
}

impl Proxy {
    /// Passes a request on and returns the upstream's answer, its body streamed. `tell` writes the identity headers after
    /// every copy of them was removed.
    ///
    /// # Errors
    /// If the upstream cannot be reached or does not answer in time.
    pub async fn pass(
        &self,
        upstream: &str,
        head: &Head,
        client: IpAddr,
        body: Body,
        tell: impl FnOnce(&mut http::HeaderMap),
    ) -> Result<Response<Body>, Fault> {
        let uri: Uri = format!("{}{}", upstream.trim_end_matches('/'), head.target.raw)
            .parse()
            .map_err(|_| Fault::new("the upstream's address and the path make no URL"))?;
        let mut request = Request::new(body);
        *request.method_mut() = head.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = head.headers.clone();
        let headers = request.headers_mut();
        identity::strip(headers);
        tell(headers);
        forwarded(headers, head, client);
        let answer = tokio::time::timeout(HEAD, self.client.request(request))
            .await
            .map_err(|_| Fault::new("the upstream did not answer in time"))?
            .map_err(|e| Fault::new(format!("the upstream cannot be reached: {}", story(&e))))?;
        let (mut parts, body) = answer.into_parts();
        identity::strip(&mut parts.headers);
        Ok(Response::from_parts(parts, body.map_err(Into::into).boxed()))
    }
}

fn forwarded(headers: &mut http::HeaderMap, head: &Head, client: IpAddr) {
    let theirs: Vec<HeaderName> = headers.keys().filter(|name| identity::is_a_proxys(name.as_str())).cloned().collect();
    for name in theirs {
        headers.remove(name);
    }
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("x-forwarded-for", &client.to_string());
    set("x-forwarded-proto", "http");
    if !head.host.is_empty() {
        set("x-forwarded-host", &head.host);
        if let Ok(host) = HeaderValue::from_str(&head.host) {
            headers.insert(HOST, host);
        }
    }
}

/// The innermost cause: the outer ones say only "client error".
fn story(error: &dyn std::error::Error) -> String {
    let mut inner = error;
    while let Some(next) = inner.source() {
        inner = next;
    }
    inner.to_string()
}

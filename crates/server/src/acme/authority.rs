//! The way to the certificate authority: https on a connection of its own for each request, within limits.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use instant_acme::{BodyWrapper, BytesResponse, Error, HttpClient};
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// How long one question may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// The longest answer, in bytes: a directory, an order, a chain of certificates.
const LONGEST: usize = 1024 * 1024;

/// The authority.
pub(super) struct Authority(pub(super) Arc<ClientConfig>);

impl HttpClient for Authority {
    fn request(&self, request: Request<BodyWrapper<Bytes>>) -> Pin<Box<dyn Future<Output = Result<BytesResponse, Error>> + Send>> {
        let asked = ask(Arc::clone(&self.0), request);
        Box::pin(async move {
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(answer) => answer.map(BytesResponse::from).map_err(Error::Other),
                Err(_) => Err(Error::Str("the authority did not answer in time")),
            }
        })
    }
}

type Trouble = Box<dyn std::error::Error + Send + Sync + 'static>;

async fn ask(tls: Arc<ClientConfig>, request: Request<BodyWrapper<Bytes>>) -> Result<Response<Full<Bytes>>, Trouble> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().filter(|_| parts.uri.scheme_str() == Some("https")).ok_or("the authority names no https URL")?;
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let stream = TcpStream::connect((host.as_str(), authority.port_u16().unwrap_or(443))).await?;
    stream.set_nodelay(true)?;
    let name = ServerName::try_from(host)?;
    let pipe = TlsConnector::from(tls).connect(name, stream).await?;
    let (mut line, led) = http1::handshake(TokioIo::new(pipe)).await?;
    // Ends with the line; that the authority breaks off is told by the answer.
    tokio::spawn(async move {
        let _ = led.await;
    });
    let body = body.collect().await?.to_bytes();
    parts.headers.insert(HOST, HeaderValue::from_str(authority.as_str())?);
    parts.headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    parts.uri = parts.uri.path_and_query().map_or_else(|| Uri::from_static("/"), |path| Uri::from(path.clone()));
    let (mut parts, body) = line.send_request(Request::from_parts(parts, Full::new(body))).await?.into_parts();
    let body = Limited::new(body, LONGEST).collect().await?.to_bytes();
    parts.headers.remove(TRANSFER_ENCODING);
    Ok(Response::from_parts(parts, Full::new(body)))
}

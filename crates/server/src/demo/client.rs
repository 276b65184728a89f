//! A client of one request, by which the demo gets the tokens that it prints.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use serde_json::Value;

/// How long an answer is waited for: a password is weighed meanwhile.
const PATIENCE: Duration = Duration::from_secs(10);

/// Posts JSON and returns the answer's JSON; `None` if there is none.
pub(super) async fn post(address: SocketAddr, host: &str, path: &str, body: &Value) -> Option<Value> {
    tokio::time::timeout(PATIENCE, ask(address, host, path, body)).await.ok().flatten()
}

async fn ask(address: SocketAddr, host: &str, path: &str, body: &Value) -> Option<Value> {
    let stream = tokio::net::TcpStream::connect(address).await.ok()?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.ok()?;
    let driver = tokio::spawn(connection);
    let request = Request::post(path)
        .header(http::header::HOST, host)
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(Full::new(Bytes::from(body.to_string())))
        .ok()?;
    let answer = sender.send_request(request).await.ok()?;
    let bytes = answer.into_body().collect().await.ok()?.to_bytes();
    drop(sender);
    // The connection ends with its sender.
    let _ = driver.await;
    serde_json::from_slice(&bytes).ok()
}

//! Envoy's question over gRPC, written byte by byte.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};

/// True if a request with these headers may pass.
pub(crate) async fn may_pass(to: SocketAddr, method: &str, target: &str, headers: &[(&str, &str)]) -> bool {
    let message = question(method, target, headers);
    let mut body = vec![0];
    body.extend_from_slice(&u32::try_from(message.len()).expect("a short message").to_be_bytes());
    body.extend_from_slice(&message);
    let stream = tokio::net::TcpStream::connect(to).await.expect("the server listens");
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    let driver = tokio::spawn(connection);
    let request = http::Request::post("http://doorward/envoy.service.auth.v3.Authorization/Check")
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .body(Full::new(Bytes::from(body)))
        .expect("a request");
    let answer = sender.send_request(request).await.expect("an answer").into_body().collect().await.expect("a body").to_bytes();
    drop(sender);
    let _ = driver.await;
    // `ok_response` is field 3, `denied_response` field 2.
    match fields(&answer[5..]).iter().find(|tag| matches!(tag, 2 | 3)) {
        Some(tag) => *tag == 3,
        None => panic!("neither yes nor no: {answer:?}"),
    }
}

fn question(method: &str, target: &str, headers: &[(&str, &str)]) -> Vec<u8> {
    let text = |tag, text: &str| field(tag, text.as_bytes());
    let mut http = [text(2, method), text(4, target), text(5, "wire.example"), text(6, "http")].concat();
    for (name, value) in headers {
        http.extend(field(3, &[text(1, name), text(2, value)].concat()));
    }
    let peer = field(1, &field(1, &text(2, "127.0.0.1")));
    field(1, &[field(1, &peer), field(4, &field(2, &http))].concat())
}

fn field(tag: u8, bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![(tag << 3) | 2];
    let mut length = bytes.len();
    while length > 127 {
        out.push(u8::try_from(length & 127).expect("seven bits") | 128);
        length >>= 7;
    }
    out.push(u8::try_from(length).expect("seven bits"));
    out.extend_from_slice(bytes);
    out
}

/// The tags of a message's own fields.
fn fields(message: &[u8]) -> Vec<u8> {
    let (mut tags, mut rest) = (Vec::new(), message.iter().copied());
    while let Some(key) = rest.next() {
        tags.push(key >> 3);
        let mut length = 0;
        for shift in 0.. {
            let byte = usize::from(rest.next().expect("a length"));
            length |= (byte & 127) << (7 * shift);
            if byte < 128 {
                break;
            }
        }
        // Numbers are single here; texts and messages have a length.
        if key & 7 == 2 {
            rest.by_ref().take(length).for_each(drop);
        }
    }
    tags
}

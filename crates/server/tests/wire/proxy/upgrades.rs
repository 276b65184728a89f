//! Connections that become something else: judged first, granted by the upstream alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use tokio_tungstenite::tungstenite::{self, Message, accept, client};

use super::{Behind, hear, on, status, world};
use crate::support::Ground;

/// An upstream that speaks WebSocket and says everything back.
fn echo() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let Ok(mut socket) = accept(stream) else { return };
                while let Ok(message) = socket.read() {
                    if (message.is_text() || message.is_binary()) && socket.send(message).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}

fn connect(to: SocketAddr, path: &str, auth: &str) -> Result<tungstenite::WebSocket<TcpStream>, String> {
    let stream = TcpStream::connect(to).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut request = tungstenite::client::IntoClientRequest::into_client_request(format!("ws://wire.example{path}")).unwrap();
    if !auth.is_empty() {
        request.headers_mut().insert("authorization", auth.parse().unwrap());
    }
    client(request, stream).map(|(socket, _)| socket).map_err(|e| e.to_string())
}

#[test]
fn a_websocket_passes_both_ways_and_ends_on_both_sides() {
    let world = world(&format!("http://{}", echo()));
    let mut socket = connect(world.address(), "/open", "").unwrap();
    for text in ["first", "second", &"long ".repeat(100_000)] {
        socket.send(Message::text(text)).unwrap();
        assert_eq!(socket.read().unwrap().into_text().unwrap().as_str(), text);
    }
    socket.close(None).unwrap();
    while socket.read().is_ok() {}
}

#[test]
fn who_may_not_pass_gets_no_websocket() {
    let world = world(&format!("http://{}", echo()));
    let refused = connect(world.address(), "/shut", "").err().unwrap();
    assert!(refused.contains("401"), "{refused}");
}

#[test]
fn a_silent_one_is_ended() {
    let mut ground = Ground::default();
    ground.ways.tunnel_idle = Duration::from_millis(200);
    let world = on(&format!("http://{}", echo()), ground);
    let mut socket = connect(world.address(), "/open", "").unwrap();
    assert!(socket.read().is_err(), "nothing was said, and the end came");
}

const WISH: &str = "GET /open HTTP/1.1\r\nHost: wire.example\r\nConnection: Upgrade, HTTP2-Settings, close\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n";

#[test]
fn only_the_upstreams_101_makes_it_so() {
    for (answer, seen) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnope", "200"),
        ("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", "426"),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n", "503"),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: other\r\n\r\n", "503"),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\nUpgrade: other\r\n\r\n", "503"),
    ] {
        let behind = Behind::saying(answer);
        let hidden = "GET /shut HTTP/1.1\r\nHost: wire.example\r\n\r\n";
        let heard = hear(world(&behind.url()).address(), format!("{WISH}Upgrade: chat\r\n\r\n{hidden}").as_bytes());
        assert_eq!(status(&heard), seen, "{answer:?}");
        assert!(behind.heads().iter().all(|h| !h.contains("/shut")), "what came behind was never read as the upstream's");
    }
}

#[test]
fn a_wish_for_http_2_or_a_strange_one_is_not_heard() {
    for wish in ["h2c", "H2C", "HTTP/2.0", "TLS/1.2", "websocket, h2c", "chat\r\nUpgrade: h2c", "", "a b"] {
        let behind = Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        let heard = hear(world(&behind.url()).address(), format!("{WISH}Upgrade: {wish}\r\n\r\n").as_bytes());
        assert_eq!(status(&heard), "200", "{wish:?}: {heard}");
        let head = &behind.heads()[0];
        assert!(!head.contains("upgrade") && !head.contains("http2-settings"), "{wish:?}: {head}");
    }
    for request in ["POST /open HTTP/1.1\r\nHost: wire.example\r\nContent-Length: 0\r\n", "GET /open HTTP/1.0\r\nHost: wire.example\r\n"] {
        let behind = Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
        hear(world(&behind.url()).address(), format!("{request}Connection: upgrade, close\r\nUpgrade: chat\r\n\r\n").as_bytes());
        let posted = request.starts_with("POST");
        assert!(!posted || !behind.heads()[0].contains("upgrade"), "{:?}", behind.heads());
    }
}

#[test]
fn towards_http_2_there_are_no_upgrades() {
    let behind = Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    let inner = world(&behind.url());
    let outer = world(&format!("h2c://{}", inner.address()));
    let heard = hear(outer.address(), b"GET /open HTTP/1.1\r\nHost: wire.example\r\nConnection: upgrade, close\r\nUpgrade: chat\r\n\r\n");
    assert_eq!(status(&heard), "200", "{heard}");
    assert!(!behind.heads()[0].contains("upgrade"));
}

#[test]
fn another_protocol_passes_as_bytes() {
    let behind = Behind::start(|line| {
        line.head();
        line.say("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: chat\r\nX-Doorward-User: x\r\n\r\nhello ");
        while let Some(word) = line.until(b".") {
            line.say(&word.to_uppercase());
        }
    });
    let world = world(&behind.url());
    let mut stream = TcpStream::connect(world.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    stream.write_all(b"GET /open HTTP/1.1\r\nHost: wire.example\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\nearly.").unwrap();
    let mut heard = Vec::new();
    while !heard.ends_with(b"EARLY.") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        heard.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&heard).to_ascii_lowercase();
    assert!(text.starts_with("http/1.1 101") && text.contains("\r\nupgrade: chat\r\n") && text.contains("hello "), "{text}");
    assert!(!text.contains("x-doorward"), "{text}");
}

/// A client of HTTP/2 that asks for a WebSocket (RFC 8441): the status, and the socket if there is one. The server must have offered it.
async fn over_two(
    to: SocketAddr,
    path: &str,
    protocol: &'static str,
) -> (http::StatusCode, http::HeaderMap, Option<tokio_tungstenite::WebSocketStream<hyper_util::rt::TokioIo<hyper::upgrade::Upgraded>>>) {
    use http_body_util::Empty;
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let stream = tokio::net::TcpStream::connect(to).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut answer = None;
    // The server's settings must have come before the question is allowed.
    while answer.is_none() {
        let mut request = http::Request::new(Empty::<bytes::Bytes>::new());
        *request.method_mut() = http::Method::CONNECT;
        *request.uri_mut() = format!("http://wire.example{path}").parse().unwrap();
        request.headers_mut().insert("sec-websocket-version", "13".parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", "chat".parse().unwrap());
        request.extensions_mut().insert(hyper::ext::Protocol::from_static(protocol));
        sender.ready().await.unwrap();
        answer = sender.send_request(request).await.ok();
    }
    let answer = answer.unwrap();
    let (status, headers) = (answer.status(), answer.headers().clone());
    if !status.is_success() {
        return (status, headers, None);
    }
    let upgraded = hyper::upgrade::on(answer).await.unwrap();
    let role = tungstenite::protocol::Role::Client;
    (status, headers, Some(tokio_tungstenite::WebSocketStream::from_raw_socket(TokioIo::new(upgraded), role, None).await))
}

#[test]
fn a_websocket_passes_over_http_2_to_an_upstream_of_http_1() {
    use futures_util::{SinkExt, StreamExt};
    let world = world(&format!("http://{}", echo()));
    world.run(async {
        let (status, headers, socket) = over_two(world.address(), "/open", "websocket").await;
        assert_eq!(status, 200);
        for name in ["connection", "upgrade", "sec-websocket-accept", "sec-websocket-key", "content-length"] {
            assert!(!headers.contains_key(name), "{name}: {headers:?}");
        }
        let mut socket = socket.unwrap();
        for text in ["first", "second", &"long ".repeat(100_000)] {
            socket.send(Message::text(text)).await.unwrap();
            assert_eq!(socket.next().await.unwrap().unwrap().into_text().unwrap().as_str(), text);
        }
        socket.close(None).await.unwrap();
        while let Some(Ok(_)) = socket.next().await {}
    });
}

#[test]
fn over_http_2_only_a_101_to_our_own_key_opens_a_websocket() {
    // (what the upstream says, what the client hears)
    for (answer, seen) in [
        ("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnope", 502),
        ("HTTP/1.1 204 No Content\r\n\r\n", 502),
        ("HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n", 426),
        ("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n", 503),
        (
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
            503,
        ),
    ] {
        let behind = Behind::saying(answer);
        let world = world(&behind.url());
        let (status, _, socket) = world.run(over_two(world.address(), "/open", "websocket"));
        assert_eq!((status.as_u16(), socket.is_some()), (seen, false), "{answer:?}");
        let head = &behind.heads()[0];
        assert!(head.starts_with("get /open http/1.1\r\n") && head.contains("\r\nupgrade: websocket\r\n"), "{head}");
        assert!(head.contains("\r\nsec-websocket-protocol: chat\r\n") && head.matches("\r\nsec-websocket-key: ").count() == 1, "{head}");
    }
    // Who may not pass, what is Doorward's own, and what is no WebSocket.
    let behind = Behind::saying("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood");
    let world = world(&behind.url());
    for (path, protocol, expected) in
        [("/shut", "websocket", 401), ("/healthz", "websocket", 502), ("/open", "connect-udp", 405), ("/open", "WebSocket", 405)]
    {
        let (status, _, socket) = world.run(over_two(world.address(), path, protocol));
        assert_eq!((status.as_u16(), socket.is_some()), (expected, false), "{path} {protocol}");
    }
    assert_eq!(behind.heads().len(), 0);
}

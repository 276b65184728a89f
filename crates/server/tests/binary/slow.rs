//! Clients that take their time: they are told so in the language they spoke, and hold nobody else up.

use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::support::{Ask, PASSWORD, Place, Server, bundle, login, read_answer, site, user};

fn server(place: &Place, further: &[&str]) -> Server {
    let mut yours = site(vec![user(1, "ann")]);
    yours["endpoints"] = serde_json::json!([
        {"path": "/plain", "auth": ["simple"]},
        {"path": "/api/v1/posts", "methods": ["POST"], "auth": ["simple"], "answers_as": "wncms"},
    ]);
    place.import(&bundle(vec![yours])).good();
    place.serve(further)
}

/// Sends a head that promises a hundred bytes, and ten of them.
fn half(target: &str, to: SocketAddr) -> TcpStream {
    let mut stream = TcpStream::connect(to).unwrap();
    let head = format!("POST {target} HTTP/1.1\r\nHost: example.com\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n");
    stream.write_all(head.as_bytes()).unwrap();
    stream.write_all(br#"{"email":""#).unwrap();
    stream
}

#[test]
fn a_body_that_does_not_come_is_told_so_in_the_language_of_its_path() {
    let place = Place::new();
    let server = server(&place, &["--set", "server.body_seconds=1"]);
    let all = [
        ("/api/v1/jwt", r#"{"error":"Request Timeout"}"#),
        ("/?rest_route=/simple-jwt-login/v1/auth", r#"{"success":false,"error":"Request Timeout"}"#),
        ("/wp-json/simple-jwt-login/v1/auth", r#"{"success":false,"error":"Request Timeout"}"#),
        ("/wp-json/jwt-auth/v1/token", r#"{"code":"request_timeout","message":"Request Timeout","data":{"status":408}}"#),
        ("/api/v1/token/generate", r#"{"status":"fail","message":"Request timeout"}"#),
        ("/api/v1/posts", r#"{"status":"fail","message":"Request timeout"}"#),
        ("/plain", r#"{"error":{"code":"body_too_slow","message":"Refused"}}"#),
    ];
    let mut waiting: Vec<_> = all.iter().map(|(target, _)| half(target, server.address)).collect();
    let mut wapka = half("/v1/auth/login", server.address);
    let begun = Instant::now();
    for (stream, (target, body)) in waiting.iter_mut().zip(all) {
        let answer = read_answer(stream).unwrap();
        assert_eq!(answer.line(), format!("408 {body}"), "{target}");
    }
    let answer = read_answer(&mut wapka).unwrap();
    let error = r#"{"error":{"code":"request_timeout","message":"The body did not arrive in time"},"meta":{"#;
    assert!(answer.status == 408 && answer.body.starts_with(error), "{}", answer.line());
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "told after one second and not after twenty: {took:?}");
    assert_eq!(login("ann", PASSWORD, None).send(server.address).status, 200);
    server.stop();
}

#[test]
fn a_head_that_does_not_come_is_hung_up_on() {
    let place = Place::new();
    let server = server(&place, &[]);
    let begun = Instant::now();
    let mut heads: Vec<_> = ["", "GET", "POST /api/v1/jwt HTTP/1.1\r\nHost: exam"]
        .iter()
        .map(|start| {
            let mut stream = TcpStream::connect(server.address).unwrap();
            stream.write_all(start.as_bytes()).unwrap();
            stream
        })
        .collect();
    for stream in &mut heads {
        // Nothing, or the protocol's own 408; but an end.
        match read_answer(stream) {
            Ok(answer) => assert_eq!(answer.status, 408),
            Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::UnexpectedEof, "{error}"),
        }
    }
    assert!(begun.elapsed() < Duration::from_secs(25), "{:?}", begun.elapsed());
    server.stop();
}

#[test]
fn two_hundred_slow_clients_hold_nobody_up() {
    let place = Place::new();
    let server = server(&place, &["--set", "server.body_seconds=60"]);
    let targets = ["/api/v1/jwt", "/v1/auth/login", "/api/v1/posts", "/wp-json/jwt-auth/v1/token"];
    let slow: Vec<_> = targets.iter().cycle().take(200).map(|target| half(target, server.address)).collect();
    let begun = Instant::now();
    for _ in 0..20 {
        assert_eq!(Ask::get("/healthz").send(server.address).status, 200);
        assert_eq!(login("ann", PASSWORD, None).send(server.address).status, 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(slow.len(), 200);
    drop(slow);
    server.stop();
}

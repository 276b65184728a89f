//! The first start with nothing there, the second one, and an orderly end.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use serde_json::json;

use crate::support::{Ask, Place, Server, read_answer, until};

const EMAIL: &str = "admin@doorward.localhost";

/// The password that the first start printed.
fn printed_password(server: &Server) -> String {
    let out = server.out();
    let line = out.lines().find(|l| l.starts_with("password")).unwrap_or_else(|| panic!("no password: {out}"));
    line.split_whitespace().nth(1).unwrap().to_owned()
}

/// The administrator's login in each language: two by e-mail address, two by name, one by Basic.
fn logins(password: &str) -> Vec<Ask> {
    let by_email = json!({"email": EMAIL, "password": password});
    vec![
        Ask::post("/api/v1/jwt").json(&by_email),
        Ask::post("/?rest_route=/simple-jwt-login/v1/auth").json(&by_email),
        Ask::post("/v1/auth/login").json(&json!({"site": "default", "username": "admin", "password": password})),
        Ask::post("/wp-json/jwt-auth/v1/token").json(&json!({"username": "admin", "password": password})),
        Ask::post("/api/v1/token/generate").basic(EMAIL, password).json(&json!({"name": "CI"})),
    ]
}

#[test]
fn the_first_start_makes_what_it_needs_and_tells_the_password_once() {
    let place = Place::new();
    let server = place.serve(&[]);
    let mode = |name: &str| fs::metadata(place.data(name)).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(""), mode("master.key"), mode("doorward.sqlite")), (0o700, 0o600, 0o600));
    let password = printed_password(&server);
    assert_eq!(password.len(), 20);
    assert_eq!(server.out().matches(&password).count(), 1);
    assert!(!server.log().contains(&password));
    for ask in logins(&password) {
        let answer = ask.send(server.address);
        assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
    }
    for ask in logins("another password") {
        let status = ask.send(server.address).status;
        assert!([400, 401, 403].contains(&status), "{ask:?}: {status}");
    }
    server.stop();

    let again = place.serve(&[]);
    assert_eq!(again.out(), "");
    assert!(!again.log().contains(&password));
    for ask in logins(&password) {
        assert_eq!(ask.send(again.address).status, 200, "{ask:?}");
    }
    again.stop();
}

#[test]
fn a_taken_address_leaves_nothing_behind_and_is_told_in_a_sentence() {
    let (first, second) = (Place::new(), Place::new());
    let server = first.serve(&[]);
    let ran = second.run(&["serve", "--metrics-listen", "", "--listen", &server.address.to_string()]);
    assert!(ran.err.starts_with(&format!("doorward: cannot listen on {}: ", server.address)), "{ran:?}");
    assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (1, "", 1));
    assert_eq!(fs::read_dir(second.path()).unwrap().count(), 0);
}

/// Sends all but the last bytes of a request, and returns these.
fn half_sent(ask: &Ask, server: &Server) -> (TcpStream, Vec<u8>) {
    let bytes = ask.bytes();
    let (first, rest) = bytes.split_at(bytes.len() - 5);
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.write_all(first).unwrap();
    // The server has read the head of this one when it answers a later one.
    for _ in 0..3 {
        assert_eq!(Ask::get("/healthz").send(server.address).status, 200);
    }
    (stream, rest.to_vec())
}

#[test]
fn sigterm_lets_a_request_in_flight_be_answered_and_takes_no_other() {
    let place = Place::new();
    let mut server = place.serve(&[]);
    let ask = logins(&printed_password(&server)).remove(0);
    let (mut stream, rest) = half_sent(&ask, &server);
    server.ask_to_stop();
    until(Duration::from_secs(5), "the listener's end", || TcpStream::connect(server.address).err());
    stream.write_all(&rest).unwrap();
    let answer = read_answer(&mut stream).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.line());
    assert_eq!(server.ended(Duration::from_secs(5)).code(), Some(0), "{}", server.log());
    assert!(server.log().trim_end().ends_with("stopped"), "{}", server.log());
}

#[test]
fn sigterm_waits_ten_seconds_at_most_for_a_client_that_never_ends() {
    let place = Place::new();
    let server = place.serve(&["--set", "server.body_seconds=300"]);
    let (_stream, _rest) = half_sent(&logins("x").remove(0), &server);
    server.stop();
}

//! The binary with TLS: set up by its settings, renewed by SIGHUP, refused at start if its files are no good.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::support::{Place, Server, bundle, site, until, user};

fn write(place: &Place, name: &str) {
    let made = rcgen::generate_simple_self_signed(vec!["example.com".to_owned()]).unwrap();
    fs::write(place.path().join(format!("{name}.pem")), made.cert.pem()).unwrap();
    fs::write(place.path().join(format!("{name}.key")), made.signing_key.serialize_pem()).unwrap();
}

/// The port that the log names.
fn port(server: &Server) -> u16 {
    let log = server.log();
    let (_, rest) = log.split_once("tls=127.0.0.1:").unwrap();
    rest.split(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap()
}

fn curl(port: u16, trusted: &Path) -> String {
    let out = Command::new("curl")
        .args(["-s", "--max-time", "30", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_version} %{http_code}", "--cacert"])
        .arg(trusted)
        .args(["--resolve", &format!("example.com:{port}:127.0.0.1"), &format!("https://example.com:{port}/healthz")])
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn certificates_are_served_and_renewed_on_a_signal() {
    let place = Place::new();
    place.import(&bundle(vec![site(vec![user(1, "ann")])])).good();
    write(&place, "one");
    let set = ["--tls-listen", "127.0.0.1:0", "--set", "tls.certificate=one.pem", "--set", "tls.key=one.key"];
    let server = place.serve(&set);
    let port = port(&server);
    let first = place.path().join("first.pem");
    fs::copy(place.path().join("one.pem"), &first).unwrap();
    assert_eq!(curl(port, &first), "2 200");
    write(&place, "one");
    server.hang_up();
    until(Duration::from_secs(60), "the new certificate", || (curl(port, &place.path().join("one.pem")) == "2 200").then_some(()));
    assert_eq!(curl(port, &first), "0 000");
    assert!(!server.log().contains("PRIVATE"));
    server.stop();
}

#[test]
fn files_that_are_no_good_are_said_at_start() {
    let place = Place::new();
    write(&place, "one");
    write(&place, "two");
    let ran = place.run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--tls-listen",
        "127.0.0.1:0",
        "--set",
        "tls.certificate=one.pem",
        "--set",
        "tls.key=two.key",
    ]);
    assert!(ran.code == 1 && ran.err.contains("two.key: is no key for one.pem"), "{ran:?}");
    assert!(!place.data("doorward.sqlite").exists(), "nothing was made");
}

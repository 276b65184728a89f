//! TLS at the door: by name, renewed while running, and a plain listener that sends everybody there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_server::listener::tls::Certificates;

use super::{Behind, stage};
use crate::support::{Ask, Ground, World};

const GOOD: &str = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood";

/// Writes a certificate of these names, signed by itself; where it is.
fn write(dir: &Path, file: &str, names: &[&str]) -> (PathBuf, PathBuf) {
    let made = rcgen::generate_simple_self_signed(names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
    let (certificate, key) = (dir.join(format!("{file}.pem")), dir.join(format!("{file}.key")));
    fs::write(&certificate, made.cert.pem()).unwrap();
    fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    (certificate, key)
}

fn world(files: Vec<(PathBuf, PathBuf)>, redirect: bool) -> (World, Behind) {
    let behind = Behind::saying(GOOD);
    let ground = Ground { certificates: Some(Certificates::read(files).unwrap()), redirect, ..Ground::default() };
    let world = World::on(vec![stage()], ground);
    world.put_upstreams(&behind.url());
    (world, behind)
}

/// Asks `name` over TLS and believes only this certificate.
fn curl(world: &World, name: &str, trusted: &Path, further: &[&str]) -> String {
    let port = world.tls().port();
    let out = Command::new("curl")
        .args(["-s", "--max-time", "30", "--noproxy", "*", "-H", "Host: wire.example", "-w", " %{http_version} %{http_code}"])
        .args(["--resolve", &format!("{name}:{port}:127.0.0.1"), "--cacert"])
        .arg(trusted)
        .args(further)
        .arg(format!("https://{name}:{port}/open"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).into_owned()
}

#[test]
fn each_name_gets_its_certificate_and_the_upstream_hears_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (write(dir.path(), "one", &["one.example"]), write(dir.path(), "two", &["two.example", "*.wild.example"]));
    let (world, behind) = world(vec![one.clone(), two.clone()], false);
    for (name, trusted, good) in [
        ("one.example", &one.0, true),
        ("two.example", &two.0, true),
        ("deep.wild.example", &two.0, true),
        ("one.example", &two.0, false),
        ("other.example", &one.0, false),
    ] {
        let said = curl(&world, name, trusted, &[]);
        assert_eq!(said, if good { "good 2 200" } else { " 0 000" }, "{name}");
    }
    assert_eq!(curl(&world, "one.example", &one.0, &["--http1.1"]), "good 1.1 200");
    assert_eq!(curl(&world, "one.example", &one.0, &["--tlsv1.2", "--tls-max", "1.2"]), "good 2 200");
    assert_eq!(curl(&world, "one.example", &one.0, &["--tls-max", "1.1"]), " 0 000");
    assert!(behind.heads().iter().all(|head| head.contains("x-forwarded-proto: https\r\n")), "{:?}", behind.heads());
    // In plain beside it.
    world.ask(Ask::get("/open")).is(200, "good");
    assert!(behind.heads().last().unwrap().contains("x-forwarded-proto: http\r\n"));
    // Who speaks in plain to the TLS listener is hung up on.
    assert!(!super::hear(world.tls(), b"GET /open HTTP/1.1\r\nHost: wire.example\r\n\r\n").contains("200"));
}

#[test]
fn changed_files_are_read_while_running_and_bad_ones_change_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let files = write(dir.path(), "one", &["one.example"]);
    let certificates = Certificates::read(vec![files.clone()]).unwrap();
    let behind = Behind::saying(GOOD);
    let world = World::on(vec![stage()], Ground { certificates: Some(Arc::clone(&certificates)), ..Ground::default() });
    world.put_upstreams(&behind.url());
    let first = dir.path().join("first.pem");
    fs::copy(&files.0, &first).unwrap();
    assert_eq!(curl(&world, "one.example", &first, &[]), "good 2 200");
    fs::write(&files.1, "no key at all").unwrap();
    // Another certificate, whose key is not there yet: the first pair stays.
    let other = write(dir.path(), "other", &["one.example"]);
    fs::copy(&other.0, &files.0).unwrap();
    assert!(certificates.renew().is_err());
    assert_eq!(curl(&world, "one.example", &first, &[]), "good 2 200");
    fs::copy(&other.1, &files.1).unwrap();
    let begun = Instant::now();
    while curl(&world, "one.example", &other.0, &[]) != "good 2 200" {
        assert!(begun.elapsed() < Duration::from_secs(60), "the new certificate never came");
    }
    assert_eq!(curl(&world, "one.example", &first, &[]), " 0 000");
}

#[test]
fn files_that_cannot_be_used_are_refused_at_start() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (write(dir.path(), "one", &["one.example"]), write(dir.path(), "two", &["two.example"]));
    for (certificate, key) in [(&one.0, &two.1), (&one.1, &one.1), (&one.0, &one.0), (&dir.path().join("none"), &one.1)] {
        let fault = Certificates::read(vec![(certificate.clone(), key.clone())]).unwrap_err().to_string();
        assert!(!fault.contains("BEGIN") && fault.contains(&dir.path().display().to_string()), "{fault}");
    }
}

#[test]
fn a_plain_listener_sends_everybody_over_and_nobody_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    let (world, behind) = world(vec![write(dir.path(), "one", &["wire.example"])], true);
    let port = world.tls().port();
    for ask in [Ask::get("/open?x=1"), Ask::post("/api/v1/jwt").json("{}"), Ask::get("/shut").auth("token x")] {
        let answer = world.ask(ask);
        assert_eq!(answer.status, 308);
        assert!(answer.header("location").starts_with(&format!("https://wire.example:{port}/")), "{}", answer.header("location"));
    }
    let other = world.ask(Ask::get("/open").header("Host", "evil.example"));
    assert_eq!((other.status, other.header("location")), (404, ""));
    assert_eq!(world.ask(Ask::get("/healthz")).status, 200);
    assert!(behind.heads().is_empty());
}

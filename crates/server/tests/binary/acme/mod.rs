//! Certificates of a real authority (Pebble): obtained by either proof, shared by nodes, renewed, and none of it in anybody's way.

mod pebble;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pebble::{Pebble, Wish};
use serde_json::{Value, json};

use crate::support::{Ask, Engine, Place, Server, bundle, free, site, until, user};

/// Longer than an order takes on a busy machine.
const ORDER: Duration = Duration::from_secs(150);

/// The number of the certificate that is shown for a name to who trusts these roots; `None` = the handshake fails.
fn shown(at: SocketAddr, name: &str, trusted: &Path) -> Option<String> {
    let out = Command::new("curl")
        .args(["-sv", "--max-time", "30", "--noproxy", "*", "-o", "/dev/null", "-w", "%{http_code} %{certs}", "--cacert"])
        .arg(trusted)
        .args(["--resolve", &format!("{name}:{}:127.0.0.1", at.port()), &format!("https://{name}:{}/healthz", at.port())])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    let (status, certificates) = text.split_once(' ')?;
    // Who is trusted, for which name, and that the server answers over it.
    (status == "200").then(|| certificates.lines().find_map(|l| l.strip_prefix("Serial Number:")).unwrap_or("?").trim().to_owned())
}

/// Places with one site, whose rule shuts everything.
fn place(engine: Engine) -> Place {
    let place = Place::on(engine);
    let mut shut = site(vec![user(1, "ann")]);
    shut["endpoints"] = json!([{"path": "/", "match": "prefix", "auth": ["bearer"]}]);
    place.import(&bundle(vec![shut])).good();
    place
}

/// A server for these names with TLS at an address.
fn serve(place: &Place, pebble: &Pebble, wish: &Wish, names: &str, further: &[&str]) -> (Server, SocketAddr) {
    let (settings, tls) = (pebble.settings(names), wish.tls.to_string());
    let mut all: Vec<&str> = vec!["--tls-listen", &tls];
    all.extend(settings.iter().map(String::as_str));
    all.extend(further);
    place.serve_at(wish.http, &all)
}

/// `doorward acme list --json` as somebody with the server's settings calls it.
fn list(place: &Place, settings: &[String]) -> Value {
    let mut all = vec!["acme", "list", "--json", "--set", "tls.listen=127.0.0.1:1"];
    all.extend(settings.iter().map(String::as_str));
    serde_json::from_str(&place.run(&all).good()).unwrap()
}

fn obtained(at: SocketAddr, name: &str, trusted: &Path) -> String {
    until(ORDER, "a certificate", || shown(at, name, trusted))
}

#[test]
fn certificates_are_obtained_by_http_kept_sealed_and_renewed_when_wanted() {
    let wish = Wish::new();
    let (pebble, place) = (Pebble::running(&wish), place(Engine::Sqlite));
    let trusted = pebble.trusted();
    let names = "one.example,two.example";
    // The plain listener sends everybody away, and the site's rule shuts every path: the authority is answered all the same.
    let (server, numbers) = serve(&place, &pebble, &wish, names, &["--set", "tls.redirect=on"]);
    let (one, two) = (obtained(wish.tls, "one.example", &trusted), obtained(wish.tls, "two.example", &trusted));
    assert_ne!(one, two, "a certificate each");
    assert_eq!(shown(wish.tls, "three.example", &trusted), None, "and none for other names");
    // What nobody here asked for is the site's to answer, and what proved the names is gone.
    let unknown = Ask::get("/.well-known/acme-challenge/LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0").header("Host", "example.com");
    assert_eq!(unknown.send(server.address).status, 308);
    let listed = list(&place, &pebble.settings(names));
    assert_eq!(listed[0]["name"], "one.example");
    assert_eq!((&listed[0]["failures"], &listed[0]["configured"], &listed[1]["configured"]), (&json!(0), &json!(true), &json!(true)));
    let text = Ask::get("/metrics").send(numbers).body;
    let end = text.lines().find_map(|l| l.strip_prefix("doorward_acme_certificate_end_seconds{name=\"one.example\"} ")).unwrap();
    assert!(end.parse::<i64>().unwrap() > 1_700_000_000, "{text}");
    // The library's JSON names the account's key, PEM begins with its kind: neither is anywhere in plain.
    for file in fs::read_dir(place.data("")).unwrap().map(|entry| entry.unwrap().path()) {
        let bytes = fs::read(&file).unwrap();
        for secret in ["PRIVATE KEY", "key_pkcs8"] {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_bytes()), "{} in {}", secret, file.display());
        }
    }
    assert!(!server.log().contains("PRIVATE"));
    // Another start shows what is there, at once and without an order.
    let orders = pebble.log().matches("Issued certificate").count();
    server.stop();
    let (server, _) = serve(&place, &pebble, &wish, names, &[]);
    assert_eq!(obtained(wish.tls, "one.example", &trusted), one);
    // One that is wanted comes without a restart, and the other name's stays.
    let settings = pebble.settings(names);
    let mut wanted = vec!["acme", "renew", "ONE.example", "--set", "tls.listen=127.0.0.1:1"];
    wanted.extend(settings.iter().map(String::as_str));
    place.run(&wanted).good();
    until(ORDER, "the wanted certificate", || shown(wish.tls, "one.example", &trusted).filter(|serial| *serial != one));
    assert_eq!(shown(wish.tls, "two.example", &trusted), Some(two));
    assert_eq!(pebble.log().matches("Issued certificate").count(), orders + 1);
    server.stop();
}

#[test]
fn certificates_are_obtained_by_tls_too() {
    let wish = Wish::new();
    let (pebble, place) = (Pebble::running(&wish), place(Engine::Sqlite));
    let trusted = pebble.trusted();
    let (server, _) = serve(&place, &pebble, &wish, "one.example", &["--set", "acme.proof=tls-alpn-01"]);
    obtained(wish.tls, "one.example", &trusted);
    // A client that asks for proofs, or for proofs and HTTP, is not spoken HTTP with by accident.
    let asked = |protocols: &str| {
        let out = Command::new("openssl")
            .args(["s_client", "-connect", &wish.tls.to_string(), "-servername", "one.example", "-alpn", protocols])
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap();
        String::from_utf8_lossy(&out.stdout).into_owned()
    };
    assert!(!asked("acme-tls/1").contains("BEGIN CERTIFICATE"), "what proved the name is gone");
    assert!(asked("acme-tls/1,http/1.1").contains("ALPN protocol: http/1.1"));
    server.stop();
}

#[test]
fn an_account_that_is_had_already_is_shown_and_nothing_of_it_told() {
    let key = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
    let wish = Wish { accounts: Some(("kid-1", key)), ..Wish::new() };
    let (pebble, place) = (Pebble::running(&wish), place(Engine::Sqlite));
    let trusted = pebble.trusted();
    fs::write(place.path().join("binding"), format!("kid-1\n{key}\n")).unwrap();
    let (server, _) = serve(&place, &pebble, &wish, "one.example", &["--set", "acme.binding=binding"]);
    obtained(wish.tls, "one.example", &trusted);
    assert!(!server.log().contains(&key[..20]));
    server.stop();
}

#[test]
fn a_certificate_near_its_end_is_renewed_without_a_restart() {
    let wish = Wish { life: 24, ..Wish::new() };
    let (pebble, place) = (Pebble::running(&wish), place(Engine::Sqlite));
    let trusted = pebble.trusted();
    let (server, _) = serve(&place, &pebble, &wish, "one.example", &[]);
    let first = obtained(wish.tls, "one.example", &trusted);
    until(ORDER, "the next certificate", || shown(wish.tls, "one.example", &trusted).filter(|serial| *serial != first));
    server.stop();
}

#[test]
fn an_authority_that_is_away_or_does_not_believe_takes_no_door_down() {
    let wish = Wish::new();
    let (mut pebble, place) = (Pebble::planned(&wish), place(Engine::Sqlite));
    let (settings, names) = (pebble.settings("one.example"), "one.example");
    let (server, numbers) = serve(&place, &pebble, &wish, names, &[]);
    let failed = |times: i64| until(ORDER, "a failure", || Some(list(&place, &settings)).filter(|listed| listed[0]["failures"] == times));
    let listed = failed(1);
    assert!(listed[0]["last_failure"].as_str().unwrap().contains("Connection refused"), "{listed}");
    assert!(listed[0]["tried_again_at"].as_str() > listed[0]["last_failure_at"].as_str(), "{listed}");
    assert_eq!(Ask::get("/healthz").send(server.address).status, 200);
    assert_eq!(shown(wish.tls, names, &place.path().join("bundle.json")), None, "TLS without a certificate is refused");
    let text = Ask::get("/metrics").send(numbers).body;
    assert!(text.contains("doorward_acme_orders_total{name=\"one.example\",outcome=\"failed\"} 1"), "{text}");
    // The authority comes, and is sent to where nobody answers: its reason is told.
    server.stop();
    pebble.start();
    let trusted = pebble.trusted();
    let elsewhere = Wish { http: free(), ..Wish::new() };
    let (server, _) = serve(&place, &pebble, &elsewhere, names, &[]);
    let renew = || {
        let mut wanted = vec!["acme", "renew", names, "--set", "tls.listen=127.0.0.1:1"];
        wanted.extend(settings.iter().map(String::as_str));
        place.run(&wanted).good();
    };
    renew();
    let listed = failed(2);
    assert!(listed[0]["last_failure"].as_str().unwrap().contains("does not believe the proof"), "{listed}");
    assert_eq!(Ask::get("/healthz").send(server.address).status, 200);
    server.stop();
    // In the end all is well, and the trouble is forgotten.
    let (server, _) = serve(&place, &pebble, &wish, names, &[]);
    renew();
    obtained(wish.tls, names, &trusted);
    failed(0);
    server.stop();
}

#[test]
fn nodes_on_one_database_share_certificates_and_answer_for_each_other() {
    let wish = Wish::new();
    let (pebble, place) = (Pebble::running(&wish), place(Engine::Postgres));
    let trusted = pebble.trusted();
    // The authority reaches the first node alone; the second name is ordered by the second node alone.
    let other = Wish::new();
    let (first, numbers) = serve(&place, &pebble, &wish, "one.example", &[]);
    let (second, others) = serve(&place, &pebble, &other, "one.example,two.example", &[]);
    for at in [wish.tls, other.tls] {
        obtained(at, "one.example", &trusted);
        obtained(at, "two.example", &trusted);
    }
    let count = |at: SocketAddr, name: &str| {
        let text = Ask::get("/metrics").send(at).body;
        let line = format!("doorward_acme_orders_total{{name=\"{name}\",outcome=\"obtained\"}} ");
        text.lines().find_map(|l| l.strip_prefix(&line)).map_or(0, |n| n.parse::<i32>().unwrap())
    };
    assert_eq!(count(numbers, "one.example") + count(others, "one.example"), 1, "ordered once");
    assert_eq!((count(numbers, "two.example"), count(others, "two.example")), (0, 1));
    first.stop();
    second.stop();
}

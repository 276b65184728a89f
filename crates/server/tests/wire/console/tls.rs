//! The console on the TLS listener of the sites: under its own name, which is no site's.

use std::path::PathBuf;
use std::process::Command;

use doorward_core::site::SiteId;
use doorward_server::bundle::{self, Mode};
use doorward_server::console::taken_from_sites;
use doorward_server::listener::tls::Certificates;
use serde_json::json;

use super::{call, stage};
use crate::support::{Ask, Ground, World};

const NAME: &str = "console.example";

/// A world whose console is at a name of its own, with a certificate for every name.
fn world(dir: &tempfile::TempDir) -> (World, PathBuf) {
    let names = [NAME, "wire.example"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let (certificate, key) = (dir.path().join("all.pem"), dir.path().join("all.key"));
    std::fs::write(&certificate, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let certificates = Some(Certificates::read(vec![(certificate.clone(), key)]).unwrap());
    let ground = Ground { certificates, console: true, console_url: Some("https://console.example"), ..Ground::default() };
    (World::on(vec![stage()], ground), certificate)
}

/// Head and body of what is answered over TLS at a name.
fn curl(world: &World, trusted: &PathBuf, name: &str, path: &str, further: &[&str]) -> String {
    let port = world.tls().port();
    let out = Command::new("curl")
        .args(["-s", "-i", "--max-time", "30", "--noproxy", "*", "-H", &format!("Host: {name}")])
        .args(["--resolve", &format!("{name}:{port}:127.0.0.1"), "--cacert"])
        .arg(trusted)
        .args(further)
        .arg(format!("https://{name}:{port}{path}"))
        .output()
        .unwrap();
    String::from_utf8_lossy(&out.stdout).to_ascii_lowercase()
}

#[test]
fn it_is_found_by_its_name_and_sites_by_theirs() {
    let dir = tempfile::tempdir().unwrap();
    let (world, trusted) = world(&dir);
    for further in [&[][..], &["--http1.1"]] {
        let answer = curl(&world, &trusted, NAME, "/api/session", further);
        assert!(answer.contains(" 200") && answer.contains("\"signed_in\":false"), "{answer}");
        for header in
            ["strict-transport-security: max-age=31536000", "content-security-policy: default-src 'none'", "cache-control: no-store"]
        {
            assert!(answer.contains(header), "{header}: {answer}");
        }
        assert!(answer.contains("set-cookie: __host-doorward-guest=") && answer.contains("; secure"), "{answer}");
        let page = curl(&world, &trusted, NAME, "/sites/yoursite/users", further);
        assert!(page.contains(" 200") && page.contains("<!doctype html>"), "{page}");
        let site = curl(&world, &trusted, "wire.example", "/api/session", further);
        assert!(!site.contains("signed_in") && !site.contains("content-security-policy: default-src 'none'"), "{site}");
    }
    // In plain the name is nobody's: the console is not served without TLS beside the sites.
    let plain = world.ask(Ask::get("/api/session").header("Host", NAME));
    assert!(!plain.body.contains("signed_in"), "{}", plain.body);
    // A proxy in front of the console's own listener keeps the name.
    assert!(Ask::get("/api/session").header("Host", NAME).send(world.console()).body.contains("signed_in"));
    assert_eq!(Ask::get("/api/session").header("Host", "localhost").send(world.console()).status, 421);
}

#[test]
fn its_name_is_no_sites_whoever_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let (world, trusted) = world(&dir);
    for host in [NAME, "Console.Example", "console.example:443", "console.example:8443"] {
        let bundle = json!({"doorward_bundle": 1, "sites": [{"name": "yoursite", "hosts": ["wire.example", host]}]}).to_string();
        let stopped =
            world.run(bundle::import(&world.house, call(&world), bundle::read(&bundle).unwrap(), Mode::Write("test"))).unwrap_err();
        let told = format!("{stopped:?}");
        assert!(told.contains("sites[0].hosts[1]") && told.contains("is the console's (console.url)"), "{told}");
    }
    assert_eq!(taken_from_sites(&world.house), []);
    // It was given to the site before console.url was this: the console answers.
    world
        .run(world.house.work(|desk| {
            let mut row = desk.sites()?.into_iter().find(|row| row.id == SiteId(1)).unwrap();
            row.hosts.push("console.example:443".into());
            desk.put_site(&row)
        }))
        .unwrap();
    world.run(world.house.reload()).unwrap();
    assert_eq!(taken_from_sites(&world.house), [("yoursite".to_owned(), "console.example:443".to_owned())]);
    assert!(world.house.directory().by_host(NAME).is_none() && world.house.directory().by_host("console.example:443").is_none());
    assert!(curl(&world, &trusted, NAME, "/api/session", &[]).contains("\"signed_in\":false"));
    assert!(world.house.directory().by_host("wire.example").is_some(), "its other names are as they were");
}

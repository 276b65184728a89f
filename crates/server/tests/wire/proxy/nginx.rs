//! A real nginx as the upstream: in plain, over TLS with HTTP/2, and while it is told to read its configuration anew.

use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use doorward_store_postgres::ports;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::on;
use crate::support::{Ask, Ground};

/// An nginx of one's own. Dropping it stops it.
struct Nginx {
    child: Child,
    dir: tempfile::TempDir,
    plain: u16,
    tls: u16,
}

const SITE: &str = r#"
    add_header X-Spoke $server_protocol always;
    root DIR;
    client_max_body_size 0;
    location /say { return 200 "$request_method $request_uri $host $http_x_doorward_site $http_x_forwarded_proto"; }
    location /none { return 204; }
    location /slow { limit_rate 1m; alias DIR/; }
"#;

impl Nginx {
    fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        fs::write(dir.path().join("cert.pem"), made.cert.pem()).unwrap();
        fs::write(dir.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
        fs::write(dir.path().join("large"), vec![b'x'; 3_000_000]).unwrap();
        let (plain, tls) = (ports::free().unwrap().port(), ports::free().unwrap().port());
        let place = dir.path().display().to_string();
        let site = SITE.replace("DIR", &place);
        let temporary: String =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].iter().map(|n| format!("{n}_temp_path {place}/{n};\n")).collect();
        let conf = format!(
            "daemon off; worker_processes 1; pid {place}/pid; error_log {place}/error.log; events {{}}\n\
             http {{ access_log off; keepalive_timeout 60; {temporary}\n\
             server {{ listen 127.0.0.1:{plain}; {site} }}\n\
             server {{ listen 127.0.0.1:{tls} ssl http2; ssl_certificate {place}/cert.pem; ssl_certificate_key {place}/key.pem; {site} }} }}\n"
        );
        fs::write(dir.path().join("nginx.conf"), conf).unwrap();
        // Its workers may be somebody else, who must be able to read the files.
        Command::new("chmod").args(["-R", "a+rX", &place]).status().unwrap();
        let mut child = Command::new("nginx");
        child
            .arg("-c")
            .arg(dir.path().join("nginx.conf"))
            .arg("-e")
            .arg(dir.path().join("error.log"))
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let new = Self { child: child.spawn().unwrap(), dir, plain, tls };
        let begun = Instant::now();
        while std::net::TcpStream::connect(("127.0.0.1", new.tls)).is_err() {
            let log = || fs::read_to_string(new.dir.path().join("error.log")).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(60), "nginx did not start: {}", log());
        }
        new
    }

    fn conf(&self) -> PathBuf {
        self.dir.path().join("nginx.conf")
    }

    fn signal(&self, signal: &str) {
        let told =
            Command::new("nginx").arg("-c").arg(self.conf()).args(["-s", signal]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(told.unwrap().success());
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its own master, by its own pid file; then its own handle.
        let _ = Command::new("nginx").arg("-c").arg(self.conf()).args(["-s", "stop"]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

#[test]
fn it_is_spoken_to_in_its_own_http() {
    let nginx = Nginx::start();
    let mut ground = Ground::default();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(nginx.dir.path().join("cert.pem")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let client = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    ground.ways.tls = Some(Arc::new(client.with_root_certificates(roots).with_no_client_auth()));
    let world = on(&format!("http://127.0.0.1:{}", nginx.plain), ground);
    for (url, spoke) in
        [(format!("http://127.0.0.1:{}", nginx.plain), "HTTP/1.1"), (format!("https://localhost:{}", nginx.tls), "HTTP/2.0")]
    {
        world.put_upstreams(&url);
        for _ in 0..3 {
            let said = world.ask(Ask::get("/say?x=1"));
            said.is(200, "GET /say?x=1 wire.example yoursite http");
            assert_eq!(said.header("x-spoke"), spoke);
        }
        let large = world.ask(Ask::get("/large"));
        assert_eq!((large.status, large.body.len()), (200, 3_000_000), "{url}");
        assert_eq!(world.ask(Ask::new("HEAD", "/large")).header("content-length"), "3000000");
        assert_eq!(world.ask(Ask::get("/none")).status, 204);
        assert_eq!(world.ask(Ask::get("/missing")).status, 404);
        let part = world.ask(Ask::get("/large").header("Range", "bytes=0-4"));
        part.is(206, "xxxxx");
        let tag = world.ask(Ask::get("/large")).header("etag").to_owned();
        world.ask(Ask::get("/large").header("If-None-Match", &tag)).is(304, "");
        assert_eq!(world.ask(Ask::post("/say").body("text/plain", &vec![b'x'; 500_000])).status, 200);
    }
    // A certificate for another name is no upstream.
    world.put_upstreams(&format!("https://127.0.0.1:{}", nginx.tls));
    assert_eq!(world.ask(Ask::get("/say")).status, 503);
}

#[test]
fn nobody_notices_that_it_reads_its_configuration_anew() {
    let nginx = Nginx::start();
    let world = on(&format!("http://127.0.0.1:{}", nginx.plain), Ground::default());
    for round in 0..3 {
        for n in 0..40 {
            if n == 20 {
                nginx.signal("reload");
            }
            assert_eq!(world.ask(Ask::get("/say")).status, 200, "{round} {n}");
        }
    }
}

//! TLS to the server: a trusted certificate of the right name, or no connection.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::path::Path;
use std::process::{Command, Output};

use doorward_core::testkit::store_contract::bench::{Bench, entry};
use doorward_store_postgres::PostgresStore;
use doorward_store_postgres::private_server::PrivateServer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

const PLACE: &str = "DOORWARD_TLS_TEST_URL";

/// Connects, works, and says on which kind of connection; in a process of its own, since the platform's trust store is
/// told by the environment.
#[test]
#[ignore = "the child of the test below; does nothing by itself"]
fn child() {
    let Ok(url) = std::env::var(PLACE) else { return };
    let store = PostgresStore::connect(&url).unwrap_or_else(|fault| panic!("told: {fault}"));
    let bench = Bench { store: std::sync::Arc::new(store) };
    bench.work(|desk| desk.remember(&entry("over TLS")));
    let mut plain = postgres::Client::connect(&url.replace("require", "disable"), postgres::NoTls).unwrap();
    let asked = "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
        WHERE a.application_name = 'doorward' AND a.datname = current_database()";
    assert!(plain.query_one(asked, &[]).unwrap().get::<_, bool>(0));
}

fn run(url: &str, trusted: &Path) -> Output {
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", "child", "--ignored", "--nocapture"]).env(PLACE, url).env("SSL_CERT_FILE", trusted).env_remove("SSL_CERT_DIR");
    child.output().unwrap()
}

#[test]
fn a_connection_stands_only_on_a_trusted_certificate_of_the_right_name() {
    let issuer = |name: &str| {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ours, theirs) = (issuer("ours"), issuer("theirs"));
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap().signed_by(&key, &ours).unwrap();
    let server = PrivateServer::start().unwrap();
    server.offer_tls(&certificate.pem(), &key.serialize_pem()).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let (trusted, untrusted) = (file("ours.pem", ours.pem()), file("theirs.pem", theirs.pem()));
    let by_address = format!("{}?sslmode=require", server.fresh_database().unwrap());
    let by_name = by_address.replace("127.0.0.1", "localhost");

    let rows = [(&by_name, &trusted, true), (&by_name, &untrusted, false), (&by_address, &trusted, false)];
    for (url, trusted, stands) in rows {
        let output = run(url, trusted);
        let told = String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
        assert_eq!(output.status.success(), stands, "{told}");
        assert!(stands || told.contains("ertificate"), "{told}");
    }
}

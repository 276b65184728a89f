//! The line to the server: lost, found again, refused, and never plain where it was told not to be.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::sync::Arc;

use doorward_core::testkit::store_contract::bench::{Bench, entry};
use doorward_store_postgres::private_server::{self, PrivateServer};
use doorward_store_postgres::{Connections, PostgresStore};

fn fault(url: &str) -> String {
    PostgresStore::connect(url).map(|_| ()).unwrap_err().to_string()
}

#[test]
fn after_the_server_was_away_the_store_finds_it_again() {
    let server = PrivateServer::start().unwrap();
    let url = server.fresh_database().unwrap();
    let bench = Bench { store: Arc::new(PostgresStore::connect_with(&url, Connections { work: 1, look: 1 }).unwrap()) };
    bench.work(|desk| desk.remember(&entry("before")));
    server.kill().unwrap();
    for _ in 0..20 {
        assert!(bench.try_work(|desk| desk.remember(&entry("nobody hears"))).is_err());
    }
    server.restart().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while bench.try_work(|desk| desk.remember(&entry("after"))).is_err() {
        assert!(std::time::Instant::now() < end, "the store did not find the server again");
        std::thread::yield_now();
    }
    let found = bench.look(|desk| desk.audit(&doorward_core::audit::AuditQuery { limit: 9, ..Default::default() }));
    assert_eq!(found.iter().map(|e| e.action.as_str()).collect::<Vec<_>>(), ["after", "before"]);
}

#[test]
fn a_connection_that_died_while_idle_costs_no_job() {
    let url = private_server::shared().unwrap().fresh_database().unwrap();
    let bench = Bench { store: Arc::new(PostgresStore::connect_with(&url, Connections { work: 1, look: 1 }).unwrap()) };
    bench.work(|desk| desk.remember(&entry("before")));
    let mut other = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let end =
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'doorward' AND datname = current_database()";
    assert!(!other.query(end, &[]).unwrap().is_empty());
    bench.work(|desk| desk.remember(&entry("after")));
    assert_eq!(bench.look(|desk| desk.last_change()), 0);
}

#[test]
fn tls_is_never_left_out_silently() {
    let url = private_server::shared().unwrap().fresh_database().unwrap();
    let told = fault(&format!("{url}?sslmode=require"));
    assert!(told.contains("does not support TLS"), "{told}");
    assert!(PostgresStore::connect(&format!("{url}?sslmode=disable")).is_ok());
}

#[test]
fn no_fault_tells_the_password() {
    let url = private_server::shared().unwrap().fresh_database().unwrap();
    for wrong in [url.replace("private-server", "hunter2"), url.replace("private-server", "hun ter2"), url.replace("test_", "hunter2")] {
        let told = fault(&wrong);
        assert!(!told.contains("private-server") && (wrong.contains("/hunter2") || !told.contains("ter2")), "{told}");
    }
    assert!(fault(&url.replace("private-server", "hunter2")).contains("password authentication failed"));
}

#[test]
fn a_schema_of_a_newer_doorward_is_refused() {
    let url = private_server::shared().unwrap().fresh_database().unwrap();
    drop(PostgresStore::connect(&url).unwrap());
    let mut other = postgres::Client::connect(&url, postgres::NoTls).unwrap();
    let newer =
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '2030-01-01T00:00:00Z', '1')";
    other.batch_execute(newer).unwrap();
    assert!(fault(&url).contains("migrating"));
    other.batch_execute("UPDATE refinery_schema_history SET applied_on = 'nonsense'").unwrap();
    assert!(fault(&url).contains("migration history"));
}

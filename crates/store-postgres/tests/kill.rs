//! kill -9 in the middle of writing, of the client and of the server: what was acknowledged is there afterwards.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::io::BufReader;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use doorward_core::testkit::store_contract::bench::Bench;
use doorward_core::testkit::store_contract::crash;
use doorward_store_postgres::PostgresStore;
use doorward_store_postgres::private_server::PrivateServer;

const PLACE: &str = "DOORWARD_KILL_TEST_URL";

fn open(url: &str) -> Bench {
    Bench { store: Arc::new(PostgresStore::connect(url).unwrap()) }
}

fn start_child(url: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(PLACE, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs a child until it has told of a thousand writes, strikes, and returns all it told.
fn struck_down(url: &str, strike: impl FnOnce(&mut Child)) -> Vec<String> {
    let mut child = start_child(url);
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut strike = Some(strike);
    let acknowledged = crash::whole_lines(output, |count| {
        if count == 1000 {
            strike.take().unwrap()(&mut child);
        }
    });
    child.wait().unwrap();
    assert!(acknowledged.len() >= 1000);
    acknowledged
}

#[test]
#[ignore = "the child of the tests below; does nothing by itself"]
fn child() {
    let Ok(url) = std::env::var(PLACE) else { return };
    crash::write_until_killed(&open(&url), &Mutex::new(std::io::stdout()));
}

#[test]
fn what_was_acknowledged_survives_kill_9_of_the_client() {
    let server = PrivateServer::start().unwrap();
    let url = server.fresh_database().unwrap();
    crash::prepare(&open(&url));
    let acknowledged = struck_down(&url, |child| child.kill().unwrap());
    crash::check(&open(&url), &acknowledged);
}

#[test]
fn what_was_acknowledged_survives_kill_9_of_the_server() {
    let server = PrivateServer::start().unwrap();
    let url = server.fresh_database().unwrap();
    crash::prepare(&open(&url));
    let acknowledged = struck_down(&url, |_| server.kill().unwrap());
    server.restart().unwrap();
    crash::check(&open(&url), &acknowledged);
}

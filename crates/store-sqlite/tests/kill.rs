//! kill -9 in the middle of writing: what was acknowledged is there afterwards.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::io::BufReader;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use doorward_core::testkit::store_contract::bench::Bench;
use doorward_core::testkit::store_contract::crash;
use doorward_store_sqlite::SqliteStore;

const PLACE: &str = "DOORWARD_KILL_TEST_FILE";

fn open(path: &Path) -> Bench {
    Bench { store: Arc::new(SqliteStore::open(path).unwrap()) }
}

#[test]
#[ignore = "the child of the test below; does nothing by itself"]
fn child() {
    let Some(path) = std::env::var_os(PLACE) else { return };
    crash::write_until_killed(&open(Path::new(&path)), &Mutex::new(std::io::stdout()));
}

#[test]
fn what_was_acknowledged_survives_kill_9() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doorward.sqlite");
    crash::prepare(&open(&path));

    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(PLACE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let acknowledged = crash::whole_lines(output, |count| {
        if count == 1000 {
            child.kill().unwrap();
        }
    });
    child.wait().unwrap();
    assert!(acknowledged.len() >= 1000);
    assert!(folder.path().join("doorward.sqlite-wal").metadata().unwrap().len() > 0, "killed, not closed");
    crash::check(&open(&path), &acknowledged);
}

//! The file: who may read it, who else writes to it, and what is left when the store is closed.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use doorward_core::testkit::store_contract::bench::{Bench, entry};
use doorward_store_sqlite::SqliteStore;
use rusqlite::Connection;

fn open(path: &Path) -> Bench {
    Bench { store: Arc::new(SqliteStore::open(path).unwrap()) }
}

fn fresh() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("doorward.sqlite");
    (folder, path)
}

#[test]
fn the_file_and_its_log_are_their_owners_alone() {
    let (folder, path) = fresh();
    let _bench = open(&path);
    let files: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap()).collect();
    assert_eq!(files.len(), 3, "file, log and index");
    for file in files {
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", file.path());
    }
}

#[test]
fn the_log_is_folded_into_the_file_when_the_store_is_closed() {
    let (folder, path) = fresh();
    let bench = open(&path);
    bench.work(|desk| desk.remember(&entry("x")));
    bench.look(|desk| desk.sites());
    drop(bench);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn another_process_that_writes_is_waited_for() {
    let (_folder, path) = fresh();
    let bench = open(&path);
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO change (kind, site_id, at) VALUES (1, 5, 0);").unwrap();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| bench.work(|desk| desk.remember(&entry("waited"))));
        // Readers are not held up, and see nothing of what is not committed.
        for _ in 0..100 {
            assert_eq!(bench.look(|desk| desk.last_change()), 0);
        }
        assert!(!waiting.is_finished());
        other.execute_batch("COMMIT").unwrap();
        waiting.join().unwrap();
    });
    assert_eq!(bench.look(|desk| desk.last_change()), 1);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let (folder, _) = fresh();
    let told = SqliteStore::open(&folder.path().join("none").join("x.sqlite")).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("cannot be made"), "{told}");
    let other = folder.path().join("other");
    std::fs::write(&other, "this is no database, and it is long enough to be read as a header of one; it is not one, though").unwrap();
    assert!(SqliteStore::open(&other).is_err());
}

#[test]
fn a_schema_of_a_newer_doorward_is_refused() {
    let (_folder, path) = fresh();
    drop(open(&path));
    let other = Connection::open(&path).unwrap();
    let newer =
        "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (999, 'later', '2030-01-01T00:00:00Z', '1')";
    other.execute_batch(newer).unwrap();
    let told = SqliteStore::open(&path).map(|_| ()).unwrap_err().to_string();
    assert!(told.contains("migration"), "{told}");
    other.execute_batch("UPDATE refinery_schema_history SET applied_on = 'nonsense'").unwrap();
    assert!(SqliteStore::open(&path).is_err());
}

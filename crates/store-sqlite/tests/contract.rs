//! The SQLite store keeps the contract.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::sync::Arc;

use doorward_core::port::store::Store;
use doorward_core::testkit::store_contract::Place;
use doorward_store_sqlite::SqliteStore;
use tempfile::TempDir;

struct Folder(TempDir);

impl Place for Folder {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(SqliteStore::open(&self.0.path().join("doorward.sqlite")).unwrap())
    }
}

fn fresh() -> Folder {
    Folder(tempfile::tempdir().unwrap())
}

doorward_core::store_contract!(fresh);

//! The PostgreSQL store keeps the contract, on a private server.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use std::sync::Arc;

use doorward_core::port::store::Store;
use doorward_core::testkit::store_contract::Place;
use doorward_store_postgres::{PostgresStore, private_server};

struct Database(String);

impl Place for Database {
    fn open(&self) -> Arc<dyn Store> {
        Arc::new(PostgresStore::connect(&self.0).unwrap())
    }
}

fn fresh() -> Database {
    Database(private_server::shared().unwrap().fresh_database().unwrap())
}

doorward_core::store_contract!(fresh);

//! The law's memory in PostgreSQL, for a cluster: a few threads with a connection each, one transaction per job.
//!
//! Reading order:
//! - [`PostgresStore`]: the store itself;
//! - `threads`: who runs the jobs; `line`: a connection that comes back after it was lost;
//! - `door`, `tls`: the URL, how the server is reached, and the migrations;
//! - `desk`: what a job is handed; `sites`, `accounts`, `credentials`, `sessions`, `audit`, `changes`: its SQL;
//! - `sql`: statements and rows;
//! - `private_server` (feature): a server of one's own, for tests; `ports` gives it and others an address.
//!
//! The SQL mirrors the SQLite store's file by file. Where two nodes could meet, a row is locked, or the condition is in
//! the statement and the rows it touched are counted.

mod accounts;
mod admin;
mod audit;
mod changes;
mod console;
mod credentials;
mod desk;
mod door;
mod errands;
mod kept;
mod letters;
mod line;
#[cfg(all(test, feature = "private-server"))]
mod plans;
#[cfg(feature = "private-server")]
pub mod ports;
#[cfg(feature = "private-server")]
pub mod private_server;
mod sessions;
mod sites;
mod slips;
mod sql;
mod threads;
mod tls;

use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::store::{Change, LookJob, Store, WorkJob};
use doorward_core::refusal::Fault;

use crate::door::Door;
use crate::threads::Threads;

/// How many connections a store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// For jobs that work.
    pub work: usize,
    /// For jobs that look.
    pub look: usize,
}

impl Default for Connections {
    fn default() -> Self {
        Self { work: 4, look: 2 }
    }
}

/// A store in a PostgreSQL database. Dropping it finishes what waits.
pub struct PostgresStore {
    working: Threads<WorkJob, Vec<Change>>,
    looking: Threads<LookJob, ()>,
}

impl PostgresStore {
    /// Connects to the database of this URL (`postgres://user:password@host/database`) and brings its schema up to date.
    ///
    /// Without TLS only on loopback, on a Unix socket, or when the URL says `sslmode=disable`; everywhere else the
    /// server must show a certificate that the platform trusts for its name.
    ///
    /// # Errors
    /// If the URL cannot be read, the server not reached, or the schema not migrated (it may be a newer Doorward's).
    pub fn connect(url: &str) -> Result<Self, Fault> {
        Self::connect_with(url, Connections::default())
    }

    /// The same with another number of connections, at least one of each kind.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_with(url: &str, connections: Connections) -> Result<Self, Fault> {
        let door = Door::parse(url)?;
        // On a thread of its own: the driver brings a runtime, which must not start inside the caller's.
        let first = door.clone();
        std::thread::spawn(move || first.migrate()).join().unwrap_or_else(|_| Err(Fault::new("postgres: the migration panicked")))?;
        Ok(Self { working: Threads::working(&door, connections.work)?, looking: Threads::looking(&door, connections.look)? })
    }
}

impl Store for PostgresStore {
    fn run_look(&self, job: LookJob) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(self.looking.run(job))
    }

    fn run_work(&self, job: WorkJob) -> BoxFuture<'_, Result<Vec<Change>, Fault>> {
        Box::pin(self.working.run(job))
    }

    fn engine(&self) -> &'static str {
        "postgres"
    }
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}

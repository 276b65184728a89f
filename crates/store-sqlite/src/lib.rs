//! The law's memory in one SQLite file: readers on the calling thread, one writer thread with group commit.
//!
//! Reading order:
//! - [`SqliteStore`]: the store itself, and its readers;
//! - `writer`: the thread that writes, many jobs per commit;
//! - `file`: how the file is made, migrated and opened;
//! - `desk`: what a job is handed; `sites`, `accounts`, `credentials`, `sessions`, `audit`, `changes`: its SQL;
//! - `sql`: statements and rows.
//!
//! Other processes may work on the same file at the same time (`doorward import`); a writer waits for them up to two
//! minutes, and what they change is seen by [`changes_after`](doorward_core::port::store::Look::changes_after).

mod accounts;
mod admin;
mod audit;
mod changes;
mod console;
mod credentials;
mod desk;
mod errands;
mod file;
mod kept;
mod letters;
#[cfg(test)]
mod plans;
mod sessions;
mod sites;
mod slips;
mod sql;
mod writer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::store::{Change, LookJob, Store, WorkJob};
use doorward_core::refusal::Fault;
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::desk::Desk;
use crate::writer::Writer;

/// Readers that are kept open while nobody reads.
const IDLE_READERS: usize = 16;

/// A store in one file. Dropping it finishes what waits and folds the write-ahead log into the file.
pub struct SqliteStore {
    // Before the writer, so that on drop no reader is in the way of the last checkpoint.
    readers: Mutex<Vec<Connection>>,
    writer: Writer,
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the store in this file, makes the file (mode 0600) if there is none, and brings its schema up to date.
    /// The directory must exist.
    ///
    /// # Errors
    /// If the file cannot be made, opened, locked or migrated, or was written by a newer Doorward.
    pub fn open(path: &Path) -> Result<Self, Fault> {
        let writer = Writer::start(file::open_for_writing(path)?)?;
        let readers = Mutex::new(vec![file::open_for_reading(path)?]);
        Ok(Self { readers, writer, path: path.to_owned() })
    }

    /// Runs a job in one read transaction, so that all it sees is of one moment.
    fn read(&self, job: LookJob) -> Result<(), Fault> {
        let idle = self.readers.lock().pop();
        let connection = idle.map_or_else(|| file::open_for_reading(&self.path), Ok)?;
        let looked = catch_unwind(AssertUnwindSafe(|| look(&connection, job)));
        // After a panic the connection is not trusted any more.
        let looked = looked.map_err(|_| Fault::new("a job panicked at the reading desk"))?;
        let ended = connection.prepare_cached("COMMIT").and_then(|mut s| s.execute([]));
        if ended.is_ok() {
            let mut readers = self.readers.lock();
            if readers.len() < IDLE_READERS {
                readers.push(connection);
            }
        }
        looked
    }
}

impl Store for SqliteStore {
    fn run_look(&self, job: LookJob) -> BoxFuture<'_, Result<(), Fault>> {
        Box::pin(async move { self.read(job) })
    }

    fn run_work(&self, job: WorkJob) -> BoxFuture<'_, Result<Vec<Change>, Fault>> {
        Box::pin(self.writer.work(job))
    }

    fn engine(&self) -> &'static str {
        "sqlite"
    }
}

impl std::fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

fn look(connection: &Connection, job: LookJob) -> Result<(), Fault> {
    connection.prepare_cached("BEGIN DEFERRED").and_then(|mut s| s.execute([])).map_err(|e| sql::fault(&e))?;
    job(&mut Desk::new(connection))
}

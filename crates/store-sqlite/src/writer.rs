//! The writer: one thread that takes everything that waits into one transaction, and answers after it is on disk.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use doorward_core::port::store::{Change, WorkJob};
use doorward_core::refusal::Fault;
use futures_channel::oneshot;
use rusqlite::Connection;

use crate::desk::Desk;
use crate::sql::fault;

/// At most so many jobs share a transaction, so that the first of them does not wait for ever.
const BATCH: usize = 256;

type Answer = Result<Vec<Change>, Fault>;

struct Waiting {
    job: WorkJob,
    answer: oneshot::Sender<Answer>,
}

/// The handle of the writer thread. Dropping it waits until what has been handed over is done.
pub(crate) struct Writer {
    queue: Option<Sender<Waiting>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, which owns the connection from now on.
    pub(crate) fn start(connection: Connection) -> Result<Self, Fault> {
        let (queue, waiting) = channel();
        let thread = std::thread::Builder::new()
            .name("sqlite-writer".into())
            .spawn(move || run(&connection, &waiting))
            .map_err(|e| Fault::new(format_args!("sqlite: no thread for the writer: {e}")))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands a job over. It is done even if nobody waits for the answer.
    pub(crate) async fn work(&self, job: WorkJob) -> Answer {
        let (answer, heard) = oneshot::channel();
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(Waiting { job, answer }).is_ok());
        if !sent {
            return Err(gone());
        }
        heard.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn gone() -> Fault {
    Fault::new("sqlite: the writer has stopped")
}

fn run(connection: &Connection, waiting: &Receiver<Waiting>) {
    while let Ok(first) = waiting.recv() {
        let mut batch = Vec::from([first]);
        batch.extend(waiting.try_iter().take(BATCH - 1));
        let mut batch = batch.into_iter().peekable();
        while batch.peek().is_some() {
            transaction(connection, &mut batch);
        }
    }
    // Leaves one file behind; if a reader of another process is in the way, the next start does it.
    let _ = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
}

/// Takes jobs into one transaction until there are none left, or until the engine itself gave the transaction up.
fn transaction(connection: &Connection, batch: &mut dyn Iterator<Item = Waiting>) {
    let mut done = Vec::new();
    let mut end = execute(connection, "BEGIN IMMEDIATE");
    for Waiting { job, answer } in batch {
        let outcome = if end.is_ok() { savepoint(connection, job) } else { Ok(Vec::new()) };
        done.push((answer, outcome));
        // On a full disk and the like SQLite rolls the whole transaction back: nobody's writing is there any more.
        if end.is_ok() && connection.is_autocommit() {
            end = Err("sqlite: the transaction was given up by the engine".into());
            break;
        }
    }
    if end.is_ok() {
        end = execute(connection, "COMMIT");
    }
    if end.is_err() && !connection.is_autocommit() {
        let _ = execute(connection, "ROLLBACK");
    }
    for (answer, outcome) in done {
        // Who no longer waits has gone away; the writing stands.
        let _ = answer.send(match &end {
            Ok(()) => outcome,
            Err(story) => Err(Fault::new(story)),
        });
    }
}

/// One job in a savepoint of its own, so that its failure leaves the others' writing alone.
fn savepoint(connection: &Connection, job: WorkJob) -> Answer {
    execute(connection, "SAVEPOINT job").map_err(Fault::new)?;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let mut desk = Desk::new(connection);
        job(&mut desk)?;
        desk.close()
    }));
    let outcome = outcome.unwrap_or_else(|_| Err(Fault::new("a job panicked at the writing desk")));
    if outcome.is_err() {
        // If the engine gave the whole transaction up, there is no savepoint any more, and the caller sees that.
        let _ = execute(connection, "ROLLBACK TO job");
    }
    let released = execute(connection, "RELEASE job").map_err(Fault::new);
    outcome.and_then(|changes| released.map(|()| changes))
}

fn execute(connection: &Connection, sql: &str) -> Result<(), String> {
    connection.prepare_cached(sql).and_then(|mut s| s.execute([])).map(|_| ()).map_err(|e| fault(&e).to_string())
}

//! The threads: each with a line of its own, taking jobs from a common queue, one transaction per job.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use doorward_core::port::store::{Change, LookJob, WorkJob};
use doorward_core::refusal::Fault;
use futures_channel::oneshot;
use parking_lot::Mutex;

use crate::desk::Desk;
use crate::door::Door;
use crate::line::Line;

struct Waiting<J, A> {
    job: J,
    answer: oneshot::Sender<Result<A, Fault>>,
}

/// Some threads that all do the same kind of job. Dropping them waits until what has been handed over is done.
pub(crate) struct Threads<J, A> {
    queue: Option<Sender<Waiting<J, A>>>,
    handles: Vec<JoinHandle<()>>,
}

impl Threads<LookJob, ()> {
    /// Threads for jobs that look.
    pub(crate) fn looking(door: &Door, count: usize) -> Result<Self, Fault> {
        Self::start("postgres-look", door, count, look)
    }
}

impl Threads<WorkJob, Vec<Change>> {
    /// Threads for jobs that work.
    pub(crate) fn working(door: &Door, count: usize) -> Result<Self, Fault> {
        Self::start("postgres-work", door, count, work)
    }
}

impl<J: Send + 'static, A: Send + 'static> Threads<J, A> {
    fn start(name: &str, door: &Door, count: usize, run: fn(&mut Line, J) -> Result<A, Fault>) -> Result<Self, Fault> {
        let (queue, waiting) = channel();
        let waiting = Arc::new(Mutex::new(waiting));
        let mut threads = Self { queue: Some(queue), handles: Vec::new() };
        for _ in 0..count.max(1) {
            let (waiting, line) = (Arc::clone(&waiting), Line::new(door.clone()));
            let spawned = std::thread::Builder::new().name(name.into()).spawn(move || serve(&waiting, line, run));
            threads.handles.push(spawned.map_err(|e| Fault::new(format_args!("postgres: no thread: {e}")))?);
        }
        Ok(threads)
    }

    /// Hands a job over. It is done even if nobody waits for the answer.
    pub(crate) async fn run(&self, job: J) -> Result<A, Fault> {
        let (answer, heard) = oneshot::channel();
        let sent = self.queue.as_ref().is_some_and(|queue| queue.send(Waiting { job, answer }).is_ok());
        if !sent {
            return Err(gone());
        }
        heard.await.unwrap_or_else(|_| Err(gone()))
    }
}

impl<J, A> Drop for Threads<J, A> {
    fn drop(&mut self) {
        drop(self.queue.take());
        for handle in self.handles.drain(..) {
            let _ = handle.join();
        }
    }
}

fn gone() -> Fault {
    Fault::new("postgres: the store's threads have stopped")
}

fn serve<J, A>(waiting: &Mutex<Receiver<Waiting<J, A>>>, mut line: Line, run: fn(&mut Line, J) -> Result<A, Fault>) {
    loop {
        // One thread waits at the queue, the others for its lock.
        let next = waiting.lock().recv();
        let Ok(Waiting { job, answer }) = next else { return };
        // Who no longer waits has gone away; the writing stands.
        let _ = answer.send(run(&mut line, job));
    }
}

fn look(line: &mut Line, job: LookJob) -> Result<(), Fault> {
    let link = line.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    let looked = catch_unwind(AssertUnwindSafe(|| job(&mut Desk::looking(link))));
    let Ok(looked) = looked else {
        line.hang_up();
        return Err(Fault::new("a job panicked at the reading desk"));
    };
    if looked.is_ok() {
        // What was seen was seen, also if the line breaks now.
        let _ = line.commit();
    } else {
        line.roll_back();
    }
    looked
}

fn work(line: &mut Line, job: WorkJob) -> Result<Vec<Change>, Fault> {
    let link = line.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")?;
    let worked = catch_unwind(AssertUnwindSafe(|| {
        let mut desk = Desk::working(link);
        job(&mut desk)?;
        desk.close()
    }));
    let Ok(worked) = worked else {
        // The server rolls back when the connection ends.
        line.hang_up();
        return Err(Fault::new("a job panicked at the writing desk"));
    };
    match worked {
        Ok(changes) => line.commit().map(|()| changes),
        Err(fault) => {
            line.roll_back();
            Err(fault)
        }
    }
}

//! A thread's line to the server: kept open, found again after it was lost, and never waited for longer than needed.

use std::time::{Duration, Instant};

use doorward_core::refusal::Fault;

use crate::door::Door;
use crate::sql::{Link, fault};

/// The first pause after the server could not be reached; it doubles with every further failure.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause. In a pause jobs are refused at once: waiting would only pile them up.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// A connection that comes back.
pub(crate) struct Line {
    door: Door,
    link: Option<Link>,
    pause: Duration,
    retry_at: Option<Instant>,
}

impl Line {
    pub(crate) fn new(door: Door) -> Self {
        Self { door, link: None, pause: FIRST_PAUSE, retry_at: None }
    }

    /// Begins a transaction, on a fresh connection if the old one turns out to be dead: nothing of the job has been
    /// run yet, so nothing is run twice.
    pub(crate) fn begin(&mut self, sql: &str) -> Result<&mut Link, Fault> {
        if let Some(mut link) = self.link.take_if(|link| !link.client.is_closed())
            && link.client.batch_execute(sql).is_ok()
        {
            return Ok(self.link.insert(link));
        }
        let mut link = self.reach()?;
        link.client.batch_execute(sql).map_err(|e| fault(&e))?;
        Ok(self.link.insert(link))
    }

    /// Ends the transaction. A commit whose answer was lost may or may not have happened; the caller is told that it
    /// broke, and writes of its kind are safe to ask for again.
    pub(crate) fn commit(&mut self) -> Result<(), Fault> {
        let Some(link) = &mut self.link else { return Err(Fault::new("postgres: the connection was lost before the commit")) };
        let done = link.client.batch_execute("COMMIT").map_err(|e| fault(&e).while_doing("committing"));
        if done.is_err() {
            self.link = None;
        }
        done
    }

    /// Gives the transaction up.
    pub(crate) fn roll_back(&mut self) {
        if let Some(link) = &mut self.link {
            link.forget_statements();
            if link.client.batch_execute("ROLLBACK").is_err() {
                self.link = None;
            }
        }
    }

    /// Closes the connection, whatever state it is in.
    pub(crate) fn hang_up(&mut self) {
        self.link = None;
    }

    fn reach(&mut self) -> Result<Link, Fault> {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            return Err(Fault::new("postgres: the server cannot be reached; the next try is due within two seconds"));
        }
        let reached = self.door.connect();
        if reached.is_ok() {
            self.pause = FIRST_PAUSE;
            self.retry_at = None;
        } else {
            self.retry_at = Some(Instant::now() + self.pause);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
        reached
    }
}

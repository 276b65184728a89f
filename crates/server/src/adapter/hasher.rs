//! The hash pool: a few threads that keep Argon2's memory, and a queue of bounded length before them.

use std::collections::VecDeque;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{Builder, JoinHandle, available_parallelism};

use doorward_core::call::Dice;
use doorward_core::credential::password::{HashMemory, StoredHash, Tally, Weighed, Weighing, hash_new, weigh};
use doorward_core::port::hasher::{BoxFuture, Hasher, Overload};
use doorward_core::secret::Secret;
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

/// Jobs that may wait per thread: at 25 ms each, the last one waits less than two seconds.
const QUEUE_PER_THREAD: usize = 64;

/// One second: long enough for a full queue to be half empty.
const OVERLOAD: Overload = Overload { retry_after: 1 };

/// Makes the randomness of one hash thread, for salts.
pub type DiceFactory = Box<dyn Fn() -> Box<dyn Dice> + Send + Sync>;

/// Weighs and hashes passwords on threads of its own.
///
/// Each thread keeps 19 MiB, so memory is bounded, and a flood of logins takes no more than these
/// threads: what does not fit into the queue is refused with [`Overload`]. Dropping the pool ends
/// the threads after the hash each is at; whoever still waits is answered with [`Overload`].
pub struct HashPool {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Rung once per new job, and for all when the pool closes.
    bell: Condvar,
    capacity: usize,
    tally: Mutex<Tally>,
    panics: AtomicU64,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    closing: bool,
}

enum Job {
    Weigh(Weighing, oneshot::Sender<Weighed>),
    Hash(Secret, oneshot::Sender<Option<StoredHash>>),
}

impl HashPool {
    /// Half of the machine's cores, at least one: hashing must not starve what is quick.
    #[must_use]
    pub fn default_threads() -> usize {
        available_parallelism().map_or(1, |cores| (cores.get() / 2).max(1))
    }

    /// The length of queue that goes with so many threads.
    #[must_use]
    pub fn default_queue(threads: usize) -> usize {
        threads.saturating_mul(QUEUE_PER_THREAD)
    }

    /// Starts `threads` threads (at least one) before a queue of `queue` jobs (at least one);
    /// each asks `dice` once for its randomness.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn new(threads: usize, queue: usize, dice: &DiceFactory) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            bell: Condvar::new(),
            capacity: queue.max(1),
            tally: Mutex::default(),
            panics: AtomicU64::new(0),
        });
        // From here on a failure drops the pool, which ends the threads that were started.
        let mut pool = Self { shared, threads: Vec::new() };
        for number in 0..threads.max(1) {
            let (shared, dice) = (Arc::clone(&pool.shared), dice());
            pool.threads.push(Builder::new().name(format!("hash-{number}")).spawn(move || shared.work(dice))?);
        }
        Ok(pool)
    }

    /// Jobs that wait now, for a metric; those being computed are not counted.
    #[must_use]
    pub fn queued(&self) -> usize {
        self.shared.queue.lock().jobs.len()
    }

    /// All work done so far, by scheme: equal for equal numbers of weighings of one site.
    #[must_use]
    pub fn computations(&self) -> Tally {
        *self.shared.tally.lock()
    }

    /// How often a hash panicked; more than zero is a bug to be reported.
    #[must_use]
    pub fn panics(&self) -> u64 {
        self.shared.panics.load(Ordering::Relaxed)
    }
}

impl Hasher for HashPool {
    fn weigh<'a>(&'a self, work: Weighing) -> BoxFuture<'a, Result<Weighed, Overload>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.shared.submit(Job::Weigh(work, reply))?;
            answer.await.map_err(|_| OVERLOAD)
        })
    }

    fn hash<'a>(&'a self, password: Secret) -> BoxFuture<'a, Result<StoredHash, Overload>> {
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            self.shared.submit(Job::Hash(password, reply))?;
            answer.await.ok().flatten().ok_or(OVERLOAD)
        })
    }
}

impl Drop for HashPool {
    fn drop(&mut self) {
        let waiting = {
            let mut queue = self.shared.queue.lock();
            queue.closing = true;
            std::mem::take(&mut queue.jobs)
        };
        self.shared.bell.notify_all();
        // Dropping their reply channels answers them.
        drop(waiting);
        for thread in self.threads.drain(..) {
            // It caught its panics itself; what else it could tell nobody would hear.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn submit(&self, job: Job) -> Result<(), Overload> {
        let mut queue = self.queue.lock();
        if queue.closing || queue.jobs.len() >= self.capacity {
            return Err(OVERLOAD);
        }
        queue.jobs.push_back(job);
        drop(queue);
        self.bell.notify_one();
        Ok(())
    }

    /// A thread's life.
    fn work(&self, mut dice: Box<dyn Dice>) {
        let mut memory = HashMemory::new();
        while let Some(job) = self.next() {
            match job {
                // Who has gone away need not be computed for.
                Job::Weigh(_, reply) if reply.is_closed() => {}
                Job::Hash(_, reply) if reply.is_closed() => {}
                Job::Weigh(work, reply) => {
                    let weighed = self.guarded(&mut memory, |memory| weigh(&work, &mut *dice, memory));
                    let _ = reply.send(weighed.unwrap_or_default());
                }
                Job::Hash(password, reply) => {
                    let hash = self.guarded(&mut memory, |memory| hash_new(password.reveal(), &mut *dice, memory).ok());
                    let _ = reply.send(hash.flatten());
                }
            }
        }
    }

    /// The next job, when there is one; `None` when the pool closes.
    fn next(&self) -> Option<Job> {
        let mut queue = self.queue.lock();
        loop {
            if queue.closing {
                return None;
            }
            if let Some(job) = queue.jobs.pop_front() {
                return Some(job);
            }
            self.bell.wait(&mut queue);
        }
    }

    /// Computes; a panic is counted and becomes `None`, and the thread goes on. The memory may
    /// then hold anything, which is what every hash expects of it.
    fn guarded<T>(&self, memory: &mut HashMemory, compute: impl FnOnce(&mut HashMemory) -> T) -> Option<T> {
        let outcome = catch_unwind(AssertUnwindSafe(|| compute(&mut *memory)));
        *self.tally.lock() += memory.take_tally();
        if outcome.is_err() {
            self.panics.fetch_add(1, Ordering::Relaxed);
        }
        outcome.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use doorward_core::credential::password::{Pad, Rehash, Scheme, verify};

    use super::*;

    /// Dice that do as they are told: roll, panic, or wait for the other end of a channel.
    enum Trick {
        Roll(u8),
        Panic,
        Wait(Mutex<mpsc::Receiver<()>>),
    }

    impl Dice for Trick {
        fn fill(&mut self, buffer: &mut [u8]) {
            match self {
                Self::Roll(last) => buffer.iter_mut().for_each(|byte| {
                    *last = last.wrapping_add(1);
                    *byte = *last;
                }),
                Self::Panic => panic!("the dice fell off the table"),
                Self::Wait(bell) => {
                    let _ = bell.lock().recv();
                }
            }
        }
    }

    fn pool(threads: usize, queue: usize, trick: Trick) -> HashPool {
        let trick = Mutex::new(Some(trick));
        let dice: DiceFactory = Box::new(move || Box::new(trick.lock().take().unwrap_or(Trick::Roll(0))));
        HashPool::new(threads, queue, &dice).unwrap()
    }

    fn weighing(stored: Option<&str>, password: &str) -> Weighing {
        let mut pad = Pad::default();
        pad.include(&StoredHash::new(MD5));
        pad.include(&StoredHash::new(BCRYPT));
        Weighing { stored: stored.map(StoredHash::new), password: Secret::new(password), pad, rehash: Rehash::Argon2id, also: None }
    }

    const MD5: &str = "5d41402abc4b2a76b9719d911017c592";
    const BCRYPT: &str = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

    #[tokio::test]
    async fn known_unknown_and_foreign_accounts_cost_the_same() {
        let pool = pool(2, 8, Trick::Roll(7));
        let standard = pool.hash(Secret::new("hello")).await.unwrap();
        let mut before = pool.computations();
        for (stored, password, matches, rehashed) in [
            (None, "hello", false, false),
            (Some(standard.reveal()), "hello", true, false),
            (Some(standard.reveal()), "wrong", false, false),
            (Some(MD5), "hello", true, true),
            (Some(MD5), "wrong", false, false),
            (Some(BCRYPT), "U*U", true, true),
            (Some("junk"), "junk", false, false),
        ] {
            let weighed = pool.weigh(weighing(stored, password)).await.unwrap();
            assert_eq!((weighed.matches, weighed.rehash.is_some()), (matches, rehashed), "{stored:?} {password}");
            let mut expected = before;
            expected += Tally { argon2: Tally::ARGON2ID, bcrypt: 32, md5: 1, ..Tally::default() };
            assert_eq!(pool.computations(), expected, "{stored:?} {password}");
            before = expected;
            if let Some(fresh) = weighed.rehash {
                assert_eq!(fresh.scheme(), Scheme::Argon2id);
                assert!(verify(&fresh, password.as_bytes(), &mut HashMemory::new()));
            }
        }
        assert_eq!((pool.panics(), pool.queued()), (0, 0));
    }

    #[tokio::test]
    async fn a_full_queue_refuses_and_then_recovers() {
        let (bell, waiting) = mpsc::channel();
        let pool = Arc::new(pool(1, 1, Trick::Wait(Mutex::new(waiting))));
        let start = |password: &'static str| {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.weigh(weighing(Some(MD5), password)).await })
        };
        let first = start("hello");
        // The first is at the dice once the queue has been filled and emptied again.
        tokio::task::yield_now().await;
        while pool.queued() > 0 {
            tokio::task::yield_now().await;
        }
        let second = start("hello");
        while pool.queued() < 1 {
            tokio::task::yield_now().await;
        }
        assert_eq!(start("hello").await.unwrap(), Err(Overload { retry_after: 1 }));
        drop(bell);
        assert!(first.await.unwrap().unwrap().matches);
        assert!(second.await.unwrap().unwrap().matches);
        assert!(start("hello").await.unwrap().unwrap().matches);
    }

    #[tokio::test]
    async fn a_panic_is_a_wrong_password_and_the_thread_goes_on() {
        let pool = pool(1, 4, Trick::Panic);
        assert_eq!(pool.weigh(weighing(Some(MD5), "hello")).await, Ok(Weighed::default()));
        assert_eq!(pool.hash(Secret::new("hello")).await, Err(OVERLOAD));
        assert_eq!(pool.weigh(weighing(Some(MD5), "hello")).await, Ok(Weighed::default()));
        assert_eq!(pool.panics(), 3);
    }

    #[tokio::test]
    async fn a_dropped_pool_answers_whoever_waits() {
        let (bell, waiting) = mpsc::channel();
        let pool = pool(1, 4, Trick::Wait(Mutex::new(waiting)));
        let (reply, busy) = oneshot::channel();
        pool.shared.submit(Job::Weigh(weighing(None, "a"), reply)).unwrap();
        while pool.queued() > 0 {
            tokio::task::yield_now().await;
        }
        let (reply, queued) = oneshot::channel();
        pool.shared.submit(Job::Hash(Secret::new("b"), reply)).unwrap();
        let dropping = std::thread::spawn(move || drop(pool));
        assert!(queued.await.is_err());
        drop(bell);
        dropping.join().unwrap();
        assert_eq!(busy.await, Ok(Weighed::default()));
    }

    #[tokio::test]
    async fn who_has_gone_away_is_not_computed_for() {
        let (bell, waiting) = mpsc::channel();
        let pool = pool(1, 4, Trick::Wait(Mutex::new(waiting)));
        let (reply, busy) = oneshot::channel();
        pool.shared.submit(Job::Weigh(weighing(None, "a"), reply)).unwrap();
        let (reply, gone) = oneshot::channel();
        pool.shared.submit(Job::Weigh(weighing(None, "b"), reply)).unwrap();
        drop((gone, bell));
        busy.await.unwrap();
        pool.weigh(weighing(None, "c")).await.unwrap();
        assert_eq!(pool.computations().argon2, 2 * Tally::ARGON2ID);
    }

    #[test]
    fn defaults_are_at_least_one() {
        assert!(HashPool::default_threads() >= 1);
        assert_eq!(HashPool::default_queue(3), 192);
        assert_eq!(pool(0, 0, Trick::Roll(0)).threads.len(), 1);
    }
}

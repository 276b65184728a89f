//! `[hash]`: the threads that weigh passwords.

use super::key::{Key, Kind};
use super::{Problem, Values};
use crate::adapter::hasher::HashPool;

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "hash.threads",
        env: "DOORWARD_HASH_THREADS",
        flag: None,
        kind: Kind::Number(0, 1024),
        default: "0",
        about: "Threads that weigh passwords, each with 19 MiB of memory and about 25 ms per password. 0 = half of the machine's \
                cores, so that logins never starve the checks of tokens.",
    },
    Key {
        name: "hash.queue",
        env: "DOORWARD_HASH_QUEUE",
        flag: None,
        kind: Kind::Number(0, 1_000_000),
        default: "0",
        about: "Logins that may wait for a thread; one more is answered 503 with Retry-After at once, so a flood of logins \
                costs the flood and nobody else. 0 = 64 per thread.",
    },
];

/// The section's values.
#[derive(Clone, Copy, Debug)]
pub struct Hash {
    /// Threads, at least one.
    pub threads: usize,
    /// Jobs that may wait, at least one.
    pub queue: usize,
}

impl Hash {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let threads = match values.number::<usize>("hash.threads")? {
            0 => HashPool::default_threads(),
            threads => threads,
        };
        let queue = match values.number::<usize>("hash.queue")? {
            0 => HashPool::default_queue(threads),
            queue => queue,
        };
        Ok(Self { threads, queue })
    }
}

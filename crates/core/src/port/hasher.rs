//! The port to the hash threads: where passwords are weighed without holding up anything else.

use std::pin::Pin;

pub use crate::credential::password::{StoredHash, Weighed, Weighing};
use crate::secret::Secret;

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Weighs and hashes passwords, some at a time, others waiting in a queue of bounded length.
pub trait Hasher: Send + Sync {
    /// Checks a password; the work is the same whatever is stored, see
    /// [`weigh`](crate::credential::password::weigh()). Call it for unknown and locked accounts too.
    ///
    /// # Errors
    /// [`Overload`] if the queue is full: nothing was computed, and nothing is known.
    fn weigh<'a>(&'a self, work: Weighing) -> BoxFuture<'a, Result<Weighed, Overload>>;

    /// The hash under which a new password is stored; see
    /// [`hash_new`](crate::credential::password::hash_new). The caller has refused passwords over
    /// [`MAX_PASSWORD`](crate::credential::password::MAX_PASSWORD) bytes.
    ///
    /// # Errors
    /// [`Overload`] if the queue is full or the hash could not be computed.
    fn hash<'a>(&'a self, password: Secret) -> BoxFuture<'a, Result<StoredHash, Overload>>;
}

/// No hash thread has time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overload {
    /// Seconds after which it makes sense to try again.
    pub retry_after: u32,
}

//! The port to the clock, for the one thing that a request's own `now` cannot say: the moment at which work that took time is done.

use crate::call::Time;

/// Tells the time.
pub trait Clock: Send + Sync {
    /// The moment it is.
    fn now(&self) -> Time;
}

//! The doorman: judges requests to what a site protects, and passes on those that may.
//!
//! Reading order:
//! - [`guard`]: whose path it is, which rule, what was proven: one decision;
//! - [`guise`]: when a posted body must be read, because the application could take the request for another;
//! - [`identity`]: what the upstream is told, and which copies of it are never believed;
//! - [`proxy`]: the way to the upstream and back;
//! - [`door`]: the same decision for proxies that ask first, one file each.

pub mod door;
pub mod guard;
pub mod guise;
pub mod identity;
pub mod proxy;

pub use door::Door;
pub use guard::{Admission, Denial, Gate, Guard, Judged, Tally};
pub use proxy::{Body, Proxy};

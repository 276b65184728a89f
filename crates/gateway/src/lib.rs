//! The doorman: judges requests to what a site protects, and passes on those that may.
//!
//! Reading order:
//! - [`guard`]: whose path it is, which rule, what was proven: one decision;
//! - [`guise`]: when a posted body must be read, because the application could take the request for another;
//! - [`identity`]: what the upstream is told, and which copies of it are never believed;
//! - [`proxy`]: the way to the upstream and back;
//! - [`nginx`]: the same decision for a proxy that asks first (`auth_request`).

pub mod guard;
pub mod guise;
pub mod identity;
pub mod nginx;
pub mod proxy;

pub use guard::{Admission, Gate, Guard, Judged, Tally};
pub use proxy::{Body, Proxy};

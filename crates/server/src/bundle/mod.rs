//! The bundle: one open file that a site moves in and out with.
//!
//! Reading order:
//! - [`format`](mod@format): the file itself;
//! - [`import`]: one transaction, all or nothing; `sites`, `keys`, `users` are its parts;
//! - [`export`]: the way out;
//! - `endpoint`: rules in both directions.

mod endpoint;
mod export;
pub mod format;
mod import;
pub(crate) mod keys;
mod sites;
#[cfg(test)]
mod tests;
mod users;

pub(crate) use endpoint::{endpoint, rule_or_kept as endpoint_of};
pub use export::{Wanted, export};
pub(crate) use format::endpoints_of;
pub use format::{Bundle, Endpoint, Problem, RateLimit, read};
pub use import::{Condition, Counts, Mode, Report, Stopped, Terms, import, import_on};
pub(crate) use sites::{behind, inside};

//! The console's verbs: sign in, stay signed in, prove oneself again, and what people do with their own account.
//!
//! Reading order:
//! - [`visit`]: who is signed in, for how long, and with which power;
//! - [`sign_in`]: a password, and the second step; [`again`]: proving oneself again before something dangerous;
//! - [`passkey`]: made, used, removed;
//! - [`person`], [`factor`], [`tokens`]: one's own password, sessions, second factor, API tokens;
//! - [`self_service`], [`email`], [`letters`]: before one is signed in, and by letter; [`setup`]: the first administrator;
//! - [`ticket`]: what is good once: links that were mailed, second steps, challenges.

pub mod again;
pub mod email;
pub mod factor;
pub mod letters;
pub mod passkey;
pub mod person;
pub mod self_service;
pub mod setup;
pub mod sign_in;
pub mod ticket;
pub mod tokens;
pub mod visit;

pub use visit::{Lifetimes, Visitor};

/// The name under which the console's sessions are kept beside those of the languages.
pub const DIALECT: &str = "console";

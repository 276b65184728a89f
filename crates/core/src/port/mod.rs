//! What the law needs from outside: a store that remembers, a hasher that weighs passwords.

pub mod hasher;
pub mod mailer;
pub mod passkeys;
pub mod store;

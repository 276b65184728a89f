//! What the law needs from outside: a store that remembers, a hasher that weighs passwords, the post, other servers, a clock.

pub mod clock;
pub mod fetcher;
pub mod hasher;
pub mod mailer;
pub mod passkeys;
pub mod store;

//! Adapters of the core's ports that need a machine: threads, sockets.

pub mod fetcher;
pub mod hasher;
pub mod mailer;
pub mod passkeys;

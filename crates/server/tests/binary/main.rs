//! The real binary as its users run it: started, asked, imported into, killed and started again.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a run that goes wrong ends the test, helpers included")]

mod support;

mod acme;
mod canary;
mod commands;
mod console;
mod conversation;
mod fail_closed;
mod first_run;
mod flood;
mod import;
mod kill;
mod letters;
mod rules;
mod slow;
mod tls;
mod webhooks;

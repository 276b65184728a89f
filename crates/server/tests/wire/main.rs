//! Conversations on the wire: who, asks what, hears what. Folders mirror the URLs.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a conversation that goes wrong ends the test, helpers included")]

mod support;

mod console;
mod cors;
mod equal_work;
mod frozen;
mod guarded;
mod jwt_auth;
mod operator;
mod proxy;
mod rules;
mod simple_jwt_login;
mod threats;
mod wapka;
mod wncms;
mod wporchestrix;

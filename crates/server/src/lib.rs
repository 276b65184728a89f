//! The server: the only crate that knows every other. Wires, serves, and runs commands.
//!
//! Reading order:
//! - [`source`]: the machine's clock and dice;
//! - [`reception`]: from a request to an answer;
//! - [`listener`], [`serve`]: sockets, and a graceful end;
//! - [`console`]: the pages for people, on an origin of their own;
//! - [`grpc`]: Envoy's other listener;
//! - [`acme`]: certificates that an authority gives by itself;
//! - [`timer`], `carrier` with `post` and `errands`, [`metrics`]: what runs beside; [`rules`]: how rules are edited while it runs;
//! - [`adapter`]: the hash threads, the post, the way to other servers;
//! - [`config`], [`wire`]: from settings to an open house;
//! - [`bundle`]: how a site moves in and out;
//! - [`command`], [`demo`]: what the binary does.

pub mod acme;
pub mod adapter;
pub mod bundle;
mod carrier;
pub mod command;
pub mod config;
pub mod console;
pub mod demo;
mod errands;
pub mod grpc;
pub mod listener;
pub mod live;
pub mod metrics;
mod post;
pub mod reception;
pub mod rules;
pub mod serve;
pub mod source;
pub mod timer;
pub mod wire;

//! The porch that all HTTP doors share: from bytes on the wire to a `Call`, and from a decision to an answer.
//!
//! Reading order:
//! - [`target`]: the path a request is judged by;
//! - [`client_addr`]: who is at the other end, given trusted proxies;
//! - [`incoming`]: head, call and body limits of one request;
//! - [`body`], [`fields`]: one decoder for every body that clients send;
//! - [`strip`]: a body or query without some of its fields, byte for byte;
//! - [`guise`]: what a posted body may make an application take the request for;
//! - [`route`], [`dialect`]: what a language brings: its routes, its credentials, its words;
//! - [`reply`], [`json`], [`cors`]: what goes back;
//! - [`openapi`]: the document of all of it.

pub mod body;
pub mod client_addr;
pub mod cors;
pub mod dialect;
pub mod fields;
pub mod guise;
pub mod incoming;
pub mod json;
pub mod openapi;
pub mod reply;
pub mod route;
pub mod strip;
pub mod target;

pub use dialect::{About, Ask, Dialect, Handler, Places, Seen, Territory, Unread};
pub use fields::{Basic, Fields};
pub use incoming::{Head, Source};
pub use reply::Reply;
pub use route::{Answer, Doc, Field, Found, Kind, Route};
pub use target::Target;

//! The editions, body for body: every endpoint × every mode × every credential, through the proxy and at nginx's check.
//!
//! The tables are data: [`endpoints`], [`modes`], [`credentials`] say what is tried, [`words`] what is heard.

mod credentials;
mod endpoints;
mod modes;
mod rest;
mod tables;
mod words;

use serde_json::{Value, json};

use super::stage;
use crate::support::{Stage, World};

/// Every edition, in the order of the columns of [`words`].
pub(super) const EDITIONS: [&str; 3] = ["documented", "v6.3", "v6"];

/// The stage of all WNCMS conversations in an edition.
pub(super) fn edition(name: &str, rows: Value) -> Stage {
    let mut stage = stage(json!({}));
    stage.dialects[0].1 = json!({"edition": name, "settings": rows});
    stage
}

/// A world with it.
pub(super) fn world(name: &str, rows: Value) -> World {
    World::new(edition(name, rows))
}

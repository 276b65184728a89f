//! `/api/v1/posts` and its like, guarded; `/api/v1/token/…`, answered here.

mod basic;
mod editions;
mod guarded;
mod switches;
mod token;

use doorward_core::account::Status;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Person, Stage, World};

pub(super) const INVALID: &str = r#"{"status":"fail","message":"Invalid token"}"#;
pub(super) const OFF: &str = r#"{"status":403,"message":"API access is disabled"}"#;
pub(super) const ADMIN: &str = r#"{"status":"fail","message":"Admin access required"}"#;
pub(super) const THROUGH: &str = r#"{"upstream":true}"#;

/// The tokens of Root (admin), Ann, Eve (banned) and Sue (superadmin, which is no admin).
pub(super) const ROOT: &str = "roottokenroottokenroottokenroottoken";
pub(super) const ANN: &str = "abc123def456ghi789jkl012mno345pqr678stu";
pub(super) const EVE: &str = "evetokenevetokenevetokenevetokenevet";
pub(super) const SUE: &str = "suetokensuetokensuetokensuetokensuet";

/// A site with these rows in its settings table, and Bob, who has a second factor.
pub(super) fn stage(rows: Value) -> Stage {
    Stage::of("wncms", json!({"settings": rows}))
        .person(Person::new(1, "root").role("admin", 9).token(ROOT))
        .person(Person::new(4, "ann").token(ANN))
        .person(Person::new(5, "bob").totp())
        .person(Person::new(6, "eve").status(Status::Banned).token(EVE))
        .person(Person::new(7, "sue").role("superadmin", 10).token(SUE))
}

pub(super) fn world(rows: Value) -> World {
    World::new(stage(rows))
}

/// Asks with a token in a JSON body.
pub(super) fn post(world: &World, path: &str, token: &str) -> Answer {
    world.ask(Ask::post(path).json(&format!(r#"{{"api_token":"{token}","page_size":10}}"#)))
}

/// `Authorization: Basic` of a name and a password.
pub(super) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", data_encoding::BASE64.encode(format!("{user}:{password}").as_bytes()))
}

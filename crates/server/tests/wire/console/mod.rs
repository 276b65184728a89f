//! At the console: people, their browsers, and what they are shown.

mod admin;
mod session;

use serde_json::json;

use crate::support::{Person, Stage, World};

/// A console, and one site with Ada, Bob (who has a second factor) and a banned Carol.
fn world() -> World {
    World::with_console(vec![stage()])
}

fn stage() -> Stage {
    let people = [
        Person::new(1, "ada").role("administrator", 10),
        Person::new(2, "bob").totp().recovery("aaaaa-bbbbb"),
        Person::new(3, "carol").status(doorward_core::account::Status::Banned),
    ];
    people.into_iter().fold(Stage::of("wapka", json!({})), Stage::person)
}

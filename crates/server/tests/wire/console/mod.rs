//! At the console: people, their browsers, and what they are shown.

mod admin;
mod guard;
mod pages;
mod passkeys;
mod second;
mod self_service;
mod session;
mod setup;
mod tls;
mod tokens;

use serde_json::json;

use crate::support::{Person, Stage, World};
use doorward_core::call::{Call, Client, RequestId};
use doorward_core::site::SiteId;

/// The only site.
const SITE: SiteId = SiteId(1);

/// A call of whoever runs the machine.
fn call(world: &World) -> Call {
    let mut dice = world.source().dice();
    let request_id = RequestId::draw(dice.as_mut());
    Call { now: world.now(), dice, client: Client { address: [127, 0, 0, 9].into(), agent: None }, request_id, actor: None }
}

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

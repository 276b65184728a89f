//! `/api/v1/jwt`, `/api/v1/jwt/refresh`, `/api/v1/jwt/revoke`, `/api/v1/auth`, and what they open.

mod auth;
mod jwt;
mod refresh;
mod revoke;
mod sites;

use serde_json::json;

use crate::support::{Ask, PASSWORD, Person, Stage, World};

/// A site with Ann (no second factor), Bob (TOTP and a recovery code), Eve (banned) and Tim (an API token).
pub(super) fn stage() -> Stage {
    Stage::of("wporchestrix", json!({}))
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp().recovery("k7m2p-9xq4t"))
        .person(Person::new(6, "eve").status(doorward_core::account::Status::Banned))
        .person(Person::new(7, "tim").token("d41d8cd98f00b204e9800998ecf8427e"))
}

/// Logs Ann in: (access, refresh).
pub(super) fn ann(world: &World) -> (String, String) {
    let answer = world.ask(Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"ann@example.com","password":"{PASSWORD}"}}"#)));
    assert_eq!(answer.status, 200, "{}", answer.line());
    (answer.text("/access_token"), answer.text("/refresh_token"))
}

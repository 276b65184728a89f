//! `POST` and `DELETE /api/v1/auth`.

use super::{ann, stage};
use crate::support::{Ask, PASSWORD, World};

fn sign_in(world: &World) -> String {
    let answer = world.ask(Ask::post("/api/v1/auth").json(&format!(r#"{{"email":"ann@example.com","password":"{PASSWORD}"}}"#)));
    let token = answer.text("/token");
    answer.is(200, &format!(r#"{{"token":"{token}"}}"#));
    token
}

#[test]
fn the_default_token_is_answered_again_at_every_login() {
    let world = World::new(stage());
    let token = sign_in(&world);
    assert!(token.len() == 32 && token.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)), "{token}");
    world.pass(1000);
    assert_eq!(sign_in(&world), token);
    for scheme in ["token", "Token", "Bearer", "bearer"] {
        assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&format!("{scheme} {token}"))).status, 200, "{scheme}");
    }
}

#[test]
fn signing_out_kills_the_default_token_and_the_next_login_gets_another() {
    let world = World::new(stage());
    let token = sign_in(&world);
    world.ask(Ask::new("DELETE", "/api/v1/auth").auth(&format!("token {token}"))).is(200, "{}");
    world.ask(Ask::get("/api/v1/sites").auth(&format!("token {token}"))).is(401, r#"{"error":"Unauthorized"}"#);
    let next = sign_in(&world);
    assert_ne!(next, token);
    assert_eq!(sign_in(&world), next);
}

#[test]
fn signing_out_with_a_jwt_ends_its_family() {
    let world = World::new(stage());
    let (access, refresh) = ann(&world);
    world.ask(Ask::new("DELETE", "/api/v1/auth").auth(&format!("Bearer {access}"))).is(200, "{}");
    world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {access}"))).is(401, r#"{"error":"Unauthorized"}"#);
    let again = world.ask(Ask::post("/api/v1/jwt/refresh").json(&format!(r#"{{"refresh_token":"{refresh}"}}"#)));
    again.is(401, r#"{"error":"Refresh token has been revoked"}"#);
}

#[test]
fn a_named_token_survives_signing_out() {
    let world = World::new(stage());
    let tim = "token d41d8cd98f00b204e9800998ecf8427e";
    world.ask(Ask::new("DELETE", "/api/v1/auth").auth(tim)).is(200, "{}");
    assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(tim)).status, 200);
}

#[test]
fn the_noes_are_those_of_the_other_login() {
    let world = World::new(stage());
    world.ask(Ask::post("/api/v1/auth").json("{}")).is(401, r#"{"error":"Invalid email or password."}"#);
    let bob = format!(r#"{{"email":"bob@example.com","password":"{PASSWORD}"}}"#);
    world.ask(Ask::post("/api/v1/auth").json(&bob)).is(422, r#"{"error":"otp_attempt_required"}"#);
    world.ask(Ask::new("DELETE", "/api/v1/auth")).is(401, r#"{"error":"Unauthorized"}"#);
}

//! `POST /api/v1/jwt/revoke`.

use super::{ann, stage};
use crate::support::{Answer, Ask, PASSWORD, World};

const REVOKED: &str = r#"{"message":"Token revoked"}"#;
const UNAUTHORIZED: &str = r#"{"error":"Unauthorized"}"#;

fn revoke(world: &World, auth: &str, body: &str) -> Answer {
    world.ask(Ask::post("/api/v1/jwt/revoke").auth(auth).json(body))
}

#[test]
fn the_token_in_the_header_can_be_revoked_and_fails_on_the_next_call() {
    let world = World::new(stage());
    let (access, _) = ann(&world);
    let bearer = format!("Bearer {access}");
    assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&bearer)).status, 200);
    revoke(&world, &bearer, &format!(r#"{{"token":"{access}"}}"#)).is(200, REVOKED);
    world.ask(Ask::get("/api/v1/sites").auth(&bearer)).is(401, UNAUTHORIZED);
    revoke(&world, &bearer, &format!(r#"{{"token":"{access}"}}"#)).is(401, UNAUTHORIZED);
}

#[test]
fn a_refresh_token_ends_its_family() {
    let world = World::new(stage());
    let (access, refresh) = ann(&world);
    let bearer = format!("Bearer {access}");
    revoke(&world, &bearer, &format!(r#"{{"token":"{refresh}"}}"#)).is(200, REVOKED);
    revoke(&world, &bearer, &format!(r#"{{"token":"{refresh}"}}"#)).is(200, REVOKED);
    world
        .ask(Ask::post("/api/v1/jwt/refresh").json(&format!(r#"{{"refresh_token":"{refresh}"}}"#)))
        .is(401, r#"{"error":"Refresh token has been revoked"}"#);
    // Its access token lives out its quarter of an hour.
    assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&bearer)).status, 200);
}

#[test]
fn what_is_not_live_is_revoked_already_and_what_is_not_yours_is_forbidden() {
    let world = World::new(stage());
    let (access, _) = ann(&world);
    let bearer = format!("Bearer {access}");
    for token in ["a.b.c", "e30.e30.e30"] {
        revoke(&world, &bearer, &format!(r#"{{"token":"{token}"}}"#)).is(200, REVOKED);
    }
    revoke(&world, &bearer, r#"{"token":"d41d8cd98f00b204e9800998ecf8427e"}"#).is(422, r#"{"error":"Invalid token"}"#);
    for body in ["{}", "", r#"{"token":""}"#, r#"{"token":null}"#] {
        revoke(&world, &bearer, body).is(422, r#"{"error":"Token is required"}"#);
    }
    for body in [r#"{"token":1}"#, r#"{"token":[]}"#, r#"{"token":{}}"#] {
        revoke(&world, &bearer, body).is(422, r#"{"error":"Invalid token"}"#);
    }
    let code = world.totp();
    let bob = world
        .ask(Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"bob@example.com","password":"{PASSWORD}","otp_attempt":"{code}"}}"#)))
        .text("/access_token");
    revoke(&world, &bearer, &format!(r#"{{"token":"{bob}"}}"#)).is(403, r#"{"error":"Forbidden"}"#);
    assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {bob}"))).status, 200);
}

#[test]
fn nobody_revokes_without_proving_who_they_are() {
    let world = World::new(stage());
    let (access, refresh) = ann(&world);
    let body = format!(r#"{{"token":"{access}"}}"#);
    world.ask(Ask::post("/api/v1/jwt/revoke").json(&body)).is(401, UNAUTHORIZED);
    revoke(&world, &format!("Bearer {refresh}"), &body).is(401, UNAUTHORIZED);
    revoke(&world, "token unknown", &body).is(401, UNAUTHORIZED);
    revoke(&world, "token d41d8cd98f00b204e9800998ecf8427e", &body).is(403, r#"{"error":"Forbidden"}"#);
}

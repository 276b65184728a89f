//! What the language guards: everything else below `/api/v1`.

use doorward_core::account::Status;

use super::{ann, stage};
use crate::support::{Ask, World};

const UNAUTHORIZED: &str = r#"{"error":"Unauthorized"}"#;

#[test]
fn an_api_token_in_every_spelling_opens_and_the_upstream_is_told_who_it_is() {
    let world = World::new(stage());
    let token = "d41d8cd98f00b204e9800998ecf8427e";
    for auth in [
        format!("token {token}"),
        format!("Token   {token}"),
        format!("TOKEN {token}"),
        format!("Token token=\"{token}\""),
        format!("Bearer {token}"),
    ] {
        let answer = world.ask(Ask::get("/api/v1/sites?page=2").auth(&auth));
        answer.is(200, r#"{"upstream":true}"#);
        let arrived = world.upstream.last();
        assert_eq!(arrived.line, "GET /api/v1/sites?page=2 HTTP/1.1");
        let told =
            ["x-doorward-user-id", "x-doorward-user", "x-doorward-roles", "x-doorward-level", "x-doorward-scopes", "x-doorward-site"];
        assert_eq!(told.map(|n| arrived.header(n).unwrap_or("-")), ["7", "tim", "subscriber", "3", "*", "yoursite"], "{auth}");
    }
}

#[test]
fn a_bearer_opens_until_it_expires() {
    let world = World::new(stage());
    let (access, refresh) = ann(&world);
    let sites = Ask::get("/api/v1/sites").auth(&format!("Bearer {access}"));
    world.pass(899);
    assert_eq!(world.ask(sites.clone()).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
    world.pass(1);
    let answer = world.ask(sites);
    answer.is(401, r#"{"error":"Token has expired"}"#);
    assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"WPSentinel\"");
    world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {refresh}"))).is(401, UNAUTHORIZED);
}

#[test]
fn everything_else_is_unauthorized_and_reaches_nobody() {
    let world = World::new(stage());
    let (access, _) = ann(&world);
    for auth in [
        "",
        "token",
        "Bearer",
        "token unknown",
        "Basic YW5uOng=",
        "garbage",
        "Bearer a.b.c",
        "Bearer  ",
        "token a b",
        &format!("token {access}"),
        &format!("Bearer {access}x"),
        &format!("Bearer {}", ".".repeat(60_000)),
    ] {
        world.ask(Ask::get("/api/v1/sites").auth(auth)).is(401, UNAUTHORIZED);
    }
    world.ask(Ask::get("/api/v1/sites")).is(401, UNAUTHORIZED);
    let twice = Ask::get("/api/v1/sites").auth("token d41d8cd98f00b204e9800998ecf8427e").auth("token x");
    world.ask(twice).is(401, UNAUTHORIZED);
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_ban_closes_every_door_with_the_next_request() {
    let world = World::new(stage());
    let (access, _) = ann(&world);
    let sites = Ask::get("/api/v1/sites").auth(&format!("Bearer {access}"));
    assert_eq!(world.ask(sites.clone()).status, 200);
    world.run(async {
        let call = doorward_core::testkit::frozen_call(world.now(), 9);
        let account = world.house.look(|desk| desk.account(doorward_core::site::SiteId(1), 4)).await.unwrap().unwrap();
        let banned = doorward_core::account::Account { status: Status::Banned, ..account };
        doorward_core::flow::accounts::put(&world.house, &call, banned, "user.ban").await.unwrap();
    });
    world.ask(sites).is(401, UNAUTHORIZED);
}

#[test]
fn bodies_are_streamed_and_identity_headers_of_clients_are_removed() {
    let world = World::new(stage());
    let large = "x".repeat(3 * 1024 * 1024);
    let ask = Ask::post("/api/v1/sites")
        .auth("token d41d8cd98f00b204e9800998ecf8427e")
        .header("X-Doorward-User-Id", "1")
        .header("X_Doorward_User_Id", "1")
        .header("x-doorward-ROLES", "administrator")
        .header("X-Forwarded-For", "6.6.6.6")
        .header("Connection", "X-Doorward-Level")
        .body("application/octet-stream", large.as_bytes());
    assert_eq!(world.ask(ask).status, 200);
    let arrived = world.upstream.last();
    assert_eq!(arrived.body.len(), large.len());
    assert_eq!(arrived.header("x-doorward-user-id"), Some("7"));
    assert_eq!(arrived.header("x_doorward_user_id"), None);
    assert_eq!(arrived.header("x-doorward-roles"), Some("subscriber"));
    assert_eq!(arrived.header("x-doorward-level"), Some("3"));
    assert_eq!(arrived.header("x-forwarded-for"), Some("127.0.0.1"));
}

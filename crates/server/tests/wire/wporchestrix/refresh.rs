//! `POST /api/v1/jwt/refresh`.

use super::{ann, stage};
use crate::support::{Answer, Ask, World};

fn refresh(world: &World, token: &str) -> Answer {
    world.ask(Ask::post("/api/v1/jwt/refresh").json(&format!(r#"{{"refresh_token":"{token}"}}"#)))
}

const REVOKED: &str = r#"{"error":"Refresh token has been revoked"}"#;
const INVALID: &str = r#"{"error":"Invalid refresh token"}"#;

#[test]
fn a_refresh_gives_two_new_tokens_and_the_old_one_is_spent() {
    let world = World::new(stage());
    let (access, first) = ann(&world);
    world.pass(100);
    let answer = refresh(&world, &first);
    assert_eq!(answer.status, 200);
    assert!(answer.body.ends_with(r#""token_type":"Bearer","expires_in":900}"#));
    assert_ne!(answer.text("/access_token"), access);
    assert_ne!(answer.text("/refresh_token"), first);
    assert_eq!(refresh(&world, &answer.text("/refresh_token")).status, 200);
}

#[test]
fn a_lost_answer_can_be_asked_for_again_within_ten_seconds_and_is_the_same() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    let answer = refresh(&world, &first);
    world.pass(10);
    assert_eq!(refresh(&world, &first).body, answer.body);
}

#[test]
fn a_spent_token_ends_its_family_and_its_access_tokens() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    let answer = refresh(&world, &first);
    let sites = Ask::get("/api/v1/sites").auth(&format!("Bearer {}", answer.text("/access_token")));
    assert_eq!(world.ask(sites.clone()).status, 200);
    world.pass(11);
    refresh(&world, &first).is(401, REVOKED);
    refresh(&world, &answer.text("/refresh_token")).is(401, REVOKED);
    world.ask(sites).is(401, r#"{"error":"Unauthorized"}"#);
    assert!(world.reasons().contains(&"refresh refresh_reused".to_owned()));
}

#[test]
fn an_older_generation_is_reuse_even_within_the_window() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    let second = refresh(&world, &first).text("/refresh_token");
    let third = refresh(&world, &second).text("/refresh_token");
    refresh(&world, &first).is(401, REVOKED);
    refresh(&world, &third).is(401, REVOKED);
}

#[test]
fn parallel_refreshes_give_exactly_one_successor() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    let bodies: Vec<String> = std::thread::scope(|scope| {
        let asks: Vec<_> = (0..16).map(|_| scope.spawn(|| refresh(&world, &first).line())).collect();
        asks.into_iter().map(|a| a.join().unwrap()).collect()
    });
    assert!(bodies[0].starts_with("200 "), "{}", bodies[0]);
    assert!(bodies.iter().all(|b| *b == bodies[0]), "{bodies:?}");
}

#[test]
fn every_other_token_has_its_answer() {
    let world = World::new(stage());
    let (access, first) = ann(&world);
    for body in [r"{}", r#"{"refresh_token":""}"#, r#"{"refresh_token":null}"#, r#"{"refresh_token":" "}"#, ""] {
        world.ask(Ask::post("/api/v1/jwt/refresh").json(body)).is(401, r#"{"error":"Refresh token is required"}"#);
    }
    for body in [r#"{"refresh_token":1}"#, r#"{"refresh_token":["x"]}"#, r#"{"refresh_token":{}}"#, r#"{"refresh_token":true}"#] {
        world.ask(Ask::post("/api/v1/jwt/refresh").json(body)).is(401, INVALID);
    }
    refresh(&world, &access).is(401, INVALID);
    refresh(&world, "garbage").is(401, INVALID);
    refresh(&world, &".".repeat(5000)).is(401, INVALID);
    refresh(&world, &first[..first.len() - 1]).is(401, INVALID);
    let dots = format!(r#"{{"refresh_token":"{}"}}"#, ".".repeat(1_000_000));
    world.ask(Ask::post("/api/v1/jwt/refresh").json(&dots)).is(401, INVALID);
    world.ask(Ask::post("/api/v1/jwt/refresh").json("{")).is(400, r#"{"error":"Bad Request"}"#);
    world.pass(604_799);
    assert_eq!(refresh(&world, &first).status, 200);
    world.pass(1);
    refresh(&world, &first).is(401, r#"{"error":"Refresh token has expired"}"#);
}

#[test]
fn an_authorization_header_is_not_looked_at() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    let ask = Ask::post("/api/v1/jwt/refresh").auth("Bearer old.old.old").json(&format!(r#"{{"refresh_token":"{first}"}}"#));
    assert_eq!(world.ask(ask).status, 200);
}

#[test]
fn a_banned_or_changed_account_refreshes_no_more() {
    let world = World::new(stage());
    let (_, first) = ann(&world);
    world.run(async {
        let call = doorward_core::testkit::frozen_call(world.now(), 9);
        doorward_core::flow::accounts::sign_out_everywhere(&world.house, &call, doorward_core::site::SiteId(1), 4).await.unwrap();
    });
    refresh(&world, &first).is(401, REVOKED);
}

//! `POST /api/v1/token/generate`, `…/regenerate`, `…/revoke`.

use serde_json::{Value, json};

use super::{ANN, INVALID, ROOT, THROUGH, basic, post, world};
use crate::support::{Answer, Ask, PASSWORD, World};

fn press(world: &World, button: &str, token: &str, more: &str) -> Answer {
    world.ask(Ask::post(&format!("/api/v1/token/{button}")).json(&format!(r#"{{"api_token":"{token}"{more}}}"#)))
}

fn works(world: &World, token: &str) -> bool {
    post(world, "/api/v1/posts/store", token).status == 200
}

fn invalid(field: &str, problem: &str) -> String {
    format!(r#"{{"code":422,"status":"fail","message":"Validation failed","data":{{"errors":{{"{field}":["{problem}"]}}}}}}"#)
}

#[test]
fn generate_answers_a_further_token_to_the_letter() {
    let world = world(json!({}));
    let answer = press(&world, "generate", ANN, r#","name":" Mobile é ""#);
    let (id, token) = (answer.value()["data"]["id"].clone(), answer.text("/data/api_token"));
    assert!(token.starts_with("dwd_") && token.len() == 40, "{token}");
    let data =
        format!(r#"{{"id":{id},"name":"Mobile \u00e9","api_token":"{token}","created_at":"2026-01-02T03:04:05Z","expires_at":null}}"#);
    answer.is(200, &format!(r#"{{"code":200,"status":"success","message":"Successfully Created","data":{data},"extra":[]}}"#));
    assert_eq!(answer.header("content-type"), "application/json");
    assert!(works(&world, &token) && works(&world, ANN));
    assert_eq!(world.reasons(), ["token.create granted"]);
}

#[test]
fn a_caller_may_prove_itself_by_basic_and_a_token_ends_when_it_was_told_to() {
    let world = world(json!({}));
    let ask = Ask::post("/api/v1/token/generate").form("name=CI&expires_at=2026-01-03T03:04:05Z");
    let answer = world.ask(ask.clone().auth(&basic("ann@example.com", PASSWORD)));
    assert_eq!(answer.value()["data"]["expires_at"], "2026-01-03T03:04:05Z", "{}", answer.line());
    let token = answer.text("/data/api_token");
    world.ask(ask.clone().auth(&basic("ann@example.com", "wrong"))).is(401, INVALID);
    world.ask(ask.clone().auth(&basic("bob@example.com", PASSWORD))).is(401, INVALID);
    world.ask(ask.clone().auth(&format!("Bearer {ANN}"))).is(401, INVALID);
    world.ask(ask).is(401, INVALID);
    // It makes none that outlives it.
    press(&world, "generate", &token, r#","name":"x","expires_at":"2026-01-03T03:04:06Z""#)
        .is(422, &invalid("expires_at", "The expires_at field is invalid."));
    assert_eq!(press(&world, "generate", &token, r#","name":"x""#).value()["data"]["expires_at"], "2026-01-03T03:04:05Z");
    world.pass(86_399);
    assert!(works(&world, &token));
    world.pass(1);
    assert!(!works(&world, &token));
}

#[test]
fn what_a_token_cannot_be_is_said_by_field_after_who_asks() {
    let world = world(json!({}));
    for (more, field, problem) in [
        ("", "name", "The name field is required."),
        (r#","name":" ""#, "name", "The name field is required."),
        (r#","name":["x"]"#, "name", "The name field has the wrong type."),
        (&format!(r#","name":"{}""#, "x".repeat(101)), "name", "The name field is invalid."),
        (r#","name":"x","expires_at":"2026-01-02T03:04:05Z""#, "expires_at", "The expires_at field is invalid."),
        (r#","name":"x","expires_at":1"#, "expires_at", "The expires_at field has the wrong type."),
    ] {
        press(&world, "generate", ANN, more).is(422, &invalid(field, problem));
        press(&world, "generate", "unknown", more).is(401, INVALID);
    }
    world.ask(Ask::post("/api/v1/token/generate").json("{")).is(401, INVALID);
    world.ask(Ask::post("/api/v1/token/generate").json(r#"{"api_token":["x"],"name":"x"}"#)).is(401, INVALID);
}

#[test]
fn regenerate_replaces_every_token_of_the_caller_and_nobody_elses() {
    let world = world(json!({}));
    let further = press(&world, "generate", ANN, r#","name":"Mobile""#).text("/data/api_token");
    let answer = press(&world, "regenerate", ANN, "");
    let token = answer.text("/data/api_token");
    let value = answer.value();
    assert_eq!((answer.status, &value["message"], &value["data"]["name"]), (200, &"Successfully Updated".into(), &"test".into()));
    assert!(works(&world, &token));
    assert!(!works(&world, ANN) && !works(&world, &further));
    assert!(works(&world, ROOT));
    press(&world, "regenerate", ANN, "").is(401, INVALID);
    // By Basic there is no token to take the name from.
    let again = world.ask(Ask::post("/api/v1/token/regenerate").auth(&basic("ann@example.com", PASSWORD)));
    assert_eq!(again.value()["data"]["name"], "API Token");
    assert!(!works(&world, &token) && works(&world, &again.text("/data/api_token")));
}

#[test]
fn revoke_ends_the_token_shown_or_another_of_the_callers() {
    let world = world(json!({}));
    let gone = r#"{"code":200,"status":"success","message":"Successfully Deleted","data":null,"extra":[]}"#;
    let made = press(&world, "generate", ANN, r#","name":"Mobile""#);
    let (id, further) = (made.value()["data"]["id"].as_i64().unwrap(), made.text("/data/api_token"));
    let missing = r#"{"status":"fail","message":"Not found"}"#;
    press(&world, "revoke", ROOT, &format!(r#","id":{id}"#)).is(404, missing);
    press(&world, "revoke", ANN, r#","id":999"#).is(404, missing);
    press(&world, "revoke", ANN, r#","id":"x""#).is(422, &invalid("id", "The id field is invalid."));
    press(&world, "revoke", ANN, r#","id":[1]"#).is(422, &invalid("id", "The id field has the wrong type."));
    assert!(works(&world, &further));
    press(&world, "revoke", ANN, &format!(r#","id":"{id}""#)).is(200, gone);
    assert!(!works(&world, &further));
    press(&world, "revoke", ANN, &format!(r#","id":{id}"#)).is(404, missing);
    press(&world, "revoke", ANN, "").is(200, gone);
    assert!(!works(&world, ANN));
    press(&world, "revoke", ANN, "").is(401, INVALID);
    let by_basic = Ask::post("/api/v1/token/revoke").auth(&basic("ann@example.com", PASSWORD));
    world.ask(by_basic).is(422, &invalid("id", "The id field is required."));
}

#[test]
fn nobody_is_named_as_owner() {
    let world = world(json!({}));
    let answer = press(&world, "generate", ANN, r#","name":"x","user_id":1,"account":1"#);
    post(&world, "/api/v1/posts/store", &answer.text("/data/api_token")).is(200, THROUGH);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
    assert_eq!(
        answer.value().as_object().map(|o| o.keys().cloned().collect::<Vec<_>>()),
        Some(vec!["code".into(), "status".into(), "message".into(), "data".into(), "extra".into()])
    );
    assert_eq!(answer.value()["extra"], Value::Array(Vec::new()));
}

//! `/v1/auth/token`, `/v1/auth/login`, `/v1/users/me`, `/v1/api-keys`, and what they open.

mod api_keys;
mod auth_login;
mod auth_token;
mod guarded;
mod users_me;

use doorward_core::account::{Account, Status};
use doorward_core::flow::accounts;
use doorward_core::site::SiteId;
use doorward_core::testkit::frozen_call;
use serde_json::json;

use crate::support::{Answer, Ask, PASSWORD, Person, Stage, World};

/// Owner (level 10), Ann (3), Bob (TOTP), Eve (banned), Del (deleted), Zed (level 0) and Mia (9) on `yoursite`; Ann's
/// namesake on `other`; `plain` does not speak the language.
pub(super) fn stages() -> Vec<Stage> {
    let yours = Stage::of("wapka", json!({}))
        .person(Person::new(1, "owner").role("superadmin", 10))
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp().recovery("k7m2p-9xq4t"))
        .person(Person::new(6, "eve").status(Status::Banned))
        .person(Person::new(7, "del").status(Status::Deleted))
        .person(Person::new(8, "zed").role("guest", 0))
        .person(Person::new(9, "mia").role("admin", 9));
    let other = Stage {
        id: 2,
        name: "other".into(),
        hosts: vec!["other.example".into()],
        ..Stage::of("wapka", json!({})).person(Person::new(4, "ann").role("superadmin", 10)).person(Person::new(40, "olga"))
    };
    let plain = Stage { id: 3, name: "plain".into(), hosts: vec!["plain.example".into()], ..Stage::of("wporchestrix", json!({})) };
    vec![yours, other, plain]
}

pub(super) fn world() -> World {
    World::with(stages())
}

/// The token of somebody of a site.
pub(super) fn login(world: &World, site: &str, name: &str) -> String {
    let answer =
        world.ask(Ask::post("/v1/auth/login").json(&format!(r#"{{"site":"{site}","username":"{name}","password":"{PASSWORD}"}}"#)));
    assert_eq!(answer.status, 200, "{}", answer.line());
    answer.text("/data/token")
}

/// A guest's token of `yoursite`.
pub(super) fn guest(world: &World) -> String {
    world.ask(Ask::post("/v1/auth/token").json(r#"{"site":"yoursite"}"#)).text("/data/token")
}

/// The `meta` that an answer must have: the id of its own header, and now.
pub(super) fn meta(world: &World, answer: &Answer) -> String {
    let id = answer.header("x-request-id");
    assert!(id.starts_with("req_"), "{id}");
    format!(r#""meta":{{"requestId":"{id}","timestamp":"{}"}}"#, world.now().iso())
}

/// Asserts a refusal to the letter.
#[track_caller]
pub(super) fn refused(world: &World, ask: Ask, status: u16, code: &str, message: &str) -> Answer {
    let answer = world.ask(ask);
    let meta = meta(world, &answer);
    answer.is(status, &format!(r#"{{"error":{{"code":"{code}","message":"{message}"}},{meta}}}"#));
    answer
}

/// Asserts a refusal of fields to the letter.
#[track_caller]
pub(super) fn invalid(world: &World, ask: Ask, details: &str) {
    let answer = world.ask(ask);
    let meta = meta(world, &answer);
    let error = format!(r#"{{"code":"validation_error","message":"The request is not valid","details":{details}}}"#);
    answer.is(422, &format!(r#"{{"error":{error},{meta}}}"#));
}

/// Changes an account of `yoursite` beside the wire.
pub(super) fn change(world: &World, number: i64, how: impl FnOnce(Account) -> Account) {
    world.run(async {
        let call = frozen_call(world.now(), 9);
        let account = world.house.look(move |desk| desk.account(SiteId(1), number)).await.unwrap().unwrap();
        accounts::put(&world.house, &call, how(account), "user.change").await.unwrap();
    });
}

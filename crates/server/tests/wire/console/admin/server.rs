//! `/api/imports`, `/api/settings`: moving in, a file that is none, and what the server is set to.

use serde_json::{Value, json};

use super::{SITE, ada, adam, entry, no, refused, world};

#[test]
fn a_bundle_is_tried_and_then_written() {
    let world = world();
    let mut ada = ada(&world);
    let bundle = json!({"doorward_bundle": 1, "sites": [{"name": "yoursite", "users": [{"login": "dora", "email": "dora@example.com"}]}]});
    let tried = ada.post("/api/imports?dry_run=true", &bundle);
    assert_eq!((tried.status, &tried.value()["report"]["users"]["made"]), (200, &json!(1)), "{}", tried.line());
    assert_eq!(world.run(world.house.look(|desk| desk.last_account(SITE))).unwrap(), 5, "nothing was written");
    world.pass(1);
    let done = ada.post("/api/imports", &bundle);
    assert_eq!((&done.value()["dry_run"], &done.value()["report"]["users"]["made"]), (&json!(false), &json!(1)));
    assert_eq!(world.run(world.house.look(|desk| desk.last_account(SITE))).unwrap(), 6);
    let entry = entry(&world, "console.import").unwrap();
    assert_eq!((entry.site, entry.actor.map(|a| a.account)), (Some(SITE), Some(1)));
    let id = done.text("/id");
    assert_eq!(ada.get(&format!("/api/imports/{id}")).value(), done.value());
    let listed = ada.get("/api/imports").value();
    assert_eq!(listed["items"], json!([done.value(), tried.value()]), "newest first");
    assert_eq!(no(&ada.get("/api/imports/req_000000000000")), refused(404, "not_found"));
}

#[test]
fn the_newest_twenty_reports_are_kept_in_the_store() {
    let world = world();
    let mut ada = ada(&world);
    let bundle = json!({"doorward_bundle": 1, "sites": []});
    let ids: Vec<String> = (0..22)
        .map(|_| {
            world.pass(1);
            ada.post("/api/imports?dry_run=true", &bundle).text("/id")
        })
        .collect();
    let found = ids.iter().map(|id| ada.get(&format!("/api/imports/{id}")).status);
    assert_eq!(found.collect::<Vec<_>>(), [vec![404; 2], vec![200; 20]].concat());
    assert_eq!(world.run(world.house.look(|desk| desk.kept("import/"))).unwrap().len(), 20);
    assert_eq!(ada.get(&format!("/api/imports/{}", &ids[21][1..])).status, 404, "the whole id is asked for");
}

#[test]
fn a_file_that_cannot_be_used_is_told_where_and_writes_nothing() {
    let world = world();
    let mut ada = ada(&world);
    for (bundle, field) in [
        (json!({}), "doorward_bundle"),
        (json!({"doorward_bundle": 9, "sites": []}), "doorward_bundle"),
        (json!({"doorward_bundle": 1, "sites": [{"name": "new site", "url": "https://x.example"}]}), "sites[0].name"),
        (
            json!({"doorward_bundle": 1, "sites": [{"name": "yoursite", "users": [{"login": "dora"}, {"login": "ada", "id": 77}]}]}),
            "sites[0].users[1]",
        ),
        (json!({"doorward_bundle": 1, "sites": [{"name": "yoursite", "king": 1}]}), "sites[0].king"),
    ] {
        for target in ["/api/imports?dry_run=true", "/api/imports"] {
            let answer = ada.post(target, &bundle);
            assert_eq!(no(&answer), refused(422, "invalid_field"), "{bundle}");
            assert!(answer.text("/error/field").starts_with(field), "{}", answer.line());
        }
    }
    for text in ["{", "[]", "no json at all", ""] {
        let ask = ada.ours(crate::support::Ask::post("/api/imports")).json(text);
        let answer = ada.send(ask);
        assert!((400..=422).contains(&answer.status), "{text} {}", answer.line());
    }
    assert_eq!(no(&ada.post("/api/imports?dry_run=perhaps", &json!({}))), refused(422, "invalid_field"));
    assert_eq!(world.run(world.house.look(|desk| desk.last_account(SITE))).unwrap(), 5);
    assert_eq!(entry(&world, "console.import"), None);
    assert_eq!(no(&adam(&world).post("/api/imports", &json!({}))), refused(403, "not_yours"));
}

#[test]
fn settings_are_told_with_where_they_come_from_and_without_secrets() {
    let world = world();
    let answer = ada(&world).get("/api/settings");
    assert!(!answer.body.contains("canary"), "{}", answer.body);
    let value = answer.value();
    let found = |key: &str| value["items"].as_array().unwrap().iter().find(|item| item["key"] == key).cloned().unwrap();
    assert_eq!((&found("data.database")["from"], &found("data.database")["secret"]), (&json!("flag"), &json!(true)));
    assert_eq!((&found("console.idle_minutes")["value"], &found("console.idle_minutes")["from"]), (&json!("30"), &json!("default")));
    assert_eq!(found("server.listen")["secret"], Value::Bool(false));
    assert_eq!(no(&adam(&world).get("/api/settings")), refused(403, "not_yours"));
}

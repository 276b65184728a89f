//! Power: nobody acts above their level, outside their site, or takes power that nobody gave them; somebody always runs the server.

use doorward_core::account::{Power, Status};
use serde_json::{Value, json};

use super::{OTHER, SITE, account, ada, adam, entry, no, refused, replacing, signed_in, world};

#[test]
fn a_delegated_administrator_stays_below_their_own_level_and_off_the_owners() {
    let world = world();
    let mut adam = adam(&world);
    // Zoe is level 8, Ada owns the server.
    for number in [4, 1] {
        let at = format!("/api/sites/yoursite/users/{number}");
        for answer in [
            adam.patch(&at, &json!({"level": 1})),
            adam.patch(&at, &json!({"status": "banned"})),
            adam.patch(&at, &json!({"email": "mine@example.com"})),
            adam.post(&format!("{at}/password"), &json!({"mode": "one_time"})),
            adam.delete(&format!("{at}/second-factor")),
            adam.delete(&format!("{at}/sessions")),
        ] {
            assert_eq!(no(&answer), refused(403, "not_yours"), "{number}");
        }
    }
    assert_eq!((account(&world, SITE, 4).level, account(&world, SITE, 1).status), (8, Status::Active));
    let give = |level: i64| json!({"login": "new", "level": level});
    assert_eq!(no(&adam.post("/api/sites/yoursite/users", &give(6))), refused(422, "invalid_field"));
    assert_eq!(no(&adam.patch("/api/sites/yoursite/users/3", &json!({"level": 6}))), refused(422, "invalid_field"));
    assert_eq!(no(&adam.patch("/api/sites/yoursite/users/2", &json!({"level": 9}))), refused(422, "invalid_field"), "nor themselves");
    assert_eq!(adam.patch("/api/sites/yoursite/users/3", &json!({"level": 5})).status, 200);
    assert_eq!(adam.post("/api/sites/yoursite/users", &give(5)).status, 201);
    assert_eq!(entry(&world, "console.user.change").map(|e| e.detail).as_deref(), Some("level: 3 -> 5"));
}

#[test]
fn an_owner_without_a_level_is_out_of_reach_all_the_same() {
    let world = world();
    world
        .run(world.house.work(|desk| {
            let ada = desk.account(SITE, 1)?.unwrap();
            desk.put_account(&doorward_core::account::Account { level: 0, ..ada })
        }))
        .unwrap();
    let mut adam = adam(&world);
    assert_eq!(no(&adam.patch("/api/sites/yoursite/users/1", &json!({"status": "banned"}))), refused(403, "not_yours"));
    assert_eq!(no(&adam.post("/api/sites/yoursite/users/1/password", &json!({"mode": "one_time"}))), refused(403, "not_yours"));
}

#[test]
fn power_is_given_by_owners_alone() {
    let world = world();
    let mut adam = adam(&world);
    for power in [json!("owner"), json!("admin"), Value::Null] {
        for number in [2, 3] {
            let answer = adam.put(&format!("/api/sites/yoursite/users/{number}/power"), &json!({"power": power}));
            assert_eq!(no(&answer), refused(403, "not_yours"));
        }
    }
    // No other way leads to it.
    assert_eq!(no(&adam.patch("/api/sites/yoursite/users/3", &json!({"power": "owner"}))), refused(422, "invalid_field"));
    assert_eq!(no(&adam.post("/api/sites/yoursite/users", &json!({"login": "x", "power": "owner"}))), refused(422, "invalid_field"));
    let mut ada = ada(&world);
    let answer = ada.put("/api/sites/yoursite/users/3/power", &json!({"power": "admin"}));
    assert_eq!((answer.status, answer.text("/power")), (200, "admin".into()));
    let entry = entry(&world, "console.user.power").unwrap();
    assert_eq!((entry.account, entry.actor.map(|a| (a.site, a.account)), entry.detail.as_str()), (Some(3), Some((SITE, 1)), "admin"));
    assert_eq!(no(&ada.put("/api/sites/yoursite/users/5/power", &json!({"power": "admin"}))), refused(422, "invalid_field"), "a robot");
    assert_eq!(no(&ada.put("/api/sites/yoursite/users/3/power", &json!({"power": "king"}))), refused(422, "invalid_field"));
    assert_eq!(no(&ada.put("/api/sites/yoursite/users/3/power", &json!({}))), refused(422, "missing_field"));
}

#[test]
fn the_last_owner_stays_whatever_is_tried() {
    let world = world();
    let mut ada = ada(&world);
    assert_eq!(no(&ada.put("/api/sites/yoursite/users/1/power", &json!({"power": "admin"}))), refused(409, "last_owner"));
    assert_eq!(no(&ada.patch("/api/sites/yoursite/users/1", &json!({"status": "banned"}))), refused(409, "yourself"));
    assert_eq!(no(&ada.patch("/api/sites/yoursite/users/1", &json!({"status": "deleted"}))), refused(409, "yourself"));
    assert_eq!(no(&ada.delete("/api/sites/yoursite")), refused(409, "yourself"));
    let ban = json!({"doorward_bundle": 1, "sites": [{"name": "yoursite", "users": [{"id": 1, "login": "ada", "type": 2}]}]});
    assert_eq!(no(&ada.post("/api/imports", &ban)), refused(409, "last_owner"));
    assert_eq!(account(&world, SITE, 1).status, Status::Active);
    // With a second one, the first may go; the second is then the last.
    assert_eq!(ada.put("/api/sites/other/users/2/power", &json!({"power": "owner"})).status, 200);
    let mut uma = signed_in(&world, "other", "uma");
    assert_eq!(uma.put("/api/sites/yoursite/users/1/power", &json!({"power": null})).status, 200);
    assert_eq!(no(&ada.get("/api/sites")), refused(401, "no_session"), "Ada's visit has ended with her power");
    assert_eq!(no(&uma.put("/api/sites/other/users/2/power", &json!({"power": "admin"}))), refused(409, "last_owner"));
    assert_eq!(no(&uma.delete("/api/sites/other")), refused(409, "yourself"));
    assert_eq!(uma.delete("/api/sites/yoursite").status, 204);
    assert_eq!(world.run(world.house.look(|desk| desk.powers())).unwrap(), [(OTHER, 1, Power::Admin), (OTHER, 2, Power::Owner)]);
}

#[test]
fn power_that_was_taken_away_allows_nothing_more_in_a_visit_that_goes_on() {
    let world = world();
    let mut adam = adam(&world);
    world.run(world.house.work(|desk| desk.set_power(SITE, 2, Power::None))).unwrap();
    assert_eq!(no(&adam.get("/api/sites/yoursite/users")), refused(403, "not_yours"));
    assert_eq!(no(&adam.patch("/api/sites/yoursite/users/3", &json!({"level": 1}))), refused(403, "not_yours"));
}

#[test]
fn where_a_site_is_and_what_it_speaks_is_for_owners() {
    let world = world();
    let mut adam = adam(&world);
    let mark = adam.get("/api/sites/yoursite").header("etag").to_owned();
    for body in [
        json!({"upstream": "http://169.254.169.254"}),
        json!({"hosts": ["other.example"]}),
        json!({"url": "https://evil.example"}),
        json!({"dialects": []}),
    ] {
        assert_eq!(no(&replacing(&mut adam, "PATCH", "/api/sites/yoursite", &mark, &body)), refused(403, "owners_only"), "{body}");
    }
    let body = json!({"cors_origins": ["https://app.example"], "self_service": {"register": true}});
    assert_eq!(replacing(&mut adam, "PATCH", "/api/sites/yoursite", &mark, &body).status, 200);
    let mark = adam.get("/api/sites/yoursite").header("etag").to_owned();
    let body = json!({"self_service": {"level": 9}});
    let answer = replacing(&mut adam, "PATCH", "/api/sites/yoursite", &mark, &body);
    assert_eq!(no(&answer), refused(422, "invalid_field"), "who registers would be above");
}

//! Passwords that an administrator gave: at the console they open the way to an own one, and nothing else; applications take them.

use doorward_console::Access;
use doorward_core::flow::accounts;
use doorward_core::secret::Secret;
use serde_json::json;

use super::{SITE, ada, entry, no, refused, signed_in, world};
use crate::support::{Ask, Browser, World};

/// Somebody comes to the console of `yoursite` with a password: the browser, and whether they must choose another.
fn comes(world: &World, login: &str, password: &str) -> (Browser, bool) {
    let mut browser = Browser::open(world);
    let answer = browser.post("/api/session", &json!({"site": "yoursite", "login": login, "password": password}));
    assert_eq!(answer.status, 200, "{}", answer.line());
    let must = answer.value()["user"]["must_choose"].as_bool().unwrap();
    (browser, must)
}

/// Bob's application signs in with a password: status, and what the audit says beside it.
fn application(world: &World, password: &str) -> (u16, String) {
    let body = json!({"site": "yoursite", "username": "bob", "password": password}).to_string();
    let status = world.ask(Ask::post("/v1/auth/login").json(&body)).status;
    (status, entry(world, "wapka.login").unwrap().detail)
}

fn give(world: &World, number: i64) -> String {
    let given = ada(world).post(&format!("/api/sites/yoursite/users/{number}/password"), &json!({"mode": "one_time"}));
    assert_eq!(given.status, 200, "{}", given.line());
    given.text("/password")
}

#[test]
fn a_given_password_opens_the_way_to_an_own_one_and_nothing_else() {
    let world = world();
    assert_eq!(application(&world, crate::support::PASSWORD), (200, String::new()));
    let given = give(&world, 3);
    let (mut bob, must) = comes(&world, "bob", &given);
    assert!(must && bob.get("/api/session").value()["user"]["must_choose"] == json!(true));
    let mut early = Vec::new();
    for route in doorward_console::routes::all().filter(|route| route.access != Access::Anybody) {
        if route.early {
            early.push(format!("{} {}", route.method, route.path));
            continue;
        }
        let target = route.path.replace("{site}", "yoursite").replace("{number}", "3").replace("{dialect}", "wapka").replace("{id}", "1");
        let answer = match route.method {
            "GET" => bob.get(&target),
            "DELETE" => bob.delete(&target),
            method => bob.write(method, &target, &json!({})),
        };
        assert_eq!(no(&answer), refused(403, "own_password_due"), "{} {target}", route.method);
    }
    assert_eq!(early, ["DELETE /api/session", "POST /api/me/password"]);
    // Applications cannot ask for another: they take it, and the audit says so.
    assert_eq!(application(&world, &given), (200, "one_time_password".into()));
    for (old, new, status) in [("wrong", "a good long one", 401), (given.as_str(), "short", 422), (given.as_str(), given.as_str(), 422)] {
        let answer = bob.post("/api/me/password", &json!({"old": old, "new": new}));
        assert_eq!(answer.status, status, "{}", answer.line());
        assert_eq!(no(&bob.get("/api/me")), refused(403, "own_password_due"));
    }
    let done = bob.post("/api/me/password", &json!({"old": given, "new": "a good long one"}));
    assert_eq!((done.status, &done.value()["user"]["must_choose"]), (200, &json!(false)), "{}", done.line());
    assert_eq!(bob.get("/api/me").status, 200);
    assert_eq!(application(&world, "a good long one"), (200, String::new()));
    assert_eq!(application(&world, &given).0, 401);
    let (_, must) = comes(&world, "bob", "a good long one");
    assert!(!must);
}

#[test]
fn whoever_is_made_with_a_password_chooses_their_own_and_a_program_does_not() {
    let world = world();
    let mut ada = ada(&world);
    let made = ada.post("/api/sites/yoursite/users", &json!({"login": "carol", "mode": "one_time"}));
    assert_eq!(made.status, 201, "{}", made.line());
    let (mut carol, must) = comes(&world, "carol", &made.text("/password"));
    assert!(must);
    assert_eq!(carol.delete("/api/session").status, 204, "she may go");
    let typed = ada.post("/api/sites/yoursite/users", &json!({"login": "dora", "password": "typed by somebody else"}));
    assert_eq!(typed.status, 201, "{}", typed.line());
    assert!(comes(&world, "dora", "typed by somebody else").1);
    let program = ada.post("/api/sites/yoursite/users", &json!({"login": "cron", "service": true, "password": "typed by somebody else"}));
    assert_eq!(program.status, 201, "{}", program.line());
    let number = program.value()["number"].as_i64().unwrap();
    assert!(!world.run(world.house.look(move |desk| desk.is_password_given(SITE, number))).unwrap());
}

#[test]
fn another_way_to_a_new_password_takes_the_mark_away_and_one_s_own_is_not_given() {
    let world = world();
    give(&world, 3);
    world.run(accounts::set_password(&world.house, &super::super::call(&world), SITE, 3, Secret::new("from the command"))).unwrap();
    assert!(!comes(&world, "bob", "from the command").1);
    let mut owner = signed_in(&world, "yoursite", "ada");
    let own = owner.post("/api/sites/yoursite/users/1/password", &json!({"mode": "one_time"})).text("/password");
    assert!(!comes(&world, "ada", &own).1, "who gives it to themselves has it already");
}

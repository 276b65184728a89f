//! One counter in front of all doors: no spelling, handle, header or door gives further tries.

use super::doors::{LOGINS, basic, polyglot};
use crate::support::{Ask, PASSWORD, World};
use crate::{simple_jwt_login, wncms};

/// Wrong tries on Ann's account: every door, every handle, many spellings, many forwarded addresses.
fn wrong_tries() -> Vec<Ask> {
    let sjl = |name: &str, value: &str| Ask::post(simple_jwt_login::AUTH).json(&format!(r#"{{"{name}":"{value}","password":"wrong"}}"#));
    let tries = vec![
        Ask::post("/api/v1/jwt").json(r#"{"email":" ANN@example.com ","password":"wrong"}"#),
        Ask::post("/api/v1/auth").form("email=Ann%40EXAMPLE.com&password=wrong"),
        Ask::post("/v1/auth/login").json(r#"{"site":"YourSite.wapka.site","username":"Ann","password":"wrong"}"#),
        Ask::post("/v1/auth/login").json(r#"{"site":"yoursite","email":"ann@Example.com","password":"wrong"}"#),
        Ask::post("/wp-json/jwt-auth/v1/token").form("username=%20ann%20&password=wrong"),
        Ask::post("/?rest_route=/jwt-auth/v1/token").json(r#"{"username":"ann@example.com","password":"wrong"}"#),
        sjl("username", "aNN"),
        sjl("login", "ann@example.com"),
        basic("ann", "wrong"),
        Ask::post("/api/v1/token/generate").auth(&wncms::basic(" ANN@example.com", "wrong")).json(r#"{"name":"x"}"#),
    ];
    let spoofed = |(at, ask): (usize, Ask)| ask.header("X-Forwarded-For", &format!("198.51.100.{at}")).header("Forwarded", "for=10.0.0.1");
    tries.into_iter().enumerate().map(spoofed).collect()
}

#[test]
fn wrong_passwords_are_counted_together_whichever_door_heard_them() {
    let world = World::new(polyglot());
    let tries = wrong_tries();
    assert_eq!(tries.len(), 10);
    // Nine of them leave the account open, ten lock it; it does not matter which.
    for ask in &tries[1..] {
        let answer = world.ask(ask.clone());
        assert!(matches!(answer.status, 401 | 403 | 400), "{ask:?}: {}", answer.line());
    }
    assert_eq!(world.ask(LOGINS[0].1("ann", PASSWORD, "")).status, 200, "nine are forgiven by a right one");
    for ask in &tries {
        assert!(matches!(world.ask(ask.clone()).status, 400..=403), "{ask:?}");
    }
    let answers: Vec<_> = LOGINS.iter().map(|(name, login)| (*name, world.ask(login("ann", PASSWORD, "")).status)).collect();
    assert!(answers.iter().all(|(_, status)| matches!(status, 400..=403)), "{answers:?}");
    assert!(matches!(world.ask(basic("ann", PASSWORD)).status, 401 | 403));
    assert_eq!(world.ask(LOGINS[0].1("bob", PASSWORD, "")).status, 422, "Bob's counter is his own");
    world.pass(901);
    assert_eq!(world.ask(LOGINS[2].1("ann", PASSWORD, "")).status, 200);
}

#[test]
fn a_parallel_burst_over_all_doors_weighs_no_more_than_the_limit() {
    let world = World::new(polyglot());
    let tries = wrong_tries();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            for ask in &tries {
                scope.spawn(|| world.ask(ask.clone()));
            }
        }
    });
    let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
    let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
    let weighed = entries.iter().filter(|e| e.detail == "wrong_password").count();
    let locked = entries.iter().filter(|e| e.detail == "locked").count();
    assert_eq!((weighed, locked), (10, 30));
}

#[test]
fn names_that_nobody_has_are_counted_alike_in_any_spelling() {
    let world = World::new(polyglot());
    for at in 0..12 {
        let name = if at % 2 == 0 { "nobody" } else { "NoBody" };
        assert_eq!(world.ask(LOGINS[0].1(name, "wrong", "")).status, 401);
    }
    let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
    let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
    assert!(entries.iter().all(|e| e.detail == "unknown_account"));
}

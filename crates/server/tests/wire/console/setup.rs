//! The first administrator, by the link that the server prints.

use doorward_core::flow::console::setup;
use serde_json::json;

use super::{call, world};
use crate::support::{Browser, PASSWORD, World};

fn link(world: &World) -> String {
    world.run(setup::link(&world.house, &mut call(world))).unwrap().reveal_text().unwrap().to_owned()
}

#[test]
fn the_link_makes_an_owner_once() {
    let world = world();
    let mut browser = Browser::open(&world);
    assert_eq!(browser.get("/api/setup").value(), json!({"due": true}));
    let (dead, token) = (link(&world), link(&world));
    let body = |token: &str| json!({"token": token, "login": "root", "email": "root@example.com", "password": "a good long one"});
    for wrong in [dead.as_str(), "nonsense", &token[1..], ""] {
        let answer = browser.post("/api/setup", &body(wrong));
        assert!(matches!(answer.status, 410 | 422), "{wrong}: {}", answer.line());
    }
    for (field, value) in [("login", "a b"), ("email", "nowhere"), ("password", "short")] {
        let mut body = body(&token);
        body[field] = value.into();
        assert_eq!(browser.post("/api/setup", &body).text("/error/field"), field);
    }
    let other = browser.clone();
    let done = browser.post("/api/setup", &body(&token));
    assert_eq!((done.status, done.text("/user/power")), (200, "owner".into()), "{}", done.line());
    assert_eq!(browser.get("/api/setup").value(), json!({"due": false}));
    assert_eq!(other.clone().post("/api/setup", &body(&token)).text("/error/code"), "link_over");
    let site = browser.post(
        "/api/setup/site",
        &json!({"name": "blog", "url": "https://blog.example.com", "hosts": ["blog.example.com"], "dialect": "wapka"}),
    );
    assert_eq!(site.status, 201, "{}", site.line());
    let begin = format!("curl -sS --noproxy '*' --connect-to '::{}' 'http://blog.example.com/v1/auth/login'", world.address());
    assert!(site.text("/curl").starts_with(&begin), "{}", site.line());
    assert_eq!(site.text("/host"), "blog.example.com");
    // Without a host it answers at that of its address, not the site before it.
    let second = json!({"name": "shop", "url": "https://Shop.example.com:8443/de", "dialect": "jwt_auth"});
    let second = browser.post("/api/setup/site", &second);
    assert_eq!((second.status, second.value()["site"]["hosts"].clone()), (201, json!(["shop.example.com"])), "{}", second.line());
    assert!(second.text("/curl").contains("'http://Shop.example.com:8443/de/wp-json/jwt-auth/v1/token'"), "{}", second.line());
    let taken = browser.post("/api/setup/site", &json!({"name": "third", "url": "https://blog.example.com", "dialect": "wapka"}));
    assert_eq!((taken.status, taken.text("/error/field")), (422, "hosts".into()), "{}", taken.line());
    assert!(taken.text("/error/message").contains("site blog"), "{}", taken.line());
}

#[test]
fn a_link_is_good_for_a_day_and_until_the_next() {
    let world = world();
    let body = |token: &str| json!({"token": token, "login": "root", "email": "root@example.com", "password": "a good long one"});
    let token = link(&world);
    world.pass(24 * 3600 - 1);
    let mut wrong = body(&token);
    wrong["password"] = "short".into();
    assert_eq!(Browser::open(&world).post("/api/setup", &wrong).text("/error/field"), "password", "it is good to the last second");
    world.pass(1);
    let late = Browser::open(&world).post("/api/setup", &body(&token));
    assert_eq!((late.status, late.text("/error/code")), (410, "link_over".into()));
    assert_eq!(world.run(world.house.look(|desk| desk.powers())).unwrap().len(), 0);
    assert_eq!(Browser::open(&world).post("/api/setup", &body(&link(&world))).status, 200);
}

#[test]
fn somebody_who_is_locked_out_gets_in_with_a_link_but_not_past_a_second_factor() {
    let world = world();
    let body = |login: &str| json!({"token": link(&world), "login": login, "email": format!("{login}@example.com"), "password": "a good long one"});
    let mut old = Browser::signed_in(&world, "ada");
    let mut browser = Browser::open(&world);
    assert_eq!(browser.post("/api/setup", &body("ada")).text("/user/power"), "owner");
    assert_eq!(old.get("/api/me").status, 401);
    assert_eq!(Browser::open(&world).sign_in("ada", PASSWORD).status, 401);
    let mut browser = Browser::open(&world);
    let done = browser.post("/api/setup", &body("bob"));
    assert_eq!((done.status, &done.value()["signed_in"]), (200, &json!(false)));
    assert_eq!(browser.cookie("__Host-doorward"), None);
    assert_eq!(browser.sign_in("bob", "a good long one").text("/error/code"), "second_factor_due");
}

#[test]
fn of_many_with_the_same_link_one_becomes_the_owner() {
    let world = world();
    let (token, browser) = (link(&world), Browser::open(&world));
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..6)
            .map(|n| {
                let body = json!({"token": token, "login": format!("root{n}"), "email": format!("root{n}@example.com"), "password": "a good long one"});
                let mut browser = browser.clone();
                scope.spawn(move || browser.post("/api/setup", &body).status)
            })
            .collect();
        tries.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|s| **s == 200).count(), 1, "{statuses:?}");
    assert_eq!(world.run(world.house.look(|desk| desk.powers())).unwrap().len(), 1);
}

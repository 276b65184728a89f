//! `/api/sites/{site}/users`: found, made, changed; their passwords, factors and sessions.

use serde_json::{Value, json};

use super::{SITE, account, ada, adam, entry, no, refused, replacing, world};
use crate::support::{Browser, PASSWORD};

fn logins(value: &Value) -> Vec<String> {
    value["items"].as_array().unwrap().iter().map(|user| user["login"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn users_are_found_filtered_and_paged() {
    let world = world();
    let mut adam = adam(&world);
    let mut list = |query: &str| adam.get(&format!("/api/sites/yoursite/users{query}")).value();
    assert_eq!(logins(&list("")), ["ada", "adam", "bob", "zoe", "robot"]);
    assert_eq!(logins(&list("?q=AD")), ["ada", "adam"]);
    assert_eq!(logins(&list("?q=bob@example")), ["bob"]);
    assert_eq!(logins(&list("?q=4")), ["zoe"]);
    assert_eq!(logins(&list("?role=administrator&status=active")), ["ada", "zoe"]);
    assert_eq!(logins(&list("?service=true")), ["robot"]);
    assert_eq!(logins(&list("?status=banned")), [""; 0]);
    let page = list("?limit=2");
    assert_eq!((logins(&page), &page["next"]), (vec!["ada".to_owned(), "adam".into()], &json!("2")));
    let page = list("?limit=3&after=2");
    assert_eq!((logins(&page), &page["next"]), (vec!["bob".to_owned(), "zoe".into(), "robot".into()], &Value::Null));
    assert_eq!(list("")["items"][0]["power"], "owner");
    assert_eq!(list("")["items"][2]["power"], Value::Null);
    for (query, field) in [("?status=gone", "status"), ("?service=perhaps", "service"), ("?after=x", "after")] {
        let answer = adam.get(&format!("/api/sites/yoursite/users{query}"));
        assert_eq!((no(&answer), answer.text("/error/field")), (refused(422, "invalid_field"), field.to_owned()));
    }
    assert_eq!(no(&adam.get("/api/sites/yoursite/users/99")), refused(404, "not_found"));
    assert_eq!(no(&adam.get("/api/sites/yoursite/users/x")), refused(404, "not_found"));
}

#[test]
fn a_user_is_made_signs_in_and_is_changed() {
    let world = world();
    let mut adam = adam(&world);
    let body = json!({"login": "carl", "email": "carl@example.com", "roles": ["editor"], "level": 2, "mode": "one_time"});
    let made = adam.post("/api/sites/yoursite/users", &body);
    assert_eq!((made.status, made.text("/login")), (201, "carl".into()), "{}", made.line());
    let password = made.text("/password");
    assert_eq!(password.len(), 20);
    let mut carl = Browser::open(&world);
    let hello = carl.post("/api/session", &json!({"site": "yoursite", "login": "carl", "password": password}));
    assert_eq!(hello.status, 200, "{}", hello.line());
    let mark = entry(&world, "console.user.make").unwrap();
    assert_eq!((mark.account, mark.actor.map(|a| a.account)), (Some(6), Some(2)));
    let changed =
        adam.patch("/api/sites/yoursite/users/6", &json!({"email": "c@example.com", "roles": ["author", "editor"], "status": "banned"}));
    assert_eq!((changed.status, changed.text("/status"), changed.text("/email")), (200, "banned".into(), "c@example.com".into()));
    assert_eq!(no(&carl.get("/api/sites")), refused(401, "no_session"), "a ban ends the visit");
    for (body, field) in [
        (json!({"login": "carl"}), "login"),
        (json!({"login": "  "}), "login"),
        (json!({"login": "d", "email": "no address"}), "email"),
        (json!({"login": "d", "email": "bob@example.com"}), "email"),
        (json!({"login": "d", "level": 11}), "level"),
        (json!({"login": "d", "roles": "editor"}), "roles"),
        (json!({"login": "d", "password": "short"}), "password"),
        (json!({"login": "d", "mode": "letter"}), "mode"),
        (json!({"login": "d", "king": true}), "king"),
        (json!({"login": "d\u{7}"}), "login"),
    ] {
        let answer = adam.post("/api/sites/yoursite/users", &body);
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()), "{body} {}", answer.line());
    }
    assert_eq!(world.run(world.house.look(|desk| desk.last_account(SITE))).unwrap(), 6, "nobody else was made");
    let invited = adam.post("/api/sites/yoursite/users", &json!({"login": "dora", "mode": "link", "email": "dora@example.com"}));
    assert_eq!(invited.status, 201, "{}", invited.line());
    let letters = world.letters();
    let letter = letters.iter().find(|(to, _)| to == "dora@example.com").expect("a letter with a link").1.clone();
    let token = letter.split("/reset#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(!invited.body.contains(&token), "the link is for the owner of the address alone");
    let mut dora = Browser::open(&world);
    assert_eq!(dora.post("/api/forgot/set", &json!({"token": token, "password": "dora's long one"})).status, 200);
    let body = json!({"site": "yoursite", "login": "dora", "password": "dora's long one"});
    assert_eq!(dora.post("/api/session", &body).status, 200);
}

#[test]
fn a_link_is_mailed_to_who_shall_choose_a_password() {
    let world = world();
    let mut adam = adam(&world);
    let nowhere = adam.post("/api/sites/yoursite/users", &json!({"login": "dan", "mode": "link"}));
    assert_eq!((nowhere.status, nowhere.text("/error/field")), (422, "email".into()));
    assert_eq!(world.run(world.house.look(|desk| desk.last_account(SITE))).unwrap(), 5, "nobody was made");
    let made = adam.post("/api/sites/yoursite/users", &json!({"login": "dan", "email": "dan@example.com", "mode": "link"}));
    assert_eq!((made.status, made.value().get("password")), (201, None));
    let sent = adam.post("/api/sites/yoursite/users/3/password", &json!({"mode": "link"}));
    assert_eq!(sent.value(), json!({"sent": true}));
    let letters = world.letters();
    assert_eq!(letters.iter().map(|(to, _)| to.as_str()).collect::<Vec<_>>(), ["dan@example.com", "bob@example.com"]);
    let token = |text: &str| text.split("/reset#").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!(!sent.body.contains(&token(&letters[1].1)), "the link is for its reader alone");
    let mut dan = Browser::open(&world);
    let set = dan.post("/api/forgot/set", &json!({"token": token(&letters[0].1), "password": "a good long one"}));
    assert!(set.status < 300, "{}", set.line());
    world.pass(1);
    let body = json!({"site": "yoursite", "login": "dan", "password": "a good long one"});
    assert_eq!(dan.post("/api/session", &body).status, 200);
}

#[test]
fn of_two_who_change_a_user_the_second_is_told() {
    let world = world();
    let (mut adam, mut ada) = (adam(&world), ada(&world));
    let at = "/api/sites/yoursite/users/3";
    let seen = adam.get(at).header("etag").to_owned();
    assert_eq!(replacing(&mut ada, "PATCH", at, &seen, &json!({"display_name": "Bob B."})).status, 200);
    let late = replacing(&mut adam, "PATCH", at, &seen, &json!({"display_name": "Robert"}));
    assert_eq!(no(&late), refused(412, "changed"));
    assert_eq!(account(&world, SITE, 3).display_name, "Bob B.");
    let seen = adam.get(at).header("etag").to_owned();
    let saved = replacing(&mut adam, "PATCH", at, &seen, &json!({"display_name": "Robert"}));
    assert_eq!(saved.status, 200);
    // The answer says what is there now: one can go on from it.
    let seen = saved.header("etag").to_owned();
    assert_eq!(seen, ada.get(at).header("etag"));
    // What is no part of the document makes no other of it: sessions, passwords, tokens.
    let mut bob = super::signed_in(&world, "yoursite", "bob");
    world.pass(1);
    assert_eq!(adam.delete(&format!("{at}/sessions")).status, 204);
    assert_eq!(adam.post(&format!("{at}/password"), &json!({"mode": "one_time"})).status, 200);
    assert_eq!(bob.get("/api/me").status, 401);
    assert_eq!(adam.get(at).header("etag"), seen);
    // Power is part of it, and given with the same mark.
    let power = format!("{at}/power");
    assert_eq!(replacing(&mut ada, "PUT", &power, &seen, &json!({"power": "admin"})).status, 200);
    for (method, at, body) in [("PUT", power.as_str(), json!({"power": "owner"})), ("PATCH", at, json!({"level": 1}))] {
        assert_eq!(no(&replacing(&mut ada, method, at, &seen, &body)), refused(412, "changed"), "{method}");
    }
    assert_eq!(ada.get(at).value()["power"], "admin");
    assert_eq!(replacing(&mut ada, "PUT", &power, "*", &json!({"power": null})).status, 200);
    assert_eq!(ada.put(&power, &json!({"power": null})).status, 200, "who says nothing means whatever is there");
}

#[test]
fn of_two_who_name_a_token_the_second_is_told() {
    let world = world();
    let (mut adam, mut ada) = (adam(&world), ada(&world));
    let at = "/api/sites/yoursite/users/5/tokens";
    let made = adam.post(at, &json!({"name": "nightly"}));
    assert_eq!(made.status, 201, "{}", made.line());
    let one = format!("{at}/{}", made.value()["id"]);
    let seen = ada.get(at).text("/items/0/etag");
    assert_eq!(seen, made.text("/etag"));
    let named = replacing(&mut ada, "PATCH", &one, &seen, &json!({"name": "daily"}));
    assert_eq!((named.status, named.text("/name")), (200, "daily".into()));
    assert_eq!(no(&replacing(&mut adam, "PATCH", &one, &seen, &json!({"name": "weekly"}))), refused(412, "changed"));
    assert_eq!(adam.get(at).text("/items/0/name"), "daily");
    assert_eq!(replacing(&mut adam, "PATCH", &one, &named.text("/etag"), &json!({"name": "weekly"})).status, 200);
}

#[test]
fn a_new_password_a_lost_factor_and_a_sign_out_end_what_was_open() {
    let world = world();
    let mut adam = adam(&world);
    let mut bob = super::signed_in(&world, "yoursite", "bob");
    let answer = adam.post("/api/sites/yoursite/users/3/password", &json!({"mode": "one_time"}));
    assert_eq!(answer.status, 200, "{}", answer.line());
    assert_eq!(no(&bob.get("/api/sites")), refused(401, "no_session"));
    let mut again = Browser::open(&world);
    let body = |password: &str| json!({"site": "yoursite", "login": "bob", "password": password});
    assert_eq!(no(&again.post("/api/session", &body(PASSWORD))), refused(401, "bad_credentials"));
    world.pass(1);
    assert_eq!(again.post("/api/session", &body(&answer.text("/password"))).status, 200);
    assert_eq!(adam.delete("/api/sites/yoursite/users/3/sessions").status, 204);
    assert_eq!(no(&again.get("/api/sites")), refused(401, "no_session"));
    assert_eq!(no(&adam.post("/api/sites/yoursite/users/3/password", &json!({}))), refused(422, "invalid_field"));
    assert_eq!(no(&adam.delete("/api/sites/yoursite/users/3/second-factor")), refused(404, "not_found"), "he has none");
    let mut ada = ada(&world);
    assert_eq!(ada.delete("/api/sites/yoursite/users/4/second-factor").status, 204);
    assert!(!account(&world, SITE, 4).second_factor);
    let reasons = world.reasons();
    for action in ["console.user.password granted", "console.user.sign_out granted", "console.user.second_factor granted"] {
        assert!(reasons.contains(&action.to_owned()), "{action}: {reasons:?}");
    }
}

#[test]
fn without_a_post_no_letter_is_promised() {
    let world = super::world_on(crate::support::Ground { console: true, no_post: true, ..Default::default() });
    let mut adam = adam(&world);
    let new = json!({"login": "dora", "email": "dora@example.com", "mode": "link"});
    assert_eq!(no(&adam.post("/api/sites/yoursite/users", &new)), refused(409, "no_mail"));
    assert_eq!(adam.get("/api/sites/yoursite/users?q=dora").value()["items"], json!([]), "and nobody was made");
    assert_eq!(no(&adam.post("/api/sites/yoursite/users/3/password", &json!({"mode": "link"}))), refused(409, "no_mail"));
    assert_eq!(super::signed_in(&world, "yoursite", "bob").get("/api/me").status, 200, "the password is as it was");
    assert_eq!(adam.post("/api/sites/yoursite/users/3/password", &json!({"mode": "one_time"})).status, 200, "the other way is open");
}

#[test]
fn when_somebody_was_last_seen_is_told() {
    let world = world();
    let mut adam = adam(&world);
    let seen = |browser: &mut crate::support::Browser| {
        let one = browser.get("/api/sites/yoursite/users/3").value()["last_seen"].clone();
        let list = browser.get("/api/sites/yoursite/users?q=bob").value()["items"][0]["last_seen"].clone();
        assert_eq!(one, list);
        one
    };
    assert_eq!(seen(&mut adam), serde_json::Value::Null);
    let mut bob = super::signed_in(&world, "yoursite", "bob");
    assert_eq!(seen(&mut adam), json!(world.now().iso()));
    world.pass(600);
    bob.get("/api/session");
    assert_eq!(seen(&mut adam), json!(world.now().plus(-600).iso()), "what pages ask by themselves is nobody");
    bob.get("/api/me");
    assert_eq!(seen(&mut adam), json!(world.now().iso()));
    // Also when that visit is over.
    let then = world.now();
    bob.delete("/api/session");
    world.pass(600);
    assert_eq!(seen(&mut adam), json!(then.iso()));
    let used = world.now().plus(-5);
    world
        .run(world.house.work(move |desk| {
            let token = desk.api_tokens(SITE, Some(3))?.remove(0);
            desk.touch_api_tokens(&[(token.id, used, "192.0.2.1".to_owned())])
        }))
        .unwrap();
    assert_eq!(seen(&mut adam), json!(used.iso()), "an API token was used");
}

#[test]
fn another_address_asks_for_a_fresh_proof_and_the_old_one_is_told() {
    let world = world();
    let mut adam = adam(&world);
    world.pass(301);
    for number in [2, 3] {
        let at = format!("/api/sites/yoursite/users/{number}");
        let before = adam.get(&at).value();
        let answer = adam.patch(&at, &json!({"email": "mine@example.com", "display_name": "New"}));
        assert_eq!(no(&answer), refused(403, "reauth_due"), "the own one too: {number}");
        assert_eq!(adam.get(&at).value(), before, "nothing of it was written");
        let same = json!({"email": before["email"], "display_name": "New"});
        assert_eq!(adam.patch(&at, &same).status, 200, "the same address is none");
    }
    assert_eq!(world.letters(), []);
    assert_eq!(adam.post("/api/session/reauth", &json!({"password": crate::support::PASSWORD})).status, 200);
    assert_eq!(adam.patch("/api/sites/yoursite/users/3", &json!({"email": "new@example.com"})).status, 200);
    let letters = world.letters();
    assert!(letters.len() == 1 && letters[0].0 == "bob@example.com" && letters[0].1.contains("new@example.com"), "{letters:?}");
}

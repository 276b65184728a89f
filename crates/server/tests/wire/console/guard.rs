//! What keeps a session safe: CSRF, fixation, lifetimes, what upstreams see, restarts.

use serde_json::json;

use super::{SITE, call, world};
use crate::support::{Ask, Browser, PASSWORD};

const SESSION: &str = "__Host-doorward";

#[test]
fn a_write_from_elsewhere_is_refused_however_it_is_dressed() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let (csrf, origin) = (browser.csrf.clone(), browser.origin());
    let patch = || Ask::new("PATCH", "/api/me").json(r#"{"display_name":"Mallory"}"#);
    let good = |ask: Ask| ask.header("Origin", &origin).header("Sec-Fetch-Site", "same-origin").header("X-CSRF-Token", &csrf);
    for (what, ask) in [
        ("nothing", patch()),
        ("no token", patch().header("Origin", &origin).header("Sec-Fetch-Site", "same-origin")),
        ("a wrong token", patch().header("Origin", &origin).header("X-CSRF-Token", "nonsense")),
        ("the token of nobody", patch().header("Origin", &origin).header("X-CSRF-Token", &Browser::open(&world).csrf)),
        ("two tokens", good(patch()).header("X-CSRF-Token", &csrf)),
        ("no origin at all", patch().header("X-CSRF-Token", &csrf)),
        ("another origin", patch().header("Origin", "https://evil.example").header("X-CSRF-Token", &csrf)),
        ("origin null", patch().header("Origin", "null").header("X-CSRF-Token", &csrf)),
        ("our origin with https", patch().header("Origin", &origin.replace("http:", "https:")).header("X-CSRF-Token", &csrf)),
        ("two origins", good(patch()).header("Origin", &origin)),
        ("a same-site page", patch().header("Origin", &origin).header("Sec-Fetch-Site", "same-site").header("X-CSRF-Token", &csrf)),
        ("a cross-site page", patch().header("Sec-Fetch-Site", "cross-site").header("X-CSRF-Token", &csrf)),
    ] {
        let answer = browser.send(ask);
        assert_eq!((answer.status, answer.text("/error/code")), (403, "csrf".into()), "{what}");
    }
    // Our own token in a body that no browser asks about before it sends it.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
        let answer = browser.send(good(Ask::new("PATCH", "/api/me")).body(kind, br#"{"display_name":"Mallory"}"#));
        assert_eq!(answer.status, 415, "{kind}");
    }
    assert_eq!(browser.get("/api/me").text("/display_name"), "ADA", "nothing was written");
    assert_eq!(browser.send(good(patch())).status, 200, "and what is ours passes");
}

#[test]
fn signing_in_gives_a_new_id_and_a_planted_cookie_is_nobody() {
    let world = world();
    let mut browser = Browser::open(&world);
    let planted = format!("{}.{}", "ab".repeat(16), "A".repeat(43));
    browser.cookies.push((SESSION.into(), planted.clone()));
    assert_eq!(browser.get("/api/session").value()["signed_in"], json!(false));
    assert_eq!(browser.sign_in("ada", PASSWORD).status, 200);
    let first = browser.cookie(SESSION).unwrap().to_owned();
    assert_ne!(first, planted);
    assert_eq!(browser.sign_in("ada", PASSWORD).status, 200, "signing in again");
    assert_ne!(browser.cookie(SESSION), Some(first.as_str()));
    let mut before = Browser::open(&world);
    before.cookies = vec![(SESSION.into(), first)];
    assert_eq!(before.get("/api/me").status, 401, "what the browser had before is over");
    // The id of a list is no cookie.
    let id = browser.get("/api/me/sessions").text("/items/0/id");
    let mut thief = Browser::open(&world);
    thief.cookies.push((SESSION.into(), id));
    assert_eq!(thief.get("/api/me").status, 401);
}

#[test]
fn a_session_is_over_when_nothing_is_asked_for_half_an_hour_and_after_twelve_hours_anyway() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    for _ in 0..25 {
        world.pass(1700);
        assert_eq!(browser.get("/api/me").status, 200);
    }
    world.pass(700);
    assert_eq!(browser.get("/api/me").text("/error/code"), "no_session", "twelve hours are over: 25 × 1700 + 700 = 43200");
    let mut browser = Browser::signed_in(&world, "ada");
    world.pass(1000);
    assert_eq!(browser.get("/api/session").value()["signed_in"], json!(true));
    world.pass(799);
    assert_eq!(browser.get("/api/session").value()["signed_in"], json!(true));
    world.pass(1);
    assert_eq!(browser.get("/api/session").value()["signed_in"], json!(false), "pages that ask by themselves keep nobody in");
}

#[test]
fn a_new_password_a_ban_and_signing_out_everywhere_end_it_at_once() {
    let world = world();
    let (mut here, mut there) = (Browser::signed_in(&world, "ada"), Browser::signed_in(&world, "ada"));
    assert_eq!(here.post("/api/me/password", &json!({"old": "wrong", "new": "a better one"})).status, 401);
    assert_eq!(here.post("/api/me/password", &json!({"old": PASSWORD, "new": "short"})).text("/error/field"), "new");
    assert_eq!(there.get("/api/me").status, 200);
    assert_eq!(here.post("/api/me/password", &json!({"old": PASSWORD, "new": "a better one"})).status, 200);
    assert_eq!((here.get("/api/me").status, there.get("/api/me").status), (200, 401));
    let letters = world.letters();
    assert!(letters.len() == 1 && letters[0].0 == "ada@example.com" && letters[0].1.contains("password"), "{letters:?}");
    assert_eq!(there.sign_in("ada", "a better one").text("/error/code"), "csrf", "its token went with the session");
    there.get("/api/session");
    assert_eq!(there.sign_in("ada", "a better one").status, 200);
    assert_eq!(here.delete("/api/me/sessions").status, 200);
    assert_eq!((here.get("/api/me").status, there.get("/api/me").status), (200, 401));
    world.run(doorward_core::flow::accounts::sign_out_everywhere(&world.house, &call(&world), SITE, 1)).unwrap();
    assert_eq!(here.get("/api/me").status, 401);
    let mut here = Browser::open(&world);
    assert_eq!(here.sign_in("ada", "a better one").status, 200);
    let mut account = world.run(world.house.look(|desk| desk.account(SITE, 1))).unwrap().unwrap();
    account.status = doorward_core::account::Status::Banned;
    world.run(doorward_core::flow::accounts::put(&world.house, &call(&world), account, "test")).unwrap();
    assert_eq!(here.get("/api/me").status, 401);
}

#[test]
fn sessions_of_every_language_are_listed_and_ended_one_by_one() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let other = Browser::signed_in(&world, "ada");
    let list = browser.get("/api/me/sessions").value();
    let items = list["items"].as_array().unwrap();
    assert_eq!(items.len(), 2, "{list}");
    let current: Vec<bool> = items.iter().map(|i| i["current"].as_bool().unwrap()).collect();
    assert_eq!(current.iter().filter(|c| **c).count(), 1);
    let id = items.iter().find(|i| i["current"] == json!(false)).unwrap()["id"].as_str().unwrap().to_owned();
    let bobs = Browser::signed_in_with_code(&world, "bob");
    assert_eq!(bobs.clone().delete(&format!("/api/me/sessions/{id}")).status, 404, "another's");
    assert_eq!(browser.delete(&format!("/api/me/sessions/{id}")).status, 204);
    assert_eq!(browser.delete(&format!("/api/me/sessions/{id}")).status, 404);
    assert_eq!((browser.get("/api/me").status, other.clone().get("/api/me").status), (200, 401));
}

#[test]
fn the_console_s_cookies_never_reach_an_upstream() {
    let world = world();
    let browser = Browser::signed_in(&world, "ada");
    let cookie = format!("a=1; {SESSION}={}; b=2; __Host-doorward-guest=x", browser.cookie(SESSION).unwrap());
    world.ask(Ask::get("/somewhere").header("Cookie", &cookie));
    let seen = world.upstream.last();
    let line: Vec<_> = seen.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cookie")).map(|(_, v)| v.as_str()).collect();
    assert_eq!(line, ["a=1; b=2"]);
}

#[test]
fn nothing_but_a_proof_makes_a_visit_fresher_and_nothing_makes_it_longer() {
    let world = world();
    let mut browser = Browser::signed_in(&world, "ada");
    let ends = |browser: &mut Browser| ["expires", "reauth_until"].map(|name| browser.get("/api/session").value()[name].clone());
    let [expires, fresh] = ends(&mut browser);
    // Each of these ends what else is signed in, and gives this visit a new id.
    world.pass(100);
    let begun = browser.post("/api/me/totp", &json!({})).value();
    for target in ["/api/me/sessions", "/api/me/sessions?everything=true"] {
        world.pass(50);
        let before = browser.cookie(SESSION).unwrap().to_owned();
        assert_eq!(browser.delete(target).status, 200, "{target}");
        assert_ne!(browser.cookie(SESSION), Some(before.as_str()), "{target}");
        assert_eq!(ends(&mut browser), [expires.clone(), fresh.clone()], "{target}");
    }
    // The code of a secret that this visit was shown proves nobody.
    let secret = doorward_core::credential::totp::decode_base32(begun["secret"].as_str().unwrap()).unwrap();
    let now = world.now();
    let mut codes = (0..1_000_000).map(|n| format!("{n:06}"));
    let code = codes.find(|code| doorward_core::credential::totp::matching_step(&secret, code, now) == Some(now.0 / 30)).unwrap();
    assert_eq!(browser.post("/api/me/totp/confirm", &json!({"code": code})).status, 200);
    assert_eq!(ends(&mut browser), [expires.clone(), fresh.clone()]);
    world.pass(100);
    for answer in [browser.delete("/api/me/sessions"), browser.delete("/api/me/totp")] {
        assert_eq!((answer.status, answer.text("/error/code")), (403, "reauth_due".into()));
    }
    assert_eq!(browser.post("/api/me/password", &json!({"old": PASSWORD, "new": "another good one"})).status, 200);
    let after = ends(&mut browser);
    assert_eq!(after, [expires, json!(world.now().plus(300).iso())], "the old password is a proof");
}

#[test]
fn whoever_is_not_signed_in_gets_so_many_challenges_and_is_not_locked_out() {
    let world = world();
    let mut browser = Browser::open(&world);
    let mut asked = || browser.post("/api/passkeys/challenge", &json!({"for": "login"}));
    for n in 0..300 {
        assert_eq!(asked().status, 200, "{n}");
    }
    let late = asked();
    assert_eq!((late.status, late.text("/error/code")), (429, "too_many".into()), "{}", late.line());
    assert_eq!(Browser::open(&world).sign_in("ada", PASSWORD).status, 200, "these are no wrong tries");
    world.pass(900);
    assert_eq!(asked().status, 200);
}

//! What is good once is good once, however many ask at the same time; and settings are those of before or after a change, never of both.

use doorward_core::site::SiteId;
use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{AUTH, HEADER, KEY, VALIDATE, sign};
use crate::support::{Answer, Ask, PASSWORD, World};

const USERS: &str = "/wp-json/simple-jwt-login/v1/users";
const RESET: &str = "/wp-json/simple-jwt-login/v1/user/reset_password";

/// Asks all at once and hears all.
fn at_once(world: &World, asks: Vec<Ask>) -> Vec<Answer> {
    let barrier = std::sync::Barrier::new(asks.len());
    std::thread::scope(|scope| {
        let one = |ask: Ask| {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                world.ask(ask)
            })
        };
        let threads: Vec<_> = asks.into_iter().map(one).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn good(answers: &[Answer]) -> usize {
    answers.iter().filter(|answer| answer.status == 200).count()
}

/// A code that is good for Ann, as if it had been mailed.
fn code(world: &World, code: &str) {
    let call = doorward_core::testkit::frozen_call(world.now(), 1);
    let secret = doorward_core::secret::Secret::new(code);
    world.run(doorward_core::flow::reset::issue(&world.house, &call, SiteId(1), 4, "simple_jwt_login.reset", &secret, |_| Ok(()))).unwrap();
}

#[test]
fn of_many_who_show_a_reset_code_one_changes_the_password() {
    for edition in ["v3", "v4"] {
        let world = World::new(match edition {
            "v3" => v3(json!({"allow_reset_password": 1})),
            _ => v4(&[("reset_password", json!({"enabled": 1}))]),
        });
        code(&world, "AbCdEfGhIjKlMnOpQrSt");
        let ask = |n: usize| {
            let body = json!({"email": "ann@example.com", "code": "AbCdEfGhIjKlMnOpQrSt", "new_password": format!("password-{n}")});
            Ask::new("PUT", RESET).json(&body.to_string())
        };
        let answers = at_once(&world, (0..12).map(ask).collect());
        assert_eq!(good(&answers), 1, "{edition}");
        assert!(answers.iter().all(|answer| answer.status == 200 || matches!(word(answer), (400 | 422, 62))), "{edition}");
        // The password is the winner's, and no other's.
        let winner = answers.iter().position(|answer| answer.status == 200).unwrap();
        let login = |n: usize| Ask::post(AUTH).json(&json!({"username": "ann", "password": format!("password-{n}")}).to_string());
        assert_eq!(world.ask(login(winner)).status, 200);
        assert_ne!(world.ask(login((winner + 1) % 12)).status, 200);
    }
}

#[test]
fn of_many_who_bring_a_code_with_a_limit_so_many_register() {
    for edition in ["v3", "v4"] {
        let codes = json!([{"code": "invitation", "role": "editor", "expiration_date": "", "max_uses": 3}, {"code": "open", "role": "", "expiration_date": ""}]);
        let world = World::new(match edition {
            "v3" => v3(json!({"allow_register": 1, "require_register_auth": 1, "auth_codes": codes})),
            _ => v4(&[("register", json!({"enabled": 1})), ("auth_codes", json!({"codes": codes}))]),
        });
        let ask = |n: usize, code: &str| {
            let body = json!({"email": format!("{code}{n}@example.com"), "password": "longenough", "AUTH_KEY": code});
            Ask::post(USERS).json(&body.to_string())
        };
        let answers = at_once(&world, (0..12).map(|n| ask(n, "invitation")).collect());
        assert_eq!(good(&answers), 3, "{edition}: {:?}", answers.iter().map(Answer::line).collect::<Vec<_>>());
        assert!(answers.iter().all(|answer| answer.status == 200 || matches!(word(answer), (401, 27) | (400, 32))), "{edition}");
        assert_ne!(world.ask(ask(20, "invitation")).status, 200, "{edition}: spent for good");
        assert!((0..5).all(|n| world.ask(ask(n, "open")).status == 200), "{edition}: no limit, no end");
    }
}

#[test]
fn of_many_who_show_a_one_time_code_one_comes_in_and_application_passwords_are_no_such_thing() {
    let world = World::new(v4(&[]));
    let login = Ask::post(AUTH).json(&json!({"username": "bob", "password": PASSWORD, "otp_attempt": world.totp()}).to_string());
    assert_eq!(good(&at_once(&world, vec![login; 8])), 1);
    // A password that is good for ever is good for all at once.
    let login = Ask::post(AUTH).json(&json!({"username": "ann", "password": PASSWORD}).to_string());
    assert_eq!(good(&at_once(&world, vec![login; 8])), 8);
}

/// What the two settings answer to the same requests; nothing in between is right.
fn before_and_after() -> [Value; 2] {
    let option = |name: &str, ttl: &str, key: &str, validate: &str| {
        json!({"edition": "v4", "settings": {
            "_schema_version": 2,
            "general": {"decryption_key": key, "jwt_algorithm": "HS256", "request_jwt_url": 1},
            "login": {"login_by": 0, "login_by_parameter": "email"},
            "authorization": {"enabled": "1", "jwt_payload": ["exp", "email", "iss"], "ttl": ttl, "iss": name, "validate_token_enabled": validate,
                "custom_claims": {"payload": {"key": ["side"], "value": [name]}}},
            "cors": {"enabled": 1, "allow_origin_enabled": 1, "allow_origin": format!("https://{name}.example")}
        }})
    };
    [option("left", "10", KEY, "1"), option("right", "20", "another-hs-secret-0123456789abcd", "0")]
}

#[test]
fn a_thousand_at_once_are_answered_by_the_settings_of_before_or_after() {
    let [left, right] = before_and_after();
    let mut stage = v4(&[]);
    stage.dialects[0].1 = left.clone();
    let world = World::new(stage);
    let now = world.now().0;
    let shown = [KEY, "another-hs-secret-0123456789abcd"]
        .map(|key| sign(key, HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"ann@example.com"}}"#, now + 600)));
    let done = std::sync::atomic::AtomicBool::new(false);
    let swaps = std::thread::scope(|scope| {
        let swapper = scope.spawn(|| {
            let mut swaps = 0;
            while !done.load(std::sync::atomic::Ordering::SeqCst) {
                swaps += 1;
                let settings = if swaps % 2 == 1 { &right } else { &left };
                world.put_settings_and_key("simple_jwt_login", settings);
            }
            swaps
        });
        let askers: Vec<_> = (0..8)
            .map(|n| {
                let (world, shown) = (&world, &shown);
                scope.spawn(move || {
                    for round in 0..125 {
                        match (n + round) % 3 {
                            0 => login_is_of_one(world),
                            1 => validate_is_of_one(world, &shown[round % 2], round % 2),
                            _ => nonsense_is_of_one(world),
                        }
                    }
                })
            })
            .collect();
        let ended: Vec<_> = askers.into_iter().map(std::thread::ScopedJoinHandle::join).collect();
        done.store(true, std::sync::atomic::Ordering::SeqCst);
        let swaps: u32 = swapper.join().unwrap();
        for end in ended {
            end.unwrap();
        }
        swaps
    });
    assert!(swaps > 10, "{swaps}");
}

/// Issuer, custom claim, life and key belong together.
fn login_is_of_one(world: &World) {
    let answer = world.ask(Ask::post(AUTH).json(&json!({"username": "ann", "password": PASSWORD}).to_string()));
    assert_eq!(answer.status, 200, "{}", answer.line());
    let token = answer.text("/data/jwt");
    let claims: Value = serde_json::from_str(&crate::support::peek(&token).1).unwrap();
    let side = claims["side"].as_str().unwrap();
    let (minutes, key) = if side == "left" { (10, KEY) } else { (20, "another-hs-secret-0123456789abcd") };
    assert_eq!(
        (claims["iss"].as_str(), claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap()),
        (Some(side), minutes * 60),
        "{claims}"
    );
    let input = token.rsplit_once('.').unwrap().0;
    let tag = doorward_core::secret::hmac_sha256(&doorward_core::secret::Secret::new(key), input.as_bytes());
    assert_eq!(token.rsplit_once('.').unwrap().1, data_encoding::BASE64URL_NOPAD.encode(&tag), "signed with the other key");
}

/// The left settings validate, with the left key alone; the right ones do not validate at all.
fn validate_is_of_one(world: &World, token: &str, side: usize) {
    let answer = world.ask(Ask::get(VALIDATE).auth(&format!("Bearer {token}")));
    let is_right = word(&answer) == (403, 82);
    let is_left = if side == 0 { answer.status == 200 } else { word(&answer) == (400, 11) };
    assert!(is_left || is_right, "{side}: {}", answer.line());
    let origin = answer.header("access-control-allow-origin");
    let expected = if is_right { "https://right.example" } else { "https://left.example" };
    assert_eq!(origin, expected, "{}", answer.line());
}

fn nonsense_is_of_one(world: &World) {
    let answer = world.ask(Ask::post(AUTH).json("{}"));
    assert_eq!(word(&answer), (422, 46));
    assert!(["https://left.example", "https://right.example"].contains(&answer.header("access-control-allow-origin")));
}

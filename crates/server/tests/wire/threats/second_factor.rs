//! The second factor: due at every door, spent once for all of them, and its failures stay counted.

use super::doors::{LOGINS, basic, polyglot};
use crate::support::{Ask, PASSWORD, World};
use crate::wncms;

fn with_code(code: &str) -> String {
    format!(r#","otp_attempt":"{code}""#)
}

fn no(status: u16) -> bool {
    matches!(status, 400..=403 | 422)
}

#[test]
fn nobody_with_a_second_factor_comes_in_without_it_by_any_door() {
    let world = World::new(polyglot());
    for (name, login) in LOGINS {
        for more in [
            "",
            r#","otp_attempt":"""#,
            r#","otp_attempt":null"#,
            r#","otp_attempt":" ""#,
            r#","otp_attempt":"000000""#,
            r#","otp_attempt":[]"#,
        ] {
            let answer = world.ask(login("bob", PASSWORD, more));
            assert!(no(answer.status), "{name} {more}: {}", answer.line());
        }
        // A right code without the password is nothing (and is not spent).
        let answer = world.ask(login("bob", "wrong", &with_code(&world.totp())));
        assert!(no(answer.status), "{name}: {}", answer.line());
        world.pass(901);
    }
    for password in [PASSWORD.to_owned(), format!("{PASSWORD}{}", world.totp()), format!("{PASSWORD}:{}", world.totp())] {
        assert!(no(world.ask(basic("bob", &password)).status));
    }
    let button = Ask::post("/api/v1/token/generate").auth(&wncms::basic("bob@example.com", PASSWORD)).json(r#"{"name":"x"}"#);
    assert!(no(world.ask(button).status));
    assert_eq!(world.ask(LOGINS[0].1("bob", PASSWORD, &with_code(&world.totp()))).status, 200);
}

#[test]
fn wrong_codes_stay_counted_however_often_the_password_is_given_again() {
    let world = World::new(polyglot());
    for at in 0..10 {
        let (name, login) = LOGINS[at % LOGINS.len()];
        assert!(no(world.ask(login("bob", PASSWORD, "")).status), "{name}");
        assert!(no(world.ask(login("bob", PASSWORD, &with_code("000000"))).status), "{name}");
        assert!(no(world.ask(LOGINS[(at + 1) % LOGINS.len()].1("bob", PASSWORD, "")).status), "{name}");
    }
    for (name, login) in LOGINS {
        assert!(no(world.ask(login("bob", PASSWORD, &with_code(&world.totp()))).status), "{name}: locked");
    }
    world.pass(901);
    assert_eq!(world.ask(LOGINS[3].1("bob", PASSWORD, &with_code(&world.totp()))).status, 200);
}

#[test]
fn a_code_is_spent_once_for_all_doors_and_for_the_whole_window() {
    let world = World::new(polyglot());
    let early = world.totp();
    world.pass(30);
    let code = world.totp();
    assert_eq!(world.ask(LOGINS[0].1("bob", PASSWORD, &with_code(&code))).status, 200);
    for (name, login) in LOGINS {
        assert!(no(world.ask(login("bob", PASSWORD, &with_code(&code))).status), "{name}: the same code again");
    }
    assert!(no(world.ask(LOGINS[2].1("bob", PASSWORD, &with_code(&early))).status), "an earlier step of the window");
    world.pass(30);
    assert!(no(world.ask(LOGINS[3].1("bob", PASSWORD, &with_code(&code))).status), "still inside the window");
    assert_eq!(world.ask(LOGINS[4].1("bob", PASSWORD, &with_code(&world.totp()))).status, 200);
    assert_eq!(world.ask(LOGINS[2].1("bob", PASSWORD, &with_code("K7M2P-9XQ4T"))).status, 200);
    for (name, login) in LOGINS {
        assert!(no(world.ask(login("bob", PASSWORD, &with_code("k7m2p-9xq4t"))).status), "{name}: a spent recovery code");
    }
}

#[test]
fn an_answer_that_asks_for_a_code_holds_none() {
    let world = World::new(polyglot());
    for (name, login) in LOGINS {
        let answer = world.ask(login("bob", PASSWORD, ""));
        let said = String::from_utf8_lossy(&answer.raw).into_owned();
        assert!(!said.contains(&world.totp()) && !said.to_lowercase().contains("k7m2p") && !said.contains("eyJ"), "{name}: {said}");
    }
}

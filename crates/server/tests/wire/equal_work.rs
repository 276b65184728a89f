//! Unknown, known, locked, banned and foreign-hash accounts: one answer, and the same hash computations for each.

use doorward_core::account::Status;
use serde_json::{Value, json};

use crate::support::{Ask, Person, Stage, World};

/// bcrypt of "correct horse", cost 6.
const BCRYPT: &str = "$2y$06$ZC/..lZa1Ptl7ANb.iZGauevj6d3pQ9WVSIV0RQrXUCz9lDssmxh.";

struct Door {
    dialect: &'static str,
    settings: Value,
    ask: fn(&str) -> Ask,
}

const DOORS: [fn() -> Door; 5] = [
    || Door {
        dialect: "wporchestrix",
        settings: json!({}),
        ask: |login| Ask::post("/api/v1/jwt").json(&json!({"email": format!("{login}@example.com"), "password": "wrong"}).to_string()),
    },
    || Door {
        dialect: "simple_jwt_login",
        settings: json!({}),
        ask: |login| Ask::post("/?rest_route=/simple-jwt-login/v1/auth").json(&json!({"login": login, "password": "wrong"}).to_string()),
    },
    || Door {
        dialect: "wapka",
        settings: json!({}),
        ask: |login| Ask::post("/v1/auth/login").json(&json!({"site": "yoursite", "username": login, "password": "wrong"}).to_string()),
    },
    || Door {
        dialect: "jwt_auth",
        settings: json!({}),
        ask: |login| Ask::post("/wp-json/jwt-auth/v1/token").json(&json!({"username": login, "password": "wrong"}).to_string()),
    },
    || Door {
        dialect: "wncms",
        settings: json!({"settings": {"wncms_api_post_index_should_auth": "basic"}}),
        ask: |login| {
            let basic = data_encoding::BASE64.encode(format!("{login}@example.com:wrong").as_bytes());
            Ask::post("/api/v1/posts").auth(&format!("Basic {basic}"))
        },
    },
];

#[test]
fn nobody_can_tell_who_exists_by_answer_or_by_work() {
    for door in DOORS {
        let door = door();
        let stage = Stage::of(door.dialect, door.settings)
            .person(Person::new(4, "known"))
            .person(Person::new(5, "foreign").hash(BCRYPT))
            .person(Person::new(6, "locked"))
            .person(Person::new(7, "banned").status(Status::Banned))
            .person(Person::new(8, "factor").totp())
            .person(Person::new(9, "passwordless").hash(""));
        let world = World::new(stage);
        for _ in 0..12 {
            world.ask((door.ask)("locked"));
        }
        let mut seen = Vec::new();
        for login in ["known", "unknown", "foreign", "locked", "banned", "factor", "passwordless"] {
            let before = world.hasher.computations();
            let answer = world.ask((door.ask)(login));
            let after = world.hasher.computations();
            let work = (after.argon2 - before.argon2, after.bcrypt - before.bcrypt, after.phpass - before.phpass, after.md5 - before.md5);
            let headers: Vec<_> =
                answer.headers.iter().filter(|(n, _)| n != "x-request-id" && n != "date").map(|(n, v)| format!("{n}: {v}")).collect();
            // Wapka's envelope repeats the request's id.
            let body = answer.body.replace(answer.header("x-request-id"), "REQ");
            seen.push((login, answer.status, body, headers, work));
        }
        let (_, status, body, headers, work) = &seen[0];
        assert!(work.0 > 0 && work.1 > 0 && work.3 > 0, "{}: something must have been weighed: {work:?}", door.dialect);
        for (login, s, b, h, w) in &seen {
            assert_eq!((s, b, h, w), (status, body, headers, work), "{}: {login} can be told apart", door.dialect);
        }
    }
}

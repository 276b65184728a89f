//! A site that speaks every language, its people, and every door that a credential can be shown at.

use doorward_core::policy::{PathMatch, Rule, Way};
use serde_json::json;

use crate::support::{Ask, PASSWORD, Person, Stage, World};
use crate::{jwt_auth, simple_jwt_login, wncms};

/// Ann's API token, for every language.
pub(crate) const ANN_TOKEN: &str = "wpk_live_anntokenanntokenanntokenanntoken";

/// All five languages on one host: Ann is admin at level 10, Bob has a second factor.
pub(crate) fn polyglot() -> Stage {
    let mut sjl = Rule::new("sjl.guarded", PathMatch::Prefix, "/sjl", &[Way::Bearer]);
    sjl.answers_as = Some("simple_jwt_login".into());
    let option = simple_jwt_login::option(json!({})).dialects.remove(0).1;
    let rows = json!({"bearer": true, "wncms_api_post_index_should_auth": "basic"});
    Stage::of("wporchestrix", json!({}))
        .and("wncms", json!({"settings": rows, "accept_tokens_of": ["wporchestrix"]}))
        .and("wapka", json!({}))
        .and("jwt_auth", jwt_auth::config())
        .and("simple_jwt_login", option)
        .person(Person::new(4, "ann").role("admin", 10).token(ANN_TOKEN))
        .person(Person::new(5, "bob").role("admin", 10).totp().recovery("k7m2p-9xq4t"))
        .rule(sjl)
}

/// How a door is asked to let somebody in: login, password, further members of the body.
type LoginAsk = fn(&str, &str, &str) -> Ask;

/// The languages that have logins of their own: name, and the request of a login with more members.
pub(super) const LOGINS: [(&str, LoginAsk); 5] = [
    ("wporchestrix", |name, password, more| {
        Ask::post("/api/v1/jwt").json(&format!(r#"{{"email":"{name}@example.com","password":"{password}"{more}}}"#))
    }),
    ("wporchestrix.auth", |name, password, more| {
        Ask::post("/api/v1/auth").json(&format!(r#"{{"email":"{name}@example.com","password":"{password}"{more}}}"#))
    }),
    ("wapka", |name, password, more| {
        Ask::post("/v1/auth/login").json(&format!(r#"{{"site":"yoursite","username":"{name}","password":"{password}"{more}}}"#))
    }),
    ("jwt_auth", |name, password, more| {
        Ask::post("/wp-json/jwt-auth/v1/token").json(&format!(r#"{{"username":"{name}","password":"{password}"{more}}}"#))
    }),
    ("simple_jwt_login", |name, password, more| {
        Ask::post(simple_jwt_login::AUTH).json(&format!(r#"{{"login":"{name}","password":"{password}"{more}}}"#))
    }),
];

/// A Basic request of somebody.
pub(super) fn basic(name: &str, password: &str) -> Ask {
    Ask::post("/api/v1/posts").auth(&wncms::basic(&format!("{name}@example.com"), password))
}

/// Ann's JWTs: one of each kind, by name.
#[derive(Clone)]
pub(crate) struct Tokens {
    pub(crate) access: String,
    pub(crate) refresh: String,
    pub(crate) wapka: String,
    pub(crate) jwt_auth: String,
    pub(crate) sjl: String,
}

impl Tokens {
    pub(crate) fn of(world: &World, name: &str) -> Self {
        let hear = |language: &str| {
            let (_, login) = LOGINS.iter().find(|(l, _)| *l == language).unwrap();
            let answer = world.ask(login(name, PASSWORD, ""));
            assert_eq!(answer.status, 200, "{language}: {}", answer.line());
            answer
        };
        let pair = hear("wporchestrix");
        Self {
            access: pair.text("/access_token"),
            refresh: pair.text("/refresh_token"),
            wapka: hear("wapka").text("/data/token"),
            jwt_auth: hear("jwt_auth").text("/token"),
            sjl: hear("simple_jwt_login").text("/data/jwt"),
        }
    }
}

/// A door that takes a JWT.
pub(super) struct Door {
    pub(super) name: &'static str,
    /// Which of the tokens is good here.
    pub(super) kind: fn(&Tokens) -> &String,
    pub(super) ask: fn(&str) -> Ask,
    /// Asking with a good token changes something: not for trying out.
    pub(super) spends: bool,
}

fn bearer(ask: Ask, token: &str) -> Ask {
    ask.auth(&format!("Bearer {token}"))
}

fn check(method: &str, uri: &str, token: &str) -> Ask {
    bearer(Ask::get("/_doorward/check/nginx").header("X-Original-Method", method).header("X-Original-URI", uri), token)
}

fn field(path: &str, name: &str, token: &str) -> Ask {
    let mut map = serde_json::Map::new();
    map.insert(name.into(), token.into());
    Ask::post(path).json(&serde_json::Value::Object(map).to_string())
}

/// Every door that takes a JWT: own endpoints, guarded routes, and the check of a proxy that asks first.
pub(super) const DOORS: &[Door] = &[
    Door { name: "wporchestrix guarded", kind: |t| &t.access, ask: |t| bearer(Ask::get("/api/v1/sites"), t), spends: false },
    Door { name: "wporchestrix check", kind: |t| &t.access, ask: |t| check("GET", "/api/v1/sites", t), spends: false },
    Door { name: "wporchestrix refresh", kind: |t| &t.refresh, ask: |t| field("/api/v1/jwt/refresh", "refresh_token", t), spends: true },
    Door {
        name: "wporchestrix revoke",
        kind: |t| &t.access,
        ask: |t| bearer(field("/api/v1/jwt/revoke", "token", "a.b.c"), t),
        spends: false,
    },
    Door { name: "wporchestrix sign-out", kind: |t| &t.access, ask: |t| bearer(Ask::new("DELETE", "/api/v1/auth"), t), spends: true },
    Door { name: "wncms guarded", kind: |t| &t.access, ask: |t| bearer(Ask::post("/api/v1/posts/store"), t), spends: false },
    Door { name: "wncms check", kind: |t| &t.access, ask: |t| check("POST", "/api/v1/posts/store", t), spends: false },
    Door {
        name: "wncms token",
        kind: |t| &t.access,
        ask: |t| bearer(Ask::post("/api/v1/token/generate").json(r#"{"name":"x"}"#), t),
        spends: true,
    },
    Door { name: "wapka me", kind: |t| &t.wapka, ask: |t| bearer(Ask::get("/v1/users/me"), t), spends: false },
    Door { name: "wapka keys", kind: |t| &t.wapka, ask: |t| bearer(Ask::get("/v1/api-keys"), t), spends: false },
    Door { name: "wapka guarded", kind: |t| &t.wapka, ask: |t| bearer(Ask::post("/v1/posts"), t), spends: false },
    Door { name: "wapka check", kind: |t| &t.wapka, ask: |t| check("POST", "/v1/posts", t), spends: false },
    Door {
        name: "jwt_auth validate",
        kind: |t| &t.jwt_auth,
        ask: |t| bearer(Ask::post("/wp-json/jwt-auth/v1/token/validate"), t),
        spends: false,
    },
    Door { name: "jwt_auth guarded", kind: |t| &t.jwt_auth, ask: |t| bearer(Ask::get("/wp-json/wp/v2/posts"), t), spends: false },
    Door { name: "jwt_auth rest_route", kind: |t| &t.jwt_auth, ask: |t| bearer(Ask::get("/?rest_route=/wp/v2/posts"), t), spends: false },
    Door { name: "jwt_auth check", kind: |t| &t.jwt_auth, ask: |t| check("GET", "/wp-json/wp/v2/posts", t), spends: false },
    Door { name: "sjl validate", kind: |t| &t.sjl, ask: |t| bearer(Ask::get(simple_jwt_login::VALIDATE), t), spends: false },
    Door { name: "sjl validate, field", kind: |t| &t.sjl, ask: |t| field(simple_jwt_login::VALIDATE, "JWT", t), spends: false },
    Door { name: "sjl refresh", kind: |t| &t.sjl, ask: |t| bearer(Ask::post(simple_jwt_login::REFRESH), t), spends: true },
    Door { name: "sjl refresh, field", kind: |t| &t.sjl, ask: |t| field(simple_jwt_login::REFRESH, "JWT", t), spends: true },
    Door { name: "sjl revoke", kind: |t| &t.sjl, ask: |t| bearer(Ask::post(simple_jwt_login::REVOKE), t), spends: true },
    Door { name: "sjl guarded", kind: |t| &t.sjl, ask: |t| bearer(Ask::get("/sjl/x"), t), spends: false },
    Door { name: "sjl check", kind: |t| &t.sjl, ask: |t| check("GET", "/sjl/x", t), spends: false },
];

#[test]
fn every_door_opens_for_the_right_token_and_for_no_other_kind() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    let all = [&tokens.access, &tokens.refresh, &tokens.wapka, &tokens.jwt_auth, &tokens.sjl];
    for door in DOORS {
        let good = (door.kind)(&tokens);
        if !door.spends {
            let answer = world.ask((door.ask)(good));
            assert!(matches!(answer.status, 200 | 204), "{}: {}", door.name, answer.line());
        }
        for other in all.into_iter().filter(|t| *t != good) {
            let answer = world.ask((door.ask)(other));
            assert!(matches!(answer.status, 400..=403), "{}: {}", door.name, answer.line());
        }
    }
}

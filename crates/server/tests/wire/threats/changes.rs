//! What takes a right away takes it away at every door, with the next request.

use doorward_core::account::{Account, Status};
use doorward_core::flow::accounts::Ends;
use doorward_core::flow::{accounts, second_factor};
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_core::testkit::frozen_call;

use super::doors::{ANN_TOKEN, DOORS, Tokens, basic, polyglot};
use crate::support::{Ask, PASSWORD, World};

const SITE: SiteId = SiteId(1);

/// Every door that takes an API token.
fn token_doors() -> Vec<Ask> {
    let check = |uri: &str| Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", uri);
    vec![
        Ask::get("/api/v1/sites").auth(&format!("token {ANN_TOKEN}")),
        check("/api/v1/sites").auth(&format!("Bearer {ANN_TOKEN}")),
        Ask::post("/api/v1/posts/store").json(&format!(r#"{{"api_token":"{ANN_TOKEN}"}}"#)),
        Ask::post(&format!("/api/v1/posts/store?api_token={ANN_TOKEN}")),
        Ask::post("/api/v1/posts/store").auth(&format!("Bearer {ANN_TOKEN}")),
        Ask::get("/v1/users/me").auth(ANN_TOKEN),
        Ask::get("/v1/api-keys").auth(&format!("Bearer {ANN_TOKEN}")),
        Ask::get("/v1/posts").auth(ANN_TOKEN),
        check("/v1/posts").auth(ANN_TOKEN),
    ]
}

/// What a sign-in was answered with where it was no JWT, each shown at a door of its language.
fn sign_in_tokens(world: &World) -> Vec<Ask> {
    let default = world.ask(super::doors::LOGINS[1].1("ann", PASSWORD, "")).text("/token");
    let button = Ask::post("/api/v1/token/generate").auth(&crate::wncms::basic("ann@example.com", PASSWORD)).json(r#"{"name":"app"}"#);
    let made = world.ask(button).text("/data/api_token");
    vec![
        Ask::get("/api/v1/sites").auth(&format!("token {default}")),
        Ask::post("/api/v1/posts/store").json(&format!(r#"{{"api_token":"{made}"}}"#)),
    ]
}

fn change(world: &World, what: &str) {
    let mut call = frozen_call(world.now(), 9);
    world.run(async {
        let ann = world.house.look(|desk| desk.account(SITE, 4)).await.unwrap().unwrap();
        match what {
            "ban" => drop(accounts::put(&world.house, &call, Account { status: Status::Banned, ..ann }, "t").await.unwrap()),
            "delete" => drop(accounts::put(&world.house, &call, Account { status: Status::Deleted, ..ann }, "t").await.unwrap()),
            "password" => accounts::set_password(&world.house, &call, SITE, 4, Secret::new("another")).await.unwrap(),
            "sign out" => accounts::sign_out_everywhere(&world.house, &call, SITE, 4).await.unwrap(),
            "factor" => drop(second_factor::enrol(&world.house, &mut call, SITE, 4).await.unwrap()),
            "no factor" => {
                let secret = world.house.terms().vault.seal("x", &Secret::new("x"), call.dice.as_mut()).unwrap();
                world.house.work(move |desk| desk.put_totp(SITE, 4, &secret)).await.unwrap();
                second_factor::remove(&world.house, &call, SITE, 4).await.unwrap();
            }
            "compromise" => {
                let password = Secret::new("another");
                accounts::set_password_ending(&world.house, &call, SITE, 4, password, Ends::EveryToken).await.unwrap();
            }
            "sign out of all" => accounts::sign_out_ending(&world.house, &call, SITE, 4, Ends::EveryToken).await.unwrap(),
            _ => panic!("{what}"),
        }
    });
}

/// Everything that was open before, in memory and cache, so often that what is remembered is answered from memory.
fn warm(world: &World, tokens: &Tokens) {
    for _ in 0..3 {
        for door in DOORS.iter().filter(|d| !d.spends) {
            assert!(matches!(world.ask((door.ask)((door.kind)(tokens))).status, 200 | 204), "{}", door.name);
        }
        for ask in token_doors() {
            let answer = world.ask(ask);
            assert!(matches!(answer.status, 200 | 204), "{}", answer.line());
        }
    }
    assert_eq!(world.ask(basic("ann", PASSWORD)).status, 200);
}

#[test]
fn revocation_is_honoured_by_all_doors_alike() {
    // What the change closes: JWTs and what a sign-in was answered with, named API tokens, Basic with the old password.
    for (what, signed_in, api_tokens, old_basic) in [
        ("ban", true, true, true),
        ("delete", true, true, true),
        ("password", true, false, true),
        ("sign out", true, false, false),
        ("factor", true, false, true),
        ("no factor", true, false, false),
        ("compromise", true, true, true),
        ("sign out of all", true, true, false),
    ] {
        let world = World::new(polyglot());
        let tokens = Tokens::of(&world, "ann");
        let sign_ins = sign_in_tokens(&world);
        world.pass(2);
        warm(&world, &tokens);
        for ask in &sign_ins {
            assert_eq!(world.ask(ask.clone()).status, 200, "{ask:?}");
        }
        change(&world, what);
        for ask in &sign_ins {
            let answer = world.ask(ask.clone());
            assert!(signed_in && matches!(answer.status, 400..=403), "{what}, {ask:?}: {}", answer.line());
        }
        for door in DOORS {
            let answer = world.ask((door.ask)((door.kind)(&tokens)));
            assert_eq!(matches!(answer.status, 200 | 204), !signed_in, "{what}, {}: {}", door.name, answer.line());
        }
        for ask in token_doors() {
            let answer = world.ask(ask.clone());
            assert_eq!(matches!(answer.status, 200 | 204), !api_tokens, "{what}, {ask:?}: {}", answer.line());
        }
        assert_eq!(world.ask(basic("ann", PASSWORD)).status != 200, old_basic, "{what}: Basic");
    }
}

#[test]
fn a_revoked_token_is_dead_at_every_door_of_its_language() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    warm(&world, &tokens);
    let bearer = |ask: Ask, token: &str| ask.auth(&format!("Bearer {token}"));
    for ask in [bearer(Ask::new("DELETE", "/api/v1/auth"), &tokens.access), bearer(Ask::post(crate::simple_jwt_login::REVOKE), &tokens.sjl)]
    {
        assert_eq!(world.ask(ask).status, 200);
    }
    for door in DOORS {
        let token = (door.kind)(&tokens);
        if *token == tokens.wapka || *token == tokens.jwt_auth {
            continue;
        }
        let answer = world.ask((door.ask)(token));
        assert!(matches!(answer.status, 400..=403), "{}: {}", door.name, answer.line());
    }
}

/// A password change whose hashing takes long: what is issued meanwhile dies with the rest.
#[test]
fn tokens_issued_while_the_new_password_was_hashed_die_as_well() {
    let world = World::new(polyglot());
    let begun = frozen_call(world.now(), 9);
    world.pass(5);
    let tokens = Tokens::of(&world, "ann");
    warm(&world, &tokens);
    world.run(accounts::set_password(&world.house, &begun, SITE, 4, Secret::new("another"))).unwrap();
    for door in DOORS {
        let answer = world.ask((door.ask)((door.kind)(&tokens)));
        assert!(matches!(answer.status, 400..=403), "{}: {}", door.name, answer.line());
    }
    world.pass(1);
    let fresh = world.ask(Ask::post("/api/v1/jwt").json(r#"{"email":"ann@example.com","password":"another"}"#));
    assert_eq!(world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {}", fresh.text("/access_token")))).status, 200);
}

/// A token that was verified before is remembered, but not its right to time.
#[test]
fn a_remembered_token_ends_with_its_second() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    let check = |world: &World| {
        let ask = Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", "/api/v1/sites");
        world.ask(ask.auth(&format!("Bearer {}", tokens.access))).status
    };
    let direct = |world: &World| world.ask(Ask::get("/api/v1/sites").auth(&format!("Bearer {}", tokens.access))).status;
    for _ in 0..3 {
        assert_eq!((check(&world), direct(&world)), (204, 200));
    }
    world.pass(899);
    assert_eq!((check(&world), direct(&world)), (204, 200));
    world.pass(1);
    assert_eq!((check(&world), direct(&world)), (401, 401));
}

/// The roles, level and rules that a remembered credential is judged by are those of now.
#[test]
fn a_remembered_credential_is_judged_by_what_is_now() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    let level = |world: &World| {
        let ask = Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", "/api/v1/sites");
        world.ask(ask.auth(&format!("Bearer {}", tokens.access))).header("x-doorward-level").to_owned()
    };
    for _ in 0..3 {
        assert_eq!(level(&world), "10");
    }
    world.run(async {
        let ann = world.house.look(|desk| desk.account(SITE, 4)).await.unwrap().unwrap();
        accounts::put(&world.house, &frozen_call(world.now(), 9), Account { level: 1, ..ann }, "t").await.unwrap();
    });
    assert_eq!(level(&world), "1");
}

//! kill -9 in the middle of everything: what a client was told stays true.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Ask, Engine, PASSWORD, Place, TOTP_SECRET, bundle, login, site, totp_code, until, user, wapka_key, wapka_login};

/// Clients at once, each with an account of its own.
const CLIENTS: usize = 4;
/// Acknowledged changes after which the server is killed.
const ENOUGH: usize = 150;
/// More codes than can be spent before that.
const CODES: usize = 400;
/// The clients' wrong tries must not shut them out of what is to be seen, and a lost answer may be asked for again later.
const SETTINGS: [&str; 6] =
    ["--set", "limits.per_account=100000", "--set", "limits.per_address=1000000", "--set", "limits.retry_window_seconds=300"];

/// What a client was told.
#[derive(Default)]
struct Told {
    /// API keys that it was given and did not ask to be taken back.
    keys: Vec<String>,
    /// API keys that it was told are gone.
    gone: Vec<String>,
    /// The newest refresh token of each chain.
    chains: Vec<String>,
    /// Access tokens that it was told are revoked.
    revoked: Vec<String>,
    /// Recovery codes that let it in.
    spent: Vec<String>,
}

fn name(client: usize) -> String {
    format!("client{client}")
}

fn code(client: usize, number: usize) -> String {
    format!("code{client}x{number:04}")
}

/// Works until nobody answers. Any answer but the right one is a failure, also in the last moment.
fn work(client: usize, to: SocketAddr, done: &AtomicUsize) -> Told {
    let mut told = Told::default();
    for round in 0.. {
        if one_round(client, round, to, &mut told, done).is_none() {
            return told;
        }
    }
    told
}

fn one_round(client: usize, round: usize, to: SocketAddr, told: &mut Told, done: &AtomicUsize) -> Option<()> {
    let ask = |ask: Ask, status: u16| {
        let answer = ask.try_send(to).ok()?;
        assert_eq!(answer.status, status, "{ask:?}: {}", answer.line());
        done.fetch_add(1, Ordering::SeqCst);
        Some(answer)
    };
    let refresh = |token: &str| Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": token}));
    let owner = ask(wapka_login("yoursite", &name(client), PASSWORD), 200)?.text("/data/token");
    let mut ids = Vec::new();
    for number in 0..3 {
        let made = ask(wapka_key(&owner, &format!("{round}.{number}")), 201)?;
        ids.push(made.at("/data/id"));
        told.keys.push(made.text("/data/key"));
    }
    // Asked to be taken back: until the answer comes it may be either.
    let leaving = told.keys.pop()?;
    let delete = Ask::new("DELETE", &format!("/v1/api-keys/{}", ids[2])).auth(&format!("Bearer {owner}"));
    ask(delete, 204)?;
    told.gone.push(leaving);

    let spent = code(client, round);
    let mut pair = ask(login(&format!("{}-otp", name(client)), PASSWORD, Some(&spent)), 200)?;
    told.spent.push(spent);
    told.chains.push(pair.text("/refresh_token"));
    for _ in 0..3 {
        pair = ask(refresh(&pair.text("/refresh_token")), 200)?;
        *told.chains.last_mut()? = pair.text("/refresh_token");
    }
    let other = ask(login(&name(client), PASSWORD, None), 200)?.text("/access_token");
    let revoke = Ask::post("/api/v1/jwt/revoke").auth(&format!("Bearer {other}")).json(&json!({"token": other}));
    ask(revoke, 200)?;
    told.revoked.push(other);
    Some(())
}

fn people() -> Vec<Value> {
    let mut people = Vec::new();
    for (client, id) in (0..CLIENTS).zip((1..).step_by(2)) {
        people.push(user(id, &name(client)));
        let mut second = user(id + 1, &format!("{}-otp", name(client)));
        let codes: Vec<_> = (0..CODES).map(|number| code(client, number)).collect();
        second["totp"] = json!({"secret": TOTP_SECRET, "recovery_codes": codes});
        people.push(second);
    }
    people
}

fn strike(engine: Engine) {
    let place = Place::on(engine);
    place.import(&bundle(vec![site(people())])).good();
    let server = place.serve(&SETTINGS);
    let authenticator = totp_code();
    assert_eq!(login("client0-otp", PASSWORD, Some(&authenticator)).send(server.address).status, 200);
    let done = AtomicUsize::new(0);
    let told: Vec<Told> = std::thread::scope(|scope| {
        let (to, done) = (server.address, &done);
        let clients: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || work(client, to, done))).collect();
        until(Duration::from_secs(120), "enough work", || {
            (done.load(Ordering::SeqCst) >= ENOUGH || clients.iter().any(std::thread::ScopedJoinHandle::is_finished)).then_some(())
        });
        server.kill();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    assert!(done.into_inner() >= ENOUGH);

    let server = place.serve(&SETTINGS);
    let to = server.address;
    let again = login("client0-otp", PASSWORD, Some(&authenticator)).send(to);
    again.is(401, r#"{"error":"Incorrect verification code"}"#);
    for (client, told) in told.iter().enumerate() {
        let Told { keys, gone, chains, revoked, spent } = told;
        assert!(!keys.is_empty() && !chains.is_empty() && !spent.is_empty(), "client {client} got nothing done");
        let me = |key: &str| Ask::get("/v1/users/me").auth(key).send(to);
        for key in keys {
            assert_eq!(me(key).text("/data/username"), name(client), "a key that was given is lost");
        }
        for key in gone {
            assert_eq!(me(key).text("/error/code"), "invalid_api_key", "a key that was gone is back");
        }
        for token in chains {
            let next = Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": token})).send(to);
            assert_eq!(next.status, 200, "a refresh token that was given is lost: {}", next.line());
        }
        for token in revoked {
            let answer = crate::support::may_see_sites(&format!("Bearer {token}")).send(to);
            assert_eq!(answer.status, 401, "a token that was revoked is back");
        }
        for code in spent {
            let answer = login(&format!("{}-otp", name(client)), PASSWORD, Some(code)).send(to);
            answer.is(401, r#"{"error":"Incorrect verification code"}"#);
        }
    }
    server.stop();
}

#[test]
fn on_sqlite() {
    strike(Engine::Sqlite);
}

#[test]
fn on_postgres() {
    strike(Engine::Postgres);
}

//! The store goes away and comes back: meanwhile nobody is let in, and nobody is told a lie about a password.

use std::sync::mpsc::channel;
use std::time::Duration;

use doorward_core::port::store;
use doorward_core::refusal::Fault;
use doorward_core::testkit::block_on;
use doorward_store_postgres::private_server::PrivateServer;
use doorward_store_sqlite::SqliteStore;
use serde_json::json;

use crate::support::{Ask, PASSWORD, Place, Server, bundle, login, may_see_sites, site, until, user, wapka_login};

/// A login in every language, and what each says when it cannot know.
fn logins(name: &str) -> Vec<(Ask, u16, &'static str)> {
    let email = format!("{name}@example.com");
    let by_email = json!({"email": email, "password": PASSWORD});
    let by_name = json!({"username": name, "password": PASSWORD});
    vec![
        (Ask::post("/api/v1/jwt").json(&by_email), 503, r#"{"error":"Service Unavailable"}"#),
        (Ask::post("/api/v1/auth").json(&by_email), 503, r#"{"error":"Service Unavailable"}"#),
        (Ask::post("/?rest_route=/simple-jwt-login/v1/auth").json(&by_email), 503, r#"{"success":false,"error":"Service Unavailable"}"#),
        (
            Ask::post("/wp-json/jwt-auth/v1/token").json(&by_name),
            503,
            r#"{"code":"service_unavailable","message":"Service Unavailable","data":{"status":503}}"#,
        ),
        (
            Ask::post("/api/v1/token/generate").basic(&email, PASSWORD).json(&json!({"name": "x"})),
            503,
            r#"{"status":"fail","message":"Service unavailable"}"#,
        ),
        // The contract of this language knows one word for what is the server's fault, and it is 500.
        (wapka_login("yoursite", name, PASSWORD), 500, r#"{"error":{"code":"internal_error","#),
    ]
}

#[track_caller]
fn all_shut(server: &Server) {
    for (ask, status, body) in logins("ann") {
        let answer = ask.send(server.address);
        assert!(answer.status == status && answer.body.starts_with(body), "{ask:?}: {}", answer.line());
    }
}

#[test]
fn without_postgres_every_door_stays_shut_until_it_is_back() {
    let database = PrivateServer::start().unwrap();
    let place = Place::at(database.fresh_database().unwrap());
    place.import(&bundle(vec![site(vec![user(1, "ann")])])).good();
    let server = place.serve(&[]);
    let pair = login("ann", PASSWORD, None).send(server.address);
    let made = place.run(&["token", "create", "--user", "ann", "--name", "CI", "--json"]).good();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let unseen = may_see_sites(&format!("token {}", made["token"].as_str().unwrap()));
    let wapka = wapka_login("yoursite", "ann", PASSWORD).send(server.address).text("/data/token");
    let refresh = Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": pair.text("/refresh_token")}));

    database.kill().unwrap();
    Ask::get("/healthz").send(server.address).is(200, r#"{"status":"ok"}"#);
    Ask::get("/readyz").send(server.address).is(503, r#"{"status":"not ready","store":"postgres"}"#);
    all_shut(&server);
    // Not in memory: neither "yes" nor "no such token", for nobody knows.
    unseen.send(server.address).is(503, r#"{"error":"Service Unavailable"}"#);
    may_see_sites("token nobody-has-this-one").send(server.address).is(503, r#"{"error":"Service Unavailable"}"#);
    refresh.send(server.address).is(503, r#"{"error":"Service Unavailable"}"#);
    let made = crate::support::wapka_key(&wapka, "x").send(server.address);
    assert_eq!(made.text("/error/code"), "internal_error", "{}", made.line());
    // What needs no store goes on: a token that is no token, a body that is no body.
    may_see_sites("Bearer a.b.c").send(server.address).is(401, r#"{"error":"Unauthorized"}"#);
    let ran = place.run(&["user", "list"]);
    assert_eq!((ran.code, ran.out.as_str(), ran.err.lines().count()), (1, "", 1), "{ran:?}");

    database.restart().unwrap();
    let time = Duration::from_secs(20);
    until(time, "/readyz", || (Ask::get("/readyz").send(server.address).status == 200).then_some(()));
    for (ask, _, _) in logins("ann") {
        // Each connection finds the server again at its own next try.
        let answer = until(time, "a login", || Some(ask.send(server.address)).filter(|a| a.status < 500));
        assert_eq!(answer.status, 200, "{ask:?}: {}", answer.line());
    }
    assert_eq!(until(time, "a check", || Some(unseen.send(server.address)).filter(|a| a.status < 500)).status, 204);
    assert_eq!(until(time, "a refresh", || Some(refresh.send(server.address)).filter(|a| a.status < 500)).status, 200);
    server.stop();
}

/// Root reads what no mode lets it read, and an open file stays open when it is moved away; what does stop SQLite is
/// another process that writes and does not end.
#[test]
fn while_another_process_keeps_sqlite_logins_are_shut_and_checks_go_on() {
    let place = Place::new();
    place.import(&bundle(vec![site(vec![user(1, "ann")])])).good();
    let server = place.serve(&[]);
    let pair = login("ann", PASSWORD, None).send(server.address);
    let seen = may_see_sites(&format!("Bearer {}", pair.text("/access_token")));
    let other = SqliteStore::open(&place.data("doorward.sqlite")).unwrap();
    let (begun, begins) = channel();
    let (end, ends) = channel::<()>();
    std::thread::scope(|scope| {
        let keeper = scope.spawn(|| {
            let kept = store::work(&other, move |desk| {
                desk.sites()?;
                begun.send(()).unwrap();
                let _ = ends.recv();
                Err::<(), _>(Fault::new("enough"))
            });
            block_on(kept).is_err()
        });
        begins.recv().unwrap();
        let shut = scope.spawn(|| login("ann", PASSWORD, None).send(server.address));
        assert_eq!(seen.send(server.address).status, 204);
        Ask::get("/healthz").send(server.address).is(200, r#"{"status":"ok"}"#);
        shut.join().unwrap().is(503, r#"{"error":"Service Unavailable"}"#);
        end.send(()).unwrap();
        assert!(keeper.join().unwrap());
    });
    let again =
        until(Duration::from_secs(20), "a login", || Some(login("ann", PASSWORD, None).send(server.address)).filter(|a| a.status < 500));
    assert_eq!(again.status, 200, "{}", again.line());
    server.stop();
}

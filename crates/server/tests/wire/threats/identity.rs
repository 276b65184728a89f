//! What the upstream is told of the caller comes from us alone, whatever the client spells.

use super::doors::{ANN_TOKEN, polyglot};
use crate::support::{Ask, World};

/// How an upstream that folds names sees one.
fn folded(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

const SPELLINGS: &[&str] = &[
    "X-Doorward-User-Id",
    "x-doorward-user-id",
    "X-DOORWARD-USER-ID",
    "X_Doorward_User_Id",
    "x-doorward_user-id",
    "X.Doorward.User.Id",
    "X_Doorward-User",
    "X-Doorward-Roles",
    "x_doorward_level",
    "X-Doorward-Scopes",
    "X-Doorward-Site",
    "X-Doorward",
    "X_Doorward_Anything",
];

#[test]
fn identity_headers_of_clients_never_arrive() {
    let world = World::new(polyglot());
    for (ask, told) in [
        (Ask::get("/about"), vec!["x-doorward-site=yoursite"]),
        (
            Ask::get("/api/v1/sites").auth(&format!("token {ANN_TOKEN}")),
            vec![
                "x-doorward-level=10",
                "x-doorward-roles=admin",
                "x-doorward-scopes=*",
                "x-doorward-site=yoursite",
                "x-doorward-user-id=4",
                "x-doorward-user=ann",
            ],
        ),
    ] {
        for spelling in SPELLINGS {
            for connection in
                ["", "close", "X-Doorward-User-Id", "keep-alive, x-doorward-site, x-doorward-user-id, x-doorward-level", "x_doorward_level"]
            {
                let mut ask = ask.clone().header(spelling, "1").header(spelling, "99");
                if !connection.is_empty() {
                    ask = ask.header("Connection", connection);
                }
                assert_eq!(world.ask(ask).status, 200, "{spelling}");
                let arrived = world.upstream.last();
                let mut heard: Vec<_> = arrived
                    .headers
                    .iter()
                    .map(|(name, value)| (folded(name), value))
                    .filter(|(name, _)| name.starts_with("x-doorward"))
                    .map(|(name, value)| format!("{name}={value}"))
                    .collect();
                heard.sort();
                assert_eq!(heard, told, "{spelling} {connection}");
            }
        }
    }
}

#[test]
fn what_only_proxies_may_say_is_said_by_us_alone() {
    let world = World::new(polyglot());
    for name in [
        "X-Forwarded-For",
        "X_Forwarded_For",
        "X-Forwarded_Host",
        "X-Forwarded-Proto",
        "X-Forwarded-Port",
        "X-Forwarded-Prefix",
        "X-Forwarded-Uri",
        "X-Forwarded-Method",
        "X-Forwarded-Server",
        "X-Forwarded",
        "Forwarded",
        "X-Real-IP",
        "X_Real_Ip",
        "Client-IP",
        "X-Client-IP",
        "True-Client-IP",
        "X-Cluster-Client-Ip",
        "X-Original-URL",
        "X-Original-URI",
        "X-Original-Method",
        "X-Rewrite-URL",
        "X_Original_Url",
        "Proxy",
        "Proxy-Authorization",
        "Keep-Alive",
        "TE",
        "Trailer",
        "Upgrade",
    ] {
        world.ask(Ask::get("/about").header(name, "6.6.6.6"));
        let arrived = world.upstream.last();
        assert!(arrived.headers.iter().all(|(_, value)| value != "6.6.6.6"), "{name}: {arrived:?}");
        assert_eq!(arrived.header("x-forwarded-for"), Some("127.0.0.1"));
        assert_eq!(arrived.header("x-forwarded-host"), Some("wire.example"));
        assert_eq!(arrived.header("host"), Some("wire.example"));
    }
}

/// A client may drop its own headers by naming them in `Connection`, but not what we say.
#[test]
fn connection_cannot_drop_what_we_say() {
    let world = World::new(polyglot());
    let named = "host, x-forwarded-for, x-forwarded-host, x-doorward-site, x-doorward-user-id, x-doorward-level, content-length, x-mine";
    let ask = Ask::post("/api/v1/sites").auth(&format!("token {ANN_TOKEN}")).header("Connection", named).header("X-Mine", "1").json("{}");
    assert_eq!(world.ask(ask).status, 200);
    let arrived = world.upstream.last();
    for name in ["host", "x-forwarded-for", "x-forwarded-host", "x-doorward-site", "x-doorward-user-id", "x-doorward-level"] {
        assert!(arrived.header(name).is_some(), "{name}");
    }
    assert_eq!(arrived.header("x-mine"), None);
    assert_eq!(arrived.header("connection"), None);
    assert_eq!(arrived.body, "{}");
}

#[test]
fn the_check_tells_only_what_it_proved() {
    let world = World::new(polyglot());
    for spelling in SPELLINGS {
        let check =
            Ask::get("/_doorward/check/nginx").header("X-Original-Method", "GET").header("X-Original-URI", "/about").header(spelling, "1");
        let answer = world.ask(check);
        let told: Vec<_> = answer.headers.iter().filter(|(name, _)| folded(name).starts_with("x-doorward")).collect();
        assert_eq!(told, [&("x-doorward-site".to_owned(), "yoursite".to_owned())]);
    }
}

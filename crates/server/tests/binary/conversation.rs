//! The same conversation on both stores: what one answers, the other answers.

use serde_json::json;

use crate::support::{
    Ask, Engine, PASSWORD, Place, Server, TOTP_SECRET, bundle, login, may_see_sites, site, totp_code, user, wapka_key, wapka_login,
};

const BAD: &str = r#"{"error":"Invalid email or password."}"#;

fn refresh(server: &Server, token: &str) -> crate::support::Answer {
    Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": token})).send(server.address)
}

fn converse(engine: Engine, name: &str) {
    let place = Place::on(engine);
    let mut bob = user(2, "bob");
    bob["totp"] = json!({"secret": TOTP_SECRET, "recovery_codes": ["k7m2p-9xq4t"]});
    place.import(&bundle(vec![site(vec![user(1, "ann"), bob, user(3, "cid")])])).good();
    let server = place.serve(&[]);
    Ask::get("/readyz").send(server.address).is(200, &format!(r#"{{"status":"ready","store":"{name}"}}"#));
    a_pair_lives_is_renewed_and_revoked(&server);
    a_key_lives_until_it_is_deleted(&server);
    a_code_works_once(&server);
    eleven_wrong_tries_lock(&server);
    server.stop();

    let again = place.serve(&[]);
    login("cid", PASSWORD, None).send(again.address).is(401, BAD);
    let spent = login("bob", PASSWORD, Some("k7m2p-9xq4t")).send(again.address);
    spent.is(401, r#"{"error":"Incorrect verification code"}"#);
    again.stop();
}

fn a_pair_lives_is_renewed_and_revoked(server: &Server) {
    let first = login("ann", PASSWORD, None).send(server.address);
    assert_eq!(first.status, 200, "{}", first.line());
    let bearer = format!("Bearer {}", first.text("/access_token"));
    assert_eq!(may_see_sites(&bearer).send(server.address).header("x-doorward-user-id"), "1");
    let second = refresh(server, &first.text("/refresh_token"));
    assert_eq!(refresh(server, &first.text("/refresh_token")).body, second.body, "a lost answer is given again");
    let bearer = format!("Bearer {}", second.text("/access_token"));
    for token in ["/refresh_token", "/access_token"] {
        let revoke = Ask::post("/api/v1/jwt/revoke").auth(&bearer).json(&json!({"token": second.text(token)}));
        revoke.send(server.address).is(200, r#"{"message":"Token revoked"}"#);
    }
    refresh(server, &second.text("/refresh_token")).is(401, r#"{"error":"Refresh token has been revoked"}"#);
    may_see_sites(&bearer).send(server.address).is(401, r#"{"error":"Unauthorized"}"#);
}

fn a_key_lives_until_it_is_deleted(server: &Server) {
    let token = wapka_login("yoursite", "ann", PASSWORD).send(server.address).text("/data/token");
    let made = wapka_key(&token, "CI").send(server.address);
    assert_eq!(made.status, 201, "{}", made.line());
    let key = made.text("/data/key");
    let me = Ask::get("/v1/users/me").auth(&key);
    assert_eq!(me.send(server.address).text("/data/username"), "ann");
    let delete = Ask::new("DELETE", &format!("/v1/api-keys/{}", made.at("/data/id"))).auth(&format!("Bearer {token}"));
    delete.send(server.address).is(204, "");
    let gone = me.send(server.address);
    assert_eq!((gone.status, gone.text("/error/code").as_str()), (401, "invalid_api_key"));
}

fn a_code_works_once(server: &Server) {
    login("bob", PASSWORD, None).send(server.address).is(422, r#"{"error":"otp_attempt_required"}"#);
    let code = totp_code();
    let good = login("bob", PASSWORD, Some(&code)).send(server.address);
    assert_eq!(good.status, 200, "{}", good.line());
    for otp in [code.as_str(), "k7m2p-9xq4t", "K7M2P 9XQ4T"] {
        let answer = login("bob", PASSWORD, Some(otp)).send(server.address);
        match otp {
            "k7m2p-9xq4t" => assert_eq!(answer.status, 200, "{}", answer.line()),
            _ => _ = answer.is(401, r#"{"error":"Incorrect verification code"}"#),
        }
    }
}

/// Ten in any language, and the account is shut in each; the eleventh hears what the first heard.
fn eleven_wrong_tries_lock(server: &Server) {
    for turn in 0..11 {
        if turn % 2 == 0 {
            login("cid", "wrong", None).send(server.address).is(401, BAD);
        } else {
            assert_eq!(wapka_login("yoursite", "cid", "wrong").send(server.address).text("/error/code"), "invalid_credentials");
        }
    }
    login("cid", PASSWORD, None).send(server.address).is(401, BAD);
    assert_eq!(wapka_login("yoursite", "cid", PASSWORD).send(server.address).text("/error/code"), "invalid_credentials");
    assert_eq!(login("ann", PASSWORD, None).send(server.address).status, 200);
}

#[test]
fn on_sqlite() {
    converse(Engine::Sqlite, "sqlite");
}

#[test]
fn on_postgres() {
    converse(Engine::Postgres, "postgres");
}

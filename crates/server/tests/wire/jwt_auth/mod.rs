//! `/wp-json/jwt-auth/v1/token`, `/token/validate`, and the bearer on every other `/wp-json` route.

mod recorded;
mod routes;
mod token;
mod validate;

use serde_json::{Value, json};

use crate::support::{Ask, PASSWORD, Person, Stage, World};

/// The key of the site.
pub(super) const KEY: &str = "wire-secret-0123456789abcdef0123456789";

/// The header of every token.
pub(super) const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

pub(super) fn config() -> Value {
    json!({"constants": {"JWT_AUTH_SECRET_KEY": KEY, "JWT_AUTH_CORS_ENABLE": true}})
}

/// A site with Ann (no second factor), Bob (TOTP and a recovery code) and Eve (banned).
pub(super) fn stage() -> Stage {
    Stage::of("jwt_auth", config())
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp().recovery("k7m2p-9xq4t"))
        .person(Person::new(6, "eve").status(doorward_core::account::Status::Banned))
}

/// Logs Ann in.
pub(super) fn ann(world: &World) -> String {
    let body = format!(r#"{{"username":"ann","password":"{PASSWORD}"}}"#);
    let answer = world.ask(Ask::post("/wp-json/jwt-auth/v1/token").json(&body));
    assert_eq!(answer.status, 200, "{}", answer.line());
    answer.text("/token")
}

/// The payload of a token issued at `iat` to account 4, with the members in `more` behind `iss`.
pub(super) fn payload(iss: &str, more: &str) -> String {
    format!(r#"{{"iss":"{iss}"{more},"data":{{"user":{{"id":"4"}}}}}}"#)
}

/// Signs whatever it is told with HMAC-SHA-256.
pub(super) fn sign(key: &str, header: &str, payload: &str) -> String {
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", encode(tag.as_ref()))
}

/// The list of one object that a refused token is answered with.
pub(super) fn refused(code: &str, message: &str) -> String {
    format!(r#"[{{"code":"{code}","message":"{message}","data":{{"status":403}}}}]"#)
}

/// Tokens that are no good on a site at a moment, each with its answer.
pub(super) fn bad_tokens(now: i64) -> Vec<(String, String)> {
    let site = r"http:\/\/wire.example";
    let invalid = |message: &str| refused("jwt_auth_invalid_token", message);
    let id_missing = || refused("jwt_auth_bad_request", "User ID not found in the token");
    let bad_iss = || refused("jwt_auth_bad_iss", "The iss do not match with this server");
    let dates = format!(r#","iat":{},"nbf":{},"exp":{}"#, now - 10, now - 10, now + 10);
    let signed = |payload: &str| sign(KEY, HEADER, payload);
    vec![
        ("garbage".into(), invalid("Wrong number of segments")),
        ("a.b".into(), invalid("Wrong number of segments")),
        ("a.b.c.d".into(), invalid("Wrong number of segments")),
        ("mF_s9.B5f-4.1JqM".into(), invalid("Wrong number of segments")),
        (".".repeat(50_000), invalid("Wrong number of segments")),
        (sign("another-secret-0123456789abcdef", HEADER, &payload(site, &dates)), invalid("Signature verification failed")),
        (format!("{}A", signed(&payload(site, &dates))), invalid("Signature verification failed")),
        (format!("{}=", signed(&payload(site, &dates))), invalid("Wrong number of segments")),
        (sign(KEY, r#"{"typ":"JWT","alg":"none"}"#, &payload(site, &dates)), invalid("Algorithm not supported")),
        (sign(KEY, r#"{"typ":"JWT","alg":"hs256"}"#, &payload(site, &dates)), invalid("Algorithm not supported")),
        (sign(KEY, r#"{"typ":"JWT","alg":"HS512"}"#, &payload(site, &dates)), invalid("Algorithm not supported")),
        (sign(KEY, r#"{"typ":"JWT","alg":"HS256","jwk":{}}"#, &payload(site, &dates)), invalid("Algorithm not supported")),
        (signed(&payload(site, &format!(r#","iat":1,"nbf":1,"exp":{now}"#))), invalid("Expired token")),
        (
            signed(&payload(site, &format!(r#","iat":1,"nbf":{},"exp":{}"#, now + 1, now + 9))),
            invalid("Cannot handle token prior to its nbf"),
        ),
        (signed(&payload("https://wire.example", &dates)), bad_iss()),
        (signed(&payload("http://wire.example/", &dates)), bad_iss()),
        (signed(&format!(r#"{{"iat":{now},"exp":{},"data":{{"user":{{"id":"4"}}}}}}"#, now + 9)), bad_iss()),
        (signed(&payload(site, r#","iat":1"#)), id_missing()),
        (signed(&payload(site, r#","iat":1,"exp":"9999999999""#)), id_missing()),
        (signed(&payload(site, r#","iat":1,"exp":1e400"#)), id_missing()),
        (signed(&format!(r#"{{"iss":"{site}"{dates}}}"#)), id_missing()),
        (signed(&payload(site, &dates).replace("\"4\"", "null")), id_missing()),
        (signed(&payload(site, &dates).replace("\"4\"", "\"4abc\"")), id_missing()),
        (signed(&payload(site, &dates).replace("\"4\"", "[4]")), id_missing()),
        (signed("[]"), id_missing()),
        (signed(&payload(site, &dates).replace("\"4\"", "\"99\"")), invalid("User not found")),
        (signed(&payload(site, &dates).replace("\"4\"", "6")), invalid("User not found")),
    ]
}

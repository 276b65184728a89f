//! `/wp-json/simple-jwt-login/v1/auth`, `auth/validate`, `auth/refresh`, `auth/revoke`, and the middleware.

mod as_php;
mod auth;
mod both;
mod letters;
mod middleware;
mod oauth;
mod once;
mod protect;
pub(super) mod recorded;
mod refresh;
mod revoke;
mod settings;
mod validate;
mod webhooks;

use serde_json::{Value, json};

use crate::support::{Answer, Ask, PASSWORD, Person, Stage, World};

pub(super) const AUTH: &str = "/wp-json/simple-jwt-login/v1/auth";
pub(super) const VALIDATE: &str = "/wp-json/simple-jwt-login/v1/auth/validate";
pub(super) const REFRESH: &str = "/wp-json/simple-jwt-login/v1/auth/refresh";
pub(super) const REVOKE: &str = "/wp-json/simple-jwt-login/v1/auth/revoke";
pub(super) const NO_ROUTE: &str =
    r#"{"code":"rest_no_route","message":"No route was found matching the URL and request method.","data":{"status":404}}"#;

/// The key of sites that have an option.
pub(super) const KEY: &str = "oracle-hs-secret-0123456789abcdef";

/// The header of every token.
pub(super) const HEADER: &str = r#"{"typ":"JWT","alg":"HS256"}"#;

/// A site with Ann (no second factor), Bob (TOTP), Eve (banned) and Ida (two roles, an address of her own).
pub(super) fn site(config: Value) -> Stage {
    let mut ida = Person::new(7, "ida");
    ida.account.roles = vec!["editor".into(), "author".into()];
    ida.account.url = "https://ida.example/é".into();
    Stage::of("simple_jwt_login", config)
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp())
        .person(Person::new(6, "eve").status(doorward_core::account::Status::Banned))
        .person(ida)
}

/// A site without an option.
pub(super) fn stage() -> Stage {
    site(json!({}))
}

/// A site with an option of 3.x, changed by these members.
pub(super) fn option(changes: Value) -> Stage {
    let mut option = json!({
        "allow_authentication": "1", "jwt_payload": ["iat", "email", "id", "exp", "site", "username"], "jwt_auth_ttl": "60",
        "jwt_auth_refresh_ttl": "20160", "auth_ip": "", "auth_requires_auth_code": false, "auth_password_base64": false,
        "jwt_auth_iss": "http://wire.example", "route_namespace": "simple-jwt-login/v1/", "jwt_algorithm": "HS256",
        "decryption_source": "0", "decryption_key": KEY, "decryption_key_base64": false, "request_jwt_url": 1,
        "request_jwt_cookie": 0, "request_jwt_header": 1, "request_jwt_session": 0, "jwt_login_by": 0,
        "jwt_login_by_parameter": "email", "auth_codes": [], "auth_code_key": "AUTH_KEY"
    });
    if let (Value::Object(option), Value::Object(changes)) = (&mut option, changes) {
        option.extend(changes);
    }
    site(json!({ "settings": option }))
}

/// The request of Ann's login.
pub(super) fn login(more: &str) -> Ask {
    Ask::post(AUTH).json(&format!(r#"{{"username":"ann","password":"{PASSWORD}"{more}}}"#))
}

/// Logs Ann in.
pub(super) fn ann(world: &World) -> String {
    let answer = world.ask(login(""));
    assert_eq!(answer.status, 200, "{}", answer.line());
    answer.text("/data/jwt")
}

/// The body of a refusal.
pub(super) fn no(text: &str) -> String {
    format!(r#"{{"success":false,"error":"{text}"}}"#)
}

/// Asks an endpoint with a token in the header.
pub(super) fn bearer(world: &World, ask: Ask, token: &str) -> Answer {
    world.ask(ask.auth(&format!("Bearer {token}")))
}

/// Signs whatever it is told with HMAC-SHA-256.
pub(super) fn sign(key: &str, header: &str, payload: &str) -> String {
    let encode = |bytes: &[u8]| data_encoding::BASE64URL_NOPAD.encode(bytes);
    let input = format!("{}.{}", encode(header.as_bytes()), encode(payload.as_bytes()));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.as_bytes());
    let tag = aws_lc_rs::hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", encode(tag.as_ref()))
}

/// Tokens that are no good on a site with an option, each with the plugin's words for it.
pub(super) fn bad_tokens(now: i64) -> Vec<(String, &'static str)> {
    let signed = |payload: String| sign(KEY, HEADER, &payload);
    let claims = |more: &str| format!(r#"{{"iat":{now},"exp":{}{more}}}"#, now + 60);
    let good = claims(r#","email":"ann@example.com""#);
    vec![
        ("garbage".into(), "Wrong number of segments"),
        ("a.b.c.d".into(), "Wrong number of segments"),
        (sign("another-secret-0123456789abcdef", HEADER, &good), "Signature verification failed"),
        (sign(KEY, r#"{"typ":"JWT","alg":"none"}"#, &good), "Algorithm not allowed"),
        (sign(KEY, r#"{"typ":"JWT","alg":"HS512"}"#, &good), "Algorithm not allowed"),
        (signed(claims("")), "Unable to find user email property in JWT."),
        (signed(claims(r#","email":null"#)), "Unable to find user email property in JWT."),
        (signed(claims(r#","email":"""#)), "Unable to find user email property in JWT."),
        (signed(claims(r#","email":["ann@example.com"]"#)), "Unable to find user email property in JWT."),
        (signed(r#"{"exp":"9999999999","email":"ann@example.com"}"#.into()), "Unable to find user email property in JWT."),
        (signed("[]".into()), "Unable to find user email property in JWT."),
        (signed(claims(r#","email":"nobody@example.com""#)), "User not found."),
        (signed(claims(r#","email":"eve@example.com""#)), "User not found."),
        (signed(claims(&format!(r#","email":"ann@example.com","nbf":{}"#, now + 1))), "Cannot handle token prior to its nbf"),
    ]
}

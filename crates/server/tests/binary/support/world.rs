//! A world to import: one site that speaks every dialect, and people with the common password.

use doorward_core::call::Time;
use doorward_server::source::Machine;
use doorward_web::Source;
use serde_json::{Value, json};

use super::Ask;

/// The password of every [`user`].
pub(crate) const PASSWORD: &str = "correct horse";
/// Its unsalted MD5, the cheapest hash there is until the first login replaces it.
const MD5_OF_PASSWORD: &str = "3cb4e732631f47e6eb961f34554b7cde";
/// The secret of a second factor, in base 32: that of RFC 6238's examples.
pub(crate) const TOTP_SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

/// A bundle of sites.
pub(crate) fn bundle(sites: Vec<Value>) -> Value {
    json!({"doorward_bundle": 1, "sites": sites})
}

/// The site `yoursite` with these users.
pub(crate) fn site(users: Vec<Value>) -> Value {
    json!({
        "name": "yoursite", "id": 1, "url": "https://example.com", "hosts": ["example.com"],
        "dialects": {"wporchestrix": {}, "simple_jwt_login": {}, "wncms": {}, "wapka": {}, "jwt_auth": {}},
        "users": users,
    })
}

/// Somebody of level 10 with every administrator's role.
pub(crate) fn user(id: i64, login: &str) -> Value {
    json!({
        "id": id, "login": login, "email": format!("{login}@example.com"), "registered": "2026-01-02 03:04:05",
        "roles": ["administrator", "admin", "superadmin"], "level": 10, "password_hash": MD5_OF_PASSWORD,
    })
}

/// A login for a pair, with these further members.
pub(crate) fn login(name: &str, password: &str, otp: Option<&str>) -> Ask {
    let mut body = json!({"email": format!("{name}@example.com"), "password": password});
    if let Some(otp) = otp {
        body["otp_attempt"] = json!(otp);
    }
    Ask::post("/api/v1/jwt").json(&body)
}

/// The code that the authenticator of [`TOTP_SECRET`] shows now.
pub(crate) fn totp_code() -> String {
    let Time(now) = Machine.now();
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345678901234567890");
    let tag = aws_lc_rs::hmac::sign(&key, &(now / 30).to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

/// What a proxy in front asks: may this credential see `/api/v1/sites`? 204 = yes.
pub(crate) fn may_see_sites(authorization: &str) -> Ask {
    let ask = Ask::get("/_doorward/check/nginx").header("Host", "example.com").auth(authorization);
    ask.header("X-Original-Method", "GET").header("X-Original-Uri", "/api/v1/sites")
}

/// A login in the Wapka dialect.
pub(crate) fn wapka_login(site: &str, name: &str, password: &str) -> Ask {
    Ask::post("/v1/auth/login").json(&json!({"site": site, "username": name, "password": password}))
}

/// An order for an API key by the owner of a Wapka token.
pub(crate) fn wapka_key(token: &str, name: &str) -> Ask {
    Ask::post("/v1/api-keys").auth(&format!("Bearer {token}")).json(&json!({"name": name}))
}

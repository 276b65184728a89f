//! How it writes a JWT: the caller's own claims first, then those of the site, each generation with its own idea of which
//! claims a caller may bring.

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::house::House;
use doorward_core::refusal::Fault;
use doorward_core::site::SiteView;
use doorward_core::token::{Scratch, TokenId};
use doorward_web::json::{Style, write};
use serde_json::{Map, Value};

use super::chain::LEEWAY;
use super::key::Key;
use super::words::{Stop, word};
use super::{Generation, Plugin, php};
use crate::simple_jwt_login::NAME;

/// Claims that no caller may bring.
const RESERVED: [&str; 7] = ["iat", "exp", "email", "id", "site", "username", "iss"];
/// Header members that ask a reader for what no reader should do; a site's own claims may not have these names.
const NEVER: [&str; 13] = ["crit", "jwk", "jku", "x5u", "x5c", "zip", "b64", "enc", "epk", "p2c", "p2s", "typ", "alg"];

/// A token that was signed.
pub(super) struct Minted {
    /// The token.
    pub(super) token: String,
    /// Its id.
    pub(super) id: TokenId,
    /// When it is of no more use, the leeway included.
    pub(super) expires: Time,
}

/// The claims that a caller brings in `payload`: JSON text, cleaned like any text and without its slashes (so that an escaped quote
/// spoils it), in 4.x an object as well. What is reserved goes; the original of 3.x lets a caller plant what the site did not select,
/// the login claim too: not here.
pub(super) fn brought(plugin: &Plugin, value: Option<&Value>) -> Map<String, Value> {
    let read = match (value, plugin.generation) {
        (Some(Value::String(text)), _) => serde_json::from_str::<Value>(&php::strip_slashes(&php::sanitize(text))).ok(),
        (Some(value @ (Value::Object(_) | Value::Array(_))), Generation::V4) => Some(value.clone()),
        (Some(_) | None, _) => None,
    };
    let map = match read {
        Some(Value::Object(map)) => map,
        Some(Value::Array(list)) => list.into_iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => return Map::new(),
    };
    let login = plugin.owner.claim.split('.').next().unwrap_or_default();
    let mine = |name: &str| !RESERVED.contains(&name) && name != login && !name.starts_with("tfa_");
    let map = map.into_iter().filter(|(name, _)| mine(name));
    if plugin.generation == Generation::V3 {
        return map.map(|(name, value)| (name, php::array(value))).collect();
    }
    map.filter_map(|(name, value)| cleaned(value).map(|value| (php::sanitize(&name), value))).collect()
}

/// A value as 4.x keeps it: texts cleaned, truth values and nulls dropped.
fn cleaned(value: Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(_) => None,
        Value::Number(number) => Some(php::number(number)),
        Value::String(text) => Some(Value::String(php::sanitize(&text))),
        Value::Array(list) => {
            let kept = list.into_iter().enumerate().filter_map(|(at, value)| cleaned(value).map(|value| (at.to_string(), value)));
            Some(php::array(Value::Object(kept.collect())))
        }
        Value::Object(map) => {
            let kept = map.into_iter().filter_map(|(name, value)| cleaned(value).map(|value| (php::sanitize(&name), value)));
            Some(php::array(Value::Object(kept.collect())))
        }
    }
}

/// Writes a token of an account, issued at `iat`, or a second later if that very token was revoked already.
pub(super) fn mint(
    house: &House,
    view: &SiteView,
    plugin: &Plugin,
    account: &Account,
    iat: Time,
    extra: &Map<String, Value>,
) -> Result<Minted, Stop> {
    let mut iat = iat;
    loop {
        let (token, id) = sign(view, plugin, &claims(view, plugin, account, iat, extra))?;
        if !house.memory().is_revoked(&id) {
            let has_end = plugin.auth.payload.iter().any(|name| name == "exp");
            let expires = if has_end { iat.plus(plugin.auth.ttl + LEEWAY) } else { Time(i64::MAX) };
            return Ok(Minted { token, id, expires });
        }
        iat = iat.plus(1);
    }
}

fn claims(view: &SiteView, plugin: &Plugin, account: &Account, iat: Time, extra: &Map<String, Value>) -> Map<String, Value> {
    let auth = &plugin.auth;
    let has = |name: &str| auth.payload.iter().any(|n| n == name);
    let mut claims = extra.clone();
    let mut put = |name: &str, value: Value| {
        claims.insert(name.to_owned(), value);
    };
    put("iat", Value::from(iat.0));
    let site = view.site.url.as_str();
    let issuer = if auth.issuer.is_empty() { site } else { &auth.issuer };
    for (name, value) in [
        ("exp", Value::from(iat.plus(auth.ttl).0)),
        ("email", Value::from(account.email.as_str())),
        ("id", Value::from(account.number.to_string())),
        ("site", Value::from(site)),
        ("username", Value::from(account.login.as_str())),
        ("iss", Value::from(issuer)),
    ] {
        if has(name) {
            put(name, value);
        }
    }
    let login = plugin.owner.claim.split('.').next().unwrap_or_default();
    for (name, value) in &auth.custom_payload {
        if !RESERVED.contains(&name.as_str()) && name != login && !name.starts_with("tfa_") {
            put(name, Value::from(value.as_str()));
        }
    }
    claims
}

/// Signs claims as they are, with the site's own header claims first.
pub(super) fn sign(view: &SiteView, plugin: &Plugin, claims: &Map<String, Value>) -> Result<(String, TokenId), Stop> {
    match plugin.key {
        Key::Ready | Key::Empty => {}
        Key::Unsupported => return Err(word(15, "Algorithm not supported").into()),
        Key::Unusable => return Err(word(16, "OpenSSL unable to sign data").into()),
    }
    let ring = &view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak simple_jwt_login"))?.ring;
    let mut header = Map::new();
    for (name, value) in plugin.auth.custom_header.iter().filter(|(name, _)| !NEVER.contains(&name.as_str())).take(12) {
        header.insert(name.clone(), Value::from(value.as_str()));
    }
    header.insert("typ".to_owned(), Value::from("JWT"));
    header.insert("alg".to_owned(), Value::from(ring.active().algorithm().name()));
    let token = ring.sign_as(&write(Style::Php, &header), &write(Style::Php, claims))?;
    let id = ring.verify(&token, &mut Scratch::new()).map_err(|_| Fault::new("a token just signed does not verify"))?.token_id;
    Ok((token, id))
}

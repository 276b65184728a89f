//! JWT rules (4.x): other issuers whose tokens the site takes, told by a claim or a header member, each with a key of its own.

use doorward_core::secret::Secret;
use doorward_core::token::{KeyId, KeyMaterial, VerifyingKey};
use serde_json::Value;

use super::super::settings::base64;
use super::key::supported;
use super::option::Opt;
use super::php;
use super::plugin::{By, Owner};

/// One issuer.
pub(super) struct Issuer {
    place: Place,
    name: String,
    operator: String,
    value: String,
    /// Its keys; none if the option's cannot be used, so that nobody's tokens are taken for its.
    pub(super) keys: Vec<VerifyingKey>,
    /// How its tokens say whose they are, where that is asked.
    pub(super) owner: Owner,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Header,
    Payload,
}

/// Reads the rules, in order.
pub(super) fn read(opt: &Opt<'_>) -> Vec<Issuer> {
    opt.list("jwt_rules.rules").into_iter().enumerate().filter_map(|(at, rule)| issuer(at, rule)).collect()
}

fn issuer(at: usize, rule: &Value) -> Option<Issuer> {
    let text = |name: &str| rule.get(name).and_then(php::text).unwrap_or_default();
    let on = |name: &str| rule.get(name).is_some_and(|v| !php::is_empty(v));
    let kind = match text("condition_type").trim() {
        "" => "iss".to_owned(),
        kind => kind.to_owned(),
    };
    let place = match kind.as_str() {
        "header" => Place::Header,
        "payload" | "iss" => Place::Payload,
        _ => return None,
    };
    let name = if kind == "iss" { "iss".to_owned() } else { text("condition_key").trim().to_owned() };
    let wanted = match rule.get("condition_value").and_then(php::text) {
        Some(wanted) => wanted,
        None if kind == "iss" => text("iss"),
        None => String::new(),
    };
    let algorithm = supported(&text("algorithm"));
    let id = KeyId::parse(&format!("rule-{at}"))?;
    let key = algorithm.and_then(|algorithm| {
        let stored = text("decryption_key");
        let public = text("decryption_key_public");
        let plain =
            |text: &str| if text.contains("-----BEGIN") { text.to_owned() } else { String::from_utf8(base64(text)).unwrap_or_default() };
        if algorithm.is_symmetric() {
            let secret = if on("decryption_key_base64") { Secret::new(base64(&stored)) } else { Secret::new(stored) };
            return VerifyingKey::load(id, &KeyMaterial::new(algorithm, &secret).ok()?).ok();
        }
        VerifyingKey::of_public_pem(id, algorithm, &plain(if public.is_empty() { &stored } else { &public })).ok()
    });
    Some(Issuer {
        place,
        name,
        operator: text("condition_operator").trim().to_owned(),
        value: wanted.trim().to_owned(),
        keys: key.into_iter().collect(),
        owner: Owner { by: By::of(rule.get("login_by").map_or(0, php::int)), claim: text("login_by_parameter") },
    })
}

/// The first issuer whose condition a token meets.
pub(super) fn of<'i>(issuers: &'i [Issuer], header: &Value, payload: &Value) -> Option<&'i Issuer> {
    issuers.iter().find(|issuer| issuer.fits(if issuer.place == Place::Header { header } else { payload }))
}

impl Issuer {
    fn fits(&self, part: &Value) -> bool {
        let Some(text) = part.get(&self.name).and_then(php::text) else { return false };
        let wanted = self.value.as_str();
        if wanted.is_empty() || self.name.is_empty() {
            return false;
        }
        // Any other operator is equality, as in the plugin.
        if self.operator == "contains" { text.contains(wanted) } else { text == wanted }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_issuer_that_fits_is_taken_and_no_other() {
        let rule = |kind: &str, key: &str, operator: &str, value: &str| {
            json!({"condition_type": kind, "condition_key": key, "condition_operator": operator, "condition_value": value,
                   "algorithm": "HS256", "decryption_key": "a rule's own key"})
        };
        let option = json!({"general": {}, "jwt_rules": {"rules": [
            rule("iss", "iss", "equals", "https://idp.example"), rule("payload", "aud", "contains", "foo"), rule("header", "kid", " contains ", " k "), rule("payload", "sub", "not_equals", "x")]}});
        let issuers = read(&Opt::open(&option));
        let found = |header: &Value, payload: &Value| of(&issuers, header, payload).map(|i| i.value.clone());
        assert_eq!(found(&json!({}), &json!({"iss": "https://idp.example", "aud": "foo"})).as_deref(), Some("https://idp.example"));
        assert_eq!(found(&json!({}), &json!({"aud": "api://foo"})).as_deref(), Some("foo"));
        assert_eq!(found(&json!({"kid": "k7"}), &json!({})).as_deref(), Some("k"));
        assert_eq!(found(&json!({}), &json!({"sub": "x"})).as_deref(), Some("x"));
        assert_eq!(found(&json!({}), &json!({"sub": "y"})), None);
        assert_eq!(found(&json!({}), &json!({"iss": "https://idp.example.evil"})), None);
        assert_eq!(found(&json!({}), &json!({"iss": ["https://idp.example"]})), None);
        assert!(issuers.iter().all(|i| i.keys.len() == 1));
    }
}

//! The JWT of the recorded editions: `iss`, `iat`, `nbf`, `exp`, `data.user.id` as a text, what a filter adds, and bare slashes.

use doorward_core::account::Account;
use doorward_core::flow::login::{Minted, Opening};
use doorward_core::policy::Scopes;
use doorward_core::refusal::{Fault, Forgery, Refusal};
use doorward_core::site::{Claims, SiteView, Subject, TokenKind};
use doorward_core::token::{HeaderStyle, Scratch};
use doorward_web::json::{Style, write};
use serde_json::{Map, Value, json};

use super::dates::{Dates, numeric};
use crate::jwt_auth::{NAME, Settings};

/// Writes the token of a login.
pub(in crate::jwt_auth) fn mint(
    view: &SiteView,
    settings: &Settings,
    account: &Account,
    opening: &Opening,
) -> Result<Minted<String>, Fault> {
    let spoken = view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak jwt_auth"))?;
    let issued = opening.iat;
    let expires = settings.plugin.expires.map_or_else(|| issued.plus(settings.life), doorward_core::call::Time);
    // Not `iat`, which may lie a second ahead: the token must be good at once.
    let begins = settings.plugin.begins.unwrap_or_else(|| opening.session.created.plus(settings.not_before).0);
    let mut payload = json!({
        "iss": view.site.url, "iat": issued.0, "nbf": begins, "exp": expires.0,
        "data": {"user": {"id": account.number.to_string()}},
    });
    merge(&mut payload, &settings.plugin.payload);
    // The plugin's header names no key, whatever the algorithm.
    let header = HeaderStyle::TypAlg.json(spoken.ring.active().algorithm(), None);
    let token = spoken.ring.sign_as(header.as_bytes(), &write(Style::PhpSlashes, &payload))?;
    let id = spoken.ring.verify(&token, &mut Scratch::new()).map_err(|_| Fault::new("a token just signed does not verify"))?.token_id;
    Ok(Minted { answer: token, expires, token: Some(id) })
}

/// Merges an object into another, level by level; what is new stands at the end.
pub(in crate::jwt_auth) fn merge(into: &mut Value, more: &Map<String, Value>) {
    let Value::Object(map) = into else { return };
    for (name, value) in more {
        match (map.get_mut(name), value) {
            (Some(slot @ Value::Object(_)), Value::Object(deeper)) => merge(slot, deeper),
            (Some(slot), _) => *slot = value.clone(),
            (None, _) => {
                map.insert(name.clone(), value.clone());
            }
        }
    }
}

/// Reads the claims of a proven payload as the plugin reads them.
pub(in crate::jwt_auth) fn read(view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal> {
    let payload: Value = serde_json::from_slice(payload).map_err(|_| Refusal::ForgedToken(Forgery::Claims))?;
    if payload.get("iss").and_then(Value::as_str) != Some(view.site.url.as_str()) {
        return Err(Refusal::ForgedToken(Forgery::Issuer));
    }
    let id = payload.get("data").and_then(|d| d.get("user")).and_then(|u| u.get("id")).filter(|id| !id.is_null());
    let id = id.ok_or(Refusal::ForgedToken(Forgery::Claims))?;
    Ok(Claims {
        subject: subject(id).ok_or(Refusal::AccountGone)?,
        kind: TokenKind::Access,
        times: Dates::of(&payload).claims(),
        scopes: Scopes::All,
        level: None,
        family: None,
    })
}

/// Whom WordPress takes an id for: a number in any dress (`4`, `"4"`, `4.0`), or nobody.
#[expect(clippy::cast_possible_truncation, reason = "saturates; no account has such a number")]
pub(in crate::jwt_auth) fn subject(id: &Value) -> Option<Subject> {
    let number = match id {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)),
        Value::String(text) => numeric(text).map(|number| number as i64),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    number.filter(|n| *n > 0).map(Subject::Number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_names_a_number_or_nobody() {
        for (id, expected) in [
            (json!("4"), Some(4)),
            (json!(4), Some(4)),
            (json!(4.0), Some(4)),
            (json!("4.7"), Some(4)),
            (json!(" 4"), Some(4)),
            (json!("4abc"), None),
            (json!(""), None),
            (json!("0"), None),
            (json!(-4), None),
            (json!(true), None),
            (json!([4]), None),
            (json!({"a": 4}), None),
        ] {
            assert_eq!(subject(&id), expected.map(Subject::Number), "{id}");
        }
    }

    #[test]
    fn what_is_merged_goes_deep_and_to_the_end() {
        let mut payload = json!({"a": {"b": 1, "c": 2}, "d": 3});
        let more = json!({"a": {"c": 4, "e": 5}, "d": [1], "f": null});
        merge(&mut payload, more.as_object().unwrap());
        assert_eq!(payload.to_string(), r#"{"a":{"b":1,"c":4,"e":5},"d":[1],"f":null}"#);
    }
}

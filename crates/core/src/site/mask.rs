//! Settings as they are shown: secrets masked, and put back where the mask comes back.

use serde_json::{Map, Value};

use super::{ConfigProblem, Profile};

/// What stands for a secret.
pub const MASK: &str = "••••";

/// Names of members that hold secrets, or parts of them; their switches and sources are none.
const SECRET_NAMES: &[&str] = &["secret", "private", "passphrase", "decryption_key", "refresh_token_key", "signing_key"];
/// Endings of members that hold secrets.
const SECRET_ENDS: &[&str] = &["password", "passwd", "api_key", "apikey", "access_token"];
/// Endings of members that say something about a secret and are none.
const ABOUT: &[&str] = &["_base64", "_source", "_enabled", "_length"];
/// Constants of a site that are no secrets, whatever they are called.
const PLAIN_CONSTANTS: &[&str] = &["WP_ENVIRONMENT_TYPE"];

/// Texts that are switches, whatever the member is called.
const SWITCHES: &[&str] = &["", "0", "1", "true", "false", "on", "off", "yes", "no"];

/// True if the way to a text looks as if it led to a secret: by its name, or because it is a constant.
#[must_use]
pub fn looks_secret(path: &[&str]) -> bool {
    if let [first, name, ..] = path
        && *first == "constants"
    {
        return !PLAIN_CONSTANTS.contains(name);
    }
    let ends = |name: &&str| SECRET_ENDS.iter().any(|end| name.to_ascii_lowercase().ends_with(end));
    path.last().is_some_and(ends)
        || path.iter().any(|name| {
            let name = name.to_ascii_lowercase();
            SECRET_NAMES.iter().any(|part| name.contains(part)) && !ABOUT.iter().any(|end| name.ends_with(end))
        })
}

/// Settings without their secrets, and where those are (dots between the levels).
#[must_use]
pub fn masked(profile: &dyn Profile, config: &Value) -> (Value, Vec<String>) {
    let mut secrets = Vec::new();
    let shown = mask(profile, config, &mut Vec::new(), &mut secrets);
    (shown, secrets)
}

/// Settings that somebody sends back: where the mask stands, what is there stays.
///
/// # Errors
/// If a mask stands where nothing is masked, or in an entry of a list that is not the one that was there.
pub fn unmasked(profile: &dyn Profile, sent: &Value, stored: &Value) -> Result<Value, ConfigProblem> {
    let (shown, _) = masked(profile, stored);
    put_back(profile, sent, stored, &shown, &mut vec![profile.name().to_owned()])
}

/// True if two settings have the same secrets in the same places.
#[must_use]
pub fn same_secrets(profile: &dyn Profile, one: &Value, other: &Value) -> bool {
    let of = |config: &Value| {
        let opened = opened(config);
        let (_, places) = masked(profile, &opened);
        let value = |place: &String| at(&opened, place).cloned();
        places.iter().map(|place| (place.clone(), value(place))).collect::<Vec<_>>()
    };
    of(one) == of(other)
}

/// Settings with the JSON texts of their members read.
fn opened(config: &Value) -> Value {
    let one = |value: &Value| match value {
        Value::String(text) => serde_json::from_str(text).ok().filter(|inner: &Value| inner.is_object() || inner.is_array()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    };
    match config {
        Value::Object(map) => {
            Value::Object(map.iter().map(|(name, value)| (name.clone(), one(value).unwrap_or_else(|| value.clone()))).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => config.clone(),
    }
}

fn at<'v>(value: &'v Value, place: &str) -> Option<&'v Value> {
    match value {
        Value::Array(list) => {
            let (first, rest) = place.split_once('.').map_or((place, None), |(first, rest)| (first, Some(rest)));
            let found = list.get(first.parse::<usize>().ok()?)?;
            rest.map_or(Some(found), |rest| at(found, rest))
        }
        // A member's name may hold a dot itself.
        Value::Object(map) => map.iter().find_map(|(name, value)| {
            let rest = place.strip_prefix(name.as_str())?;
            if rest.is_empty() { Some(value) } else { at(value, rest.strip_prefix('.')?) }
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

fn mask(profile: &dyn Profile, value: &Value, path: &mut Vec<String>, secrets: &mut Vec<String>) -> Value {
    match value {
        // What WordPress keeps as JSON text is shown as what it says.
        Value::String(text) if path.len() == 1 => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => mask(profile, &inner, path, secrets),
            Ok(_) | Err(_) => mask_text(profile, text, path, secrets),
        },
        Value::String(text) => mask_text(profile, text, path, secrets),
        Value::Array(list) => {
            let one = |(at, value): (usize, &Value)| {
                path.push(at.to_string());
                let shown = mask(profile, value, path, secrets);
                path.pop();
                shown
            };
            Value::Array(list.iter().enumerate().map(one).collect())
        }
        Value::Object(map) => {
            let one = |(name, value): (&String, &Value)| {
                path.push(name.clone());
                let shown = mask(profile, value, path, secrets);
                path.pop();
                (name.clone(), shown)
            };
            Value::Object(map.iter().map(one).collect::<Map<_, _>>())
        }
        // A number can be a secret, too.
        Value::Number(number) => {
            let shown = mask_text(profile, &number.to_string(), path, secrets);
            if shown.as_str() == Some(MASK) { shown } else { value.clone() }
        }
        Value::Null | Value::Bool(_) => value.clone(),
    }
}

fn mask_text(profile: &dyn Profile, text: &str, path: &[String], secrets: &mut Vec<String>) -> Value {
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let is_switch = SWITCHES.contains(&text.to_ascii_lowercase().as_str());
    let whole = !is_switch && profile.is_secret(&names);
    let shown = if whole { Some(MASK.to_owned()) } else { profile.shown_in_part(&names, text) };
    if shown.is_some() {
        secrets.push(path.join("."));
    }
    Value::String(shown.unwrap_or_else(|| text.to_owned()))
}

/// True if a text that is sent stands for another that is kept, whole or in part.
fn is_mask(profile: &dyn Profile, text: &str, path: &[String]) -> bool {
    // The language's name comes before the way within its settings.
    let names: Vec<&str> = path.iter().skip(1).map(String::as_str).collect();
    text == MASK || (text.contains(MASK) && profile.shown_in_part(&names, text).is_some())
}

fn put_back(profile: &dyn Profile, sent: &Value, stored: &Value, shown: &Value, path: &mut Vec<String>) -> Result<Value, ConfigProblem> {
    let opened;
    let stored = match (stored, shown) {
        (Value::String(text), Value::Object(_) | Value::Array(_)) => {
            opened = serde_json::from_str(text).unwrap_or(Value::Null);
            &opened
        }
        (stored, _) => stored,
    };
    let wrong = |path: &[String], why: &str| Err(ConfigProblem::at(format!("dialects.{}", path.join(".")), why));
    match sent {
        Value::String(text) if is_mask(profile, text, path) => {
            if shown.as_str() == Some(text) {
                return Ok(stored.clone());
            }
            wrong(path, "is masked, and nothing is kept here that it could stand for: write the value")
        }
        Value::Array(list) => {
            let (old, seen) = (stored.as_array().map_or(&[][..], Vec::as_slice), shown.as_array().map_or(&[][..], Vec::as_slice));
            let mut out = Vec::new();
            for (at, value) in list.iter().enumerate() {
                path.push(at.to_string());
                let same = seen.get(at).is_some_and(|seen| seen == value);
                if has_mask(value) && !same {
                    return wrong(path, "is masked, and the list is not as it was: write the value");
                }
                out.push(put_back(profile, value, old.get(at).unwrap_or(&Value::Null), seen.get(at).unwrap_or(&Value::Null), path)?);
                path.pop();
            }
            Ok(Value::Array(out))
        }
        Value::Object(map) => {
            let mut out = Map::new();
            for (name, value) in map {
                path.push(name.clone());
                let (old, seen) = (stored.get(name).unwrap_or(&Value::Null), shown.get(name).unwrap_or(&Value::Null));
                out.insert(name.clone(), put_back(profile, value, old, seen, path)?);
                path.pop();
            }
            Ok(Value::Object(out))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(sent.clone()),
    }
}

fn has_mask(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(MASK),
        Value::Array(list) => list.iter().any(has_mask),
        Value::Object(map) => map.values().any(has_mask),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::policy::Rule;
    use crate::refusal::{Forgery, Refusal};
    use crate::site::{Claims, Site, SiteView};
    use crate::token::KeyMaterial;

    struct Plain;

    impl Profile for Plain {
        fn name(&self) -> &'static str {
            "plain"
        }

        fn shown_in_part(&self, path: &[&str], text: &str) -> Option<String> {
            let (place, _) = text.split_once("?key=").filter(|_| path.last() == Some(&"url"))?;
            Some(format!("{place}?key={MASK}"))
        }

        fn compile(&self, _: &Site, _: &Value) -> Result<Box<dyn std::any::Any + Send + Sync>, ConfigProblem> {
            Ok(Box::new(()))
        }

        fn key_from_config(&self, _: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
            Ok(None)
        }

        fn default_rules(&self, _: &(dyn std::any::Any + Send + Sync)) -> Vec<Rule> {
            Vec::new()
        }

        fn claims(&self, _: &SiteView, _: &[u8]) -> Result<Claims, Refusal> {
            Err(Refusal::ForgedToken(Forgery::Claims))
        }
    }

    #[test]
    fn what_comes_back_unchanged_is_what_was_there() {
        let stored = json!({
            "constants": {"JWT_AUTH_SECRET_KEY": "s1", "WP_ENVIRONMENT_TYPE": "local"},
            "settings": "{\"decryption_key\":\"s2\",\"decryption_key_base64\":\"1\",\"ttl\":60}",
            "rules": [{"decryption_key": "s3", "name": "a"}, {"decryption_key": "s4", "name": "b"}],
            "smtp_password": 12345,
        });
        let (shown, secrets) = masked(&Plain, &stored);
        assert_eq!(
            secrets,
            [
                "constants.JWT_AUTH_SECRET_KEY",
                "settings.decryption_key",
                "rules.0.decryption_key",
                "rules.1.decryption_key",
                "smtp_password"
            ]
        );
        let text = shown.to_string();
        assert!(!["s1", "s2", "s3", "s4", "12345"].iter().any(|secret| text.contains(secret)), "{text}");
        assert_eq!(shown["settings"]["ttl"], 60);
        let back = unmasked(&Plain, &shown, &stored).unwrap();
        assert_eq!(back["settings"], json!({"decryption_key": "s2", "decryption_key_base64": "1", "ttl": 60}));
        assert_eq!((&back["constants"], &back["rules"], &back["smtp_password"]), (&stored["constants"], &stored["rules"], &json!(12345)));
        assert!(same_secrets(&Plain, &back, &stored), "the JSON text says the same");
        let mut other = shown.clone();
        other["constants"]["JWT_AUTH_SECRET_KEY"] = json!("new");
        other["rules"] = json!([shown["rules"][0]]);
        let back = unmasked(&Plain, &other, &stored).unwrap();
        assert!(!same_secrets(&Plain, &back, &stored));
        assert!(!same_secrets(&Plain, &json!({"a.b": {"secret": "x"}}), &json!({"a.b": {"secret": "y"}})));
        assert_eq!((&back["constants"]["JWT_AUTH_SECRET_KEY"], &back["rules"][0]["decryption_key"]), (&json!("new"), &json!("s3")));
    }

    #[test]
    fn what_is_secret_in_part_stays_whole_where_nobody_touched_it_and_goes_nowhere_else() {
        let stored = json!({"url": "https://a/?key=s1", "hooks": [{"url": "https://b/?key=s2", "n": 1}, {"url": "https://c/", "n": 2}]});
        let (shown, secrets) = masked(&Plain, &stored);
        assert_eq!(
            shown,
            json!({"url": "https://a/?key=••••", "hooks": [{"url": "https://b/?key=••••", "n": 1}, {"url": "https://c/", "n": 2}]})
        );
        assert_eq!(secrets, ["url", "hooks.0.url"]);
        assert_eq!(unmasked(&Plain, &shown, &stored).unwrap(), stored);
        let mut other = shown.clone();
        other["hooks"][1]["n"] = json!(3);
        let back = unmasked(&Plain, &other, &stored).unwrap();
        assert_eq!((&back["hooks"][0], &back["hooks"][1]["n"]), (&stored["hooks"][0], &json!(3)));
        assert!(same_secrets(&Plain, &back, &stored));
        other["url"] = json!("https://a/?key=new");
        assert!(!same_secrets(&Plain, &unmasked(&Plain, &other, &stored).unwrap(), &stored));
        for (sent, path) in [
            (json!({"url": "https://elsewhere/?key=••••"}), "dialects.plain.url"),
            (json!({"new": {"url": "https://a/?key=••••"}}), "dialects.plain.new.url"),
            (json!({"hooks": [shown["hooks"][1], shown["hooks"][0]]}), "dialects.plain.hooks.1"),
            (json!({"hooks": [{"url": "https://elsewhere/?key=••••", "n": 1}]}), "dialects.plain.hooks.0"),
        ] {
            assert_eq!(unmasked(&Plain, &sent, &stored).map_err(|p| p.path), Err(path.to_owned()), "{sent}");
        }
    }

    #[test]
    fn a_mask_that_stands_for_nothing_known_is_refused() {
        let stored = json!({"secret": "s", "plain": "p", "rules": [{"secret": "a", "n": 1}, {"secret": "b", "n": 2}]});
        let (shown, _) = masked(&Plain, &stored);
        for (sent, path) in [
            (json!({"plain": MASK}), "dialects.plain.plain"),
            (json!({"new_secret": MASK}), "dialects.plain.new_secret"),
            (json!({"moved": {"secret": MASK}}), "dialects.plain.moved.secret"),
            (json!({"rules": [shown["rules"][1]]}), "dialects.plain.rules.0"),
            (json!({"rules": [{"secret": MASK, "n": 7}]}), "dialects.plain.rules.0"),
            (json!({"rules": [{"secret": MASK, "n": 1}, {"secret": MASK, "n": 2}, {"secret": MASK, "n": 3}]}), "dialects.plain.rules.2"),
        ] {
            assert_eq!(unmasked(&Plain, &sent, &stored).map_err(|p| p.path), Err(path.to_owned()), "{sent}");
        }
    }
}

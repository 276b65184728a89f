//! Its auth codes: the list, the parameter's name, and what each generation makes of codes that have expired.

use doorward_core::call::Time;
use doorward_core::secret::{same, sha256};
use serde_json::Value;

use super::option::Opt;
use super::params::Params;
use super::words::{Word, word};
use super::{Generation, dates, php};

/// The codes of a site.
#[derive(Clone)]
pub(super) struct Codes {
    /// The parameter's name.
    pub(super) key: String,
    list: Vec<Code>,
    generation: Generation,
}

#[derive(Clone)]
struct Code {
    digest: [u8; 32],
    role: String,
    expires: Option<Time>,
    /// How often it is good; `None` = as often as one likes. Doorward's own addition: `max_uses`.
    most: Option<i64>,
}

/// What a right code gives.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Grant {
    /// The role of whoever registers with it; empty = none.
    pub(super) role: String,
    /// Its digest, and how often it is good.
    pub(super) limit: Option<([u8; 32], i64)>,
}

/// What became of a code that was asked for.
pub(super) enum Shown {
    /// It is right, and gives this.
    Right(Grant),
    /// None was sent.
    Missing,
    /// It is wrong or over.
    Wrong,
}

impl Codes {
    /// Reads the option.
    pub(super) fn read(opt: &Opt<'_>, generation: Generation) -> Self {
        let list = opt.list("auth_codes.codes").into_iter().filter_map(code).collect();
        Self { key: opt.text_or("auth_codes.key", "AUTH_KEY"), list, generation }
    }

    /// Looks at the code of a request.
    pub(super) fn shown(&self, params: &Params, now: Time) -> Shown {
        match params.get(&self.key) {
            None => Shown::Missing,
            Some(Value::String(text)) => self.find(text, now).map_or(Shown::Wrong, Shown::Right),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Shown::Wrong,
        }
    }

    /// Compares with every code, each by its digest and in constant time. In 3.x a code that is over hides those behind it,
    /// and the last of two alike counts.
    fn find(&self, text: &str, now: Time) -> Option<Grant> {
        let shown = sha256(text.as_bytes());
        let (mut found, mut hidden) = (None, false);
        for code in &self.list {
            let over = code.expires.is_some_and(|end| now >= end);
            hidden |= over && self.generation == Generation::V3 && found.is_none();
            let fits = same(&code.digest, &shown) && !over && !hidden;
            if fits && (found.is_none() || self.generation == Generation::V3) {
                found = Some(Grant { role: code.role.clone(), limit: code.most.map(|most| (code.digest, most)) });
            }
        }
        found
    }

    /// The word for a wrong code, under the number that the endpoint has for it in 3.x.
    pub(super) fn wrong(&self, v3: u16) -> Word {
        match (self.generation, v3) {
            (Generation::V3, 40) => word(40, format!("Missing AUTH KEY ( {} ).", self.key)),
            (Generation::V3, code) => word(code, format!("Invalid Auth Code ( {} ) provided.", self.key)),
            (Generation::V4, _) => word(27, format!("Invalid Auth Code ( {} ) provided.", self.key)),
        }
    }
}

fn code(entry: &Value) -> Option<Code> {
    let most = entry.get("max_uses").filter(|most| !php::is_empty(most)).map(|most| php::int(most).max(0));
    let (text, role, end) = match entry {
        Value::String(text) => (text.clone(), String::new(), String::new()),
        Value::Object(map) => {
            let text = |name: &str| map.get(name).and_then(php::text).unwrap_or_default();
            (text("code"), text("role"), text("expiration_date"))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => return None,
    };
    // A date that cannot be read is over, as strtotime's false is; an empty code lets nobody in.
    let expires = (!matches!(end.trim(), "" | "0")).then(|| dates::date(&end).unwrap_or(Time(i64::MIN)));
    (!text.is_empty()).then(|| Code { digest: sha256(text.as_bytes()), role, expires, most })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn role(generation: Generation, list: &Value, text: &str) -> Option<String> {
        let option = json!({"general": {}, "auth_codes": {"codes": list}});
        Codes::read(&Opt::open(&option), generation).find(text, Time(1_700_000_000)).map(|grant| grant.role)
    }

    #[test]
    fn each_generation_has_its_way_with_expired_and_double_codes() {
        let list =
            json!([{"code": "old", "expiration_date": "2020-01-01"}, {"code": "good", "role": "a"}, {"code": "good", "role": "b"}, ""]);
        assert_eq!(role(Generation::V4, &list, "good").as_deref(), Some("a"));
        assert_eq!(role(Generation::V3, &list, "good"), None);
        assert_eq!(role(Generation::V3, &json!([{"code": "x", "role": "a"}, {"code": "x", "role": "b"}]), "x").as_deref(), Some("b"));
        assert_eq!(role(Generation::V4, &json!(["plain", ""]), "plain").as_deref(), Some(""));
        for text in ["old", "", "GOOD", "good "] {
            assert_eq!(role(Generation::V4, &list, text), None, "{text}");
        }
        for (end, is_good) in [("someday", false), ("0", true), ("", true), ("31.12.2099", true), ("31.12.2019", false)] {
            let list = json!([{"code": "x", "expiration_date": end}]);
            assert_eq!(role(Generation::V4, &list, "x").is_some(), is_good, "{end}");
        }
    }
}

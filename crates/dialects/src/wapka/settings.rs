//! Its settings: `{}` is on with the documented life of tokens.

use doorward_core::site::{ConfigProblem, Member, MemberKind};
use serde_json::Value;

use crate::config::{Reader, edition};

/// The settings of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Seconds that a token lives, a guest's as well as a login's (seed 003: 24 hours).
    pub token_life: i64,
}

impl Settings {
    pub(super) fn read(value: &Value) -> Result<Self, ConfigProblem> {
        let path = "dialects.wapka";
        let top = Reader::top(path, value, &["settings"])?;
        edition(path, value, &[])?;
        let inner_path = "dialects.wapka.settings";
        let inner = Reader::open(inner_path, top.get("settings").unwrap_or(&Value::Null))?;
        inner.refuse_unknown(|name| name == "token_seconds")?;
        Ok(Self { token_life: inner.number("token_seconds", 60..=31_536_000)?.unwrap_or(86_400) })
    }
}

/// What may be set.
pub(super) fn members() -> Vec<Member> {
    let life = MemberKind::Number { least: 60, most: 31_536_000 };
    vec![Member::new("settings.token_seconds", "wapka.token_seconds", "tokens", life, "86400"), Member::accepts()]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn nothing_set_is_a_day_and_what_is_unknown_is_refused() {
        assert_eq!(Settings::read(&json!({})), Ok(Settings { token_life: 86_400 }));
        assert_eq!(Settings::read(&json!({"edition": "documented", "settings": {"token_seconds": 600}})), Ok(Settings { token_life: 600 }));
        for (value, path) in [
            (json!({"edition": "v6"}), "dialects.wapka.edition"),
            (json!({"sites": []}), "dialects.wapka.sites"),
            (json!({"settings": {"token_seconds": 59}}), "dialects.wapka.settings.token_seconds"),
            (json!({"settings": {"token_seconds": "600"}}), "dialects.wapka.settings.token_seconds"),
            (json!({"settings": {"life": 600}}), "dialects.wapka.settings.life"),
        ] {
            assert_eq!(Settings::read(&value).map_err(|p| p.path), Err(path.to_owned()), "{value}");
        }
    }
}

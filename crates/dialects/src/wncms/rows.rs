//! Rows of its settings table: text, truth values and null under names that have a singular and a plural spelling.

use doorward_core::site::ConfigProblem;
use serde_json::{Map, Value};

/// The rows, at their path. The real table has hundreds; those that nobody here asks for are kept and not looked at.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    path: &'static str,
    map: Option<&'a Map<String, Value>>,
}

impl<'a> Rows<'a> {
    /// The rows of a settings object; absent counts as empty.
    ///
    /// # Errors
    /// If it is there and no object.
    pub(super) fn of(path: &'static str, value: Option<&'a Value>) -> Result<Self, ConfigProblem> {
        match value {
            None | Some(Value::Null) => Ok(Self { path, map: None }),
            Some(Value::Object(map)) => Ok(Self { path, map: Some(map) }),
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                Err(ConfigProblem::at(path, "must be an object"))
            }
        }
    }

    /// A switch: `None` if there is no such row. Off is what PHP holds for false: null, `""`, `"0"`, and false itself.
    ///
    /// # Errors
    /// If it is a number, list or object; or a word that a reader takes for off and the original for on.
    pub(super) fn switch(&self, key: &str) -> Result<Option<bool>, ConfigProblem> {
        match self.map.and_then(|map| map.get(key)) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(false)),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(Value::String(text)) if ["false", "off", "no"].contains(&text.trim().to_ascii_lowercase().as_str()) => {
                Err(self.wrong(key, "must be \"1\" or \"0\": the original would read this text as on"))
            }
            Some(Value::String(text)) => Ok(Some(!text.is_empty() && text != "0")),
            Some(Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(self.wrong(key, "must be \"1\", \"0\", true or false")),
        }
    }

    /// A text: `None` if there is no such row, or null in it.
    ///
    /// # Errors
    /// If it is anything else.
    pub(super) fn text(&self, key: &str) -> Result<Option<&'a str>, ConfigProblem> {
        match self.map.and_then(|map| map.get(key)) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(self.wrong(key, "must be a text")),
        }
    }

    /// What both spellings of a key say.
    ///
    /// # Errors
    /// What `read` says, or that the two spellings say different things.
    pub(super) fn spelled<T: PartialEq>(
        &self,
        [singular, plural]: [&str; 2],
        read: impl Fn(&Self, &str) -> Result<Option<T>, ConfigProblem>,
    ) -> Result<Option<T>, ConfigProblem> {
        match (read(self, singular)?, read(self, plural)?) {
            (Some(one), Some(many)) if one != many => Err(self.wrong(plural, &format!("says something else than {singular}"))),
            (Some(one), _) => Ok(Some(one)),
            (None, many) => Ok(many),
        }
    }

    fn wrong(&self, key: &str, problem: &str) -> ConfigProblem {
        ConfigProblem::at(format!("{}.{key}", self.path), problem)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn with<T>(value: &Value, read: impl Fn(Rows<'_>) -> Result<T, ConfigProblem>) -> Result<T, String> {
        Rows::of("s", Some(value)).and_then(read).map_err(|p| p.path)
    }

    #[test]
    fn a_switch_is_off_as_in_php() {
        for (value, expected) in [
            (json!({}), Ok(None)),
            (json!({"a": "1"}), Ok(Some(true))),
            (json!({"a": "on"}), Ok(Some(true))),
            (json!({"a": true}), Ok(Some(true))),
            (json!({"a": "0"}), Ok(Some(false))),
            (json!({"a": ""}), Ok(Some(false))),
            (json!({"a": null}), Ok(Some(false))),
            (json!({"a": false}), Ok(Some(false))),
            (json!({"a": "False"}), Err("s.a".to_owned())),
            (json!({"a": "off"}), Err("s.a".to_owned())),
            (json!({"a": 1}), Err("s.a".to_owned())),
            (json!({"a": ["1"]}), Err("s.a".to_owned())),
            (json!([]), Err("s".to_owned())),
        ] {
            assert_eq!(with(&value, |rows| rows.switch("a")), expected, "{value}");
        }
    }

    #[test]
    fn two_spellings_are_one_setting_and_may_not_disagree() {
        for (value, expected) in [
            (json!({"post": "1"}), Ok(Some(true))),
            (json!({"posts": false}), Ok(Some(false))),
            (json!({"post": "1", "posts": true}), Ok(Some(true))),
            (json!({"post": "1", "posts": "0"}), Err("s.posts".to_owned())),
        ] {
            assert_eq!(with(&value, |rows| rows.spelled(["post", "posts"], Rows::switch)), expected, "{value}");
        }
        let modes = json!({"post": "simple", "posts": "basic"});
        assert!(with(&modes, |rows| rows.spelled(["post", "posts"], Rows::text).map(|m| m.map(str::to_owned))).is_err());
    }
}

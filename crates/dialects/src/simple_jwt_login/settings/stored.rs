//! The plugin's option as it is stored: one flat list of names up to 3.x, sections from 4.x on, values of many types.

use std::borrow::Cow;

use doorward_core::site::ConfigProblem;
use serde_json::{Map, Value};

const PATH: &str = "dialects.simple_jwt_login.settings";

/// The option, in whichever form. Its members are asked for by both their names, dots between the levels; an empty name is
/// a member that the form does not have.
pub(super) struct Stored<'a> {
    map: Option<&'a Map<String, Value>>,
    has_sections: bool,
}

impl<'a> Stored<'a> {
    /// The option of a settings object: itself, or the JSON text that WordPress keeps it as.
    pub(super) fn of(config: &Value) -> Result<Cow<'_, Value>, ConfigProblem> {
        match config.get("settings") {
            None => Ok(Cow::Owned(Value::Null)),
            Some(Value::String(text)) => serde_json::from_str(text)
                .map(Cow::Owned)
                .map_err(|_| ConfigProblem::at(PATH, "must be an object, or the JSON text of one")),
            Some(value) => Ok(Cow::Borrowed(value)),
        }
    }

    /// Opens the option. It has sections if it says so, or has one of the two that 4.x always writes.
    pub(super) fn open(option: &'a Value) -> Result<Self, ConfigProblem> {
        let map = object(option).map_err(|()| ConfigProblem::at(PATH, "must be an object, or the JSON text of one"))?;
        let has_sections = ["_schema_version", "authorization", "general"].iter().any(|name| map.is_some_and(|m| m.contains_key(*name)));
        Ok(Self { map, has_sections })
    }

    /// True if there is no option, or an empty one.
    pub(super) fn is_fresh(&self) -> bool {
        self.map.is_none_or(Map::is_empty)
    }

    /// True for the form of 4.x.
    pub(super) fn has_sections(&self) -> bool {
        self.has_sections
    }

    /// A truth value, in any of PHP's spellings: `true`, `1`, `"1"`; `false`, `0`, `"0"`, `""`.
    pub(super) fn switch(&self, flat: &str, sectioned: &str) -> Result<Option<bool>, ConfigProblem> {
        let Some(value) = self.find(flat, sectioned)? else { return Ok(None) };
        let word = match value {
            Value::Bool(on) => return Ok(Some(*on)),
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_ascii_lowercase(),
            Value::Null | Value::Array(_) | Value::Object(_) => String::from("?"),
        };
        match word.as_str() {
            "1" | "true" | "on" | "yes" => Ok(Some(true)),
            "0" | "" | "false" | "off" | "no" => Ok(Some(false)),
            _ => Err(self.wrong(flat, sectioned, "must be a truth value")),
        }
    }

    /// A whole number from 0 on, as a number or as text; what is behind the point is cut off, nothing is 0.
    pub(super) fn count(&self, flat: &str, sectioned: &str) -> Result<Option<i64>, ConfigProblem> {
        let Some(value) = self.find(flat, sectioned)? else { return Ok(None) };
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::String(text) => text.trim().to_owned(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::from("?"),
        };
        let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
        let count = if text.is_empty() { Some(0) } else { whole.parse().ok().filter(|n| *n >= 0) };
        // A fraction below one must not become the 0 that means something else.
        let is_zero = count == Some(0) && rest.bytes().any(|b| b != b'0');
        count
            .filter(|_| !is_zero && rest.bytes().all(|b| b.is_ascii_digit()))
            .map(Some)
            .ok_or_else(|| self.wrong(flat, sectioned, "must be a whole number from 0 on"))
    }

    /// A text, without the blanks around it.
    pub(super) fn text(&self, flat: &str, sectioned: &str) -> Result<Option<&'a str>, ConfigProblem> {
        self.raw_text(flat, sectioned).map(|text| text.map(str::trim))
    }

    /// A text, exactly as it is.
    pub(super) fn raw_text(&self, flat: &str, sectioned: &str) -> Result<Option<&'a str>, ConfigProblem> {
        let read = |value: &'a Value| value.as_str().ok_or_else(|| self.wrong(flat, sectioned, "must be a text"));
        self.find(flat, sectioned)?.map(read).transpose()
    }

    /// A list.
    pub(super) fn list(&self, flat: &str, sectioned: &str) -> Result<Option<&'a [Value]>, ConfigProblem> {
        let read = |value: &'a Value| match value {
            Value::Array(list) => Ok(list.as_slice()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(self.wrong(flat, sectioned, "must be a list"))
            }
        };
        self.find(flat, sectioned)?.map(read).transpose()
    }

    /// A problem of a member.
    pub(super) fn wrong(&self, flat: &str, sectioned: &str, problem: &str) -> ConfigProblem {
        ConfigProblem::at(format!("{PATH}.{}", self.name(flat, sectioned)), problem)
    }

    fn name<'n>(&self, flat: &'n str, sectioned: &'n str) -> &'n str {
        if self.has_sections { sectioned } else { flat }
    }

    fn find(&self, flat: &str, sectioned: &str) -> Result<Option<&'a Value>, ConfigProblem> {
        let name = self.name(flat, sectioned);
        let mut levels = name.split('.');
        let Some(last) = levels.next_back().filter(|last| !last.is_empty()) else { return Ok(None) };
        let (mut map, mut path) = (self.map, PATH.to_owned());
        for level in levels {
            let Some(value) = map.and_then(|m| m.get(level)) else { return Ok(None) };
            path = format!("{path}.{level}");
            map = object(value).map_err(|()| ConfigProblem::at(path.as_str(), "must be an object"))?;
        }
        Ok(map.and_then(|m| m.get(last)).filter(|v| !v.is_null()))
    }
}

/// An object; PHP writes an empty one as an empty list.
fn object(value: &Value) -> Result<Option<&Map<String, Value>>, ()> {
    match value {
        Value::Object(map) => Ok(Some(map)),
        Value::Null => Ok(None),
        Value::Array(list) if list.is_empty() => Ok(None),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(()),
    }
}

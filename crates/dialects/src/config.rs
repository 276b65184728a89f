//! Reading a language's settings object: known members only, each with its type, problems with their path.

use doorward_core::site::ConfigProblem;
use serde_json::{Map, Value};

/// A settings object at its path.
#[derive(Clone, Copy)]
pub struct Reader<'a> {
    path: &'a str,
    map: Option<&'a Map<String, Value>>,
}

/// Members that any language's object may have beside its own.
const EVERYWHERE: &[&str] = &["edition", "accept_tokens_of"];

impl<'a> Reader<'a> {
    /// Reads an object and refuses members that are neither in `known` nor common to all languages.
    ///
    /// # Errors
    /// The first unknown member, or that it is no object.
    pub fn top(path: &'a str, value: &'a Value, known: &[&str]) -> Result<Self, ConfigProblem> {
        let reader = Self::open(path, value)?;
        reader.refuse_unknown(|name| known.contains(&name) || EVERYWHERE.contains(&name))?;
        Ok(reader)
    }

    /// Reads an inner object; absent counts as empty.
    ///
    /// # Errors
    /// If it is there and no object.
    pub fn open(path: &'a str, value: &'a Value) -> Result<Self, ConfigProblem> {
        match value {
            Value::Object(map) => Ok(Self { path, map: Some(map) }),
            Value::Null => Ok(Self { path, map: None }),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(ConfigProblem::at(path, "must be an object")),
        }
    }

    /// Refuses members that are not known.
    ///
    /// # Errors
    /// The first one, with its path.
    pub fn refuse_unknown(&self, known: impl Fn(&str) -> bool) -> Result<(), ConfigProblem> {
        match self.map.into_iter().flat_map(Map::keys).find(|name| !known(name)) {
            Some(name) => Err(ConfigProblem::at(format!("{}.{name}", self.path), "is not a member that this version knows")),
            None => Ok(()),
        }
    }

    /// A member's value, if it is there and not null.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.map?.get(name).filter(|v| !v.is_null())
    }

    /// A text.
    ///
    /// # Errors
    /// If it is there and no text.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, ConfigProblem> {
        self.get(name).map(|v| v.as_str().ok_or_else(|| self.wrong(name, "must be a text"))).transpose()
    }

    /// A whole number in a range.
    ///
    /// # Errors
    /// If it is there and no such number.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<i64>) -> Result<Option<i64>, ConfigProblem> {
        self.get(name)
            .map(|v| {
                v.as_i64()
                    .filter(|n| range.contains(n))
                    .ok_or_else(|| self.wrong(name, &format!("must be a whole number from {} to {}", range.start(), range.end())))
            })
            .transpose()
    }

    /// A truth value.
    ///
    /// # Errors
    /// If it is there and none.
    pub fn flag(&self, name: &str) -> Result<Option<bool>, ConfigProblem> {
        self.get(name).map(|v| v.as_bool().ok_or_else(|| self.wrong(name, "must be true or false"))).transpose()
    }

    /// A problem of a member.
    #[must_use]
    pub fn wrong(&self, name: &str, problem: &str) -> ConfigProblem {
        ConfigProblem::at(format!("{}.{name}", self.path), problem)
    }
}

/// The edition that a settings object asks for: `documented` answers as the seed's document says. The others are
/// recorded from real plugins and come with later versions; until then they are accepted, warned of, and answered in
/// the documented words.
///
/// # Errors
/// If it is no edition of the language.
pub fn edition(path: &str, value: &Value, later: &[&str]) -> Result<Edition, ConfigProblem> {
    match value.get("edition").and_then(Value::as_str) {
        None | Some("documented") if value.get("edition").is_none_or(|v| v.is_string() || v.is_null()) => Ok(Edition::Documented),
        Some(name) if later.contains(&name) => Ok(Edition::Later(name.to_owned())),
        Some(_) | None => {
            let list: Vec<_> = std::iter::once("documented").chain(later.iter().copied()).collect();
            Err(ConfigProblem::at(format!("{path}.edition"), format!("must be one of {}", list.join(", "))))
        }
    }
}

/// An edition of a language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edition {
    /// As the seed's document says.
    Documented,
    /// One that this version does not speak yet, by name.
    Later(String),
}

//! The fields of a request: from its body and its query, with their JSON types; the body wins.

use std::sync::OnceLock;

use doorward_core::refusal::Refusal;
use doorward_core::secret::Secret;
use serde_json::{Map, Value};

use crate::target::folds_to;

/// Named values that a client sent.
#[derive(Clone, Default, PartialEq)]
pub struct Fields {
    body: Map<String, Value>,
    query: Map<String, Value>,
    basic: OnceLock<Option<Basic>>,
}

/// Name and password of HTTP Basic (RFC 7617), decoded.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Basic {
    /// The name.
    pub user: String,
    /// The password.
    pub password: Secret,
}

impl std::fmt::Debug for Fields {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<_> = self.body.keys().chain(self.query.keys()).collect();
        write!(f, "Fields({names:?})")
    }
}

impl Fields {
    /// Fields of a body and a query.
    #[must_use]
    pub fn new(body: Map<String, Value>, query: &str) -> Self {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()).take(1000) {
            fields.insert(name.into_owned(), Value::String(value.into_owned()));
        }
        Self { body, query: fields, basic: OnceLock::new() }
    }

    /// Fields of a body and a query that were read by somebody else's rules (a framework's).
    #[must_use]
    pub fn of(body: Map<String, Value>, query: Map<String, Value>) -> Self {
        Self { body, query, basic: OnceLock::new() }
    }

    /// What `decode` makes of the request's Basic credentials, decoded once and kept: what a language shows of a request
    /// is borrowed from it, and base64 has to be decoded to somewhere.
    pub fn basic(&self, decode: impl FnOnce() -> Option<Basic>) -> Option<&Basic> {
        self.basic.get_or_init(decode).as_ref()
    }

    /// The value of a field; `null` counts as absent.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&Value> {
        let present = |map: &'_ Map<String, Value>| map.get(name).is_some_and(|v| !v.is_null());
        if present(&self.body) { self.body.get(name) } else { self.query.get(name).filter(|v| !v.is_null()) }
    }

    /// The value of a field whose name may come in any letter case: spelled exactly if there is one, else the first that
    /// reads alike, of the body before the query.
    #[must_use]
    pub fn value_any_case(&self, name: &str) -> Option<&Value> {
        let alike = |(key, value): &(&String, &Value)| key.eq_ignore_ascii_case(name) && !value.is_null();
        self.value(name).or_else(|| self.body.iter().chain(&self.query).find(alike).map(|(_, value)| value))
    }

    /// The texts of every field whose name is one that PHP folds into `name` (`a.b`, ` a_b`, `a b` for `a_b`), in body and query.
    pub fn folded<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.body.iter().chain(&self.query).filter(move |(key, _)| folds_to(key, name)).filter_map(|(_, value)| value.as_str())
    }

    /// The text of a field.
    ///
    /// # Errors
    /// [`Refusal::WrongShape`] if it is there and no string: an array, object, number or boolean is never a credential.
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, Refusal> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) if text.len() > LONGEST => Err(Refusal::Invalid(name)),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => Err(Refusal::WrongShape(name)),
        }
    }

    /// True if a field is spelled as PHP's lists are: `name[]`, `name[0]`.
    #[must_use]
    pub fn is_list(&self, name: &str) -> bool {
        let list = |key: &String| key.strip_prefix(name).is_some_and(|rest| rest.starts_with('['));
        self.body.keys().chain(self.query.keys()).any(list)
    }

    /// The text of a field that must be there and not blank.
    ///
    /// # Errors
    /// [`Refusal::Missing`], [`Refusal::WrongShape`].
    pub fn required(&self, name: &'static str) -> Result<&str, Refusal> {
        self.text(name)?.filter(|t| !t.trim().is_empty()).ok_or(Refusal::Missing(name))
    }

    /// A one-time code: a string, or a number read as its digits (clients send both).
    ///
    /// # Errors
    /// [`Refusal::WrongShape`].
    pub fn code(&self, name: &'static str) -> Result<Option<String>, Refusal> {
        match self.value(name) {
            Some(Value::Number(number)) => match number.as_u64() {
                Some(n) if n < 1_000_000 => Ok(Some(format!("{n:06}"))),
                Some(_) | None => Err(Refusal::WrongShape(name)),
            },
            None | Some(Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_)) => {
                Ok(self.text(name)?.map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned))
            }
        }
    }

    /// The fields of the body alone.
    #[must_use]
    pub fn body(&self) -> &Map<String, Value> {
        &self.body
    }

    /// The names that the body itself has.
    pub fn body_names(&self) -> impl Iterator<Item = &str> {
        self.body.keys().map(String::as_str)
    }
}

/// The longest text of a field, in bytes: passwords are at most 4096, tokens at most 8192.
const LONGEST: usize = 16_384;

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(body: &str, query: &str) -> Fields {
        Fields::new(serde_json::from_str(body).unwrap(), query)
    }

    #[test]
    fn the_body_wins_and_null_is_absent() {
        let f = fields(r#"{"a":"body","b":null}"#, "a=query&b=b%2Bc&c=x+y");
        assert_eq!(f.text("a"), Ok(Some("body")));
        assert_eq!(f.text("b"), Ok(Some("b+c")));
        assert_eq!(f.text("c"), Ok(Some("x y")));
        assert_eq!(f.text("d"), Ok(None));
    }

    #[test]
    fn only_strings_are_text() {
        for body in [r#"{"a":1}"#, r#"{"a":true}"#, r#"{"a":[]}"#, r#"{"a":{}}"#, r#"{"a":["x"]}"#] {
            assert_eq!(fields(body, "").text("a"), Err(Refusal::WrongShape("a")), "{body}");
        }
    }

    #[test]
    fn codes_may_be_numbers() {
        assert_eq!(fields(r#"{"o":1234}"#, "").code("o"), Ok(Some("001234".into())));
        assert_eq!(fields(r#"{"o":" 123456 "}"#, "").code("o"), Ok(Some("123456".into())));
        assert_eq!(fields(r#"{"o":1.5}"#, "").code("o"), Err(Refusal::WrongShape("o")));
        assert_eq!(fields(r#"{"o":[1]}"#, "").code("o"), Err(Refusal::WrongShape("o")));
    }
}

//! Where parameters come from: the query, a POSTed form, and the raw body, which is read as JSON whatever it calls itself and
//! else as a form. The later wins; JSON keeps its types; names are told apart by their letter case. What PHP itself reads, the
//! query and a multipart form that is POSTed, WordPress has slashed; the raw body it has not seen.

use bytes::Bytes;
use doorward_web::body::parts;
use doorward_web::{Fields, Head};
use http::Method;
use serde_json::{Map, Value};

use super::php;
use crate::wordpress;

/// The parameters of a request.
#[derive(Clone, Default)]
pub(super) struct Params {
    all: Map<String, Value>,
    query: Map<String, Value>,
}

impl Params {
    /// Reads a request.
    pub(super) async fn read(head: &Head, raw: &Bytes) -> Self {
        let query = slashed(wordpress::php::query(&head.target.query));
        let mut all = query.clone();
        let kind = head.content_type().unwrap_or_default();
        let more = if !kind.trim_start().to_ascii_lowercase().starts_with("multipart/form-data") {
            body(raw)
        } else if head.method == Method::POST {
            slashed(wordpress::php::variables(parts(kind, raw.clone()).await.into_iter()))
        } else {
            // The plugin's own reader of other methods decodes the values once more than they were encoded.
            let pairs = parts(kind, raw.clone()).await.into_iter().map(|(name, value)| format!("{name}={value}"));
            wordpress::php::query(&pairs.collect::<Vec<_>>().join("&"))
        };
        all.extend(more);
        Self { all, query }
    }

    /// The parameters of a head alone.
    pub(super) fn of_head(head: &Head) -> Self {
        let query = slashed(wordpress::php::query(&head.target.query));
        Self { all: query.clone(), query }
    }

    /// The parameters of a request to something guarded, whose body was looked into.
    pub(super) fn of_guarded(head: &Head, fields: &Fields) -> Self {
        let mut params = Self::of_head(head);
        params.all.extend(fields.body().clone());
        params
    }

    /// A parameter that is set: there, and not null.
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.all.get(name).filter(|v| !v.is_null())
    }

    /// A parameter that is not empty as PHP sees it.
    pub(super) fn filled(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|v| !php::is_empty(v))
    }

    /// A parameter's text, cleaned; empty if there is none.
    pub(super) fn clean(&self, name: &str) -> String {
        self.get(name).map(php::clean).unwrap_or_default()
    }

    /// A parameter by a name in any letter case, the last that is there.
    pub(super) fn any_case(&self, name: &str) -> Option<&Value> {
        self.all.iter().rev().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null()).map(|(_, value)| value)
    }

    /// The parameters of the query alone, in order.
    pub(super) fn query(&self) -> &Map<String, Value> {
        &self.query
    }
}

/// WordPress's `add_magic_quotes`.
fn slashed(map: Map<String, Value>) -> Map<String, Value> {
    map.into_iter().map(|(name, value)| (name, quoted(value))).collect()
}

fn quoted(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(php::add_slashes(&text)),
        Value::Array(list) => Value::Array(list.into_iter().map(quoted).collect()),
        Value::Object(map) => Value::Object(slashed(map)),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_)) => other,
    }
}

fn body(raw: &[u8]) -> Map<String, Value> {
    match serde_json::from_slice(raw) {
        Ok(Value::Object(map)) => map,
        Ok(Value::Array(_) | Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => Map::new(),
        Err(_) => std::str::from_utf8(raw).map(wordpress::php::query).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn params(method: &str, target: &str, body: &str) -> Params {
        let request = http::Request::builder().method(method).uri(target).body(()).unwrap();
        let head = Head::read(request.into_parts().0).unwrap();
        futures_util::FutureExt::now_or_never(Params::read(&head, &Bytes::copy_from_slice(body.as_bytes()))).unwrap()
    }

    #[test]
    fn the_body_is_read_whatever_it_calls_itself_and_wins() {
        for (body, expected) in
            [(r#"{"a":"json","n":5}"#, "json"), ("a=form", "form"), ("", "query"), ("[\"a\"]", "query"), ("{\"a\":", "query")]
        {
            assert_eq!(params("PUT", "/x?a=query&b=2", body).clean("a"), expected, "{body}");
        }
        assert_eq!(params("GET", "/x", r#"{"n":5}"#).get("n"), Some(&json!(5)));
        assert!(params("GET", "/x", r#"{"Email":"a"}"#).get("email").is_none());
    }

    #[test]
    fn what_php_reads_itself_is_slashed_and_the_raw_body_is_not() {
        let query = params("POST", "/x?a=it%27s&b[c]=%22q%22", r#"{"d":"it's"}"#);
        assert_eq!((query.get("a"), query.get("b")), (Some(&json!(r"it\'s")), Some(&json!({"c": r#"\"q\""#}))));
        assert_eq!(query.get("d"), Some(&json!("it's")));
        assert_eq!(params("POST", "/x?a=it%27s", "a=it%27s").get("a"), Some(&json!("it's")));
    }
}

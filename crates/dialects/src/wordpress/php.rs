//! Query strings, forms and JSON as PHP reads them (`parse_str`, `json_decode`), and values as it turns them to text.

use serde_json::{Map, Value};

/// Variables that PHP reads at most (`max_input_vars`).
const VARIABLES: usize = 1000;
/// Brackets of one name that PHP follows at most (`max_input_nesting_level`).
const NESTING: usize = 64;
/// Levels of JSON that WordPress reads.
const DEPTH: usize = 512;

/// The variables of a query string or form, in order: `a[]=1`, `a[b]=1` and dots and blanks in names as PHP takes them.
pub(crate) fn query(text: &str) -> Map<String, Value> {
    variables(form_urlencoded::parse(text.as_bytes()))
}

/// As [`query`], of pairs that are cut already (the parts of a multipart form).
pub(crate) fn variables<K: AsRef<str>, V: AsRef<str>>(pairs: impl Iterator<Item = (K, V)>) -> Map<String, Value> {
    let mut root = Map::new();
    for (name, value) in pairs.take(VARIABLES) {
        if let Some((first, keys)) = cut(name.as_ref()) {
            put(&mut root, &first, &keys, value.as_ref());
        }
    }
    root.into_iter().map(|(name, value)| (name, lists(value))).collect()
}

/// A name as PHP cuts it: the first part, and what stands in the brackets behind it.
fn cut(name: &str) -> Option<(String, Vec<String>)> {
    let name = name.trim_start_matches(' ');
    let name = name.split('\0').next().unwrap_or_default();
    let (first, mut rest) = name.split_at(name.find('[').unwrap_or(name.len()));
    let plain = |part: &str| part.replace(['.', ' '], "_");
    let mut keys = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let Some((key, behind)) = inner.split_once(']') else {
            if keys.is_empty() {
                // A bracket that nothing closes is a letter of the name, and becomes an underscore.
                return (!first.is_empty()).then(|| (format!("{}_{inner}", plain(first)), keys));
            }
            break;
        };
        keys.push(key.trim_start_matches(' ').to_owned());
        if keys.len() > NESTING {
            return None;
        }
        rest = behind;
    }
    (!first.is_empty()).then(|| (plain(first), keys))
}

fn put(map: &mut Map<String, Value>, name: &str, keys: &[String], value: &str) {
    let Some((key, deeper)) = keys.split_first() else {
        map.insert(name.to_owned(), Value::from(value));
        return;
    };
    let slot = map.entry(name.to_owned()).or_insert_with(|| Value::Object(Map::new()));
    if !slot.is_object() {
        *slot = Value::Object(Map::new());
    }
    if let Value::Object(inner) = slot {
        let next = || inner.keys().filter_map(|k| k.parse::<u64>().ok()).max().map_or(0, |last| last.saturating_add(1)).to_string();
        let key = if key.is_empty() { next() } else { key.clone() };
        put(inner, &key, deeper, value);
    }
}

/// Arrays whose keys count from zero are lists.
fn lists(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let counts = map.keys().enumerate().all(|(at, key)| *key == at.to_string());
            if counts { map.into_iter().map(|(_, v)| lists(v)).collect() } else { map.into_iter().map(|(k, v)| (k, lists(v))).collect() }
        }
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => other,
    }
}

/// What `json_decode` did not like: its number and its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct JsonError(pub(crate) u8, pub(crate) &'static str);

/// Reads JSON as `json_decode` does. Nesting over 512 levels is an error; what nests deeper than this reader goes is `null`.
pub(crate) fn json(text: &[u8]) -> Result<Value, JsonError> {
    let deep = depth(text);
    match serde_json::from_slice(text) {
        Ok(value) if deep <= DEPTH => Ok(value),
        Ok(_) => Err(TOO_DEEP),
        Err(_) if deep > DEPTH => Err(TOO_DEEP),
        Err(error) => why(text, &error, deep),
    }
}

const TOO_DEEP: JsonError = JsonError(1, "Maximum stack depth exceeded");

fn why(text: &[u8], error: &serde_json::Error, deep: usize) -> Result<Value, JsonError> {
    const SYNTAX: JsonError = JsonError(4, "Syntax error");
    if let Err(broken) = std::str::from_utf8(text) {
        // Only if what stands before is JSON so far: PHP stops at the first thing that is wrong.
        let before: Result<Value, _> = serde_json::from_slice(text.get(..broken.valid_up_to()).unwrap_or_default());
        let cut_off = before.is_err_and(|e| e.is_eof());
        return Err(if cut_off { JsonError(5, "Malformed UTF-8 characters, possibly incorrectly encoded") } else { SYNTAX });
    }
    let story = error.to_string();
    if story.starts_with("recursion limit") && deep <= DEPTH {
        return Ok(Value::Null);
    }
    Err(if story.starts_with("control character") {
        JsonError(3, "Control character error, possibly incorrectly encoded")
    } else if story.contains("surrogate") || story.starts_with("unexpected end of hex escape") {
        JsonError(10, "Single unpaired high surrogate in Unicode escape")
    } else {
        SYNTAX
    })
}

/// How deep the text nests, strings apart.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for &byte in text {
        match (quoted, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (_, false, b'"') => quoted = !quoted,
            (false, _, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            (_, _, _) => {}
        }
    }
    deepest
}

/// A scalar as PHP turns it to text; `None` for arrays. `null` and `false` are empty, `true` is `1`.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => Some(String::new()),
        Value::Bool(true) => Some("1".to_owned()),
        Value::Number(number) => Some(match number.as_f64().filter(|_| number.is_f64()) {
            Some(float) if float.fract() == 0.0 && float.abs() < 1e15 => format!("{float:.0}"),
            Some(_) | None => number.to_string(),
        }),
        Value::String(text) => Some(text.clone()),
        Value::Array(_) | Value::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_cut_as_php_cuts_them() {
        for (text, expected) in [
            ("a=b+c&d=%40&a=x", json!({"a": "x", "d": "@"})),
            ("a[]=1&a[]=2", json!({"a": ["1", "2"]})),
            ("a[x]=1&a[y][]=2", json!({"a": {"x": "1", "y": ["2"]}})),
            ("a[1]=x", json!({"a": {"1": "x"}})),
            ("a[0]=x&a[]=y", json!({"a": ["x", "y"]})),
            ("a.b=1&c d=2& e=3", json!({"a_b": "1", "c_d": "2", "e": "3"})),
            ("a[b=1", json!({"a_b": "1"})),
            ("a[b]c=1", json!({"a": {"b": "1"}})),
            ("a=1&a[]=2", json!({"a": ["2"]})),
            ("[x]=1&=2&a", json!({"a": ""})),
        ] {
            assert_eq!(Value::Object(query(text)), expected, "{text}");
        }
    }

    #[test]
    fn json_fails_with_phps_numbers() {
        let nested = |n: usize| [vec![b'['; n], vec![b']'; n]].concat();
        assert_eq!(json(&nested(512)), Ok(Value::Null));
        for (text, code) in [
            (&b"{x"[..], 4),
            (b"\xEF\xBB\xBF{}", 4),
            (b"{\"a\":\"\xff\"}", 5),
            (b"{x\"\xff\"}", 4),
            (b"{\"a\":\"\x01\"}", 3),
            (b"{\"a\":\"\\ud800\"}", 10),
            (&nested(513), 1),
            (b"[1", 4),
        ] {
            assert_eq!(json(text).map_err(|e| e.0), Err(code), "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(json(b" [1, 2.5] "), Ok(json!([1, 2.5])));
    }

    #[test]
    fn scalars_become_text_and_arrays_do_not() {
        for (value, expected) in [
            (json!(null), Some("")),
            (json!(false), Some("")),
            (json!(true), Some("1")),
            (json!(12), Some("12")),
            (json!(4.0), Some("4")),
            (json!(1.5), Some("1.5")),
            (json!("x"), Some("x")),
            (json!([]), None),
            (json!({"a": 1}), None),
        ] {
            assert_eq!(text(&value).as_deref(), expected, "{value}");
        }
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(bytes: Vec<u8>, form in "[a-c\\[\\]=&.% ]{0,40}") {
            let _ = json(&bytes);
            let _ = query(&form);
        }
    }
}

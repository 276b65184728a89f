//! One decoder for every body that clients send, whatever they call it.
//!
//! | Content-Type | read as |
//! |---|---|
//! | contains `/json` or `+json` | a JSON object; empty = no fields |
//! | `multipart/form-data` | its text parts by name; files are skipped |
//! | form, `text/plain`, anything else, none | JSON if it starts with `{` and is an object, else a form if it has `=`, else nothing |
//!
//! The last of duplicate names wins, a byte order mark is skipped, nesting deeper than 64 is refused.

use std::time::Duration;

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use http_body_util::BodyExt;
use serde_json::{Map, Value};

/// The largest body that is read for its fields.
pub const BODY_LIMIT: usize = 1024 * 1024;
/// How much of a body that is too large is still taken off the wire, so that the client can read the answer.
const DRAIN: usize = 4 * 1024 * 1024;

/// Reads a whole body.
///
/// # Errors
/// [`Refusal::BodyTooLarge`], [`Refusal::BodyTooSlow`], [`Refusal::MalformedBody`] if the client broke off.
pub async fn collect<B>(mut body: B, limit: usize, time: Duration) -> Result<Bytes, Refusal>
where
    B: hyper::body::Body<Data = Bytes> + Unpin,
{
    let read = async {
        let mut all = Vec::new();
        let mut seen = 0usize;
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Refusal::MalformedBody)?.into_data() else { continue };
            seen = seen.saturating_add(data.len());
            if seen <= limit {
                all.extend_from_slice(&data);
            } else if seen > limit.saturating_add(DRAIN) {
                break;
            }
        }
        if seen > limit { Err(Refusal::BodyTooLarge) } else { Ok(Bytes::from(all)) }
    };
    tokio::time::timeout(time, read).await.unwrap_or(Err(Refusal::BodyTooSlow))
}

/// Reads the fields of a body.
///
/// # Errors
/// [`Refusal::MalformedBody`] if it calls itself JSON and is none or no object, or is a broken multipart;
/// [`Refusal::UnsupportedMediaType`] if it is compressed.
pub async fn decode(content_type: Option<&str>, encoding: Option<&str>, body: Bytes) -> Result<Map<String, Value>, Refusal> {
    if is_encoded(encoding) {
        return Err(Refusal::UnsupportedMediaType);
    }
    let kind = content_type.unwrap_or_default().to_ascii_lowercase();
    if kind.contains("/json") || kind.contains("+json") {
        let text = trimmed(&body);
        return if text.is_empty() { Ok(Map::new()) } else { object(text).ok_or(Refusal::MalformedBody) };
    }
    if kind.trim_start().starts_with("multipart/form-data") {
        let boundary = multer::parse_boundary(content_type.unwrap_or_default()).map_err(|_| Refusal::MalformedBody)?;
        return multipart(boundary, body).await;
    }
    let text = trimmed(&body);
    if let Some(map) = object(text) {
        return Ok(map);
    }
    Ok(if text.contains(&b'=') { form(text) } else { Map::new() })
}

/// True if a `Content-Encoding` says that the bytes are not the body's own.
pub(crate) fn is_encoded(encoding: Option<&str>) -> bool {
    encoding.is_some_and(|e| !e.trim().is_empty() && !e.trim().eq_ignore_ascii_case("identity"))
}

/// A body without byte order mark and blanks around it.
pub(crate) fn trimmed(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii()
}

/// The text as a JSON object.
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    if text.first() != Some(&b'{') || depth(text) > 64 {
        return None;
    }
    match serde_json::from_slice(text) {
        Ok(Value::Object(map)) => Some(map),
        Ok(_) | Err(_) => None,
    }
}

/// How deep the text nests, strings apart.
fn depth(text: &[u8]) -> usize {
    let (mut depth, mut deepest, mut quoted, mut escaped) = (0usize, 0, false, false);
    for &byte in text {
        match (quoted, escaped, byte) {
            (true, true, _) => escaped = false,
            (true, false, b'\\') => escaped = true,
            (true, false, b'"') => quoted = false,
            (true, false, _) => {}
            (false, _, b'"') => quoted = true,
            (false, _, b'{' | b'[') => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            (false, _, b'}' | b']') => depth = depth.saturating_sub(1),
            (false, _, _) => {}
        }
    }
    deepest
}

fn form(text: &[u8]) -> Map<String, Value> {
    let mut map = Map::new();
    for (name, value) in form_urlencoded::parse(text).take(1000) {
        add(&mut map, &name, value.into_owned());
    }
    map
}

/// `a[]` gathers, any other name is overwritten.
fn add(map: &mut Map<String, Value>, name: &str, value: String) {
    match name.strip_suffix("[]") {
        Some(list) => match map.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(items) => items.push(Value::String(value)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
        },
        None => {
            map.insert(name.to_owned(), Value::String(value));
        }
    }
}

async fn multipart(boundary: String, body: Bytes) -> Result<Map<String, Value>, Refusal> {
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut map = Map::new();
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(|_| Refusal::MalformedBody)? {
        count += 1;
        if count > 1000 {
            return Err(Refusal::MalformedBody);
        }
        let Some(name) = part.name().map(str::to_owned).filter(|_| part.file_name().is_none()) else { continue };
        let data = part.bytes().await.map_err(|_| Refusal::MalformedBody)?;
        let text = String::from_utf8(data.to_vec()).map_err(|_| Refusal::MalformedBody)?;
        add(&mut map, &name, text);
    }
    Ok(map)
}

/// The text parts of a multipart form by name, in order, as far as it can be read; files are skipped. For frameworks that
/// take what they understand of a broken form.
pub async fn parts(content_type: &str, body: Bytes) -> Vec<(String, String)> {
    let Ok(boundary) = multer::parse_boundary(content_type) else { return Vec::new() };
    let stream = futures_util::stream::once(async move { Ok::<_, std::convert::Infallible>(body) });
    let mut parts = multer::Multipart::new(stream, boundary);
    let mut found = Vec::new();
    while let Ok(Some(part)) = parts.next_field().await {
        let Some(name) = part.name().map(str::to_owned).filter(|_| part.file_name().is_none()) else { continue };
        let Ok(data) = part.bytes().await else { break };
        found.push((name, String::from_utf8_lossy(&data).into_owned()));
        if found.len() >= 1000 {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Option<&str>, body: &[u8]) -> Result<String, Refusal> {
        let body = Bytes::copy_from_slice(body);
        futures_util::FutureExt::now_or_never(decode(kind, None, body)).unwrap().map(|m| serde_json::to_string(&m).unwrap())
    }

    #[test]
    fn what_a_body_is_read_as() {
        let json = Some("application/json;charset=utf-8");
        let form = Some("application/x-www-form-urlencoded");
        let multi = Some("multipart/form-data; boundary=X");
        for (kind, body, expected) in [
            (json, r#"{"a":"b"}"#, r#"{"a":"b"}"#),
            (json, "", "{}"),
            (json, "\u{feff}{\"a\":1}", r#"{"a":1}"#),
            (json, r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (Some("application/vnd.api+json"), r#"{"a":1}"#, r#"{"a":1}"#),
            (form, r#" {"email":"a@b"}"#, r#"{"email":"a@b"}"#),
            (form, "a=b+c&d=%40", r#"{"a":"b c","d":"@"}"#),
            (form, "t[]=1&t[]=2", r#"{"t":["1","2"]}"#),
            (form, "{broken=1", r#"{"{broken":"1"}"#),
            (Some("text/plain;charset=UTF-8"), r#"{"api_token":"x"}"#, r#"{"api_token":"x"}"#),
            (None, "hello", "{}"),
            (None, "", "{}"),
            (multi, "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nb\r\n--X--\r\n", r#"{"a":"b"}"#),
            (multi, "--X\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\nb\r\n--X--\r\n", "{}"),
        ] {
            assert_eq!(read(kind, body.as_bytes()), Ok(expected.to_owned()), "{kind:?} {body}");
        }
    }

    #[test]
    fn what_calls_itself_json_and_is_none_is_malformed() {
        let deep = format!("{}{}", r#"{"a":"#.repeat(65), "1".to_owned() + &"}".repeat(65));
        for body in ["{", "[]", "null", "1", "\"a\"", "{\"a\":}", "\u{0}", deep.as_str()] {
            assert_eq!(read(Some("application/json"), body.as_bytes()), Err(Refusal::MalformedBody), "{body}");
        }
        assert_eq!(read(Some("application/json"), b"{\"a\":\"\xff\"}"), Err(Refusal::MalformedBody));
        assert_eq!(read(Some("multipart/form-data"), b"x"), Err(Refusal::MalformedBody));
    }

    proptest::proptest! {
        #[test]
        fn no_body_panics(kind in proptest::option::of("(application/json|multipart/form-data; boundary=X|text/plain|\\PC{0,20})"), body: Vec<u8>) {
            let _ = read(kind.as_deref(), &body);
        }
    }
}

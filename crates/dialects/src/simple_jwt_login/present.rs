//! Where it shows its credentials: a header, a cookie, or a field; the first that is there counts, good or bad.
//!
//! On guarded routes the field is read from the query alone: what streams to the application is not kept waiting for one.

use doorward_core::flow::verify::Shown;
use doorward_core::refusal::Refusal;
use doorward_web::{Fields, Head};
use http::header::{AUTHORIZATION, COOKIE, HeaderName, HeaderValue};
use serde_json::Value;

use super::Sources;

/// The JWT of a request.
pub(super) fn token<'r>(sources: &Sources, head: &'r Head, fields: &'r Fields) -> Option<Shown<'r>> {
    if let Some(shown) = header(sources, head) {
        return Some(shown);
    }
    if let Some(text) = sources.cookie.as_deref().and_then(|name| cookie(head, name)) {
        return (!text.is_empty()).then_some(Shown::Jwt(text));
    }
    match fields.value_any_case(sources.field.as_deref()?)? {
        Value::String(text) => (!text.is_empty()).then_some(Shown::Jwt(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(Shown::Malformed),
    }
}

/// The JWT of a request to one of the language's own endpoints.
///
/// # Errors
/// [`Refusal::NoCredential`], [`Refusal::MalformedCredential`].
pub(super) fn own<'r>(sources: &Sources, head: &'r Head, fields: &'r Fields) -> Result<&'r str, Refusal> {
    match token(sources, head, fields) {
        None => Err(Refusal::NoCredential),
        Some(Shown::Jwt(token)) => Ok(token),
        Some(Shown::Malformed | Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => Err(Refusal::MalformedCredential),
    }
}

/// One word, with `Bearer` in front in any letter case, or bare. Any other value is somebody else's.
fn header<'r>(sources: &Sources, head: &'r Head) -> Option<Shown<'r>> {
    let mut values = head.headers.get_all(sources.header.as_ref()?).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Shown::Malformed);
    }
    let mut words = value.to_str().ok()?.split_ascii_whitespace();
    let (token, is_bare) = match (words.next()?, words.next(), words.next()) {
        (token, None, _) => (token, true),
        (scheme, Some(token), None) if scheme.eq_ignore_ascii_case("bearer") => (token, false),
        (_, Some(_), _) => return None,
    };
    let is_token = token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
    (is_token && !(is_bare && sources.bearer_only)).then_some(Shown::Jwt(token))
}

/// The headers that are looked at, unless it is just the common one.
pub(super) fn varies(sources: &Sources) -> Option<HeaderValue> {
    let own = sources.header.as_ref().filter(|name| **name != AUTHORIZATION).map(HeaderName::as_str);
    let cookie = sources.cookie.as_ref().map(|_| "cookie");
    let names = ["Authorization"].into_iter().chain(own).chain(cookie).collect::<Vec<_>>();
    (names.len() > 1).then(|| HeaderValue::from_str(&names.join(", ")).ok()).flatten()
}

fn cookie<'r>(head: &'r Head, name: &str) -> Option<&'r str> {
    let lines = head.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('=')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sources() -> Sources {
        Sources { header: Some(AUTHORIZATION), bearer_only: false, cookie: None, field: Some("JWT".into()) }
    }

    fn found(sources: &Sources, headers: &[(&str, &str)], body: &str, query: &str) -> String {
        let mut request = http::Request::builder().uri("/");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let head = Head::read(request.body(()).unwrap().into_parts().0).unwrap();
        let fields = Fields::new(serde_json::from_str(body).unwrap(), query);
        match token(sources, &head, &fields) {
            None => "nothing".into(),
            Some(Shown::Jwt(token)) => token.into(),
            Some(Shown::Malformed) => "malformed".into(),
            Some(Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => "another kind".into(),
        }
    }

    #[test]
    fn the_header_comes_first_with_bearer_or_bare() {
        for (header, expected) in [
            ("Bearer a.b-_.c", "a.b-_.c"),
            ("bearer  a.b.c", "a.b.c"),
            ("a.b.c", "a.b.c"),
            ("Bearer", "Bearer"),
            ("", "query"),
            ("Token a.b.c", "query"),
            ("Basic dTpw", "query"),
            ("Bearer a.b.c more", "query"),
            ("Bearer a.b.c=", "query"),
            ("\"a.b.c\"", "query"),
        ] {
            assert_eq!(found(&sources(), &[("authorization", header)], "{}", "JWT=query"), expected, "{header}");
        }
        let two = [("authorization", "Bearer a.b.c"), ("authorization", "Bearer d.e.f")];
        assert_eq!(found(&sources(), &two, "{}", ""), "malformed");
    }

    #[test]
    fn the_field_is_found_in_body_and_query_in_any_letter_case() {
        for (body, query, expected) in [
            ("{}", "", "nothing"),
            ("{}", "JWT=a.b.c", "a.b.c"),
            ("{}", "jwt=a.b.c", "a.b.c"),
            (r#"{"Jwt":"a.b.c"}"#, "", "a.b.c"),
            (r#"{"JWT":"a.b.c"}"#, "JWT=d.e.f", "a.b.c"),
            (r#"{"JWT":null}"#, "jwt=d.e.f", "d.e.f"),
            (r#"{"JWT":""}"#, "", "nothing"),
            (r#"{"JWT":["a.b.c"]}"#, "", "malformed"),
        ] {
            assert_eq!(found(&sources(), &[], body, query), expected, "{body} {query}");
        }
    }

    #[test]
    fn the_site_chooses_its_sources_and_their_names() {
        let own = Sources {
            header: Some(HeaderName::from_static("x-jwt")),
            bearer_only: true,
            cookie: Some("simple-jwt-login-token".into()),
            field: Some("t".into()),
        };
        for (headers, query, expected) in [
            (&[("x-jwt", "Bearer a.b.c")][..], "", "a.b.c"),
            (&[("x-jwt", "a.b.c"), ("authorization", "Bearer a.b.c")], "t=d.e.f", "d.e.f"),
            (&[("cookie", "x=1; simple-jwt-login-token=a.b.c")], "t=d.e.f", "a.b.c"),
            (&[("cookie", "simple-jwt-login-token=")], "t=d.e.f", "nothing"),
            (&[("cookie", "not-simple-jwt-login-token=a.b.c")], "JWT=d.e.f", "nothing"),
        ] {
            assert_eq!(found(&own, headers, "{}", query), expected, "{headers:?} {query}");
        }
        let none = Sources { header: None, bearer_only: false, cookie: None, field: None };
        assert_eq!(found(&none, &[("authorization", "Bearer a.b.c")], "{}", "JWT=a.b.c"), "nothing");
    }
}

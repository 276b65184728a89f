//! How requests are routed: by a method that may be named beside the real one, and by paths in any letter case.

use std::borrow::Cow;

use doorward_web::Head;
use http::HeaderName;

use super::php;

const OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The method by which a request is routed: `_method` of the query, else the override header, else its own; upper case.
pub(crate) fn method(head: &Head) -> Cow<'_, str> {
    let named = if head.target.query.contains("method") { php::query(&head.target.query).get("_method").and_then(php::text) } else { None };
    match named.or_else(|| head.header(&OVERRIDE).map(str::to_owned)) {
        Some(named) => Cow::Owned(named.to_uppercase()),
        None => Cow::Borrowed(head.method.as_str()),
    }
}

/// What follows the base in a path that is the base or below it, whatever the letter case; without a slash at the end.
pub(crate) fn below<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(base.len())?;
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    (start.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(method: &str, uri: &str, named: Option<&str>) -> Head {
        let mut request = http::Request::builder().method(method).uri(uri);
        if let Some(named) = named {
            request = request.header(OVERRIDE, named);
        }
        Head::read(request.body(()).unwrap().into_parts().0).unwrap()
    }

    #[test]
    fn the_query_names_the_method_before_the_header() {
        for (method_, uri, named, expected) in [
            ("GET", "/x", None, "GET"),
            ("GET", "/x?_method=post", None, "POST"),
            ("POST", "/x?_method=DELETE", Some("PUT"), "DELETE"),
            ("POST", "/x", Some("put"), "PUT"),
            ("POST", "/x?.method=PUT", None, "PUT"),
            ("POST", "/x?_method[]=PUT", None, "POST"),
            ("POST", "/x?method=PUT", None, "POST"),
        ] {
            assert_eq!(method(&head(method_, uri, named)), expected, "{method_} {uri} {named:?}");
        }
    }

    #[test]
    fn a_base_holds_whole_segments_in_any_letter_case() {
        let base = "/wp-json/jwt-auth/v1";
        for (path, expected) in [
            ("/wp-json/jwt-auth/v1", Some("")),
            ("/wp-json/jwt-auth/v1/", Some("")),
            ("/WP-JSON/Jwt-Auth/V1/token/", Some("/token")),
            ("/wp-json/jwt-auth/v10", None),
            ("/wp-json/jwt-auth", None),
            ("/wp-json/jwt-aut\u{e9}/v1", None),
        ] {
            assert_eq!(below(path, base), expected, "{path}");
        }
    }
}

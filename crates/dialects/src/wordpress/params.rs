//! Parameters as `WP_REST_Request` finds them: JSON over a posted form over the query, `null` as if it were not there.

use bytes::Bytes;
use doorward_core::refusal::Refusal;
use doorward_web::{Fields, Head, Unread};
use serde_json::{Map, Value};

use super::{answer, finish, php, route};

/// Reads the parameters of a request to an endpoint.
///
/// A JSON type is JSON or `rest_invalid_json`; another type is never read as JSON. A form counts where the method takes a
/// body: PHP's own (`POST`, multipart too), or WordPress's reading of the others (url-encoded, or no type at all).
pub(crate) async fn read(head: &Head, body: Bytes) -> Result<Fields, Unread> {
    if let Some(refused) = finish::bad_callback(head) {
        return Err(Unread::Answered(Box::new(refused)));
    }
    let encoding = head.content_encoding().map(str::trim).unwrap_or_default();
    if !encoding.is_empty() && !encoding.eq_ignore_ascii_case("identity") {
        return Err(Unread::Refused(Refusal::UnsupportedMediaType));
    }
    let query = php::query(&head.target.query);
    let kind = head.content_type().unwrap_or_default();
    let mut fields = Map::new();
    if matches!(&*route::method(head), "POST" | "PUT" | "PATCH" | "DELETE") {
        fields = form(head, kind, &body).await;
    }
    if is_json(kind) && !body.is_empty() && *body != *b"0" {
        match php::json(&body) {
            // Only the members of an object have names; `null` lets the form and the query shine through.
            Ok(Value::Object(map)) => fields.extend(map.into_iter().filter(|(_, value)| !value.is_null())),
            Ok(_) => {}
            Err(error) => return Err(Unread::Answered(Box::new(answer::invalid_json(error)))),
        }
    }
    Ok(Fields::of(fields, query))
}

async fn form(head: &Head, kind: &str, body: &Bytes) -> Map<String, Value> {
    let base = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let posted = head.method == http::Method::POST;
    match base.as_str() {
        "application/x-www-form-urlencoded" => php::query(&String::from_utf8_lossy(body)),
        "" if !posted => php::query(&String::from_utf8_lossy(body)),
        "multipart/form-data" if posted => multipart(kind, body.clone()).await,
        _ => Map::new(),
    }
}

/// The text parts of a multipart form. PHP takes what it understands of a broken one, and nothing of one without boundary.
pub(crate) async fn multipart(kind: &str, body: Bytes) -> Map<String, Value> {
    let pairs = doorward_web::body::parts(kind, body).await;
    php::variables(pairs.into_iter())
}

/// `wp_is_json_media_type`: `application/json`, `application/…+json`, `application/json+oembed`.
fn is_json(kind: &str) -> bool {
    let base = kind.split(';').next().unwrap_or_default().to_ascii_lowercase();
    base.split([' ', '\t', ',']).any(|word| {
        let Some(sub) = word.strip_prefix("application/") else { return false };
        let sub = sub.strip_suffix("+oembed").unwrap_or(sub);
        sub == "json" || sub.strip_suffix("+json").is_some_and(|name| !name.is_empty() && !name.contains('/'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_(method: &str, uri: &str, kind: &str, body: &str) -> String {
        let mut request = http::Request::builder().method(method).uri(uri);
        if !kind.is_empty() {
            request = request.header("content-type", kind);
        }
        let head = Head::read(request.body(()).unwrap().into_parts().0).unwrap();
        let body = Bytes::copy_from_slice(body.as_bytes());
        match futures_util::FutureExt::now_or_never(read(&head, body)).unwrap() {
            Ok(fields) => fields.value("a").map_or("-".to_owned(), ToString::to_string),
            Err(Unread::Answered(reply)) => reply.status.as_str().to_owned(),
            Err(Unread::Refused(refusal)) => refusal.reason().to_owned(),
        }
    }

    #[test]
    fn json_wins_over_the_form_over_the_query() {
        let form = "application/x-www-form-urlencoded";
        let multi = "multipart/form-data; boundary=X";
        let part = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\np\r\n--X--\r\n";
        for (method, uri, kind, body, expected) in [
            ("POST", "/x?a=q", "application/json", r#"{"a":"j"}"#, "\"j\""),
            ("POST", "/x?a=q", "application/json", r#"{"a":null}"#, "\"q\""),
            ("POST", "/x?a=q", "application/json", "", "\"q\""),
            ("POST", "/x?a=q", "application/json", "[1]", "\"q\""),
            ("POST", "/x?a=q", "application/json", "{x", "400"),
            ("GET", "/x?a=q", "application/json; charset=utf-8", "{x", "400"),
            ("GET", "/x?a=q", "application/json", r#"{"a":"j"}"#, "\"j\""),
            ("POST", "/x", "application/vnd.api+json", r#"{"a":"j"}"#, "\"j\""),
            ("POST", "/x", "APPLICATION/JSON", r#"{"a":"j"}"#, "\"j\""),
            ("POST", "/x", "text/json", r#"{"a":"j"}"#, "-"),
            ("POST", "/x?a=q", form, "a=f", "\"f\""),
            ("POST", "/x?a=q", form, r#"{"a":"j"}"#, "\"q\""),
            ("POST", "/x", "", "a=f", "-"),
            ("PUT", "/x", "", "a=f", "\"f\""),
            ("PUT", "/x", form, "a=f", "\"f\""),
            ("GET", "/x", form, "a=f", "-"),
            ("GET", "/x?_method=PUT", form, "a=f", "\"f\""),
            ("POST", "/x", multi, part, "\"p\""),
            ("PUT", "/x", multi, part, "-"),
            ("POST", "/x?a[]=1", "", "", "[\"1\"]"),
            ("POST", "/x?_jsonp=a(b)", "", "", "400"),
        ] {
            assert_eq!(read_(method, uri, kind, body), expected, "{method} {uri} {kind} {body}");
        }
    }
}

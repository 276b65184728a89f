//! Where it finds a JWT: header, cookie, parameter; the first that is there counts, good or bad.

use doorward_core::flow::verify::Shown;
use doorward_web::body::BODY_LIMIT;
use doorward_web::{Fields, Head};
use http::Method;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, COOKIE, HeaderName, TRANSFER_ENCODING};
use serde_json::Value;

use super::option::Opt;
use super::params::Params;
use super::php;

/// What two headers show that could mean two callers: no token.
const AMBIGUOUS: &str = "?";

/// The places, and their names. The plugin's third place, the PHP session, does not exist here: switching it on changes nothing.
#[derive(Clone, Debug)]
pub(super) struct Sources {
    header: Option<HeaderName>,
    bearer_only: bool,
    /// The cookie, if one may hold a JWT.
    pub(super) cookie: Option<String>,
    field: Option<String>,
}

impl Sources {
    /// Reads the option.
    pub(super) fn read(opt: &Opt<'_>) -> Self {
        let header = opt.text_or("general.request_keys.header", "Authorization");
        Self {
            header: opt.on_or("general.request_jwt_header", true).then(|| HeaderName::try_from(header).unwrap_or(AUTHORIZATION)),
            bearer_only: opt.on("general.request_jwt_header_require_bearer"),
            cookie: opt.on("general.request_jwt_cookie").then(|| opt.text_or("general.request_keys.cookie", "simple-jwt-login-token")),
            field: opt.on_or("general.request_jwt_url", true).then(|| opt.text_or("general.request_keys.url", "JWT")),
        }
    }

    /// The JWT of a request; `None` if there is none, or an empty one; an empty text for a list, which is no text.
    pub(super) fn jwt(&self, head: &Head, params: &Params) -> Option<String> {
        if let Some(token) = self.of_header(head) {
            return Some(token);
        }
        // PHP makes dots in the names of cookies into underscores, so a name with a dot is never found.
        if let Some(text) = self.cookie.as_deref().filter(|name| !name.contains('.')).and_then(|name| cookie(head, name)) {
            return (!text.is_empty()).then(|| text.to_owned());
        }
        let value = params.any_case(self.field.as_deref()?)?;
        match value {
            Value::Array(_) | Value::Object(_) => Some(String::new()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => php::text(value).filter(|_| !php::is_empty(value)),
        }
    }

    /// The JWT of a request outside the plugin's endpoints, borrowed from it.
    pub(super) fn shown<'r>(&self, head: &'r Head, fields: &'r Fields) -> Option<Shown<'r>> {
        if let Some(token) = self.of_header(head) {
            let word = head.headers.get(self.header.as_ref()?)?.to_str().ok()?.split_ascii_whitespace().last()?;
            return Some(if token == AMBIGUOUS { Shown::Malformed } else { Shown::Jwt(word) });
        }
        if let Some(text) = self.cookie.as_deref().filter(|name| !name.contains('.')).and_then(|name| cookie(head, name)) {
            return (!text.is_empty()).then_some(Shown::Jwt(text));
        }
        let name = self.field.as_deref()?;
        let in_body = fields.body().iter().rev().find(|(key, value)| key.eq_ignore_ascii_case(name) && !value.is_null());
        match in_body.map(|(_, value)| value).or_else(|| fields.value_any_case(name))? {
            Value::String(text) => (!matches!(text.as_str(), "" | "0")).then_some(Shown::Jwt(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Some(Shown::Malformed),
        }
    }

    /// True if the JWT of a request may be in its body: neither header nor cookie shows one, and the body is of a kind that holds fields, and no
    /// larger than is read for them.
    pub(super) fn in_body(&self, head: &Head) -> bool {
        let kind = head.content_type().unwrap_or_default().to_ascii_lowercase();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let holds_fields = kind.is_empty()
            || kind.ends_with("/json")
            || kind.ends_with("+json")
            || kind.starts_with("text/")
            || matches!(kind, "application/x-www-form-urlencoded" | "multipart/form-data");
        let length = head.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let is_there = match length {
            Some(length) => (1..=BODY_LIMIT).contains(&length),
            None => head.headers.contains_key(TRANSFER_ENCODING) || !matches!(head.method, Method::GET | Method::HEAD | Method::OPTIONS),
        };
        let by_cookie = self.cookie.as_deref().filter(|name| !name.contains('.')).and_then(|name| cookie(head, name)).is_some();
        self.field.is_some() && is_there && holds_fields && !by_cookie && self.of_header(head).is_none()
    }

    /// `word blanks token`, or the token alone; any other value is somebody else's.
    fn of_header(&self, head: &Head) -> Option<String> {
        let mut values = head.headers.get_all(self.header.as_ref()?).iter();
        let value = values.next()?.to_str().ok()?;
        if values.next().is_some() {
            // Two headers could mean two callers: neither is believed, and nothing behind them either.
            return Some(AMBIGUOUS.to_owned());
        }
        let mut words = value.split_ascii_whitespace();
        let (token, is_bare) = match (words.next()?, words.next(), words.next()) {
            (token, None, _) => (token, true),
            (scheme, Some(token), None) if scheme.eq_ignore_ascii_case("bearer") => (token, false),
            (_, Some(_), _) => return None,
        };
        let is_token = token.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        // PHP takes this one for none.
        (is_token && token != "0" && !(is_bare && self.bearer_only)).then(|| token.to_owned())
    }
}

/// A cookie of a request.
pub(super) fn cookie<'r>(head: &'r Head, name: &str) -> Option<&'r str> {
    let lines = head.headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('=')).map(str::trim)
}

//! Where it shows its credentials: the last word of `Authorization`; a JWT has two dots, an API token none.

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_web::Head;
use http::header::AUTHORIZATION;

/// What the header shows for a way.
pub(super) fn shown(head: &Head, way: Way) -> Option<Shown<'_>> {
    // A rule that takes both asks for a token first: most callers show a JWT, which is told without reading all of it twice.
    if way == Way::Token && is_bearers(head) {
        return None;
    }
    let shown = any(head)?;
    let fits = match shown {
        Shown::ApiToken(_) => way == Way::Token,
        Shown::Jwt(_) | Shown::Malformed => way == Way::Bearer,
        Shown::Basic { .. } | Shown::Session(_) => false,
    };
    fits.then_some(shown)
}

/// True for `Bearer` and two dots behind it: whatever else that is, it is no API token.
fn is_bearers(head: &Head) -> bool {
    let header = head.headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes).unwrap_or_default();
    let scheme = header.get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "));
    scheme && is_jwt(header)
}

/// A JWT has two dots.
fn is_jwt(text: &[u8]) -> bool {
    text.iter().filter(|byte| **byte == b'.').count() == 2
}

/// What the header shows: `token X`, `Bearer X`, `Token token="X"`, whatever the letter case.
pub(super) fn any(head: &Head) -> Option<Shown<'_>> {
    let Ok(header) = head.authorization() else { return Some(Shown::Malformed) };
    let header = header.filter(|h| !h.is_empty())?;
    let Some(space) = header.bytes().position(|b| b.is_ascii_whitespace()) else { return Some(Shown::Malformed) };
    let (scheme, rest) = header.split_at(space);
    let rest = rest.trim_ascii();
    if rest.is_empty() || memchr::memchr3(b' ', b'\t', b'\n', rest.as_bytes()).is_some() {
        Some(Shown::Malformed)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        Some(if is_jwt(rest.as_bytes()) { Shown::Jwt(rest) } else { Shown::ApiToken(rest) })
    } else if scheme.eq_ignore_ascii_case("token") {
        // Rails' own spelling quotes it. A JWT under `token` is looked up as what it claims to be, and not found.
        let bare = rest.strip_prefix("token=").map_or(rest, |quoted| quoted.trim_matches('"'));
        // `token=` and `token=""` show something, and no credential.
        Some(if bare.is_empty() { Shown::Malformed } else { Shown::ApiToken(bare) })
    } else {
        Some(Shown::Malformed)
    }
}

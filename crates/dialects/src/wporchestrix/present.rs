//! Where it shows its credentials: the last word of `Authorization`; a JWT has two dots, an API token none.

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_web::Head;

/// What the header shows for a way.
pub(super) fn shown(head: &Head, way: Way) -> Option<Shown<'_>> {
    let shown = any(head)?;
    let fits = match shown {
        Shown::ApiToken(_) => way == Way::Token,
        Shown::Jwt(_) | Shown::Malformed => way == Way::Bearer,
        Shown::Basic { .. } | Shown::Session(_) => false,
    };
    fits.then_some(shown)
}

/// What the header shows: `token X`, `Bearer X`, `Token token="X"`, whatever the letter case.
pub(super) fn any(head: &Head) -> Option<Shown<'_>> {
    let Ok(header) = head.authorization() else { return Some(Shown::Malformed) };
    let header = header.filter(|h| !h.is_empty())?;
    let Some(space) = header.bytes().position(|b| b.is_ascii_whitespace()) else { return Some(Shown::Malformed) };
    let (scheme, rest) = header.split_at(space);
    let rest = rest.trim_ascii();
    let is_jwt = || memchr::memchr_iter(b'.', rest.as_bytes()).count() == 2;
    if rest.is_empty() || memchr::memchr3(b' ', b'\t', b'\n', rest.as_bytes()).is_some() {
        Some(Shown::Malformed)
    } else if scheme.eq_ignore_ascii_case("bearer") {
        Some(if is_jwt() { Shown::Jwt(rest) } else { Shown::ApiToken(rest) })
    } else if scheme.eq_ignore_ascii_case("token") {
        // Rails' own spelling quotes it. A JWT under `token` is looked up as what it claims to be, and not found.
        let bare = rest.strip_prefix("token=").map_or(rest, |quoted| quoted.trim_matches('"'));
        // `token=` and `token=""` show something, and no credential.
        Some(if bare.is_empty() { Shown::Malformed } else { Shown::ApiToken(bare) })
    } else {
        Some(Shown::Malformed)
    }
}

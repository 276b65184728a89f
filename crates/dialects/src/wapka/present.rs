//! Where it shows its credentials: `Authorization`, a JWT behind `Bearer`, an API key bare or behind `Bearer`.

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_web::Head;

/// What every API key begins with, whatever comes after (`live_` is the only documented kind).
const KEY: &str = "wpk_";

/// What the header shows for a way.
pub(super) fn shown(head: &Head, way: Way) -> Option<Shown<'_>> {
    let shown = any(head)?;
    let fits = match shown {
        Shown::ApiToken(_) => way == Way::ApiKey,
        Shown::Jwt(_) | Shown::Malformed => way == Way::Bearer,
        Shown::Basic { .. } | Shown::Session(_) => false,
    };
    fits.then_some(shown)
}

/// What the header shows.
pub(super) fn any(head: &Head) -> Option<Shown<'_>> {
    let Ok(header) = head.authorization() else { return Some(Shown::Malformed) };
    header.filter(|h| !h.is_empty()).map(read)
}

fn read(header: &str) -> Shown<'_> {
    let bearer = |(scheme, rest): (&'_ str, _)| scheme.eq_ignore_ascii_case("bearer").then_some(rest);
    match header.split_once(|c: char| c.is_ascii_whitespace()) {
        None if header.starts_with(KEY) => Shown::ApiToken(header),
        None => Shown::Malformed,
        Some(parts) => match bearer(parts).map(str::trim) {
            Some(rest) if rest.is_empty() || rest.contains(char::is_whitespace) => Shown::Malformed,
            Some(key) if key.starts_with(KEY) => Shown::ApiToken(key),
            Some(token) => Shown::Jwt(token),
            None => Shown::Malformed,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_known_by_their_prefix_and_tokens_by_their_scheme() {
        for (header, expected) in [
            ("wpk_live_abc", "ApiToken(wpk_live_abc)"),
            ("Bearer wpk_live_abc", "ApiToken(wpk_live_abc)"),
            ("BEARER   a.b.c ", "Jwt(a.b.c)"),
            ("bearer\ta.b.c", "Jwt(a.b.c)"),
            ("Bearer opaque", "Jwt(opaque)"),
            ("Bearer", "Malformed"),
            ("Bearer a b", "Malformed"),
            ("wpk_live_abc wpk_live_def", "Malformed"),
            ("WPK_live_abc", "Malformed"),
            ("a.b.c", "Malformed"),
            ("token a.b.c", "Malformed"),
            ("Basic YTpi", "Malformed"),
        ] {
            let shown = match read(header) {
                Shown::ApiToken(key) => format!("ApiToken({key})"),
                Shown::Jwt(token) => format!("Jwt({token})"),
                Shown::Basic { .. } | Shown::Session(_) => "Basic".to_owned(),
                Shown::Malformed => "Malformed".to_owned(),
            };
            assert_eq!(shown, expected, "{header}");
        }
    }
}

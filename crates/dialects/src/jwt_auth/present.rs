//! Where it shows its credentials: `Authorization: Bearer …`, spelled exactly so.

use doorward_core::flow::verify::Shown;
use doorward_web::Head;

const SCHEME: &str = "Bearer";

/// What the header shows to the language's own check: any other scheme is malformed.
pub(super) fn any(head: &Head) -> Option<Shown<'_>> {
    let Ok(header) = head.authorization() else { return Some(Shown::Malformed) };
    Some(header.filter(|h| !h.is_empty())?.strip_prefix(SCHEME).map_or(Shown::Malformed, token))
}

/// What the header shows on a guarded route: another scheme (`bearer`, `Basic`) is somebody else's and not looked at.
pub(super) fn on_guarded(head: &Head) -> Option<Shown<'_>> {
    match head.authorization() {
        Ok(header) => header?.strip_prefix(SCHEME).map(token),
        Err(_) => Some(Shown::Malformed),
    }
}

/// The first word after the scheme, as the original reads it: blanks between them may be missing, later words are dropped.
fn token(rest: &str) -> Shown<'_> {
    rest.split_ascii_whitespace().next().map_or(Shown::Malformed, Shown::Jwt)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(values: &[&str]) -> Head {
        let mut request = http::Request::builder().uri("/wp-json/x");
        for value in values {
            request = request.header("authorization", *value);
        }
        Head::read(request.body(()).unwrap().into_parts().0).unwrap()
    }

    fn words(shown: Option<Shown<'_>>) -> &str {
        match shown {
            None => "nothing",
            Some(Shown::Jwt(token)) => token,
            Some(Shown::Malformed) => "malformed",
            Some(Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => "another kind",
        }
    }

    #[test]
    fn the_scheme_is_exact_and_its_blanks_are_free() {
        for (values, own, guarded) in [
            (&[][..], "nothing", "nothing"),
            (&[""], "nothing", "nothing"),
            (&["Bearer a.b.c"], "a.b.c", "a.b.c"),
            (&["Bearera.b.c"], "a.b.c", "a.b.c"),
            (&["  Bearer   a.b.c  "], "a.b.c", "a.b.c"),
            (&["Bearer a.b.c and more"], "a.b.c", "a.b.c"),
            (&["Bearer"], "malformed", "malformed"),
            (&["bearer a.b.c"], "malformed", "nothing"),
            (&["BEARER a.b.c"], "malformed", "nothing"),
            (&["Basic dTpw"], "malformed", "nothing"),
            (&["a.b.c"], "malformed", "nothing"),
            (&["Bearer a.b.c", "Bearer d.e.f"], "malformed", "malformed"),
        ] {
            let head = head(values);
            assert_eq!((words(any(&head)), words(on_guarded(&head))), (own, guarded), "{values:?}");
        }
    }
}

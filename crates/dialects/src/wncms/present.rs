//! Where it shows its credentials: `api_token` in body or query, `Authorization: Basic`, and `Bearer` where that is allowed.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::secret::Secret;
use doorward_web::{Basic, Fields, Head};

/// As PHP reads base64: with or without padding, whatever the last letter's unused bits.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true),
);

/// What the request shows for a way.
pub(super) fn shown<'r>(head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
    match way {
        Way::Simple => simple(fields),
        Way::Basic => basic(head, fields),
        Way::Bearer => bearer(head),
        Way::None | Way::Token | Way::ApiKey => None,
    }
}

/// `api_token`, without the spaces around it. Only text is a token: a `true` or a list that the original's look-up would
/// bend into one (CVE-2026-114509) is a bad token here.
fn simple(fields: &Fields) -> Option<Shown<'_>> {
    match fields.text("api_token") {
        Ok(None) => fields.is_list("api_token").then_some(Shown::Malformed),
        Ok(text) => text.map(str::trim).filter(|t| !t.is_empty()).map(Shown::ApiToken),
        Err(_) => Some(Shown::Malformed),
    }
}

fn basic<'r>(head: &'r Head, fields: &'r Fields) -> Option<Shown<'r>> {
    let Ok(encoded) = behind("basic", head)? else { return Some(Shown::Malformed) };
    let decoded = fields.basic(|| decode(encoded));
    Some(decoded.map_or(Shown::Malformed, |b| Shown::Basic { user: &b.user, password: b.password.reveal() }))
}

/// An API token, or another language's JWT where the site accepts those.
fn bearer(head: &Head) -> Option<Shown<'_>> {
    let Ok(token) = behind("bearer", head)? else { return Some(Shown::Malformed) };
    Some(match token.bytes().filter(|b| *b == b'.').count() {
        _ if token.is_empty() || token.contains(char::is_whitespace) => Shown::Malformed,
        2 => Shown::Jwt(token),
        _ => Shown::ApiToken(token),
    })
}

/// What `Authorization` holds behind a scheme, in any letter case; `None` if there is no such header or it has another
/// scheme, `Err` if it could mean two things.
fn behind<'r>(scheme: &str, head: &'r Head) -> Option<Result<&'r str, ()>> {
    match head.authorization() {
        Err(_) => Some(Err(())),
        Ok(header) => {
            let header = header?;
            let (word, rest) = header.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((header, ""));
            word.eq_ignore_ascii_case(scheme).then(|| Ok(rest.trim()))
        }
    }
}

/// Decodes Basic: cut at the first colon, the name without the spaces around it, the password as it is. Blank ones are none
/// at all, and `0` is blank.
fn decode(encoded: &str) -> Option<Basic> {
    let decoded = Secret::new(LENIENT.decode(encoded).ok()?);
    let bytes = decoded.reveal();
    let colon = bytes.iter().position(|b| *b == b':')?;
    let user = std::str::from_utf8(&bytes[..colon]).ok()?.trim();
    let password = &bytes[colon + 1..];
    let blank = |text: &[u8]| text.is_empty() || text == b"0";
    (!blank(user.as_bytes()) && !blank(password)).then(|| Basic { user: user.to_owned(), password: Secret::new(password) })
}

#[cfg(test)]
mod tests {
    use http::header::AUTHORIZATION;

    use super::*;

    fn head(authorization: &[&str]) -> Head {
        let mut parts = http::Request::builder().uri("/api/v1/posts");
        for value in authorization {
            parts = parts.header(AUTHORIZATION, *value);
        }
        Head::read(parts.body(()).unwrap().into_parts().0).unwrap()
    }

    fn told(shown: Option<Shown<'_>>) -> String {
        match shown {
            None => "nothing".into(),
            Some(Shown::Malformed) => "malformed".into(),
            Some(Shown::ApiToken(token)) => format!("token {token}"),
            Some(Shown::Jwt(token)) => format!("jwt {token}"),
            Some(Shown::Session(_)) => "session".into(),
            Some(Shown::Basic { user, password }) => format!("{user} / {}", String::from_utf8_lossy(password)),
        }
    }

    #[test]
    fn a_token_is_text_and_nothing_else() {
        let none = head(&[]);
        for (body, query, expected) in [
            (r#"{"api_token":" abc\u00a0"}"#, "", "token abc"),
            ("{}", "api_token=abc", "token abc"),
            (r#"{"api_token":"body"}"#, "api_token=query", "token body"),
            (r#"{"api_token":"a.b.c"}"#, "", "token a.b.c"),
            (r#"{"api_token":""}"#, "", "nothing"),
            (r#"{"api_token":"  "}"#, "", "nothing"),
            (r#"{"api_token":null}"#, "", "nothing"),
            ("{}", "", "nothing"),
            (r#"{"api_token":true}"#, "", "malformed"),
            (r#"{"api_token":0}"#, "", "malformed"),
            (r#"{"api_token":["abc"]}"#, "api_token=abc", "malformed"),
            (r#"{"api_token":{"a":"abc"}}"#, "", "malformed"),
            ("{}", "api_token[]=abc", "malformed"),
            (r#"{"api_token[0]":"abc"}"#, "", "malformed"),
            (r#"{"api_token":"abc"}"#, "api_token[x]=abc", "token abc"),
            ("{}", "api_tokens[]=abc", "nothing"),
        ] {
            let fields = Fields::new(serde_json::from_str(body).unwrap(), query);
            assert_eq!(told(shown(&none, &fields, Way::Simple)), expected, "{body} {query}");
        }
    }

    #[test]
    fn basic_is_read_leniently_and_blank_is_nobody() {
        for (header, expected) in [
            ("Basic YUBiOnBhc3M=", "a@b / pass"),
            ("bASIC   YUBiOnBhc3M", "a@b / pass"),
            // " a@b : pa:ss "
            ("Basic IGFAYiA6IHBhOnNzIA==", "a@b /  pa:ss "),
            ("Basic YUBiOg==", "malformed"),
            ("Basic OnBhc3M=", "malformed"),
            ("Basic MDpwYXNz", "malformed"),
            ("Basic YUBiOjA=", "malformed"),
            ("Basic YUBi", "malformed"),
            ("Basic ***", "malformed"),
            ("Basic", "malformed"),
            ("Basic /zpwYXNz", "malformed"),
            ("Bearer YUBiOnBhc3M=", "nothing"),
            ("", "nothing"),
        ] {
            assert_eq!(told(shown(&head(&[header]), &Fields::default(), Way::Basic)), expected, "{header}");
        }
        assert_eq!(told(shown(&head(&["Basic YUBiOnBhc3M=", "Basic YUBiOnBhc3M="]), &Fields::default(), Way::Basic)), "malformed");
    }

    #[test]
    fn bearer_takes_tokens_and_what_looks_like_a_jwt_as_one() {
        for (header, expected) in [
            ("Bearer abc", "token abc"),
            ("bearer a.b.c", "jwt a.b.c"),
            ("Bearer", "malformed"),
            ("Bearer a b", "malformed"),
            ("token abc", "nothing"),
        ] {
            assert_eq!(told(shown(&head(&[header]), &Fields::default(), Way::Bearer)), expected, "{header}");
        }
    }
}

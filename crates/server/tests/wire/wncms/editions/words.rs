//! What is heard: a line for each word, a column for each edition.

use super::endpoints::Endpoint;

/// A word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// It reaches the upstream, which is told of this account, or of nobody.
    Through(Option<i64>),
    MissingToken,
    InvalidToken,
    MissingBasic,
    InvalidBasic,
    /// Mode `none` where somebody is needed.
    Somebody,
    NotAdmin,
    /// Off by this switch.
    Off(&'static str),
    /// A mode that nobody knows.
    Mode,
    Unlisted,
}

const ENVELOPE: &str = r#"{"code":CODE,"status":"fail","message":"MESSAGE","data":[],"extra":[]}"#;
const PLAIN: &str = r#"{"status":"fail","message":"MESSAGE"}"#;

/// Status and body of a word in an edition (a column).
pub(super) fn heard(edition: usize, endpoint: &Endpoint, word: Word) -> (u16, String) {
    let off;
    // The documented status and message, then the `code` and message of the recorded ones.
    #[rustfmt::skip]
    let (documented, recorded) = match word {
        Word::Through(_)   => return (200, super::super::THROUGH.into()),
        Word::MissingToken => ((401, "Invalid token"), (401, "Missing api_token")),
        Word::InvalidToken => ((401, "Invalid token"), (401, "Invalid api_token")),
        Word::MissingBasic => ((401, "Invalid token"), (401, "Missing Basic credentials")),
        Word::InvalidBasic => ((401, "Invalid token"), (401, "Invalid Basic credentials")),
        Word::Somebody     => ((401, "Invalid token"), (401, "Authentication required for website API access")),
        Word::NotAdmin     => ((403, "Admin access required"), (403, "wncms::word.unauthorized_action")),
        Word::Off(key)     => { off = format!("API feature '{key}' is disabled"); ((403, ""), (403, off.as_str())) }
        Word::Mode         => ((403, "Unsupported auth mode: digest"), (403, "Unsupported auth mode: digest")),
        Word::Unlisted     => ((403, "Request IP or domain is not in the API whitelist"), (403, "Request IP or domain is not in the API whitelist")),
    };
    match (edition, word) {
        (0, Word::Off(_)) => (403, r#"{"status":403,"message":"API access is disabled"}"#.into()),
        (0, _) => (documented.0, PLAIN.replace("MESSAGE", documented.1)),
        // The menu and update controllers have two members and always 200.
        (_, Word::NotAdmin) if endpoint.path.ends_with("/sync") => (200, PLAIN.replace("MESSAGE", recorded.1)),
        (_, _) if endpoint.path == "/api/v1/update" && word != Word::Off("disable_core_update") => {
            (200, PLAIN.replace("MESSAGE", recorded.1))
        }
        (_, Word::Off("disable_core_update")) => (200, PLAIN.replace("MESSAGE", "Core update disabled")),
        (column, _) => {
            let body = ENVELOPE.replace("CODE", &recorded.0.to_string()).replace("MESSAGE", recorded.1);
            (if column == 1 { recorded.0 } else { 200 }, body)
        }
    }
}

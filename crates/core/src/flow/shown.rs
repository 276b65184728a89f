//! Shown: what a request shows of itself, before anything is proven.

use crate::session::SessionId;

/// What a request shows of itself, in the language it is written in. Borrowed from the request: nothing is proven yet.
#[derive(Clone, Copy)]
pub enum Shown<'a> {
    /// An API token or key, in plain text.
    ApiToken(&'a str),
    /// A JSON Web Token.
    Jwt(&'a str),
    /// HTTP Basic.
    Basic {
        /// The name, as sent.
        user: &'a str,
        /// The password, as sent.
        password: &'a [u8],
    },
    /// A browser's session, by the digest of the secret in its cookie.
    Session(SessionId),
    /// Something is there, but it is no credential of this language.
    Malformed,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::ApiToken(_) => "ApiToken(…)",
            Self::Jwt(_) => "Jwt(…)",
            Self::Basic { .. } => "Basic(…)",
            Self::Session(_) => "Session(…)",
            Self::Malformed => "Malformed",
        })
    }
}

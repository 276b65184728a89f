//! What the real plugin says of a token, check by check in its order and in its words (plugin 1.3.4, php-jwt 6.4).
//!
//! It decides nothing that the law does not decide as well: a token that it finds good still has to pass
//! [`verify`](doorward_core::flow::verify), and one that the law refuses is refused in the words found here.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use doorward_core::call::Time;
use doorward_core::refusal::{Forgery, Refusal};
use doorward_core::site::SiteView;
use doorward_core::token::Scratch;
use doorward_web::Reply;
use serde_json::Value;

use super::dates::{self, Dates};
use crate::jwt_auth::settings::{Plugin, Working};
use crate::jwt_auth::{NAME, Settings};
use crate::wordpress::answer::error;
use crate::wordpress::php;

/// Why a token is no good, in the plugin's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::jwt_auth) enum Problem {
    /// There is no header, or it is empty.
    NoHeader,
    /// The header is not `Bearer` and a word.
    Header,
    /// The plugin has no secret.
    NoSecret,
    /// The plugin does not know its algorithm.
    NoAlgorithm,
    /// php-jwt did not take it: its message, and our refusal.
    Decode(String, Refusal),
    /// Another site's.
    Issuer,
    /// Nobody's.
    NoId,
}

impl Problem {
    fn decode(message: &str, forgery: Forgery) -> Self {
        Self::Decode(message.to_owned(), Refusal::ForgedToken(forgery))
    }

    /// The law's word for it.
    pub(in crate::jwt_auth) fn refusal(&self) -> Refusal {
        match self {
            Self::NoHeader => Refusal::NoCredential,
            Self::Header => Refusal::MalformedCredential,
            Self::NoSecret => Refusal::SwitchedOff("JWT_AUTH_SECRET_KEY".into()),
            Self::NoAlgorithm => Refusal::SwitchedOff("jwt_auth_algorithm".into()),
            Self::Decode(_, refusal) => refusal.clone(),
            Self::Issuer => Refusal::ForgedToken(Forgery::Issuer),
            Self::NoId => Refusal::ForgedToken(Forgery::Claims),
        }
    }

    /// The plugin's answer.
    pub(in crate::jwt_auth) fn reply(&self) -> Reply {
        match self {
            Self::NoHeader => error(403, "jwt_auth_no_auth_header", "Authorization header not found."),
            Self::Header => error(403, "jwt_auth_bad_auth_header", "Authorization header malformed."),
            Self::NoSecret => no_secret(),
            Self::NoAlgorithm => no_algorithm(),
            Self::Decode(message, _) => invalid(message),
            Self::Issuer => error(403, "jwt_auth_bad_iss", "The iss do not match with this server"),
            Self::NoId => error(403, "jwt_auth_bad_request", "User ID not found in the token"),
        }
    }

    /// True if the Disciple.Tools fork takes a caller with such a token for nobody, instead of refusing it.
    pub(in crate::jwt_auth) fn is_ignored_by_fork(&self) -> bool {
        matches!(self, Self::NoHeader | Self::Header | Self::Decode(_, _))
    }
}

/// The answer of a plugin without secret.
pub(in crate::jwt_auth) fn no_secret() -> Reply {
    error(403, "jwt_auth_bad_config", "JWT is not configured properly, please contact the admin")
}

/// The answer of a plugin with an algorithm that it does not know.
pub(in crate::jwt_auth) fn no_algorithm() -> Reply {
    let message = "Algorithm not supported, see https://www.rfc-editor.org/rfc/rfc7518#section-3";
    error(403, "jwt_auth_unsupported_algorithm", message)
}

/// The answer to a token that php-jwt does not take.
pub(in crate::jwt_auth) fn invalid(message: &str) -> Reply {
    error(403, "jwt_auth_invalid_token", message)
}

/// The token as it is held against our keys: padding behind the signature is no part of it.
pub(in crate::jwt_auth) fn bare(token: &str) -> &str {
    token.trim_end_matches('=')
}

/// Examines a token as the plugin does. Nobody is looked up, and nothing is said of revocation.
pub(in crate::jwt_auth) fn examine(view: &SiteView, settings: &Settings, token: &str, now: Time) -> Result<(), Problem> {
    match settings.plugin.working {
        Working::NoSecret => return Err(Problem::NoSecret),
        Working::NoAlgorithm => return Err(Problem::NoAlgorithm),
        Working::Yes | Working::NoLibrary => {}
    }
    let payload = decode(view, &settings.plugin, token)?;
    let dates = Dates::of(&payload);
    if let Some(date) = dates.early(now) {
        let message = format!("Cannot handle token prior to {}", dates::iso8601(date));
        return Err(Problem::Decode(message, Refusal::EarlyToken));
    }
    if dates.expired(now) {
        return Err(Problem::Decode("Expired token".into(), Refusal::ExpiredToken));
    }
    if payload.get("iss").and_then(Value::as_str) != Some(view.site.url.as_str()) {
        return Err(Problem::Issuer);
    }
    match payload.get("data").and_then(|d| d.get("user")).and_then(|u| u.get("id")) {
        None | Some(Value::Null) => Err(Problem::NoId),
        Some(_) => Ok(()),
    }
}

/// `JWT::decode` up to the signature.
fn decode(view: &SiteView, plugin: &Plugin, token: &str) -> Result<Value, Problem> {
    let segments: Vec<&str> = token.split('.').collect();
    let &[header, payload, _] = segments.as_slice() else {
        return Err(Problem::decode("Wrong number of segments", Forgery::Malformed));
    };
    let header = json(header)?;
    if header.is_null() {
        return Err(Problem::decode("Invalid header encoding", Forgery::Malformed));
    }
    let payload = json(payload)?;
    match payload {
        Value::Null => return Err(Problem::decode("Invalid claims encoding", Forgery::Claims)),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(Problem::decode("Payload must be a JSON object", Forgery::Claims));
        }
        Value::Array(_) | Value::Object(_) => {}
    }
    let unsupported = || Problem::decode("Algorithm not supported", Forgery::Algorithm);
    let algorithm = match header.get("alg") {
        None => return Err(Problem::decode("Empty algorithm", Forgery::Algorithm)),
        Some(alg) if is_empty(alg) => return Err(Problem::decode("Empty algorithm", Forgery::Algorithm)),
        // An array here is a PHP fatal error; it is refused like any other name that nobody knows.
        Some(alg) => alg.as_str().filter(|name| LIBRARY_ALGORITHMS.contains(name)).ok_or_else(unsupported)?,
    };
    if algorithm != plugin.algorithm {
        return Err(Problem::decode("Incorrect key for this algorithm", Forgery::Algorithm));
    }
    let ring = &view.dialect(NAME).ok_or_else(unsupported)?.ring;
    match ring.verify(bare(token), &mut Scratch::new()) {
        Ok(_) => Ok(payload),
        Err(Forgery::Algorithm) => Err(unsupported()),
        Err(Forgery::Malformed | Forgery::Signature | Forgery::Claims | Forgery::Issuer) => {
            Err(Problem::decode("Signature verification failed", Forgery::Signature))
        }
    }
}

/// The algorithms that php-jwt knows.
const LIBRARY_ALGORITHMS: &[&str] = &["ES384", "ES256", "ES256K", "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "EdDSA"];

/// PHP's `empty`.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(yes) => !yes,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => matches!(text.as_str(), "" | "0"),
        Value::Array(items) => items.is_empty(),
        Value::Object(_) => false,
    }
}

/// A segment as php-jwt reads it: letters outside the alphabet are skipped, and what is left is JSON or an error.
fn json(segment: &str) -> Result<Value, Problem> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent).with_decode_allow_trailing_bits(true);
    let letters: Vec<u8> = segment
        .bytes()
        .filter_map(|b| match b {
            b'-' => Some(b'+'),
            b'_' => Some(b'/'),
            b if b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/') => Some(b),
            _ => None,
        })
        .collect();
    let malformed = |message: &str| Problem::decode(message, Forgery::Malformed);
    // A single letter left over holds no octet; PHP drops it.
    let whole = letters.get(..letters.len() - usize::from(letters.len() % 4 == 1)).unwrap_or_default();
    let octets = GeneralPurpose::new(&alphabet::STANDARD, LENIENT).decode(whole).unwrap_or_default();
    php::json(&octets).map_err(|php::JsonError(code, _)| match code {
        1 => malformed("Maximum stack depth exceeded"),
        3 => malformed("Unexpected control character found"),
        5 => malformed("Malformed UTF-8 characters"),
        10 => malformed("Unknown JSON error: 10"),
        _ => malformed("Syntax error, malformed JSON"),
    })
}

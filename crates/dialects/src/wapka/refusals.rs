//! How it says no: every refusal has one word here (contract §6).

use doorward_core::refusal::Refusal;
use doorward_web::{About, Reply};
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use super::envelope::{error, invalid};

/// The answer to a refusal, on the language's own endpoints and on what it guards.
pub(super) fn refuse(refusal: &Refusal, about: &About<'_>) -> Reply {
    match refusal {
        Refusal::MalformedBody => error(about, 400, "bad_request", "The body is not a JSON object"),
        Refusal::Missing(fields) => invalid(about, fields, "is required"),
        Refusal::WrongShape(field) => invalid(about, field, "has the wrong type"),
        Refusal::Invalid(field) => invalid(about, field, "is not valid"),
        Refusal::LoopDetected => error(about, 508, "loop_detected", "The request has been here before"),
        Refusal::BodyTooSlow => error(about, 408, "request_timeout", "The body did not arrive in time"),
        Refusal::BodyTooLarge => error(about, 413, "payload_too_large", "The body is too large"),
        Refusal::UnsupportedMediaType => error(about, 415, "unsupported_media_type", "The body's encoding is not supported"),

        Refusal::UnknownSite => error(about, 404, "not_found", "Site not found"),
        Refusal::NoRoute | Refusal::NotFound => error(about, 404, "not_found", "Not found"),
        Refusal::MethodNotAllowed(allow) => error(about, 405, "method_not_allowed", "Method not allowed").with(ALLOW, allow),

        Refusal::NoCredential => unproven(error(about, 401, "unauthorized", "A token or API key is required")),
        Refusal::BadCredentials | Refusal::SecondFactorWrong | Refusal::LoginWayOff(_) | Refusal::AuthCodeWrong => {
            unproven(error(about, 401, "invalid_credentials", "Invalid username or password"))
        }
        // Ours: the contract has no word for a second factor. Said only after a right password, as the ban is.
        Refusal::SecondFactorDue => unproven(error(about, 401, "second_factor_required", "A one-time code is required: send otp_attempt")),
        Refusal::Banned => error(about, 403, "account_banned", "This account is banned"),

        Refusal::ExpiredToken => bad_token(error(about, 401, "token_expired", "The token has expired")),
        Refusal::UnknownToken => bad_token(error(about, 401, "invalid_api_key", "Invalid API key")),
        Refusal::MalformedCredential
        | Refusal::ForgedToken(_)
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::WrongKind
        | Refusal::AccountGone
        | Refusal::ReusedRefresh => bad_token(error(about, 401, "invalid_token", "Invalid token")),

        Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => error(about, 403, "forbidden", "You are not allowed to do this"),
        Refusal::TooMany(seconds) => {
            error(about, 429, "rate_limited", "Too many attempts, try again later").with(RETRY_AFTER, &seconds.to_string())
        }
        Refusal::RateLimited(seconds) => {
            error(about, 429, "rate_limited", "Too many requests, try again later").with(RETRY_AFTER, &seconds.to_string())
        }
        Refusal::Busy(seconds) => {
            error(about, 503, "service_unavailable", "The service is busy, try again later").with(RETRY_AFTER, &seconds.to_string())
        }
    }
}

/// With the challenge for somebody who showed no token.
fn unproven(reply: Reply) -> Reply {
    reply.with(WWW_AUTHENTICATE, r#"Bearer realm="wapka-api""#)
}

/// With the challenge for somebody whose token or key is no good (RFC 6750 §3).
fn bad_token(reply: Reply) -> Reply {
    reply.with(WWW_AUTHENTICATE, r#"Bearer realm="wapka-api", error="invalid_token""#)
}

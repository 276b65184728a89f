//! How it says no: every refusal has one word here.

use doorward_core::refusal::{Forgery, Refusal};
use doorward_web::Reply;
use http::header::RETRY_AFTER;

use super::envelope::{error, invalid_json, login_refused, no_route, token_refused};

const INVALID: &str = "jwt_auth_invalid_token";

/// The answer to a refusal, on the language's own endpoints and on what it guards. A refused login is an object, a refused
/// token a list of one, both 403 (seed 004); what WordPress refuses itself is WordPress's object.
pub(super) fn refuse(refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::MalformedBody => invalid_json(),
        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound | Refusal::MethodNotAllowed(_) => no_route(),
        Refusal::BodyTooLarge => error(413, "payload_too_large", "Payload Too Large"),
        Refusal::LoopDetected => error(508, "loop_detected", "Loop Detected"),
        Refusal::BodyTooSlow => error(408, "request_timeout", "Request Timeout"),
        Refusal::UnsupportedMediaType => error(415, "unsupported_media_type", "Unsupported Media Type"),

        // The language has no word for a banned account: it is told nothing that a wrong password is not.
        Refusal::Missing(_)
        | Refusal::WrongShape(_)
        | Refusal::Invalid(_)
        | Refusal::BadCredentials
        | Refusal::Banned
        | Refusal::LoginWayOff(_)
        | Refusal::AuthCodeWrong => login_refused(403, "Invalid Credentials."),
        Refusal::SecondFactorDue => login_refused(403, "A second factor is required: send otp_attempt."),
        Refusal::SecondFactorWrong => login_refused(403, "Incorrect verification code."),
        Refusal::TooMany(seconds) => login_refused(429, "Too many requests.").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::RateLimited(seconds) => error(429, "rest_too_many_requests", "Too many requests.").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::Busy(seconds) => login_refused(503, "Service Unavailable.").with(RETRY_AFTER, &seconds.to_string()),

        Refusal::NoCredential => token_refused("jwt_auth_no_auth_header", "Authorization header not found."),
        Refusal::MalformedCredential => token_refused("jwt_auth_bad_auth_header", "Authorization header malformed."),
        Refusal::ForgedToken(Forgery::Malformed) => token_refused(INVALID, "Wrong number of segments"),
        Refusal::ForgedToken(Forgery::Algorithm) => token_refused(INVALID, "Algorithm not supported"),
        Refusal::ForgedToken(Forgery::Signature) | Refusal::UnknownToken => token_refused(INVALID, "Signature verification failed"),
        Refusal::ForgedToken(Forgery::Claims) => token_refused("jwt_auth_bad_request", "User ID not found in the token"),
        Refusal::ForgedToken(Forgery::Issuer) => token_refused("jwt_auth_bad_iss", "The iss do not match with this server"),
        Refusal::ExpiredToken => token_refused(INVALID, "Expired token"),
        Refusal::EarlyToken => token_refused(INVALID, "Cannot handle token prior to its nbf"),
        Refusal::RevokedToken | Refusal::ReusedRefresh => token_refused(INVALID, "Token was revoked"),
        Refusal::WrongKind => token_refused(INVALID, "Wrong kind of token"),
        Refusal::AccountGone => token_refused(INVALID, "User not found"),

        Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => error(403, "rest_forbidden", "Sorry, you are not allowed to do that."),
    }
}

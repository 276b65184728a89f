//! How the recorded editions say no: the law's refusals, in the words that the plugin has for what was sent.

use doorward_core::flow::verify::Shown;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{About, Reply};
use http::header::RETRY_AFTER;

use super::verdict::{self, Problem};
use crate::jwt_auth::{Settings, present};
use crate::wordpress::answer::{error, fatal, no_route};
use crate::wordpress::php::JsonError;

/// The answer to a refusal. What is refused of a token is said in the words of the first check that it fails; one that passes them
/// all and was revoked is told to be expired, which clients know what to do about.
pub(in crate::jwt_auth) fn refuse(view: &SiteView, settings: &Settings, refusal: &Refusal, about: &About<'_>) -> Reply {
    match refusal {
        Refusal::MalformedBody => crate::wordpress::answer::invalid_json(JsonError(4, "Syntax error")),
        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound | Refusal::MethodNotAllowed(_) => no_route(),
        Refusal::BodyTooLarge => error(413, "payload_too_large", "Payload Too Large"),
        Refusal::LoopDetected => error(508, "loop_detected", "Loop Detected"),
        Refusal::BodyTooSlow => error(408, "request_timeout", "Request Timeout"),
        Refusal::UnsupportedMediaType => error(415, "unsupported_media_type", "Unsupported Media Type"),

        // What a login lacks is said where it is read; this is what is left.
        Refusal::Missing(_)
        | Refusal::WrongShape(_)
        | Refusal::Invalid(_)
        | Refusal::BadCredentials
        | Refusal::Banned
        | Refusal::LoginWayOff(_)
        | Refusal::AuthCodeWrong => error(403, "[jwt_auth] authentication_failed", super::login::FAILED),
        Refusal::SecondFactorDue => error(403, "[jwt_auth] second_factor_due", "A second factor is required: send otp_attempt."),
        Refusal::SecondFactorWrong => error(403, "[jwt_auth] second_factor_wrong", "Incorrect verification code."),
        Refusal::TooMany(seconds) => {
            error(429, "[jwt_auth] too_many_retries", "Too many failed login attempts.").with(RETRY_AFTER, &seconds.to_string())
        }
        Refusal::RateLimited(seconds) => error(429, "rest_too_many_requests", "Too many requests.").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::Busy(seconds) => error(503, "service_unavailable", "Service Unavailable").with(RETRY_AFTER, &seconds.to_string()),

        Refusal::NoCredential if !about.own => error(401, "rest_not_logged_in", "You are not currently logged in."),
        Refusal::SwitchedOff(what) if what == "JWT_AUTH_SECRET_KEY" => verdict::no_secret(),
        Refusal::SwitchedOff(what) if what == "jwt_auth_algorithm" => verdict::no_algorithm(),
        Refusal::SwitchedOff(what) if what == "jwt_auth_library" => fatal(),

        Refusal::NoCredential
        | Refusal::MalformedCredential
        | Refusal::ForgedToken(_)
        | Refusal::UnknownToken
        | Refusal::ExpiredToken
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::ReusedRefresh
        | Refusal::WrongKind
        | Refusal::AccountGone => of_token(view, settings, about),

        Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => error(403, "rest_forbidden", "Sorry, you are not allowed to do that."),
    }
}

fn of_token(view: &SiteView, settings: &Settings, about: &About<'_>) -> Reply {
    let problem = match about.head.and_then(present::any) {
        None => Err(Problem::NoHeader),
        Some(Shown::Jwt(token)) => verdict::examine(view, settings, token, about.now),
        Some(Shown::Malformed | Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => Err(Problem::Header),
    };
    match problem {
        Err(problem) => problem.reply(),
        Ok(()) => verdict::invalid("Expired token"),
    }
}

//! How it says no: every refusal has one word here.

use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{About, Reply};
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use super::envelope::error;
use super::{NAME, Settings};

const BAD_LOGIN: &str = "Invalid email or password.";

/// The answer to a refusal, on the language's own endpoints and on what it guards.
pub(super) fn refuse(view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
    let on = |tail: &str| about.own && about.path.trim_end_matches(".json").ends_with(tail);
    let (refreshing, revoking) = (on("/jwt/refresh"), on("/jwt/revoke"));
    match refusal {
        Refusal::MalformedBody => error(400, "Bad Request"),
        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound => error(404, "Not Found"),
        Refusal::MethodNotAllowed(allow) => error(405, "Method Not Allowed").with(ALLOW, allow),
        Refusal::BodyTooLarge => error(413, "Payload Too Large"),
        Refusal::LoopDetected => error(508, "Loop Detected"),
        Refusal::BodyTooSlow => error(408, "Request Timeout"),
        Refusal::UnsupportedMediaType => error(415, "Unsupported Media Type"),

        Refusal::Missing(_) if refreshing => error(401, "Refresh token is required"),
        Refusal::Missing(_) if revoking => error(422, "Token is required"),
        Refusal::WrongShape(_) | Refusal::Invalid(_) if refreshing => error(401, "Invalid refresh token"),
        Refusal::WrongShape(_) | Refusal::Invalid(_) if revoking => error(422, "Invalid token"),
        Refusal::Missing(_) | Refusal::WrongShape(_) | Refusal::Invalid(_) => error(401, BAD_LOGIN),

        Refusal::BadCredentials | Refusal::LoginWayOff(_) | Refusal::AuthCodeWrong => error(401, BAD_LOGIN),
        Refusal::SecondFactorDue => error(422, "otp_attempt_required"),
        Refusal::SecondFactorWrong => error(401, "Incorrect verification code"),
        Refusal::Banned => error(401, "Your account is locked."),

        Refusal::ExpiredToken if refreshing => error(401, "Refresh token has expired"),
        Refusal::RevokedToken | Refusal::ReusedRefresh if refreshing => error(401, "Refresh token has been revoked"),
        Refusal::ForgedToken(_) | Refusal::EarlyToken | Refusal::WrongKind | Refusal::AccountGone if refreshing => {
            error(401, "Invalid refresh token")
        }
        Refusal::ExpiredToken => challenge(view, error(401, "Token has expired")),
        Refusal::NoCredential
        | Refusal::MalformedCredential
        | Refusal::UnknownToken
        | Refusal::ForgedToken(_)
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::WrongKind
        | Refusal::AccountGone
        | Refusal::ReusedRefresh => challenge(view, error(401, "Unauthorized")),

        Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => error(403, "Forbidden"),
        Refusal::TooMany(seconds) | Refusal::RateLimited(seconds) => {
            error(429, "Too many requests").with(RETRY_AFTER, &seconds.to_string())
        }
        Refusal::Busy(seconds) => error(503, "Service Unavailable").with(RETRY_AFTER, &seconds.to_string()),
    }
}

fn challenge(view: &SiteView, reply: Reply) -> Reply {
    let realm = view.settings::<Settings>(NAME).map_or("WPSentinel", |s| s.realm.as_str());
    reply.with(WWW_AUTHENTICATE, &format!("Bearer realm=\"{}\"", realm.replace(['"', '\\'], "")))
}

//! What is said where no language owns the path.

use doorward_core::refusal::Refusal;
use doorward_web::Reply;
use doorward_web::json::Style;
use serde_json::json;

pub(super) fn ambiguous() -> Reply {
    plain(400, "bad_request", "The path or the Host header could mean two things")
}

pub(super) fn no_site() -> Reply {
    plain(404, "not_found", "No site is configured")
}

/// An error where no language owns the path.
pub(super) fn plain(status: u16, code: &str, message: &str) -> Reply {
    Reply::json(status, Style::Plain, &json!({"error": {"code": code, "message": message}}))
}

/// A refusal where no language owns the path.
pub(super) fn plain_refusal(refusal: &Refusal) -> Reply {
    let status = match refusal {
        Refusal::NoCredential
        | Refusal::MalformedCredential
        | Refusal::UnknownToken
        | Refusal::ForgedToken(_)
        | Refusal::ExpiredToken
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::WrongKind
        | Refusal::AccountGone
        | Refusal::BadCredentials
        | Refusal::SecondFactorDue
        | Refusal::SecondFactorWrong
        | Refusal::ReusedRefresh => 401,
        Refusal::NoRoute | Refusal::NotFound | Refusal::UnknownSite => 404,
        Refusal::MethodNotAllowed(_) => 405,
        Refusal::BodyTooLarge => 413,
        Refusal::BodyTooSlow => 408,
        Refusal::UnsupportedMediaType => 415,
        Refusal::MalformedBody | Refusal::WrongShape(_) | Refusal::Missing(_) | Refusal::Invalid(_) => 400,
        Refusal::TooMany(_) | Refusal::RateLimited(_) => 429,
        Refusal::Busy(_) => 503,
        Refusal::LoopDetected => 508,
        Refusal::Banned
        | Refusal::LoginWayOff(_)
        | Refusal::AuthCodeWrong
        | Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => 403,
    };
    let reply = plain(status, refusal.reason(), "Refused");
    if let Refusal::TooMany(seconds) | Refusal::RateLimited(seconds) | Refusal::Busy(seconds) = refusal {
        return reply.with(http::header::RETRY_AFTER, &seconds.to_string());
    }
    if status == 401 { reply.with(http::header::WWW_AUTHENTICATE, "Bearer") } else { reply }
}

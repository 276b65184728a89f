//! The documented words.
//!
//! Whatever is wrong with a credential, missing ones and those of banned accounts included, is `Invalid token`: the seed
//! knows no other word, and its checkers compare the text.

use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::Reply;
use http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};

use crate::wncms::endpoints::ADMIN;
use crate::wncms::envelope::{fail, invalid, off};
use crate::wncms::{NAME, Settings};

/// The answer to a refusal.
pub(super) fn refuse(view: &SiteView, refusal: &Refusal) -> Reply {
    match refusal {
        Refusal::NoCredential
        | Refusal::MalformedCredential
        | Refusal::UnknownToken
        | Refusal::ForgedToken(_)
        | Refusal::ExpiredToken
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::WrongKind
        | Refusal::AccountGone
        | Refusal::ReusedRefresh
        | Refusal::BadCredentials
        | Refusal::SecondFactorDue
        | Refusal::SecondFactorWrong
        | Refusal::Banned
        | Refusal::LoginWayOff(_)
        | Refusal::AuthCodeWrong
        // A body that cannot be read is one without a token.
        | Refusal::MalformedBody => challenge(view, fail(401, "Invalid token")),

        Refusal::SwitchedOff(_) => off(),
        Refusal::RoleMissing(role) if role == ADMIN => fail(403, "Admin access required"),
        Refusal::RoleMissing(_) | Refusal::ScopeMissing | Refusal::LevelTooLow | Refusal::NotYours => fail(403, "Access denied"),
        Refusal::AddressNotAllowed => fail(403, "Request IP or domain is not in the API whitelist"),
        Refusal::UnknownMode(mode) => fail(403, &format!("Unsupported auth mode: {mode}")),

        Refusal::Missing(field) => invalid(field, &format!("The {field} field is required.")),
        Refusal::WrongShape(field) => invalid(field, &format!("The {field} field has the wrong type.")),
        Refusal::Invalid(field) => invalid(field, &format!("The {field} field is invalid.")),

        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound => fail(404, "Not found"),
        Refusal::MethodNotAllowed(allow) => fail(405, "Method not allowed").with(ALLOW, allow),
        Refusal::LoopDetected => fail(508, "Loop detected"),
        Refusal::BodyTooSlow => fail(408, "Request timeout"),
        Refusal::BodyTooLarge => fail(413, "Payload too large"),
        Refusal::UnsupportedMediaType => fail(415, "Unsupported media type"),
        Refusal::TooMany(seconds) => fail(429, "Too many attempts").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::RateLimited(seconds) => fail(429, "Too many requests").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::Busy(seconds) => fail(503, "Service unavailable").with(RETRY_AFTER, &seconds.to_string()),
    }
}

/// With the Basic challenge only where a realm is set: a browser opens a dialog at it.
fn challenge(view: &SiteView, reply: Reply) -> Reply {
    match view.settings::<Settings>(NAME).and_then(|s| s.basic_realm.as_deref()) {
        Some(realm) => reply.with(WWW_AUTHENTICATE, &format!("Basic realm=\"{}\"", realm.replace(['"', '\\'], ""))),
        None => reply,
    }
}

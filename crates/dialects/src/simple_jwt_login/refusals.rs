//! How it says no: every refusal has one word here.
//!
//! On the language's own endpoints a refusal is 400, as seed 001 documents it. On what it guards the document is silent: a bad
//! token is 401 and a missing right 403 there, which every proxy that asks us understands.

use doorward_core::refusal::{Forgery, Refusal};
use doorward_core::site::SiteView;
use doorward_web::{About, Reply};
use http::header::RETRY_AFTER;

use super::envelope::{error, invalid_json, no_route};
use super::gate::Endpoint;
use super::{NAME, Settings, original};

/// The answer to a refusal, on the language's own endpoints and on what it guards.
pub(super) fn refuse(view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
    if let Some(plugin) = view.settings::<Settings>(NAME).and_then(|s| s.original.as_deref()) {
        return original::refuse(view, plugin, refusal, about);
    }
    let own = |text: &str| error(400, text);
    let token = |text: &str| error(if about.own { 400 } else { 401 }, text);
    let right = |text: &str| error(if about.own { 400 } else { 403 }, text);
    let at = |endpoint: &str| about.own && about.path.trim_end_matches('/').to_ascii_lowercase().ends_with(endpoint);
    let (refreshing, revoking) = (at("/auth/refresh"), at("/auth/revoke"));
    match refusal {
        Refusal::MalformedBody => invalid_json(),
        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound | Refusal::MethodNotAllowed(_) => no_route(),
        Refusal::BodyTooLarge => error(413, "Payload Too Large"),
        Refusal::LoopDetected => error(508, "Loop Detected"),
        Refusal::BodyTooSlow => error(408, "Request Timeout"),
        Refusal::UnsupportedMediaType => error(415, "Unsupported Media Type"),

        Refusal::Missing("password") => own("The password or password_hash parameter is missing from request."),
        Refusal::Missing(_) => own("The email, username, or login parameter is missing from the request."),
        Refusal::WrongShape(name) => own(&format!("The {name} parameter must be a text.")),
        Refusal::Invalid(name) => own(&format!("The {name} parameter cannot be used.")),
        Refusal::LoginWayOff(_) => own("Authentication with password_hash is not enabled."),
        Refusal::AuthCodeWrong => own(&format!("Invalid Auth Code ( {} ) provided.", code_name(view))),
        // The language has no word for a banned account: it is told nothing that a wrong password is not.
        Refusal::BadCredentials | Refusal::Banned => own("Wrong user credentials."),
        Refusal::SecondFactorDue => own("A second factor is required: send otp_attempt."),
        Refusal::SecondFactorWrong => own("Incorrect verification code."),

        Refusal::NoCredential if refreshing => own("JWT is missing."),
        Refusal::NoCredential if about.own => own("The `jwt` parameter is missing."),
        Refusal::NoCredential => token("You are not authorized to access this endpoint."),
        Refusal::ExpiredToken if refreshing => own("JWT is too old to be refreshed."),
        Refusal::ExpiredToken => token("Expired token"),
        Refusal::RevokedToken if revoking => own("Token was already revoked."),
        Refusal::RevokedToken | Refusal::ReusedRefresh | Refusal::WrongKind => token("This JWT is invalid."),
        Refusal::AccountGone => token("User not found."),
        Refusal::EarlyToken => token("Cannot handle token prior to its nbf"),
        Refusal::MalformedCredential | Refusal::ForgedToken(Forgery::Malformed) => token("Wrong number of segments"),
        Refusal::ForgedToken(Forgery::Algorithm) => token("Algorithm not allowed"),
        Refusal::ForgedToken(Forgery::Signature) | Refusal::UnknownToken => token("Signature verification failed"),
        Refusal::ForgedToken(Forgery::Claims) => token(&no_owner(view)),
        Refusal::ForgedToken(Forgery::Issuer) => token("The JWT issuer(iss) is not allowed to auto-login."),

        Refusal::SwitchedOff(switch) if about.own => own(off(switch)),
        Refusal::AddressNotAllowed if about.own => own("You are not allowed to Authenticate from this IP."),
        Refusal::RoleMissing(_) => right("You do not have the required role to access this endpoint."),
        Refusal::NotYours
        | Refusal::SwitchedOff(_)
        | Refusal::UnknownMode(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => right("You are not authorized to access this endpoint."),
        Refusal::TooMany(seconds) | Refusal::RateLimited(seconds) => {
            error(429, "Too many requests.").with(RETRY_AFTER, &seconds.to_string())
        }
        Refusal::Busy(seconds) => error(503, "Service Unavailable").with(RETRY_AFTER, &seconds.to_string()),
    }
}

fn off(switch: &str) -> &'static str {
    match switch {
        s if s == Endpoint::Refresh.switch() => "Refresh Token endpoint is not enabled.",
        s if s == Endpoint::Validate.switch() => "Validate Token endpoint is not enabled.",
        s if s == Endpoint::Revoke.switch() => "Revoke Token endpoint is not enabled.",
        _ => "Authentication is not enabled.",
    }
}

fn code_name(view: &SiteView) -> &str {
    view.settings::<Settings>(NAME).map_or("AUTH_KEY", |s| s.codes.key.as_str())
}

fn no_owner(view: &SiteView) -> String {
    let claim = view.settings::<Settings>(NAME).map_or(&[][..], |s| s.owner.claim());
    match claim {
        [] => "Unable to find user  property in JWT.".to_owned(),
        [only] => format!("Unable to find user {only} property in JWT."),
        [.., last] => format!("Unable to find user {last} property in JWT.( Settings: {} )", claim.join(".")),
    }
}

//! The words of the real application, from its code (contract §3, §6 and §7). Where it has none, its envelope with ours.
//!
//! Several are keys that it never translated; its clients compare `status` and `code`.

use doorward_core::policy::{Rule, Way};
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{About, Reply};
use http::header::{ALLOW, RETRY_AFTER};

use super::{Status, fail, said};
use crate::wncms::NAME;
use crate::wncms::endpoints::{SYNC, UPDATE, WEBSITES};
use crate::wncms::envelope::unprocessable;
use crate::wncms::settings::NO_UPDATE;

const UNAUTHORIZED: &str = "wncms::word.unauthorized_action";

/// The answer to a refusal. What the application would have said itself has the edition's status; what a framework or a
/// server says before it is asked has its own in both.
pub(super) fn refuse(status: Status, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
    // Two members and 200 in every version, whatever it says: the update controller has no envelope.
    let is_update = is_update(view, about);
    let said = |code, message: &str| if is_update { fail(200, message) } else { said(status, code, message) };
    let rule = rule(view, about);
    match refusal {
        // A body that cannot be read is one without a token.
        Refusal::NoCredential | Refusal::MalformedBody => said(401, missing(rule)),
        // An unreadable Basic header is none at all to it.
        Refusal::MalformedCredential if basic_alone(rule) => said(401, missing(rule)),
        Refusal::MalformedCredential
        | Refusal::UnknownToken
        | Refusal::ForgedToken(_)
        | Refusal::ExpiredToken
        | Refusal::EarlyToken
        | Refusal::RevokedToken
        | Refusal::WrongKind
        | Refusal::AccountGone
        | Refusal::ReusedRefresh => said(401, "Invalid api_token"),
        Refusal::BadCredentials
        | Refusal::SecondFactorDue
        | Refusal::SecondFactorWrong
        | Refusal::Banned
        | Refusal::LoginWayOff(_)
        | Refusal::AuthCodeWrong => said(401, "Invalid Basic credentials"),

        // Two members and 200 in every version: its update and menu controllers have no envelope.
        Refusal::SwitchedOff(key) if key == NO_UPDATE => fail(200, "Core update disabled"),
        Refusal::RoleMissing(_) if rule.is_some_and(|r| r.action == SYNC) => fail(200, UNAUTHORIZED),

        Refusal::SwitchedOff(key) => said(403, &format!("API feature '{key}' is disabled")),
        Refusal::RoleMissing(_) | Refusal::ScopeMissing | Refusal::LevelTooLow | Refusal::NotYours => said(403, UNAUTHORIZED),
        Refusal::AddressNotAllowed => said(403, "Request IP or domain is not in the API whitelist"),
        Refusal::UnknownMode(mode) => said(403, &format!("Unsupported auth mode: {mode}")),
        Refusal::NotFound => said(404, "Not found"),

        Refusal::Missing(field) => unprocessable(field, &format!("The {field} field is required.")),
        Refusal::WrongShape(field) => unprocessable(field, &format!("The {field} field has the wrong type.")),
        Refusal::Invalid(field) => unprocessable(field, &format!("The {field} field is invalid.")),

        Refusal::UnknownSite | Refusal::NoRoute => early(404, "Not found"),
        Refusal::MethodNotAllowed(allow) => early(405, "Method not allowed").with(ALLOW, allow),
        Refusal::LoopDetected => early(508, "Loop detected"),
        Refusal::BodyTooSlow => early(408, "Request timeout"),
        Refusal::BodyTooLarge => early(413, "Payload too large"),
        Refusal::UnsupportedMediaType => early(415, "Unsupported media type"),
        Refusal::TooMany(seconds) => early(429, "Too many attempts").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::RateLimited(seconds) => early(429, "Too many requests").with(RETRY_AFTER, &seconds.to_string()),
        Refusal::Busy(seconds) => early(503, "Service unavailable").with(RETRY_AFTER, &seconds.to_string()),
    }
}

/// Said before the application is asked: the status is the code in both editions.
fn early(code: u16, message: &str) -> Reply {
    said(Status::OfCode, code, message)
}

/// The rule that was asked, the site's own first. The language's own endpoints have none.
fn rule<'v>(view: &'v SiteView, about: &About<'_>) -> Option<&'v Rule> {
    let method = about.head?.method.as_str();
    let host = about.head.map_or("", |head| head.host.as_str());
    let own = || view.dialect(NAME)?.rules.find(method, about.path, host);
    view.rules().find(method, about.path, host).or_else(own).map(|found| &found.rule)
}

/// True where the application's update controller answers.
fn is_update(view: &SiteView, about: &About<'_>) -> bool {
    let Some((head, spoken)) = about.head.zip(view.dialect(NAME)) else { return false };
    spoken.rules.find(head.method.as_str(), about.path, &head.host).is_some_and(|found| found.rule.action == UPDATE)
}

/// What is missing depends on the endpoint's mode; one without a mode that needs somebody says so.
fn missing(rule: Option<&Rule>) -> &'static str {
    match rule {
        Some(rule) if rule.ways.is_empty() && rule.action.starts_with(WEBSITES) => "Authentication required for website API access",
        rule if basic_alone(rule) => "Missing Basic credentials",
        Some(_) | None => "Missing api_token",
    }
}

fn basic_alone(rule: Option<&Rule>) -> bool {
    rule.is_some_and(|r| !r.ways.is_empty() && r.ways.iter().all(|w| matches!(w, Way::Basic | Way::None)) && r.ways.contains(&Way::Basic))
}

//! What the plugin says where the house has refused: on its own endpoints, and on what it guards.

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{About, Fields, Head, Reply};
use http::header::RETRY_AFTER;

use super::params::Params;
use super::words::{Word, word, word_with};
use super::{Generation, Plugin, chain, cookies, oauth, protect, wire};
use crate::simple_jwt_login::NAME;
use crate::wordpress::answer;
use crate::wordpress::php::JsonError;

/// The answer to a refusal of the house.
pub(in super::super) fn refuse(view: &SiteView, plugin: &Plugin, refusal: &Refusal, about: &About<'_>) -> Reply {
    let core = |status, code, text| answer::error(status, code, text);
    let own = |word: Word| wire::error(plugin, &word, None);
    let wait = |status, text: &str, seconds: &u32| {
        let reply = wire::error(plugin, &word(status, text), None).with(RETRY_AFTER, &seconds.to_string());
        wire::with_status(reply, status)
    };
    match refusal {
        Refusal::MalformedBody => answer::invalid_json(JsonError(4, "Syntax error")),
        Refusal::UnknownSite | Refusal::NoRoute | Refusal::NotFound | Refusal::MethodNotAllowed(_) => {
            core(404, "rest_no_route", "No route was found matching the URL and request method.")
        }
        Refusal::BodyTooLarge => core(413, "rest_upload_file_too_big", "The uploaded file is too big."),
        Refusal::LoopDetected => core(508, "rest_loop_detected", "The request has been here before."),
        Refusal::BodyTooSlow => core(408, "rest_request_timeout", "The request took too long."),
        Refusal::UnsupportedMediaType => core(415, "rest_unsupported_media_type", "The body is in an encoding that is not read here."),
        Refusal::TooMany(seconds) | Refusal::RateLimited(seconds) => wait(429, "Too many requests.", seconds),
        Refusal::Busy(seconds) => wait(503, "Service Unavailable", seconds),
        Refusal::BadCredentials | Refusal::Banned | Refusal::SecondFactorDue | Refusal::SecondFactorWrong => {
            own(word(48, "Wrong user credentials."))
        }
        Refusal::AuthCodeWrong => own(plugin.codes.wrong(27)),
        Refusal::Missing(_) | Refusal::WrongShape(_) | Refusal::Invalid(_) | Refusal::LoginWayOff(_) | Refusal::SwitchedOff(_) => {
            own(word(75, "You are not authorized to access this endpoint."))
        }
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
        | Refusal::NotYours
        | Refusal::UnknownMode(_)
        | Refusal::RoleMissing(_)
        | Refusal::ScopeMissing
        | Refusal::LevelTooLow
        | Refusal::AddressNotAllowed => guarded(view, plugin, refusal, about),
    }
}

/// What a request shows outside the plugin's endpoints: an API key, a JWT where tokens mean something, else a browser's session.
pub(in super::super) fn shown<'r>(view: &SiteView, plugin: &Plugin, head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
    match way {
        Way::ApiKey => {
            let value = head.headers.get(&plugin.api_keys.header).filter(|_| plugin.api_keys.enabled)?;
            Some(value.to_str().map_or(Shown::Malformed, |text| Shown::ApiToken(text.trim())))
        }
        Way::Bearer => {
            let is_rest = crate::wordpress::below(&head.target.path, "/wp-json").is_some();
            let token = if is_rest && plugin.reads_tokens() { plugin.sources.shown(head, fields) } else { None };
            token.or_else(|| cookies::shown(view, head).map(Shown::Session))
        }
        Way::None | Way::Simple | Way::Basic | Way::Token => None,
    }
}

/// True if a request outside the plugin's endpoints may show its JWT in its body.
pub(in super::super) fn in_body(plugin: &Plugin, head: &Head, way: Way) -> bool {
    let is_rest = crate::wordpress::below(&head.target.path, "/wp-json").is_some();
    way == Way::Bearer && is_rest && plugin.reads_tokens() && plugin.sources.in_body(head)
}

/// True for a browser's session that is no good: its bearer is nobody, as in WordPress.
pub(in super::super) fn overlooks(view: &SiteView, plugin: &Plugin, head: &Head, refusal: &Refusal) -> bool {
    let by_token = plugin.reads_tokens() && plugin.sources.jwt(head, &Params::of_head(head)).is_some();
    let by_key = plugin.api_keys.enabled && head.headers.contains_key(&plugin.api_keys.header);
    let of_session = matches!(refusal, Refusal::UnknownToken | Refusal::ExpiredToken | Refusal::RevokedToken | Refusal::AccountGone);
    of_session && !by_token && !by_key && cookies::shown(view, head).is_some()
}

/// On what it guards: protected endpoints refuse, the middleware says what is wrong with the token.
fn guarded(view: &SiteView, plugin: &Plugin, refusal: &Refusal, about: &About<'_>) -> Reply {
    let v3 = plugin.generation == Generation::V3;
    let by_key = about.head.is_some_and(|head| plugin.api_keys.enabled && head.headers.contains_key(&plugin.api_keys.header));
    if by_key && matches!(refusal, Refusal::UnknownToken | Refusal::MalformedCredential | Refusal::ScopeMissing) {
        return wire::error(plugin, &word(84, "Invalid or unauthorized API key."), None);
    }
    if !about.own && is_protected(view, about) {
        let word = if v3 {
            word_with(403, 403, "You are not authorized to access this endpoint.")
        } else {
            standing(refusal).unwrap_or_else(|| word(75, "You are not authorized to access this endpoint."))
        };
        return wire::error(plugin, &word, v3.then_some("simple-jwt-login-route-protect"));
    }
    let shown = about.head.and_then(|head| shown_word(view, plugin, refusal, about, head));
    let gone = || matches!(refusal, Refusal::AccountGone).then(|| word(54, "WordPress User not found."));
    let plain = || word(75, "You are not authorized to access this endpoint.");
    let word = shown.or_else(gone).or_else(|| standing(refusal)).unwrap_or_else(plain);
    let kind = (plugin.generation == Generation::V3 && !about.own).then_some("simple-jwt-login-middleware");
    wire::error(plugin, &word, kind)
}

/// The word for a token that was good once, or a caller who is known and may not.
fn standing(refusal: &Refusal) -> Option<Word> {
    if matches!(refusal, Refusal::RevokedToken | Refusal::ReusedRefresh) {
        return Some(word(55, "This JWT is invalid."));
    }
    matches!(refusal, Refusal::RoleMissing(_)).then(|| word(114, "You do not have the required role to access this endpoint."))
}

/// True if the path asks everybody for a credential.
fn is_protected(view: &SiteView, about: &About<'_>) -> bool {
    let method = about.head.map_or("GET", |head| head.method.as_str());
    let rule =
        view.dialect(NAME).and_then(|spoken| spoken.rules.find(method, about.path, about.head.map_or("", |head| head.host.as_str())));
    rule.is_some_and(|compiled| compiled.rule.action == protect::PROTECTED)
}

/// What is wrong with the token that was shown: the chain is run again, since the house tells less.
fn shown_word(view: &SiteView, plugin: &Plugin, refusal: &Refusal, about: &About<'_>, head: &Head) -> Option<Word> {
    let token = plugin.sources.jwt(head, &about.fields.map_or_else(|| Params::of_head(head), |fields| Params::of_guarded(head, fields)))?;
    if let Some(word) = oauth::unproven(plugin, &token) {
        return matches!(refusal, Refusal::ForgedToken(_)).then_some(word);
    }
    let opened = match chain::open(view, plugin, &token, about.now, true) {
        Ok(opened) => opened,
        Err(word) => return Some(word),
    };
    if plugin.generation == Generation::V4 && chain::is_interim(&opened.payload) {
        return Some(word(110, "This JWT requires two-factor verification before it can be used."));
    }
    chain::subject(&plugin.owner, &opened.payload).err()
}

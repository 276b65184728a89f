//! What the plugin says where the house has refused: on its own endpoints, and on what it guards.

use doorward_core::flow::verify::{Shown, examine, verify};
use doorward_core::policy::Way;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::SiteView;
use doorward_web::{About, Fields, Head, Reply, Seen};
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
        Way::ApiKey => shown_key(plugin, head),
        Way::Bearer => {
            let is_rest = crate::wordpress::below(&head.target.path, "/wp-json").is_some();
            let token = if is_rest && plugin.reads_tokens() { plugin.sources.shown(head, fields) } else { None };
            token.or_else(|| cookies::shown(view, head).map(Shown::Session))
        }
        Way::None | Way::Simple | Way::Basic | Way::Token => None,
    }
}

/// True if the middleware, or whoever looks at API keys, has something to look at in a head.
pub(in super::super) fn watches(plugin: &Plugin, head: &Head) -> bool {
    let is_rest = crate::wordpress::below(&head.target.path, "/wp-json").is_some();
    is_rest && (plugin.middleware || shown_key(plugin, head).is_some())
}

/// True for the root of the REST API on a site that protects anything: the plugin holds an empty path against no rule, and shuts it.
pub(in super::super) fn shuts_root(plugin: &Plugin, head: &Head) -> bool {
    let is_root = crate::wordpress::below(&head.target.path, "/wp-json") == Some("") && !head.target.rest_route;
    is_root && plugin.protects() && head.method != http::Method::OPTIONS
}

/// What is asked for there: a JWT, a browser's session or an API key.
pub(in super::super) fn watch_root<'a>(seen: Seen<'a>, plugin: &'a Plugin) -> BoxFuture<'a, Result<(), No>> {
    Box::pin(async move {
        let fields = Fields::new(serde_json::Map::new(), &seen.head.target.query);
        let by_token = shown(seen.view, plugin, seen.head, &fields, Way::Bearer);
        let shown = by_token.or_else(|| shown_key(plugin, seen.head)).ok_or(Refusal::NoCredential)?;
        proven(seen, shown).await
    })
}

async fn proven(seen: Seen<'_>, shown: Shown<'_>) -> Result<(), No> {
    let outcome = if seen.asks {
        examine(seen.house, seen.view, NAME, shown, seen.now, seen.client).await
    } else {
        verify(seen.house, seen.view, NAME, shown, seen.now, seen.client).await
    };
    outcome.map(|_| ())
}

/// Both of them before the endpoint of another plugin: the middleware first, and where it finds a JWT nobody else.
pub(in super::super) fn watch<'a>(seen: Seen<'a>, plugin: &'a Plugin) -> BoxFuture<'a, Result<(), No>> {
    Box::pin(async move {
        let fields = Fields::new(serde_json::Map::new(), &seen.head.target.query);
        let by_token = if plugin.middleware { plugin.sources.shown(seen.head, &fields) } else { None };
        let Some(shown) = by_token.or_else(|| shown_key(plugin, seen.head)) else { return Ok(()) };
        proven(seen, shown).await
    })
}

/// The API key of a request; a blank header is none.
fn shown_key<'r>(plugin: &Plugin, head: &'r Head) -> Option<Shown<'r>> {
    let value = head.headers.get(&plugin.api_keys.header).filter(|_| plugin.api_keys.enabled)?;
    match value.to_str().map(str::trim) {
        Ok("") => None,
        Ok(text) => Some(Shown::ApiToken(text)),
        Err(_) => Some(Shown::Malformed),
    }
}

/// True if a request outside the plugin's endpoints may show its JWT in its body.
pub(in super::super) fn in_body(plugin: &Plugin, head: &Head, way: Way) -> bool {
    let is_rest = crate::wordpress::below(&head.target.path, "/wp-json").is_some();
    way == Way::Bearer && is_rest && plugin.reads_tokens() && plugin.sources.in_body(head)
}

/// True for a browser's session that is no good: its bearer is nobody, as in WordPress. So is the bearer of a JWT that nobody asks for.
pub(in super::super) fn overlooks(view: &SiteView, plugin: &Plugin, head: &Head, refusal: &Refusal) -> bool {
    let tries = matches!(refusal, Refusal::TooMany(_) | Refusal::RateLimited(_) | Refusal::Busy(_));
    let by_key = shown_key(plugin, head).is_some();
    if !plugin.middleware && !by_key && !tries && is_open(view, head) {
        return true;
    }
    let by_token = plugin.reads_tokens() && plugin.sources.jwt(head, &Params::of_head(head)).is_some();
    let of_session = matches!(refusal, Refusal::UnknownToken | Refusal::ExpiredToken | Refusal::RevokedToken | Refusal::AccountGone);
    of_session && !by_token && !by_key && cookies::shown(view, head).is_some()
}

/// On what it guards: protected endpoints refuse, the middleware says what is wrong with the token.
fn guarded(view: &SiteView, plugin: &Plugin, refusal: &Refusal, about: &About<'_>) -> Reply {
    let v3 = plugin.generation == Generation::V3;
    let by_key = about.head.is_some_and(|head| shown_key(plugin, head).is_some());
    if by_key && matches!(refusal, Refusal::UnknownToken | Refusal::MalformedCredential | Refusal::ScopeMissing) {
        return wire::error(plugin, &word(84, "Invalid or unauthorized API key."), None);
    }
    if !about.own && (is_protected(view, about) || about.head.is_some_and(|head| shuts_root(plugin, head))) {
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

/// True if the plugin's own rules ask nobody for a credential there.
fn is_open(view: &SiteView, head: &Head) -> bool {
    let rule = view.dialect(NAME).and_then(|spoken| spoken.rules.find(head.method.as_str(), &head.target.path, &head.host));
    rule.is_some_and(|compiled| compiled.rule.is_open())
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
        return Some(chain::interim(&plugin.owner, &opened.payload));
    }
    chain::subject(&plugin.owner, &opened.payload).err()
}

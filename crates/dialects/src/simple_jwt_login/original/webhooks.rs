//! Webhooks (4.x): who is told of a login, a new account, a reset. Told later, from the store, and signed as Standard Webhooks are: the header
//! `webhook-signature` is an HMAC over id, time and body.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::errands;
use doorward_core::house::House;
use doorward_core::port::fetcher::{Plain, Question, Reach};
use doorward_core::port::store::{Errand, Work};
use doorward_core::refusal::Fault;
use doorward_core::secret::{Secret, hmac_sha256, sha256};
use doorward_core::site::mask::MASK;
use doorward_core::site::{ConfigProblem, SiteId, SiteView, Webhook};
use serde_json::{Map, Value, json};

use super::option::Opt;
use super::refresh_token::hex;
use super::{Case, Generation, Plugin, php};
use crate::config::Reader;

/// The kind of its errands.
pub(super) const KIND: &str = "simple_jwt_login.webhook";
const PATH: &str = "dialects.simple_jwt_login.webhooks";
/// Methods; any other is `POST`.
const METHODS: [&str; 5] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
/// Webhooks of a site that are told.
const MOST: usize = 100;

/// What somebody may be told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// A browser session by `autologin`.
    Login,
    /// A new account.
    Register,
    /// A JWT for a password.
    Auth,
    /// An account that is gone.
    DeleteUser,
    /// A code that was asked for.
    ResetPasswordRequest,
    /// A new password.
    ResetPassword,
}

impl Event {
    fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::Auth => "auth",
            Self::DeleteUser => "delete_user",
            Self::ResetPasswordRequest => "reset_password_request",
            Self::ResetPassword => "reset_password",
        }
    }
}

/// The section `webhooks`.
#[derive(Clone, Default)]
pub(super) struct Webhooks {
    hooks: Vec<Hook>,
    reach: Reach,
    /// Seconds that it is remembered what became of one.
    keep: i64,
}

#[derive(Clone)]
struct Hook {
    is_on: bool,
    /// Its name in the store: a digest, since its URL may hold a secret.
    target: String,
    url: String,
    method: String,
    events: Vec<String>,
    headers: Vec<(String, String)>,
    template: String,
}

impl Webhooks {
    /// Reads the option, and how far Doorward may go for it.
    ///
    /// # Errors
    /// A member of Doorward's own object that is none.
    pub(super) fn read(opt: &Opt<'_>, generation: Generation, config: &Value) -> Result<Self, ConfigProblem> {
        let own = Reader::open(PATH, config.get("webhooks").unwrap_or(&Value::Null))?;
        own.refuse_unknown(|name| ["private_addresses", "plain_http"].contains(&name))?;
        let private = own.flag("private_addresses")?.unwrap_or(false);
        let plain = if own.flag("plain_http")?.unwrap_or(false) { Plain::Anywhere } else { Plain::Never };
        let is_on = opt.on_or("webhooks.enabled", true);
        let items = if generation == Generation::V4 { opt.list("webhooks.items") } else { Vec::new() };
        let days = opt.int("webhooks.logs.retention", 90).clamp(1, 400);
        let keep = if opt.on_or("webhooks.logs.enabled", true) { days * 24 * 3600 } else { 0 };
        let mut told = 0;
        let hooks = items.into_iter().filter_map(hook).map(|hook| Hook { is_on: hook.is_on && is_on, ..hook }).filter(|hook| {
            told += usize::from(hook.is_on);
            !hook.is_on || told <= MOST
        });
        Ok(Self { hooks: hooks.collect(), reach: Reach { private, plain }, keep })
    }

    fn targets(&self, event: Event) -> Vec<String> {
        let wants = |hook: &&Hook| hook.is_on && hook.events.iter().any(|name| name == event.word());
        self.hooks.iter().filter(wants).map(|hook| hook.target.clone()).collect()
    }

    /// As somebody may see them who runs the site.
    pub(super) fn shown(&self) -> Vec<Webhook> {
        let one = |hook: &Hook| Webhook {
            target: hook.target.clone(),
            url: without_secrets(&hook.url),
            method: hook.method.clone(),
            events: hook.events.clone(),
            headers: hook.headers.iter().map(|(name, _)| name.clone()).collect(),
            has_template: !hook.template.is_empty(),
            is_on: hook.is_on,
        };
        self.hooks.iter().map(one).collect()
    }

    /// Seconds that it is remembered what became of one.
    pub(super) fn keep(&self) -> i64 {
        self.keep
    }
}

fn hook(item: &Value) -> Option<Hook> {
    let text = |name: &str| item.get(name).and_then(php::text).map(|text| text.trim().to_owned()).unwrap_or_default();
    let is_on = item.get("enabled").is_some_and(|value| !php::is_empty(value));
    let (url, method) = (text("url"), text("method").to_ascii_uppercase());
    let list = |name: &str| item.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let headers = list("headers").into_iter().filter_map(|header| {
        let text = |name: &str| header.get(name).and_then(php::text).unwrap_or_default();
        Some((text("key").trim().to_owned(), text("value"))).filter(|(name, _)| !name.is_empty())
    });
    let headers: Vec<(String, String)> = headers.collect();
    let events: Vec<String> = list("events").iter().filter_map(php::text).collect();
    let method = if METHODS.contains(&method.as_str()) { method } else { "POST".to_owned() };
    let template = text("payload_template");
    let target = hex(&sha256(json!([url, method, events, template]).to_string().as_bytes()))[..32].to_owned();
    (!url.is_empty()).then_some(Hook { is_on, target, url, method, events, headers, template })
}

/// Who is to be told of an event, once it is written.
pub(super) struct News {
    event: Event,
    targets: Vec<String>,
    site: SiteId,
    now: Time,
}

impl News {
    /// Writes the errands in the transaction of the event itself: they are told later, and no crash comes between.
    ///
    /// # Errors
    /// The store's.
    pub(super) fn keep_in(&self, desk: &mut dyn Work, account: &Account) -> Result<(), Fault> {
        let about = json!({"user_id": account.number, "user_email": account.email, "event": self.event.word()}).to_string();
        errands::keep_in(desk, self.site, KIND, &self.targets, &about, self.now)
    }
}

impl Case {
    /// Who is to be told of an event.
    pub(super) fn news(&self, event: Event) -> News {
        News { event, targets: self.plugin.webhooks.targets(event), site: self.view.site.id, now: self.call.now }
    }
}

/// The secret that a site's webhooks are signed with: derived, so that it is kept nowhere.
pub(in super::super) fn secret(house: &House, site: SiteId) -> Secret {
    house.terms().vault.derive(&format!("simple_jwt_login/webhooks/{}", site.0))
}

/// An errand as a question; `None` if the site no longer wants it told.
pub(in super::super) fn question(house: &House, view: &SiteView, plugin: &Plugin, errand: &Errand, now: Time) -> Option<Question> {
    let hook = plugin.webhooks.hooks.iter().find(|hook| hook.is_on && errand.kind == KIND && hook.target == errand.target)?;
    let about: Map<String, Value> = serde_json::from_str(&errand.about).ok()?;
    let is_get = hook.method == "GET";
    let body = if is_get { String::new() } else { body(&hook.template, &about) };
    let url = if is_get { with_query(&hook.url, &about) } else { hook.url.clone() };
    let (id, time) = (format!("msg_{}_{}", view.site.id.0, errand.id), now.0.to_string());
    let signed = hmac_sha256(&secret(house, view.site.id), format!("{id}.{time}.{body}").as_bytes());
    let mut headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    headers.extend(hook.headers.iter().filter(|(name, _)| !name.to_ascii_lowercase().starts_with("webhook-")).cloned());
    headers.push(("webhook-id".to_owned(), id));
    headers.push(("webhook-timestamp".to_owned(), time));
    headers.push(("webhook-signature".to_owned(), format!("v1,{}", BASE64_STANDARD.encode(signed))));
    Some(Question { method: hook.method.clone(), url, headers, body: body.into_bytes(), reach: plugin.webhooks.reach })
}

/// The template with its variables, as parts of JSON texts; the whole as JSON where there is none. What a value says is never a variable.
fn body(template: &str, about: &Map<String, Value>) -> String {
    if template.is_empty() {
        return Value::Object(about.clone()).to_string();
    }
    let mut out = String::with_capacity(template.len() + 64);
    let mut rest = template;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let named = about.iter().find(|(name, _)| rest[2..].strip_prefix(name.as_str()).is_some_and(|more| more.starts_with("}}")));
        if let Some((name, value)) = named {
            let quoted = Value::String(php::text(value).unwrap_or_default()).to_string();
            out.push_str(&quoted[1..quoted.len() - 1]);
            rest = &rest[name.len() + 4..];
        } else {
            out.push_str("{{");
            rest = &rest[2..];
        }
    }
    out.push_str(rest);
    out
}

fn with_query(url: &str, about: &Map<String, Value>) -> String {
    let pairs = about.iter().filter_map(|(name, value)| Some((name, php::text(value)?)));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    format!("{url}{}{query}", if url.contains('?') { '&' } else { '?' })
}

/// An address without what may be a secret: who it logs in as, the values of its query, what follows it.
fn without_secrets(url: &str) -> String {
    masked(url, |_| "")
}

/// The same for whoever edits it: the mask stands where something is left out. `None` if nothing is. What
/// is masked already is so still.
pub(in crate::simple_jwt_login) fn with_masks(url: &str) -> Option<String> {
    let shown = masked(url, |sign| if sign == '@' { "••••@" } else { "#••••" });
    (shown != url || url.contains(MASK)).then_some(shown)
}

/// `instead` of who it logs in as (`@`) and of what follows it (`#`).
fn masked(url: &str, instead: fn(char) -> &'static str) -> String {
    let (url, after) = url.split_once('#').map_or((url, ""), |(url, _)| (url, instead('#')));
    let (base, query) = url.split_once('?').map_or((url, None), |(base, query)| (base, Some(query)));
    let (scheme, rest) = base.split_once("://").map_or(("", base), |(scheme, rest)| (scheme, rest));
    let (place, path) = rest.split_at(rest.find(['/', '\\']).unwrap_or(rest.len()));
    let (user, place) = place.rsplit_once('@').map_or(("", place), |(_, place)| (instead('@'), place));
    let pair = |pair: &str| pair.split_once('=').map_or_else(|| MASK.to_owned(), |(name, _)| format!("{name}={MASK}"));
    let query = query.map(|query| format!("?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&")));
    let scheme = if scheme.is_empty() { String::new() } else { format!("{scheme}://") };
    format!("{scheme}{user}{place}{path}{}{after}", query.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(webhooks: Value, own: Value) -> Webhooks {
        let option = json!({"general": {}, "webhooks": webhooks});
        Webhooks::read(&Opt::open(&option), Generation::V4, &json!({"webhooks": own})).unwrap()
    }

    #[test]
    fn what_is_on_is_told_of_what_it_wants_to_hear() {
        let item = |url: &str, on: bool, events: Value| json!({"url": url, "enabled": on, "events": events});
        let items = json!([
            item("https://a", true, json!(["auth", "login"])),
            item("https://b", false, json!(["auth"])),
            item("", true, json!(["auth"])),
            item("https://c", true, json!(["nothing"])),
            "nonsense",
            null
        ]);
        let hooks = read(json!({"items": items}), json!({}));
        assert_eq!([Event::Auth, Event::Login, Event::Register].map(|event| hooks.targets(event).len()), [1, 1, 0]);
        assert_eq!((hooks.keep(), hooks.reach), (90 * 24 * 3600, Reach::default()));
        let off = read(json!({"enabled": false, "items": items}), json!({}));
        assert!(off.targets(Event::Auth).is_empty());
        assert!(off.shown().iter().all(|hook| !hook.is_on));
        let shown: Vec<_> = hooks.shown().into_iter().map(|hook| (hook.url, hook.is_on)).collect();
        assert_eq!(shown, [("https://a".into(), true), ("https://b".into(), false), ("https://c".into(), true)]);
        assert_eq!(read(json!({"logs": {"enabled": false}}), json!({"private_addresses": true})).keep(), 0);
        let option = json!({"allow_authentication": 1});
        assert!(Webhooks::read(&Opt::open(&option), Generation::V3, &json!({"webhooks": {"url": 1}})).is_err());
    }

    #[test]
    fn nothing_of_an_address_that_may_be_a_secret_is_shown() {
        for (url, expected) in [
            ("https://h.example/hook", "https://h.example/hook"),
            ("https://user:s3cr3t@h.example:8443/hook?token=s3cr3t&a=&s3cr3t#s3cr3t", "https://h.example:8443/hook?token=••••&a=••••&••••"),
            ("https://a@b:s3cr3t@h.example", "https://h.example"),
            ("https://s3cr3t@h.example?a=s3cr3t", "https://h.example?a=••••"),
            ("h.example/x@y", "h.example/x@y"),
            ("", ""),
        ] {
            assert_eq!(without_secrets(url), expected);
            let shown = with_masks(url);
            assert_eq!(shown.is_some(), url.contains("s3cr3t"), "{shown:?}");
            assert!(!shown.unwrap_or_default().contains("s3cr3t"));
        }
        let shown = with_masks("https://user:s3cr3t@h.example/hook?token=s3cr3t#s3cr3t");
        assert_eq!(shown.as_deref(), Some("https://••••@h.example/hook?token=••••#••••"));
        assert_eq!(with_masks(shown.as_deref().unwrap_or_default()), shown, "it is known again");
    }

    #[test]
    fn a_value_is_no_variable_and_ends_no_text() {
        let about = json!({"user_id": 4, "user_email": "a\"b{{event}}@x", "event": "auth"});
        let about = about.as_object().unwrap();
        assert_eq!(body("", about), r#"{"user_id":4,"user_email":"a\"b{{event}}@x","event":"auth"}"#);
        assert_eq!(
            body(r#"{"t":"{{event}} {{user_email}} {{user_id}} {{what}} {{"}"#, about),
            r#"{"t":"auth a\"b{{event}}@x 4 {{what}} {{"}"#
        );
        assert_eq!(with_query("https://h/?a=1", about), "https://h/?a=1&user_id=4&user_email=a%22b%7B%7Bevent%7D%7D%40x&event=auth");
    }
}

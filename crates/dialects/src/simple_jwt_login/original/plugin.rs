//! What the stored option says, read once per change of the settings.

use doorward_core::policy::Rule;
use doorward_core::secret::sha256;
use doorward_core::site::ConfigProblem;
use http::HeaderName;
use serde_json::Value;

use super::address::Addresses;
use super::codes::Codes;
use super::issuers::{self, Issuer};
use super::key::{self, Key, Public};
use super::oauth::{self, Oauth};
use super::option::Opt;
use super::protect::{self, Grounds, Protect};
use super::source::Sources;
use super::webhooks::Webhooks;
use crate::config::{Edition, Reader};

const PATH: &str = "dialects.simple_jwt_login";

/// Which generation of the plugin is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Generation {
    /// 3.6.6.
    V3,
    /// 4.0.0.
    V4,
}

/// The settings of a site that speaks a recorded edition.
pub(in super::super) struct Plugin {
    /// The generation.
    pub(super) generation: Generation,
    /// The route namespace, without slashes around it.
    pub(in super::super) namespace: String,
    /// What the configured key is good for.
    pub(super) key: Key,
    /// What proves the site's own tokens.
    pub(super) public: Public,
    /// Where JWTs are looked for.
    pub(super) sources: Sources,
    /// A JWT logs in on every other REST route.
    pub(in super::super) middleware: bool,
    /// How a JWT says whose it is.
    pub(super) owner: Owner,
    /// The authentication endpoints.
    pub(super) auth: Auth,
    /// The auth codes.
    pub(super) codes: Codes,
    /// Its own CORS headers.
    pub(super) cors: Cors,
    /// Redirects stay on the site.
    pub(super) safe_redirect: bool,
    /// Making accounts.
    pub(super) register: Register,
    /// Removing one's own account.
    pub(super) remove: Remove,
    /// Resetting passwords.
    pub(super) reset: Reset,
    /// Browser sessions.
    pub(in super::super) login: Login,
    /// Keys for programs.
    pub(in super::super) api_keys: ApiKeys,
    /// OAuth providers that are switched on.
    pub(super) oauth: Vec<Oauth>,
    /// Who is told of what happens (4.x).
    pub(super) webhooks: Webhooks,
    /// Who is not there is told what is told to those who are.
    pub(super) uniform_errors: bool,
    /// Protected endpoints.
    protect: Protect,
    /// Other issuers (4.x).
    pub(super) issuers: Vec<Issuer>,
    /// Seconds that the first step of a login is good for, where it has two (4.x).
    pub(super) two_factor: Option<i64>,
}

/// How a JWT says whose it is.
#[derive(Clone, Debug)]
pub(super) struct Owner {
    /// What the claim holds.
    pub(super) by: By,
    /// The claim's name, dots between the levels.
    pub(super) claim: String,
}

/// What the login claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// An e-mail address.
    Email,
    /// An account's number.
    Id,
    /// A login name.
    Login,
}

impl By {
    /// 0 e-mail, 2 login name, any other the number.
    pub(super) fn of(mode: i64) -> Self {
        match mode {
            0 => Self::Email,
            2 => Self::Login,
            _ => Self::Id,
        }
    }
}

/// The section `authorization`.
#[derive(Clone)]
pub(super) struct Auth {
    pub(super) enabled: bool,
    /// Names of claims that a token has.
    pub(super) payload: Vec<String>,
    /// Seconds that a token lives.
    pub(super) ttl: i64,
    /// Seconds that a refresh token lives (4.x), or that a token may be over and still be renewed (3.x).
    pub(super) refresh_ttl: i64,
    pub(super) addresses: Addresses,
    pub(super) issuer: String,
    pub(super) base64: bool,
    /// The stored hash logs in.
    pub(super) by_hash: bool,
    pub(super) refresh: bool,
    pub(super) validate: bool,
    pub(super) revoke: bool,
    pub(super) code_on_login: bool,
    pub(super) code_on_refresh: bool,
    pub(super) code_on_validate: bool,
    pub(super) code_on_revoke: bool,
    /// What refresh tokens are bound to: another key, and none of them is known any more.
    pub(super) refresh_binding: [u8; 32],
    /// Claims that every payload has (4.x).
    pub(super) custom_payload: Vec<(String, String)>,
    /// Claims that every header has (4.x).
    pub(super) custom_header: Vec<(String, String)>,
}

/// The section `cors`: what is sent, if it is.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Cors {
    pub(super) origin: Option<String>,
    pub(super) methods: Option<String>,
}

/// The section `register`.
#[derive(Clone)]
pub(super) struct Register {
    pub(super) enabled: bool,
    pub(super) code: bool,
    pub(super) addresses: Addresses,
    pub(super) domains: Vec<String>,
    pub(super) roles: Vec<String>,
    pub(super) random_password: bool,
    pub(super) force_login: bool,
    pub(super) return_jwt: bool,
    pub(super) allowed_meta: Vec<String>,
    pub(super) send_welcome: bool,
}

/// The section `delete_user`.
#[derive(Clone)]
pub(super) struct Remove {
    pub(super) enabled: bool,
    pub(super) code: bool,
    pub(super) addresses: Addresses,
    /// 3.x has a login claim of its own here.
    pub(super) owner: Owner,
}

/// The section `reset_password`.
#[derive(Clone)]
pub(super) struct Reset {
    pub(super) enabled: bool,
    pub(super) code: bool,
    /// 0 keeps the code, 1 sends WordPress's letter, 2 the site's own.
    pub(super) flow: i64,
    pub(super) subject: String,
    pub(super) body: String,
    pub(super) html: bool,
    /// A JWT changes the password as well.
    pub(super) return_jwt: bool,
    /// Its owner is told by mail.
    pub(super) send_changed: bool,
}

/// The section `login`: browser sessions.
#[derive(Clone)]
pub(in super::super) struct Login {
    pub(in super::super) enabled: bool,
    pub(super) code: bool,
    pub(super) addresses: Addresses,
    pub(super) issuers: Vec<String>,
    /// 0 the dashboard, 1 the home page, 9 `redirect_url`, 10 nowhere.
    pub(super) redirect: i64,
    pub(super) redirect_url: String,
    pub(super) fail_redirect: String,
    pub(super) redirect_parameter: bool,
    pub(super) include_parameters: bool,
    /// Parameters that are never appended.
    pub(super) removed: Vec<String>,
}

/// The section `api_keys`.
#[derive(Clone)]
pub(in super::super) struct ApiKeys {
    pub(in super::super) enabled: bool,
    pub(in super::super) header: HeaderName,
    pub(super) user_keys: bool,
}

impl Plugin {
    /// Reads the settings object of a site; `None` if it asks for the documented edition.
    pub(in super::super) fn read(edition: &Edition, config: &Value) -> Result<Option<Self>, ConfigProblem> {
        let generation = match edition {
            Edition::Documented => return Ok(None),
            Edition::Later(name) if name == "v3" => Generation::V3,
            Edition::Later(_) => Generation::V4,
        };
        let option = key::option(config)?;
        let opt = Opt::open(&option);
        Ok(Some(Self {
            generation,
            namespace: namespace(&opt),
            key: Key::of(&opt, config),
            public: Public::of(&opt, config),
            sources: Sources::read(&opt),
            middleware: opt.on("general.api_middleware.enabled"),
            owner: Owner { by: By::of(opt.int("login.login_by", 0)), claim: opt.text("login.login_by_parameter").trim().to_owned() },
            auth: auth(&opt, generation),
            codes: Codes::read(&opt, generation),
            cors: cors(&opt),
            safe_redirect: opt.on("general.security.safe_redirect"),
            register: register(&opt, generation),
            remove: remove(&opt, generation),
            reset: reset(&opt),
            login: login(&opt, generation),
            api_keys: ApiKeys {
                enabled: opt.on("api_keys.enabled"),
                header: HeaderName::try_from(opt.text_or("api_keys.header_name", "X-API-Key"))
                    .unwrap_or(HeaderName::from_static("x-api-key")),
                user_keys: opt.on("api_keys.allow_user_api_keys"),
            },
            oauth: oauth::read(&opt, generation, config)?,
            webhooks: Webhooks::read(&opt, generation, config)?,
            uniform_errors: Reader::open(PATH, config)?.flag("uniform_errors")?.unwrap_or(false),
            protect: Protect::read(&opt, generation),
            issuers: if generation == Generation::V4 { issuers::read(&opt) } else { Vec::new() },
            two_factor: two_factor(&opt, generation),
        }))
    }

    /// The rules of what the site guards.
    pub(in super::super) fn rules(&self) -> Vec<Rule> {
        protect::rules(&self.protect, self.grounds())
    }

    /// True if a JWT means anything outside the plugin's own endpoints.
    pub(in super::super) fn reads_tokens(&self) -> bool {
        protect::reads_tokens(&self.protect, self.grounds())
    }

    /// Seconds that it is remembered what became of a webhook.
    pub(in super::super) fn keeps_errands(&self) -> i64 {
        self.webhooks.keep()
    }

    fn grounds(&self) -> Grounds {
        Grounds { middleware: self.middleware, api_keys: self.api_keys.enabled, sessions: self.login.enabled }
    }
}

fn namespace(opt: &Opt<'_>) -> String {
    let text = opt.text("general.route_namespace");
    let text = text.trim().trim_matches('/');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
    let is_canonical = text.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if is_canonical && text.bytes().all(is_plain) { text.to_owned() } else { "simple-jwt-login/v1".to_owned() }
}

fn auth(opt: &Opt<'_>, generation: Generation) -> Auth {
    let is_v3 = generation == Generation::V3;
    let on = |name: &str| opt.on(&format!("authorization.{name}"));
    let minutes = |name: &str, default: i64| opt.int(&format!("authorization.{name}"), default).clamp(0, 1_000_000_000) * 60;
    let key = opt.text_or("authorization.refresh_token_key", &opt.text("general.decryption_key"));
    Auth {
        enabled: on("enabled"),
        payload: opt.texts("authorization.jwt_payload"),
        ttl: minutes("ttl", 60),
        refresh_ttl: minutes("refresh_ttl", 20_160),
        addresses: Addresses::read(&opt.text("authorization.ip_whitelist"), generation),
        issuer: opt.text("authorization.iss"),
        base64: on("password_base64"),
        by_hash: is_v3 || on("password_hash_enabled"),
        // 3.x has no such switches: these endpoints are on with the login.
        refresh: is_v3 || on("refresh_token_enabled"),
        validate: is_v3 || on("validate_token_enabled"),
        revoke: is_v3 || on("revoke_token_enabled"),
        code_on_login: on("auth_code"),
        code_on_refresh: if is_v3 { on("auth_code") } else { on("refresh_auth_code") },
        code_on_validate: !is_v3 && on("validate_auth_code"),
        code_on_revoke: if is_v3 { on("auth_code") } else { on("revoke_auth_code") },
        refresh_binding: sha256(key.as_bytes()),
        custom_payload: custom(opt, "payload"),
        custom_header: custom(opt, "header"),
    }
}

/// Two lists, names and values.
fn custom(opt: &Opt<'_>, part: &str) -> Vec<(String, String)> {
    let names = opt.texts(&format!("authorization.custom_claims.{part}.key"));
    let values = opt.texts(&format!("authorization.custom_claims.{part}.value"));
    names.into_iter().zip(values).filter(|(name, _)| !name.is_empty()).collect()
}

fn cors(opt: &Opt<'_>) -> Cors {
    let sent = |name: &str| {
        let is_on = opt.on("cors.enabled") && opt.on(&format!("cors.{name}_enabled"));
        is_on.then(|| opt.text(&format!("cors.{name}"))).filter(|text| !text.is_empty())
    };
    Cors { origin: sent("allow_origin"), methods: sent("allow_methods") }
}

/// A comma-separated text as its parts.
fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn register(opt: &Opt<'_>, generation: Generation) -> Register {
    let on = |name: &str| opt.on(&format!("register.{name}"));
    let profile = opt.text_or("register.new_user_profile", "subscriber");
    Register {
        enabled: on("enabled"),
        code: opt.on_or("register.auth_code", true),
        addresses: Addresses::read(&opt.text("register.ip_whitelist"), generation),
        domains: words(&opt.text("register.domain_whitelist")),
        roles: if generation == Generation::V4 { words(&profile) } else { vec![profile] },
        random_password: on("random_password"),
        force_login: on("force_login"),
        return_jwt: on("return_jwt"),
        allowed_meta: words(&opt.text("register.allowed_user_meta")),
        send_welcome: on("send_welcome_email"),
    }
}

fn remove(opt: &Opt<'_>, generation: Generation) -> Remove {
    let general = Owner { by: By::of(opt.int("login.login_by", 0)), claim: opt.text("login.login_by_parameter").trim().to_owned() };
    let own = Owner { by: By::of(opt.int("flat.delete_user_by", 0)), claim: opt.text("flat.jwt_delete_by_parameter").trim().to_owned() };
    Remove {
        enabled: opt.on("delete_user.enabled"),
        code: opt.on_or("delete_user.auth_code", true),
        addresses: Addresses::read(&opt.text("delete_user.ip_whitelist"), generation),
        owner: if generation == Generation::V3 && opt.is_flat() { own } else { general },
    }
}

fn reset(opt: &Opt<'_>) -> Reset {
    let body = opt.text("reset_password.email_body");
    let plain = String::from_utf8(super::super::settings::base64(&body)).unwrap_or_default();
    Reset {
        enabled: opt.on("reset_password.enabled"),
        code: opt.on("reset_password.auth_code"),
        flow: opt.int("reset_password.flow", 0),
        subject: opt.text("reset_password.email_subject"),
        body: if plain.is_empty() { "{{CODE}}".to_owned() } else { plain },
        html: opt.int("reset_password.email_type", 0) == 1,
        return_jwt: opt.on("reset_password.return_jwt"),
        send_changed: opt.on("reset_password.send_password_changed_email"),
    }
}

fn login(opt: &Opt<'_>, generation: Generation) -> Login {
    let on = |name: &str| opt.on(&format!("login.{name}"));
    let mut removed = words(&opt.text_or("login.remove_request_parameters", "rest_route, jwt, JWT, email, password, redirectUrl"));
    removed.push(opt.text_or("general.request_keys.url", "JWT"));
    Login {
        enabled: on("enabled"),
        code: on("auth_code"),
        addresses: Addresses::read(&opt.text("login.ip_whitelist"), generation),
        issuers: words(&opt.text("login.iss_whitelist")),
        redirect: opt.int("login.redirect", 0),
        redirect_url: opt.text("login.redirect_url"),
        fail_redirect: opt.text("login.fail_redirect").trim().to_owned(),
        redirect_parameter: on("allow_redirect_parameter"),
        include_parameters: on("include_request_parameters"),
        removed,
    }
}

fn two_factor(opt: &Opt<'_>, generation: Generation) -> Option<i64> {
    let is_on = generation == Generation::V4 && opt.on("integrations.3rdparty.two_factor.enabled");
    is_on.then(|| opt.int("integrations.3rdparty.two_factor.interim_ttl", 5).clamp(1, 60) * 60)
}

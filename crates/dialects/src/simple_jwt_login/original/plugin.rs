//! What the stored option says, read once per change of the settings.

use doorward_core::call::Time;
use doorward_core::policy::Rule;
use doorward_core::site::{ConfigProblem, Webhook};
use http::HeaderName;
use serde_json::Value;

use super::address::Addresses;
use super::chain::LEEWAY;
use super::codes::Codes;
use super::issuers::{self, Issuer};
use super::key::{self, Key, Public};
use super::oauth::{self, Oauth};
use super::option::Opt;
use super::protect::{self, Grounds, Protect};
use super::sections::{auth, cors, login, owner, register, remove, reset, two_factor};
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
    /// Seconds that the plugin's own audit log is kept, where it is on (4.x).
    audit: Option<i64>,
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
    /// Nobody, by a number that means nothing where an account is removed.
    Nobody,
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

    /// The same where an account is removed: there any other number is nobody's.
    pub(super) fn of_removal(mode: i64) -> Self {
        match mode {
            0..=2 => Self::of(mode),
            _ => Self::Nobody,
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
            owner: owner(&opt),
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
            },
            oauth: oauth::read(&opt, generation, config)?,
            webhooks: Webhooks::read(&opt, generation, config)?,
            audit: opt.on("audit_log.enabled").then(|| opt.int("audit_log.retention_days", 90).clamp(1, 36_500) * 24 * 3600),
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

    /// True if anything is protected.
    pub(super) fn protects(&self) -> bool {
        self.protect.is_on()
    }

    /// True if a JWT means anything outside the plugin's own endpoints.
    pub(in super::super) fn reads_tokens(&self) -> bool {
        protect::reads_tokens(&self.protect, self.grounds())
    }

    /// Seconds that it is remembered what became of a webhook.
    pub(in super::super) fn keeps_errands(&self) -> i64 {
        self.webhooks.keep()
    }

    /// Until when a JWT that was signed then may still be of use: as such, or to be renewed by the endpoint of 3.x.
    pub(in super::super) fn tokens_until(&self, signed: Time) -> Option<Time> {
        let has_end = self.auth.payload.iter().any(|name| name == "exp");
        let renewed = match self.generation {
            Generation::V3 => self.auth.refresh_ttl,
            Generation::V4 => 0,
        };
        has_end.then(|| signed.plus(self.auth.ttl.max(0)).plus(renewed.max(LEEWAY)))
    }

    /// The webhooks, as somebody may see them who runs the site.
    pub(in super::super) fn webhooks(&self) -> Vec<Webhook> {
        self.webhooks.shown()
    }

    /// Seconds that what was decided is remembered, where the option says so.
    pub(in super::super) fn keeps_audit(&self) -> Option<i64> {
        self.audit
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

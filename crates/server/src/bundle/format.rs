//! The bundle as text: serde structs that refuse what nobody knows, and name its path.
//!
//! A member that is absent leaves what is there as it is; of something new it is the default. So a bundle may say as
//! little as it wants to change, and one exported without secrets takes none away.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::config::suggest;

/// The version of the format that this build reads and writes.
pub const VERSION: u32 = 1;

/// A bundle.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bundle {
    /// The format's version.
    pub doorward_bundle: u32,
    /// True if it was exported without secrets: the settings of languages are not in it then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub without_secrets: bool,
    /// The sites, in order.
    pub sites: Vec<Site>,
}

/// A site.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Site {
    /// Its short name, by which it is found again.
    pub name: String,
    /// Its numeric id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Issuer and home URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Host values that select it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hosts: Option<Vec<String>>,
    /// What it protects; null = nothing.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub upstream: Option<Option<Upstreams>>,
    /// Origins that browsers may call from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cors_origins: Option<Vec<String>>,
    /// The languages it speaks, with their settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialects: Option<Map<String, Value>>,
    /// Signing keys that are not in the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keys: Option<Vec<Key>>,
    /// Rules, first match wins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoints: Option<Vec<Endpoint>>,
    /// Accounts; those that are not named stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub users: Option<Vec<User>>,
}

/// What a site protects: one base URL, or a list of them.
#[derive(Clone, Serialize, Deserialize)]
#[serde(untagged, expecting = "must be a URL, or a list of URLs")]
pub enum Upstreams {
    /// The only one.
    One(String),
    /// Several.
    Several(Vec<String>),
}

impl Upstreams {
    /// As stored, base URLs with a blank between.
    #[must_use]
    pub fn stored(text: &str) -> Self {
        let mut urls: Vec<String> = text.split_ascii_whitespace().map(str::to_owned).collect();
        if urls.len() == 1 { Self::One(urls.remove(0)) } else { Self::Several(urls) }
    }

    /// The base URLs.
    #[must_use]
    pub fn urls(&self) -> &[String] {
        match self {
            Self::One(url) => std::slice::from_ref(url),
            Self::Several(urls) => urls,
        }
    }
}

/// An account.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// Its number; absent = that of the same login, else the next free one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<i64>,
    /// Login name.
    pub login: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// URL-friendly name; of a new account the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nicename: Option<String>,
    /// The name shown; of a new account the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display_name: Option<String>,
    /// Web address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// When it was made, UTC; of a new account now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<String>,
    /// Roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<String>>,
    /// Level, 0 to 10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// 1 active, 2 banned, 4 deleted.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub status: Option<i64>,
    /// Picture; null = none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub avatar: Option<Option<String>>,
    /// True for accounts of programs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_account: Option<bool>,
    /// Password hash of any format; null = no password login.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub password_hash: Option<Option<String>>,
    /// Second factor; null = none.
    #[serde(skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub totp: Option<Option<Totp>>,
    /// API tokens; those that are not named stay.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_tokens: Option<Vec<Token>>,
    /// Free-form fields.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meta: Option<Map<String, Value>>,
}

/// A second factor.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totp {
    /// The shared secret, base 32.
    pub secret: String,
    /// Recovery codes in plain text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_codes: Option<Vec<String>>,
    /// Recovery codes as Doorward keeps them (hex): good on a site with the same id alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovery_digests: Option<Vec<String>>,
}

/// An API token.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Token {
    /// Its name.
    pub name: String,
    /// Its text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// SHA-256 of its text, hex, where the text is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// What people see of it, where the text is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// What it may be used for; absent = everything its account may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    /// When it was made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it stops working.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// The language it is for; absent = all that take API tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dialect: Option<String>,
    /// The addresses and networks that may use it; absent = from anywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip_allow: Option<Vec<String>>,
}

/// A signing key that is not in a language's settings.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The language.
    pub dialect: String,
    /// Its id.
    pub kid: String,
    /// Its algorithm, by its registered name.
    pub algorithm: String,
    /// HMAC octets or a private key (PKCS#8), base64.
    pub secret: String,
    /// When it was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// From when on it only verifies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retired: Option<String>,
}

/// A rule.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Endpoint {
    /// The action's name in audit; absent = made of the path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The path.
    pub path: String,
    /// `exact`, `prefix` or `pattern`; absent = `exact`.
    #[serde(rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<String>,
    /// Methods; empty = all.
    #[serde(deserialize_with = "or_default")]
    pub methods: Vec<String>,
    /// Hosts; empty = all.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<String>,
    /// False = switched off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// The switch's name, as some languages show it when it is off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub switch: Option<String>,
    /// Ways of proving oneself: one that succeeds is enough.
    #[serde(deserialize_with = "or_default")]
    pub auth: Vec<String>,
    /// True = each of the ways must succeed, all by the same account.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub all: bool,
    /// What a bad credential does where `none` is a way: `refuse` or `ignore`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// Roles, of which one must be had.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// Scopes, all of which must be had.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// Smallest level.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_zero")]
    pub min_level: u8,
    /// Addresses from which alone it may be used.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub ip_allow: Vec<String>,
    /// Addresses from which it may not be used.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub ip_deny: Vec<String>,
    /// How often it may be used.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "Vec::is_empty")]
    pub rate_limits: Vec<RateLimit>,
    /// True = credentials are removed before the upstream sees the request.
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_false")]
    pub strip_credential: bool,
    /// The language in whose words it refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answers_as: Option<String>,
}

/// A rate limit of a rule.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RateLimit {
    /// `address`, `account`, `token` or `route`.
    pub per: String,
    /// How many requests per period.
    pub count: u32,
    /// The period in seconds.
    pub period: u32,
    /// How many at once; absent = `count`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Limits of one name share their counters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What is wrong with a bundle: where, and what. Never repeats a value that may be secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The path of the member (`sites[0].users[2].login`).
    pub path: String,
    /// What is wrong with it.
    pub text: String,
}

impl Problem {
    /// A problem at a path.
    pub fn at(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.text)
    }
}

impl std::error::Error for Problem {}

/// Reads a bundle.
///
/// # Errors
/// The first thing that is no part of a bundle, with its path.
pub fn read(text: &str) -> Result<Bundle, Problem> {
    /// The version alone, so that a later format is named before its members are wondered at.
    #[derive(Deserialize)]
    struct Version {
        doorward_bundle: Option<Value>,
    }
    let version: Version = serde_json::from_str(text).map_err(|e| Problem::at(format!("line {}", e.line()), words(&e)))?;
    match version.doorward_bundle.as_ref().map(Value::as_u64) {
        Some(Some(1)) => {}
        Some(_) => return Err(Problem::at("doorward_bundle", "must be 1: this version reads no other format")),
        None => return Err(Problem::at("doorward_bundle", "is missing: this is no bundle")),
    }
    let mut json = serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(&mut json).map_err(|e| problem(&e))
}

/// Reads a list of rules; `at` is where it stands.
///
/// # Errors
/// The first thing that is no part of a rule, with its path.
pub(crate) fn endpoints_of(list: Value, at: &str) -> Result<Vec<Endpoint>, Problem> {
    serde_path_to_error::deserialize(list).map_err(|e| {
        let Problem { path, text } = problem(&e);
        let path = match path.as_str() {
            "the bundle" => at.to_owned(),
            path if path.starts_with('[') => format!("{at}{path}"),
            path => format!("{at}.{path}"),
        };
        Problem { path, text: text.replace("is no member of a bundle", "is no member of a rule") }
    })
}

fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let text = words(error.inner());
    let path = error.path().to_string();
    let path = if path == "." { "the bundle".to_owned() } else { path };
    let Some((member, known)) = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`')) else {
        return Problem::at(path, text);
    };
    let known: Vec<&str> = known.split('`').skip(1).step_by(2).collect();
    let hint = suggest(member, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
    let path = if path.rsplit('.').next() == Some(member) {
        path
    } else if path == "the bundle" {
        member.to_owned()
    } else {
        format!("{path}.{member}")
    };
    Problem::at(path, format!("is no member of a bundle{hint}"))
}

/// A message of the parser. Texts that it quotes may be secrets and are left out.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let Some((before, rest)) = text.split_once("string \"") else { return text };
    let after = rest.rsplit_once("\", ").map_or("", |(_, after)| after);
    format!("{before}a string, {after}")
}

/// A member that is there, null or not, so that null can mean something else than absence.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

/// Null is as good as absent.
fn or_default<'de, D: Deserializer<'de>, T: Deserialize<'de> + Default>(from: D) -> Result<T, D::Error> {
    Option::<T>::deserialize(from).map(Option::unwrap_or_default)
}

fn is_false(flag: &bool) -> bool {
    !*flag
}

fn is_zero(number: &u8) -> bool {
    *number == 0
}

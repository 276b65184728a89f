//! Sites: the realms of one server. Each has its own accounts, keys, settings and rules.

mod directory;
pub mod mask;
mod member;
mod profile;

pub use directory::{DialectView, Directory, SiteView};
pub use member::{Member, MemberKind};
pub use profile::{AuthCodes, Claims, CodeEntry, ConfigProblem, IpList, Profile, Subject, TokenKind, Webhook};

use crate::policy::Rule;

/// The numeric id of a site, as clients see it (Wapka's `site_id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SiteId(pub i64);

/// A site as it is configured.
#[derive(Clone, Debug)]
pub struct Site {
    /// Its numeric id.
    pub id: SiteId,
    /// Its short name, `[a-z0-9-]{1,63}` (Wapka's `site`).
    pub name: String,
    /// Issuer and home URL, without a trailing slash. Links and `iss` come from here, never from a request.
    pub url: String,
    /// `Host` values that select it, lower case, with the port if it is not the scheme's own.
    pub hosts: Vec<String>,
    /// Base URLs of what it protects, with a blank between.
    pub upstream: Option<String>,
    /// Origins that browsers may call from; empty = any, without credentials.
    pub cors_origins: Vec<String>,
    /// The languages it speaks, with their settings.
    pub dialects: Vec<DialectConfig>,
    /// Its own rules, first match wins; the languages' default rules come after them.
    pub rules: Vec<Rule>,
}

/// One language of a site: the bundle's object, as stored.
#[derive(Clone, Debug)]
pub struct DialectConfig {
    /// The language's name (`wapka`).
    pub dialect: String,
    /// The bundle's object: `edition`, `settings`, `constants`, `filters`, `accept_tokens_of`. Holds secrets: sealed at rest, never printed.
    pub config: ConfigValue,
}

/// A settings object that may hold secrets: `Debug` prints only that it is there.
#[derive(Clone, PartialEq)]
pub struct ConfigValue(pub serde_json::Value);

impl std::fmt::Debug for ConfigValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfigValue(…)")
    }
}

impl Site {
    /// True if the name is one that a site can have: `[a-z0-9-]{1,63}`.
    #[must_use]
    pub fn is_name(name: &str) -> bool {
        (1..=63).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
}

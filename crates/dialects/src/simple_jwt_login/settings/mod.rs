//! Its settings: the plugin's own option, flat (3.x) or in sections (4.x). Without it the language is on with a key of its own.

mod codes;
pub(super) mod key;
pub(super) mod lists;
mod sources;
mod stored;

use std::borrow::Cow;
use std::sync::Arc;

use doorward_core::call::Time;
use doorward_core::policy::AddressList;
use doorward_core::refusal::Fault;
use doorward_core::site::{ConfigProblem, SiteView};
use serde_json::Value;

use self::stored::Stored;
use super::NAME;
use super::original::{Plugin, Protect};
use crate::config::{Edition, Reader, edition};

pub use codes::AuthCodes;
pub(super) use key::base64;
pub use sources::Sources;

/// Whether the option is kept in sections; `None` if there is no option, or an empty one.
pub(super) fn has_sections(config: &Value) -> Option<bool> {
    let option = Stored::of(config).ok()?;
    let stored = Stored::open(&option).ok()?;
    (!stored.is_fresh()).then(|| stored.has_sections())
}

const PATH: &str = "dialects.simple_jwt_login";

/// Minutes that a token lives, if the option does not say (seed 001).
const TTL: i64 = 60;
/// Minutes after its end within which a token buys its successor, if the option does not say (contract §5: 14 days).
const REFRESH_TTL: i64 = 20_160;

/// The settings of a site.
#[derive(Clone)]
pub struct Settings {
    /// The edition that was asked for.
    pub edition: Edition,
    /// The endpoints answer at all.
    pub enabled: bool,
    /// `auth/validate` answers.
    pub validate: bool,
    /// `auth/refresh` answers.
    pub refresh: bool,
    /// `auth/revoke` answers.
    pub revoke: bool,
    /// Where the routes are: `/wp-json/` and the namespace, no slash at its end.
    pub namespace: String,
    /// What a token says.
    pub payload: Payload,
    /// The `iss` claim; `None` = the site's URL.
    pub issuer: Option<String>,
    /// Seconds that a token lives; `None` = for ever.
    pub life: Option<i64>,
    /// Seconds after its end within which a token buys its successor.
    pub refresh_grace: i64,
    /// Addresses from which the endpoints may be used.
    pub addresses: AddressList,
    /// Auth codes, and where they are asked for.
    pub codes: AuthCodes,
    /// Passwords and hashes come in base64.
    pub password_base64: bool,
    /// The stored hash logs in as well: pass-the-hash.
    pub password_hash: bool,
    /// Which claim says whose a token is.
    pub owner: Owner,
    /// Where a JWT is looked for.
    pub sources: Sources,
    /// A JWT logs in on every other REST route.
    pub middleware: bool,
    /// Protected endpoints, in the edition `documented`.
    pub(super) protect: Protect,
    /// The settings of a recorded edition; its endpoints read nothing else.
    pub(super) original: Option<Arc<Plugin>>,
}

/// The claims of a token besides `iat`, which is always there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// `exp`.
    pub exp: bool,
    /// `email`.
    pub email: bool,
    /// `id`.
    pub id: bool,
    /// `site`.
    pub site: bool,
    /// `username`.
    pub username: bool,
    /// `iss`.
    pub iss: bool,
}

/// Which claim says whose a token is: its path through the payload, and what it holds. An empty path finds nobody.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// An e-mail address.
    Email(Vec<String>),
    /// An account's number.
    Number(Vec<String>),
    /// A login name.
    Login(Vec<String>),
}

impl Owner {
    /// The path of the claim.
    #[must_use]
    pub fn claim(&self) -> &[String] {
        match self {
            Self::Email(path) | Self::Number(path) | Self::Login(path) => path,
        }
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Settings(…)")
    }
}

impl Settings {
    /// The settings of a site that speaks the language.
    ///
    /// # Errors
    /// A fault if it does not: then nobody should have come here.
    pub fn of(view: &SiteView) -> Result<&Self, Fault> {
        view.settings(NAME).ok_or_else(|| Fault::new("the site has no simple_jwt_login settings"))
    }

    /// When a token issued at `iat` ends; `None` = never.
    #[must_use]
    pub fn expires(&self, iat: Time) -> Option<Time> {
        self.life.filter(|_| self.payload.exp).map(|life| iat.plus(life))
    }

    /// Seconds after its end for which a token is still of some use; 0 if nothing is refreshed here.
    #[must_use]
    pub fn grace(&self) -> i64 {
        if self.refresh { self.refresh_grace } else { 0 }
    }

    /// Reads and checks the settings. Members of the plugin's option that are not needed are left alone: there are many.
    pub(super) fn read(value: &Value) -> Result<Self, ConfigProblem> {
        Reader::top(PATH, value, &["settings", "constants", "oauth", "webhooks", "uniform_errors"])?;
        let edition = edition(PATH, value, &["v3", "v4"])?;
        let original = Plugin::read(&edition, value)?.map(Arc::new);
        let option = if original.is_some() { Cow::Owned(Value::Null) } else { Stored::of(value)? };
        let stored = Stored::open(&option)?;
        // 3.x has no such switches: what they turn on is on with the login.
        let endpoint = |name| stored.switch("", name).map(|on| on.unwrap_or(!stored.has_sections()));
        let minutes = |flat, sectioned, default| stored.count(flat, sectioned).map(|m| m.unwrap_or(default).saturating_mul(60));
        let off_by_default = |flat, sectioned| stored.switch(flat, sectioned).map(|on| on.unwrap_or(false));
        let life = minutes("jwt_auth_ttl", "authorization.ttl", TTL)?;
        // Empty = tokens without end (seed 001). A 0 is what the plugin makes it: a token that has expired at once.
        let endless = stored.text("jwt_auth_ttl", "authorization.ttl").is_ok_and(|t| t.is_some_and(str::is_empty));
        let addresses = stored.text("auth_ip", "authorization.ip_whitelist")?.unwrap_or_default();
        Ok(Self {
            edition,
            enabled: stored.switch("allow_authentication", "authorization.enabled")?.unwrap_or(stored.is_fresh()),
            validate: endpoint("authorization.validate_token_enabled")?,
            refresh: endpoint("authorization.refresh_token_enabled")?,
            revoke: endpoint("authorization.revoke_token_enabled")?,
            namespace: match &original {
                Some(plugin) => format!("/wp-json/{}", plugin.namespace),
                None => sources::namespace(&stored)?,
            },
            payload: payload(&stored)?,
            issuer: stored.text("jwt_auth_iss", "authorization.iss")?.filter(|t| !t.is_empty()).map(str::to_owned),
            life: (!endless).then_some(life),
            refresh_grace: minutes("jwt_auth_refresh_ttl", "authorization.refresh_ttl", REFRESH_TTL)?,
            // What cannot be read lets nobody in, and keeps the list a list.
            addresses: AddressList::compile_lenient(addresses.split(',')),
            codes: AuthCodes::read(&stored)?,
            password_base64: off_by_default("auth_password_base64", "authorization.password_base64")?,
            password_hash: off_by_default("password_hash_enabled", "authorization.password_hash_enabled")?,
            owner: owner(&stored)?,
            sources: Sources::read(&stored)?,
            middleware: match &original {
                Some(plugin) => plugin.middleware,
                None => off_by_default("api_middleware.enabled", "general.api_middleware.enabled")?,
            },
            protect: Protect::documented(&option),
            original,
        })
    }
}

/// The selected claims; all six of seed 001 where nothing is selected. Names that the plugin does not have are nothing.
fn payload(stored: &Stored<'_>) -> Result<Payload, ConfigProblem> {
    let names = ("jwt_payload", "authorization.jwt_payload");
    let Some(list) = stored.list(names.0, names.1)? else {
        return Ok(Payload { exp: true, email: true, id: true, site: true, username: true, iss: false });
    };
    let claims = list.iter().map(|v| v.as_str().ok_or_else(|| stored.wrong(names.0, names.1, "must be a list of claim names")));
    let claims = claims.collect::<Result<Vec<_>, _>>()?;
    let has = |name| claims.contains(&name);
    Ok(Payload { exp: has("exp"), email: has("email"), id: has("id"), site: has("site"), username: has("username"), iss: has("iss") })
}

/// As the option says: 0 e-mail, 1 number, 2 login name, any other a number. Without an option by `id`, which every token of
/// ours then has.
fn owner(stored: &Stored<'_>) -> Result<Owner, ConfigProblem> {
    if stored.is_fresh() {
        return Ok(Owner::Number(vec!["id".to_owned()]));
    }
    let name = stored.text("jwt_login_by_parameter", "login.login_by_parameter")?.unwrap_or_default();
    let claim = if name.is_empty() { Vec::new() } else { name.split('.').map(str::to_owned).collect() };
    Ok(match stored.count("jwt_login_by", "login.login_by")?.unwrap_or(0) {
        0 => Owner::Email(claim),
        2 => Owner::Login(claim),
        _ => Owner::Number(claim),
    })
}

#[cfg(test)]
mod tests;

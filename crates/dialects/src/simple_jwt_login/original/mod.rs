//! The plugin as it really is, both generations of it: editions `v3` (3.6.6) and `v4` (4.0.0), as recorded.
//!
//! Reading order: [`plugin`] (what the stored option says), [`params`] and [`source`] (what a request says), [`chain`] (what a JWT
//! is worth), one file per endpoint, [`words`] (every error by its number), [`wire`] (the headers around it).

mod address;
mod api_keys;
mod auth;
mod autologin;
mod chain;
mod codes;
mod cookies;
mod dates;
mod guest;
mod issuers;
mod key;
mod letters;
mod mint;
mod oauth;
mod option;
mod params;
mod php;
mod plugin;
mod protect;
mod refresh;
mod refresh_token;
mod register;
mod remove;
mod reset;
mod revoke;
mod revoked_tokens;
mod routes;
mod sections;
mod source;
mod two_factor;
mod validate;
mod webhooks;
mod wire;
mod words;

use std::sync::Arc;

use doorward_core::call::Call;
use doorward_core::house::{House, entry};
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_core::site::SiteView;
use doorward_web::{Ask, Head, Reply};

use self::codes::{Grant, Shown};
use self::params::Params;
use self::words::{Stop, Word, word};
use super::Settings;

pub(super) use api_keys::Verb;
pub(super) use chain::{claims, keys_for};
pub(super) use guest::{in_body, overlooks, refuse, shown, shuts_root, watch, watch_root, watches};
pub(super) use key::material;
pub(super) use oauth::vouched;
pub(super) use plugin::{Generation, Plugin};
pub(super) use protect::Protect;
pub(super) use routes::{describe, find};
pub(super) use webhooks::{question, secret, with_masks as webhook_with_masks};
pub(super) use wire::finish;

/// The kind of the tallies of auth codes.
const CODE: &str = "simple_jwt_login.auth_code";

/// An endpoint of the plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// `POST auth`.
    Auth,
    /// `GET`, `POST auth/validate`.
    Validate,
    /// `POST auth/refresh`.
    Refresh,
    /// `POST auth/revoke`.
    Revoke,
    /// `POST users`, `POST register`.
    Register,
    /// `DELETE users`.
    Remove,
    /// `POST`, `PUT user/reset_password`.
    Reset,
    /// `GET autologin`.
    Autologin,
    /// `GET`, `POST oauth/token`.
    Oauth,
    /// `POST auth/2fa`.
    TwoFactor,
    /// `api-keys`.
    ApiKeys(Verb),
    /// `GET revoked-tokens`.
    RevokedTokens,
    /// `DELETE revoked-tokens/{id}`.
    Unrevoke,
}

impl Door {
    /// The action's name in audit and limits.
    fn action(self) -> &'static str {
        match self {
            Self::Auth => "simple_jwt_login.login",
            Self::Validate => "simple_jwt_login.validate",
            Self::Refresh => "simple_jwt_login.refresh",
            Self::Revoke => "simple_jwt_login.revoke",
            Self::Register => "simple_jwt_login.register",
            Self::Remove => "simple_jwt_login.delete",
            Self::Reset => "simple_jwt_login.reset",
            Self::Autologin => "simple_jwt_login.autologin",
            Self::Oauth => "simple_jwt_login.oauth",
            Self::TwoFactor => "simple_jwt_login.two_factor",
            Self::ApiKeys(_) => "simple_jwt_login.api_keys",
            Self::RevokedTokens | Self::Unrevoke => "simple_jwt_login.revoked_tokens",
        }
    }
}

/// A request to an endpoint, read.
struct Case {
    house: Arc<House>,
    view: Arc<SiteView>,
    plugin: Arc<Plugin>,
    call: Call,
    head: Arc<Head>,
    params: Params,
    /// The values of the path's braces.
    values: Vec<String>,
    door: Door,
}

/// Answers a request to an endpoint.
///
/// # Errors
/// What the house itself refuses, or a fault; the plugin's own errors are answers.
pub(super) async fn answer(ask: Ask, door: Door) -> Result<Reply, No> {
    let plugin =
        Settings::of(&ask.view)?.original.clone().ok_or_else(|| Fault::new("a recorded edition was asked for, and none is set"))?;
    let params = Params::read(&ask.head, &ask.raw_body).await;
    let Ask { house, view, call, head, values, .. } = ask;
    let mut case = Case { house, view, plugin, call, head, params, values, door };
    let done = match door {
        Door::Auth => auth::answer(&mut case).await,
        Door::Validate => validate::answer(&case).await,
        Door::Refresh => refresh::answer(&mut case).await,
        Door::Revoke => revoke::answer(&case).await,
        Door::Register => register::answer(&mut case).await,
        Door::Remove => remove::answer(&case).await,
        Door::Reset => reset::answer(&mut case).await,
        Door::Autologin => autologin::answer(&mut case).await,
        Door::Oauth => oauth::answer(&mut case).await,
        Door::TwoFactor => two_factor::answer(&mut case).await,
        Door::ApiKeys(verb) => api_keys::answer(&mut case, verb).await,
        Door::RevokedTokens => revoked_tokens::list(&case).await,
        Door::Unrevoke => revoked_tokens::remove(&case).await,
    };
    match done {
        Ok(reply) => Ok(reply),
        Err(Stop::Reply(reply)) => Ok(*reply),
        Err(Stop::No(no)) => Err(no),
        Err(Stop::Word(word)) => {
            case.remember(&word);
            Ok(wire::error(&case.plugin, &word, None))
        }
    }
}

impl Case {
    /// True for the newer generation.
    fn is_v4(&self) -> bool {
        self.plugin.generation == Generation::V4
    }

    /// A success with these methods in `Allow`.
    fn ok(&self, allow: &str, value: &impl serde::Serialize) -> Reply {
        wire::ok(allow, value)
    }

    /// The JWT of the request.
    fn jwt(&self) -> Option<String> {
        self.plugin.sources.jwt(&self.head, &self.params)
    }

    /// Authentication is on, and this address may use it.
    fn admit_switch(&self) -> Result<(), Word> {
        if self.plugin.auth.enabled { Ok(()) } else { Err(word(45, "Authentication is not enabled.")) }
    }

    fn admit_address(&self) -> Result<(), Word> {
        let address = self.call.client.address;
        if self.plugin.auth.addresses.welcomes(address) {
            return Ok(());
        }
        Err(word(41, format!("You are not allowed to Authenticate from this IP: {address}")))
    }

    /// The auth code, where it is asked for; a wrong one is counted against the address. A right one is spent, if it has a limit.
    /// `v3` is the number under which 3.x refuses it here.
    async fn admit_code(&self, v3: u16) -> Result<(), Stop> {
        let grant = self.proven_code(v3).await?;
        self.spend_code(&grant, v3).await
    }

    /// The same for endpoints where more can go wrong: the code is not spent yet.
    async fn proven_code(&self, v3: u16) -> Result<Grant, Stop> {
        match self.plugin.codes.shown(&self.params, self.call.now) {
            Shown::Right(grant) => Ok(grant),
            Shown::Missing if self.is_v4() => Err(word(94, "Auth Code is required.").into()),
            Shown::Missing => Err(self.plugin.codes.wrong(v3).into()),
            Shown::Wrong => {
                let action = self.door.action();
                match doorward_core::flow::login::wrong_code(&self.house, &self.view, &self.call, Refusal::AuthCodeWrong, action).await {
                    No::Refused(Refusal::AuthCodeWrong) => Err(self.plugin.codes.wrong(v3).into()),
                    no @ (No::Refused(_) | No::Broken(_)) => Err(no.into()),
                }
            }
        }
    }

    /// Spends one use of a code that may be used so often; one that was used so often already is wrong.
    async fn spend_code(&self, grant: &Grant, v3: u16) -> Result<(), Stop> {
        let Some((key, most)) = grant.limit else { return Ok(()) };
        let site = self.view.site.id;
        let is_left = self.house.work(move |desk| desk.tally(site, CODE, &key, most)).await?;
        if is_left { Ok(()) } else { Err(self.plugin.codes.wrong(v3).into()) }
    }

    /// Takes the use of a code back that bought nothing.
    async fn unspend_code(&self, grant: &Grant) -> Result<(), Stop> {
        let Some((key, _)) = grant.limit else { return Ok(()) };
        let site = self.view.site.id;
        Ok(self.house.work(move |desk| desk.untally(site, CODE, &key)).await?)
    }

    fn remember(&self, word: &Word) {
        let site = Some(self.view.site.id);
        self.house.memory().gather(entry(&self.call, site, None, self.door.action(), Err(word.reason()), &format!("code {}", word.code)));
    }
}

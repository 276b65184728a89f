//! What every endpoint asks before anything is weighed, in the plugin's order: switch, address, auth code.

use doorward_core::credential::auth_code;
use doorward_core::flow::login::wrong_code;
use doorward_core::house::entry;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Fields};
use serde_json::Value;

use super::{AuthCodes, Settings};

/// An endpoint, as the site's settings tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// `POST auth`.
    Login,
    /// `GET`, `POST auth/validate`.
    Validate,
    /// `POST auth/refresh`.
    Refresh,
    /// `POST auth/revoke`.
    Revoke,
}

impl Endpoint {
    /// The action's name in policy and audit.
    pub(super) fn action(self) -> &'static str {
        match self {
            Self::Login => "simple_jwt_login.login",
            Self::Validate => "simple_jwt_login.validate",
            Self::Refresh => "simple_jwt_login.refresh",
            Self::Revoke => "simple_jwt_login.revoke",
        }
    }

    /// The switch that turns it off, as the plugin's option names it.
    pub(super) fn switch(self) -> &'static str {
        match self {
            Self::Login => "authorization.enabled",
            Self::Validate => "authorization.validate_token_enabled",
            Self::Refresh => "authorization.refresh_token_enabled",
            Self::Revoke => "authorization.revoke_token_enabled",
        }
    }
}

/// Lets a request to an endpoint in, or not; a refused address or code is remembered, and wrong codes are counted
/// against their address like wrong passwords.
///
/// # Errors
/// [`Refusal::SwitchedOff`] with the switch, [`Refusal::AddressNotAllowed`], [`Refusal::AuthCodeWrong`],
/// [`Refusal::TooMany`]; or a fault.
pub(super) async fn admit(ask: &Ask, settings: &Settings, endpoint: Endpoint) -> Result<(), No> {
    if !settings.enabled {
        return Err(Refusal::SwitchedOff(Endpoint::Login.switch().into()).into());
    }
    let (is_on, wants_code) = match endpoint {
        Endpoint::Login => (true, settings.codes.on_login),
        Endpoint::Validate => (settings.validate, settings.codes.on_validate),
        Endpoint::Refresh => (settings.refresh, settings.codes.on_refresh),
        Endpoint::Revoke => (settings.revoke, settings.codes.on_revoke),
    };
    if !is_on {
        return Err(Refusal::SwitchedOff(endpoint.switch().into()).into());
    }
    if !settings.addresses.welcomes(ask.call.client.address) {
        let refused = Refusal::AddressNotAllowed;
        ask.house.memory().gather(entry(&ask.call, Some(ask.view.site.id), None, endpoint.action(), Err(refused.reason()), ""));
        return Err(refused.into());
    }
    if wants_code && !knows_code(&settings.codes, ask) {
        return Err(wrong_code(&ask.house, &ask.view, &ask.call, Refusal::AuthCodeWrong, endpoint.action()).await);
    }
    Ok(())
}

/// The code may come under the site's own name for it, under the plugin's (`AUTH_KEY`), or under the seed's (`AUTH_CODE`).
fn knows_code(codes: &AuthCodes, ask: &Ask) -> bool {
    let names = [codes.key.as_str(), "AUTH_KEY", "AUTH_CODE"];
    names.into_iter().filter_map(|name| word(&ask.fields, name)).any(|code| auth_code::accept(&codes.list, code, ask.call.now).is_some())
}

/// A code is a text; a number never is one, even if it reads alike.
fn word<'f>(fields: &'f Fields, name: &str) -> Option<&'f str> {
    fields.value(name).and_then(Value::as_str)
}

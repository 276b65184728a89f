//! `GET`, `POST auth/validate`: is this token good, and whose is it?

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::verify::Shown;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};
use serde::Serialize;
use serde_json::Value;

use super::gate::{Endpoint, admit};
use super::{NAME, Settings, claims, envelope, present};

#[derive(Serialize)]
struct Valid<'a> {
    success: bool,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    user: User<'a>,
    roles: &'a [String],
    jwt: [Jwt<'a>; 1],
}

/// A row of WordPress's user table; every value is a text.
#[derive(Serialize)]
struct User<'a> {
    #[serde(rename = "ID")]
    id: String,
    user_login: &'a str,
    user_nicename: &'a str,
    user_email: &'a str,
    user_url: &'a str,
    user_registered: String,
    /// Always empty: a key that resets a password is nobody's to read.
    user_activation_key: &'static str,
    user_status: &'static str,
    display_name: &'a str,
}

#[derive(Serialize)]
struct Jwt<'a> {
    token: &'a str,
    header: Value,
    payload: Value,
    /// Seconds left; not there if the token has no end.
    #[serde(skip_serializing_if = "Option::is_none")]
    expire_in: Option<i64>,
}

/// Answers with the owner and the token, taken apart.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let view = Arc::clone(&ask.view);
    let settings = Settings::of(&view)?;
    admit(&ask, settings, Endpoint::Validate).await?;
    let shown = present::token(&settings.sources, &ask.head, &ask.fields);
    let pass = ask.verify(NAME, shown).await?;
    let (Some(Shown::Jwt(token)), Some(account)) = (shown, pass.account()) else { return Err(Refusal::AccountGone.into()) };
    let (header, payload) = claims::taken_apart(token)?;
    let expire_in = pass.token().and_then(|(_, expires)| expires).map(|expires: Time| expires.since(ask.call.now));
    let jwt = [Jwt { token, header, payload, expire_in }];
    let data = Data { user: user(account), roles: &account.roles, jwt };
    Ok(envelope::ok("GET, POST", &Valid { success: true, data }))
}

fn user(account: &Account) -> User<'_> {
    User {
        id: account.number.to_string(),
        user_login: &account.login,
        user_nicename: &account.nicename,
        user_email: &account.email,
        user_url: &account.url,
        user_registered: account.registered.wordpress(),
        user_activation_key: "",
        user_status: "0",
        display_name: &account.display_name,
    }
}

//! `POST` and `DELETE /api/v1/auth`: log in for the account's default API token, and sign out.
//!
//! The original keeps one default token per account and answers with it at every login, so several devices share it.
//! Here tokens are hashed at rest; the default one is derived from the master key, account and day of making, so it can
//! be answered again without being kept.

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::credential::api_token::digest_of;
use doorward_core::flow::api_tokens::{Order, Replaces, row, write};
use doorward_core::flow::login::prove;
use doorward_core::flow::{api_tokens, refresh, revoke, verify};
use doorward_core::house::House;
use doorward_core::policy::Scopes;
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{Fault, No};
use doorward_core::token::Scratch;
use doorward_web::{Ask, Reply};
use serde_json::json;

use super::{NAME, envelope, jwt, present};

const DEFAULT: &str = "Default";

/// Logs in and answers with the default token, made if there is none.
pub(super) async fn sign_in(ask: Ask) -> Result<Reply, No> {
    let wanted = jwt::read(&ask.fields, "wporchestrix.auth")?;
    let proven = prove(&ask.house, &ask.view, &ask.call, wanted).await?;
    let account = proven.account().clone();
    let (site, number, now) = (account.site, account.number, ask.call.now);
    let house = std::sync::Arc::clone(&ask.house);
    let order = Order {
        name: DEFAULT.into(),
        scopes: Scopes::All,
        expires: None,
        dialect: Some(NAME.into()),
        replaces: Replaces::Nothing,
        ip_allow: Vec::new(),
        action: "token.create",
    };
    let text = proven
        .conclude(&ask.house, &ask.call, move |desk| {
            for old in desk.api_tokens(site, Some(number))? {
                let text = default_text(&house, &account, old.created)?;
                if old.name == DEFAULT && old.is_live(now) && old.digest == digest_of(&text) {
                    return Ok(text);
                }
            }
            // A token revoked in this very second has this second's text: take the next one that is free.
            let mut made = now;
            loop {
                let text = default_text(&house, &account, made)?;
                if desk.api_token(digest_of(&text).as_bytes())?.is_none() {
                    write(desk, row(&account, &text, &order, made), order.replaces, made)?;
                    return Ok(text);
                }
                made = made.plus(1);
            }
        })
        .await?;
    Ok(envelope::ok(&json!({"token": text})))
}

/// True for the token that a sign-in is answered with, not for one that somebody named.
pub(super) fn is_default(token: &ApiToken) -> bool {
    token.name == DEFAULT && token.dialect.as_deref() == Some(NAME)
}

/// 32 lower-case hex digits, as the original's.
fn default_text(house: &House, account: &Account, made: Time) -> Result<String, Fault> {
    let derived = house.terms().vault.derive(&format!("api_token/default/{}/{}/{}", account.site.0, account.number, made.0));
    let half = derived.reveal().get(..16).ok_or_else(|| Fault::new("a derived secret is too short"))?;
    Ok(half.iter().map(|b| format!("{b:02x}")).collect())
}

/// Signs out: a JWT is revoked with its whole family, the default API token is revoked; a named API token stays (those are
/// deleted in the settings).
pub(super) async fn sign_out(ask: Ask) -> Result<Reply, No> {
    let shown = present::any(&ask.head);
    let pass = ask.verify(NAME, shown).await?;
    let owner = pass.account().map(|a| a.number);
    if let Some(verify::Shown::Jwt(token)) = shown {
        let mut scratch = Scratch::new();
        let opened = verify::open_jwt(&ask.house, &ask.view, NAME, token, &mut scratch, ask.call.now, 0).await?;
        revoke::jwt(&ask.house, &ask.view, &ask.call, NAME, &opened).await?;
        if let Some(session) = pass.session() {
            refresh::end(&ask.house, session, ask.call.now, "signed_out").await?;
        }
    }
    if let Some(id) = pass.api_token() {
        let site = ask.view.site.id;
        let row = ask.house.look(move |desk| desk.api_token_by_id(site, id)).await?;
        if row.is_some_and(|r| is_default(&r)) {
            api_tokens::revoke(&ask.house, &ask.call, site, id, owner, "token.revoke").await?;
        }
    }
    Ok(envelope::ok(&json!({})))
}

//! `POST /api/v1/token/generate`: a further token of the caller, one for each application.

use doorward_core::credential::ApiTokenText;
use doorward_core::flow::api_tokens::{Order, Replaces, make};
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};

use super::{Shown, caller, expiry, name};
use crate::wncms::{NAME, envelope};

/// Answers with the token in full; it may do what the caller's own credential may.
pub(in crate::wncms) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let caller = caller(&ask).await?;
    let order = Order {
        name: name(&ask.fields)?.ok_or(Refusal::Missing("name"))?,
        scopes: caller.scopes,
        expires: expiry(&ask.fields, caller.token.as_ref().and_then(|t| t.expires), ask.call.now)?,
        dialect: Some(NAME.into()),
        replaces: Replaces::Nothing,
        ip_allow: caller.token.map(|t| t.ip_allow).unwrap_or_default(),
        action: "token.create",
    };
    let text = ApiTokenText::draw(ask.call.dice.as_mut());
    let made = make(&ask.house, &ask.call, &caller.account, text, order).await?;
    Ok(envelope::ok("Successfully Created", &Shown::of(&made.row, made.text.reveal())))
}

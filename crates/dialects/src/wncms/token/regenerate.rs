//! `POST /api/v1/token/regenerate`: a new token, and every older one of the caller stops working in the same step.

use doorward_core::credential::ApiTokenText;
use doorward_core::flow::api_tokens::{Order, Replaces, row, write};
use doorward_core::house::entry;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};

use super::{Shown, caller, expiry, name};
use crate::wncms::{NAME, envelope};

/// The name of a token that nobody named.
const DEFAULT: &str = "API Token";

/// Answers with the new token in full. Replaced are the caller's tokens of this language and the one shown, which may be an
/// imported one for every language; of two callers with the same token one succeeds.
pub(in crate::wncms) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let caller = caller(&ask).await?;
    let now = ask.call.now;
    let order = Order {
        name: name(&ask.fields)?.or_else(|| caller.token.as_ref().map(|t| t.name.clone())).unwrap_or_else(|| DEFAULT.into()),
        scopes: caller.scopes,
        expires: expiry(&ask.fields, caller.token.as_ref().and_then(|t| t.expires), now)?,
        dialect: Some(NAME.into()),
        replaces: Replaces::All,
        ip_allow: caller.token.as_ref().map(|t| t.ip_allow.clone()).unwrap_or_default(),
        action: "token.regenerate",
    };
    let text = ApiTokenText::draw(ask.call.dice.as_mut());
    let fresh = row(&caller.account, text.reveal(), &order, now);
    let (site, replaced) = (fresh.site, caller.token.map(|t| t.id));
    let mark = entry(&ask.call, Some(site), Some(fresh.account), order.action, Ok("granted"), &fresh.hint);
    let made = ask
        .house
        .work(move |desk| {
            if let Some(id) = replaced
                && !desk.revoke_api_token(site, id, now)?
            {
                return Ok(None);
            }
            let made = write(desk, fresh, order.replaces, now)?;
            desk.remember(&mark)?;
            Ok(Some(made))
        })
        .await?
        .ok_or(Refusal::UnknownToken)?;
    Ok(envelope::ok("Successfully Updated", &Shown::of(&made, text.reveal())))
}

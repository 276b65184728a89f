//! `POST /api/v1/jwt/revoke`: a token of the caller stops working. Idempotent, as RFC 7009 wants it.

use doorward_core::flow::revoke::own;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};
use serde_json::json;

use super::{NAME, envelope, present};

/// Answers that the token is revoked, whether it was live or not.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let pass = ask.verify(NAME, present::any(&ask.head)).await?;
    let token = ask.fields.required("token")?.trim();
    // API tokens have no dots: they are deleted in the settings, not here.
    if !token.contains('.') {
        return Err(Refusal::Invalid("token").into());
    }
    let owner = pass.account().map_or(0, |a| a.number);
    own(&ask.house, &ask.view, &ask.call, NAME, token, owner).await?;
    Ok(envelope::ok(&json!({"message": "Token revoked"})))
}

//! `POST /wp-json/jwt-auth/v1/token/validate`: is this token good?

use doorward_core::refusal::No;
use doorward_web::{Ask, Reply};
use serde_json::json;

use super::{NAME, envelope, present, recorded};

/// Answers that the token in the header is good. Unlike the original, which looks up nobody, a token whose account is gone
/// or banned is not.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    if let Some((settings, edition)) = recorded::settings(&ask.view) {
        return recorded::validate::answer(&ask, settings, edition).await;
    }
    ask.verify(NAME, present::any(&ask.head)).await?;
    Ok(envelope::ok(&json!({"code": "jwt_auth_valid_token", "data": {"status": 200}})))
}

//! `DELETE /v1/api-keys/{id}`: a key of the caller stops working with the next request.

use doorward_core::flow::api_tokens::revoke;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};

use super::{is_key, superadmin};

/// Answers 204. Another's key, another language's token and a number that nobody has are all not found.
pub(in crate::wapka) async fn answer(ask: Ask) -> Result<Reply, No> {
    let (pass, account) = superadmin(&ask).await?;
    let site = pass.site().site.id;
    let id: i64 = ask.values.first().and_then(|v| v.parse().ok()).ok_or(Refusal::NotFound)?;
    ask.house.look(move |desk| desk.api_token_by_id(site, id)).await?.filter(is_key).ok_or(Refusal::NotFound)?;
    revoke(&ask.house, &ask.call, site, id, Some(account.number), "token.revoke").await?;
    Ok(Reply::empty(204))
}

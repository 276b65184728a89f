//! `POST /api/v1/token/revoke`: the token shown, or another of the caller's by id, stops working with the next request.

use doorward_core::flow::api_tokens;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Fields, Reply};
use serde_json::Value;

use super::caller;
use crate::wncms::{NAME, envelope};

/// Answers that it is revoked. Tokens of other languages are those languages' to revoke, unless they are the one shown.
pub(in crate::wncms) async fn answer(ask: Ask) -> Result<Reply, No> {
    let caller = caller(&ask).await?;
    let shown = caller.token.map(|t| t.id);
    let id = id(&ask.fields)?.or(shown).ok_or(Refusal::Missing("id"))?;
    let site = ask.view.site.id;
    let row = ask.house.look(move |desk| desk.api_token_by_id(site, id)).await?.ok_or(Refusal::NotFound)?;
    if shown != Some(id) && row.dialect.as_deref().is_some_and(|dialect| dialect != NAME) {
        return Err(Refusal::NotFound.into());
    }
    api_tokens::revoke(&ask.house, &ask.call, site, id, Some(caller.account.number), "token.revoke").await?;
    Ok(envelope::ok("Successfully Deleted", &()))
}

/// Reads `id`, as a number or as its digits.
fn id(fields: &Fields) -> Result<Option<i64>, Refusal> {
    match fields.value("id") {
        None => Ok(None),
        Some(Value::Number(number)) => number.as_i64().map(Some).ok_or(Refusal::Invalid("id")),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => text.trim().parse().map(Some).map_err(|_| Refusal::Invalid("id")),
        Some(Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(Refusal::WrongShape("id")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_number_or_its_digits() {
        for (body, expected) in [
            ("{}", Ok(None)),
            (r#"{"id":7}"#, Ok(Some(7))),
            (r#"{"id":" 7 "}"#, Ok(Some(7))),
            (r#"{"id":""}"#, Ok(None)),
            (r#"{"id":7.5}"#, Err(Refusal::Invalid("id"))),
            (r#"{"id":"x"}"#, Err(Refusal::Invalid("id"))),
            (r#"{"id":[7]}"#, Err(Refusal::WrongShape("id"))),
            (r#"{"id":true}"#, Err(Refusal::WrongShape("id"))),
        ] {
            assert_eq!(id(&Fields::new(serde_json::from_str(body).unwrap(), "")), expected, "{body}");
        }
    }
}

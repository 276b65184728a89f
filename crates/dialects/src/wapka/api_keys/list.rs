//! `GET /v1/api-keys`: the caller's live keys, masked, a page at a time.

use doorward_core::flow::api_tokens;
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Fields, Reply};
use serde_json::Value;

use super::{Shown, is_key, superadmin};
use crate::wapka::envelope::{self, Pagination};

/// Keys per page if the caller does not say, and at most (contract §1).
const PAGE: usize = 20;
const PAGE_MOST: usize = 100;

/// Answers with a page of keys, oldest first.
pub(in crate::wapka) async fn answer(ask: Ask) -> Result<Reply, No> {
    let (pass, account) = superadmin(&ask).await?;
    let page = count(&ask.fields, "page")?.unwrap_or(1);
    let limit = count(&ask.fields, "limit")?.unwrap_or(PAGE).min(PAGE_MOST);
    let mut keys = api_tokens::list(&ask.house, pass.site().site.id, Some(account.number), ask.call.now).await?;
    keys.retain(is_key);
    let pagination = Pagination::of(page, limit, keys.len());
    let keys: Vec<ApiToken> = pagination.cut(keys);
    let shown: Vec<_> = keys.iter().map(|row| Shown::of(row, &row.hint)).collect();
    Ok(envelope::many(&ask.call, &shown, pagination))
}

/// A count from 1, as a number or as its digits (a query has only text).
fn count(fields: &Fields, name: &'static str) -> Result<Option<usize>, Refusal> {
    let Some(value) = fields.value(name) else { return Ok(None) };
    let count = match value {
        Value::Number(number) => number.as_u64().and_then(|n| usize::try_from(n).ok()),
        Value::String(text) => text.trim().parse().ok(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return Err(Refusal::WrongShape(name)),
    };
    count.filter(|n| *n > 0).map(Some).ok_or(Refusal::Invalid(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_counted_from_one() {
        let of = |query: &str| count(&Fields::new(serde_json::Map::new(), query), "page");
        assert_eq!(of(""), Ok(None));
        assert_eq!(of("page=2"), Ok(Some(2)));
        for bad in ["page=0", "page=-1", "page=", "page=x", "page=1.5", "page=99999999999999999999999"] {
            assert_eq!(of(bad), Err(Refusal::Invalid("page")), "{bad}");
        }
    }
}

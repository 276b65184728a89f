//! `/api/v1/token/…`: what the panel's token buttons do. Seed 002 shows the buttons and names no endpoint, so these are
//! Doorward's own, answered in the language's envelope.

pub(super) mod generate;
pub(super) mod regenerate;
pub(super) mod revoke;

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::api_tokens::NAME_LIMIT;
use doorward_core::policy::{Scopes, Way};
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_web::{Ask, Fields};
use serde::Serialize;

use super::{NAME, Settings, present};

/// Who pressed the button.
struct Caller {
    account: Arc<Account>,
    /// The token that was shown, unless it was Basic.
    token: Option<ApiToken>,
    scopes: Scopes,
}

/// A token as it is shown, once.
#[derive(Serialize)]
struct Shown<'a> {
    id: i64,
    name: &'a str,
    api_token: &'a str,
    created_at: String,
    expires_at: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(row: &'a ApiToken, text: &'a str) -> Self {
        Self { id: row.id, name: &row.name, api_token: text, created_at: row.created.iso(), expires_at: row.expires.map(Time::iso) }
    }
}

/// Proves the caller by a token or by Basic, after the global switch and the whitelist.
async fn caller(ask: &Ask) -> Result<Caller, No> {
    let settings = ask.view.settings::<Settings>(NAME).ok_or_else(|| Fault::new("the site has no wncms settings"))?;
    settings.before_proof(ask.call.client.address)?;
    let ways: &[Way] = if settings.bearer { &[Way::Simple, Way::Bearer, Way::Basic] } else { &[Way::Simple, Way::Basic] };
    let shown = ways.iter().find_map(|&way| present::shown(&ask.head, &ask.fields, way));
    let pass = ask.verify(NAME, shown).await?;
    let account = pass.account().cloned().ok_or(Refusal::NoCredential)?;
    let token = match pass.api_token() {
        Some(id) => {
            let site = ask.view.site.id;
            Some(ask.house.look(move |desk| desk.api_token_by_id(site, id)).await?.ok_or(Refusal::UnknownToken)?)
        }
        None => None,
    };
    Ok(Caller { account, token, scopes: pass.scopes().clone() })
}

/// Reads `name`, at most 100 characters; `None` if absent or blank.
fn name(fields: &Fields) -> Result<Option<String>, Refusal> {
    let name = fields.text("name")?.map(str::trim).filter(|n| !n.is_empty());
    if name.is_some_and(|n| n.chars().count() > NAME_LIMIT) {
        return Err(Refusal::Invalid("name"));
    }
    Ok(name.map(str::to_owned))
}

/// Reads `expires_at`. A token that expires makes none that outlives it.
fn expiry(fields: &Fields, parent: Option<Time>, now: Time) -> Result<Option<Time>, Refusal> {
    let wrong = Refusal::Invalid("expires_at");
    let Some(text) = fields.text("expires_at")?.map(str::trim).filter(|t| !t.is_empty()) else { return Ok(parent) };
    let wanted = Time::parse(text).filter(|t| *t > now).ok_or_else(|| wrong.clone())?;
    if parent.is_some_and(|end| wanted > end) { Err(wrong) } else { Ok(Some(wanted)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_never_outlives_the_one_that_made_it() {
        let day = Time(86_400);
        let of = |text: &str, parent| {
            let mut body = serde_json::Map::new();
            body.insert("expires_at".into(), text.into());
            expiry(&Fields::new(body, ""), parent, Time(1000))
        };
        assert_eq!(of("", None), Ok(None));
        assert_eq!(of("", Some(day)), Ok(Some(day)));
        assert_eq!(of("1970-01-02T00:00:00Z", None), Ok(Some(day)));
        assert_eq!(of("1970-01-02T00:00:00Z", Some(day)), Ok(Some(day)));
        for bad in ["1970-01-02T00:00:01Z", "1970-01-01T00:16:40Z", "never"] {
            assert_eq!(of(bad, Some(day)), Err(Refusal::Invalid("expires_at")), "{bad}");
        }
    }
}

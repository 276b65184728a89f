//! `POST /v1/api-keys`: a new key for the caller, shown this once.

use doorward_core::call::Time;
use doorward_core::credential::ApiTokenText;
use doorward_core::flow::api_tokens::{NAME_LIMIT, Order, Replaces, make};
use doorward_core::flow::verify::Pass;
use doorward_core::policy::Scopes;
use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Fields, Reply};

use super::{PREFIX, Shown, superadmin};
use crate::wapka::{EVERYTHING, NAME, PUBLIC_READ, envelope};

/// Random base-62 letters after the prefix: 238 bits.
const LETTERS: usize = 40;
/// Members by which a caller would name another owner: a key is made for its caller or not at all.
const OWNERS: [&str; 2] = ["user_id", "userId"];

/// Answers with the key in full.
pub(in crate::wapka) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let (pass, account) = superadmin(&ask).await?;
    let mut order = read(&ask.fields, ask.call.now)?;
    if !pass.scopes().contains(&order.scopes) {
        return Err(Refusal::ScopeMissing.into());
    }
    bound_by_parent(&ask, &pass, &mut order).await?;
    let text = ApiTokenText::draw_with_prefix(PREFIX, LETTERS, ask.call.dice.as_mut());
    let made = make(&ask.house, &ask.call, &account, text, order).await?;
    Ok(envelope::one(201, &ask.call, &Shown::of(&made.row, made.text.reveal())))
}

/// Reads `name`, `scope` (everything if absent) and `expires_at` (never if absent).
fn read(fields: &Fields, now: Time) -> Result<Order, Refusal> {
    if let Some(name) = OWNERS.into_iter().find(|name| fields.value(name).is_some()) {
        return Err(Refusal::Invalid(name));
    }
    let name = fields.required("name")?.trim();
    if name.chars().count() > NAME_LIMIT {
        return Err(Refusal::Invalid("name"));
    }
    let scope = fields.text("scope")?.unwrap_or(EVERYTHING);
    if ![EVERYTHING, PUBLIC_READ].contains(&scope) {
        return Err(Refusal::Invalid("scope"));
    }
    let expires = fields.text("expires_at")?.map(|t| Time::parse(t).filter(|t| *t > now).ok_or(Refusal::Invalid("expires_at")));
    Ok(Order {
        name: name.to_owned(),
        scopes: Scopes::parse(scope),
        expires: expires.transpose()?,
        dialect: Some(NAME.into()),
        replaces: Replaces::Nothing,
        ip_allow: Vec::new(),
        action: "token.create",
    })
}

/// A key that expires makes none that outlives it, and one that is bound to addresses none that is not.
async fn bound_by_parent(ask: &Ask, pass: &Pass, order: &mut Order) -> Result<(), No> {
    let Some(id) = pass.api_token() else { return Ok(()) };
    let site = pass.site().site.id;
    let parent = ask.house.look(move |desk| desk.api_token_by_id(site, id)).await?.ok_or(Refusal::UnknownToken)?;
    order.ip_allow = parent.ip_allow;
    order.expires = match (order.expires, parent.expires) {
        (Some(wanted), Some(end)) if wanted > end => return Err(Refusal::Invalid("expires_at").into()),
        (None, end) => end,
        (wanted, _) => wanted,
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(body: &str) -> Result<(String, String, Option<i64>), Refusal> {
        let fields = Fields::new(serde_json::from_str(body).unwrap(), "");
        read(&fields, Time(1000)).map(|o| (o.name, o.scopes.text(), o.expires.map(|t| t.0)))
    }

    #[test]
    fn a_key_has_a_name_a_scope_and_maybe_an_end() {
        assert_eq!(of(r#"{"name":" CI "}"#), Ok(("CI".into(), "*".into(), None)));
        assert_eq!(
            of(r#"{"name":"CI","scope":"public:read","expires_at":"1970-01-02T00:00:00Z"}"#),
            Ok(("CI".into(), "public:read".into(), Some(86_400)))
        );
    }

    #[test]
    fn what_is_not_offered_is_refused() {
        let long = format!(r#"{{"name":"{}"}}"#, "é".repeat(101));
        for (body, refusal) in [
            ("{}", Refusal::Missing("name")),
            (r#"{"name":" "}"#, Refusal::Missing("name")),
            (r#"{"name":1}"#, Refusal::WrongShape("name")),
            (long.as_str(), Refusal::Invalid("name")),
            (r#"{"name":"x","scope":""}"#, Refusal::Invalid("scope")),
            (r#"{"name":"x","scope":"posts:write"}"#, Refusal::Invalid("scope")),
            (r#"{"name":"x","scope":["*"]}"#, Refusal::WrongShape("scope")),
            (r#"{"name":"x","expires_at":"1970-01-01T00:16:40Z"}"#, Refusal::Invalid("expires_at")),
            (r#"{"name":"x","expires_at":"tomorrow"}"#, Refusal::Invalid("expires_at")),
            (r#"{"name":"x","expires_at":86400}"#, Refusal::WrongShape("expires_at")),
            (r#"{"name":"x","user_id":1}"#, Refusal::Invalid("user_id")),
            (r#"{"name":"x","userId":"1"}"#, Refusal::Invalid("userId")),
        ] {
            assert_eq!(of(body), Err(refusal), "{body}");
        }
    }
}

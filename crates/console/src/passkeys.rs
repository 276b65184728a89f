//! `/api/me/passkeys`: one's own passkeys.

use std::sync::Arc;

use doorward_core::flow::console::passkey::{self, named, register};
use doorward_core::port::store::Passkey;
use doorward_core::refusal::Refusal;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::{Ask, when};
use crate::prove::object;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::tokens::{same_name, tag_of};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/me/passkeys", "console.passkey.list", Access::User, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/me/passkeys", "console.passkey.add", Access::User, |ask| Box::pin(add(ask))).fresh(),
    Route::new("PATCH", "/api/me/passkeys/{id}", "console.passkey.name", Access::User, |ask| Box::pin(name(ask))),
    Route::new("DELETE", "/api/me/passkeys/{id}", "console.passkey.remove", Access::User, |ask| Box::pin(remove(ask))).fresh(),
];

async fn list(ask: Ask) -> Result<Answer, No> {
    let account = ask.visitor()?.account();
    let (site, number) = (account.site, account.number);
    let known = ask.console.house.look(move |desk| desk.passkeys(site, number)).await?;
    Ok(Answer::ok(&json!({"items": known.iter().map(row).collect::<Vec<_>>(), "next": null})))
}

async fn add(ask: Ask) -> Result<Answer, No> {
    let (house, passkeys) = (Arc::clone(&ask.console.house), ask.passkeys()?);
    let answer = object(&ask, "credential")?.ok_or(Refusal::Missing("credential"))?;
    let name = ask.maybe("name")?.unwrap_or_default();
    Ok(Answer::made(&row(&register(&house, &ask.call, passkeys.as_ref(), ask.visitor()?, &answer, name).await?)))
}

async fn name(ask: Ask) -> Result<Answer, No> {
    let (name, is_seen) = (named(ask.text("name")?), same_name(&ask)?);
    passkey::name(&ask.console.house, &ask.call, ask.visitor()?, id(&ask)?, name, is_seen).await?;
    Ok(Answer::nothing())
}

async fn remove(ask: Ask) -> Result<Answer, No> {
    passkey::remove(&ask.console.house, &ask.call, ask.visitor()?, id(&ask)?).await?;
    Ok(Answer::nothing())
}

fn id(ask: &Ask) -> Result<Vec<u8>, No> {
    data_encoding::BASE64URL_NOPAD.decode(ask.value(0).as_bytes()).map_err(|_| No::not_found())
}

fn row(passkey: &Passkey) -> Value {
    json!({
        "id": data_encoding::BASE64URL_NOPAD.encode(&passkey.id),
        "name": passkey.name,
        "etag": tag_of(&passkey.name),
        "created": passkey.created.iso(),
        "used": when(passkey.used),
    })
}

//! The second step of signing in, signing in with a passkey, and proving oneself again.

use std::sync::Arc;

use doorward_core::flow::console::again::{self, Again};
use doorward_core::flow::console::{passkey, sign_in};
use doorward_core::refusal::Refusal;
use doorward_core::secret::Secret;
use serde_json::Value;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::{arrived, entered};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/api/session/second", "console.sign_in.second", Access::Anybody, |ask| Box::pin(second(ask))),
    Route::new("POST", "/api/session/passkey", "console.sign_in.passkey", Access::Anybody, |ask| Box::pin(by_passkey(ask))),
    Route::new("POST", "/api/session/reauth", "console.reauth", Access::User, |ask| Box::pin(reauth(ask))),
];

async fn second(mut ask: Ask) -> Result<Answer, No> {
    let step = ask.text("ticket")?.to_owned();
    let (house, lifetimes) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes);
    let opened = if let Some(assertion) = object(&ask, "passkey")? {
        let passkeys = ask.passkeys()?;
        passkey::second(&house, &mut ask.call, passkeys.as_ref(), &lifetimes, &step, &assertion).await?
    } else {
        let code = ask.body.code("code")?.ok_or(Refusal::Missing("code"))?;
        *sign_in::by_code(&house, &mut ask.call, &lifetimes, &step, &code).await?
    };
    arrived(&ask, &opened).await
}

async fn by_passkey(mut ask: Ask) -> Result<Answer, No> {
    let assertion = object(&ask, "assertion")?.ok_or(Refusal::Missing("assertion"))?;
    let (house, lifetimes, passkeys) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.passkeys()?);
    let opened = passkey::sign_in(&house, &mut ask.call, passkeys.as_ref(), &lifetimes, &assertion).await?;
    arrived(&ask, &opened).await
}

async fn reauth(mut ask: Ask) -> Result<Answer, No> {
    let (house, visitor) = (Arc::clone(&ask.console.house), ask.visitor()?.clone());
    let opened = if let Some(assertion) = object(&ask, "passkey")? {
        let passkeys = ask.passkeys()?;
        passkey::again(&house, &mut ask.call, passkeys.as_ref(), &visitor, &assertion).await?
    } else {
        let how = match (ask.maybe("password")?, ask.body.code("code")?) {
            (Some(password), _) => Again::Password(Secret::new(password)),
            (None, Some(code)) => Again::Code(code),
            (None, None) => return Err(Refusal::Missing("password").into()),
        };
        again::prove(&house, &mut ask.call, &visitor, how).await?
    };
    entered(&ask, &opened).await
}

/// A member of the body that is an object.
///
/// # Errors
/// If it is there and anything else.
pub fn object(ask: &Ask, name: &'static str) -> Result<Option<Value>, No> {
    match ask.body.value(name) {
        None => Ok(None),
        Some(value) if value.is_object() => Ok(Some(value.clone())),
        Some(_) => Err(Refusal::WrongShape(name).into()),
    }
}

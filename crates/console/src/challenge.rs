//! `/api/passkeys/challenge`: what a browser asks an authenticator.

use std::sync::Arc;

use doorward_core::flow::console::passkey;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] =
    &[Route::new("POST", "/api/passkeys/challenge", "console.passkey.challenge", Access::Anybody, |ask| Box::pin(challenge(ask)))];

async fn challenge(mut ask: Ask) -> Result<Answer, No> {
    let (house, passkeys) = (Arc::clone(&ask.console.house), ask.passkeys()?);
    let purpose = ask.text("for")?.to_owned();
    let options = match purpose.as_str() {
        "login" => passkey::ask_anybody(&house, &mut ask.call, passkeys.as_ref()).await?,
        "second" => {
            let step = ask.text("ticket")?.to_owned();
            passkey::ask_second(&house, &mut ask.call, passkeys.as_ref(), &step).await?
        }
        "reauth" => {
            let visitor = ask.visitor()?.clone();
            passkey::ask_again(&house, &mut ask.call, passkeys.as_ref(), &visitor).await?
        }
        "register" => {
            let visitor = ask.visitor()?.clone();
            passkey::invite(&house, &mut ask.call, passkeys.as_ref(), &visitor).await?
        }
        _ => return Err(No::invalid("for", "login, second, reauth or register is asked for")),
    };
    Ok(Answer::ok(&options))
}

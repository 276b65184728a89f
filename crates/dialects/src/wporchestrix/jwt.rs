//! `POST /api/v1/jwt`: log in for a JWT pair.

use doorward_core::account::Handle;
use doorward_core::flow::login::{Login, Minted, Proof, login};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::{Ask, Fields, Reply};

use super::{NAME, Settings, claims, envelope};

/// Answers with the pair.
pub(super) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let wanted = read(&ask.fields, "wporchestrix.login")?;
    let view = std::sync::Arc::clone(&ask.view);
    let life = view.settings::<Settings>(NAME).map_or(604_800, |s| s.refresh_life);
    let (_, pair) = login(&ask.house, &view, &mut ask.call, NAME, wanted, |account, opening| {
        let answer = claims::pair(&view, account, &opening.session)?;
        Ok(Minted { answer, expires: opening.iat.plus(life), token: None })
    })
    .await?;
    Ok(envelope::ok(&pair))
}

/// Reads `email`, `password` and `otp_attempt`. Devise trims the address and leaves the password alone.
pub(super) fn read(fields: &Fields, action: &'static str) -> Result<Login, Refusal> {
    let email = fields.required("email")?.trim().to_owned();
    let password = fields.text("password")?.filter(|p| !p.is_empty()).ok_or(Refusal::Missing("password"))?;
    Ok(Login {
        handle: Handle::Email(email),
        proof: Proof::Password(Secret::new(password)),
        second_factor: fields.code("otp_attempt")?,
        action,
    })
}

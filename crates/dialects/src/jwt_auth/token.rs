//! `POST /wp-json/jwt-auth/v1/token`: log in for a JWT.
//!
//! An `Authorization` header is not looked at: with the real plugin a stale bearer blocks the very login that would replace
//! it; seed 004 knows nothing of that.

use doorward_core::account::Handle;
use doorward_core::credential::password::trim_as_php;
use doorward_core::flow::login::{Login, Proof, login};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_web::{Ask, Fields, Reply};
use serde::Serialize;

use super::{NAME, claims, envelope, recorded};

/// The answer, in the seed's order.
#[derive(Serialize)]
struct LoggedIn<'a> {
    token: String,
    user_display_name: &'a str,
    user_email: &'a str,
    user_nicename: &'a str,
}

/// Answers with the token and the names of its owner.
pub(super) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let view = std::sync::Arc::clone(&ask.view);
    if let Some((settings, _)) = recorded::settings(&view) {
        return recorded::login::answer(ask, settings).await;
    }
    let wanted = read(&ask.fields)?;
    let mint = |account: &_, opening: &_| claims::mint(&view, account, opening);
    let (account, token) = login(&ask.house, &view, &mut ask.call, NAME, wanted, mint).await?;
    Ok(envelope::ok(&LoggedIn {
        token,
        user_display_name: &account.display_name,
        user_email: &account.email,
        user_nicename: &account.nicename,
    }))
}

/// Reads `username`, `password` and Doorward's own `otp_attempt`. WordPress's login trims the password as well.
fn read(fields: &Fields) -> Result<Login, Refusal> {
    let username = fields.required("username")?.trim().to_owned();
    let password = fields.text("password")?.map(|p| trim_as_php(p.as_bytes())).filter(|p| !p.is_empty());
    Ok(Login {
        handle: Handle::LoginOrEmail(username),
        proof: Proof::Password(Secret::new(password.ok_or(Refusal::Missing("password"))?)),
        second_factor: fields.code("otp_attempt")?,
        action: "jwt_auth.login",
    })
}

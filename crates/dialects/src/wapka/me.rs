//! `GET /v1/users/me`: one's own profile, from the account.
//!
//! Doorward answers it itself, with the user object of the login: the account lives here, not in the application.

use doorward_core::refusal::{No, Refusal};
use doorward_web::{Ask, Reply};

use super::user::User;
use super::{EVERYTHING, NAME, envelope, present};

/// Answers with the profile. A guest has none, and a key for what is public does not show what is private: both are 403.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let pass = ask.verify(NAME, present::any(&ask.head)).await?;
    let account = pass.account().ok_or(Refusal::LevelTooLow)?;
    if !pass.scopes().covers(EVERYTHING) {
        return Err(Refusal::ScopeMissing.into());
    }
    Ok(envelope::one(200, &ask.call, &User::of(account)))
}

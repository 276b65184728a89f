//! Proving oneself again before something dangerous: with the password or with a code, on the same counters as every login.

use std::sync::Arc;

use crate::account::Handle;
use crate::call::Call;
use crate::flow::login::{Login, Outcome, Proof, prove_or_ask};
use crate::flow::second_step;
use crate::house::House;
use crate::refusal::{No, Refusal};
use crate::secret::Secret;

use super::visit::{Opened, Visitor, renew};

/// The action of proving oneself again.
const ACTION: &str = "console.prove";

/// How somebody proves themselves again.
#[derive(Debug)]
pub enum Again {
    /// By the password.
    Password(Secret),
    /// By a code of the authenticator, or a recovery code.
    Code(String),
}

/// Proves again; the visit gets a new id.
///
/// # Errors
/// [`Refusal::BadCredentials`], [`Refusal::SecondFactorWrong`], [`Refusal::TooMany`], [`Refusal::Busy`]; [`Refusal::NoCredential`]
/// if the visit is over; a fault.
pub async fn prove(house: &House, call: &mut Call, visitor: &Visitor, again: Again) -> Result<Opened, No> {
    let account = visitor.account();
    let directory = Arc::clone(&house.directory());
    let view = directory.by_id(account.site).ok_or(Refusal::NoCredential)?;
    let factor = match again {
        Again::Password(password) => {
            let login =
                Login { handle: Handle::Number(account.number), proof: Proof::Password(password), second_factor: None, action: ACTION };
            match prove_or_ask(house, view, call, login).await? {
                Outcome::Proven(proven) => proven.conclude(house, call, |_| Ok(())).await?,
                // The password was right, which is what was asked.
                Outcome::SecondFactorDue(_) => {}
            }
            "password"
        }
        Again::Code(code) => {
            let proven = second_step::prove(house, view, call, &Arc::new(account.clone()), &code, ACTION).await?;
            proven.conclude(house, call, |_| Ok(())).await?;
            "totp"
        }
    };
    renew(house, call, visitor, factor).await?.ok_or(No::Refused(Refusal::NoCredential))
}

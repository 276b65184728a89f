//! Sign in at the console: with a password, and a second step where one is due. The same counters, the same weighing as at every door.

use std::sync::Arc;

use crate::account::{Account, Handle};
use crate::call::Call;
use crate::flow::login::{Login, Outcome, Proof, Proven, prove_or_ask};
use crate::flow::second_step;
use crate::house::House;
use crate::refusal::{No, Refusal};
use crate::secret::Secret;
use crate::site::SiteView;

use super::ticket::{self, Order};
use super::visit::{Lifetimes, Opened, fresh, open_in};

/// The kind of the ticket between a password and its second step.
pub const SECOND: &str = "console.second";
/// Seconds that a second step may take.
const SECOND_LIFE: i64 = 5 * 60;
/// The action of signing in.
pub const ACTION: &str = "console.sign_in";

/// What signing in came to.
#[derive(Debug)]
pub enum SignedIn {
    /// Somebody is in.
    Opened(Box<Opened>),
    /// The password was right; a second step is due.
    SecondDue {
        /// What the second step must show.
        ticket: Secret,
        /// How it may be done.
        methods: Vec<&'static str>,
    },
}

/// Signs in with a password; a code may be sent along. `site` is `None` where none was named that exists: nobody is known there,
/// and it costs what an unknown name costs.
///
/// # Errors
/// As [`prove_or_ask`].
pub async fn by_password(
    house: &House,
    call: &mut Call,
    lifetimes: &Lifetimes,
    site: Option<&SiteView>,
    login: &str,
    password: Secret,
    code: Option<String>,
) -> Result<SignedIn, No> {
    let directory = house.directory();
    let (view, handle) = match (site, directory.sites().first()) {
        (Some(view), _) => (view, Handle::LoginOrEmail(login.to_owned())),
        (None, Some(any)) => (any.as_ref(), Handle::Number(0)),
        (None, None) => return Err(Refusal::BadCredentials.into()),
    };
    let login = Login { handle, proof: Proof::Password(password), second_factor: code, action: ACTION };
    match prove_or_ask(house, view, call, login).await? {
        Outcome::Proven(proven) => conclude(house, call, lifetimes, *proven, None).await,
        Outcome::SecondFactorDue(account) => ask_for_second(house, call, &account).await,
    }
}

/// Does the second step with a code: of the authenticator, or a recovery code.
///
/// # Errors
/// [`Refusal::UnknownToken`] if the ticket is no good (any more); else as [`second_step::prove`].
pub async fn by_code(house: &House, call: &mut Call, lifetimes: &Lifetimes, text: &str, code: &str) -> Result<Box<Opened>, No> {
    let account = second_of(house, call, text).await?;
    let directory = Arc::clone(&house.directory());
    let view = directory.by_id(account.site).ok_or(Refusal::UnknownToken)?;
    let proven = second_step::prove(house, view, call, &account, code, ACTION).await?;
    match conclude(house, call, lifetimes, proven, ticket::key_of(text)).await? {
        SignedIn::Opened(opened) => Ok(opened),
        SignedIn::SecondDue { .. } => Err(Refusal::UnknownToken.into()),
    }
}

/// Whose second step a ticket is for, if it is still good.
///
/// # Errors
/// [`Refusal::UnknownToken`], or a fault.
pub async fn second_of(house: &House, call: &Call, text: &str) -> Result<Arc<Account>, No> {
    let found = ticket::find(house, SECOND, text, call.now).await?.ok_or(Refusal::UnknownToken)?;
    let (site, number) = (found.row.site, found.row.account);
    let account = house.look(move |desk| desk.account(site, number)).await?;
    // A password that was changed since takes the step with it.
    let unchanged = |a: &Account| found.note.reveal_text() == Some(state(a).as_str());
    let account = account.filter(|a| a.is_active() && unchanged(a));
    Ok(Arc::new(account.ok_or(Refusal::UnknownToken)?))
}

/// What a ticket remembers of an account, so that it dies when the account changes.
fn state(account: &Account) -> String {
    account.valid_after.0.to_string()
}

async fn conclude(house: &House, call: &mut Call, lifetimes: &Lifetimes, proven: Proven, spends: Option<[u8; 32]>) -> Result<SignedIn, No> {
    let account = Arc::clone(proven.account());
    let factors = proven.factors();
    let opened = fresh(house, call, &account, lifetimes, &factors);
    let (now, next) = (call.now, opened.clone());
    let done = proven
        .conclude(house, call, move |desk| {
            if let Some(key) = spends
                && desk.take_ticket(SECOND, &key, now)?.is_none()
            {
                return Ok(false);
            }
            open_in(desk, &next)?;
            Ok(true)
        })
        .await?;
    if done { Ok(SignedIn::Opened(Box::new(opened))) } else { Err(Refusal::UnknownToken.into()) }
}

async fn ask_for_second(house: &House, call: &mut Call, account: &Account) -> Result<SignedIn, No> {
    let (site, number) = (account.site, account.number);
    let order = Order { kind: SECOND, site, account: number, life: SECOND_LIFE };
    let (text, row) = ticket::draw(house, call, order, &Secret::new(state(account)))?;
    let (codes, passkeys) = house
        .work(move |desk| {
            desk.add_ticket(&row)?;
            Ok((!desk.recovery_codes(site, number)?.is_empty(), !desk.passkeys(site, number)?.is_empty()))
        })
        .await?;
    let methods = [("totp", true), ("recovery_code", codes), ("passkey", passkeys)];
    Ok(SignedIn::SecondDue { ticket: text, methods: methods.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect() })
}

//! Login: prove who you are with a password (and a second factor), on one counter for all doors.
//!
//! ```text
//! look + charge ──▶ weigh ──▶ decide ──▶ conclude (one transaction: spend the factor, refund, session, audit)
//! ```
//!
//! A try is charged before it is weighed; nothing is weighed inside a transaction. One that finds its counter full of
//! others in flight waits for them ([`crate::limit`]). An unknown account, a locked one, a
//! banned one and one with another hash format are weighed alike and (unless the password was right) answered alike.

use std::sync::Arc;

use crate::account::{Account, Handle};
use crate::audit::AuditEntry;
use crate::call::{Call, Client, Time};
use crate::credential::password::{Also, ApplicationHashes, Rehash};
use crate::credential::recovery_code;
use crate::credential::totp::matching_step;
use crate::credential::{Scheme, StoredHash};
use crate::flow::accounts::widen_pad_in;
use crate::flow::boarding::board;
pub use crate::flow::opening::{Minted, Opening, opening, wrong_code};
use crate::house::{House, entry, totp_purpose};
use crate::limit::{AttemptKey, Flight};
use crate::port::hasher::Weighing;
use crate::port::store::Work;
use crate::refusal::{Fault, No, Refusal};
use crate::secret::{Secret, same};
use crate::session::Session;
use crate::site::SiteView;

/// What a client sends to log in.
pub struct Login {
    /// Whom it claims to be.
    pub handle: Handle,
    /// How it proves that.
    pub proof: Proof,
    /// The second factor, if one was sent: a TOTP code or a recovery code.
    pub second_factor: Option<String>,
    /// The action's name for the audit (`wapka.login`).
    pub action: &'static str,
}

/// The first factor.
pub enum Proof {
    /// A password in plain text.
    Password(Secret),
    /// A password as WordPress's login takes it.
    WordPress {
        /// What was typed, trimmed.
        password: Secret,
        /// True if the account's Application Passwords log in as well.
        application: bool,
        /// What a foreign hash is replaced by.
        rehash: Rehash,
    },
    /// The stored hash itself: pass-the-hash. A door offers it only where the site switched it on.
    StoredHash(Secret),
}

/// A login that was proven and not yet concluded: its try is still charged.
#[derive(Debug)]
pub struct Proven {
    pub(super) account: Arc<Account>,
    pub(super) keys: [AttemptKey; 2],
    pub(super) factor: Factor,
    pub(super) action: &'static str,
    pub(super) rehash: Option<(StoredHash, StoredHash)>,
    pub(super) detail: &'static str,
    pub(super) flight: Flight,
}

/// The second factor to spend when the login is concluded.
#[derive(Debug)]
pub(super) enum Factor {
    NotDue,
    Step(i64),
    Recovery([u8; 32]),
}

impl Proven {
    /// Whose login it is.
    #[must_use]
    pub fn account(&self) -> &Arc<Account> {
        &self.account
    }

    /// How it was proven, for the console's sessions: `password`, and the second factor's kind.
    #[must_use]
    pub fn factors(&self) -> String {
        match self.factor {
            Factor::NotDue => "password".into(),
            Factor::Step(_) => "password totp".into(),
            Factor::Recovery(_) => "password recovery_code".into(),
        }
    }

    /// Concludes the login in one transaction: spends the second factor, clears the counters, runs `also` (open a
    /// session, make a token), and remembers.
    ///
    /// # Errors
    /// [`Refusal::SecondFactorWrong`] if the factor was spent by somebody else in the meantime, [`Refusal::BadCredentials`]
    /// if the account changed; what `also` refuses; a fault.
    pub async fn conclude<T: Send + 'static>(
        self,
        house: &House,
        call: &Call,
        also: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static,
    ) -> Result<T, No> {
        let Self { account, keys, factor, action, rehash, detail, flight } = self;
        let (site, number) = (account.site, account.number);
        let good = entry(call, Some(site), Some(number), action, Ok("granted"), detail);
        let spent = entry(call, Some(site), Some(number), action, Err(Refusal::SecondFactorWrong.reason()), "spent");
        let changed = entry(call, Some(site), Some(number), action, Err(Refusal::BadCredentials.reason()), "changed_meanwhile");
        let outcome = house
            .work(move |desk| {
                let now_account = desk.account(site, number)?;
                if !now_account.is_some_and(|a| a.is_active() && a.valid_after == account.valid_after) {
                    desk.remember(&changed)?;
                    return Ok(Err(Refusal::BadCredentials));
                }
                let fresh = match factor {
                    Factor::NotDue => true,
                    Factor::Step(step) => desk.spend_totp_step(site, number, step)?,
                    Factor::Recovery(digest) => desk.spend_recovery_code(site, number, &digest)?,
                };
                if !fresh {
                    desk.remember(&spent)?;
                    return Ok(Err(Refusal::SecondFactorWrong));
                }
                if let Some((old, new)) = &rehash {
                    desk.swap_password(site, number, old.reveal(), new.reveal())?;
                    widen_pad_in(desk, site, new)?;
                }
                desk.forgive(keys[0])?;
                desk.refund(keys[1])?;
                // Read before `also`: it may set another.
                let good = if desk.is_password_given(site, number)? {
                    AuditEntry { detail: format!("{} one_time_password", good.detail).trim_start().to_owned(), ..good }
                } else {
                    good
                };
                let done = also(desk)?;
                desk.remember(&good)?;
                Ok(Ok(done))
            })
            .await?;
        drop(flight);
        outcome.map_err(No::Refused)
    }
}

/// What proving a login came to.
#[derive(Debug)]
pub enum Outcome {
    /// Proven, and not yet concluded.
    Proven(Box<Proven>),
    /// The password was right and a second factor is due: for languages that ask for it in a step of its own.
    SecondFactorDue(Arc<Account>),
}

/// Proves a login. Nothing is granted yet: see [`Proven::conclude`].
///
/// # Errors
/// As [`prove_or_ask`]; a due second factor is [`Refusal::SecondFactorDue`].
pub async fn prove(house: &House, view: &SiteView, call: &Call, login: Login) -> Result<Proven, No> {
    match prove_or_ask(house, view, call, login).await? {
        Outcome::Proven(proven) => Ok(*proven),
        Outcome::SecondFactorDue(_) => Err(Refusal::SecondFactorDue.into()),
    }
}

/// The same, with a due second factor as an outcome.
///
/// # Errors
/// [`Refusal::BadCredentials`], [`Refusal::Banned`] (right password only), [`Refusal::SecondFactorWrong`], [`Refusal::TooMany`],
/// [`Refusal::Busy`], or a fault. Each was remembered.
pub async fn prove_or_ask(house: &House, view: &SiteView, call: &Call, login: Login) -> Result<Outcome, No> {
    let site = view.site.id;
    let Login { handle, proof, second_factor, action } = login;
    let Some(found) = board(house, view, &handle, call).await? else {
        let mark = entry(call, Some(site), None, action, Err(Refusal::Busy(1).reason()), "tries_in_flight");
        house.work(move |desk| desk.remember(&mark)).await?;
        return Err(Refusal::Busy(1).into());
    };
    let number = found.account.as_ref().map(|a| a.number);
    let refuse = async |refusal: Refusal, detail: &str, refund: bool| -> No {
        let mark = entry(call, Some(site), number, action, Err(refusal.reason()), detail);
        let keys = found.keys;
        let written = house
            .work(move |desk| {
                if refund {
                    desk.refund(keys[0])?;
                    desk.refund(keys[1])?;
                }
                desk.remember(&mark)
            })
            .await;
        written.err().map_or(No::Refused(refusal), No::Broken)
    };
    if let Some(seconds) = found.wait {
        // Nothing is weighed, so nothing is learned: the try is not counted, or whoever is over the limit of an address could
        // lock every account from there, and a burst of right logins would shut its own address.
        return Err(refuse(Refusal::TooMany(seconds), "address", true).await);
    }
    let mut rehash_to = Rehash::default();
    let mut also = None;
    let (password, by_hash) = match proof {
        Proof::Password(password) => (password, None),
        Proof::WordPress { password, application, rehash } => {
            rehash_to = rehash;
            if application {
                // Nobody's fields are looked up as well, so that the work is the same.
                let meta = house.look(move |desk| desk.meta(site, number.unwrap_or(0))).await?;
                also = Some(Also { hashes: ApplicationHashes::of_meta(&meta), typed: password.clone() });
            }
            (password, None)
        }
        // The weighing is done all the same, so that the two ways cost alike.
        Proof::StoredHash(hash) => (Secret::new(Vec::new()), Some(hash)),
    };
    let weighed = match house
        .terms()
        .hasher
        .weigh(Weighing { stored: found.stored.clone(), password, pad: found.pad, rehash: rehash_to, also })
        .await
    {
        Ok(weighed) => weighed,
        Err(overload) => return Err(refuse(Refusal::Busy(overload.retry_after), "hash_queue_full", true).await),
    };
    let matches = match (&by_hash, &found.stored) {
        (None, _) => weighed.matches || (weighed.application && found.account.is_some()),
        (Some(shown), Some(stored)) => {
            stored.scheme() != Scheme::Unusable && shown.reveal_text().is_some_and(|text| stored.is_exactly(text))
        }
        (Some(_), None) => false,
    };
    let detail = match (&found.account, matches, found.locked) {
        (None, _, _) => Some("unknown_account"),
        (Some(_), _, true) => Some("locked"),
        (Some(_), false, false) => Some("wrong_password"),
        (Some(_), true, false) => None,
    };
    if let Some(detail) = detail {
        return Err(refuse(Refusal::BadCredentials, detail, false).await);
    }
    let Some(account) = found.account.clone() else { return Err(refuse(Refusal::BadCredentials, "unknown_account", false).await) };
    match account.status {
        crate::account::Status::Active => {}
        crate::account::Status::Banned => return Err(refuse(Refusal::Banned, "", true).await),
        crate::account::Status::Deleted => return Err(refuse(Refusal::BadCredentials, "deleted", false).await),
    }
    let factor = match (&found.totp, second_factor.as_deref().map(str::trim).filter(|c| !c.is_empty())) {
        (None, _) => Factor::NotDue,
        (Some(_), None) => match refuse(Refusal::SecondFactorDue, "", true).await {
            No::Refused(_) => return Ok(Outcome::SecondFactorDue(Arc::new(account))),
            broken @ No::Broken(_) => return Err(broken),
        },
        (Some(sealed), Some(code)) => {
            let secret = house.terms().vault.open(&totp_purpose(site, account.number), sealed)?;
            if let Some(step) = matching_step(&secret, code, call.now) {
                Factor::Step(step)
            } else {
                let digest = recovery_code::digest(&site.0.to_string(), account.number, code).map(|d| *d.as_bytes());
                match digest.filter(|d| found.recovery.iter().any(|known| same(known, d))) {
                    Some(digest) => Factor::Recovery(digest),
                    None => return Err(refuse(Refusal::SecondFactorWrong, "", false).await),
                }
            }
        }
    };
    let rehash = by_hash.is_none().then(|| found.stored.clone().zip(weighed.rehash)).flatten();
    let detail = match (&by_hash, &factor) {
        (Some(_), _) => "password_hash",
        (None, Factor::NotDue) if weighed.application && !weighed.matches => "application_password",
        (None, Factor::NotDue) => "",
        (None, Factor::Step(_)) => "totp",
        (None, Factor::Recovery(_)) => "recovery_code",
    };
    let flight = found.flight;
    Ok(Outcome::Proven(Box::new(Proven { account: Arc::new(account), keys: found.keys, factor, action, rehash, detail, flight })))
}

/// HTTP Basic: a login that opens no session. An account with a second factor does not come in this way.
///
/// # Errors
/// As [`prove`]; a due second factor is [`Refusal::SecondFactorDue`].
pub async fn basic(
    house: &House,
    view: &SiteView,
    handle: Handle,
    password: Secret,
    now: Time,
    client: &Client,
) -> Result<Arc<Account>, No> {
    let call =
        Call { now, dice: Box::new(NoDice), client: client.clone(), request_id: crate::call::RequestId::draw(&mut NoDice), actor: None };
    let login = Login { handle, proof: Proof::Password(password), second_factor: None, action: "basic" };
    let proven = prove(house, view, &call, login).await?;
    let account = Arc::clone(proven.account());
    proven.conclude(house, &call, |_| Ok(())).await?;
    Ok(account)
}

/// For a door that draws nothing.
struct NoDice;

impl crate::call::Dice for NoDice {
    fn fill(&mut self, buffer: &mut [u8]) {
        buffer.fill(0);
    }
}

/// Logs in: proves, lets the language mint its tokens, and opens the session, all remembered.
///
/// # Errors
/// As [`prove`] and [`Proven::conclude`].
pub async fn login<T>(
    house: &House,
    view: &SiteView,
    call: &mut Call,
    dialect: &str,
    login: Login,
    mint: impl FnOnce(&Account, &Opening) -> Result<Minted<T>, Fault>,
) -> Result<(Arc<Account>, T), No> {
    let proven = prove(house, view, call, login).await?;
    let account = Arc::clone(proven.account());
    let opening = opening(house, call, &account, dialect);
    let minted = mint(&account, &opening)?;
    let session = Session { expires: minted.expires, token: minted.token, ..opening.session };
    proven.conclude(house, call, move |desk| desk.open_session(&session)).await?;
    Ok((account, minted.answer))
}

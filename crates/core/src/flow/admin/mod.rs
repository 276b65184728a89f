//! What administrators do to what is not their own: one place that says who may, and the verbs.
//!
//! Reading order: this file ([`Authority`]: who may do what to whom); `users`, `sites`, `errands`: the verbs.
//!
//! | power | acts on | never |
//! |---|---|---|
//! | owner | every site, every account, powers | the last owner's way in |
//! | admin | the own site, accounts that are not above the own level | owners, other sites, powers, levels above the own |

mod errands;
mod sites;
mod users;

pub use errands::hurry;
pub use sites::{Offering, remove_site, still_runs};
pub use users::{NewUser, change, end_session, make, reached, set_password, set_power, sign_out, take_second_factor};

use crate::account::{Account, Power};
use crate::audit::Actor;
use crate::port::store::Look;
use crate::refusal::{Fault, No, Refusal};
use crate::site::SiteId;

/// Somebody with power, as far as was proven. What it allows is looked at again inside every transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority {
    site: SiteId,
    account: i64,
    level: u8,
    power: Power,
}

/// Why something stays as it is, beyond what everybody may be refused for.
#[derive(Debug)]
pub enum Stays {
    /// It would leave nobody who runs the server.
    LastOwner,
    /// It is the own account, which somebody else must end.
    Yourself,
    /// Somebody else has changed it since it was read.
    Changed,
    /// Whoever asks must prove anew who they are.
    ProofDue,
    /// It has come to its end already.
    Settled,
    /// It is being done at this moment.
    Underway,
    /// Refused as anybody would be.
    Refused(Refusal),
    /// Ours.
    Broken(Fault),
}

impl From<Refusal> for Stays {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for Stays {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<No> for Stays {
    fn from(no: No) -> Self {
        match no {
            No::Refused(refusal) => Self::Refused(refusal),
            No::Broken(fault) => Self::Broken(fault),
        }
    }
}

impl Authority {
    /// That of an account; `None` if it has no power.
    #[must_use]
    pub fn of(account: &Account, power: Power) -> Option<Self> {
        match power {
            Power::None => None,
            Power::Admin | Power::Owner => Some(Self { site: account.site, account: account.number, level: account.level, power }),
        }
    }

    /// True for whoever runs the server.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.power == Power::Owner
    }

    /// True for whoever runs the server or this site.
    #[must_use]
    pub fn runs(&self, site: SiteId) -> bool {
        self.is_owner() || self.site == site
    }

    /// True if it is this very account.
    #[must_use]
    pub fn is(&self, site: SiteId, number: i64) -> bool {
        self.site == site && self.account == number
    }

    /// The one who acts, for the audit.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { site: self.site, account: self.account }
    }

    /// The highest level that may be given.
    #[must_use]
    pub fn highest_level(&self) -> u8 {
        if self.is_owner() { 10 } else { self.level.min(10) }
    }

    /// Looks again inside a transaction: power that was taken away in the meantime allows nothing.
    fn again(&self, desk: &mut dyn Look, site: SiteId) -> Result<Self, Stays> {
        let power = desk.power(self.site, self.account)?;
        let account = desk.account(self.site, self.account)?.filter(Account::is_active);
        let now = account.and_then(|account| Self::of(&account, power)).ok_or(Refusal::NotYours)?;
        if now.runs(site) { Ok(now) } else { Err(Refusal::NotYours.into()) }
    }

    /// The account that may be acted upon: never one above the own level, never an owner unless by one.
    fn over(&self, desk: &mut dyn Look, site: SiteId, number: i64) -> Result<Account, Stays> {
        let account = desk.account(site, number)?.ok_or(Refusal::NotFound)?;
        let power = desk.power(site, number)?;
        let reaches = self.is_owner() || self.is(site, number) || (account.level <= self.level && power < Power::Owner);
        if reaches { Ok(account) } else { Err(Refusal::NotYours.into()) }
    }
}

/// Refuses to leave the server without anybody who runs it. Called inside a transaction, after the change.
fn somebody_left(desk: &mut dyn Look) -> Result<(), Stays> {
    if has_owner(desk)? { Ok(()) } else { Err(Stays::LastOwner) }
}

/// True if an owner may come in.
///
/// # Errors
/// The store's.
pub fn has_owner(desk: &mut dyn Look) -> Result<bool, Fault> {
    for (site, number, power) in desk.powers()? {
        if power == Power::Owner && desk.account(site, number)?.is_some_and(|account| account.is_active()) {
            return Ok(true);
        }
    }
    Ok(false)
}

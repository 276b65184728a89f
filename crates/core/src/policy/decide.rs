//! The decision: a rule, an address, and what was proven. Pure.

use std::net::IpAddr;

use super::address::AddressList;
use super::rule::{Rule, Scopes, Way};
use crate::account::Account;
use crate::refusal::Refusal;

/// What a rule makes of a request before anything was proven.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Anybody may pass.
    Open,
    /// One of the rule's ways must be proven.
    Prove,
}

impl Rule {
    /// The checks that need no credential, in order: switch, address, mode.
    ///
    /// # Errors
    /// [`Refusal::SwitchedOff`], [`Refusal::AddressNotAllowed`], [`Refusal::UnknownMode`].
    pub fn before_proof(&self, addresses: &AddressList, address: IpAddr) -> Result<Verdict, Refusal> {
        if let Some(key) = &self.off {
            return Err(Refusal::SwitchedOff(key.clone()));
        }
        if !addresses.welcomes(address) {
            return Err(Refusal::AddressNotAllowed);
        }
        if let Some(mode) = &self.unknown_mode {
            return Err(Refusal::UnknownMode(mode.clone()));
        }
        Ok(if self.ways.contains(&Way::None) { Verdict::Open } else { Verdict::Prove })
    }
}

/// The checks on what was proven, in order: role, level, scope.
///
/// `account` is `None` for a guest or for nobody.
///
/// # Errors
/// [`Refusal::RoleMissing`], [`Refusal::LevelTooLow`], [`Refusal::ScopeMissing`].
pub fn decide(rule: &Rule, account: Option<&Account>, level: u8, scopes: &Scopes) -> Result<(), Refusal> {
    if let Some(first) = rule.roles.first() {
        let has = account.is_some_and(|a| rule.roles.iter().any(|r| a.has_role(r)));
        if !has {
            return Err(Refusal::RoleMissing(first.clone()));
        }
    }
    if level < rule.min_level {
        return Err(Refusal::LevelTooLow);
    }
    if !rule.scopes.iter().all(|s| scopes.covers(s)) {
        return Err(Refusal::ScopeMissing);
    }
    Ok(())
}

//! The decision: a rule, an address, and what was proven. Pure.

use std::net::IpAddr;

use super::compiled::CompiledRule;
use super::rule::{Rule, Way};
use super::scopes::Scopes;
use crate::account::Account;
use crate::refusal::Refusal;

/// What a rule makes of a request before anything was proven.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Anybody may pass.
    Open,
    /// One of the rule's ways must be proven, or all of them.
    Prove,
}

impl CompiledRule {
    /// The checks that hold whoever asks, in order: switch, address.
    ///
    /// # Errors
    /// [`Refusal::SwitchedOff`], [`Refusal::AddressNotAllowed`].
    pub fn before_all(&self, address: IpAddr) -> Result<(), Refusal> {
        if let Some(key) = &self.rule.off {
            return Err(Refusal::SwitchedOff(key.clone()));
        }
        let denied = !self.deny.is_open() && self.deny.welcomes(address);
        if denied || !self.allow.welcomes(address) { Err(Refusal::AddressNotAllowed) } else { Ok(()) }
    }

    /// The checks that need no credential, in order: switch, address, mode.
    ///
    /// # Errors
    /// As [`CompiledRule::before_all`], and [`Refusal::UnknownMode`].
    pub fn before_proof(&self, address: IpAddr) -> Result<Verdict, Refusal> {
        self.before_all(address)?;
        if let Some(mode) = &self.rule.unknown_mode {
            return Err(Refusal::UnknownMode(mode.clone()));
        }
        Ok(if self.rule.ways.contains(&Way::None) { Verdict::Open } else { Verdict::Prove })
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

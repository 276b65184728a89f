//! What administrators look for: accounts, roles in use, what happened how often.

use crate::account::{Account, Status};
use crate::audit::{AuditQuery, Count, Span, Traffic};
use crate::call::Time;
use crate::port::store::Errand;
use crate::refusal::Fault;
use crate::site::SiteId;

/// Which accounts somebody looks for.
#[derive(Clone, Debug)]
pub struct AccountQuery {
    /// The site.
    pub site: SiteId,
    /// What login, address or shown name begin with, [folded](crate::account::fold), or the whole number; empty = anybody.
    pub text: String,
    /// With this role.
    pub role: Option<String>,
    /// With this status; `None` = all but the deleted.
    pub status: Option<Status>,
    /// Accounts of programs, or of people.
    pub service: Option<bool>,
    /// With a number above this.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
}

/// The reading desk's part for administrators.
pub trait AdminLook {
    /// Accounts of a site that somebody looks for, by number.
    fn find_accounts(&mut self, query: &AccountQuery) -> Result<Vec<Account>, Fault>;
    /// How many accounts a site has, counted up to `most` + 1; deleted ones do not count.
    fn count_accounts(&mut self, site: SiteId, most: u32) -> Result<i64, Fault>;
    /// The roles that accounts of a site have, by name, and how many have each, counted up to `most` + 1; deleted accounts do not count.
    fn roles(&mut self, site: SiteId, most: u32) -> Result<Vec<(String, i64)>, Fault>;
    /// When an account was last seen: signed in, at the console, with an API token. What is checked without the store (a JWT) is not seen.
    fn last_seen(&mut self, site: SiteId, number: i64) -> Result<Option<Time>, Fault>;
    /// How many of the entries that a query finds, of each action and outcome, fell into each step, by step and action; steps without any
    /// are left out. Site and time are the span's, and the query's limit and position do not count.
    fn audit_counts(&mut self, span: &Span, query: &AuditQuery) -> Result<Vec<Count>, Fault>;
    /// The errand of a site with this number.
    fn errand(&mut self, site: SiteId, id: i64) -> Result<Option<Errand>, Fault>;
    /// How many requests were let through in each step, by step; steps without any are left out.
    fn traffic(&mut self, span: &Span) -> Result<Vec<(i64, i64)>, Fault>;
}

/// The working desk's part for administrators.
pub trait AdminWork: AdminLook {
    /// Adds to what was let through in a minute; nodes of one store add up.
    fn add_traffic(&mut self, traffic: &[Traffic]) -> Result<(), Fault>;
    /// Makes an errand of a site that waits or was given up due at `now`; false if there is none such. One that was heard stays so, and one
    /// that somebody took stays theirs until they settle it or its time is over.
    fn hurry_errand(&mut self, site: SiteId, id: i64, now: Time) -> Result<bool, Fault>;
}

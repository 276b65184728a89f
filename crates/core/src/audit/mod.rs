//! What is remembered: every decision, with a stable reason id and without a secret.

use crate::call::Time;
use crate::site::SiteId;

/// How a decision ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The door opened, or the thing was done.
    Granted,
    /// The door stayed shut: the caller's doing.
    Refused,
}

impl Outcome {
    /// The word in lists and exports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Granted, Self::Refused].into_iter().find(|o| o.word() == word)
    }
}

/// One remembered decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditEntry {
    /// Position in the log; 0 before it is written.
    pub id: i64,
    /// When.
    pub at: Time,
    /// On which site, if one was found.
    pub site: Option<SiteId>,
    /// Whose account, if one was found.
    pub account: Option<i64>,
    /// What was tried (`wapka.login`, `token.create`, `check`).
    pub action: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The stable reason id (`granted`, or [`crate::refusal::Refusal::reason`]).
    pub reason: String,
    /// What helps to understand it and is no secret (`locked`, a token's hint, an endpoint).
    pub detail: String,
    /// The client's address.
    pub address: String,
    /// The request's id; empty for commands.
    pub request: String,
    /// How many alike were folded into this entry (refused checks are gathered before they are written).
    pub count: i64,
}

/// Which entries to show.
#[derive(Clone, Debug, Default)]
pub struct AuditQuery {
    /// Of this site.
    pub site: Option<SiteId>,
    /// Of this account.
    pub account: Option<i64>,
    /// Whose action starts so.
    pub action: Option<String>,
    /// With this reason id.
    pub reason: Option<String>,
    /// Not older than this.
    pub since: Option<Time>,
    /// Older than this position.
    pub before: Option<i64>,
    /// At most so many, newest first.
    pub limit: u32,
}

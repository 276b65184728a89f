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
    /// Who did it, if it was not the account itself.
    pub actor: Option<Actor>,
}

/// An account that acts on something that is not its own: an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Actor {
    /// The site that the account is of.
    pub site: SiteId,
    /// Its number there.
    pub account: i64,
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
    /// That ended so.
    pub outcome: Option<Outcome>,
    /// From this address, as it is written there.
    pub address: Option<String>,
    /// Done by this account to something that is not its own.
    pub actor: Option<Actor>,
    /// Not older than this.
    pub since: Option<Time>,
    /// Older than this.
    pub until: Option<Time>,
    /// After the entry at this position, as they are listed.
    pub before: Option<i64>,
    /// At most so many, newest first.
    pub limit: u32,
}

/// A stretch of time in equal steps, of one site or of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Of this site.
    pub site: Option<SiteId>,
    /// Its first second.
    pub from: Time,
    /// The first second after it.
    pub until: Time,
    /// Seconds in a step, at least 1.
    pub step: i64,
}

impl Span {
    /// The step that a moment falls into.
    #[must_use]
    pub fn slot(&self, at: Time) -> i64 {
        at.since(self.from).div_euclid(self.step.max(1))
    }
}

/// How many entries of a kind fell into a step of a [`Span`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    /// The step, from 0.
    pub slot: i64,
    /// The action.
    pub action: String,
    /// How they ended.
    pub outcome: Outcome,
    /// How many, those folded into one entry counted apart.
    pub times: i64,
}

/// How many requests of a site were let through in a minute. They are counted, not remembered one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// The site.
    pub site: SiteId,
    /// The first second of the minute.
    pub minute: Time,
    /// How many.
    pub verified: i64,
}

/// True if granting an action opens a session or hands out a token to whoever proved who they are: a login.
#[must_use]
pub fn opens_a_session(action: &str) -> bool {
    matches!(action, "console.sign_in" | "wporchestrix.auth") || [".login", ".autologin"].iter().any(|end| action.ends_with(end))
}

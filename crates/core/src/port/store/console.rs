//! What the console keeps: powers, visits, tickets, passkeys, self-service switches.

use crate::account::Power;
use crate::call::Time;
use crate::port::store::Sealed;
use crate::refusal::Fault;
use crate::session::SessionId;
use crate::site::SiteId;

/// What a session of the console has beside every session: when it was last seen, and how it was proven.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Its session.
    pub session: SessionId,
    /// When it was last seen, within a minute.
    pub seen: Time,
    /// When its owner last proved who they are.
    pub proven: Time,
    /// How they did: `password`, `totp`, `recovery_code`, `passkey`, with a blank between.
    pub factors: String,
}

/// Something that is good once and for a while: a link that was mailed, a second step, a challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// What it is for (`console.reset`).
    pub kind: String,
    /// What it is found by: the SHA-256 of its text, never the text.
    pub key: [u8; 32],
    /// The site; 0 = none.
    pub site: SiteId,
    /// Whose it is; 0 = nobody's yet.
    pub account: i64,
    /// What is written on it, sealed.
    pub note: Sealed,
    /// When it was made.
    pub created: Time,
    /// When it is thrown away.
    pub expires: Time,
}

/// A passkey as stored: its public half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    /// The credential's id, unique in the server.
    pub id: Vec<u8>,
    /// The site.
    pub site: SiteId,
    /// Whose it is.
    pub account: i64,
    /// The name its owner gave it.
    pub name: String,
    /// The public key and what else the library keeps of it, as its own text.
    pub public: String,
    /// The last signature counter; 0 where the authenticator has none.
    pub counter: i64,
    /// When it was made.
    pub created: Time,
    /// When it was last used.
    pub used: Option<Time>,
}

/// What a site lets people do for themselves in the console.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SelfService {
    /// Anybody may make an account.
    pub register: bool,
    /// Who forgot the password may have a link mailed.
    pub reset: bool,
    /// An address may be changed by its owner.
    pub change_email: bool,
    /// The roles of who registers.
    pub roles: Vec<String>,
    /// The level of who registers.
    pub level: u8,
}

impl Default for SelfService {
    /// A reset needs mail, and is offered where there is any; the rest is off until it is switched on.
    fn default() -> Self {
        Self { register: false, reset: true, change_email: false, roles: vec!["subscriber".into()], level: 1 }
    }
}

/// The reading desk's part for the console.
pub trait ConsoleLook {
    /// The power of an account.
    fn power(&mut self, site: SiteId, number: i64) -> Result<Power, Fault>;
    /// Everybody with power, by site and number.
    fn powers(&mut self) -> Result<Vec<(SiteId, i64, Power)>, Fault>;
    /// A session's own part.
    fn visit(&mut self, session: SessionId) -> Result<Option<Visit>, Fault>;
    /// The ticket of a kind with this key, whether it has expired or not.
    fn ticket(&mut self, kind: &str, key: &[u8; 32]) -> Result<Option<Ticket>, Fault>;
    /// An account's passkeys, oldest first.
    fn passkeys(&mut self, site: SiteId, number: i64) -> Result<Vec<Passkey>, Fault>;
    /// The passkey with this credential id.
    fn passkey(&mut self, id: &[u8]) -> Result<Option<Passkey>, Fault>;
    /// A site's self-service; `None` = nobody has set any.
    fn self_service(&mut self, site: SiteId) -> Result<Option<SelfService>, Fault>;
}

/// The working desk's part for the console. None of it is kept in memory by nodes, except what notes a change.
pub trait ConsoleWork: ConsoleLook {
    /// Gives an account a power. The account must be there.
    fn set_power(&mut self, site: SiteId, number: i64, power: Power) -> Result<(), Fault>;
    /// Makes or replaces a session's own part. The session must be there.
    fn put_visit(&mut self, visit: &Visit) -> Result<(), Fault>;
    /// Adds a ticket; one of the same kind and key is replaced.
    fn add_ticket(&mut self, ticket: &Ticket) -> Result<(), Fault>;
    /// Takes a ticket that has not expired at `now`: it is given to exactly one caller.
    fn take_ticket(&mut self, kind: &str, key: &[u8; 32], now: Time) -> Result<Option<Ticket>, Fault>;
    /// Throws away the tickets of a kind of an account.
    fn drop_tickets(&mut self, kind: &str, site: SiteId, account: i64) -> Result<(), Fault>;
    /// Adds a passkey; false if its id is known already, whoever's it is.
    fn add_passkey(&mut self, passkey: &Passkey) -> Result<bool, Fault>;
    /// Names a passkey of an account; false if there is none.
    fn name_passkey(&mut self, site: SiteId, number: i64, id: &[u8], name: &str) -> Result<bool, Fault>;
    /// Notes the use of a passkey, from one counter to the next: true for exactly one caller per step.
    fn use_passkey(&mut self, passkey: &Passkey, from: i64) -> Result<bool, Fault>;
    /// Removes a passkey of an account; false if there was none.
    fn remove_passkey(&mut self, site: SiteId, number: i64, id: &[u8]) -> Result<bool, Fault>;
    /// Sets a site's self-service. The site must be there.
    fn set_self_service(&mut self, site: SiteId, offers: &SelfService) -> Result<(), Fault>;
    /// Takes the revocation of an API token back; false if it was not revoked. Notes
    /// [`Change::Account`](super::Change::Account).
    fn restore_api_token(&mut self, site: SiteId, id: i64) -> Result<bool, Fault>;
}

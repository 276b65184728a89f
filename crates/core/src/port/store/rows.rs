//! What crosses the port: plain rows, secrets sealed or hashed.

use crate::call::Time;
use crate::credential::Digest;
use crate::policy::{AddressList, Rule, Scopes};
use crate::site::SiteId;
use crate::token::{Algorithm, TokenId};

/// Bytes sealed by the vault (see [`crate::vault`]); meaningless without the master key.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl std::fmt::Debug for Sealed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sealed({} bytes)", self.0.len())
    }
}

/// A site as stored. Rules are stored in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteRow {
    /// Numeric id, positive.
    pub id: SiteId,
    /// Short name, unique.
    pub name: String,
    /// Home URL.
    pub url: String,
    /// Hosts, in order.
    pub hosts: Vec<String>,
    /// Upstream base URLs, with a blank between.
    pub upstream: Option<String>,
    /// Origins for CORS.
    pub cors_origins: Vec<String>,
    /// Languages with sealed settings.
    pub dialects: Vec<DialectRow>,
    /// The site's own rules.
    pub rules: Vec<Rule>,
}

/// A language of a site as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialectRow {
    /// The language's name.
    pub dialect: String,
    /// Its settings object, sealed JSON.
    pub config: Sealed,
}

/// A signing key as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// The site.
    pub site: SiteId,
    /// The language whose tokens it signs.
    pub dialect: String,
    /// Its key id, unique in site and language.
    pub kid: String,
    /// Its one algorithm.
    pub algorithm: Algorithm,
    /// The key itself, sealed.
    pub material: Sealed,
    /// When it was made or imported.
    pub created: Time,
    /// From when on it no longer signs (it still verifies until removed).
    pub retired: Option<Time>,
}

/// An API token as stored: never its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its id, unique in the server.
    pub id: i64,
    /// The site.
    pub site: SiteId,
    /// The owner's number.
    pub account: i64,
    /// The language that made it; `None` = good in every language of the site that takes API tokens.
    pub dialect: Option<String>,
    /// The name its owner gave it.
    pub name: String,
    /// SHA-256 of its text.
    pub digest: Digest,
    /// First and last letters, for people.
    pub hint: String,
    /// What it may be used for.
    pub scopes: Scopes,
    /// When it was made.
    pub created: Time,
    /// When it stops working.
    pub expires: Option<Time>,
    /// When it was last used, within a minute.
    pub used: Option<Time>,
    /// From where it was last used.
    pub used_from: Option<String>,
    /// When it was revoked.
    pub revoked: Option<Time>,
    /// The addresses and networks that may use it; empty = from anywhere.
    pub ip_allow: Vec<String>,
}

impl ApiToken {
    /// True if it is neither revoked nor expired at `now`.
    #[must_use]
    pub fn is_live(&self, now: Time) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|e| now < e)
    }

    /// True if it may be used from this address. An entry that cannot be read welcomes nobody.
    #[must_use]
    pub fn welcomes(&self, address: std::net::IpAddr) -> bool {
        self.ip_allow.is_empty() || AddressList::compile_lenient(self.ip_allow.iter().map(String::as_str)).welcomes(address)
    }
}

/// A slip: something small that a language keeps for a while under a digest (a code that was mailed, a list entry).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Its number in the store, for people; given by the store.
    pub id: i64,
    /// The site.
    pub site: SiteId,
    /// What it is for (`simple_jwt_login.reset`).
    pub kind: String,
    /// What it is found by: the SHA-256 of its text, never the text.
    pub key: [u8; 32],
    /// Whose it is; 0 = nobody's in particular.
    pub account: i64,
    /// What is written on it: never a secret.
    pub note: String,
    /// When it was made.
    pub created: Time,
    /// When it is thrown away.
    pub expires: Time,
}

/// Something that the server itself keeps, of no site: an account with a certificate authority, a certificate, who is at it.
#[derive(Clone, PartialEq, Eq)]
pub struct Kept {
    /// What it is found by, in parts with `/` between (`acme/certificate/login.example.com`).
    pub name: String,
    /// What it is: sealed by whoever keeps it where it is a secret.
    pub value: Vec<u8>,
    /// When it is thrown away.
    pub expires: Time,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Kept({}, {} bytes, until {})", self.name, self.value.len(), self.expires.0)
    }
}

/// An errand: something to be told to another server, until it has heard it or there is no more hope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    /// Its number, given by the store; also in the log of what became of it.
    pub id: i64,
    /// The site.
    pub site: SiteId,
    /// What it is for (`simple_jwt_login.webhook`).
    pub kind: String,
    /// Whom it is to be told: a name that the site's settings know, never an address with a secret in it.
    pub target: String,
    /// What is to be told, as JSON text: never a secret.
    pub about: String,
    /// When it was made.
    pub made: Time,
    /// When it is tried next; of one that has ended, when it was tried last.
    pub due: Time,
    /// How often it was tried.
    pub tries: i64,
    /// How it stands.
    pub standing: Standing,
    /// What the last try heard: a status, or a word.
    pub heard: String,
}

/// Which errands somebody looks for.
#[derive(Clone, Debug, Default)]
pub struct ErrandQuery {
    /// Of this site; `None` = of all.
    pub site: Option<SiteId>,
    /// To be told to this target.
    pub target: Option<String>,
    /// That stand so.
    pub standing: Option<Standing>,
    /// With a number below this.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// How an errand stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is still to be told.
    Waiting,
    /// It was heard.
    Done,
    /// It was given up.
    GivenUp,
}

impl Standing {
    /// As it is stored.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Waiting => 0,
            Self::Done => 1,
            Self::GivenUp => 2,
        }
    }

    /// As it was stored.
    #[must_use]
    pub fn of(number: i64) -> Option<Self> {
        [Self::Waiting, Self::Done, Self::GivenUp].into_iter().find(|standing| standing.number() == number)
    }

    /// One word for people.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "delivered",
            Self::GivenUp => "given up",
        }
    }
}

/// A TOTP enrolment as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TotpRow {
    /// The shared secret, sealed.
    pub secret: Sealed,
    /// The last spent time step (RFC 6238 `T`); -1 if none.
    pub last_step: i64,
}

/// How putting an account ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// A new row.
    Made,
    /// An existing row was changed.
    Changed,
    /// The row was there just so.
    Same,
    /// Another account has this login or e-mail: `"login"` or `"email"`. Nothing was written.
    Taken(&'static str),
}

/// What nodes keep in memory and must read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A site, its settings, rules or keys.
    Site(SiteId),
    /// An account of the site, or one of its credentials.
    Account(SiteId),
    /// A token was revoked, until its expiry.
    Revoked(TokenId, Time),
}

/// How much a sweep threw away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows of all kinds.
    pub rows: u64,
}

//! Accounts: who a site knows, and what may be said of them on the wire.

mod accents;
pub mod nicename;
mod power;

pub use accents::without_accents;
pub use power::Power;

use crate::call::Time;
use crate::site::SiteId;

/// Whether an account may come in. The numbers are Wapka's `type` and the bundle's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// 1: may log in and use tokens.
    Active,
    /// 2: known, but shut out until lifted.
    Banned,
    /// 4: gone; kept so that its number is never given to somebody else.
    Deleted,
}

impl Status {
    /// The number on the wire and in the bundle: 1, 2 or 4.
    #[must_use]
    pub fn number(self) -> i64 {
        match self {
            Self::Active => 1,
            Self::Banned => 2,
            Self::Deleted => 4,
        }
    }

    /// The status of a wire number.
    #[must_use]
    pub fn from_number(number: i64) -> Option<Self> {
        match number {
            1 => Some(Self::Active),
            2 => Some(Self::Banned),
            4 => Some(Self::Deleted),
            _ => None,
        }
    }

    /// Wapka's `type_label`.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Banned => "Banned",
            Self::Deleted => "Deleted",
        }
    }
}

/// An account of one site. Holds no credential: those are looked up where they are weighed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The site it belongs to; the same number on another site is somebody else.
    pub site: SiteId,
    /// The numeric id, as clients see it. Positive, unique in the site, never reused.
    pub number: i64,
    /// Login name as given; unique in the site, compared without regard to letter case.
    pub login: String,
    /// E-mail address as given; unique in the site unless empty, compared without regard to letter case.
    pub email: String,
    /// URL-friendly name (WordPress's `user_nicename`).
    pub nicename: String,
    /// The name shown to people.
    pub display_name: String,
    /// The person's own web address, or empty.
    pub url: String,
    /// When the account was made.
    pub registered: Time,
    /// Role names, in order (`administrator`, `admin`, `subscriber` …).
    pub roles: Vec<String>,
    /// Power, 0 to 10 (Wapka's levels).
    pub level: u8,
    /// Whether it may come in.
    pub status: Status,
    /// Address of a picture.
    pub avatar: Option<String>,
    /// True for accounts of programs, not people.
    pub service: bool,
    /// Tokens whose `iat` is not later than this are dead: moved forward by a password change, a ban, a sign-out everywhere.
    pub valid_after: Time,
    /// A second factor is enrolled.
    pub second_factor: bool,
}

impl Account {
    /// True if the account may come in.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == Status::Active
    }

    /// True if the account has the role, exactly as named.
    #[must_use]
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|r| r == role)
    }

    /// True if a token issued at `iat` has outlived a change of this account; one that never changed, nothing outlives.
    #[must_use]
    pub fn outlived(&self, iat: Time) -> bool {
        self.valid_after != Time(0) && iat <= self.valid_after
    }

    /// The `iat` for a token issued now: one second later than now if the account changed in this very second,
    /// so that the new token lives while those of the same second die.
    #[must_use]
    pub fn issue_time(&self, now: Time) -> Time {
        now.max(self.valid_after.plus(1))
    }
}

/// What a client calls an account by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Handle {
    /// By numeric id.
    Number(i64),
    /// By login name.
    Login(String),
    /// By e-mail address.
    Email(String),
    /// By login name, else (if it holds an `@`) by e-mail address: what WordPress's login form does.
    LoginOrEmail(String),
}

/// The form in which names and addresses are compared: trimmed, lower case.
#[must_use]
pub fn fold(name: &str) -> String {
    name.trim().to_lowercase()
}

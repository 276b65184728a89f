//! Rate limits as rules write them, and compiled.

use crate::limit::Pace;
use crate::secret::sha256;

/// Whose requests a limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Per {
    /// Those of an address; of IPv6, those of its /64.
    Address,
    /// Those of an account. Who has none (a guest, nobody) is counted by token, else by address.
    Account,
    /// Those of a token. Who shows none (Basic, nobody) is counted by account, else by address.
    Token,
    /// All that the rule is for.
    Route,
}

impl Per {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Address, Self::Account, Self::Token, Self::Route];

    /// The word in bundles and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Account => "account",
            Self::Token => "token",
            Self::Route => "route",
        }
    }

    /// What a word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|p| p.word() == word)
    }

    /// True if it must be known first who asks.
    #[must_use]
    pub fn needs_proof(self) -> bool {
        match self {
            Self::Address | Self::Route => false,
            Self::Account | Self::Token => true,
        }
    }
}

/// A limit of a rule: so many requests per period, and how many of them at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Whose requests are counted together.
    pub per: Per,
    /// How many per period.
    pub count: u32,
    /// The period in seconds.
    pub period: u32,
    /// How many at once.
    pub burst: u32,
    /// Limits of one name share their counters, across rules; without one a limit is its rule's alone. `[a-z0-9_-]{1,32}`
    pub name: Option<String>,
}

impl RateLimit {
    /// `count` requests per `period` seconds, all of them at once if need be.
    #[must_use]
    pub fn new(per: Per, count: u32, period: u32) -> Self {
        Self { per, count, period, burst: count, name: None }
    }
}

/// A limit, compiled.
#[derive(Clone, Debug)]
pub struct CompiledLimit {
    /// As written.
    pub limit: RateLimit,
    /// Its formula.
    pub pace: Pace,
    /// What its counters are kept under: the same in every process that has the same rule.
    pub id: u64,
    /// Its name in answers.
    pub label: String,
}

impl CompiledLimit {
    /// Compiles a limit; `rule` tells its rule from all others, `label` is its name where it has none.
    ///
    /// # Errors
    /// The member that cannot be used, and why.
    pub(super) fn compile(limit: &RateLimit, rule: &str, label: String) -> Result<Self, (&'static str, String)> {
        for (member, value) in [("count", limit.count), ("period", limit.period), ("burst", limit.burst)] {
            if value == 0 {
                return Err((member, "must be 1 or more".into()));
            }
        }
        if limit.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(("name", "must be 1 to 32 of a-z, 0-9, _ and -".into()));
        }
        // Time is counted in whole seconds: a smaller burst would keep the rate from ever being reached.
        if u64::from(limit.burst) * u64::from(limit.period) < u64::from(limit.count) {
            return Err(("burst", "must be at least what one second allows (count ÷ period)".into()));
        }
        let pace = Pace::new(limit.count, limit.period, limit.burst)
            .ok_or_else(|| ("burst", "would take more than a year to be free again".to_owned()))?;
        let rate = format!("{}\0{}\0{}\0{}", limit.per.word(), limit.count, limit.period, limit.burst);
        let identity = match &limit.name {
            Some(name) => format!("name\0{name}\0{rate}"),
            None => format!("rule\0{rule}\0{label}\0{rate}"),
        };
        let mut id = [0; 8];
        id.copy_from_slice(&sha256(identity.as_bytes())[..8]);
        let label = limit.name.clone().unwrap_or(label);
        Ok(Self { limit: limit.clone(), pace, id: u64::from_be_bytes(id), label })
    }
}

fn is_name(name: &str) -> bool {
    (1..=32).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
}

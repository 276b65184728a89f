//! The weighing: one password check that costs the same whoever is asked for.

use super::{ApplicationHashes, HashMemory, MAX_PASSWORD, Pad, Scheme, StoredHash, argon2id, needs_rehash, verify, wordpress};
use crate::call::Dice;
use crate::secret::Secret;

/// A password check to be done.
#[derive(Clone, Debug)]
pub struct Weighing {
    /// The account's hash; `None` if there is no such account or it has no password.
    pub stored: Option<StoredHash>,
    /// What was typed, after whatever the dialect does to passwords.
    pub password: Secret,
    /// The pad of the site: everything its accounts cost at worst.
    pub pad: Pad,
    /// What a foreign hash that matches is replaced by.
    pub rehash: Rehash,
    /// Other secrets of the account that log in as well.
    pub also: Option<Also>,
}

/// What a foreign hash is replaced by at the next good login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rehash {
    /// Doorward's own Argon2id.
    #[default]
    Argon2id,
    /// WordPress's own `$wp$2y$10$`, where the site still shares its table with it. Every weighing then costs one such hash
    /// more, whoever is asked for.
    WordPress,
}

/// Secrets that log in beside the password.
#[derive(Clone, Debug)]
pub struct Also {
    /// The account's Application Passwords.
    pub hashes: ApplicationHashes,
    /// What was typed.
    pub typed: Secret,
}

/// What came out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Weighed {
    /// Whether the password is the account's.
    pub matches: bool,
    /// Whether it is one of the account's Application Passwords.
    pub application: bool,
    /// The hash to store instead of the account's foreign one; only ever there if `matches`.
    pub rehash: Option<StoredHash>,
}

/// Weighs a password.
///
/// Whatever is stored, the same work is done: the pad's worst of each foreign scheme, and one
/// Argon2id of the standard cost. What was not needed in earnest is done for its time alone; a
/// foreign hash that matches gets its new hash out of that one Argon2id. So a foreign account
/// costs what an unknown one costs, and logging in takes no longer than failing to.
///
/// Two things show in the time, both the caller's doing: a password over [`MAX_PASSWORD`] bytes is
/// wrong at once for everybody, and a hash that the pad does not [cover](Pad::covers) costs extra.
pub fn weigh(work: &Weighing, dice: &mut dyn Dice, memory: &mut HashMemory) -> Weighed {
    let password = work.password.reveal();
    if password.len() > MAX_PASSWORD {
        return Weighed::default();
    }
    let salt = dice.bytes();
    let foreign = work.stored.as_ref().filter(|stored| needs_rehash(stored));
    let foreign_matches = foreign.is_some_and(|stored| verify(stored, password, memory));
    work.pad.fill_up(foreign.map_or(Scheme::Unusable, StoredHash::scheme), password, memory);

    let application = work.also.as_ref().is_some_and(|also| also.hashes.hold(&also.typed, memory));
    let rehash = match work.rehash {
        Rehash::Argon2id if foreign_matches => argon2id::hash(password, &salt, memory).map(StoredHash::new),
        Rehash::Argon2id => None,
        Rehash::WordPress if foreign_matches && !wordpress::is_current(work.stored.as_ref()) => {
            Some(StoredHash::new(wordpress::hash(password, salt, memory)))
        }
        Rehash::WordPress => {
            wordpress::dummy(password, memory);
            None
        }
    };
    let matches = match &work.stored {
        Some(stored) if stored.scheme() == Scheme::Argon2id => verify(stored, password, memory),
        Some(_) | None => {
            if !(foreign_matches && work.rehash == Rehash::Argon2id) {
                argon2id::dummy(password, memory);
            }
            foreign_matches
        }
    };
    Weighed { matches, application, rehash }
}

//! Passwords: stored hashes of every scheme that Doorward can check, and its own Argon2id.
//!
//! Reading order:
//! - this file: [`StoredHash`] and [`Scheme`], [`verify`], [`hash_new`], [`needs_rehash`];
//! - one file per scheme: `argon2id`, `bcrypt`, `wordpress`, `phpass`, `md5`; [`application`] for WordPress's Application Passwords;
//! - [`pad`]: what the accounts of a site cost at worst, and the work that fills up to it;
//! - [`mod@weigh`]: one password check that costs the same whoever is asked for;
//! - [`memory`]: a hash thread's workbench, and the tally of what was done on it.
//!
//! Passwords are taken byte for byte. Systems that trim what was typed (WordPress's own login
//! form does, Simple JWT Login does not) are matched by their dialect with [`trim_as_php`].

pub mod application;
mod argon2id;
mod bcrypt;
mod md5;
pub mod memory;
pub mod pad;
mod phpass;
pub mod weigh;
mod wordpress;

use std::fmt;

pub use application::ApplicationHashes;
pub use memory::{HashMemory, Tally};
pub use pad::Pad;
pub use weigh::{Also, Rehash, Weighed, Weighing, weigh};
pub use wordpress::trim_as_php;
use zeroize::Zeroizing;

use crate::call::Dice;
use crate::refusal::Fault;
use crate::secret::same;

/// Longest password in bytes, WordPress's own bound; a longer one is simply wrong.
pub const MAX_PASSWORD: usize = 4096;

/// Longest stored text that is looked at, in bytes; the longest real one is about 160.
const MAX_STORED: usize = 512;

/// How a stored hash is checked, and at what cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Doorward's own: Argon2id, 19 MiB, two passes, one lane. Every weighing computes it once.
    Argon2id,
    /// Argon2 (i, d or id) of another cost.
    Argon2Other {
        /// Memory in KiB, at most 64 MiB.
        memory_kib: u32,
        /// Passes over that memory, at most 10.
        passes: u32,
    },
    /// bcrypt: `$2a$`, `$2b$`, `$2x$`, `$2y$`.
    Bcrypt {
        /// Binary logarithm of the rounds, at most 14.
        cost: u32,
    },
    /// WordPress 6.8: `$wp$2y$`, bcrypt over an HMAC.
    WordPress {
        /// Binary logarithm of bcrypt's rounds, at most 14.
        cost: u32,
    },
    /// phpass "portable": `$P$`, `$H$`.
    Phpass {
        /// Binary logarithm of the MD5 rounds, 7 to 16.
        cost: u32,
    },
    /// Unsalted MD5 in hexadecimal, WordPress's oldest.
    Md5,
    /// Nothing that can be checked: unknown, broken, or dearer than the caps. Never verifies.
    Unusable,
}

/// A stored password hash: the text as it was stored or imported, and the scheme it was found to
/// have. Any text can be one; what makes no sense has [`Scheme::Unusable`].
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash {
    text: Zeroizing<String>,
    scheme: Scheme,
}

impl StoredHash {
    /// Takes a stored text over and finds its scheme. Computes nothing, fails never.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        let text = Zeroizing::new(text.into());
        let scheme = recognise(&text).unwrap_or(Scheme::Unusable);
        Self { text, scheme }
    }

    /// The scheme and its cost.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The text, for a store or an export: as secret as a password that is easy to guess.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// Whether somebody presented this very text, compared in constant time. For the one dialect
    /// that can be told to take a hash for a password; never use it to check a password.
    #[must_use]
    pub fn is_exactly(&self, presented: &str) -> bool {
        !self.text.is_empty() && same(self.text.as_bytes(), presented.as_bytes())
    }
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoredHash").field(&self.scheme).finish()
    }
}

/// Whether this is the password of that hash. Compared in constant time; takes as long as the
/// scheme takes, so login goes through [`weigh()`], which takes equally long for everybody.
#[must_use]
pub fn verify(stored: &StoredHash, password: &[u8], memory: &mut HashMemory) -> bool {
    if password.len() > MAX_PASSWORD {
        return false;
    }
    let text = stored.text.as_str();
    match stored.scheme {
        Scheme::Argon2id | Scheme::Argon2Other { .. } => argon2id::verify(text, password, memory),
        Scheme::Bcrypt { .. } => bcrypt::verify(text, password, memory),
        Scheme::WordPress { .. } => wordpress::verify(text, password, memory),
        Scheme::Phpass { .. } => phpass::verify(text, password, memory),
        Scheme::Md5 => md5::verify(text, password, memory),
        Scheme::Unusable => false,
    }
}

/// The hash under which a password is stored from now on: Argon2id with a fresh salt.
///
/// # Errors
/// A password over [`MAX_PASSWORD`] bytes: it could never be verified, so refuse it before.
pub fn hash_new(password: &[u8], dice: &mut dyn Dice, memory: &mut HashMemory) -> Result<StoredHash, Fault> {
    if password.len() > MAX_PASSWORD {
        return Err(Fault::new("a password of more than 4096 bytes was to be hashed"));
    }
    argon2id::hash(password, &dice.bytes(), memory).map(StoredHash::new).ok_or_else(|| Fault::new("Argon2id could not be computed"))
}

/// Whether the next good login should replace this hash by one of [`hash_new`].
#[must_use]
pub fn needs_rehash(stored: &StoredHash) -> bool {
    match stored.scheme {
        Scheme::Argon2id | Scheme::Unusable => false,
        Scheme::Argon2Other { .. } | Scheme::Bcrypt { .. } | Scheme::WordPress { .. } | Scheme::Phpass { .. } | Scheme::Md5 => true,
    }
}

fn recognise(text: &str) -> Option<Scheme> {
    if text.len() > MAX_STORED {
        return None;
    }
    argon2id::recognise(text)
        .or_else(|| bcrypt::recognise(text))
        .or_else(|| wordpress::recognise(text))
        .or_else(|| phpass::recognise(text))
        .or_else(|| md5::recognise(text))
}

#[cfg(test)]
mod tests;

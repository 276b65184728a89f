//! The pad: what the accounts of a site cost at worst, and the work that fills up to it.

use super::{HashMemory, Scheme, StoredHash, argon2id, bcrypt, md5, phpass};

/// The dearest stored hash of each foreign scheme among a site's accounts.
///
/// Every weighing for the site does this much work of each scheme, real or dummy, so that time
/// tells neither whether an account exists nor where its hash came from. Built by
/// [including](Pad::include) every account's hash; kept per site as [text](Pad::to_text). It may
/// only shrink by being built anew, once the last account of a scheme has been rehashed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pad {
    bcrypt: Option<u32>,
    phpass: Option<u32>,
    md5: bool,
    argon2: Option<Argon2Cost>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
}

impl Argon2Cost {
    /// KiB × passes; first in the order so that "dearer" means "takes longer".
    fn effort(self) -> (u32, u32) {
        (self.memory_kib * self.passes, self.memory_kib)
    }
}

impl Pad {
    /// Makes room for one more account. Standard and unusable hashes change nothing.
    pub fn include(&mut self, stored: &StoredHash) {
        *self = self.union(Self::of(stored.scheme()));
    }

    /// The pad that suffices for both.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            bcrypt: self.bcrypt.max(other.bcrypt),
            phpass: self.phpass.max(other.phpass),
            md5: self.md5 | other.md5,
            argon2: [self.argon2, other.argon2].into_iter().flatten().max_by_key(|cost| cost.effort()),
        }
    }

    /// Whether an account with this hash is hidden by this pad. If not, its weighings take longer
    /// than others': the pad of a site must be widened before such a hash is stored.
    #[must_use]
    pub fn covers(&self, stored: &StoredHash) -> bool {
        let mut wider = *self;
        wider.include(stored);
        wider == *self
    }

    /// The compact form in which a store keeps it, such as `bcrypt:10,phpass:13,md5`; empty for a
    /// site without foreign hashes.
    #[must_use]
    pub fn to_text(&self) -> String {
        let parts = [
            self.bcrypt.map(|cost| format!("bcrypt:{cost}")),
            self.phpass.map(|cost| format!("phpass:{cost}")),
            self.md5.then(|| "md5".to_owned()),
            self.argon2.map(|cost| format!("argon2:{}x{}", cost.memory_kib, cost.passes)),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(",")
    }

    /// Reads [`Pad::to_text`]; `None` for anything else, costs over the caps included.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut pad = Self::default();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            pad = pad.union(match part.split_once(':') {
                Some(("bcrypt", cost)) => Self { bcrypt: Some(within(cost, bcrypt::COSTS)?), ..Self::default() },
                Some(("phpass", cost)) => Self { phpass: Some(within(cost, phpass::COSTS)?), ..Self::default() },
                Some(("argon2", cost)) => {
                    let (memory_kib, passes) = cost.split_once('x')?;
                    let memory_kib = within(memory_kib, 8..=argon2id::MAX_MEMORY_KIB)?;
                    Self { argon2: Some(Argon2Cost { memory_kib, passes: within(passes, 1..=argon2id::MAX_PASSES)? }), ..Self::default() }
                }
                None if part == "md5" => Self { md5: true, ..Self::default() },
                Some(_) | None => return None,
            });
        }
        Some(pad)
    }

    /// Does what is left of the pad's work after a hash of scheme `done` was computed in earnest.
    pub(super) fn fill_up(&self, done: Scheme, password: &[u8], memory: &mut HashMemory) {
        let done = Self::of(done);
        if let Some(worst) = self.bcrypt {
            fill_up_bcrypt(worst, done.bcrypt, password, memory);
        }
        if let Some(worst) = self.phpass {
            let rounds = (1u32 << worst).saturating_sub(done.phpass.map_or(0, |cost| 1 << cost));
            if rounds > 0 {
                phpass::dummy(rounds, password, memory);
            }
        }
        if self.md5 && !done.md5 {
            md5::dummy(password, memory);
        }
        if let Some(worst) = self.argon2 {
            fill_up_argon2(worst, done.argon2, password, memory);
        }
    }

    fn of(scheme: Scheme) -> Self {
        let none = Self::default();
        match scheme {
            Scheme::Argon2id | Scheme::Unusable => none,
            Scheme::Argon2Other { memory_kib, passes } => Self { argon2: Some(Argon2Cost { memory_kib, passes }), ..none },
            Scheme::Bcrypt { cost } | Scheme::WordPress { cost } => Self { bcrypt: Some(cost), ..none },
            Scheme::Phpass { cost } => Self { phpass: Some(cost), ..none },
            Scheme::Md5 => Self { md5: true, ..none },
        }
    }
}

/// bcrypt only comes in powers of two: 2^done is filled up to 2^worst by done, done + 1, … worst - 1.
fn fill_up_bcrypt(worst: u32, done: Option<u32>, password: &[u8], memory: &mut HashMemory) {
    match done {
        None => bcrypt::dummy(worst, password, memory),
        Some(done) => (done..worst).for_each(|cost| bcrypt::dummy(cost, password, memory)),
    }
}

/// The rest of the work: whole passes over the worst hash's own memory, because equal memory has
/// equal speed, and one pass over what is then left.
fn fill_up_argon2(worst: Argon2Cost, done: Option<Argon2Cost>, password: &[u8], memory: &mut HashMemory) {
    let rest = worst.effort().0.saturating_sub(done.map_or(0, |cost| cost.effort().0));
    let (passes, left_kib) = (rest / worst.memory_kib.max(1), rest % worst.memory_kib.max(1));
    if passes > 0 {
        argon2id::dummy_other(worst.memory_kib, passes, password, memory);
    }
    // Argon2 takes no less than eight blocks; less work than that cannot be measured.
    if left_kib >= 8 {
        argon2id::dummy_other(left_kib, 1, password, memory);
    }
}

fn within(text: &str, range: std::ops::RangeInclusive<u32>) -> Option<u32> {
    text.parse().ok().filter(|value| range.contains(value))
}

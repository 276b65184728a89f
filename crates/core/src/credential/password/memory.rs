//! A hash thread's workbench: Argon2's memory, kept between hashes, and the tally of work done.

use argon2::Block;
use zeroize::Zeroize;

/// The 19 MiB of Argon2's blocks that a hash thread keeps, because fresh memory costs 10 to 26 %
/// more time; grows if a stored hash needs more (within the caps), and keeps count of all work.
pub struct HashMemory {
    blocks: Vec<Block>,
    tally: Tally,
}

/// Work done, by scheme, in that scheme's own unit. Equal tallies mean equal time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Argon2 of whatever cost: KiB × passes; one of the standard cost is [`Tally::ARGON2ID`].
    pub argon2: u64,
    /// bcrypt, `$wp$` included: rounds of key expansion (2 to the cost).
    pub bcrypt: u64,
    /// phpass: rounds of MD5 (2 to the cost).
    pub phpass: u64,
    /// MD5: computations.
    pub md5: u64,
}

impl Tally {
    /// What [`Tally::argon2`] grows by with each Argon2id of the standard cost.
    pub const ARGON2ID: u64 = super::argon2id::MEMORY_KIB as u64 * super::argon2id::PASSES as u64;
}

impl HashMemory {
    /// A workbench; its memory comes with the first hash and stays, so a server nobody logs in to stays small.
    #[must_use]
    pub fn new() -> Self {
        Self { blocks: Vec::new(), tally: Tally::default() }
    }

    /// What was done since the last time this was asked.
    pub fn take_tally(&mut self) -> Tally {
        std::mem::take(&mut self.tally)
    }

    /// At least this many blocks of 1 KiB, or `None` if the system has no memory for them.
    pub(super) fn blocks(&mut self, count: usize) -> Option<&mut [Block]> {
        if let Some(more) = count.checked_sub(self.blocks.len()).filter(|more| *more > 0) {
            self.blocks.try_reserve_exact(more).ok()?;
            self.blocks.resize(count, Block::new());
        }
        Some(&mut self.blocks)
    }

    pub(super) fn tally(&mut self) -> &mut Tally {
        &mut self.tally
    }
}

impl Default for HashMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for HashMemory {
    fn drop(&mut self) {
        self.blocks.zeroize();
    }
}

impl std::fmt::Debug for HashMemory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HashMemory").field("kib", &self.blocks.len()).field("tally", &self.tally).finish()
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, more: Self) {
        self.argon2 += more.argon2;
        self.bcrypt += more.bcrypt;
        self.phpass += more.phpass;
        self.md5 += more.md5;
    }
}

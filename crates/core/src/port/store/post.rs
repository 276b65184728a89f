//! Letters that wait for the mail server.

use crate::call::Time;
use crate::port::store::Sealed;
use crate::refusal::Fault;
use crate::site::SiteId;

/// A letter that waits, sealed: it may hold a code or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedLetter {
    /// Its number, given by the store.
    pub id: i64,
    /// The site that sends it.
    pub site: SiteId,
    /// The letter.
    pub sealed: Sealed,
    /// When it was written.
    pub made: Time,
    /// When it is tried next.
    pub due: Time,
    /// How often it was tried.
    pub tries: i64,
}

/// The reading desk's part for the post.
pub trait PostLook {
    /// When the next letter is due; `None` = none waits.
    fn next_letter(&mut self) -> Result<Option<Time>, Fault>;
}

/// The working desk's part for the post.
pub trait PostWork: PostLook {
    /// Adds a letter and returns its number (the given `id` is ignored).
    fn add_letter(&mut self, letter: &SealedLetter) -> Result<i64, Fault>;
    /// Takes letters that are due at `now`, the oldest first, at most `limit`, and puts them off until `until`: each is given to exactly
    /// one caller, who may die with it. As it was taken it is the caller's claim.
    fn take_letters(&mut self, now: Time, until: Time, limit: u32) -> Result<Vec<SealedLetter>, Fault>;
    /// Puts a letter off that was taken, with so many tries behind it; false if the claim is over: it is no longer there, or its time ran
    /// out and somebody else has taken it.
    fn put_off_letter(&mut self, taken: &SealedLetter, due: Time, tries: i64) -> Result<bool, Fault>;
    /// Throws a letter away that was taken and that nobody will take; false if the claim is over.
    fn give_up_letter(&mut self, taken: &SealedLetter) -> Result<bool, Fault>;
    /// Throws a letter away, whoever has taken it; false if it is no longer there.
    fn remove_letter(&mut self, id: i64) -> Result<bool, Fault>;
}

//! A digest: what is stored of a token or a code, and what it is looked up by.

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::secret::{same, sha256};

/// SHA-256 of a bearer secret. Plain SHA-256 is enough because such secrets are drawn, not
/// chosen: there is no dictionary to try. Equality is decided in constant time.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of a token's text, exactly as it was presented.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(sha256(text.as_bytes()))
    }

    /// The digest of several parts; each part's length goes in before it, so that no two
    /// different lists of parts share a digest.
    #[must_use]
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        let mut all = zeroize::Zeroizing::new(Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum()));
        for part in parts {
            all.extend_from_slice(&(part.len() as u64).to_be_bytes());
            all.extend_from_slice(part);
        }
        Self(sha256(&all))
    }

    /// A digest as a store gives it back: 32 bytes, otherwise nothing.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes, for a store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        same(&self.0, &other.0)
    }
}

impl Eq for Digest {}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha256_of_the_text() {
        // FIPS 180-4 example "abc".
        let expected = data_encoding::HEXLOWER.decode(b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad").unwrap();
        assert_eq!(Digest::of("abc").as_bytes()[..], expected[..]);
        assert_eq!(Digest::from_slice(&expected), Some(Digest::of("abc")));
        assert_eq!(Digest::from_slice(&expected[1..]), None);
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(Digest::of_parts(&[b"ab", b"c"]), Digest::of_parts(&[b"a", b"bc"]));
        assert_ne!(Digest::of_parts(&[b"abc"]), Digest::of_parts(&[b"abc", b""]));
        assert_eq!(format!("{:?}", Digest::of("abc")), "Digest(…)");
    }
}

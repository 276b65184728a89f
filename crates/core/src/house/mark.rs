//! Marks: what a credential, or a question that holds one, is known by in memory.
//!
//! POLYVAL (RFC 8452 §3), a universal hash, under a key that is random for each process and never leaves it. No mark is ever shown
//! to anybody, so nothing can be learned of the key; without it, two texts of 8 KiB have the same mark with a chance of at most
//! 2⁻¹¹⁹, whatever they are (decisions/0019).

use aws_lc_rs::hmac;
use polyval::Polyval;
use polyval::universal_hash::UniversalHash;

use crate::secret::Secret;

/// The mark of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mark([u8; 16]);

impl Mark {
    /// A part of the mark, to find a place by.
    #[must_use]
    pub fn place(self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_ne_bytes([a, b, c, d, e, f, g, h])
    }
}

/// Who makes marks.
pub(super) struct Marker(Polyval);

impl Marker {
    /// One whose key is made of the process's own.
    pub(super) fn new(key: &Secret) -> Self {
        let made = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.reveal()), b"doorward: marks of what is kept in memory");
        let mut half = [0; 16];
        half.copy_from_slice(&made.as_ref()[..16]);
        Self::with(half)
    }

    fn with(key: [u8; 16]) -> Self {
        Self(Polyval::new(&key.into()))
    }

    /// The mark of a text: its bytes, filled up with zeros, and a block that says how many they are.
    pub(super) fn mark(&self, text: &[u8]) -> Mark {
        let mut hash = self.0.clone();
        hash.update_padded(text);
        let mut length = [0; 16];
        length[..8].copy_from_slice(&(text.len() as u64).to_le_bytes());
        hash.update(&[length.into()]);
        Mark(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    /// Appendix A of RFC 8452 has the field and the sum of two blocks; ours adds the length of both, which `one_by_one` does by hand.
    #[test]
    fn a_mark_is_the_polyval_of_the_text_and_its_length() {
        let key = [0x25, 0x62, 0x93, 0x47, 0x58, 0x92, 0x42, 0x76, 0x1d, 0x31, 0xf8, 0x26, 0xba, 0x4b, 0x75, 0x7b];
        let text = [
            0x4f, 0x4f, 0x95, 0x66, 0x8c, 0x83, 0xdf, 0xb6, 0x40, 0x17, 0x62, 0xbb, 0x2d, 0x01, 0xa2, 0x62, //
            0xd1, 0xa2, 0x4d, 0xdd, 0x27, 0x21, 0xd0, 0x06, 0xbb, 0xe4, 0x5f, 0x20, 0xd3, 0xc9, 0xf3, 0x62,
        ];
        let mut published = Polyval::new(&key.into());
        published.update_padded(&text);
        let sum: [u8; 16] = published.finalize().into();
        assert_eq!(sum, [0xf7, 0xa3, 0xb4, 0x7b, 0x84, 0x61, 0x19, 0xfa, 0xe5, 0xb7, 0x86, 0x6c, 0xf5, 0xe5, 0xb7, 0x7e]);
        let mut one_by_one = Polyval::new(&key.into());
        let mut length = [0; 16];
        length[0] = 32;
        for block in [<[u8; 16]>::try_from(&text[..16]).unwrap(), text[16..].try_into().unwrap(), length] {
            one_by_one.update(&[block.into()]);
        }
        assert_eq!(Marker::with(key).mark(&text).0, <[u8; 16]>::from(one_by_one.finalize()));
    }

    #[test]
    fn what_differs_in_anything_has_another_mark() {
        let marker = Marker::new(&Secret::new("a key of the process"));
        let mut seen = HashSet::new();
        for length in 0..200 {
            for filling in [0_u8, 1, 0x80] {
                let mut text = vec![filling; length];
                assert_eq!(seen.insert(marker.mark(&text).0), length > 0 || filling == 0);
                for at in 0..length {
                    text[at] ^= 0x20;
                    assert!(seen.insert(marker.mark(&text).0), "{length} {filling} {at}");
                    text[at] ^= 0x20;
                }
            }
        }
        let other = Marker::new(&Secret::new("a key of another"));
        assert!(other.mark(b"text") != marker.mark(b"text"));
    }
}

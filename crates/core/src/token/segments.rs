//! The three segments of a token and their strict base64url, read without work beyond the cap.

use base64_simd::{Out, URL_SAFE_NO_PAD};

use crate::refusal::Forgery;

/// The longest token, in bytes, that is looked at; ours are a few hundred.
pub const MAX_TOKEN_BYTES: usize = 8 * 1024;

/// A buffer for decoded bytes, to be kept and used again: one per worker or per request.
#[derive(Default)]
pub struct Scratch(Vec<u8>);

impl Scratch {
    /// An empty buffer; it grows to what tokens need (at most 6 KiB) and stays there.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a segment into the buffer, over what was there.
    ///
    /// Strict (RFC 7515 §2): the URL-safe alphabet, no padding, no line breaks, and the unused bits
    /// of the last letter are zero, so that every octet string has exactly one spelling.
    ///
    /// # Errors
    /// [`Forgery::Malformed`] if the segment is anything else.
    pub(super) fn decode(&mut self, segment: &[u8]) -> Result<&[u8], Forgery> {
        let length = segment.len() / 4 * 3 + 3;
        if self.0.len() < length {
            self.0.resize(length, 0);
        }
        let decoded = URL_SAFE_NO_PAD.decode(segment, Out::from_slice(&mut self.0)).map_err(|_| Forgery::Malformed)?;
        Ok(decoded)
    }
}

/// A token cut at its two dots; nothing is decoded and nothing is trusted yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segments<'t> {
    pub(super) header: &'t [u8],
    pub(super) payload: &'t [u8],
    pub(super) signature: &'t [u8],
    /// Header, dot and payload: the octets that are signed (RFC 7515 §5.1).
    pub(super) signing_input: &'t [u8],
}

impl<'t> Segments<'t> {
    /// Cuts a token of the compact serialization (RFC 7515 §7.1).
    ///
    /// # Errors
    /// [`Forgery::Malformed`] if it is too large or has not exactly two dots (a JWE has four).
    pub(super) fn cut(token: &'t str) -> Result<Self, Forgery> {
        let bytes = token.as_bytes();
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(Forgery::Malformed);
        }
        let mut dots = memchr::memchr_iter(b'.', bytes);
        let (Some(first), Some(second), None) = (dots.next(), dots.next(), dots.next()) else {
            return Err(Forgery::Malformed);
        };
        Ok(Self {
            header: &bytes[..first],
            payload: &bytes[first + 1..second],
            signature: &bytes[second + 1..],
            signing_input: &bytes[..second],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_one_canonical_spelling_of_octets_is_read() {
        let mut scratch = Scratch::new();
        assert_eq!(scratch.decode(b"").unwrap(), b"");
        assert_eq!(scratch.decode(b"Zg").unwrap(), b"f");
        assert_eq!(scratch.decode(b"Zm8").unwrap(), b"fo");
        assert_eq!(scratch.decode(b"Zm9v").unwrap(), b"foo");
        assert_eq!(scratch.decode(b"-_8").unwrap(), [0xfb, 0xff]);
        for other in ["Zg==", "Zg=", "Zh", "Zm9", "Z", "Zm9vZ", "+/8", "Zm 9v", "Zm9v\n", "Zm9v\r\n", "Zm9v\0", "Zm9vé", "=", "===="] {
            assert_eq!(scratch.decode(other.as_bytes()), Err(Forgery::Malformed), "{other:?}");
        }
    }

    #[test]
    fn a_short_segment_after_a_long_one_shows_nothing_of_the_long_one() {
        let mut scratch = Scratch::new();
        assert_eq!(scratch.decode(b"Zm9vZm9vZm9v").unwrap(), b"foofoofoo");
        assert_eq!(scratch.decode(b"Zg").unwrap(), b"f");
    }

    #[test]
    fn a_token_has_exactly_two_dots_and_at_most_eight_kibibytes() {
        let cut = Segments::cut("a.bc.def").unwrap();
        assert_eq!((cut.header, cut.payload, cut.signature, cut.signing_input), (&b"a"[..], &b"bc"[..], &b"def"[..], &b"a.bc"[..]));
        let longest = format!("a.b.{}", "c".repeat(MAX_TOKEN_BYTES - 4));
        assert!(Segments::cut(&longest).is_ok());
        for other in ["", "a", "a.b", "a.b.c.d", "a.b.c.d.e", &format!("{longest}c"), &".".repeat(MAX_TOKEN_BYTES), &".".repeat(1 << 20)] {
            assert_eq!(Segments::cut(other).map(|_| ()), Err(Forgery::Malformed), "{}", other.len());
        }
    }
}

//! phpass "portable" hashes: `$P$` of WordPress before 6.8, `$H$` of phpBB; salted, many rounds of MD5.

use ::md5::{Digest, Md5};
use zeroize::Zeroizing;

use super::{HashMemory, Scheme};
use crate::secret::same;

/// Binary logarithms of the rounds: phpass's own least, and our cap (phpass allows 30).
pub(super) const COSTS: std::ops::RangeInclusive<u32> = 7..=16;

/// phpass's base 64: six bits at a time from the low end of little-endian groups of three bytes.
const ALPHABET: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Letters of a whole text: identifier 3, cost 1, salt 8, tag 22.
const TEXT: usize = 34;

pub(super) fn recognise(text: &str) -> Option<Scheme> {
    Parts::parse(text).map(|parts| Scheme::Phpass { cost: parts.cost })
}

pub(super) fn verify(text: &str, password: &[u8], memory: &mut HashMemory) -> bool {
    let Some(parts) = Parts::parse(text) else { return false };
    let digest = stretch(parts.salt, password, 1 << parts.cost, memory);
    same(&encode(&digest), parts.tag)
}

/// So many rounds, for nothing but their time.
pub(super) fn dummy(rounds: u32, password: &[u8], memory: &mut HashMemory) {
    std::hint::black_box(stretch(b"dummysal", password, rounds, memory));
}

struct Parts<'a> {
    cost: u32,
    salt: &'a [u8],
    tag: &'a [u8],
}

impl<'a> Parts<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let rest = text.strip_prefix("$P$").or_else(|| text.strip_prefix("$H$"))?.as_bytes();
        if text.len() != TEXT || !rest[9..].iter().all(|letter| ALPHABET.contains(letter)) {
            return None;
        }
        let cost = ALPHABET.iter().zip(0..).find(|(letter, _)| **letter == rest[0])?.1;
        COSTS.contains(&cost).then_some(Self { cost, salt: &rest[1..9], tag: &rest[9..] })
    }
}

fn stretch(salt: &[u8], password: &[u8], rounds: u32, memory: &mut HashMemory) -> Zeroizing<[u8; 16]> {
    memory.tally().phpass += u64::from(rounds);
    let mut digest = Zeroizing::new(<[u8; 16]>::from(Md5::new().chain_update(salt).chain_update(password).finalize()));
    for _ in 0..rounds {
        *digest = Md5::new().chain_update(*digest).chain_update(password).finalize().into();
    }
    digest
}

fn encode(digest: &[u8; 16]) -> [u8; 22] {
    let mut letters = [0; 22];
    let mut slots = letters.iter_mut();
    for group in digest.chunks(3) {
        let mut bits = group.iter().rev().fold(0u32, |bits, byte| (bits << 8) | u32::from(*byte));
        // Three bytes are four letters; the last byte alone is two.
        for slot in slots.by_ref().take(group.len() + 1) {
            *slot = ALPHABET[(bits & 63) as usize];
            bits >>= 6;
        }
    }
    letters
}

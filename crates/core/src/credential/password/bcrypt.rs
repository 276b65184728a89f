//! bcrypt as Unix, PHP, Laravel and Devise write it: `$2a$`, `$2b$`, `$2y$`, and the faulty `$2x$`.

use base64::Engine;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD};
use zeroize::Zeroizing;

use super::{HashMemory, Scheme};
use crate::secret::same;

/// Binary logarithms of the rounds: bcrypt's own least, and our cap (about one second).
pub(super) const COSTS: std::ops::RangeInclusive<u32> = 4..=14;

/// bcrypt reads this many bytes of a password, its closing NUL included.
const KEY_BYTES: usize = 72;

/// The salt of computations whose result nobody looks at.
const DUMMY_SALT: [u8; 16] = *b"doorward-dummy-1";

const BASE64: GeneralPurpose = GeneralPurpose::new(&base64::alphabet::BCRYPT, NO_PAD);

pub(super) fn recognise(text: &str) -> Option<Scheme> {
    cost(text).map(|cost| Scheme::Bcrypt { cost })
}

/// The cost of a well-formed bcrypt text within the caps.
pub(super) fn cost(text: &str) -> Option<u32> {
    Parts::parse(text).map(|parts| parts.cost)
}

/// Longer passwords count up to byte 72, as everywhere. One with a NUL inside is wrong: C
/// libraries would stop there, and a key that repeats itself after a NUL is the same key.
pub(super) fn verify(text: &str, password: &[u8], memory: &mut HashMemory) -> bool {
    let Some(parts) = Parts::parse(text) else { return false };
    let mut key = key(password);
    if parts.sign_extends {
        key = sign_extended(&key);
    }
    let tag = compute(parts.cost, parts.salt, &key, memory);
    same(&tag[..23], &parts.tag) && !password.contains(&0)
}

/// The text of a password's hash, as PHP writes it.
pub(super) fn hash(cost: u32, salt: [u8; 16], password: &[u8], memory: &mut HashMemory) -> String {
    let tag = compute(cost, salt, &key(password), memory);
    format!("$2y${cost:02}${}{}", BASE64.encode(salt), BASE64.encode(&tag[..23]))
}

/// One computation of this cost (clamped to the caps), for nothing but its time.
pub(super) fn dummy(cost: u32, password: &[u8], memory: &mut HashMemory) {
    let cost = cost.clamp(*COSTS.start(), *COSTS.end());
    std::hint::black_box(compute(cost, DUMMY_SALT, &key(password), memory));
}

/// The parts of `$2y$10$`, 22 letters of salt, 31 letters of tag.
struct Parts {
    cost: u32,
    salt: [u8; 16],
    tag: [u8; 23],
    /// `$2x$`: made by the bcrypt of 2011 and before that took bytes over 127 for negative.
    sign_extends: bool,
}

impl Parts {
    fn parse(text: &str) -> Option<Self> {
        let (version, rest) = text.split_at_checked(4)?;
        let sign_extends = match version {
            "$2a$" | "$2b$" | "$2y$" => false,
            "$2x$" => true,
            _ => return None,
        };
        let (cost, rest) = rest.split_at_checked(2)?;
        let (salt, tag) = rest.strip_prefix('$')?.split_at_checked(22)?;
        if !cost.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let cost = cost.parse().ok().filter(|cost| COSTS.contains(cost))?;
        let salt = BASE64.decode(salt).ok()?.try_into().ok()?;
        let tag = BASE64.decode(tag).ok()?.try_into().ok()?;
        Some(Self { cost, salt, tag, sign_extends })
    }
}

fn compute(cost: u32, salt: [u8; 16], key: &[u8], memory: &mut HashMemory) -> Zeroizing<[u8; 24]> {
    memory.tally().bcrypt += 1 << cost;
    Zeroizing::new(::bcrypt::bcrypt(cost, salt, key))
}

/// 1 to 72 bytes: the password and its closing NUL, as far as they fit.
fn key(password: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut key = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
    key.extend_from_slice(&password[..password.len().min(KEY_BYTES)]);
    if key.len() < KEY_BYTES {
        key.push(0);
    }
    key
}

/// The 72 bytes which make a correct bcrypt compute what the faulty one did: it read the key, over
/// and over, into 32-bit words, and each byte over 127 overwrote the bytes before it with ones.
fn sign_extended(key: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut endless = key.iter().cycle();
    let mut words = Zeroizing::new(Vec::with_capacity(KEY_BYTES));
    for _ in 0..KEY_BYTES / 4 {
        let word = endless.by_ref().take(4).fold(0u32, |word, byte| (word << 8) | i32::from(byte.cast_signed()).cast_unsigned());
        words.extend_from_slice(&word.to_be_bytes());
    }
    words
}

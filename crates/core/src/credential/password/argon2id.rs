//! Argon2 in PHC strings (RFC 9106): Doorward's own cost, and any other within the caps.

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD as BASE64;
use zeroize::Zeroizing;

use super::{HashMemory, Scheme};
use crate::secret::same;

/// The standard cost: OWASP's 19 MiB, two passes, one lane.
pub(super) const MEMORY_KIB: u32 = 19_456;
pub(super) const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Caps on stored hashes: a hostile dump must not make logins slow or memory short.
pub(super) const MAX_MEMORY_KIB: u32 = 64 * 1024;
pub(super) const MAX_PASSES: u32 = 10;
const MAX_LANES: u32 = 4;

const SALT_BYTES: usize = 16;
const TAG_BYTES: usize = 32;

/// The salt of computations whose result nobody looks at.
const DUMMY_SALT: [u8; SALT_BYTES] = *b"doorward-dummy-1";

pub(super) fn recognise(text: &str) -> Option<Scheme> {
    let phc = Phc::parse(text)?;
    Some(if phc.is_standard() { Scheme::Argon2id } else { Scheme::Argon2Other { memory_kib: phc.memory_kib, passes: phc.passes } })
}

pub(super) fn verify(text: &str, password: &[u8], memory: &mut HashMemory) -> bool {
    let Some(phc) = Phc::parse(text) else { return false };
    let mut tag = Zeroizing::new(vec![0; phc.tag.len()]);
    phc.compute(password, &mut tag, memory).is_some() && same(&tag, &phc.tag)
}

/// The PHC string of a password at the standard cost; `None` only if Argon2 itself fails.
pub(super) fn hash(password: &[u8], salt: &[u8; SALT_BYTES], memory: &mut HashMemory) -> Option<String> {
    let mut phc = Phc::standard(salt.to_vec());
    let mut tag = vec![0; TAG_BYTES];
    phc.compute(password, &mut tag, memory)?;
    phc.tag = tag;
    Some(format!("$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p={LANES}${}${}", BASE64.encode(&phc.salt), BASE64.encode(&phc.tag)))
}

/// One computation of the standard cost, for nothing but its time.
pub(super) fn dummy(password: &[u8], memory: &mut HashMemory) {
    compute_for_time(&Phc::standard(DUMMY_SALT.to_vec()), password, memory);
}

/// One computation of another cost, for nothing but its time.
pub(super) fn dummy_other(memory_kib: u32, passes: u32, password: &[u8], memory: &mut HashMemory) {
    compute_for_time(&Phc { memory_kib, passes, ..Phc::standard(DUMMY_SALT.to_vec()) }, password, memory);
}

fn compute_for_time(phc: &Phc, password: &[u8], memory: &mut HashMemory) {
    let mut tag = [0; TAG_BYTES];
    std::hint::black_box(phc.compute(password, &mut tag, memory));
    std::hint::black_box(tag);
}

/// The parts of a PHC string.
struct Phc {
    algorithm: Algorithm,
    version: Version,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Vec<u8>,
    tag: Vec<u8>,
}

impl Phc {
    fn standard(salt: Vec<u8>) -> Self {
        Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            lanes: LANES,
            salt,
            tag: Vec::new(),
        }
    }

    /// Reads `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`; without `v=` it is version 16, as in the
    /// reference implementation. Over the caps, or with key id or associated data: `None`.
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.strip_prefix('$')?.split('$');
        let algorithm = match parts.next()? {
            "argon2id" => Algorithm::Argon2id,
            "argon2i" => Algorithm::Argon2i,
            "argon2d" => Algorithm::Argon2d,
            _ => return None,
        };
        let (version, costs) = match parts.next()? {
            "v=19" => (Version::V0x13, parts.next()?),
            "v=16" => (Version::V0x10, parts.next()?),
            costs => (Version::V0x10, costs),
        };
        let mut costs = costs.split(',');
        let memory_kib = number(costs.next()?, "m=", MAX_MEMORY_KIB)?;
        let passes = number(costs.next()?, "t=", MAX_PASSES)?;
        let lanes = number(costs.next()?, "p=", MAX_LANES)?;
        let salt = BASE64.decode(parts.next()?).ok()?;
        let tag = BASE64.decode(parts.next()?).ok()?;
        let fits = memory_kib >= 8 * lanes && (8..=64).contains(&salt.len()) && (12..=64).contains(&tag.len());
        let ends = costs.next().is_none() && parts.next().is_none();
        (fits && ends).then_some(Self { algorithm, version, memory_kib, passes, lanes, salt, tag })
    }

    fn is_standard(&self) -> bool {
        (self.algorithm, self.version) == (Algorithm::Argon2id, Version::V0x13)
            && (self.memory_kib, self.passes, self.lanes) == (MEMORY_KIB, PASSES, LANES)
            && (self.salt.len(), self.tag.len()) == (SALT_BYTES, TAG_BYTES)
    }

    fn compute(&self, password: &[u8], tag: &mut [u8], memory: &mut HashMemory) -> Option<()> {
        memory.tally().argon2 += u64::from(self.memory_kib) * u64::from(self.passes);
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(tag.len())).ok()?;
        let blocks = memory.blocks(params.block_count())?;
        Argon2::new(self.algorithm, self.version, params).hash_password_into_with_memory(password, &self.salt, tag, blocks).ok()
    }
}

/// `name` and then a decimal number from 1 to `max`, without sign or leading zeros.
fn number(text: &str, name: &str, max: u32) -> Option<u32> {
    let digits = text.strip_prefix(name)?;
    if digits.starts_with(['0', '+']) {
        return None;
    }
    digits.parse().ok().filter(|value| (1..=max).contains(value))
}

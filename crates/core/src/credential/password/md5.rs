//! Unsalted MD5 in 32 hexadecimal letters: WordPress before 2.5, and hand-made dumps.

use ::md5::{Digest, Md5};

use super::{HashMemory, Scheme};
use crate::secret::same;

pub(super) fn recognise(text: &str) -> Option<Scheme> {
    parse(text).map(|_| Scheme::Md5)
}

pub(super) fn verify(text: &str, password: &[u8], memory: &mut HashMemory) -> bool {
    parse(text).is_some_and(|stored| same(&compute(password, memory), &stored))
}

/// One computation, for nothing but its time.
pub(super) fn dummy(password: &[u8], memory: &mut HashMemory) {
    std::hint::black_box(compute(password, memory));
}

fn parse(text: &str) -> Option<[u8; 16]> {
    data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok()?.try_into().ok()
}

fn compute(password: &[u8], memory: &mut HashMemory) -> [u8; 16] {
    memory.tally().md5 += 1;
    Md5::digest(password).into()
}

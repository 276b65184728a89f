//! A stored hash of any text has a scheme, and one that is unusable matches nothing.
#![no_main]

use doorward_core::credential::{Scheme, StoredHash};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let hash = StoredHash::new(text);
    let scheme = hash.scheme();
    assert!(hash.is_exactly(text) || scheme == Scheme::Unusable || text.trim() != text);
});

//! A token that was not signed by a ring is not verified by it, and none panics.
#![no_main]

use std::sync::LazyLock;

use doorward_core::testkit::SeededDice;
use doorward_core::token::{Algorithm, KeyId, KeyRing, Scratch, SigningKey};
use libfuzzer_sys::fuzz_target;

static RINGS: LazyLock<Vec<KeyRing>> = LazyLock::new(|| {
    [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa]
        .into_iter()
        .map(|algorithm| {
            let id = KeyId::parse("k1").expect("an id");
            KeyRing::new(SigningKey::generate(algorithm, id, &mut SeededDice::new(1)).expect("a key").0)
        })
        .collect()
});

fuzz_target!(|token: &str| {
    for ring in RINGS.iter() {
        assert!(ring.verify(token, &mut Scratch::new()).is_err());
    }
});

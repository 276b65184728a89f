//! Honest life of a ring: signing, rotation, names of tokens, the public key set.

use proptest::prelude::*;

use super::*;
use crate::token::{MAX_TOKEN_BYTES, TokenId, unverified_payload};

#[test]
fn what_a_ring_signs_it_proves_in_every_algorithm_and_style() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let mut scratch = Scratch::new();
        for style in HeaderStyle::ALL {
            let token = ring.sign(style, CLAIMS).unwrap();
            let verified = ring.verify(&token, &mut scratch).unwrap();
            assert_eq!((verified.payload, verified.kid.as_str()), (CLAIMS, "k1"), "{algorithm} {style:?}");
            assert_eq!(unverified_payload(&token, &mut scratch), Ok(CLAIMS));
        }
    }
}

#[test]
fn the_header_of_an_hmac_token_is_the_shortest_and_others_name_their_key() {
    assert!(ring(Algorithm::Hs256).sign(HeaderStyle::TypAlg, b"{}").unwrap().starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.e30."));
    let token = ring(Algorithm::EdDsa).sign(HeaderStyle::AlgTyp, b"{}").unwrap();
    assert!(token.starts_with(&format!("{}.e30.", encode(r#"{"alg":"EdDSA","typ":"JWT","kid":"k1"}"#))));
}

#[test]
fn generated_material_loads_again_and_repeats_with_the_dice() {
    for algorithm in Algorithm::ALL {
        let (made, material) = SigningKey::generate(algorithm, kid("k1"), &mut Seeded(7, 0)).unwrap();
        let token = made.sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
        let stored = KeyMaterial::new(algorithm, material.secret()).unwrap();
        assert_eq!(stored, material);
        assert!(!material.is_weak());
        let loaded = SigningKey::load(kid("k1"), &stored).unwrap();
        assert_eq!(verdict(&KeyRing::new(loaded), &token), Ok(CLAIMS.to_vec()), "{algorithm}");
        let is_rsa = matches!(algorithm, Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512);
        let again = SigningKey::generate(algorithm, kid("k1"), &mut Seeded(7, 0)).unwrap().1;
        assert_eq!(again == material, !is_rsa, "{algorithm}: RSA alone draws its own primes");
    }
}

#[test]
fn broken_dice_make_no_key() {
    struct Stuck(u8);
    impl Dice for Stuck {
        fn fill(&mut self, buffer: &mut [u8]) {
            buffer.fill(self.0);
        }
    }
    for (algorithm, octet) in [(Algorithm::Hs256, 0), (Algorithm::Hs512, 0xab), (Algorithm::Es256, 0), (Algorithm::Es256, 0xff)] {
        assert!(SigningKey::generate(algorithm, kid("k"), &mut Stuck(octet)).is_err(), "{algorithm} {octet}");
    }
}

#[test]
fn after_a_rotation_the_old_key_proves_and_no_longer_signs() {
    for (old, new) in [
        (Algorithm::Hs256, Algorithm::Hs256),
        (Algorithm::Hs256, Algorithm::EdDsa),
        (Algorithm::EdDsa, Algorithm::EdDsa),
        (Algorithm::Rs256, Algorithm::Es256),
        (Algorithm::Es256, Algorithm::Hs512),
    ] {
        let before = KeyRing::new(key("old", old, 1));
        let token = before.sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
        let ring = KeyRing::new(key("new", new, 2)).with_older(key("old", old, 1).into_verifying());
        let mut scratch = Scratch::new();
        assert_eq!(ring.verify(&token, &mut scratch).unwrap().kid.as_str(), "old");
        let fresh = ring.sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
        assert_eq!(ring.verify(&fresh, &mut scratch).unwrap().kid.as_str(), "new");
        assert!(before.verify(&fresh, &mut scratch).is_err());
        assert!(KeyRing::new(key("new", new, 2)).verify(&token, &mut scratch).is_err());
    }
}

#[test]
fn a_token_is_held_against_four_keys_of_its_algorithm_at_most() {
    let mut ring = KeyRing::new(key("k0", Algorithm::Hs256, 10));
    for n in 1..8 {
        ring = ring.with_older(key(&format!("k{n}"), Algorithm::Hs256, 10 + n).into_verifying());
    }
    for n in 0..8 {
        let token = key("any", Algorithm::Hs256, 10 + n).sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
        let expected = if n < 4 { Ok(CLAIMS.to_vec()) } else { Err(Forgery::Signature) };
        assert_eq!(verdict(&ring, &token), expected, "{n}");
    }
    // Named, the key is found however old it is.
    let named = signed_with_header(&key("any", Algorithm::Hs256, 17), r#"{"alg":"HS256","kid":"k7"}"#, CLAIMS);
    assert_eq!(verdict(&ring, &named), Ok(CLAIMS.to_vec()));
}

#[test]
fn the_name_of_an_hmac_token_is_the_first_half_of_its_tag() {
    let ring = ring(Algorithm::Hs256);
    let token = ring.sign(HeaderStyle::AlgTyp, CLAIMS).unwrap();
    let tag = BASE64URL_NOPAD.decode(token.rsplit('.').next().unwrap().as_bytes()).unwrap();
    let name = ring.verify(&token, &mut Scratch::new()).unwrap().token_id;
    assert_eq!(name.0, tag[..16]);
    assert_eq!(TokenId([0x0f; 16]).to_string(), "0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f");
    assert_eq!(format!("{:?}", TokenId([0xf0; 16])), "TokenId(f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0)");
}

#[test]
fn two_signatures_over_the_same_claims_have_one_name_and_other_claims_another() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let name = |payload: &[u8]| {
            let token = ring.sign(HeaderStyle::AlgTyp, payload).unwrap();
            ring.verify(&token, &mut Scratch::new()).unwrap().token_id
        };
        assert_eq!(name(CLAIMS), name(CLAIMS), "{algorithm}");
        assert_ne!(name(CLAIMS), name(b"{}"), "{algorithm}");
    }
}

#[test]
fn the_key_set_shows_public_parts_only() {
    let mut ring = KeyRing::new(key("hs", Algorithm::Hs256, 1));
    assert_eq!(ring.jwks(), serde_json::json!({ "keys": [] }));
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa, Algorithm::Hs512] {
        ring = ring.with_older(key(algorithm.name(), algorithm, 2).into_verifying());
    }
    let shown: Vec<Vec<String>> = ring.jwks()["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| {
            assert_eq!((&key["alg"], &key["use"]), (&key["kid"], &serde_json::json!("sig")));
            key.as_object().unwrap().keys().cloned().collect()
        })
        .collect();
    let members = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        shown,
        [
            members(&["kty", "use", "alg", "n", "e", "kid"]),
            members(&["kty", "use", "alg", "crv", "x", "y", "kid"]),
            members(&["kty", "use", "alg", "crv", "x", "kid"])
        ]
    );
}

#[test]
fn a_payload_too_long_to_be_read_again_is_not_signed() {
    let ring = ring(Algorithm::Hs256);
    let fits = vec![b'x'; (MAX_TOKEN_BYTES - 36 - 1 - 1 - 43) / 4 * 3];
    assert_eq!(verdict(&ring, &ring.sign(HeaderStyle::AlgTyp, &fits).unwrap()), Ok(fits));
    assert!(ring.sign(HeaderStyle::AlgTyp, &vec![b'x'; MAX_TOKEN_BYTES]).is_err());
}

#[test]
fn names_of_keys_need_no_escapes() {
    for name in ["k", "2026-01", "a.b_c~d:e-f", &"k".repeat(128)] {
        assert_eq!(KeyId::parse(name).unwrap().as_str(), name);
    }
    for name in ["", " ", "a b", "a\"", "a\\", "../etc", "a\0", "ü", "a\n", "' OR 1=1", &"k".repeat(129)] {
        assert!(KeyId::parse(name).is_none(), "{name:?}");
    }
}

#[test]
fn keys_and_rings_are_shared_between_threads_and_print_no_secret() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let ring = ring(Algorithm::Hs256).with_older(key("old", Algorithm::EdDsa, 1).into_verifying());
    is_shared(&ring);
    assert_eq!(format!("{ring:?}"), "KeyRing { active: SigningKey(k1, HS256), older: [VerifyingKey(old, EdDSA)] }");
}

proptest! {
    #[test]
    fn any_payload_comes_back(payload in prop::collection::vec(any::<u8>(), 0..600), seed in 0_u64..4, style in 0_usize..3, way in prop::sample::select(&[Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512, Algorithm::Es256, Algorithm::EdDsa][..])) {
        let ring = KeyRing::new(key("k1", way, seed));
        let token = ring.sign(HeaderStyle::ALL[style], &payload).unwrap();
        prop_assert_eq!(verdict(&ring, &token), Ok(payload));
    }
}

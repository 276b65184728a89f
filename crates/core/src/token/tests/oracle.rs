//! An independent implementation as oracle, in both directions, for every algorithm and style.

use jsonwebtoken as other;
use serde_json::Value;

use super::*;

fn their_algorithm(algorithm: Algorithm) -> other::Algorithm {
    match algorithm {
        Algorithm::Hs256 => other::Algorithm::HS256,
        Algorithm::Hs384 => other::Algorithm::HS384,
        Algorithm::Hs512 => other::Algorithm::HS512,
        Algorithm::Rs256 => other::Algorithm::RS256,
        Algorithm::Rs384 => other::Algorithm::RS384,
        Algorithm::Rs512 => other::Algorithm::RS512,
        Algorithm::Es256 => other::Algorithm::ES256,
        Algorithm::EdDsa => other::Algorithm::EdDSA,
    }
}

fn their_signing_key(material: &KeyMaterial) -> other::EncodingKey {
    let pem = pem("PRIVATE KEY", material.secret().reveal());
    match material.algorithm() {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => other::EncodingKey::from_secret(material.secret().reveal()),
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => other::EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
        Algorithm::Es256 => other::EncodingKey::from_ec_pem(pem.as_bytes()).unwrap(),
        Algorithm::EdDsa => other::EncodingKey::from_ed_pem(pem.as_bytes()).unwrap(),
    }
}

/// Their key for proving comes from our published key set, so that is checked as well.
fn their_verifying_key(ring: &KeyRing, material: &KeyMaterial) -> other::DecodingKey {
    if material.algorithm().is_symmetric() {
        return other::DecodingKey::from_secret(material.secret().reveal());
    }
    let set: other::jwk::JwkSet = serde_json::from_value(ring.jwks()).unwrap();
    other::DecodingKey::from_jwk(set.find("k1").unwrap()).unwrap()
}

#[test]
fn the_oracle_reads_our_tokens() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let key = their_verifying_key(&ring, &material(algorithm, 1));
        for style in HeaderStyle::ALL {
            let token = ring.sign(style, CLAIMS).unwrap();
            let read: other::TokenData<Value> = other::decode(&token, &key, &other::Validation::new(their_algorithm(algorithm))).unwrap();
            assert_eq!(read.claims, serde_json::from_slice::<Value>(CLAIMS).unwrap());
            let expected = (style != HeaderStyle::AlgOnly).then(|| "JWT".to_owned());
            assert_eq!((read.header.typ, read.header.kid), (expected, (!algorithm.is_symmetric()).then(|| "k1".to_owned())));
        }
    }
}

#[test]
fn we_read_the_tokens_of_the_oracle() {
    for algorithm in Algorithm::ALL {
        let ring = ring(algorithm);
        let key = their_signing_key(&material(algorithm, 1));
        for their_kid in [None, Some("k1"), Some("a name that we do not know")] {
            let mut header = other::Header::new(their_algorithm(algorithm));
            header.kid = their_kid.map(str::to_owned);
            let claims: Value = serde_json::from_slice(CLAIMS).unwrap();
            let token = other::encode(&header, &claims, &key).unwrap();
            let read: Value = serde_json::from_slice(&verdict(&ring, &token).unwrap()).unwrap();
            assert_eq!(read, claims, "{algorithm} {their_kid:?}");
        }
    }
}

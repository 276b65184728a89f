//! What proving a token costs, beside the raw primitive on the same bytes in the same run.

use std::hint::black_box;

use aws_lc_rs::{hmac, signature};
use criterion::{Criterion, criterion_group, criterion_main};
use data_encoding::BASE64URL_NOPAD;
use doorward_core::call::Dice;
use doorward_core::token::{Algorithm, HeaderStyle, KeyId, KeyRing, Scratch, SigningKey, TimeClaims, read_claims};

const CLAIMS: &[u8] = br#"{"iss":"https://shop.example.org","sub":"1234567","iat":1767225600,"nbf":1767225600,"exp":1767229200,"jti":"9f86d081884c7d659a2feaa0c55ad015","role":"editor","sid":"s_1a2b3c4d5e6f"}"#;

/// Repeatable octets: keys of a benchmark need no secrecy.
struct Counter(u8);

impl Dice for Counter {
    fn fill(&mut self, buffer: &mut [u8]) {
        for slot in buffer {
            self.0 = self.0.wrapping_mul(29).wrapping_add(17);
            *slot = self.0;
        }
    }
}

/// The bare primitive, with its key made beforehand.
enum Raw {
    Hmac(Box<hmac::Key>),
    Public(signature::ParsedPublicKey),
}

impl Raw {
    fn proves(&self, input: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Hmac(key) => hmac::verify(key, input, signature).is_ok(),
            Self::Public(key) => key.verify_sig(input, signature).is_ok(),
        }
    }
}

fn raw(algorithm: Algorithm, key: &SigningKey, secret: &[u8]) -> Raw {
    let member = |name: &str| {
        let jwk = key.verifying().public_jwk().expect("an asymmetric key");
        BASE64URL_NOPAD.decode(jwk[name].as_str().expect("text").as_bytes()).expect("base64url")
    };
    let hmac = |way| Raw::Hmac(Box::new(hmac::Key::new(way, secret)));
    let rsa = |way| {
        let key = signature::RsaPublicKeyComponents { n: member("n"), e: member("e") };
        Raw::Public(key.to_parsed_public_key(way).expect("an RSA key"))
    };
    match algorithm {
        Algorithm::Hs256 => hmac(hmac::HMAC_SHA256),
        Algorithm::Hs384 => hmac(hmac::HMAC_SHA384),
        Algorithm::Hs512 => hmac(hmac::HMAC_SHA512),
        Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_2048_8192_SHA256),
        Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_2048_8192_SHA384),
        Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_2048_8192_SHA512),
        Algorithm::Es256 => {
            let point = [vec![4], member("x"), member("y")].concat();
            Raw::Public(signature::ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).expect("an EC key"))
        }
        Algorithm::EdDsa => Raw::Public(signature::ParsedPublicKey::new(&signature::ED25519, member("x")).expect("an Ed25519 key")),
    }
}

fn verify(c: &mut Criterion) {
    for algorithm in Algorithm::ALL {
        let id = KeyId::parse("bench").expect("a name");
        let (key, material) = SigningKey::generate(algorithm, id, &mut Counter(1)).expect("a key");
        let raw = raw(algorithm, &key, material.secret().reveal());
        let ring = KeyRing::new(key);
        let token = ring.sign(HeaderStyle::AlgTyp, CLAIMS).expect("a token");
        let (input, signature) = token.rsplit_once('.').expect("a token");
        let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).expect("base64url");
        let mut scratch = Scratch::new();

        let mut group = c.benchmark_group(format!("verify/{algorithm}"));
        group.bench_function("raw", |b| b.iter(|| assert!(raw.proves(black_box(input.as_bytes()), black_box(&signature)))));
        group.bench_function("doorward", |b| b.iter(|| assert!(ring.verify(black_box(&token), &mut scratch).is_ok())));
        group.bench_function("doorward and times", |b| {
            b.iter(|| {
                let verified = ring.verify(black_box(&token), &mut scratch).expect("a token of ours");
                read_claims::<TimeClaims>(verified.payload).expect("claims of ours")
            });
        });
        group.finish();
    }
}

fn sign(c: &mut Criterion) {
    let mut group = c.benchmark_group("sign");
    for algorithm in [Algorithm::Hs256, Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let id = KeyId::parse("bench").expect("a name");
        let (key, _) = SigningKey::generate(algorithm, id, &mut Counter(1)).expect("a key");
        group.bench_function(algorithm.name(), |b| b.iter(|| key.sign(HeaderStyle::AlgTyp, black_box(CLAIMS))));
    }
    group.finish();
}

criterion_group!(benches, verify, sign);
criterion_main!(benches);

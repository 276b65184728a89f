//! Tests that need several files of the folder: published vectors, an oracle, and forgers at work.

mod forgers;
mod oracle;
mod published;
mod rings;
mod vectors;

use std::sync::LazyLock;

use data_encoding::{BASE64, BASE64URL_NOPAD};

use super::{Algorithm, HeaderStyle, KeyId, KeyMaterial, KeyRing, Scratch, SigningKey};
use crate::call::Dice;
use crate::refusal::Forgery;
use crate::secret::{Secret, sha256};

const CLAIMS: &[u8] = br#"{"iss":"https://example.org","sub":"42","exp":4102444800}"#;

/// Repeatable dice: a hash of a seed and a counter.
struct Seeded(u64, u64);

impl Dice for Seeded {
    fn fill(&mut self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(32) {
            self.1 += 1;
            let block = sha256(format!("{}/{}", self.0, self.1).as_bytes());
            chunk.copy_from_slice(&block[..chunk.len()]);
        }
    }
}

fn kid(text: &str) -> KeyId {
    KeyId::parse(text).unwrap()
}

/// Material of `algorithm`, another one for each seed; one RSA key for all, because making one takes long.
fn material(algorithm: Algorithm, seed: u64) -> KeyMaterial {
    static RSA: LazyLock<Secret> = LazyLock::new(|| {
        let made = SigningKey::generate(Algorithm::Rs256, kid("rsa"), &mut Seeded(0, 0)).unwrap().1;
        made.secret().clone()
    });
    match algorithm {
        Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => KeyMaterial::new(algorithm, &RSA).unwrap(),
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 | Algorithm::Es256 | Algorithm::EdDsa => {
            SigningKey::generate(algorithm, kid("unused"), &mut Seeded(seed, 0)).unwrap().1
        }
    }
}

fn key(name: &str, algorithm: Algorithm, seed: u64) -> SigningKey {
    SigningKey::load(kid(name), &material(algorithm, seed)).unwrap()
}

fn ring(algorithm: Algorithm) -> KeyRing {
    KeyRing::new(key("k1", algorithm, 1))
}

/// What a ring says about a token: the payload, or why not.
fn verdict(ring: &KeyRing, token: &str) -> Result<Vec<u8>, Forgery> {
    ring.verify(token, &mut Scratch::new()).map(|verified| verified.payload.to_vec())
}

fn encode(octets: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(octets.as_ref())
}

/// A token with any header, honestly signed by `key`.
fn signed_with_header(key: &SigningKey, header: &str, payload: &[u8]) -> String {
    // The key signs what it is given, so its own header is cut off and the signature made anew.
    let input = format!("{}.{}", encode(header), encode(payload));
    let signature = key.sign_octets(input.as_bytes()).unwrap();
    format!("{input}.{}", encode(signature))
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der))
}

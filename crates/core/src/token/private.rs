//! Private keys of the asymmetric algorithms: made, read, and used to sign.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, ParsedPublicKey, RsaEncoding, RsaKeyPair, VerificationAlgorithm};
use aws_lc_rs::{agreement, error::Unspecified};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use crate::call::Dice;
use crate::secret::Secret;

/// A private key, parsed once.
pub(super) enum PrivateKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl PrivateKey {
    /// Reads PKCS#8, or the older DER form of RSA (PKCS#1) and EC (SEC1); `None` if it is not for `algorithm`.
    pub(super) fn read(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let rsa = |encoding| Some(Self::Rsa(RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok()?, encoding));
        match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => None,
            Algorithm::Rs256 => rsa(&signature::RSA_PKCS1_SHA256),
            Algorithm::Rs384 => rsa(&signature::RSA_PKCS1_SHA384),
            Algorithm::Rs512 => rsa(&signature::RSA_PKCS1_SHA512),
            Algorithm::Es256 => EcdsaKeyPair::from_private_key_der(&signature::ECDSA_P256_SHA256_FIXED_SIGNING, der).ok().map(Self::Ecdsa),
            Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8(der).ok().map(Self::EdDsa),
        }
    }

    /// Makes a fresh private key and returns it as PKCS#8 DER; for HMAC algorithms there is none.
    pub(super) fn generate(algorithm: Algorithm, dice: &mut dyn Dice) -> Result<Secret, Unspecified> {
        match algorithm {
            Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => Err(Unspecified),
            // The primes of RSA come from the library's own generator: it takes no other. 2048 bits is what
            // every consumer reads; whoever wants more strength wants EdDSA.
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 => {
                let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
                Ok(Secret::new(der.as_ref()))
            }
            Algorithm::Es256 => {
                // A draw outside 1..n is refused by the library: one in four thousand million, so four draws
                // are plenty, and a broken source of randomness ends here.
                let draw = |_| {
                    let scalar = Zeroizing::new(dice.bytes::<32>());
                    agreement::PrivateKey::from_private_key(&agreement::ECDH_P256, scalar.as_slice()).ok()
                };
                let der: Pkcs8V1Der<'_> = (0..4).find_map(draw).ok_or(Unspecified)?.as_der()?;
                Ok(Secret::new(der.as_ref()))
            }
            Algorithm::EdDsa => {
                let seed = Zeroizing::new(dice.bytes::<32>());
                let pair = Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).map_err(|_| Unspecified)?;
                let der: Pkcs8V1Der<'_> = pair.as_der()?;
                Ok(Secret::new(der.as_ref()))
            }
        }
    }

    /// The key as PKCS#8 DER, version 1 (RFC 5208), which everything reads.
    pub(super) fn pkcs8(&self) -> Option<Secret> {
        let der = |der: Pkcs8V1Der<'_>| Secret::new(der.as_ref());
        match self {
            Self::Rsa(pair, _) => pair.as_der().ok().map(der),
            Self::Ecdsa(pair) => pair.to_pkcs8v1().ok().map(|document| Secret::new(document.as_ref())),
            Self::EdDsa(pair) => pair.as_der().ok().map(der),
        }
    }

    /// The signature over `input` in its JWS form (RFC 7518 §3).
    pub(super) fn sign(&self, input: &[u8]) -> Result<Vec<u8>, Unspecified> {
        match self {
            Self::Rsa(pair, encoding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &library_random(), input, &mut signature)?;
                Ok(signature)
            }
            Self::Ecdsa(pair) => Ok(pair.sign(&library_random(), input)?.as_ref().to_vec()),
            Self::EdDsa(pair) => Ok(pair.try_sign(input)?.as_ref().to_vec()),
        }
    }

    /// The public octets, as [`read_public`] takes them.
    pub(super) fn public_octets(&self) -> &[u8] {
        match self {
            Self::Rsa(pair, _) => pair.public_key().as_ref(),
            Self::Ecdsa(pair) => pair.public_key().as_ref(),
            Self::EdDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// The public members of this key as JWK (RFC 7517 §4, RFC 7518 §6, RFC 8037 §2), without `kid`.
    pub(super) fn public_jwk(&self, algorithm: Algorithm) -> Value {
        let text = |octets: &[u8]| BASE64URL_NOPAD.encode(octets);
        match self {
            Self::Rsa(pair, _) => {
                let key = pair.public_key();
                let (n, e) = (key.modulus(), key.exponent());
                let (n, e) = (n.big_endian_without_leading_zero(), e.big_endian_without_leading_zero());
                json!({ "kty": "RSA", "use": "sig", "alg": algorithm.name(), "n": text(n), "e": text(e) })
            }
            Self::Ecdsa(pair) => {
                // An uncompressed point: 4, then x and y of 32 octets each (SEC 1 §2.3.3).
                let point = pair.public_key().as_ref();
                let (x, y) = point.get(1..).unwrap_or_default().split_at_checked(32).unwrap_or_default();
                json!({ "kty": "EC", "use": "sig", "alg": algorithm.name(), "crv": "P-256", "x": text(x), "y": text(y) })
            }
            Self::EdDsa(pair) => {
                json!({ "kty": "OKP", "use": "sig", "alg": algorithm.name(), "crv": "Ed25519", "x": text(pair.public_key().as_ref()) })
            }
        }
    }
}

/// Parses a public key for good: RSA as PKCS#1, EC as uncompressed point, Ed25519 as its 32 octets.
pub(super) fn read_public(algorithm: Algorithm, octets: &[u8]) -> Option<ParsedPublicKey> {
    let way: &'static dyn VerificationAlgorithm = match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
        Algorithm::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        Algorithm::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        Algorithm::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
        Algorithm::Es256 => &signature::ECDSA_P256_SHA256_FIXED,
        Algorithm::EdDsa => &signature::ED25519,
    };
    ParsedPublicKey::new(way, octets).ok()
}

/// The generator that the signing calls ask for and do not use: the library takes its nonces and
/// blinding from its own, and a nonce of ECDSA is nothing that a caller should be able to choose.
#[expect(clippy::disallowed_methods, reason = "the signing API demands one; no value of ours is drawn from it")]
fn library_random() -> SystemRandom {
    SystemRandom::new()
}

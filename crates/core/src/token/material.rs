//! Key material: what is stored, sealed, imported and generated; and what is refused as a key.

use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::pem;
use super::private::PrivateKey;
use super::suspicion;
use crate::secret::Secret;

/// The fewest octets that an HMAC secret may have at all.
///
/// RFC 7518 §3.2 wants as many as the hash has; imported sites have shorter ones, and tokens in the
/// field that must stay valid: hence refused below this, and [`KeyMaterial::is_weak`] above.
const FEWEST_HMAC_OCTETS: usize = 8;

/// The longest key document that is read, in bytes (a PEM of RSA 8192 has about 6,400).
const MOST_OCTETS: usize = 16 * 1024;

/// Checked key material: an algorithm, and either HMAC octets or a private key as PKCS#8 DER.
///
/// The two belong together for life (RFC 8725 §3.1): store them together, load them together.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyMaterial {
    algorithm: Algorithm,
    secret: Secret,
}

/// Why key material is refused. Tells the operator what to do, and nothing of the secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyProblem {
    /// Nothing is there, or only white space.
    #[error("the key is empty")]
    Empty,
    /// An HMAC secret of fewer than 8 octets.
    #[error("the secret has fewer than {FEWEST_HMAC_OCTETS} octets")]
    TooShort,
    /// A public or private key, or a certificate, was given as HMAC secret.
    #[error("a public or private key was given as HMAC secret: choose the algorithm of that key, or a random secret")]
    PemAsHmac,
    /// A sample from a manual, a masked value, or one character over and over.
    #[error("the secret is a sample, a masked value or a single repeated character: choose a random one")]
    Placeholder,
    /// No private key of this algorithm can be read from it.
    #[error("no unencrypted private key for this algorithm (PKCS#8, PKCS#1 or SEC1, as PEM or DER; RSA of 2048 to 8192 bits, EC on P-256)")]
    Unreadable,
}

impl KeyMaterial {
    /// Checks key material and takes it into custody.
    ///
    /// For HMAC, `secret` is the octets themselves, exactly as given. For the others it is an unencrypted
    /// private key: PKCS#8, for RSA also PKCS#1 (RFC 8017 §A.1.2), for ES256 also SEC1 (RFC 5915); as DER
    /// or as PEM text (RFC 7468). It is kept as PKCS#8 DER whatever it came as.
    ///
    /// # Errors
    /// A [`KeyProblem`] that says why this must not be a key.
    pub fn new(algorithm: Algorithm, secret: &Secret) -> Result<Self, KeyProblem> {
        let octets = secret.reveal();
        if octets.trim_ascii().is_empty() {
            return Err(KeyProblem::Empty);
        }
        if octets.len() > MOST_OCTETS {
            return Err(KeyProblem::Unreadable);
        }
        if algorithm.is_symmetric() { Self::hmac(algorithm, secret) } else { Self::private_key(algorithm, secret) }
    }

    /// The one algorithm of this key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// HMAC octets, or a private key as PKCS#8 DER: as it is to be sealed and stored.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// True for an HMAC secret shorter than its hash (RFC 7518 §3.2): usable, to be warned about.
    #[must_use]
    pub fn is_weak(&self) -> bool {
        self.algorithm.hmac_octets().is_some_and(|octets| self.secret.len() < octets)
    }

    fn hmac(algorithm: Algorithm, secret: &Secret) -> Result<Self, KeyProblem> {
        let octets = secret.reveal();
        if suspicion::is_key_document(octets) {
            return Err(KeyProblem::PemAsHmac);
        }
        if suspicion::is_placeholder(octets) {
            return Err(KeyProblem::Placeholder);
        }
        if octets.len() < FEWEST_HMAC_OCTETS {
            return Err(KeyProblem::TooShort);
        }
        Ok(Self { algorithm, secret: secret.clone() })
    }

    fn private_key(algorithm: Algorithm, secret: &Secret) -> Result<Self, KeyProblem> {
        let der = secret.reveal_text().and_then(pem::private_key).unwrap_or_else(|| Zeroizing::new(secret.reveal().to_vec()));
        let key = PrivateKey::read(algorithm, &der).ok_or(KeyProblem::Unreadable)?;
        let secret = key.pkcs8().ok_or(KeyProblem::Unreadable)?;
        Ok(Self { algorithm, secret })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(algorithm: Algorithm, secret: &[u8]) -> Result<KeyMaterial, KeyProblem> {
        KeyMaterial::new(algorithm, &Secret::new(secret))
    }

    #[test]
    fn hmac_secrets_are_refused_with_the_reason_that_helps() {
        for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
            for (secret, problem) in [
                ("", KeyProblem::Empty),
                (" \t\r\n", KeyProblem::Empty),
                ("a", KeyProblem::Placeholder),
                ("hunter2", KeyProblem::TooShort),
                ("secret", KeyProblem::Placeholder),
                ("your-top-secret-key", KeyProblem::Placeholder),
                ("************", KeyProblem::Placeholder),
                ("\n\n-----BEGIN PUBLIC KEY-----\nMFkw", KeyProblem::PemAsHmac),
                ("-----BEGIN CERTIFICATE-----", KeyProblem::PemAsHmac),
            ] {
                assert_eq!(check(algorithm, secret.as_bytes()), Err(problem), "{secret:?}");
            }
        }
        assert_eq!(check(Algorithm::Hs256, &vec![b'x'; MOST_OCTETS + 1]), Err(KeyProblem::Unreadable));
    }

    #[test]
    fn hmac_secrets_are_kept_exactly_and_weak_below_the_length_of_the_hash() {
        let octets: Vec<u8> = (1..=64).collect();
        for (algorithm, length, weak) in [
            (Algorithm::Hs256, 8, true),
            (Algorithm::Hs256, 31, true),
            (Algorithm::Hs256, 32, false),
            (Algorithm::Hs384, 47, true),
            (Algorithm::Hs384, 48, false),
            (Algorithm::Hs512, 63, true),
            (Algorithm::Hs512, 64, false),
        ] {
            let material = check(algorithm, &octets[..length]).unwrap();
            assert_eq!((material.is_weak(), material.secret().reveal()), (weak, &octets[..length]), "{algorithm} {length}");
        }
        assert_eq!(check(Algorithm::Hs256, b" padded secret ").unwrap().secret().reveal(), b" padded secret ");
    }

    #[test]
    fn nothing_but_a_private_key_of_the_algorithm_is_one() {
        for algorithm in [Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512, Algorithm::Es256, Algorithm::EdDsa] {
            for other in [
                "a perfectly good HMAC secret of many octets",
                "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----",
                "{\"kty\":\"RSA\"}",
            ] {
                assert_eq!(check(algorithm, other.as_bytes()), Err(KeyProblem::Unreadable), "{algorithm} {other}");
            }
            assert_eq!(check(algorithm, b""), Err(KeyProblem::Empty));
        }
    }

    #[test]
    fn neither_the_material_nor_a_problem_prints_the_secret() {
        let material = check(Algorithm::Hs256, b"a perfectly good secret").unwrap();
        assert_eq!(format!("{material:?}"), "KeyMaterial { algorithm: Hs256, secret: Secret(…) }");
        assert_eq!(KeyProblem::TooShort.to_string(), "the secret has fewer than 8 octets");
    }
}

//! The eight ways to sign a token; a key has exactly one of them for life.

use std::fmt;

/// A signature algorithm of JWS, by its registered name (RFC 7518 §3.1, RFC 8037 §3.1).
///
/// `none` is not here, so nothing can ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// ECDSA on P-256 with SHA-256, signature in the fixed form of 64 octets.
    Es256,
    /// EdDSA on Ed25519.
    EdDsa,
}

impl Algorithm {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 8] = [Self::Hs256, Self::Hs384, Self::Hs512, Self::Rs256, Self::Rs384, Self::Rs512, Self::Es256, Self::EdDsa];

    /// The registered name, as the member `alg` holds it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Hs384 => "HS384",
            Self::Hs512 => "HS512",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }

    /// The algorithm of this registered name; the names are case-sensitive (RFC 7515 §4.1.1).
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// True if the key that signs is also the key that verifies (HMAC), so that it has no public part.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        self.hmac_octets().is_some()
    }

    /// Octets of the tag if this is HMAC; also the least length of a good secret (RFC 7518 §3.2).
    #[must_use]
    pub fn hmac_octets(self) -> Option<usize> {
        match self {
            Self::Hs256 => Some(32),
            Self::Hs384 => Some(48),
            Self::Hs512 => Some(64),
            Self::Rs256 | Self::Rs384 | Self::Rs512 | Self::Es256 | Self::EdDsa => None,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn every_algorithm_is_found_by_its_own_name_and_by_no_other_casing() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::parse(algorithm.name()), Some(algorithm));
            assert_eq!(Algorithm::parse(&algorithm.name().to_lowercase()), None);
        }
        for other in
            ["", "none", "None", "NONE", "nOnE", "HS1", "PS256", "ES384", "ES256K", "Ed25519", "HS256 ", "HS256\0", "dir", "RSA-OAEP"]
        {
            assert_eq!(Algorithm::parse(other), None, "{other}");
        }
    }
}

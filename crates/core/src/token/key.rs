//! Keys ready for use: each parsed once, with its one algorithm and the headers that it writes.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::ParsedPublicKey;
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::algorithm::Algorithm;
use super::header::HeaderStyle;
use super::material::{KeyMaterial, KeyProblem};
use super::private::{PrivateKey, read_public};
use super::segments::MAX_TOKEN_BYTES;
use crate::call::Dice;
use crate::refusal::Fault;
use crate::secret::Secret;

/// The name of a key: 1 to 128 printable ASCII characters that need no escape in JSON or URLs' queries.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct KeyId(String);

impl KeyId {
    /// The longest name, in bytes, here and in the headers of others.
    pub const MAX_BYTES: usize = 128;

    /// Takes a name; `None` if it is empty, too long, or has a character outside `A-Z a-z 0-9 . _ ~ : -`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'~' | b':' | b'-');
        (!text.is_empty() && text.len() <= Self::MAX_BYTES && text.bytes().all(fits)).then(|| Self(text.to_owned()))
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key that can prove signatures of its one algorithm; for HMAC, that is the secret itself.
pub struct VerifyingKey {
    id: KeyId,
    algorithm: Algorithm,
    prover: Prover,
    /// The encoded header in each [`HeaderStyle`], in their order.
    headers: [Box<str>; 3],
    public_jwk: Option<Value>,
}

enum Prover {
    Hmac(Arc<hmac::Key>),
    Public(ParsedPublicKey),
}

impl VerifyingKey {
    /// Makes a verify-only key of stored material, for a key that no longer signs.
    ///
    /// # Errors
    /// [`KeyProblem::Unreadable`] if the library cannot use the material.
    pub fn load(id: KeyId, material: &KeyMaterial) -> Result<Self, KeyProblem> {
        SigningKey::load(id, material).map(|key| key.verifying)
    }

    /// Makes a verify-only key of a public key (PEM): an issuer's whose private key is elsewhere.
    ///
    /// # Errors
    /// [`KeyProblem::Unreadable`] if there is no public key of this algorithm in the text.
    pub fn of_public_pem(id: KeyId, algorithm: Algorithm, text: &str) -> Result<Self, KeyProblem> {
        let der = super::pem::public_key(text).ok_or(KeyProblem::Unreadable)?;
        Self::public(id, algorithm, &der, None).ok_or(KeyProblem::Unreadable)
    }

    /// The name of the key.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    /// The one algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The public part as JWK with `kid`, `alg` and `use` (RFC 7517 §4); `None` for HMAC.
    #[must_use]
    pub fn public_jwk(&self) -> Option<&Value> {
        self.public_jwk.as_ref()
    }

    /// The encoded header of this key in a style: the first segment of its tokens.
    #[must_use]
    pub fn header(&self, style: HeaderStyle) -> &str {
        let [alg_only, alg_typ, typ_alg] = &self.headers;
        match style {
            HeaderStyle::AlgOnly => alg_only,
            HeaderStyle::AlgTyp => alg_typ,
            HeaderStyle::TypAlg => typ_alg,
        }
    }

    /// True if `header` is, byte for byte, one that this key writes.
    pub(super) fn writes(&self, header: &[u8]) -> bool {
        self.headers.iter().any(|own| own.as_bytes() == header)
    }

    /// True if `signature` is this key's over `input`. Tags are compared in constant time.
    pub(super) fn proves(&self, input: &[u8], signature: &[u8]) -> bool {
        match &self.prover {
            Prover::Hmac(key) => hmac::verify(key, input, signature).is_ok(),
            Prover::Public(key) => key.verify_sig(input, signature).is_ok(),
        }
    }

    /// An HMAC key of octets that were checked elsewhere.
    pub(super) fn hmac(id: KeyId, algorithm: Algorithm, octets: &[u8]) -> Option<Self> {
        let way = match algorithm {
            Algorithm::Hs256 => hmac::HMAC_SHA256,
            Algorithm::Hs384 => hmac::HMAC_SHA384,
            Algorithm::Hs512 => hmac::HMAC_SHA512,
            Algorithm::Rs256 | Algorithm::Rs384 | Algorithm::Rs512 | Algorithm::Es256 | Algorithm::EdDsa => return None,
        };
        let headers = HeaderStyle::ALL.map(|style| style.encode(algorithm, None).into_boxed_str());
        Some(Self { id, algorithm, prover: Prover::Hmac(Arc::new(hmac::Key::new(way, octets))), headers, public_jwk: None })
    }

    /// An asymmetric key of its public octets; its headers carry `kid`.
    pub(super) fn public(id: KeyId, algorithm: Algorithm, octets: &[u8], public_jwk: Option<Value>) -> Option<Self> {
        let prover = Prover::Public(read_public(algorithm, octets)?);
        let headers = HeaderStyle::ALL.map(|style| style.encode(algorithm, Some(&id)).into_boxed_str());
        Some(Self { id, algorithm, prover, headers, public_jwk })
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({}, {})", self.id, self.algorithm)
    }
}

/// A key that signs with its one algorithm, and proves what it signed.
pub struct SigningKey {
    verifying: VerifyingKey,
    signer: Signer,
}

enum Signer {
    Hmac(Arc<hmac::Key>),
    Private(PrivateKey),
}

impl SigningKey {
    /// Makes a fresh key, and the material to be stored: 64 octets for HMAC, RSA of 2048 bits, EC on P-256.
    ///
    /// All randomness is from `dice`, except for RSA, whose primes the library draws itself.
    ///
    /// # Errors
    /// A [`Fault`] if the library fails, or the dice are visibly broken.
    pub fn generate(algorithm: Algorithm, id: KeyId, dice: &mut dyn Dice) -> Result<(Self, KeyMaterial), Fault> {
        let secret = if algorithm.is_symmetric() {
            let octets = Zeroizing::new(dice.bytes::<64>());
            Secret::new(octets.as_slice())
        } else {
            PrivateKey::generate(algorithm, dice).map_err(|_| Fault::new(format!("the library made no {algorithm} key")))?
        };
        let fault = |problem| Fault::new(format!("a generated {algorithm} key is unusable: {problem}"));
        let material = KeyMaterial::new(algorithm, &secret).map_err(fault)?;
        let key = Self::load(id, &material).map_err(fault)?;
        Ok((key, material))
    }

    /// Makes a key of stored or imported material.
    ///
    /// # Errors
    /// [`KeyProblem::Unreadable`] if the library cannot use the material.
    pub fn load(id: KeyId, material: &KeyMaterial) -> Result<Self, KeyProblem> {
        Self::read(id, material).ok_or(KeyProblem::Unreadable)
    }

    /// The name of the key.
    #[must_use]
    pub fn id(&self) -> &KeyId {
        &self.verifying.id
    }

    /// The one algorithm of the key.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm
    }

    /// The half of the key that proves.
    #[must_use]
    pub fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    /// Keeps only the half that proves: what a key becomes when another one takes over.
    #[must_use]
    pub fn into_verifying(self) -> VerifyingKey {
        self.verifying
    }

    /// Signs `payload` (claims as JSON) into a token of the compact serialization (RFC 7515 §7.1).
    ///
    /// # Errors
    /// A [`Fault`] if the library fails, or if the token would be longer than [`MAX_TOKEN_BYTES`], which
    /// we would refuse ourselves.
    pub fn sign(&self, style: HeaderStyle, payload: &[u8]) -> Result<String, Fault> {
        let header = self.verifying.header(style);
        // Room for a signature of RSA 2048, so that the string grows once.
        let mut token = String::with_capacity(header.len() + BASE64URL_NOPAD.encode_len(payload.len()) + 344);
        token.push_str(header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(payload, &mut token);
        let signature = self.sign_octets(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Fault::new(format!("a token of {} bytes would be too long to be read again", token.len())));
        }
        Ok(token)
    }

    /// Signs `payload` under a header that the caller wrote (JSON, with this key's `alg`), for languages whose sites have header
    /// claims of their own.
    ///
    /// # Errors
    /// As [`SigningKey::sign`].
    pub fn sign_as(&self, header: &[u8], payload: &[u8]) -> Result<String, Fault> {
        let mut token = BASE64URL_NOPAD.encode(header);
        token.push('.');
        BASE64URL_NOPAD.encode_append(payload, &mut token);
        let signature = self.sign_octets(token.as_bytes())?;
        token.push('.');
        BASE64URL_NOPAD.encode_append(&signature, &mut token);
        if token.len() > MAX_TOKEN_BYTES {
            return Err(Fault::new(format!("a token of {} bytes would be too long to be read again", token.len())));
        }
        Ok(token)
    }

    /// The signature over `input`, in its JWS form.
    pub(super) fn sign_octets(&self, input: &[u8]) -> Result<Vec<u8>, Fault> {
        match &self.signer {
            Signer::Hmac(key) => Ok(hmac::sign(key, input).as_ref().to_vec()),
            Signer::Private(key) => key.sign(input).map_err(|_| Fault::new(format!("signing with {} failed", self.verifying.id))),
        }
    }

    fn read(id: KeyId, material: &KeyMaterial) -> Option<Self> {
        let (algorithm, octets) = (material.algorithm(), material.secret().reveal());
        if algorithm.is_symmetric() {
            let verifying = VerifyingKey::hmac(id, algorithm, octets)?;
            let signer = match &verifying.prover {
                Prover::Hmac(key) => Signer::Hmac(Arc::clone(key)),
                Prover::Public(_) => return None,
            };
            return Some(Self { verifying, signer });
        }
        let private = PrivateKey::read(algorithm, octets)?;
        let mut jwk = private.public_jwk(algorithm);
        jwk.as_object_mut()?.insert("kid".to_owned(), Value::from(id.as_str()));
        let verifying = VerifyingKey::public(id, algorithm, private.public_octets(), Some(jwk))?;
        Some(Self { verifying, signer: Signer::Private(private) })
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.verifying.id, self.verifying.algorithm)
    }
}

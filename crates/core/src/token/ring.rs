//! The keys of one issuer: the one that signs, the older ones that still prove, and the proof of a token.

use std::fmt;

use serde_json::{Value, json};

use super::header::{HeaderStyle, UnverifiedHeader};
use super::key::{KeyId, SigningKey, VerifyingKey};
use super::segments::{Scratch, Segments};
use crate::refusal::{Fault, Forgery};
use crate::secret::sha256;

/// The most keys that are tried on one token, so that a token cannot buy more work than that.
const MAX_TRIES: usize = 4;

/// All keys of one issuer: one signs, and after a rotation the older ones prove until their tokens expire.
#[derive(Debug)]
pub struct KeyRing {
    active: SigningKey,
    older: Vec<VerifyingKey>,
}

/// A token whose signature held. Nothing is said about its claims: dates, issuer and kind are still to be checked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Verified<'b> {
    /// The payload, decoded; JSON if the signer wrote JSON.
    pub payload: &'b [u8],
    /// What tells this token from every other one, for revocation and replay lists.
    pub token_id: TokenId,
    /// The key that signed it.
    pub kid: &'b KeyId,
}

/// A name for one signed token: the same header and payload under the same key have the same name.
///
/// For HMAC the first 16 octets of the tag (at least as many remain unknown to whoever sees the name). For the
/// others the first 16 octets of the SHA-256 of header and payload: an ECDSA signature can be changed into another
/// valid one by anybody, so a name made of it could be shed like a skin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TokenId(pub [u8; 16]);

impl KeyRing {
    /// A ring of one key, which signs and proves.
    #[must_use]
    pub fn new(active: SigningKey) -> Self {
        Self { active, older: Vec::new() }
    }

    /// The ring with an older key, newest first; it proves and does not sign.
    ///
    /// A token without `kid` is held against at most four keys of its algorithm, so more are of no use.
    #[must_use]
    pub fn with_older(mut self, key: VerifyingKey) -> Self {
        self.older.push(key);
        self
    }

    /// The key that signs.
    #[must_use]
    pub fn active(&self) -> &SigningKey {
        &self.active
    }

    /// Signs with the active key: see [`SigningKey::sign`].
    ///
    /// # Errors
    /// A [`Fault`] if the library fails or the payload is too long.
    pub fn sign(&self, style: HeaderStyle, payload: &[u8]) -> Result<String, Fault> {
        self.active.sign(style, payload)
    }

    /// Signs with the active key under a header of the caller's own: see [`SigningKey::sign_as`].
    ///
    /// # Errors
    /// A [`Fault`] if the library fails or the token is too long.
    pub fn sign_as(&self, header: &[u8], payload: &[u8]) -> Result<String, Fault> {
        self.active.sign_as(header, payload)
    }

    /// Proves a token (RFC 7515 §5.2), and only then decodes its payload into `scratch`.
    ///
    /// The token chooses among our keys at most; the algorithm is that of the key (RFC 8725 §3.1). A header that we
    /// wrote is known by its bytes. Any other is read strictly; its `kid` picks the key if we have one of that
    /// name, otherwise up to four keys of its algorithm are tried. Nothing is fetched, ever.
    ///
    /// # Errors
    /// - [`Forgery::Malformed`]: longer than 8 KiB, not three segments of strict base64url, or a strange header;
    /// - [`Forgery::Algorithm`]: no key of ours has this algorithm, or the header asks for something we never do;
    /// - [`Forgery::Signature`]: no key of ours made the signature.
    pub fn verify<'b>(&'b self, token: &str, scratch: &'b mut Scratch) -> Result<Verified<'b>, Forgery> {
        prove(|| self.keys(), token, scratch)
    }

    /// The public keys as JWK set (RFC 7517 §5): those that sign or prove asymmetrically; HMAC keys never show.
    #[must_use]
    pub fn jwks(&self) -> Value {
        let keys: Vec<&Value> = self.keys().filter_map(VerifyingKey::public_jwk).collect();
        json!({ "keys": keys })
    }

    fn keys(&self) -> impl Iterator<Item = &VerifyingKey> {
        std::iter::once(self.active.verifying()).chain(&self.older)
    }
}

/// Proves a token against these keys alone, as [`KeyRing::verify`] does: for sites that trust several issuers, each with keys
/// of its own.
///
/// # Errors
/// As [`KeyRing::verify`].
pub fn verify_with<'b>(keys: &'b [VerifyingKey], token: &str, scratch: &'b mut Scratch) -> Result<Verified<'b>, Forgery> {
    prove(|| keys.iter(), token, scratch)
}

fn prove<'b, I: Iterator<Item = &'b VerifyingKey>>(
    keys: impl Fn() -> I,
    token: &str,
    scratch: &'b mut Scratch,
) -> Result<Verified<'b>, Forgery> {
    let segments = Segments::cut(token)?;
    let wanted = wanted(&keys, segments.header, scratch)?;
    let signature = scratch.decode(segments.signature)?;
    let mut tried = keys().filter(|key| wanted.fits(key)).take(MAX_TRIES).peekable();
    if tried.peek().is_none() {
        return Err(Forgery::Algorithm);
    }
    let key = tried.find(|key| key.proves(segments.signing_input, signature)).ok_or(Forgery::Signature)?;
    let token_id = TokenId::of(key, &segments, signature);
    Ok(Verified { payload: scratch.decode(segments.payload)?, token_id, kid: key.id() })
}

fn wanted<'h, 'k, I: Iterator<Item = &'k VerifyingKey>>(
    keys: &impl Fn() -> I,
    header: &'h [u8],
    scratch: &mut Scratch,
) -> Result<Wanted<'h>, Forgery> {
    if keys().any(|key| key.writes(header)) {
        return Ok(Wanted::Bytes(header));
    }
    let mut unverified = UnverifiedHeader::read(header, scratch)?;
    // A name that we do not know is no reason to refuse: HMAC keys of imported sites had other names there.
    unverified.kid = unverified.kid.filter(|kid| keys().any(|key| key.id().as_str() == kid));
    Ok(Wanted::Named(unverified))
}

/// Which keys a header asks for.
enum Wanted<'h> {
    /// Those that write exactly this header.
    Bytes(&'h [u8]),
    /// Those of this algorithm, and of this name if there is one.
    Named(UnverifiedHeader),
}

impl Wanted<'_> {
    fn fits(&self, key: &VerifyingKey) -> bool {
        match self {
            Self::Bytes(header) => key.writes(header),
            Self::Named(header) => key.algorithm() == header.algorithm && header.kid.as_deref().is_none_or(|kid| kid == key.id().as_str()),
        }
    }
}

/// The payload of a token that nobody has proven: for finding out whose it claims to be, never for a decision.
///
/// # Errors
/// [`Forgery::Malformed`] if it is longer than 8 KiB, has not three segments, or its payload is no strict base64url.
pub fn unverified_payload<'b>(token: &str, scratch: &'b mut Scratch) -> Result<&'b [u8], Forgery> {
    scratch.decode(Segments::cut(token)?.payload)
}

impl TokenId {
    fn of(key: &VerifyingKey, segments: &Segments<'_>, signature: &[u8]) -> Self {
        let mut id = [0; 16];
        let digest;
        let octets = if key.algorithm().is_symmetric() {
            signature
        } else {
            digest = sha256(segments.signing_input);
            &digest[..]
        };
        for (slot, octet) in id.iter_mut().zip(octets) {
            *slot = *octet;
        }
        Self(id)
    }
}

impl fmt::Display for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        data_encoding::HEXLOWER.encode_display(&self.0).fmt(f)
    }
}

impl fmt::Debug for TokenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenId({self})")
    }
}

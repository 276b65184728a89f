//! Other people's OpenID providers: what one says of a person, and what of it is believed.
//!
//! Reading order: [`Provider`] (whose word is taken, and where its keys are), [`keys`] (its published keys, kept for a while),
//! [`identity`] (an ID token, proven and checked claim by claim).
//!
//! What is absent: nothing in a token chooses where we ask. Addresses come from the site's settings, and from the documents found there.

pub mod identity;
pub mod keys;

pub use identity::{Doubt, Identity, Nonce, identify};
pub use keys::Keys;

use crate::secret::sha256;
use crate::token::TokenId;

use crate::port::fetcher::Reach;

/// A provider as a site has set it up.
#[derive(Clone, Debug)]
pub struct Provider {
    /// The values of `iss` that are its own.
    pub issuers: Vec<String>,
    /// Who we are to it: the only audience whose tokens are for us.
    pub client_id: String,
    /// Where its discovery document is (OpenID Connect Discovery 1.0 §4).
    pub discovery: String,
    /// How far questions to it may go.
    pub reach: Reach,
}

/// A provider whose ID tokens open a site like its own tokens.
#[derive(Clone, Copy, Debug)]
pub struct Vouched<'v> {
    /// Whose word is taken.
    pub provider: &'v Provider,
    /// True if its addresses count as verified, whatever it says of them.
    pub trust_email: bool,
}

/// The id by which a provider's token is revoked: it has none of ours.
#[must_use]
pub fn token_id(token: &str) -> TokenId {
    let mut id = [0; 16];
    for (slot, octet) in id.iter_mut().zip(sha256(token.as_bytes())) {
        *slot = octet;
    }
    TokenId(id)
}

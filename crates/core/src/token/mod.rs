//! JSON Web Tokens and the keys that sign them: written, read, and proven, over `aws-lc-rs`.
//!
//! Reading order:
//! - [`algorithm`]: the eight ways to sign;
//! - [`material`]: key material as it is stored and imported, and what is refused as key;
//! - [`key`]: keys ready for use, each with its one algorithm;
//! - [`header`]: the headers that we write, and the strict reading of those that we are shown;
//! - [`segments`]: the three parts of a token, and strict base64url;
//! - [`jwk`]: key sets of other issuers;
//! - [`ring`]: all keys of one issuer, and the proof of a token;
//! - [`claims`]: the registered claims about time.
//!
//! What is absent: no algorithm is ever chosen by a token (RFC 8725 §3.1), no header makes us fetch
//! anything, and there is no JWE, no `none`, no JSON serialization, no unencoded payload.

pub mod algorithm;
pub mod claims;
pub mod header;
pub mod jwk;
pub mod key;
pub mod material;
pub mod ring;
pub mod segments;

mod pem;
mod private;
mod suspicion;
#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;
pub use claims::{TimeClaims, check_times, read_claims, strict_seconds};
pub use header::HeaderStyle;
pub use jwk::read_jwks;
pub use key::{KeyId, SigningKey, VerifyingKey};
pub use material::{KeyMaterial, KeyProblem};
pub use ring::{KeyRing, TokenId, Verified, unverified_payload, verify_with};
pub use segments::{MAX_TOKEN_BYTES, Scratch};

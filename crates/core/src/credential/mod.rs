//! How they prove it: every kind of credential, and nothing about who may do what with it.
//!
//! Reading order:
//! - [`password`]: stored hashes of every scheme, and the weighing that costs the same for everybody;
//! - [`totp`]: six digits from an authenticator (RFC 6238);
//! - [`recovery_code`]: the ten codes on paper, for the day the authenticator is lost;
//! - [`api_token`]: long random tokens for programs;
//! - [`auth_code`]: the shared codes which some doors ask for beside a credential;
//! - [`digest`]: the form in which tokens and codes are stored and looked up.

pub mod api_token;
pub mod auth_code;
pub mod digest;
pub mod password;
pub mod recovery_code;
pub mod totp;

pub use api_token::ApiTokenText;
pub use auth_code::AuthCode;
pub use digest::Digest;
pub use password::{Pad, Scheme, StoredHash, Weighed, Weighing};
pub use totp::TotpProblem;

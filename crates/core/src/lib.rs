//! The law of Doorward: who may pass, and how they prove it. No I/O, no clock, no dice.
//!
//! Reading order:
//! - [`call`]: one incoming request as the law sees it: now, randomness, client;
//! - [`refusal`]: every way to say no, and [`refusal::Fault`], what broke in us;
//! - [`site`], [`account`]: who;
//! - [`credential`]: how they prove it: passwords, TOTP, recovery codes, API tokens, auth codes;
//! - [`token`]: JSON Web Tokens and the keys that sign them;
//! - [`provider`]: other people's OpenID providers, and what is believed of what they say;
//! - [`session`]: sessions and refresh-token families;
//! - [`policy`]: actions, rules, and the decision;
//! - [`limit`]: attempts and lock-out, one counter for all doors;
//! - [`audit`]: what is remembered; [`meter`]: what is counted as it passes;
//! - [`port`]: what the law needs from outside: store, hasher, post, other servers, passkeys;
//! - [`flow`]: the verbs, which put all of it together;
//! - [`house`]: the one value that the doors hold;
//! - [`secret`], [`vault`]: values that do not print, and how they are sealed at rest.

pub mod account;
pub mod audit;
pub mod call;
pub mod credential;
pub mod flow;
pub mod house;
pub mod limit;
pub mod meter;
pub mod policy;
pub mod port;
pub mod provider;
pub mod refusal;
pub mod secret;
pub mod session;
pub mod site;
#[cfg(any(test, feature = "testkit"))]
pub mod testkit;
pub mod token;
pub mod vault;

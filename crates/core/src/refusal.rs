//! Every way to say no, and what broke in us.
//!
//! A [`Refusal`] is the caller's doing; each dialect writes every one of them in its own words
//! (`dialects/<name>/refusals.rs`), and its [`Refusal::reason`] is stable in log, audit and tests.
//! A [`Fault`] is ours: logged once where it is caught, opaque outside, and the door stays shut.

use std::fmt;

/// A refusal: what the caller did, never which module noticed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The body claims to be JSON and is not, or a form is broken.
    MalformedBody,
    /// A member has the wrong JSON type (an array as a password, say).
    WrongShape(&'static str),
    /// A member that must be there is missing or blank.
    Missing(&'static str),
    /// A member is there and of the right type, but its value is not usable.
    Invalid(&'static str),
    /// The body is larger than the door reads (1 MiB).
    BodyTooLarge,
    /// The body did not arrive in time.
    BodyTooSlow,
    /// The body is in an encoding that the door does not read (`Content-Encoding`, charset).
    UnsupportedMediaType,
    /// The path is known, the method is not offered there; the methods that are.
    MethodNotAllowed(&'static str),
    /// The request has been passed on by this server before: the upstream leads back to it.
    LoopDetected,
    /// No such path in this language.
    NoRoute,
    /// The site named in the request does not exist or does not speak this language.
    UnknownSite,

    /// Unknown account, wrong password, locked account, or wrong kind of hash: one answer, one cost.
    BadCredentials,
    /// Password right; a second factor is due and was not sent.
    SecondFactorDue,
    /// The second factor is wrong, stale, or spent.
    SecondFactorWrong,
    /// Password right, but the account is banned.
    Banned,
    /// The site does not offer this way of logging in (`password_hash` while switched off, say).
    LoginWayOff(&'static str),
    /// The site asks for an auth code and none, or a wrong or expired one, was sent.
    AuthCodeWrong,

    /// Nothing was presented where something must be.
    NoCredential,
    /// Something was presented that is no credential of this language.
    MalformedCredential,
    /// An API token or key that nobody has (unknown, revoked, expired, or its owner is not active).
    UnknownToken,
    /// Not a token of ours: broken, wrong signature, wrong key, wrong algorithm, wrong issuer.
    ForgedToken(Forgery),
    /// Ours, but its `exp` has passed.
    ExpiredToken,
    /// Ours, but not valid yet.
    EarlyToken,
    /// Ours, but revoked (itself, its session, or by a change of its account).
    RevokedToken,
    /// Ours, but of another kind than this door takes (a refresh token as bearer, say).
    WrongKind,
    /// Ours, but its account is gone, banned or deleted.
    AccountGone,
    /// A refresh token that was already spent; its family has been ended.
    ReusedRefresh,
    /// The token to be handled belongs to somebody else.
    NotYours,

    /// The endpoint is switched off (the switch's key), or the whole API is.
    SwitchedOff(String),
    /// The endpoint's mode is one that nobody knows.
    UnknownMode(String),
    /// A role is missing.
    RoleMissing(String),
    /// A scope is missing.
    ScopeMissing,
    /// The level is too low.
    LevelTooLow,
    /// The address is not on the list.
    AddressNotAllowed,
    /// Too many tries; seconds after which it makes sense to try again.
    TooMany(u32),
    /// More requests than a rule's rate limit allows; seconds after which one may pass again.
    RateLimited(u32),
    /// The hashing queue is full; seconds after which it makes sense to try again.
    Busy(u32),
    /// A thing named in the request does not exist (an API key to delete, say).
    NotFound,
}

/// What is wrong with a token that is not ours; finer than most wires show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// Not three base64url segments, too large, or not JSON.
    Malformed,
    /// The header names another algorithm than the key has, or asks for something we never do.
    Algorithm,
    /// No key of this site fits.
    Signature,
    /// A claim is missing or has the wrong type.
    Claims,
    /// `iss` is not this site.
    Issuer,
}

impl Refusal {
    /// The stable id of the reason, for log, audit, metrics and tests.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        match self {
            Self::MalformedBody => "malformed_body",
            Self::WrongShape(_) => "wrong_shape",
            Self::Missing(_) => "missing_field",
            Self::Invalid(_) => "invalid_field",
            Self::BodyTooLarge => "body_too_large",
            Self::BodyTooSlow => "body_too_slow",
            Self::UnsupportedMediaType => "unsupported_media_type",
            Self::MethodNotAllowed(_) => "method_not_allowed",
            Self::LoopDetected => "loop_detected",
            Self::NoRoute => "no_route",
            Self::UnknownSite => "unknown_site",
            Self::BadCredentials => "bad_credentials",
            Self::SecondFactorDue => "second_factor_due",
            Self::SecondFactorWrong => "second_factor_wrong",
            Self::Banned => "account_banned",
            Self::LoginWayOff(_) => "login_way_off",
            Self::AuthCodeWrong => "auth_code_wrong",
            Self::NoCredential => "no_credential",
            Self::MalformedCredential => "malformed_credential",
            Self::UnknownToken => "unknown_token",
            Self::ForgedToken(Forgery::Malformed) => "token_malformed",
            Self::ForgedToken(Forgery::Algorithm) => "token_algorithm",
            Self::ForgedToken(Forgery::Signature) => "token_signature",
            Self::ForgedToken(Forgery::Claims) => "token_claims",
            Self::ForgedToken(Forgery::Issuer) => "token_issuer",
            Self::ExpiredToken => "token_expired",
            Self::EarlyToken => "token_early",
            Self::RevokedToken => "token_revoked",
            Self::WrongKind => "token_wrong_kind",
            Self::AccountGone => "account_gone",
            Self::ReusedRefresh => "refresh_reused",
            Self::NotYours => "not_yours",
            Self::SwitchedOff(_) => "switched_off",
            Self::UnknownMode(_) => "unknown_mode",
            Self::RoleMissing(_) => "role_missing",
            Self::ScopeMissing => "scope_missing",
            Self::LevelTooLow => "level_too_low",
            Self::AddressNotAllowed => "address_not_allowed",
            Self::TooMany(_) => "too_many",
            Self::RateLimited(_) => "rate_limited",
            Self::Busy(_) => "busy",
            Self::NotFound => "not_found",
        }
    }
}

/// What broke in us. Carries its story for the log and shows nothing of it outside.
pub struct Fault(Box<str>);

impl Fault {
    /// A fault with its story, as the log will tell it. Never put a secret in it.
    pub fn new(story: impl fmt::Display) -> Self {
        Self(story.to_string().into_boxed_str())
    }

    /// The same fault, with what was being done in front of its story.
    #[must_use]
    pub fn while_doing(self, what: &str) -> Self {
        Self(format!("{what}: {}", self.0).into_boxed_str())
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fault({})", self.0)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Fault {}

/// The two kinds of no: refused (the caller's doing) and broken (ours).
#[derive(Debug)]
pub enum No {
    /// The caller's doing.
    Refused(Refusal),
    /// Ours.
    Broken(Fault),
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

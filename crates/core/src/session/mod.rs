//! Sessions and refresh-token families: one row each, a small state machine.
//!
//! ```text
//!            advance (token of the current generation)
//!           ┌──────────┐
//!   open ──▶│ live (g) │──▶ live (g+1)
//!           └──────────┘
//!      token of g-1 within the retry window ──▶ the same successor again (lost answer)
//!      token of g-1 later, or any older one ──▶ ended: reuse
//!      revoke, sign-out ─────────────────────▶ ended
//! ```
//!
//! The ids of a family's tokens are derived from its id and generation, so a lost answer can be repeated byte for byte
//! and a family costs one row however long it lives.

use crate::call::{Dice, Time};
use crate::secret::{same, sha256};
use crate::site::SiteId;
use crate::token::TokenId;

/// Seconds within which a refresh whose answer was lost may be repeated and gets the same successor.
pub const RETRY_WINDOW: i64 = 10;

/// The id of a session, which is also its refresh family's.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub [u8; 16]);

impl SessionId {
    /// A fresh id.
    pub fn draw(dice: &mut dyn Dice) -> Self {
        Self(dice.bytes())
    }

    /// Lower-case hex, as tokens and lists show it.
    #[must_use]
    pub fn hex(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// Reads the hex form.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        parse_id(text).map(Self)
    }
}

impl std::fmt::Debug for SessionId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.hex())
    }
}

/// Sixteen bytes from 32 lower-case hex digits: the form of `jti` and `fid`.
#[must_use]
pub fn parse_id(text: &str) -> Option<[u8; 16]> {
    if text.len() != 32 {
        return None;
    }
    let mut out = [0; 16];
    data_encoding::HEXLOWER.decode_mut(text.as_bytes(), &mut out).ok()?;
    Some(out)
}

/// One sign-in, and the refresh tokens that grew from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The site.
    pub site: SiteId,
    /// The account's number.
    pub account: i64,
    /// The language it was opened in.
    pub dialect: String,
    /// When it was opened.
    pub created: Time,
    /// When its newest token expires.
    pub expires: Time,
    /// How often it was refreshed.
    pub generation: i64,
    /// When the current generation was issued.
    pub rotated: Time,
    /// The access token, where the language has one per sign-in and no refresh.
    pub token: Option<TokenId>,
    /// When and why it was ended.
    pub ended: Option<Time>,
    /// The reason id of the end.
    pub ended_reason: Option<String>,
    /// The client's address at sign-in.
    pub address: String,
    /// The client's `User-Agent` at sign-in.
    pub agent: Option<String>,
}

/// Which of a family's two tokens an id is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Branch {
    /// The access token's `jti`.
    Access,
    /// The refresh token's `jti`.
    Refresh,
}

/// What a presented refresh token means to its family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presented {
    /// The current one: advance.
    Current,
    /// The one before, within the retry window: answer the same successor.
    Retry,
    /// Spent: end the family.
    Reused,
    /// The family has ended already.
    Ended,
}

impl Session {
    /// The id of a token of this family at a generation.
    #[must_use]
    pub fn token_id(&self, branch: Branch, generation: i64) -> [u8; 16] {
        let mut text = [0; 25];
        text[..16].copy_from_slice(&self.id.0);
        text[16..24].copy_from_slice(&generation.to_be_bytes());
        text[24] = match branch {
            Branch::Access => 1,
            Branch::Refresh => 2,
        };
        let mut out = [0; 16];
        out.copy_from_slice(&sha256(&text)[..16]);
        out
    }

    /// Judges a presented refresh token by its `jti`.
    #[must_use]
    pub fn judge(&self, jti: &[u8; 16], now: Time, retry_window: i64) -> Presented {
        if self.ended.is_some() {
            return Presented::Ended;
        }
        if same(jti, &self.token_id(Branch::Refresh, self.generation)) {
            return Presented::Current;
        }
        let previous = self.generation > 0 && same(jti, &self.token_id(Branch::Refresh, self.generation - 1));
        if previous && now.since(self.rotated) <= retry_window { Presented::Retry } else { Presented::Reused }
    }
}

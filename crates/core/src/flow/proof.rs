//! What was verified once need not be verified again: proofs kept in memory, found by a keyed hash of the credential.
//!
//! A proof holds only as long as everything it was made from is unchanged: the site as compiled (rules, keys, settings), the
//! site's epoch (accounts, API tokens), the token's times and the list of the revoked. Each is checked at each use, so a change
//! reaches a remembered credential as soon as it reaches any other.

use std::sync::Arc;

use super::verify::{Pass, Shown};
use crate::call::{Client, Time};
use crate::house::House;
use crate::refusal::{No, Refusal};
use crate::site::SiteView;
use crate::token::{TimeClaims, TokenId, check_times};

/// Credentials longer than this, in bytes, are verified each time.
const LONGEST: usize = 8 * 1024;

/// The key of a proof: says nothing of the credential without the process's random key.
pub(crate) type ProofKey = [u8; 32];

/// A credential that was good.
pub(crate) struct Proof {
    pass: Arc<Pass>,
    /// The site that was asked: another than the pass's where a language spans sites.
    asked: Arc<SiteView>,
    /// The epoch of the pass's site, read before anything else was.
    epoch: u64,
    kind: Kind,
}

enum Kind {
    Jwt { times: TimeClaims, id: TokenId, family: Option<TokenId> },
    ApiToken { id: i64, expires: Option<Time> },
}

impl Proof {
    /// A JWT's proof.
    pub(crate) fn jwt(
        pass: &Arc<Pass>,
        asked: &Arc<SiteView>,
        epoch: u64,
        times: TimeClaims,
        id: TokenId,
        family: Option<TokenId>,
    ) -> Self {
        Self { pass: Arc::clone(pass), asked: Arc::clone(asked), epoch, kind: Kind::Jwt { times, id, family } }
    }

    /// An API token's proof.
    pub(crate) fn api_token(pass: &Arc<Pass>, asked: &Arc<SiteView>, epoch: u64, id: i64, expires: Option<Time>) -> Self {
        Self { pass: Arc::clone(pass), asked: Arc::clone(asked), epoch, kind: Kind::ApiToken { id, expires } }
    }

    /// True if nothing that it was made from has changed.
    fn stands(&self, house: &House, view: &Arc<SiteView>) -> bool {
        let there = self.pass.site();
        let current = |of: &Arc<SiteView>| house.directory().by_id(of.site.id).is_some_and(|now| Arc::ptr_eq(now, of));
        Arc::ptr_eq(&self.asked, view) && self.epoch == there.epoch() && (Arc::ptr_eq(there, view) || current(there))
    }
}

/// The key of what is shown on a site in a language, if it is of a kind that is remembered.
pub(crate) fn key(house: &House, view: &SiteView, dialect: &str, shown: Shown<'_>) -> Option<ProofKey> {
    let (kind, text) = match shown {
        Shown::Jwt(text) => (1, text),
        Shown::ApiToken(text) => (2, text),
        Shown::Basic { .. } | Shown::Session(_) | Shown::Malformed => return None,
    };
    (text.len() <= LONGEST).then(|| house.memory().proof_key(kind, view.site.id, dialect, text))
}

/// What memory alone says of a credential; `None` if it must be verified.
pub(crate) fn recall(
    house: &House,
    view: &Arc<SiteView>,
    key: &ProofKey,
    now: Time,
    client: Option<&Client>,
) -> Option<Result<Arc<Pass>, No>> {
    let proof = house.memory().proof(key).filter(|proof| proof.stands(house, view))?;
    Some(match &proof.kind {
        Kind::Jwt { times, id, family } => {
            let revoked = |id: &TokenId| house.memory().is_revoked(id);
            match check_times(times, now, 0) {
                Err(refusal) => Err(refusal.into()),
                Ok(()) if family.as_ref().is_some_and(revoked) || revoked(id) => Err(Refusal::RevokedToken.into()),
                Ok(()) => Ok(Arc::clone(&proof.pass)),
            }
        }
        Kind::ApiToken { expires, .. } if expires.is_some_and(|at| at <= now) => Err(Refusal::UnknownToken.into()),
        Kind::ApiToken { id, .. } => {
            if let Some(client) = client {
                house.memory().note_used(*id, now, client.address);
            }
            Ok(Arc::clone(&proof.pass))
        }
    })
}

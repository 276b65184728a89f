//! What was verified once need not be verified again: proofs kept in memory, found by a keyed hash of the credential.
//!
//! A proof holds only as long as everything it was made from is unchanged: the site as compiled (rules, keys, settings), the
//! site's epoch (accounts, API tokens), the token's times and the list of the revoked. Each is checked at each use, so a change
//! reaches a remembered credential as soon as it reaches any other.

use std::hash::{Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use super::verify::{Pass, Shown};
use crate::call::{Client, Time};
use crate::house::{House, Mark};
use crate::refusal::{No, Refusal};
use crate::site::{SiteId, SiteView};
use crate::token::{TimeClaims, TokenId, check_times};

/// Credentials longer than this, in bytes, are verified each time.
const LONGEST: usize = 8 * 1024;

/// The key of a proof: the credential's mark, and as what it was shown, and where.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct ProofKey {
    mark: Mark,
    site: SiteId,
    dialect: &'static str,
    is_jwt: bool,
}

impl Hash for ProofKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The mark is a keyed hash: a part of it is as good as all of it to find a place by.
        state.write_u64(self.mark.place());
    }
}

/// What a pass was made from: as long as all of it stands, so does the pass.
pub(crate) struct Proof {
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
    pub(crate) fn jwt(asked: &Arc<SiteView>, epoch: u64, times: TimeClaims, id: TokenId, family: Option<TokenId>) -> Self {
        Self { asked: Arc::clone(asked), epoch, kind: Kind::Jwt { times, id, family } }
    }

    /// An API token's proof.
    pub(crate) fn api_token(asked: &Arc<SiteView>, epoch: u64, id: i64, expires: Option<Time>) -> Self {
        Self { asked: Arc::clone(asked), epoch, kind: Kind::ApiToken { id, expires } }
    }

    /// True if nothing that it was made from has changed.
    fn stands(&self, house: &House, view: &Arc<SiteView>, there: &Arc<SiteView>) -> bool {
        let current = |of: &Arc<SiteView>| house.directory().by_id(of.site.id).is_some_and(|now| Arc::ptr_eq(now, of));
        Arc::ptr_eq(&self.asked, view) && self.epoch == there.epoch() && (Arc::ptr_eq(there, view) || current(there))
    }
}

/// The key of what is shown on a site in a language, if it is of a kind that is remembered.
pub(crate) fn key(house: &House, view: &SiteView, dialect: &'static str, shown: Shown<'_>) -> Option<ProofKey> {
    let (is_jwt, text) = match shown {
        Shown::Jwt(text) => (true, text),
        Shown::ApiToken(text) => (false, text),
        Shown::Basic { .. } | Shown::Session(_) | Shown::Malformed => return None,
    };
    (text.len() <= LONGEST).then(|| ProofKey { mark: house.memory().mark(text.as_bytes()), site: view.site.id, dialect, is_jwt })
}

/// What memory alone says of a credential; `None` if it must be verified.
pub(crate) fn recall(
    house: &House,
    view: &Arc<SiteView>,
    key: &ProofKey,
    now: Time,
    client: Option<&Client>,
) -> Option<Result<Arc<Pass>, No>> {
    let pass = house.memory().pass(key)?;
    again(house, view, &pass, now, client.map(|client| client.address)).map(|outcome| outcome.map(|()| pass))
}

/// Whether what made a pass is still good on the site that was asked; `None` if it must be verified anew. `from` is where it is
/// used from, which is noted; `None` = it is only asked about.
pub fn again(house: &House, view: &Arc<SiteView>, pass: &Pass, now: Time, from: Option<IpAddr>) -> Option<Result<(), No>> {
    let proof = pass.proof().filter(|proof| proof.stands(house, view, pass.site()))?;
    Some(match &proof.kind {
        Kind::Jwt { times, id, family } => {
            let revoked = |id: &TokenId| house.memory().is_revoked(id);
            match check_times(times, now, 0) {
                Err(refusal) => Err(refusal.into()),
                Ok(()) if family.as_ref().is_some_and(revoked) || revoked(id) => Err(Refusal::RevokedToken.into()),
                Ok(()) => Ok(()),
            }
        }
        Kind::ApiToken { expires, .. } if expires.is_some_and(|at| at <= now) => Err(Refusal::UnknownToken.into()),
        Kind::ApiToken { id, .. } => {
            if let Some(address) = from {
                house.memory().note_used(*id, now, address);
            }
            Ok(())
        }
    })
}

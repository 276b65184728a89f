//! What the sweep throws away, to the second.

use super::Place;
use super::bench::{Bench, OTHER, SITE, at, entry, session};
use crate::audit::{AuditEntry, AuditQuery};
use crate::limit::AttemptKey;
use crate::port::store::{Change, Kept};
use crate::session::Session;
use crate::token::TokenId;

const MONTH: i64 = 30 * 24 * 3600;

/// Each kind with one that is due and one that is not.
pub fn what_has_expired_is_thrown_away_and_nothing_else(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.revoke_token(SITE, TokenId([1; 16]), at(0))?;
        desk.revoke_token(SITE, TokenId([2; 16]), at(1))?;
        desk.open_session(&Session { expires: at(-MONTH - 1), ..session(1) })?;
        desk.open_session(&Session { expires: at(-MONTH), ..session(2) })?;
        desk.open_session(&Session { ended: Some(at(-MONTH - 1)), ..session(3) })?;
        desk.open_session(&Session { ended: Some(at(-MONTH)), ..session(4) })?;
        desk.charge(AttemptKey([1; 16]), at(-900), 900)?;
        desk.charge(AttemptKey([2; 16]), at(-899), 900)?;
        desk.keep(&Kept { name: "due".into(), value: vec![1], expires: at(0) })?;
        desk.keep(&Kept { name: "not due".into(), value: vec![1], expires: at(1) })?;
        desk.note(Change::Site(SITE), at(-3601))?;
        desk.note(Change::Revoked(TokenId([3; 16]), at(9)), at(-3600))
    });
    let before = bench.look(|desk| desk.changes_after(0)).0.len();
    assert_eq!(bench.work(|desk| desk.sweep(at(0), 900, 0)).rows, 6);
    assert_eq!(bench.work(|desk| desk.sweep(at(0), 900, 0)).rows, 0);
    bench.look(move |desk| {
        assert_eq!(desk.revoked(at(-99))?, [(TokenId([2; 16]), at(1))]);
        assert_eq!([1, 2, 3, 4].map(|n| desk.session(session(n).id).unwrap().is_some()), [false, true, false, true]);
        assert_eq!([1, 2].map(|n| desk.attempts(AttemptKey([n; 16]), at(-899), 900).unwrap().is_some()), [false, true]);
        assert_eq!(desk.kept("")?.into_iter().map(|kept| kept.name).collect::<Vec<_>>(), ["not due"]);
        assert_eq!(desk.changes_after(0)?.0.len(), before - 1);
        Ok(())
    });
    // Years later, nothing is left of the feed but its last position.
    let last = bench.look(|desk| desk.last_change());
    bench.work(|desk| desk.sweep(at(100 * 365 * 24 * 3600), 900, 0));
    assert_eq!(bench.look(|desk| desk.last_change()), last);
    bench.work(|desk| desk.note(Change::Site(SITE), at(0)));
    assert_eq!(bench.look(move |desk| desk.changes_after(last)).0, [Change::Site(SITE)]);
}

/// Zero keeps all.
pub fn audit_is_kept_as_long_as_asked(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.remember(&AuditEntry { at: at(-101), ..entry("older") })?;
        desk.remember(&AuditEntry { at: at(-100), ..entry("younger") })
    });
    let actions = || {
        let found = bench.look(|desk| desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() }));
        found.into_iter().map(|e| e.action).collect::<Vec<_>>()
    };
    bench.work(|desk| desk.sweep(at(0), 900, 0));
    assert_eq!(actions(), ["younger", "older"]);
    assert_eq!(bench.work(|desk| desk.sweep(at(0), 900, 100)).rows, 1);
    assert_eq!(actions(), ["younger"]);
}

/// Neither another site's entries, nor other actions', nor younger ones go.
pub fn a_sites_own_time_for_its_audit_is_its_own(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for (site, action, when) in
            [(SITE, "lang.old", -2), (SITE, "lang.young", -1), (SITE, "other.old", -2), (OTHER, "lang.theirs", -2), (SITE, "LANG.old", -2)]
        {
            desk.remember(&AuditEntry { site: Some(site), at: at(when), ..entry(action) })?;
        }
        Ok(())
    });
    assert_eq!(bench.work(|desk| desk.drop_audit(SITE, "lang.", at(-1))), 1);
    let left = bench.look(|desk| desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() }));
    assert_eq!(left.iter().map(|e| e.action.as_str()).collect::<Vec<_>>(), ["lang.young", "LANG.old", "lang.theirs", "other.old"]);
}

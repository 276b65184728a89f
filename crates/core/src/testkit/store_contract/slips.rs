//! Slips, and what else languages keep lists of: taken by exactly one, and thrown away when they are over.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, api_token, at};
use crate::policy::Scopes;
use crate::port::store::{Change, LIFTED, Slip};
use crate::token::TokenId;

fn slip(key: u8) -> Slip {
    Slip {
        id: 0,
        site: SITE,
        kind: "test.code".into(),
        key: [key; 32],
        account: ALICE,
        note: "a note".into(),
        created: at(0),
        expires: at(60),
    }
}

/// Every member; one of the same kind and key replaces it.
pub fn a_slip_comes_back_as_it_was_added(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let first = bench.work(|desk| desk.add_slip(&slip(1)));
    let second = bench.work(|desk| desk.add_slip(&Slip { account: 0, note: "nul\0".into(), ..slip(2) }));
    assert!(second > first);
    let kept = bench.look(|desk| desk.slips(SITE, "test.code", None));
    assert_eq!(kept, [Slip { id: first, ..slip(1) }, Slip { id: second, account: 0, note: "nul\u{fffd}".into(), ..slip(2) }]);
    let again = bench.work(|desk| desk.add_slip(&Slip { note: "newer".into(), ..slip(1) }));
    assert!(again > second);
    let mine = bench.look(|desk| desk.slips(SITE, "test.code", Some(ALICE)));
    assert_eq!(mine, [Slip { id: again, note: "newer".into(), ..slip(1) }]);
}

/// Thirty-two at once.
pub fn of_many_who_show_a_slip_one_takes_it(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_slip(&slip(1)));
    assert_eq!(bench.winners(32, |desk| desk.take_slip(SITE, "test.code", &[1; 32], ALICE, at(59))), 1);
    assert!(!bench.work(|desk| desk.take_slip(SITE, "test.code", &[1; 32], ALICE, at(59))));
}

/// Nobody else's opens anything.
pub fn a_slip_is_its_owners_its_kinds_and_its_sites(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_slip(&slip(1)));
    assert!(!bench.work(|desk| desk.take_slip(SITE, "test.code", &[1; 32], ALICE + 1, at(0))), "another's");
    assert!(!bench.work(|desk| desk.take_slip(SITE, "test.other", &[1; 32], ALICE, at(0))), "another kind");
    assert!(!bench.work(|desk| desk.take_slip(OTHER, "test.code", &[1; 32], ALICE, at(0))), "another site");
    assert!(!bench.work(|desk| desk.take_slip(SITE, "test.code", &[1; 32], ALICE, at(60))), "it is over");
    bench.work(|desk| {
        desk.drop_slips(SITE, "test.other", ALICE)?;
        desk.drop_slips(OTHER, "test.code", ALICE)?;
        desk.drop_slips(SITE, "test.code", ALICE + 1)
    });
    assert_eq!(bench.look(|desk| desk.slips(SITE, "test.code", None)).len(), 1);
    bench.work(|desk| desk.drop_slips(SITE, "test.code", ALICE));
    assert!(bench.look(|desk| desk.slips(SITE, "test.code", None)).is_empty());
}

/// To the second, and with their site.
pub fn slips_are_swept_when_they_are_over(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.add_slip(&slip(1))?;
        desk.add_slip(&Slip { expires: at(61), ..slip(2) })?;
        desk.add_slip(&Slip { site: OTHER, expires: at(100), ..slip(3) })
    });
    assert_eq!(bench.work(|desk| desk.sweep(at(60), 900, 0)).rows, 1);
    assert_eq!(bench.look(|desk| desk.slips(SITE, "test.code", None)).len(), 1);
    bench.work(|desk| desk.remove_site(OTHER));
    assert!(bench.look(|desk| desk.slips(OTHER, "test.code", None)).is_empty());
}

/// And what is taken back can be used again.
pub fn of_many_who_use_what_may_be_used_so_often_so_many_do(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert_eq!(bench.winners(32, |desk| desk.tally(SITE, "test.code", &[1; 32], 5)), 5);
    assert!(!bench.work(|desk| desk.tally(SITE, "test.code", &[1; 32], 5)));
    for (site, kind, key) in [(OTHER, "test.code", [1; 32]), (SITE, "test.other", [1; 32]), (SITE, "test.code", [2; 32])] {
        assert!(bench.work(move |desk| desk.tally(site, kind, &key, 1)), "another's uses");
        assert!(!bench.work(move |desk| desk.tally(site, kind, &key, 1)));
    }
    assert!(!bench.work(|desk| desk.tally(SITE, "test.code", &[3; 32], 0)), "never");
    bench.work(|desk| desk.untally(SITE, "test.code", &[1; 32]));
    assert!(bench.work(|desk| desk.tally(SITE, "test.code", &[1; 32], 5)));
    assert!(!bench.work(|desk| desk.tally(SITE, "test.code", &[1; 32], 5)));
    assert!(bench.work(|desk| desk.tally(SITE, "test.code", &[1; 32], 6)), "a limit that was raised");
}

/// And every node hears of it.
pub fn a_revocation_is_taken_back_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let token = TokenId([7; 16]);
    bench.work(move |desk| desk.revoke_token(SITE, token, at(100)));
    let noted = bench.noted(move |desk| {
        assert!(desk.lift_token(SITE, token)?);
        Ok(())
    });
    assert_eq!(noted, [Change::Revoked(token, LIFTED)]);
    assert!(bench.look(|desk| desk.revoked(at(0))).is_empty());
    assert!(!bench.work(move |desk| desk.lift_token(SITE, token)));
    assert!(bench.work(move |desk| desk.revoke_token(SITE, token, at(100))), "it can be revoked again");
}

/// Another site's is out of reach; a removed one is in no list.
pub fn a_token_is_edited_and_removed(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_api_token(&api_token("a")));
    let scopes = Scopes::Only(vec!["read".into()]);
    let (here, there) = (scopes.clone(), scopes.clone());
    assert!(!bench.work(move |desk| desk.edit_api_token(OTHER, id, "x", &there, None)), "another site's");
    let noted = bench.noted(move |desk| desk.edit_api_token(SITE, id, "renamed", &here, Some(at(9))));
    assert_eq!(noted, [Change::Account(SITE)]);
    let token = bench.look(move |desk| desk.api_token_by_id(SITE, id)).unwrap();
    assert_eq!((token.name.as_str(), &token.scopes, token.expires), ("renamed", &scopes, Some(at(9))));
    bench.work(move |desk| desk.revoke_api_token(SITE, id, at(1)));
    assert!(bench.look(|desk| desk.api_tokens(SITE, Some(ALICE))).is_empty());
    assert_eq!(bench.look(|desk| desk.all_api_tokens(SITE, Some(ALICE))).len(), 1, "the revoked ones too");
    assert!(!bench.work(move |desk| desk.remove_api_token(OTHER, id)), "another site's");
    assert!(bench.work(move |desk| desk.remove_api_token(SITE, id)));
    assert!(!bench.work(move |desk| desk.remove_api_token(SITE, id)));
    assert!(bench.look(|desk| desk.all_api_tokens(SITE, None)).is_empty());
}

//! Sessions, refresh families and revoked tokens.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, at, session};
use crate::session::Session;
use crate::token::TokenId;

/// Every member; a guest's session needs no account.
pub fn a_session_comes_back_as_it_was_opened(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let full = Session {
        generation: 3,
        rotated: at(5),
        token: Some(TokenId([9; 16])),
        ended: Some(at(6)),
        ended_reason: Some("sign_out".into()),
        agent: Some("curl/8 \0".into()),
        ..session(1)
    };
    let opened = full.clone();
    bench.work(move |desk| desk.open_session(&opened));
    bench.work(|desk| desk.open_session(&Session { account: 0, ..session(2) }));
    assert_eq!(bench.look(|desk| desk.session(session(1).id)), Some(Session { agent: bench_agent(), ..full }));
    assert_eq!(bench.look(|desk| desk.session(session(2).id)), Some(Session { account: 0, ..session(2) }));
    assert_eq!(bench.look(|desk| desk.session(session(3).id)), None);
    assert!(bench.try_work(|desk| desk.open_session(&session(1))).is_err(), "an id is opened once");
}

/// Live means not ended and before `expires`; newest first.
pub fn sessions_are_listed_until_the_second_they_expire(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.open_session(&Session { created: at(1), expires: at(100), ..session(1) })?;
        desk.open_session(&Session { created: at(3), expires: at(200), ..session(3) })?;
        desk.open_session(&Session { created: at(2), expires: at(300), account: 8, ..session(2) })?;
        desk.open_session(&Session { created: at(4), ended: Some(at(5)), ..session(4) })?;
        desk.open_session(&Session { created: at(5), site: OTHER, ..session(5) })
    });
    let ids = |account, now| bench.look(move |desk| desk.sessions(SITE, account, at(now))).iter().map(|s| s.id.0[0]).collect::<Vec<_>>();
    assert_eq!(ids(None, 10), [3, 2, 1]);
    assert_eq!(ids(Some(ALICE), 10), [3, 1]);
    assert_eq!(ids(None, 99), [3, 2, 1]);
    assert_eq!(ids(None, 100), [3, 2], "not at its expiry");
    assert_eq!(ids(None, 300), [0; 0]);
}

/// Thirty-two refreshes with one token: one successor.
pub fn of_many_who_refresh_at_once_one_advances(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.open_session(&session(1)));
    for from in 0..5 {
        assert_eq!(bench.winners(32, move |desk| desk.advance_session(session(1).id, from, at(1), at(7200))), 1, "{from}");
    }
    assert_eq!(bench.look(|desk| desk.session(session(1).id)).unwrap().generation, 5);
}

/// Not from another generation, not at or after its expiry, not after its end.
pub fn only_a_live_session_of_that_generation_advances(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.open_session(&Session { expires: at(100), ..session(1) }));
    let advance = |from, now| bench.work(move |desk| desk.advance_session(session(1).id, from, at(now), at(now + 100)));
    assert!(!advance(1, 1));
    assert!(!advance(-1, 1));
    assert!(!advance(0, 100), "at its expiry");
    assert!(!advance(0, 101));
    assert!(advance(0, 99));
    let moved = bench.look(|desk| desk.session(session(1).id)).unwrap();
    assert_eq!(moved, Session { generation: 1, rotated: at(99), expires: at(199), ..session(1) });
    assert!(!advance(0, 99), "spent");
    assert!(bench.work(|desk| desk.end_session(session(1).id, at(120), "reuse")));
    assert!(!advance(1, 121), "ended");
    assert!(!bench.work(|desk| desk.advance_session(session(9).id, 0, at(0), at(1))), "unknown");
}

/// By one of many; when and why is kept as it was the first time. One that has expired can still be ended.
pub fn a_session_is_ended_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.open_session(&session(1)));
    assert_eq!(bench.winners(16, |desk| desk.end_session(session(1).id, at(9), "sign_out")), 1);
    assert!(!bench.work(|desk| desk.end_session(session(1).id, at(10), "reuse")));
    let ended = bench.look(|desk| desk.session(session(1).id)).unwrap();
    assert_eq!((ended.ended, ended.ended_reason.as_deref()), (Some(at(9)), Some("sign_out")));
    assert!(!bench.work(|desk| desk.end_session(session(2).id, at(10), "unknown")));
    bench.work(|desk| desk.open_session(&Session { expires: at(5), ..session(3) }));
    assert!(bench.work(|desk| desk.end_session(session(3).id, at(6), "late")));
}

/// True once; listed until, and not at, its expiry; a later expiry counts, an earlier one does not.
pub fn a_token_is_revoked_once_and_until_it_expires(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let token = TokenId([1; 16]);
    assert_eq!(bench.winners(16, move |desk| desk.revoke_token(SITE, token, at(10))), 1);
    assert!(bench.work(|desk| desk.revoke_token(SITE, TokenId([2; 16]), at(20))));
    let revoked = |now| {
        let mut found = bench.look(move |desk| desk.revoked(at(now)));
        found.sort_unstable();
        found
    };
    assert_eq!(revoked(9), [(token, at(10)), (TokenId([2; 16]), at(20))]);
    assert_eq!(revoked(10), [(TokenId([2; 16]), at(20))]);
    assert_eq!(revoked(20), []);
    assert!(!bench.work(move |desk| desk.revoke_token(SITE, token, at(30))));
    assert_eq!(revoked(25), [(token, at(30))]);
    assert!(!bench.work(move |desk| desk.revoke_token(SITE, token, at(5))));
    assert_eq!(revoked(25), [(token, at(30))]);
}

/// What is shown of an agent that held U+0000.
fn bench_agent() -> Option<String> {
    Some("curl/8 \u{fffd}".into())
}

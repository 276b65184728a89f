//! API tokens, TOTP steps, recovery codes: each spent or revoked by exactly one.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, account, api_token, at};
use crate::credential::Digest;
use crate::policy::Scopes;
use crate::port::store::{ApiToken, Sealed, TotpRow};

/// Every member, by digest, by id and in lists.
pub fn an_api_token_comes_back_as_it_was_added(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let full = ApiToken {
        dialect: Some("wncms".into()),
        expires: Some(at(50)),
        used: Some(at(3)),
        used_from: Some("192.0.2.9".into()),
        scopes: Scopes::All,
        ip_allow: vec!["10.0.0.0/8".into(), "2001:db8::1".into()],
        ..api_token("full")
    };
    let added = full.clone();
    let first = bench.work(move |desk| desk.add_api_token(&added));
    let second = bench.work(|desk| desk.add_api_token(&ApiToken { scopes: Scopes::Only(Vec::new()), ..api_token("none") }));
    assert!(second > first);
    let full = ApiToken { id: first, ..full };
    assert_eq!(bench.look(|desk| desk.api_token(Digest::of("full").as_bytes())), Some(full.clone()));
    assert_eq!(bench.look(move |desk| desk.api_token_by_id(SITE, first)), Some(full.clone()));
    assert_eq!(bench.look(move |desk| desk.api_token_by_id(OTHER, first)), None, "another site's id");
    let none = bench.look(move |desk| desk.api_token_by_id(SITE, second)).unwrap();
    assert_eq!(none.scopes, Scopes::Only(Vec::new()), "no scopes are not all scopes");
    assert_eq!(bench.look(|desk| desk.api_tokens(SITE, None)), [full, none]);
    assert_eq!(bench.look(|desk| desk.api_tokens(SITE, Some(8))), []);
    assert_eq!(bench.look(|desk| desk.api_tokens(OTHER, None)), []);
    assert_eq!(bench.look(|desk| desk.api_token(&[0; 32])), None);
}

/// Adding what is there changes nothing and returns its id, also when many add it at once.
pub fn a_digest_is_added_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let answers = bench.at_once(16, |n, desk| desk.add_api_token(&ApiToken { name: format!("{n}"), ..api_token("same") }));
    let ids: Vec<i64> = answers.into_iter().map(Result::unwrap).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let before = bench.look(|desk| desk.api_tokens(SITE, None));
    assert_eq!(before.len(), 1);
    assert_eq!(bench.work(|desk| desk.add_api_token(&ApiToken { name: "again".into(), ..api_token("same") })), ids[0]);
    assert_eq!(bench.look(|desk| desk.api_tokens(SITE, None)), before);
}

/// Good before `expires`, not at it.
pub fn api_tokens_are_live_until_the_second_they_expire(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.add_api_token(&ApiToken { expires: Some(at(10)), ..api_token("short") }));
    let token = bench.look(|desk| desk.api_token(Digest::of("short").as_bytes())).unwrap();
    assert_eq!([at(9), at(10), at(11)].map(|now| token.is_live(now)), [true, false, false]);
}

/// By one of many, only on its own site; then it is in no list, but still found.
pub fn an_api_token_is_revoked_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_api_token(&api_token("t")));
    assert!(!bench.work(move |desk| desk.revoke_api_token(OTHER, id, at(1))));
    assert_eq!(bench.winners(16, move |desk| desk.revoke_api_token(SITE, id, at(1))), 1);
    assert!(!bench.work(move |desk| desk.revoke_api_token(SITE, id, at(2))));
    let token = bench.look(|desk| desk.api_token(Digest::of("t").as_bytes())).unwrap();
    assert_eq!(token.revoked, Some(at(1)));
    assert!(!token.is_live(at(0)));
    assert_eq!(bench.look(|desk| desk.api_tokens(SITE, Some(ALICE))), []);
}

/// A date never goes back, whatever the order in which nodes write it.
pub fn use_of_a_token_is_noted_forwards_only(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let id = bench.work(|desk| desk.add_api_token(&api_token("t")));
    let used = || bench.look(move |desk| desk.api_token_by_id(SITE, id)).map(|t| (t.used, t.used_from)).unwrap();
    bench.work(move |desk| desk.touch_api_tokens(&[(id, at(5), "a".into()), (999, at(5), "nobody".into())]));
    assert_eq!(used(), (Some(at(5)), Some("a".into())));
    bench.work(move |desk| desk.touch_api_tokens(&[(id, at(9), "b".into()), (id, at(7), "c".into()), (id, at(4), "d".into())]));
    assert_eq!(used(), (Some(at(9)), Some("b".into())));
}

/// No step is spent at first; removing takes the recovery codes too.
pub fn totp_is_enrolled_replaced_and_removed(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let totp = || bench.look(|desk| desk.totp(SITE, ALICE));
    let row = |byte: u8, last_step| Some(TotpRow { secret: Sealed(vec![byte]), last_step });
    assert_eq!(totp(), None);
    assert!(!bench.work(|desk| desk.remove_totp(SITE, ALICE)));
    bench.work(|desk| desk.put_totp(SITE, ALICE, &Sealed(vec![1])));
    assert_eq!(totp(), row(1, -1));
    assert!(bench.look(|desk| desk.account(SITE, ALICE)).unwrap().second_factor);
    assert!(!bench.look(|desk| desk.account(OTHER, ALICE)).unwrap().second_factor);
    assert!(bench.work(|desk| desk.spend_totp_step(SITE, ALICE, 50)));
    assert_eq!(totp(), row(1, 50));
    bench.work(|desk| desk.put_totp(SITE, ALICE, &Sealed(vec![2])));
    assert_eq!(totp(), row(2, -1));
    bench.work(|desk| desk.put_recovery_codes(SITE, ALICE, &[[1; 32]]));
    assert!(bench.work(|desk| desk.remove_totp(SITE, ALICE)));
    assert_eq!(totp(), None);
    assert_eq!(bench.look(|desk| desk.recovery_codes(SITE, ALICE)), [[0; 32]; 0]);
    assert!(!bench.look(|desk| desk.account(SITE, ALICE)).unwrap().second_factor);
    assert!(!bench.work(|desk| desk.spend_totp_step(SITE, ALICE, 51)), "nothing to spend");
    assert!(bench.try_work(|desk| desk.put_totp(SITE, 99, &Sealed(vec![1]))).is_err(), "no such account");
}

/// Thirty-two doors are shown the same code at once.
pub fn a_totp_step_is_spent_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.put_totp(SITE, ALICE, &Sealed(vec![1])));
    for step in [0, 1, 59_000_000] {
        assert_eq!(bench.winners(32, move |desk| desk.spend_totp_step(SITE, ALICE, step)), 1, "{step}");
    }
}

/// Across the skew window: once a step is spent, the ones before it are, in whatever order they come.
pub fn a_totp_step_before_the_last_is_never_spent(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.put_totp(SITE, ALICE, &Sealed(vec![1]))?;
        desk.put_totp(OTHER, ALICE, &Sealed(vec![1]))
    });
    assert!(bench.work(|desk| desk.spend_totp_step(SITE, ALICE, 100)));
    for step in [100, 99, 0, -1] {
        assert!(!bench.work(move |desk| desk.spend_totp_step(SITE, ALICE, step)), "{step}");
    }
    assert!(bench.work(|desk| desk.spend_totp_step(SITE, ALICE, 101)));
    assert!(bench.work(|desk| desk.spend_totp_step(OTHER, ALICE, 100)), "another account's step");
    // Three steps of the window at once, each from ten doors: none twice, and the last one is what is kept.
    let spent = bench.at_once(30, |n, desk| {
        let step = 200 + i64::try_from(n % 3).unwrap_or(0);
        Ok((step, desk.spend_totp_step(SITE, ALICE, step)?))
    });
    let mut won: Vec<i64> = spent.into_iter().map(Result::unwrap).filter(|(_, won)| *won).map(|(step, _)| step).collect();
    won.sort_unstable();
    assert!(won.windows(2).all(|pair| pair[0] < pair[1]), "{won:?}");
    assert_eq!(won.last(), Some(&202));
    assert_eq!(bench.look(|desk| desk.totp(SITE, ALICE)).unwrap().last_step, 202);
}

/// By one of many, and only by its owner.
pub fn a_recovery_code_is_spent_once(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.put_account(&account(SITE, 8, "bob"))?;
        desk.put_recovery_codes(SITE, ALICE, &[[1; 32], [2; 32], [2; 32]])?;
        desk.put_recovery_codes(SITE, 8, &[[3; 32]])
    });
    assert!(!bench.work(|desk| desk.spend_recovery_code(SITE, 8, &[1; 32])), "another's code");
    assert!(!bench.work(|desk| desk.spend_recovery_code(OTHER, ALICE, &[1; 32])), "another site");
    assert_eq!(bench.winners(32, |desk| desk.spend_recovery_code(SITE, ALICE, &[1; 32])), 1);
    assert!(!bench.work(|desk| desk.spend_recovery_code(SITE, ALICE, &[1; 32])));
    assert_eq!(bench.look(|desk| desk.recovery_codes(SITE, ALICE)), [[2; 32]]);
}

/// Also when two replace them at once: the codes are one caller's.
pub fn replacing_recovery_codes_leaves_none_of_the_old(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.put_recovery_codes(SITE, ALICE, &[[1; 32], [2; 32]]));
    bench.work(|desk| desk.put_recovery_codes(SITE, ALICE, &[[3; 32]]));
    assert_eq!(bench.look(|desk| desk.recovery_codes(SITE, ALICE)), [[3; 32]]);
    for round in 0..20 {
        let answers = bench.at_once(2, |n, desk| {
            let n = u8::try_from(n).unwrap_or(0);
            desk.put_recovery_codes(SITE, ALICE, &[[100 + n; 32], [200 + n; 32]])
        });
        assert!(answers.iter().all(Result::is_ok), "{answers:?}");
        let codes = bench.look(|desk| desk.recovery_codes(SITE, ALICE));
        assert_eq!(codes.len(), 2, "round {round}");
        assert_eq!(codes[0][0] + 100, codes[1][0]);
    }
}

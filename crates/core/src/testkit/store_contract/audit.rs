//! What is remembered, and how it is asked for.

use super::Place;
use super::bench::{Bench, OTHER, SITE, at, entry};
use crate::audit::{AuditEntry, AuditQuery, Outcome};

/// Every member, and rising positions.
pub fn entries_come_newest_first_and_whole(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let full = AuditEntry {
        outcome: Outcome::Refused,
        reason: "bad_credentials".into(),
        detail: "locked".into(),
        request: "req_abc".into(),
        count: 12,
        ..entry("wapka.login")
    };
    let bare = AuditEntry { site: None, account: None, at: at(-50), ..entry("import") };
    let (first, second) = (full.clone(), bare.clone());
    bench.work(move |desk| {
        desk.remember(&first)?;
        desk.remember(&second)
    });
    let found = bench.look(|desk| desk.audit(&AuditQuery { limit: 10, ..AuditQuery::default() }));
    assert!(found[0].id > found[1].id && found[1].id > 0);
    assert_eq!(found, [AuditEntry { id: found[0].id, ..bare }, AuditEntry { id: found[1].id, ..full }]);
}

/// Alone and together; a page goes on where the one before ended.
pub fn every_filter_filters(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.remember(&AuditEntry { at: at(0), ..entry("wapka.login") })?;
        desk.remember(&AuditEntry { at: at(1), account: Some(8), reason: "banned".into(), ..entry("wapka.login.guest") })?;
        desk.remember(&AuditEntry { at: at(2), site: Some(OTHER), ..entry("wapka.logout") })?;
        desk.remember(&AuditEntry { at: at(3), site: None, account: None, ..entry("w%") })?;
        desk.remember(&AuditEntry { at: at(4), ..entry("Wapka.login") })
    });
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    let moments = |query: AuditQuery| bench.look(move |desk| desk.audit(&query)).iter().map(|e| e.at.since(at(0))).collect::<Vec<_>>();
    let third = bench.look({
        let all = all.clone();
        move |desk| desk.audit(&all)
    })[2]
        .id;
    let rows = [
        (all.clone(), vec![4, 3, 2, 1, 0]),
        (AuditQuery { limit: 2, ..all.clone() }, vec![4, 3]),
        (AuditQuery { limit: 0, ..all.clone() }, vec![]),
        (AuditQuery { site: Some(SITE), ..all.clone() }, vec![4, 1, 0]),
        (AuditQuery { account: Some(8), ..all.clone() }, vec![1]),
        (AuditQuery { action: Some("wapka.login".into()), ..all.clone() }, vec![1, 0]),
        (AuditQuery { action: Some("w%".into()), ..all.clone() }, vec![3]),
        (AuditQuery { action: Some(String::new()), ..all.clone() }, vec![4, 3, 2, 1, 0]),
        (AuditQuery { reason: Some("banned".into()), ..all.clone() }, vec![1]),
        (AuditQuery { since: Some(at(3)), ..all.clone() }, vec![4, 3]),
        (AuditQuery { before: Some(third), ..all.clone() }, vec![1, 0]),
        (AuditQuery { before: Some(third), limit: 1, ..all.clone() }, vec![1]),
        (
            AuditQuery {
                site: Some(SITE),
                account: Some(7),
                action: Some("wapka.".into()),
                reason: Some("granted".into()),
                since: Some(at(0)),
                before: Some(i64::MAX),
                limit: 9,
            },
            vec![0],
        ),
    ];
    for (query, expected) in rows {
        assert_eq!(moments(query.clone()), expected, "{query:?}");
    }
}

/// What a client sends must not keep its refusal from being remembered.
pub fn text_that_an_engine_cannot_hold_is_remembered_all_the_same(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.remember(&AuditEntry { detail: "a\0b'\"\u{1f6aa}".into(), ..entry("x\0") }));
    let found = bench.look(|desk| desk.audit(&AuditQuery { action: Some("x\0".into()), limit: 1, ..AuditQuery::default() }));
    assert_eq!(found[0].detail, "a\u{fffd}b'\"\u{1f6aa}");
}

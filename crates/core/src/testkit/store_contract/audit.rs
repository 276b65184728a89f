//! What is remembered, and how it is asked for.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, at, entry};
use crate::audit::{Actor, AuditEntry, AuditQuery, Count, Outcome, Span, Traffic};

/// Every member, and rising positions.
pub fn entries_come_newest_first_and_whole(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let full = AuditEntry {
        outcome: Outcome::Refused,
        reason: "bad_credentials".into(),
        detail: "locked".into(),
        request: "req_abc".into(),
        count: 12,
        actor: Some(Actor { site: OTHER, account: 3 }),
        ..entry("wapka.login")
    };
    let bare = AuditEntry { site: None, account: None, at: at(-50), ..entry("import") };
    let (first, second) = (full.clone(), bare.clone());
    bench.work(move |desk| {
        desk.remember(&first)?;
        desk.remember(&second)
    });
    let found = bench.look(|desk| desk.audit(&AuditQuery { limit: 10, ..AuditQuery::default() }));
    assert!(found[1].id > found[0].id && found[0].id > 0, "rising, as they were written");
    assert_eq!(found, [AuditEntry { id: found[0].id, ..full }, AuditEntry { id: found[1].id, ..bare }], "the newest first, by their time");
}

/// Some are written late, several in one moment; each is on one page, in the same place whatever else is asked for.
pub fn pages_go_on_where_the_one_before_ended(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| (0..40).try_for_each(|n| desk.remember(&AuditEntry { at: at(n * 7 % 20), ..entry("wapka.login") })));
    let all = AuditQuery { limit: 100, ..AuditQuery::default() };
    for query in [
        all.clone(),
        AuditQuery { site: Some(SITE), ..all.clone() },
        AuditQuery { action: Some("wapka.".into()), ..all.clone() },
        AuditQuery { reason: Some("granted".into()), ..all.clone() },
        AuditQuery { until: Some(at(15)), ..all.clone() },
        AuditQuery { since: Some(at(5)), until: Some(at(15)), site: Some(SITE), ..all },
    ] {
        let ask = |query: AuditQuery| bench.look(move |desk| desk.audit(&query));
        let whole = ask(query.clone());
        let order: Vec<_> = whole.iter().map(|entry| std::cmp::Reverse((entry.at, entry.id))).collect();
        assert!(whole.len() >= 20 && order.is_sorted(), "{query:?}");
        let (mut pages, mut before) = (Vec::new(), None);
        loop {
            let page = ask(AuditQuery { before, limit: 3, ..query.clone() });
            let Some(last) = page.last() else { break };
            before = Some(last.id);
            pages.extend(page);
        }
        assert_eq!(pages, whole, "{query:?}");
    }
}

/// Alone and together; a page goes on where the one before ended.
pub fn every_filter_filters(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let actor = Some(Actor { site: OTHER, account: ALICE });
    bench.work(move |desk| {
        desk.remember(&AuditEntry { at: at(0), ..entry("wapka.login") })?;
        desk.remember(&AuditEntry { at: at(1), account: Some(8), reason: "banned".into(), ..entry("wapka.login.guest") })?;
        desk.remember(&AuditEntry { at: at(2), site: Some(OTHER), address: "::1".into(), ..entry("wapka.logout") })?;
        desk.remember(&AuditEntry { at: at(3), site: None, account: None, outcome: Outcome::Refused, actor, ..entry("w%") })?;
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
        (AuditQuery { action: Some("nothing".into()), ..all.clone() }, vec![]),
        (AuditQuery { action: Some("wapka.login".into()), limit: 1, ..all.clone() }, vec![1]),
        (AuditQuery { action: Some("wapka.login".into()), site: Some(OTHER), ..all.clone() }, vec![]),
        (AuditQuery { reason: Some("banned".into()), ..all.clone() }, vec![1]),
        (AuditQuery { since: Some(at(3)), ..all.clone() }, vec![4, 3]),
        (AuditQuery { until: Some(at(3)), ..all.clone() }, vec![2, 1, 0]),
        (AuditQuery { since: Some(at(1)), until: Some(at(2)), ..all.clone() }, vec![1]),
        (AuditQuery { outcome: Some(Outcome::Refused), ..all.clone() }, vec![3]),
        (AuditQuery { address: Some("::1".into()), ..all.clone() }, vec![2]),
        (AuditQuery { address: Some(":".into()), ..all.clone() }, vec![]),
        (AuditQuery { actor, ..all.clone() }, vec![3]),
        (AuditQuery { actor: Some(Actor { site: SITE, account: ALICE }), ..all.clone() }, vec![]),
        (AuditQuery { before: Some(third), ..all.clone() }, vec![1, 0]),
        (AuditQuery { before: Some(third), limit: 1, ..all.clone() }, vec![1]),
        (
            AuditQuery {
                site: Some(SITE),
                account: Some(7),
                action: Some("wapka.".into()),
                reason: Some("granted".into()),
                outcome: Some(Outcome::Granted),
                address: Some("192.0.2.1".into()),
                actor: None,
                since: Some(at(0)),
                until: Some(at(1)),
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

/// Actions that begin alike are put in order again, few of them and many.
pub fn actions_that_begin_alike_come_newest_first(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for n in 0..80 {
            desk.remember(&AuditEntry { at: at(n), ..entry(&format!("few.{}", n % 3)) })?;
            desk.remember(&AuditEntry { at: at(n), ..entry(&format!("many.{}", n % 40)) })?;
        }
        Ok(())
    });
    let found = |action: &str, limit: u32| {
        let query = AuditQuery { action: Some(action.into()), limit, ..AuditQuery::default() };
        bench.look(move |desk| desk.audit(&query)).into_iter().map(|entry| (entry.at.since(at(0)), entry.action)).collect::<Vec<_>>()
    };
    for begin in ["few", "many"] {
        let all = found(begin, 1000);
        assert_eq!(all.iter().map(|(second, _)| *second).collect::<Vec<_>>(), (0..80).rev().collect::<Vec<_>>(), "{begin}");
        assert!(all.iter().all(|(_, action)| action.starts_with(begin)));
        assert_eq!(found(begin, 7), all[..7]);
    }
    assert_eq!(found("many.1", 1000).len(), 2 * 11, "many.1 and many.10 to many.19");
}

/// What a client sends must not keep its refusal from being remembered.
pub fn text_that_an_engine_cannot_hold_is_remembered_all_the_same(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.remember(&AuditEntry { detail: "a\0b'\"\u{1f6aa}".into(), ..entry("x\0") }));
    let found = bench.look(|desk| desk.audit(&AuditQuery { action: Some("x\0".into()), limit: 1, ..AuditQuery::default() }));
    assert_eq!(found[0].detail, "a\u{fffd}b'\"\u{1f6aa}");
}

/// Folded entries count as many; the ends of the span are exact; a site's alone, or all.
pub fn entries_are_counted_by_step_action_and_outcome(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for (second, action, outcome, count) in [
            (-1, "a", Outcome::Granted, 1),
            (0, "b", Outcome::Granted, 1),
            (9, "b", Outcome::Granted, 5),
            (9, "b", Outcome::Refused, 2),
            (9, "B", Outcome::Granted, 1),
            (25, "a", Outcome::Refused, 1),
            (30, "a", Outcome::Granted, 1),
        ] {
            desk.remember(&AuditEntry { at: at(second), outcome, count, ..entry(action) })?;
        }
        desk.remember(&AuditEntry { at: at(10), site: Some(OTHER), ..entry("b") })
    });
    let span = Span { site: None, from: at(0), until: at(30), step: 10 };
    let counted = |span: Span| {
        let found = bench.look(move |desk| desk.audit_counts(&span, &AuditQuery::default()));
        found.into_iter().map(|Count { slot, action, outcome, times }| (slot, action, outcome.word(), times)).collect::<Vec<_>>()
    };
    let row = |slot, action: &str, outcome, times| (slot, action.to_owned(), outcome, times);
    let mut expected = vec![
        row(0, "B", "granted", 1),
        row(0, "b", "granted", 6),
        row(0, "b", "refused", 2),
        row(1, "b", "granted", 1),
        row(2, "a", "refused", 1),
    ];
    assert_eq!(counted(span), expected);
    expected.remove(3);
    assert_eq!(counted(Span { site: Some(SITE), ..span }), expected);
    assert_eq!(counted(Span { until: at(0), ..span }), []);
}

/// A chart beside a list counts what the list lists.
pub fn entries_are_counted_by_the_filters_that_list_them(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for (second, action, reason, address, account, count) in [
            (0, "wapka.login", "bad_credentials", "192.0.2.1", Some(1), 3),
            (1, "wapka.login", "account_banned", "192.0.2.1", Some(2), 1),
            (2, "wapka.logout", "bad_credentials", "192.0.2.2", None, 1),
            (11, "wapka_.x", "bad_credentials", "192.0.2.1", Some(1), 7),
            (12, "wncms.token", "bad_credentials", "192.0.2.1", Some(1), 1),
        ] {
            let (reason, address) = (reason.to_owned(), address.to_owned());
            desk.remember(&AuditEntry { at: at(second), reason, address, account, count, ..entry(action) })?;
        }
        let (actor, outcome) = (Some(Actor { site: OTHER, account: 9 }), Outcome::Granted);
        desk.remember(&AuditEntry { at: at(13), actor, outcome, ..entry("user.change") })
    });
    let none = AuditQuery::default;
    let text = |text: &str| Some(text.to_owned());
    let span = Span { site: Some(SITE), from: at(0), until: at(20), step: 10 };
    for (query, expected) in [
        (none(), [5, 9]),
        (AuditQuery { action: text("wapka."), ..none() }, [5, 0]),
        (AuditQuery { action: text("wapka.login"), ..none() }, [4, 0]),
        (AuditQuery { reason: text("bad_credentials"), ..none() }, [4, 8]),
        (AuditQuery { address: text("192.0.2.2"), ..none() }, [1, 0]),
        (AuditQuery { account: Some(1), ..none() }, [3, 8]),
        (AuditQuery { outcome: Some(Outcome::Granted), action: text("user"), ..none() }, [0, 1]),
        (AuditQuery { actor: Some(Actor { site: OTHER, account: 9 }), ..none() }, [0, 1]),
        (AuditQuery { reason: text("bad_credentials"), address: text("192.0.2.1"), action: text("w"), account: Some(1), ..none() }, [3, 8]),
        (AuditQuery { reason: text("nothing"), ..none() }, [0, 0]),
    ] {
        let (asked, listed) =
            (query.clone(), AuditQuery { site: Some(SITE), since: Some(at(0)), until: Some(at(20)), limit: 100, ..query.clone() });
        let counts = bench.look(move |desk| desk.audit_counts(&span, &asked));
        let sums = [0, 1].map(|slot| counts.iter().filter(|c| c.slot == slot).map(|c| c.times).sum::<i64>());
        let entries = bench.look(move |desk| desk.audit(&listed));
        let lists = [0, 1].map(|slot| entries.iter().filter(|e| span.slot(e.at) == slot).map(|e| e.count).sum::<i64>());
        assert_eq!((sums, lists), (expected, expected), "{query:?}");
    }
}

/// Two nodes count the same minute; it goes with the audit.
pub fn traffic_adds_up_by_minute_and_site(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let row = |second, site, verified| Traffic { minute: at(second), site, verified };
    bench.work(move |desk| desk.add_traffic(&[row(0, SITE, 5), row(60, SITE, 1), row(60, OTHER, 7)]));
    bench.work(move |desk| desk.add_traffic(&[row(0, SITE, 2), row(120, SITE, 9)]));
    let span = Span { site: None, from: at(0), until: at(120), step: 60 };
    assert_eq!(bench.look(move |desk| desk.traffic(&span)), [(0, 7), (1, 8)]);
    assert_eq!(bench.look(move |desk| desk.traffic(&Span { site: Some(SITE), ..span })), [(0, 7), (1, 1)]);
    assert_eq!(bench.look(move |desk| desk.traffic(&Span { step: 3600, until: at(121), ..span })), [(0, 24)]);
    bench.work(|desk| desk.sweep(at(160), 900, 100));
    assert_eq!(bench.look(move |desk| desk.traffic(&Span { until: at(999), ..span })), [(1, 8), (2, 9)]);
}

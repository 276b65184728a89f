//! How the engine goes about what administrators look for, among a hundred thousand rows: by an index, and never sorting what it reads.

use doorward_core::account::Status;
use doorward_core::audit::{Actor, AuditQuery, Outcome};
use doorward_core::call::Time;
use doorward_core::port::store::{AccountQuery, ErrandQuery, Standing};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use rusqlite::Connection;

use crate::sql::Sql;
use crate::{accounts, audit, errands, file};

/// Two sites; a hundred thousand deliveries of ten webhooks, accounts and audit entries, each with a few that are rare.
const MANY: &str = "
    INSERT INTO site (id, name, url, hosts, upstream, cors_origins, rules, pad) SELECT value, 's' || value, '', '[]', NULL, '[]', '[]', '[]' FROM (SELECT 1 AS value UNION SELECT 2);
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99999)
    INSERT INTO errand (site_id, kind, target, about, made, due, tries, standing, heard)
    SELECT 1 + n % 2, 'k', 't' || (n % 10), '{}', n, n, 1, CASE WHEN n % 100 = 0 THEN 2 ELSE 1 END, '200' FROM n;
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
    INSERT INTO account (site_id, number, login, login_fold, email, email_fold, nicename, display_name, url, registered, roles, level, status, service, valid_after, name_fold)
    SELECT 1, n, 'u' || n, 'u' || n, '', '', '', 'U' || n, '', 0, '[]', 1, CASE WHEN n % 1000 = 5 THEN 2 ELSE 1 END, n % 1000 = 7, 0, 'u' || n FROM n;
    INSERT INTO account_role (site_id, deleted, role, number)
    SELECT site_id, 0, CASE WHEN number % 1000 = 1 THEN 'rare' ELSE 'subscriber' END, number FROM account;
    WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100000)
    INSERT INTO audit (at, site_id, account, action, outcome, reason, detail, address, request, times, actor_site, actor)
    SELECT n, 1 + n % 2, n % 100, CASE WHEN n % 10000 = 7 THEN 'rare.' || n ELSE 'wapka.login' END, 'granted', 'granted', '', '192.0.2.' || (n % 99), '', 1,
        CASE WHEN n % 1000 = 3 THEN 1 END, CASE WHEN n % 1000 = 3 THEN 9 END FROM n;";

fn many() -> (tempfile::TempDir, Connection) {
    let folder = tempfile::tempdir().unwrap();
    let connection = file::open_for_writing(&folder.path().join("doorward.sqlite")).unwrap();
    connection.execute_batch(MANY).unwrap();
    (folder, connection)
}

/// The plans of what a job asks, in order.
fn plans<T>(connection: &Connection, job: impl FnOnce(&mut Sql<'_>) -> Result<T, Fault>) -> Vec<String> {
    let mut sql = Sql::new(connection);
    sql.plans = Some(Vec::new());
    job(&mut sql).unwrap();
    sql.plans.unwrap()
}

/// Every step is a search by an index, and rows come in the order in which they are wanted.
fn is_quick(plan: &str) -> bool {
    !plan.contains("SCAN") && !plan.contains("TEMP B-TREE") && plan.contains("USING")
}

#[test]
fn deliveries_are_paged_by_an_index() {
    let (_folder, connection) = many();
    let (site, target) = (Some(SiteId(1)), Some("t2".to_owned()));
    let lost = Some(Standing::GivenUp);
    let all = ErrandQuery { site, before: Some(50_000), limit: 51, ..ErrandQuery::default() };
    for (query, index) in [
        (all.clone(), "errand_site"),
        (ErrandQuery { target: target.clone(), ..all.clone() }, "errand_target"),
        (ErrandQuery { standing: lost, ..all.clone() }, "errand_standing"),
        (ErrandQuery { standing: lost, target, ..all }, "errand_"),
    ] {
        for plan in plans(&connection, |sql| errands::list(sql, &query)) {
            assert!(is_quick(&plan) && plan.contains(index), "{query:?}: {plan}");
        }
    }
}

/// The engine's own count of its steps: looking at each of a hundred thousand takes four hundred thousand, or more.
fn looks_at_few(plan: &str) -> bool {
    let steps = plan.rsplit("steps ").next().unwrap_or_default();
    steps.parse::<u32>().unwrap() < 150_000
}

#[test]
fn few_accounts_among_many_are_found_by_an_index() {
    let (_folder, connection) = many();
    let all = AccountQuery { site: SiteId(1), text: String::new(), role: None, status: None, service: None, after: 0, limit: 51 };
    for (what, query, found) in [
        ("a rare role", AccountQuery { role: Some("rare".into()), ..all.clone() }, 51),
        ("a role that nobody has", AccountQuery { role: Some("none".into()), ..all.clone() }, 0),
        ("programs", AccountQuery { service: Some(true), ..all.clone() }, 51),
        ("banned", AccountQuery { status: Some(Status::Banned), ..all.clone() }, 51),
        ("deleted", AccountQuery { status: Some(Status::Deleted), ..all.clone() }, 0),
        ("nobody begins so", AccountQuery { text: "zzz".into(), ..all.clone() }, 0),
        ("one begins so", AccountQuery { text: "u99999".into(), ..all.clone() }, 1),
        ("nobody with the role begins so", AccountQuery { text: "u99999".into(), role: Some("rare".into()), ..all.clone() }, 0),
    ] {
        let mut rows = 0;
        for plan in plans(&connection, |sql| accounts::find(sql, &query).map(|list| rows = list.len())) {
            assert!(looks_at_few(&plan), "{what}: {plan}");
        }
        assert_eq!(rows, found, "{what}");
    }
    for plan in plans(&connection, |sql| {
        accounts::roles(sql, SiteId(1), 10_000).map(|roles| assert_eq!(roles, [("rare".into(), 100), ("subscriber".into(), 10_001)]))
    }) {
        assert!(looks_at_few(&plan), "roles: {plan}");
    }
    assert_eq!(plans(&connection, |sql| accounts::count(sql, SiteId(1), 10_000).map(|count| assert_eq!(count, 10_001))).len(), 1);
}

#[test]
fn few_entries_among_many_are_found_by_an_index() {
    let (_folder, connection) = many();
    let all = AuditQuery { limit: 51, ..AuditQuery::default() };
    let old = AuditQuery { since: Some(Time(101)), until: Some(Time(201)), ..all.clone() };
    for (what, query, found) in [
        ("the newest", all.clone(), 51),
        ("of a site", AuditQuery { site: Some(SiteId(1)), ..all.clone() }, 51),
        ("of a site that has none", AuditQuery { site: Some(SiteId(9)), ..all.clone() }, 0),
        ("an action that is none", AuditQuery { action: Some("nothing".into()), ..all.clone() }, 0),
        ("an action that is none, of a site", AuditQuery { action: Some("nothing".into()), site: Some(SiteId(1)), ..all.clone() }, 0),
        ("rare actions", AuditQuery { action: Some("rare.".into()), ..all.clone() }, 10),
        ("rare actions of a site", AuditQuery { action: Some("rare.".into()), site: Some(SiteId(2)), ..all.clone() }, 10),
        ("a common action", AuditQuery { action: Some("wapka.".into()), ..all.clone() }, 51),
        ("a rare reason", AuditQuery { reason: Some("rare".into()), ..all.clone() }, 0),
        ("a rare address", AuditQuery { address: Some("192.0.2.200".into()), ..all.clone() }, 0),
        ("of an account", AuditQuery { site: Some(SiteId(1)), account: Some(1234), ..all.clone() }, 0),
        ("by somebody", AuditQuery { actor: Some(Actor { site: SiteId(1), account: 9 }), ..all.clone() }, 51),
        ("of an old time", old.clone(), 51),
        ("of an old time, a later page", AuditQuery { before: Some(150), ..old.clone() }, 49),
        ("of an old time, of a site", AuditQuery { site: Some(SiteId(2)), ..old.clone() }, 50),
        ("of an old time, a common action", AuditQuery { action: Some("wapka.".into()), ..old.clone() }, 51),
        ("of an old time, a common reason", AuditQuery { reason: Some("granted".into()), ..old.clone() }, 51),
        ("of an old time, a common address", AuditQuery { address: Some("192.0.2.7".into()), ..old.clone() }, 1),
        ("of an old time, a common outcome", AuditQuery { outcome: Some(Outcome::Granted), ..old.clone() }, 51),
        ("of a time that is not yet", AuditQuery { since: Some(Time(200_000)), ..all.clone() }, 0),
        ("of a time before all", AuditQuery { until: Some(Time(1)), ..all.clone() }, 0),
    ] {
        let mut rows = 0;
        for plan in plans(&connection, |sql| audit::entries(sql, &query).map(|list| rows = list.len())) {
            assert!(looks_at_few(&plan), "{what}: {plan}");
        }
        assert_eq!(rows, found, "{what}");
    }
}

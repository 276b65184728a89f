//! How the engine goes about what administrators look for, among a hundred thousand rows: by an index, and never sorting what it reads.

#![expect(clippy::unwrap_used, reason = "a test: it fails by panicking")]

use doorward_core::port::store::{ErrandQuery, Standing};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;

use crate::door::Door;
use crate::sql::{Link, Sql};
use crate::{errands, private_server};

/// Two sites, and a hundred thousand deliveries of ten webhooks; one in a hundred was given up.
const MANY: &str = "
    INSERT INTO site (id, name, url, hosts, upstream, cors_origins, rules, pad) SELECT n, 's' || n, '', '[]', NULL, '[]', '[]', '[]' FROM generate_series(1, 2) n;
    INSERT INTO errand (site_id, kind, target, about, made, due, tries, standing, heard)
    SELECT 1 + n % 2, 'k', 't' || n % 10, '{}', n, n, 1, CASE WHEN n % 100 = 0 THEN 2 ELSE 1 END, '200' FROM generate_series(0, 99999) n;
    ANALYZE;";

fn many() -> Link {
    let door = Door::parse(&private_server::shared().unwrap().fresh_database().unwrap()).unwrap();
    door.migrate().unwrap();
    let mut link = door.connect().unwrap();
    link.client.batch_execute(MANY).unwrap();
    link
}

/// The plans of what a job asks, in order.
fn plans<T>(link: &mut Link, job: impl FnOnce(&mut Sql<'_>) -> Result<T, Fault>) -> Vec<String> {
    let mut sql = Sql::new(link);
    sql.plans = Some(Vec::new());
    job(&mut sql).unwrap();
    sql.plans.unwrap()
}

/// Every step is a search by an index, and rows come in the order in which they are wanted.
fn is_quick(plan: &str) -> bool {
    !plan.contains("Seq Scan") && !plan.contains("Sort") && plan.contains("Index")
}

#[test]
fn deliveries_are_paged_by_an_index() {
    let mut link = many();
    let (site, target) = (Some(SiteId(1)), Some("t2".to_owned()));
    let lost = Some(Standing::GivenUp);
    let all = ErrandQuery { site, before: Some(50_000), limit: 51, ..ErrandQuery::default() };
    for query in [all.clone(), ErrandQuery { target: target.clone(), ..all.clone() }, ErrandQuery { standing: lost, ..all.clone() }] {
        for plan in plans(&mut link, |sql| errands::list(sql, &query)) {
            assert!(is_quick(&plan), "{query:?}: {plan}");
        }
    }
    // The few that were given up may be sorted.
    for plan in plans(&mut link, |sql| errands::list(sql, &ErrandQuery { standing: lost, target, ..all })) {
        assert!(plan.contains("Index Scan on errand_") && !plan.contains("Seq Scan"), "{plan}");
    }
}

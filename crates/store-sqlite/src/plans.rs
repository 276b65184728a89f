//! How the engine goes about what administrators look for, among a hundred thousand rows: by an index, and never sorting what it reads.

use doorward_core::port::store::{ErrandQuery, Standing};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use rusqlite::Connection;

use crate::sql::Sql;
use crate::{errands, file};

/// Two sites, and a hundred thousand deliveries of ten webhooks; one in a hundred was given up.
const MANY: &str = "
    INSERT INTO site (id, name, url, hosts, upstream, cors_origins, rules, pad) SELECT value, 's' || value, '', '[]', NULL, '[]', '[]', '[]' FROM (SELECT 1 AS value UNION SELECT 2);
    WITH RECURSIVE n (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < 99999)
    INSERT INTO errand (site_id, kind, target, about, made, due, tries, standing, heard)
    SELECT 1 + n % 2, 'k', 't' || n % 10, '{}', n, n, 1, CASE WHEN n % 100 = 0 THEN 2 ELSE 1 END, '200' FROM n;";

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

//! What administrators look for, among many: a measurement, told and not judged.

#![expect(clippy::print_stdout, reason = "a measurement says what it measured")]

use std::time::Instant;

use doorward_core::account::{Account, Status};
use doorward_core::audit::{AuditEntry, AuditQuery, Outcome, Span};
use doorward_core::call::Time;
use doorward_core::port::store::{AccountQuery, Look};
use doorward_core::refusal::Fault;
use doorward_core::testkit::store_contract::bench::{Bench, SITE, account, at, entry, site_row};
use doorward_store_sqlite::SqliteStore;

const ACCOUNTS: i64 = 200_000;
const ENTRIES: i64 = 500_000;

struct Here(tempfile::TempDir);

impl doorward_core::testkit::store_contract::Place for Here {
    fn open(&self) -> std::sync::Arc<dyn doorward_core::port::store::Store> {
        std::sync::Arc::new(SqliteStore::open(&self.0.path().join("scale")).expect("a store"))
    }
}

fn told<T: Send + 'static>(bench: &Bench, what: &str, job: impl Fn(&mut dyn Look) -> Result<Vec<T>, Fault> + Send + Clone + 'static) {
    let times = (0..5).map(|_| {
        let (job, start) = (job.clone(), Instant::now());
        let found = bench.look(move |desk| job(desk)).len();
        (start.elapsed(), found)
    });
    let (best, found) = times.min_by_key(|(time, _)| *time).expect("five times");
    println!("{what:<44} {found:>6} rows {:>9.2} ms", best.as_secs_f64() * 1e3);
}

#[test]
#[ignore = "a measurement, told and not judged: looking for things among many"]
fn looking_among_many() {
    let place = Here(tempfile::tempdir().expect("a directory"));
    let bench = Bench::bare(&place);
    bench.work(|desk| {
        desk.put_site(&site_row(SITE))?;
        for number in 1..=ACCOUNTS {
            let role = if number % 1000 == 0 { "rare" } else { "subscriber" };
            let status = if number % 50 == 0 { Status::Banned } else { Status::Active };
            desk.put_account(&Account { roles: vec![role.into()], status, ..account(SITE, number, &format!("user{number}")) })?;
        }
        Ok(())
    });
    bench.work(|desk| {
        for n in 0..ENTRIES {
            let rare = n % 100_000 == 7;
            let entry = AuditEntry {
                at: at(n),
                account: Some(n % ACCOUNTS),
                outcome: if n % 3 == 0 { Outcome::Refused } else { Outcome::Granted },
                reason: if rare { "rare" } else { "granted" }.into(),
                address: if rare { "192.0.2.9" } else { "192.0.2.1" }.into(),
                ..entry(if n % 2 == 0 { "wapka.login" } else { "token.create" })
            };
            desk.remember(&entry)?;
        }
        Ok(())
    });
    println!("{ACCOUNTS} accounts, {ENTRIES} audit entries");
    let all = AccountQuery { site: SITE, text: String::new(), role: None, status: None, service: None, after: 0, limit: 50 };
    let find = |what: &str, query: AccountQuery| told(&bench, what, move |desk| desk.find_accounts(&query));
    find("accounts: first page", all.clone());
    find("accounts: last page", AccountQuery { after: ACCOUNTS - 50, ..all.clone() });
    find("accounts: one by login", AccountQuery { text: "user123456".into(), ..all.clone() });
    find("accounts: all begin so", AccountQuery { text: "user".into(), ..all.clone() });
    find("accounts: nobody begins so", AccountQuery { text: "zzz".into(), ..all.clone() });
    find("accounts: a rare role", AccountQuery { role: Some("rare".into()), ..all.clone() });
    find("accounts: a role that nobody has", AccountQuery { role: Some("none".into()), ..all });
    told(&bench, "roles in use", |desk| desk.roles(SITE, 10_000));
    let query = AuditQuery { limit: 50, ..AuditQuery::default() };
    let audit = |what: &str, query: AuditQuery| told(&bench, what, move |desk| desk.audit(&query));
    audit("audit: newest", query.clone());
    audit("audit: of a site", AuditQuery { site: Some(SITE), ..query.clone() });
    audit("audit: a rare reason", AuditQuery { reason: Some("rare".into()), ..query.clone() });
    audit("audit: a rare address", AuditQuery { address: Some("192.0.2.9".into()), ..query.clone() });
    audit("audit: an action that is none", AuditQuery { action: Some("nothing".into()), ..query.clone() });
    audit("audit: an old hour", AuditQuery { since: Some(at(1000)), until: Some(at(4600)), ..query });
    let span = |site, from: Time, until| Span { site, from, until, step: 900 };
    let (day, end) = (at(ENTRIES - 86_400), at(ENTRIES));
    told(&bench, "counts of a day, 96 steps", move |desk| desk.audit_counts(&span(None, day, end), &AuditQuery::default()));
    told(&bench, "counts of a day, of a site", move |desk| desk.audit_counts(&span(Some(SITE), day, end), &AuditQuery::default()));
    let rare = AuditQuery { reason: Some("rare".into()), ..AuditQuery::default() };
    told(&bench, "counts of a day, of a rare reason", move |desk| desk.audit_counts(&span(None, day, end), &rare));
}

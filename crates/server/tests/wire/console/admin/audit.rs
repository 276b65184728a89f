//! `/api/audit`: filtered, paged, exported, charted; each sees their own site's.

use doorward_core::audit::{AuditEntry, Outcome, Traffic};
use serde_json::{Value, json};

use super::{OTHER, SITE, ada, adam, entry, no, refused, signed_in, world};
use crate::support::World;

fn remember(world: &World, change: impl Fn(usize, AuditEntry) -> AuditEntry, count: usize) {
    let now = world.now();
    let blank = |_| AuditEntry {
        id: 0,
        at: now,
        site: Some(SITE),
        account: Some(3),
        action: "test.entry".into(),
        outcome: Outcome::Refused,
        reason: "banned".into(),
        detail: String::new(),
        address: "192.0.2.7".into(),
        request: "req_test".into(),
        count: 1,
        actor: None,
    };
    let entries: Vec<AuditEntry> = (0..count).map(|n| change(n, blank(n))).collect();
    world.run(world.house.work(move |desk| entries.iter().try_for_each(|entry| desk.remember(entry)))).unwrap();
}

fn details(value: &Value) -> Vec<String> {
    value["items"].as_array().unwrap().iter().map(|e| e["detail"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn entries_are_filtered_and_paged_and_an_administrator_sees_their_site_alone() {
    let world = world();
    let start = world.now();
    remember(&world, |n, e| AuditEntry { detail: n.to_string(), at: start.plus(-10 + i64::try_from(n).unwrap()), ..e }, 5);
    remember(&world, |_, e| AuditEntry { site: Some(OTHER), account: Some(2), detail: "theirs".into(), ..e }, 1);
    remember(&world, |_, e| AuditEntry { site: None, account: None, detail: "nobody's".into(), ..e }, 1);
    let (mut ada, mut adam) = (ada(&world), adam(&world));
    let at = "/api/audit?action=test.";
    assert_eq!(details(&ada.get(at).value()), ["nobody's", "theirs", "4", "3", "2", "1", "0"]);
    assert_eq!(details(&adam.get(at).value()), ["4", "3", "2", "1", "0"]);
    assert_eq!(details(&ada.get(&format!("{at}&site=other")).value()), ["theirs"]);
    assert_eq!(no(&adam.get(&format!("{at}&site=other"))), refused(403, "not_yours"));
    assert_eq!(no(&ada.get(&format!("{at}&site=nowhere"))), refused(404, "not_found"));
    let rows = [
        ("&user=bob", 5),
        ("&user=3", 5),
        ("&user=bob@example.com", 5),
        ("&user=nobody", 0),
        ("&user=ada", 0),
        ("&by=ada", 0),
        ("&reason=banned", 5),
        ("&reason=else", 0),
        ("&outcome=refused", 5),
        ("&outcome=granted", 0),
        ("&address=192.0.2.7", 5),
        ("&address=192.0.2", 0),
        (&format!("&from={}", start.plus(-8).iso()), 3),
        (&format!("&to={}", start.plus(-8).iso()), 2),
        (&format!("&from={}&to={}", start.plus(-9).0, start.plus(-7).0), 2),
    ];
    for (query, expected) in rows {
        let value = adam.get(&format!("{at}{query}")).value();
        assert_eq!(details(&value).len(), expected, "{query} {value}");
    }
    let page = adam.get(&format!("{at}&limit=2")).value();
    assert_eq!(details(&page), ["4", "3"]);
    let next = page["next"].as_str().unwrap();
    assert_eq!(details(&adam.get(&format!("{at}&limit=9&after={next}")).value()), ["2", "1", "0"]);
    for (query, field) in [("&from=then", "from"), ("&outcome=perhaps", "outcome"), ("&after=x", "after"), ("&to=2026-13-01", "to")] {
        let answer = adam.get(&format!("{at}{query}"));
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()));
    }
    let id = ada.get(&format!("{at}&site=other")).value()["items"][0]["id"].as_i64().unwrap();
    assert_eq!(ada.get(&format!("/api/audit/{id}")).value()["user"], json!({"number": 2, "login": "uma"}));
    assert_eq!(no(&adam.get(&format!("/api/audit/{id}"))), refused(404, "not_found"), "another site's entry is none");
    assert_eq!(no(&adam.get("/api/audit/999999")), refused(404, "not_found"));
}

#[test]
fn an_entry_says_who_did_it() {
    let world = world();
    ada(&world).patch("/api/sites/other/users/2", &json!({"display_name": "Uma U."}));
    let mut oscar = signed_in(&world, "other", "oscar");
    let entry = oscar.get("/api/audit?action=console.user.change").value()["items"][0].clone();
    assert_eq!((&entry["user"]["login"], &entry["detail"]), (&json!("uma"), &json!("display_name")));
    assert_eq!(entry["by"], json!({"site": "yoursite", "number": 1, "login": "ada"}));
    assert_eq!(ada(&world).get("/api/audit?by=ada&action=console.user.").value()["items"].as_array().map(Vec::len), Some(1));
}

#[test]
fn the_whole_log_is_exported_and_no_cell_is_a_formula() {
    let world = world();
    remember(&world, |n, e| AuditEntry { detail: format!("=HYPERLINK(\"http://evil\",\"{n}\")"), action: "+test".into(), ..e }, 2500);
    let mut adam = adam(&world);
    let csv = adam.get("/api/audit/export?action=%2Btest");
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"doorward-audit.csv\"");
    assert_eq!(csv.header("x-content-type-options"), "nosniff");
    let lines: Vec<&str> = csv.body.split("\r\n").filter(|line| !line.is_empty()).collect();
    assert_eq!(lines.len(), 2501);
    assert_eq!(lines[0], "id,at,site,user,login,by,action,outcome,reason,detail,address,request,count");
    assert!(
        lines[1].contains("\"bob\",\"\",\"'+test\",\"refused\",\"banned\",\"'=HYPERLINK(\"\"http://evil\"\",\"\"2499\"\")\""),
        "{}",
        lines[1]
    );
    let jsonl = adam.get("/api/audit/export?format=jsonl&action=%2Btest");
    let parsed: Vec<Value> = jsonl.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((parsed.len(), parsed[2499]["detail"].as_str().unwrap()), (2500, "=HYPERLINK(\"http://evil\",\"0\")"));
    assert_eq!(entry(&world, "console.audit.export").unwrap().detail, "jsonl");
    assert_eq!(no(&adam.get("/api/audit/export?format=xlsx")), refused(422, "invalid_field"));
    assert_eq!(no(&adam.get("/api/audit/export?site=other")), refused(403, "not_yours"));
    assert_eq!(adam.get("/api/audit/export?user=nobody").body.lines().count(), 1, "nobody: the heading alone");
}

#[test]
fn the_chart_counts_logins_refusals_and_what_was_let_through() {
    let world = world();
    let start = doorward_core::call::Time(world.now().0.div_euclid(3600) * 3600 - 7200);
    remember(&world, |_, e| AuditEntry { at: start.plus(5), count: 4, ..e }, 1);
    let granted = |action: &'static str, at: i64| {
        remember(&world, move |_, e| AuditEntry { at: start.plus(at), action: action.into(), outcome: Outcome::Granted, ..e }, 1);
    };
    granted("wapka.login", 10);
    granted("wporchestrix.auth", 3599);
    granted("console.sign_in", 3600);
    granted("token.create", 3601);
    remember(&world, |_, e| AuditEntry { at: start.plus(20), site: Some(OTHER), ..e }, 1);
    let row = move |site, minute, verified| Traffic { site, minute: start.plus(minute), verified };
    world.run(world.house.work(move |desk| desk.add_traffic(&[row(SITE, 60, 7), row(SITE, 3600, 1), row(OTHER, 60, 100)]))).unwrap();
    let (mut ada, mut adam) = (ada(&world), adam(&world));
    let at = format!("/api/audit/chart?from={}&to={}&step=3600", start.iso(), start.plus(7200).iso());
    assert_eq!(
        adam.get(&at).value(),
        json!({"step": 3600, "at": [start.0, start.0 + 3600], "logins": [2, 1], "refusals": [4, 0], "verifications": [7, 1]})
    );
    let all = ada.get(&at).value();
    assert_eq!((&all["refusals"], &all["verifications"]), (&json!([5, 0]), &json!([107, 1])));
    // The filters of the list are the chart's.
    for (filter, logins, refusals) in [
        ("action=wapka.login", [1, 0], [0, 0]),
        ("action=w", [2, 0], [0, 0]),
        ("action=test", [0, 0], [4, 0]),
        ("reason=banned", [2, 1], [4, 0]),
        ("address=192.0.2.7", [2, 1], [4, 0]),
        ("by=3", [0, 0], [0, 0]),
        ("outcome=granted", [2, 1], [0, 0]),
        ("outcome=refused", [0, 0], [4, 0]),
        ("reason=nothing", [0, 0], [0, 0]),
        ("address=203.0.113.77", [0, 0], [0, 0]),
        ("user=nobody", [0, 0], [0, 0]),
    ] {
        let chart = adam.get(&format!("{at}&{filter}")).value();
        assert_eq!((&chart["logins"], &chart["refusals"]), (&json!(logins), &json!(refusals)), "{filter}");
        assert_eq!(chart["verifications"], json!(null), "{filter}: nobody knows who was let through");
    }
    for (query, field) in
        [("step=59", "step"), ("from=2020-01-01&step=60", "step"), ("from=2027-01-01&to=2026-01-01", "to"), ("step=x", "step")]
    {
        let answer = adam.get(&format!("/api/audit/chart?{query}"));
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()));
    }
    assert_eq!(no(&adam.get("/api/audit/chart?site=other")), refused(403, "not_yours"));
    let day = adam.get("/api/audit/chart").value();
    assert!(day["at"].as_array().unwrap().len() >= 96);
}

#[test]
fn an_export_ends_with_the_visit_and_says_that_it_is_not_all() {
    let world = world();
    remember(&world, |_, e| AuditEntry { detail: "x".repeat(1000), action: "+test".into(), ..e }, 20_000);
    let mut adam = adam(&world);
    let cookies: Vec<_> = adam.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let host = adam.origin().replace("http://", "");
    let mut stream = std::net::TcpStream::connect(world.console()).unwrap();
    let head = format!("GET /api/audit/export HTTP/1.1\r\nHost: {host}\r\nCookie: {}\r\nConnection: close\r\n\r\n", cookies.join("; "));
    std::io::Write::write_all(&mut stream, head.as_bytes()).unwrap();
    let mut text = vec![0; 4096];
    std::io::Read::read_exact(&mut stream, &mut text).unwrap();
    assert_eq!(adam.delete("/api/session").status, 204);
    std::io::Read::read_to_end(&mut stream, &mut text).unwrap();
    let text = String::from_utf8_lossy(&text);
    assert!(text.contains("incomplete: the server could not read on, or you may no longer"), "{} bytes", text.len());
    assert!(text.matches("+test").count() < 20_000);
}

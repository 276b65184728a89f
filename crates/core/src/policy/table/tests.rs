//! The table: which rule is found, and what is wrong with those that cannot be used.

use super::super::rate::{Per, RateLimit};
use super::super::rule::Way;
use super::*;

fn rule(action: &str, matching: PathMatch, path: &str, methods: &[&str]) -> Rule {
    let mut rule = Rule::new(action, matching, path, &[Way::None]);
    rule.methods = methods.iter().map(|m| (*m).to_owned()).collect();
    rule
}

fn on(hosts: &[&str], rule: Rule) -> Rule {
    Rule { hosts: hosts.iter().map(|h| (*h).to_owned()).collect(), ..rule }
}

fn found<'t>(table: &'t RuleTable, method: &str, path: &str, host: &str) -> Option<&'t str> {
    table.find(method, path, host).map(|found| found.rule.action.as_str())
}

#[test]
fn what_begins_with_a_text_is_opened_by_its_first_rule_in_its_own_letter_case() {
    let begins = |action: &str, path: &str, way| Rule { ways: vec![way], ..rule(action, PathMatch::Start, path, &[]) };
    let table = RuleTable::compile(vec![begins("open", "/v/New", Way::None), begins("shut", "/v/new", Way::Token)]).unwrap();
    for (path, expected) in [
        ("/v/New", "open"),
        ("/v/News", "open"),
        ("/v/NewS/1", "open"),
        ("/v/New/", "open"),
        ("/v/news", "shut"),
        ("/v/NEWs", "shut"),
        ("/V/News", "shut"),
    ] {
        assert_eq!(found(&table, "GET", path, "a.example"), Some(expected), "{path}");
    }
}

#[test]
fn the_first_rule_that_fits_wins_whatever_its_kind() {
    let table = RuleTable::compile(vec![
        rule("post", PathMatch::Exact, "/posts", &["POST"]),
        rule("one", PathMatch::Pattern, "/posts/{id}", &["GET"]),
        rule("below", PathMatch::Prefix, "/posts", &[]),
        rule("late", PathMatch::Exact, "/posts", &["GET"]),
        rule("all", PathMatch::Prefix, "/", &[]),
    ])
    .unwrap();
    for (method, path, expected) in [
        ("POST", "/posts", "post"),
        ("POST", "/posts/", "post"),
        ("GET", "/posts", "below"),
        ("GET", "/posts/7", "one"),
        ("HEAD", "/posts/7", "one"),
        ("PUT", "/posts/7", "below"),
        ("GET", "/posts/7/x", "below"),
        ("GET", "/postsx", "all"),
        ("POST", "/Posts", "post"),
        ("GET", "/POSTS/Seven", "one"),
        ("PUT", "/pOsts/7", "below"),
        ("GET", "/", "all"),
    ] {
        assert_eq!(found(&table, method, path, "x"), Some(expected), "{method} {path}");
    }
}

#[test]
fn hosts_are_names_names_below_and_names_with_a_port() {
    let all = |hosts: &[&str], action: &str| on(hosts, rule(action, PathMatch::Prefix, "/", &[]));
    let table = RuleTable::compile(vec![
        all(&["admin.example.com:8443"], "port"),
        all(&["admin.example.com", "Root.Example.com"], "admin"),
        all(&["*.example.com"], "below"),
        all(&["[::1]"], "loopback"),
        all(&[], "rest"),
    ])
    .unwrap();
    for (host, expected) in [
        ("admin.example.com:8443", "port"),
        ("admin.example.com", "admin"),
        ("admin.example.com:80", "admin"),
        ("ADMIN.Example.com:80", "admin"),
        ("admin.example.com.", "admin"),
        ("admin.example.com.:8443", "port"),
        ("root.example.com", "admin"),
        ("a.b.example.com", "below"),
        ("xadmin.example.com:1", "below"),
        ("example.com", "rest"),
        ("badexample.com", "rest"),
        ("[::1]:80", "loopback"),
        ("[::1]", "loopback"),
        ("", "rest"),
    ] {
        assert_eq!(found(&table, "GET", "/x", host), Some(expected), "{host}");
    }
}

#[test]
fn no_rule_is_no_answer() {
    assert!(RuleTable::compile(vec![]).unwrap().find("GET", "/x", "x").is_none());
    let table = RuleTable::compile(vec![on(&["a.example"], rule("a", PathMatch::Prefix, "/", &[]))]).unwrap();
    assert!(table.find("GET", "/x", "b.example").is_none());
}

#[test]
fn a_rule_that_cannot_be_used_says_which_where_and_why() {
    let good = || rule("good", PathMatch::Exact, "/good", &[]);
    let limit = |per, count, period, burst| RateLimit { burst, ..RateLimit::new(per, count, period) };
    let named = |count| RateLimit { name: Some("site".into()), ..RateLimit::new(Per::Address, count, 60) };
    let rows: [(Rule, &str); 14] = [
        (Rule { path: "x".into(), ..good() }, "rule 2 (/1/path): the path `x` of an endpoint must start with /"),
        (
            Rule { ip_allow: vec!["10.0.0.0/8".into(), "10.0.0.0/33".into()], ..good() },
            "rule 2 (/1/ip_allow/1): `10.0.0.0/33` is no address",
        ),
        (Rule { ip_deny: vec!["*".into()], ..good() }, "rule 2 (/1/ip_deny/0): `*` is no address"),
        (on(&["a b"], good()), "rule 2 (/1/hosts/0): `a b` is no host"),
        (on(&["*"], good()), "rule 2 (/1/hosts/0): `*` is no host"),
        (on(&[""], good()), "rule 2 (/1/hosts/0): `` is no host"),
        (on(&["ok", "*.*.x"], good()), "rule 2 (/1/hosts/1): `*.*.x` is no host"),
        (Rule { all: true, ..good() }, "rule 2 (/1/all): `none` cannot be one"),
        (Rule { all: true, ways: vec![], ..good() }, "rule 2 (/1/all): there is no way"),
        (Rule { rate_limits: vec![limit(Per::Route, 0, 1, 1)], ..good() }, "rule 2 (/1/rate_limits/0/count): must be 1 or more"),
        (Rule { rate_limits: vec![limit(Per::Route, 100, 10, 9)], ..good() }, "rule 2 (/1/rate_limits/0/burst): must be at least"),
        (Rule { rate_limits: vec![named(1), named(1)], ..good() }, "rule 2 (/1/rate_limits/1/name): `site` is there twice"),
        (Rule { rate_limits: vec![named(2)], ..good() }, "rule 2 (/1/rate_limits/0/name): another limit named `site` has another rate"),
        (
            Rule { rate_limits: vec![RateLimit { name: Some("A".into()), ..named(1) }], ..good() },
            "rule 2 (/1/rate_limits/0/name): must be 1 to 32",
        ),
    ];
    for (bad, expected) in rows {
        let first = Rule { rate_limits: vec![named(1)], ..good() };
        let problem = RuleTable::compile(vec![first, bad]).unwrap_err().to_string();
        assert!(problem.starts_with(expected), "{problem}");
    }
}

#[test]
fn a_limit_is_its_rules_alone_unless_it_has_a_name() {
    let with = |path: &str, name: Option<&str>| Rule {
        rate_limits: vec![RateLimit { name: name.map(str::to_owned), ..RateLimit::new(Per::Address, 5, 60) }],
        ..rule("x", PathMatch::Exact, path, &[])
    };
    let ids = |rules| RuleTable::compile(rules).unwrap().iter().map(|r| r.limits[0].id).collect::<Vec<_>>();
    let apart = ids(vec![with("/a", None), with("/b", None)]);
    assert_ne!(apart[0], apart[1]);
    let moved = ids(vec![with("/b", None), with("/c", None), with("/a", None)]);
    assert_eq!((apart[0], apart[1]), (moved[2], moved[0]), "a rule keeps its counters when others come before it");
    let shared = ids(vec![with("/a", Some("s")), with("/b", Some("s"))]);
    assert_eq!(shared[0], shared[1]);
}

/// What [`RuleTable::find`] must find: the first that fits, by walking the whole list.
fn walked<'a>(rules: &'a [Rule], method: &str, path: &str, host: &str) -> Option<&'a str> {
    let split = |path: &str| path.split('/').filter(|s| !s.is_empty()).map(str::to_ascii_lowercase).collect::<Vec<_>>();
    let path = split(path);
    let fits = |rule: &Rule| {
        let want = split(&rule.path);
        match rule.matching {
            PathMatch::Exact => want == path,
            PathMatch::Prefix => path.starts_with(&want),
            PathMatch::Start => path.join("/").starts_with(&want.join("/")),
            PathMatch::Pattern => want.len() == path.len() && want.iter().zip(&path).all(|(w, p)| is_free(w) || w == p),
        }
    };
    let host = host.to_ascii_lowercase();
    let bare = host.split(':').next().unwrap_or_default();
    let here = |want: &String| match want.strip_prefix('*') {
        Some(tail) => host.ends_with(tail) || bare.ends_with(tail),
        None => *want == host || *want == bare,
    };
    let there = |rule: &Rule| rule.hosts.is_empty() || rule.hosts.iter().any(here);
    rules.iter().find(|rule| takes(rule, method) && fits(rule) && there(rule)).map(|rule| rule.action.as_str())
}

proptest::proptest! {
    #[test]
    fn the_index_finds_what_a_walk_finds(
        rules in proptest::collection::vec((0..4_usize, "(/(a|B|b|\\{x\\}|\\{\\}|\\.)){0,3}/?", 0..4_usize, "(|x\\.y|z\\.x\\.y|\\*\\.y|\\*\\.x\\.y|x\\.y:80|\\*\\.y:80)"), 0..12),
        path in "(/(a|A|b|c|\\.|x\\.y)){0,4}/?",
        method in "(GET|HEAD|POST|DELETE)",
        host in "(|x\\.y|X\\.y|z\\.x\\.y|y)(|:80|:81)",
    ) {
        let rules: Vec<Rule> = rules
            .into_iter()
            .enumerate()
            .map(|(at, (matching, path, methods, host))| {
                let matching = [PathMatch::Exact, PathMatch::Prefix, PathMatch::Pattern, PathMatch::Start][matching];
                let methods: &[&str] = [&[][..], &["GET"], &["POST"], &["GET", "DELETE"]][methods];
                let hosts: &[&str] = if host.is_empty() { &[] } else { &[host.as_str(), "q.r"] };
                on(hosts, rule(&at.to_string(), matching, &format!("/{}", path.trim_start_matches('/')), methods))
            })
            .collect();
        let path = format!("/{}", path.trim_start_matches('/'));
        let table = RuleTable::compile(rules.clone()).unwrap();
        proptest::prop_assert_eq!(found(&table, &method, &path, &host), walked(&rules, &method, &path, &host));
    }
}

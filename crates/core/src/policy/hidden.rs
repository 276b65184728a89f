//! Rules that are never asked, because an earlier one fits everything that they fit.

use std::borrow::Cow;
use std::collections::HashMap;

use super::path::canonical;
use super::rule::{PathMatch, Rule};

/// Earlier rules that are looked at for one rule: lists of a hundred thousand must be told about in no time.
const LOOKED_AT: usize = 64;

/// The rules that are wholly behind an earlier one: the number of each, and of that before it, from 1. Not all are found where
/// patterns or very many rules for one path come before.
#[must_use]
pub fn hidden(rules: &[Rule]) -> Vec<(usize, usize)> {
    let paths: Vec<String> = rules.iter().map(|rule| path_of(rule).to_ascii_lowercase()).collect();
    let mut at: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut found = Vec::new();
    for (index, (rule, path)) in rules.iter().zip(&paths).enumerate() {
        let mut before: Vec<usize> = above(path).filter_map(|place| at.get(place)).flatten().copied().collect();
        before.sort_unstable();
        if let Some(first) = before.into_iter().take(LOOKED_AT).find(|&first| covers(&rules[first], rule)) {
            found.push((index + 1, first + 1));
        }
        let here = at.entry(path.as_str()).or_default();
        if here.len() < LOOKED_AT {
            here.push(index);
        }
    }
    found
}

/// A rule's path as it is compared, without the slash at its end.
fn path_of(rule: &Rule) -> Cow<'_, str> {
    let path = canonical(&rule.path).unwrap_or(Cow::Borrowed(&rule.path));
    match path {
        Cow::Borrowed(path) => Cow::Borrowed(path.trim_end_matches('/')),
        Cow::Owned(path) => Cow::Owned(path.trim_end_matches('/').to_owned()),
    }
}

/// A path and all that it is below: `/a/b`, `/a`, and nothing for `/`.
fn above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind('/').map(|slash| &path[..slash]))
}

/// True if every request that the second fits is fitted by the first.
fn covers(first: &Rule, second: &Rule) -> bool {
    let methods = first.methods.is_empty() || (!second.methods.is_empty() && second.methods.iter().all(|m| takes(first, m)));
    let hosts = first.hosts.is_empty() || (!second.hosts.is_empty() && second.hosts.iter().all(|host| is_host_of(first, host)));
    methods && hosts && covers_path(first, second)
}

fn takes(rule: &Rule, method: &str) -> bool {
    rule.methods.iter().any(|m| m == method || (method == "HEAD" && m == "GET"))
}

fn is_host_of(rule: &Rule, host: &str) -> bool {
    let below = |own: &String| own.strip_prefix('*').is_some_and(|own| host.strip_prefix('*').unwrap_or(host).ends_with(own));
    rule.hosts.iter().any(|own| own == host || below(own))
}

fn covers_path(first: &Rule, second: &Rule) -> bool {
    let (one, other) = (path_of(first), path_of(second));
    // An opening does not open what another rule means by its own spelling.
    let spelled = |one: &str, other: &str| one == other || (!first.is_open() && one.eq_ignore_ascii_case(other));
    let is_below =
        other.split_at_checked(one.len()).is_some_and(|(start, rest)| spelled(&one, start) && (rest.is_empty() || rest.starts_with('/')));
    match first.matching {
        // What begins in the middle of a segment is not below a whole one.
        PathMatch::Prefix => is_below && (second.matching != PathMatch::Start || one.len() < other.len()),
        PathMatch::Start => is_below,
        PathMatch::Exact => second.matching == PathMatch::Exact && spelled(&one, &other),
        PathMatch::Pattern => matches!(second.matching, PathMatch::Pattern | PathMatch::Exact) && spelled(&one, &other),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::policy::{RuleTable, Way};

    fn rule(text: &str) -> Rule {
        let mut words = text.split(' ');
        let matching = PathMatch::parse(words.next().unwrap()).unwrap();
        let mut rule = Rule::new("r", matching, words.next().unwrap(), &[Way::Token]);
        for word in words {
            match word {
                "none" => rule.ways = vec![Way::None],
                "off" => rule.off = Some("off".into()),
                host if host.contains('.') => rule.hosts.push(host.into()),
                method => rule.methods.push(method.into()),
            }
        }
        rule
    }

    #[test]
    fn a_rule_is_hidden_by_an_earlier_one_that_fits_all_of_it() {
        for (first, second, is_hidden) in [
            ("prefix / none", "prefix /admin", true),
            ("prefix /", "exact /", true),
            ("prefix /admin", "pattern /admin/{id}", true),
            ("prefix /admin", "prefix /admin/", true),
            ("prefix /Admin", "exact /admin/x", true),
            ("prefix /Admin none", "exact /admin/x", false),
            ("prefix /admin", "exact /administrator", false),
            ("prefix /admin", "start /admin", false),
            ("start /admin", "prefix /admin", true),
            ("prefix /a", "start /a/b", true),
            ("prefix /admin GET", "exact /admin", false),
            ("prefix /admin", "exact /admin GET", true),
            ("prefix /admin GET POST", "exact /admin HEAD", true),
            ("prefix /admin HEAD", "exact /admin GET", false),
            ("prefix /admin a.example", "exact /admin", false),
            ("prefix /admin *.example", "exact /admin a.example", true),
            ("prefix /admin *.example", "exact /admin *.b.example", true),
            ("prefix /admin a.example", "exact /admin *.example", false),
            ("start /b none", "start /b", true),
            ("exact /admin", "prefix /admin", false),
            ("exact /admin", "exact /Admin/", true),
            ("pattern /p/{id}", "pattern /p/{id}", true),
            ("pattern /p/{id}", "prefix /p/{id}", false),
            ("prefix /admin off", "prefix /admin/x", true),
            ("exact /caf%C3%A9", "exact /caf\u{e9}", true),
        ] {
            let found = hidden(&[rule(first), rule(second)]);
            assert_eq!(!found.is_empty(), is_hidden, "{first} / {second}");
            assert!(found.iter().all(|pair| *pair == (2, 1)));
        }
    }

    proptest! {
        /// What is said to be hidden is never found, whatever is asked.
        #[test]
        fn what_is_hidden_is_never_asked(
            rules in prop::collection::vec((0..4_usize, "(/[ab]{1,2}){0,3}/?", prop::collection::vec(prop::sample::select(vec!["GET", "HEAD", "POST"]), 0..2),
                prop::collection::vec(prop::sample::select(vec!["x.example", "*.example", "*.x.example"]), 0..2), any::<bool>()), 1..8),
            asked in prop::collection::vec(("(/[ab]{1,2}){0,4}", prop::sample::select(vec!["GET", "HEAD", "POST", "PUT"]), prop::sample::select(vec!["x.example", "y.x.example", "z"])), 20),
        ) {
            let rules: Vec<Rule> = rules.into_iter().map(|(which, path, methods, hosts, is_open)| {
                let matching = [PathMatch::Exact, PathMatch::Prefix, PathMatch::Pattern, PathMatch::Start][which];
                let path = if path.is_empty() { "/".to_owned() } else { path };
                Rule {
                    methods: methods.into_iter().map(str::to_owned).collect(),
                    hosts: hosts.into_iter().map(str::to_owned).collect(),
                    ..Rule::new("r", matching, &path, &[if is_open { Way::None } else { Way::Token }])
                }
            }).collect();
            let hidden = hidden(&rules);
            let table = RuleTable::compile(rules).unwrap();
            for (path, method, host) in &asked {
                let path = if path.is_empty() { "/" } else { path };
                if let Some(found) = table.find(method, path, host) {
                    prop_assert!(!hidden.iter().any(|(number, _)| *number == found.number), "{method} {host}{path}: {}", found.number);
                }
            }
        }
    }
}

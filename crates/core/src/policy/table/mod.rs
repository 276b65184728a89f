//! A site's rules, compiled: first match wins, found without walking the whole list.
//!
//! Paths are compared without regard to letter case: WordPress's REST routes and many web servers do so too, and a rule
//! must not be evaded by `/Admin`.

use std::collections::HashMap;

use super::address::AddressList;
use super::rule::{PathMatch, Rule};

/// Rules in order, indexed by path. Immutable: an edit makes a new table.
#[derive(Debug, Default)]
pub struct RuleTable {
    rules: Vec<(Rule, AddressList)>,
    exact: HashMap<String, Vec<usize>>,
    prefix: HashMap<String, Vec<usize>>,
    pattern: HashMap<usize, Vec<usize>>,
}

impl RuleTable {
    /// Compiles rules in their order.
    ///
    /// # Errors
    /// A sentence naming the rule's path and what is wrong with it; nothing is compiled then.
    pub fn compile(rules: Vec<Rule>) -> Result<Self, String> {
        let mut table = Self::default();
        for (index, rule) in rules.into_iter().enumerate() {
            if !rule.path.starts_with('/') {
                return Err(format!("the path `{}` of an endpoint must start with /", rule.path));
            }
            let addresses =
                AddressList::compile(rule.ip_allow.iter().map(String::as_str)).map_err(|e| format!("ip_allow of {}: {e}", rule.path))?;
            let key = trim_slash(&rule.path).to_ascii_lowercase();
            match rule.matching {
                PathMatch::Exact => table.exact.entry(key).or_default().push(index),
                PathMatch::Prefix => table.prefix.entry(key).or_default().push(index),
                PathMatch::Pattern => table.pattern.entry(segments(&key)).or_default().push(index),
            }
            table.rules.push((rule, addresses));
        }
        Ok(table)
    }

    /// The first rule for a method and canonical path.
    #[must_use]
    pub fn find(&self, method: &str, path: &str) -> Option<(&Rule, &AddressList)> {
        let lower;
        let path = if path.bytes().any(|b| b.is_ascii_uppercase()) {
            lower = path.to_ascii_lowercase();
            trim_slash(&lower)
        } else {
            trim_slash(path)
        };
        let mut best = self.first(self.exact.get(path), usize::MAX, method, |_| true);
        if !self.prefix.is_empty() {
            let mut end = path.len();
            loop {
                best = self.first(self.prefix.get(trim_slash(&path[..end])), best, method, |_| true);
                match path[..end].rfind('/') {
                    Some(0) if end > 1 => end = 1,
                    Some(0) | None => break,
                    Some(at) => end = at,
                }
            }
        }
        if !self.pattern.is_empty() {
            best = self.first(self.pattern.get(&segments(path)), best, method, |rule| pattern_fits(trim_slash(&rule.path), path));
        }
        self.rules.get(best).map(|(rule, list)| (rule, list))
    }

    /// All rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().map(|(rule, _)| rule)
    }

    fn first(&self, indices: Option<&Vec<usize>>, best: usize, method: &str, fits: impl Fn(&Rule) -> bool) -> usize {
        let Some(indices) = indices else { return best };
        for &index in indices {
            if index >= best {
                break;
            }
            let rule = &self.rules[index].0;
            if takes(rule, method) && fits(rule) {
                return index;
            }
        }
        best
    }
}

/// True if the rule is for this method; a HEAD is judged as the GET it is.
fn takes(rule: &Rule, method: &str) -> bool {
    rule.methods.is_empty() || rule.methods.iter().any(|m| m == method || (method == "HEAD" && m == "GET"))
}

fn trim_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(trimmed) => trimmed,
    }
}

fn segments(path: &str) -> usize {
    path.split('/').count()
}

fn pattern_fits(pattern: &str, path: &str) -> bool {
    pattern.split('/').zip(path.split('/')).all(|(want, got)| {
        let free = want.len() > 2 && want.starts_with('{') && want.ends_with('}');
        if free { !got.is_empty() } else { want.eq_ignore_ascii_case(got) }
    })
}

#[cfg(test)]
mod tests {
    use super::super::rule::Way;
    use super::*;

    fn rule(action: &str, matching: PathMatch, path: &str, methods: &[&str]) -> Rule {
        let mut rule = Rule::new(action, matching, path, &[Way::None]);
        rule.methods = methods.iter().map(|m| (*m).to_owned()).collect();
        rule
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
            assert_eq!(table.find(method, path).map(|(r, _)| r.action.as_str()), Some(expected), "{method} {path}");
        }
    }

    #[test]
    fn no_rule_is_no_answer() {
        assert!(RuleTable::compile(vec![]).unwrap().find("GET", "/x").is_none());
    }

    /// What [`RuleTable::find`] must find: the first that fits, by walking the whole list.
    fn walked<'a>(rules: &'a [Rule], method: &str, path: &str) -> Option<&'a str> {
        let fold = |path: &str| trim_slash(path).to_ascii_lowercase();
        let path = fold(path);
        let fits = |rule: &Rule| {
            let want = fold(&rule.path);
            match rule.matching {
                PathMatch::Exact => want == path,
                PathMatch::Prefix => want == "/" || path == want || path.starts_with(&format!("{want}/")),
                PathMatch::Pattern => segments(&want) == segments(&path) && pattern_fits(&want, &path),
            }
        };
        rules.iter().find(|rule| takes(rule, method) && fits(rule)).map(|rule| rule.action.as_str())
    }

    proptest::proptest! {
        #[test]
        fn the_index_finds_what_a_walk_finds(
            rules in proptest::collection::vec((0..3_usize, "(/(a|B|b|\\{x\\}|\\{\\}|\\.)){0,3}/?", 0..4_usize), 0..12),
            path in "(/(a|A|b|c|\\.|x\\.y)){0,4}/?",
            method in "(GET|HEAD|POST|DELETE)",
        ) {
            let rules: Vec<Rule> = rules
                .into_iter()
                .enumerate()
                .map(|(at, (matching, path, methods))| {
                    let matching = [PathMatch::Exact, PathMatch::Prefix, PathMatch::Pattern][matching];
                    let methods: &[&str] = [&[][..], &["GET"], &["POST"], &["GET", "DELETE"]][methods];
                    rule(&at.to_string(), matching, &format!("/{}", path.trim_start_matches('/')), methods)
                })
                .collect();
            let path = format!("/{}", path.trim_start_matches('/'));
            let table = RuleTable::compile(rules.clone()).unwrap();
            proptest::prop_assert_eq!(table.find(&method, &path).map(|(r, _)| r.action.as_str()), walked(&rules, &method, &path));
        }
    }
}

//! What a rule says that no request can be or no credential can have: it would be kept, and never do what whoever wrote it meant.
//!
//! A new rule with such a flaw is refused. One that was kept before is warned of and stays as it is: a site must not stand still for it.

use std::fmt;

use super::path::canonical;
use super::rule::{PathMatch, Rule};

/// A flaw of a rule: which member, and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// The member, and the place in it.
    pub member: (&'static str, Option<usize>),
    /// What is wrong with it, as a sentence.
    pub problem: String,
}

impl fmt::Display for Flaw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, at) = self.member;
        match at {
            Some(at) => write!(f, "{name}[{at}]: {}", self.problem),
            None => write!(f, "{name}: {}", self.problem),
        }
    }
}

/// The flaws of a rule, as it is written.
#[must_use]
pub fn flaws(rule: &Rule) -> Vec<Flaw> {
    let path = path_flaw(rule).map(|problem| Flaw { member: ("path", None), problem });
    let methods = rule.methods.iter().enumerate().filter(|(_, method)| !is_token(method)).map(|(at, method)| Flaw {
        member: ("methods", Some(at)),
        problem: format!("`{method}` is not one method: name each by itself, as in GET"),
    });
    let scopes = rule.scopes.iter().enumerate().filter(|(_, scope)| !is_scope(scope)).map(|(at, scope)| Flaw {
        member: ("scopes", Some(at)),
        problem: format!("`{scope}` is not one scope: name each by itself, without blanks, quotes and backslashes"),
    });
    path.into_iter().chain(methods).chain(scopes).collect()
}

fn path_flaw(rule: &Rule) -> Option<String> {
    let path = rule.path.as_str();
    if let Some(end) = path.find(['?', '#']) {
        let (what, code) = if path[end..].starts_with('?') { ("a query", "%3F") } else { ("a fragment", "%23") };
        return Some(format!("has {what}, which is no part of a path; where the sign itself is meant it is written {code}"));
    }
    if let Err(why) = canonical(path) {
        return Some(why.into());
    }
    if path.contains('*') {
        return Some(
            "has a `*`, which stands for nothing: all below a path is match `prefix`, any one segment is `{name}` with match `pattern`; \
             where the sign itself is meant it is written %2A"
                .into(),
        );
    }
    let is_pattern = rule.matching == PathMatch::Pattern;
    let lower = path.to_ascii_lowercase();
    if is_pattern && (lower.contains("%7b") || lower.contains("%7d")) {
        return Some("has an encoded brace, which a pattern cannot mean".into());
    }
    let bad = |segment: &&str| segment.contains(['{', '}']) && !(is_pattern && is_free(segment));
    let segment = path.split('/').find(bad)?;
    Some(if is_pattern {
        format!("has `{segment}`: braces stand for a whole segment and hold its name, as in /posts/{{id}}/edit")
    } else {
        format!(
            "has `{segment}`: braces stand for a segment with match `pattern` alone; where the signs themselves are meant they are %7B and %7D"
        )
    })
}

/// A whole segment in braces, with a name in it.
fn is_free(segment: &str) -> bool {
    let name = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    name.is_some_and(|name| !name.is_empty() && !name.contains(['{', '}']))
}

/// RFC 9110, section 5.6.2.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// RFC 6749, section 3.3.
fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Way;

    #[test]
    fn what_no_request_can_be_is_a_flaw() {
        for (matching, path, is_good) in [
            (PathMatch::Exact, "/caf%C3%A9", true),
            (PathMatch::Prefix, "/my%20files", true),
            (PathMatch::Prefix, "/my files", true),
            (PathMatch::Prefix, "/", true),
            (PathMatch::Exact, "/a/", true),
            (PathMatch::Exact, "/a%2A", true),
            (PathMatch::Exact, "/a%3Fb", true),
            (PathMatch::Exact, "/%7Bid%7D", true),
            (PathMatch::Pattern, "/posts/{id}/edit", true),
            (PathMatch::Exact, "/secret?x=1", false),
            (PathMatch::Exact, "/x#y", false),
            (PathMatch::Exact, "/a//b", false),
            (PathMatch::Exact, "//", false),
            (PathMatch::Exact, "/dot/../x", false),
            (PathMatch::Prefix, "/dot/.", false),
            (PathMatch::Prefix, "/a%2Fb", false),
            (PathMatch::Prefix, "/a%5cb", false),
            (PathMatch::Prefix, "/a\\b", false),
            (PathMatch::Prefix, "/a;b", false),
            (PathMatch::Prefix, "/a%", false),
            (PathMatch::Prefix, "/a%zz", false),
            (PathMatch::Prefix, "/a%ff", false),
            (PathMatch::Prefix, "/a%2541", false),
            (PathMatch::Prefix, "/a\tb", false),
            (PathMatch::Pattern, "/posts/{id", false),
            (PathMatch::Pattern, "/posts/id}", false),
            (PathMatch::Pattern, "/posts/{}", false),
            (PathMatch::Pattern, "/posts/{{id}}", false),
            (PathMatch::Pattern, "/posts/{a}{b}", false),
            (PathMatch::Pattern, "/posts/{id}.json", false),
            (PathMatch::Pattern, "/posts/%7Bid%7D", false),
            (PathMatch::Pattern, "/files/*", false),
            (PathMatch::Prefix, "/files/*", false),
            (PathMatch::Exact, "/posts/{id}", false),
        ] {
            let found = flaws(&Rule::new("r", matching, path, &[Way::None]));
            assert_eq!(found.is_empty(), is_good, "{} {path}: {found:?}", matching.word());
        }
        let long = format!("/{}", "a".repeat(4096));
        assert!(!flaws(&Rule::new("r", PathMatch::Prefix, &long, &[])).is_empty());
    }

    #[test]
    fn a_method_and_a_scope_are_one_token_each() {
        let rule = |methods: &[&str], scopes: &[&str]| Rule {
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
            scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
            ..Rule::new("r", PathMatch::Prefix, "/", &[Way::Token])
        };
        for (methods, scopes, at) in [
            (&["GET", "M-SEARCH", "!"][..], &["read", "a:b", "https://x/y"][..], None),
            (&["GET", "GET,POST"], &[], Some(("methods", Some(1)))),
            (&["G T"], &[], Some(("methods", Some(0)))),
            (&[""], &[], Some(("methods", Some(0)))),
            (&["G\u{c9}T"], &[], Some(("methods", Some(0)))),
            (&[], &["read", "a b"], Some(("scopes", Some(1)))),
            (&[], &[""], Some(("scopes", Some(0)))),
            (&[], &["a\"b"], Some(("scopes", Some(0)))),
            (&[], &["a\\b"], Some(("scopes", Some(0)))),
        ] {
            assert_eq!(flaws(&rule(methods, scopes)).first().map(|flaw| flaw.member), at, "{methods:?} {scopes:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_path_panics(path in "\\PC{0,40}", which in 0..4_usize) {
            let matching = [PathMatch::Exact, PathMatch::Prefix, PathMatch::Pattern, PathMatch::Start][which];
            let _ = flaws(&Rule::new("r", matching, &path, &[]));
        }
    }
}

//! A site's rules, compiled: first match wins, found without walking the whole list.
//!
//! The index is a tree of path segments. At each of its places are the rules for that path, and those for it and all
//! below, by host. A place knows the first rule that is at or below it, so that what cannot win any more is not entered.
//!
//! Paths are compared without regard to letter case: WordPress's REST routes and many web servers do so too, and a rule
//! must not be evaded by `/Admin`.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::compiled::{CompiledRule, Names, RuleProblem};
use super::rule::{PathMatch, Rule};

/// Rules in order, indexed by path and host. Immutable: an edit makes a new table.
#[derive(Debug)]
pub struct RuleTable {
    rules: Vec<Arc<CompiledRule>>,
    places: Vec<Place>,
}

/// A place in the tree of path segments.
#[derive(Debug)]
struct Place {
    literal: HashMap<Box<str>, usize, RandomState>,
    /// Below any one segment.
    any: Option<usize>,
    here: Option<Box<Found>>,
    below: Option<Box<Found>>,
    /// Rules for whatever begins, in the next segment, with this text.
    starts: Vec<(Box<str>, Found)>,
    /// The first rule at or below this place.
    first: usize,
}

/// The rules of a place, ascending, by host.
#[derive(Debug, Default)]
struct Found {
    everywhere: Vec<usize>,
    /// By host; `.example.com` for `*.example.com`.
    hosts: HashMap<Box<str>, Vec<usize>, RandomState>,
}

impl Default for RuleTable {
    fn default() -> Self {
        Self { rules: Vec::new(), places: vec![Place::new()] }
    }
}

impl RuleTable {
    /// Compiles rules in their order.
    ///
    /// # Errors
    /// The first rule that cannot be used, where and why; nothing is compiled then.
    pub fn compile(rules: Vec<Rule>) -> Result<Self, RuleProblem> {
        let mut table = Self::default();
        let mut names = Names::new();
        for (index, rule) in rules.into_iter().enumerate() {
            let rule = CompiledRule::compile(index, rule, &mut names)?;
            table.plant(index, &rule.rule);
            table.rules.push(Arc::new(rule));
        }
        Ok(table)
    }

    /// The first rule for a method, canonical path and host.
    #[must_use]
    pub fn find(&self, method: &str, path: &str, host: &str) -> Option<&Arc<CompiledRule>> {
        if self.rules.is_empty() {
            return None;
        }
        let found = self.search(method, path, Some(host), None)?;
        if !opens_by_case_alone(&found.rule, path) {
            return Some(found);
        }
        // An opening must not open what another rule means by its own spelling: the next that fits, if it asks for something.
        let next = self.search(method, path, Some(host), Some((found.number, path)));
        next.filter(|next| !next.rule.is_open()).or(Some(found))
    }

    /// True if there is a rule for a method and canonical path, whatever its hosts.
    #[must_use]
    pub fn has(&self, method: &str, path: &str) -> bool {
        self.search(method, path, None, None).is_some()
    }

    /// All rules, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<CompiledRule>> {
        self.rules.iter()
    }

    fn search(&self, method: &str, path: &str, host: Option<&str>, behind: Option<(usize, &str)>) -> Option<&Arc<CompiledRule>> {
        let path = lower(path);
        let mut search = Search { table: self, method, host, behind, best: usize::MAX };
        search.enter(0, inside(&path));
        self.rules.get(search.best)
    }

    fn plant(&mut self, index: usize, rule: &Rule) {
        let path = lower(&rule.path);
        let (path, start) = match path.trim_end_matches('/').rsplit_once('/').filter(|_| rule.matching == PathMatch::Start) {
            Some((parent, last)) => (Cow::Borrowed(parent), Some(last)),
            None => (Cow::Borrowed(&*path), None),
        };
        let mut at = 0;
        self.places[at].first = self.places[at].first.min(index);
        for segment in inside(&path).into_iter().flat_map(|path| path.split('/')) {
            let free = rule.matching == PathMatch::Pattern && is_free(segment);
            let known = if free { self.places[at].any } else { self.places[at].literal.get(segment).copied() };
            at = known.unwrap_or_else(|| {
                let new = self.places.len();
                self.places.push(Place::new());
                if free {
                    self.places[at].any = Some(new);
                } else {
                    self.places[at].literal.insert(segment.into(), new);
                }
                new
            });
            self.places[at].first = self.places[at].first.min(index);
        }
        let place = &mut self.places[at];
        let found = match (rule.matching, start) {
            (PathMatch::Start, Some(last)) => {
                place.starts.push((last.into(), Found::default()));
                let at = place.starts.len() - 1;
                &mut place.starts[at].1
            }
            (PathMatch::Prefix | PathMatch::Start, _) => &mut **place.below.get_or_insert_default(),
            (PathMatch::Exact | PathMatch::Pattern, _) => &mut **place.here.get_or_insert_default(),
        };
        if rule.hosts.is_empty() {
            found.everywhere.push(index);
        }
        for host in &rule.hosts {
            found.hosts.entry(host.strip_prefix('*').unwrap_or(host).into()).or_default().push(index);
        }
    }
}

impl Place {
    fn new() -> Self {
        Self { literal: HashMap::default(), any: None, here: None, below: None, starts: Vec::new(), first: usize::MAX }
    }
}

/// One look-up on its way through the tree.
struct Search<'a> {
    table: &'a RuleTable,
    method: &'a str,
    /// As it was asked; `None` = any.
    host: Option<&'a str>,
    /// Only rules behind this number, and of those that open only such as are spelled like this path.
    behind: Option<(usize, &'a str)>,
    best: usize,
}

impl Search<'_> {
    fn enter(&mut self, place: usize, rest: Option<&str>) {
        let place = &self.table.places[place];
        if place.first >= self.best {
            return;
        }
        if let Some(found) = &place.below {
            self.look(found);
        }
        let Some(rest) = rest else {
            if let Some(found) = &place.here {
                self.look(found);
            }
            return;
        };
        let cut = memchr::memchr(b'/', rest.as_bytes());
        let (segment, rest) = cut.map_or((rest, None), |at| (&rest[..at], Some(&rest[at + 1..])));
        for (begin, found) in &place.starts {
            if segment.starts_with(&**begin) {
                self.look(found);
            }
        }
        if let Some(&next) = place.literal.get(segment) {
            self.enter(next, rest);
        }
        if let Some(next) = place.any.filter(|_| !segment.is_empty()) {
            self.enter(next, rest);
        }
    }

    fn look(&mut self, found: &Found) {
        let mut best = self.first(&found.everywhere, self.best);
        if found.hosts.is_empty() {
            self.best = best;
            return;
        }
        let Some(host) = self.host.map(plain_host) else {
            self.best = found.hosts.values().fold(best, |best, list| self.first(list, best));
            return;
        };
        for host in [Some(&*host), without_port(&host)].into_iter().flatten() {
            // The host itself, then every name that it is below: `.b.c` and `.c` of `a.b.c`.
            let above = host.match_indices('.').map(|(dot, _)| &host[dot..]);
            for key in std::iter::once(host).chain(above) {
                best = found.hosts.get(key).map_or(best, |list| self.first(list, best));
            }
        }
        self.best = best;
    }

    fn first(&self, indices: &[usize], best: usize) -> usize {
        let candidates = indices.iter().copied().take_while(|&index| index < best);
        let mut fitting = candidates.filter(|&index| takes(&self.table.rules[index].rule, self.method) && self.is_behind(index));
        fitting.next().unwrap_or(best)
    }

    fn is_behind(&self, index: usize) -> bool {
        // Numbers count from 1, so the rule with this number is the one before the index.
        self.behind.is_none_or(|(number, path)| index >= number && !opens_by_case_alone(&self.table.rules[index].rule, path))
    }
}

/// True if a rule that fits a path opens it, and does so in another letter case alone.
#[must_use]
pub fn opens_by_case_alone(rule: &Rule, path: &str) -> bool {
    let segments = |path| inside(path).into_iter().flat_map(|path: &str| path.split('/'));
    let free = |want: &str| rule.matching == PathMatch::Pattern && is_free(want);
    // What begins with a text goes on as it likes in its last segment.
    let last = if rule.matching == PathMatch::Start { segments(&rule.path).count() } else { 0 };
    let begins = |at: usize, want: &str, got: &str| at + 1 == last && got.starts_with(want);
    rule.is_open()
        && !segments(&rule.path).zip(segments(path)).enumerate().all(|(at, (want, got))| want == got || free(want) || begins(at, want, got))
}

/// True if the rule is for this method; a HEAD is judged as the GET it is.
fn takes(rule: &Rule, method: &str) -> bool {
    rule.methods.is_empty() || rule.methods.iter().any(|m| m == method || (method == "HEAD" && m == "GET"))
}

/// In lower case, and without the dot that a name may end in: `Example.com.:80` is `example.com:80`.
fn plain_host(host: &str) -> Cow<'_, str> {
    let (name, port) = without_port(host).map_or((host, ""), |name| (name, &host[name.len()..]));
    match name.strip_suffix('.') {
        Some(name) => Cow::Owned(format!("{}{port}", name.to_ascii_lowercase())),
        None => lower(host),
    }
}

/// The host without its port, if it has one.
fn without_port(host: &str) -> Option<&str> {
    let (name, port) = host.rsplit_once(':')?;
    port.bytes().all(|b| b.is_ascii_digit()).then_some(name)
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|b| b.is_ascii_uppercase()) { Cow::Owned(text.to_ascii_lowercase()) } else { Cow::Borrowed(text) }
}

/// What follows the first slash, a last one apart; `None` for `/` itself.
fn inside(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let path = path.strip_suffix('/').unwrap_or(path);
    (!path.is_empty()).then_some(path)
}

/// `{id}`: any one segment.
fn is_free(segment: &str) -> bool {
    segment.len() > 2 && segment.starts_with('{') && segment.ends_with('}')
}

#[cfg(test)]
mod tests;

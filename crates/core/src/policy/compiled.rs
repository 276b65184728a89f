//! A rule, compiled: its lists read, its limits reckoned; and what is wrong with one that cannot be.

use std::collections::HashMap;
use std::fmt;

use super::address::AddressList;
use super::path::canonical;
use super::rate::{CompiledLimit, Per, RateLimit};
use super::rule::Rule;
use super::shape::{Flaw, flaws};

/// A rule that can be asked.
#[derive(Debug)]
pub struct CompiledRule {
    /// As written, but for its path: that is decoded as requests' paths are.
    pub rule: Rule,
    /// Its number in its list, from 1.
    pub number: usize,
    /// Its limits.
    pub limits: Vec<CompiledLimit>,
    /// What is wrong with it though it is used: it never does what whoever wrote it meant.
    pub flaws: Vec<Flaw>,
    pub(super) allow: AddressList,
    pub(super) deny: AddressList,
}

/// A rule that cannot be used: which, where in it, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rule {} ({}): {problem}", index + 1, self.pointer())]
pub struct RuleProblem {
    /// Its place in the list, from 0.
    pub index: usize,
    /// The member, and the places in it: `["ip_allow", "1"]`.
    pub member: Vec<String>,
    /// What is wrong with it, as a sentence.
    pub problem: String,
}

impl RuleProblem {
    fn at(index: usize, member: &[&dyn fmt::Display], problem: impl Into<String>) -> Self {
        Self { index, member: member.iter().map(|part| part.to_string()).collect(), problem: problem.into() }
    }

    /// The JSON pointer into the list of rules (RFC 6901): `/2/ip_allow/1`.
    #[must_use]
    pub fn pointer(&self) -> String {
        let member = self.member.iter().map(|part| format!("/{}", part.replace('~', "~0").replace('/', "~1")));
        std::iter::once(format!("/{}", self.index)).chain(member).collect()
    }
}

/// The rate that each name stands for: a name means one rate in the whole list.
pub(super) type Names = HashMap<String, RateLimit>;

impl CompiledRule {
    pub(super) fn compile(index: usize, mut rule: Rule, names: &mut Names) -> Result<Self, RuleProblem> {
        if !rule.path.starts_with('/') {
            return Err(RuleProblem::at(index, &[&"path"], format!("the path `{}` of an endpoint must start with /", rule.path)));
        }
        let flaws = flaws(&rule);
        if let Ok(path) = canonical(&rule.path)
            && path != rule.path
        {
            rule.path = path.into_owned();
        }
        if rule.all && rule.ways.contains(&super::Way::None) {
            return Err(RuleProblem::at(index, &[&"all"], "`none` cannot be one of the ways that must all be proven"));
        }
        if rule.all && rule.ways.is_empty() && rule.off.is_none() {
            return Err(RuleProblem::at(index, &[&"all"], "there is no way to be proven"));
        }
        for (at, host) in rule.hosts.iter_mut().enumerate() {
            *host = host.trim().to_ascii_lowercase();
            if !is_host(host) {
                return Err(RuleProblem::at(index, &[&"hosts", &at], format!("`{host}` is no host, or `*.` and a host")));
            }
        }
        let list = |member: &str, entries: &[String]| {
            for (at, entry) in entries.iter().enumerate() {
                AddressList::compile([entry.as_str()]).map_err(|e| RuleProblem::at(index, &[&member, &at], e.to_string()))?;
            }
            Ok(AddressList::compile_lenient(entries.iter().map(String::as_str)))
        };
        let (allow, deny) = (list("ip_allow", &rule.ip_allow)?, list("ip_deny", &rule.ip_deny)?);
        let limits = limits(index, &rule, names)?;
        Ok(Self { rule, number: index + 1, limits, flaws, allow, deny })
    }
}

fn limits(index: usize, rule: &Rule, names: &mut Names) -> Result<Vec<CompiledLimit>, RuleProblem> {
    let identity = format!("{}\0{}\0{}\0{}", rule.matching.word(), rule.path, rule.methods.join(" "), rule.hosts.join(" "));
    let mut compiled: Vec<CompiledLimit> = Vec::new();
    for (at, limit) in rule.rate_limits.iter().enumerate() {
        let alike = rule.rate_limits[..at].iter().filter(|other| other.per == limit.per).count();
        let label = if alike == 0 { limit.per.word().to_owned() } else { format!("{}-{}", limit.per.word(), alike + 1) };
        let problem = |(member, text): (&str, String)| RuleProblem::at(index, &[&"rate_limits", &at, &member], text);
        let one = CompiledLimit::compile(limit, &identity, label).map_err(problem)?;
        if compiled.iter().any(|other| other.label == one.label) {
            return Err(problem(("name", format!("`{}` is there twice", one.label))));
        }
        if let Some(name) = &limit.name
            && names.entry(name.clone()).or_insert_with(|| limit.clone()) != limit
        {
            return Err(problem(("name", format!("another limit named `{name}` has another rate"))));
        }
        compiled.push(one);
    }
    Ok(compiled)
}

impl CompiledRule {
    /// The limits that can be asked before anything is proven, or those that cannot.
    pub fn limits(&self, after_proof: bool) -> impl Iterator<Item = &CompiledLimit> {
        self.limits.iter().filter(move |one| Per::needs_proof(one.limit.per) == after_proof)
    }
}

/// A name, an address, or `*.` and a name; with a port or without.
fn is_host(host: &str) -> bool {
    let name = host.strip_prefix("*.").unwrap_or(host);
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_' | b':' | b'[' | b']');
    !name.is_empty() && !name.starts_with('.') && name.bytes().all(plain)
}

//! Endpoints of a bundle and rules of the policy, in both directions.

use doorward_core::policy::{PathMatch, Per, RateLimit, Rule, Stale, Way, flaws};

use super::format::{self, Endpoint, Problem};
use crate::config::did_you_mean;

const WAYS: [Way; 6] = [Way::None, Way::Simple, Way::Basic, Way::Token, Way::Bearer, Way::ApiKey];
const MATCHES: [PathMatch; 3] = [PathMatch::Exact, PathMatch::Prefix, PathMatch::Pattern];

/// The rule of an endpoint; one that was kept before stays as it is, whatever would be said of its like now.
pub(crate) fn rule_or_kept(endpoint: &Endpoint, at: &str, dialects: &[&str], kept: &[Rule]) -> Result<Rule, Problem> {
    rule(endpoint, at, dialects).or_else(|problem| kept.iter().find(|rule| self::endpoint(rule) == *endpoint).cloned().ok_or(problem))
}

/// The rule of an endpoint.
fn rule(endpoint: &Endpoint, at: &str, dialects: &[&str]) -> Result<Rule, Problem> {
    let path = endpoint.path.trim();
    if !path.starts_with('/') {
        return Err(Problem::at(format!("{at}.path"), "must start with /"));
    }
    let matching = match endpoint.matching.as_deref() {
        None => PathMatch::Exact,
        Some(word) => PathMatch::parse(word).ok_or_else(|| unknown(&format!("{at}.match"), word, &MATCHES.map(PathMatch::word)))?,
    };
    let mut ways = Vec::new();
    for (index, word) in endpoint.auth.iter().enumerate() {
        ways.push(Way::parse(word).ok_or_else(|| unknown(&format!("{at}.auth[{index}]"), word, &WAYS.map(Way::word)))?);
    }
    let enabled = endpoint.enabled.unwrap_or(true);
    if ways.is_empty() && enabled {
        return Err(Problem::at(format!("{at}.auth"), "must name at least one way; `none` lets everybody in"));
    }
    let asks = !endpoint.roles.is_empty() || !endpoint.scopes.is_empty() || endpoint.min_level > 0;
    if enabled && asks && ways.contains(&Way::None) {
        return Err(Problem::at(
            format!("{at}.auth"),
            "`none` lets in who has no role, scope or level: leave it out, or ask for none of them",
        ));
    }
    if endpoint.min_level > 10 {
        return Err(Problem::at(format!("{at}.min_level"), "must be from 0 to 10"));
    }
    if let Some(dialect) = &endpoint.answers_as
        && !dialects.contains(&dialect.as_str())
    {
        return Err(unknown(&format!("{at}.answers_as"), dialect, dialects));
    }
    let stale = match endpoint.stale.as_deref() {
        None => Stale::default(),
        Some(word) => {
            Stale::parse(word).ok_or_else(|| unknown(&format!("{at}.stale"), word, &[Stale::Refuse, Stale::Ignore].map(Stale::word)))?
        }
    };
    let limit = |(index, limit)| rate_limit(limit, &format!("{at}.rate_limits[{index}]"));
    let rule = Rule {
        action: endpoint.action.clone().unwrap_or_else(|| action(path)),
        methods: endpoint.methods.iter().map(|m| m.trim().to_ascii_uppercase()).collect(),
        off: (!enabled).then(|| endpoint.switch.clone().unwrap_or_else(|| switch(path))),
        hosts: endpoint.hosts.iter().map(|host| host.trim().to_ascii_lowercase()).collect(),
        all: endpoint.all,
        stale,
        roles: endpoint.roles.clone(),
        scopes: endpoint.scopes.clone(),
        min_level: endpoint.min_level,
        ip_allow: endpoint.ip_allow.clone(),
        ip_deny: endpoint.ip_deny.clone(),
        rate_limits: endpoint.rate_limits.iter().enumerate().map(limit).collect::<Result<_, _>>()?,
        strip_credential: endpoint.strip_credential,
        answers_as: endpoint.answers_as.clone(),
        ..Rule::new("", matching, path, &ways)
    };
    match flaws(&rule).into_iter().next() {
        None => Ok(rule),
        Some(flaw) => {
            let (member, index) = flaw.member;
            let index = index.map_or_else(String::new, |index| format!("[{index}]"));
            Err(Problem::at(format!("{at}.{member}{index}"), flaw.problem))
        }
    }
}

/// The endpoint of a rule.
pub(crate) fn endpoint(rule: &Rule) -> Endpoint {
    Endpoint {
        action: (rule.action != action(&rule.path)).then(|| rule.action.clone()),
        path: rule.path.clone(),
        matching: Some(rule.matching.word().to_owned()),
        methods: rule.methods.clone(),
        enabled: rule.off.is_some().then_some(false),
        switch: rule.off.clone().filter(|key| *key != switch(&rule.path)),
        hosts: rule.hosts.clone(),
        all: rule.all,
        stale: (rule.stale != Stale::default()).then(|| rule.stale.word().to_owned()),
        auth: rule.ways.iter().map(|way| way.word().to_owned()).collect(),
        roles: rule.roles.clone(),
        scopes: rule.scopes.clone(),
        min_level: rule.min_level,
        ip_allow: rule.ip_allow.clone(),
        ip_deny: rule.ip_deny.clone(),
        rate_limits: rule.rate_limits.iter().map(limit).collect(),
        strip_credential: rule.strip_credential,
        answers_as: rule.answers_as.clone(),
    }
}

fn rate_limit(limit: &format::RateLimit, at: &str) -> Result<RateLimit, Problem> {
    let per = Per::parse(&limit.per).ok_or_else(|| unknown(&format!("{at}.per"), &limit.per, &Per::ALL.map(Per::word)))?;
    let burst = limit.burst.unwrap_or(limit.count);
    Ok(RateLimit { burst, name: limit.name.clone(), ..RateLimit::new(per, limit.count, limit.period) })
}

fn limit(limit: &RateLimit) -> format::RateLimit {
    format::RateLimit {
        per: limit.per.word().to_owned(),
        count: limit.count,
        period: limit.period,
        burst: (limit.burst != limit.count).then_some(limit.burst),
        name: limit.name.clone(),
    }
}

/// `site.api.v1.posts` of `/api/v1/posts`.
fn action(path: &str) -> String {
    std::iter::once("site").chain(path.split('/').filter(|s| !s.is_empty())).collect::<Vec<_>>().join(".")
}

/// `api_v1_posts` of `/api/v1/posts`.
fn switch(path: &str) -> String {
    path.split('/').filter(|s| !s.is_empty()).collect::<Vec<_>>().join("_")
}

fn unknown(at: &str, word: &str, known: &[&str]) -> Problem {
    Problem::at(at, format!("`{word}` is none of {}{}", known.join(", "), did_you_mean(word, known.iter().copied())))
}

//! Sites of a bundle: found by name, completed from what is there, compiled before they are kept.

use std::collections::{HashMap, HashSet};

use doorward_core::policy::path::canonical;
use doorward_core::policy::{Rule, hidden};
use doorward_core::port::store::{DialectRow, SiteRow, Work};
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use doorward_core::site::{Site as Law, SiteId};
use doorward_gateway::proxy::address::Address;
use serde_json::Value;

use super::format::{Bundle, Problem, Site, Upstreams};
use super::import::{Job, Stopped};
use super::{endpoint, keys};
use crate::config::did_you_mean;

/// Refuses two sites of one name.
pub(super) fn refuse_doubles(bundle: &Bundle) -> Result<(), Problem> {
    let mut names = HashSet::new();
    for (index, site) in bundle.sites.iter().enumerate() {
        if !names.insert(site.name.as_str()) {
            return Err(Problem::at(format!("sites[{index}].name"), format!("`{}` is there twice", site.name)));
        }
    }
    Ok(())
}

/// Refuses a host that two sites of the store have: which of them answers must not depend on their order. The problem is where the bundle
/// wrote it, and names the other site.
pub(super) fn refuse_shared_hosts(desk: &mut dyn Work, bundle: &Bundle) -> Result<(), Stopped> {
    let mut owners: HashMap<String, String> = HashMap::new();
    let place_of = |name: &str| bundle.sites.iter().position(|site| site.name == name);
    for site in desk.sites()? {
        for host in site.hosts {
            let Some(first) = owners.insert(host.clone(), site.name.clone()) else { continue };
            // The later of the two in the bundle; one that is not in it was there before.
            let (one, two) = (place_of(&first), place_of(&site.name));
            let (place, other) = match one.max(two) {
                Some(at) if one == Some(at) => (format!("sites[{at}].hosts"), &site.name),
                Some(at) => (format!("sites[{at}].hosts"), &first),
                None => (format!("site {}", site.name), &first),
            };
            return Err(Problem::at(place, format!("the host `{host}` belongs to the site {other} already")).into());
        }
    }
    Ok(())
}

/// Writes a site with its languages, rules and keys.
pub(super) fn write(job: &mut Job<'_>, site: &Site, at: &str, without_secrets: bool) -> Result<SiteId, Stopped> {
    if !Law::is_name(&site.name) {
        return Err(Problem::at(format!("{at}.name"), "must be 1 to 63 of a-z, 0-9 and -").into());
    }
    let all = job.desk.sites()?;
    let before = all.iter().find(|row| row.name == site.name).cloned();
    let id = id_of(site, before.as_ref(), &all, at)?;
    let mut row = before.clone().unwrap_or_else(|| blank(id, &site.name));
    if let Some(url) = &site.url {
        row.url = base_url(url).map_err(|text| Problem::at(format!("{at}.url"), text))?;
    } else if before.is_none() {
        return Err(Problem::at(format!("{at}.url"), "is missing: tokens carry it as issuer, mails link to it").into());
    }
    if let Some(hosts) = &site.hosts {
        row.hosts = hosts_of(hosts, at)?;
        if let Some((index, host)) = hosts.iter().enumerate().find(|(_, host)| job.house.is_own_host(host)) {
            let text = format!("`{}` is the console's (console.url), which needs a name of its own", host.trim());
            return Err(Problem::at(format!("{at}.hosts[{index}]"), text).into());
        }
    }
    if let Some(upstream) = &site.upstream {
        row.upstream = upstreams(upstream.as_ref()).map_err(|text| Problem::at(format!("{at}.upstream"), text))?;
    }
    if let Some(origins) = &site.cors_origins {
        row.cors_origins.clone_from(origins);
    }
    if site.dialects.is_some() {
        row.dialects = languages(job, site, &row, at, without_secrets)?;
    }
    let known: Vec<&str> = job.house.terms().profiles.iter().map(|p| p.name()).collect();
    if let Some(endpoints) = &site.endpoints {
        let kept = std::mem::take(&mut row.rules);
        let one = |(index, e)| endpoint::rule_or_kept(e, &format!("{at}.endpoints[{index}]"), &known, &kept);
        row.rules = endpoints.iter().enumerate().map(one).collect::<Result<_, _>>()?;
    }
    match &before {
        Some(before) if *before == row => job.report.sites.same += 1,
        Some(_) => job.report.sites.changed += 1,
        None => job.report.sites.made += 1,
    }
    if before.as_ref() != Some(&row) {
        job.desk.put_site(&row)?;
    }
    keys::write(job, &row, site.keys.as_deref().unwrap_or_default(), at)?;
    let rings = job.desk.keys(id)?;
    let rules = if site.endpoints.is_some() { row.rules.clone() } else { Vec::new() };
    let view = job.house.try_site(row, rings).map_err(|problem| inside(at, &problem))?;
    job.report.warnings.extend(view.warnings().into_iter().map(|text| format!("{at}.{text}")));
    job.report.warnings.extend(behind(&rules).map(|text| format!("{at}.endpoints: {text}")));
    Ok(id)
}

/// What is told of rules that an earlier one leaves nothing to.
pub(crate) fn behind(rules: &[Rule]) -> impl Iterator<Item = String> {
    hidden(rules).into_iter().map(|(number, first)| {
        let one =
            |number: usize| rules.get(number - 1).map_or_else(String::new, |r| format!("rule {number} ({} {})", r.matching.word(), r.path));
        format!("{} is never asked: {} comes first and fits all that it fits", one(number), one(first))
    })
}

/// A problem of the law, whose own path (if it has one) goes on where ours ends.
pub(crate) fn inside(at: &str, problem: &str) -> Problem {
    match problem.split_once(": ") {
        Some((path, text)) if path.starts_with("dialects.") || path.starts_with("endpoints[") => Problem::at(format!("{at}.{path}"), text),
        Some(_) | None => Problem::at(at, problem),
    }
}

fn id_of(site: &Site, before: Option<&SiteRow>, all: &[SiteRow], at: &str) -> Result<SiteId, Problem> {
    let problem = |text: String| Problem::at(format!("{at}.id"), text);
    match (site.id, before) {
        (Some(id), _) if id < 1 => Err(problem("must be 1 or more".into())),
        (Some(id), Some(row)) if row.id.0 != id => {
            Err(problem(format!("the site {} is number {}, which does not change", row.name, row.id.0)))
        }
        (_, Some(row)) => Ok(row.id),
        (Some(id), None) => match all.iter().find(|row| row.id.0 == id) {
            Some(row) => Err(problem(format!("{id} is the site {}", row.name))),
            None => Ok(SiteId(id)),
        },
        (None, None) => Ok(SiteId(all.iter().map(|row| row.id.0).max().unwrap_or(0) + 1)),
    }
}

fn blank(id: SiteId, name: &str) -> SiteRow {
    SiteRow {
        id,
        name: name.to_owned(),
        url: String::new(),
        hosts: Vec::new(),
        upstream: None,
        cors_origins: Vec::new(),
        dialects: Vec::new(),
        rules: Vec::new(),
    }
}

/// The languages as they are to be stored. A settings object that is the same as before keeps its sealed form: sealing
/// it anew would look like a change.
fn languages(job: &mut Job<'_>, site: &Site, row: &SiteRow, at: &str, without_secrets: bool) -> Result<Vec<DialectRow>, Stopped> {
    let mut languages = Vec::new();
    for (name, config) in site.dialects.iter().flatten() {
        let path = format!("{at}.dialects.{name}");
        if job.house.profile(name).is_none() {
            let known: Vec<&str> = job.house.terms().profiles.iter().map(|p| p.name()).collect();
            let hint = did_you_mean(name, known.iter().copied());
            return Err(Problem::at(path, format!("is no dialect of this build ({}){hint}", known.join(", "))).into());
        }
        if !config.is_object() {
            return Err(Problem::at(path, "must be an object; {} is the dialect with its defaults").into());
        }
        let before = row.dialects.iter().find(|d| d.dialect == *name);
        if let Some(before) = before
            && (without_secrets || stored_config(job, row.id, before)? == *config)
        {
            languages.push(before.clone());
            continue;
        }
        if without_secrets {
            job.report.warnings.push(format!("{path}: the bundle was exported without secrets; the dialect starts with its defaults"));
        }
        let plain = Secret::new(config.to_string());
        let purpose = doorward_core::house::settings_purpose(row.id, name);
        let sealed = job.house.terms().vault.seal(&purpose, &plain, job.call.dice.as_mut())?;
        languages.push(DialectRow { dialect: name.clone(), config: sealed });
    }
    Ok(languages)
}

fn stored_config(job: &Job<'_>, site: SiteId, row: &DialectRow) -> Result<Value, Fault> {
    let plain = job.house.terms().vault.open(&doorward_core::house::settings_purpose(site, &row.dialect), &row.config)?;
    serde_json::from_slice(plain.reveal()).map_err(|_| Fault::new("stored settings are not JSON"))
}

/// A base URL without its trailing slash.
pub(crate) fn base_url(text: &str) -> Result<String, String> {
    let trimmed = text.trim().trim_end_matches('/');
    let problem = || "must be a URL such as https://example.com, without user, query and fragment".to_owned();
    let uri: http::Uri = trimmed.parse().map_err(|_| problem())?;
    let scheme = uri.scheme_str().is_some_and(|s| s == "http" || s == "https");
    let authority = uri.authority().is_some_and(|a| !a.as_str().contains('@') && !a.host().is_empty());
    if scheme && authority && uri.query().is_none() && !trimmed.contains('#') {
        one_meaning(trimmed).map(|()| trimmed.to_owned())
    } else {
        Err(problem())
    }
}

/// Refuses a port that there is not, and a path that an upstream could read otherwise than it is written.
fn one_meaning(url: &str) -> Result<(), String> {
    let uri: http::Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
    let named = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let has_port = named.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']'));
    if has_port && uri.port_u16().is_none_or(|port| port == 0) {
        return Err(format!("`{url}` has a port that is none: it is a number from 1 to 65535"));
    }
    match canonical(uri.path()) {
        Ok(_) => Ok(()),
        Err(why) => Err(format!("the path of `{url}` {why}")),
    }
}

/// The upstreams as they are stored: base URLs with a blank between.
fn upstreams(given: Option<&Upstreams>) -> Result<Option<String>, String> {
    let mut all: Vec<String> = Vec::new();
    for url in given.into_iter().flat_map(Upstreams::urls) {
        let url = url.trim().trim_end_matches('/');
        if url.is_empty() {
            continue;
        }
        Address::parse(url)?;
        one_meaning(url)?;
        if !all.iter().any(|known| known == url) {
            all.push(url.to_owned());
        }
    }
    Ok((!all.is_empty()).then(|| all.join(" ")))
}

fn hosts_of(hosts: &[String], at: &str) -> Result<Vec<String>, Problem> {
    let mut list: Vec<String> = Vec::new();
    for (index, host) in hosts.iter().enumerate() {
        let host = host.trim().to_ascii_lowercase();
        let good = host.parse::<http::uri::Authority>().is_ok_and(|a| !a.as_str().contains('@'));
        if !good {
            return Err(Problem::at(format!("{at}.hosts[{index}]"), "must be a host such as example.com or example.com:8080"));
        }
        if !list.contains(&host) {
            list.push(host);
        }
    }
    Ok(list)
}

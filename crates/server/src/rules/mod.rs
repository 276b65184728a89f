//! A site's rules, edited while servers run: by a command, by a watched file, by the admin API. One way for all of them.
//!
//! An edit is one transaction: the rules are read, changed, compiled with the whole site and only then written. What cannot be
//! compiled is not written, so the last good rules stand. Running servers hear of an edit by the change feed.
//!
//! Reading order: this file (the edit); [`file`](mod@file) (the watched file); `admin` (the API).

pub mod admin;
pub mod file;

use std::sync::Arc;

use data_encoding::HEXLOWER;
use doorward_core::call::Call;
use doorward_core::flow::whole::whole;
use doorward_core::house::{House, entry};
use doorward_core::policy::{CompiledRule, Rule, flaws};
use doorward_core::port::store::{SiteRow, Work};
use doorward_core::refusal::Fault;
use doorward_core::secret::sha256;
use doorward_core::site::{DialectView, SiteView};
use serde_json::{Map, Value, json};

use crate::bundle::{Endpoint, Problem, behind, endpoint, endpoint_of, endpoints_of, inside};

/// The rules of a site as they are written, and the mark by which an editor knows them again.
#[derive(Clone)]
pub struct Rules {
    /// The site's name.
    pub site: String,
    /// The rules, in order.
    pub endpoints: Vec<Endpoint>,
    /// What is told of them besides: rules that never do what whoever wrote them may think. Empty for those that were only read.
    pub warnings: Vec<String>,
}

/// Who edits, and what the edit is remembered as.
pub struct Editor<'a> {
    /// The call.
    pub call: &'a Call,
    /// The account, if one was proven.
    pub account: Option<i64>,
    /// The action's name in the audit.
    pub action: &'static str,
    /// The mark of the rules that the editor has seen; `None` = whatever is there.
    pub seen: Option<String>,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Stopped {
    /// There is no such site.
    NoSite(String),
    /// Somebody else has changed the rules since they were read.
    Changed,
    /// A rule cannot be used: where, and why.
    Problem(Problem),
    /// Something of ours broke.
    Fault(Fault),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoSite(name) => write!(f, "there is no site `{name}`"),
            Self::Changed => f.write_str("somebody else has changed the rules in the meantime: read them again"),
            Self::Problem(problem) => problem.fmt(f),
            Self::Fault(fault) => fault.fmt(f),
        }
    }
}

impl Rules {
    /// Those of a site as stored.
    #[must_use]
    pub fn of(row: &SiteRow) -> Self {
        Self { site: row.name.clone(), endpoints: row.rules.iter().map(endpoint).collect(), warnings: Vec::new() }
    }

    /// The same, with what is to be told of them.
    #[must_use]
    pub fn warned(row: &SiteRow) -> Self {
        Self { warnings: warnings(&row.rules), ..Self::of(row) }
    }

    /// The mark: another for other rules.
    #[must_use]
    pub fn mark(&self) -> String {
        let text = serde_json::to_vec(&self.endpoints).unwrap_or_default();
        HEXLOWER.encode(&sha256(&text)[..16])
    }

    /// Site, mark and rules as JSON, and the warnings if there are any.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut value = json!({"site": self.site, "etag": self.mark(), "endpoints": self.endpoints});
        if !self.warnings.is_empty() {
            value["warnings"] = json!(self.warnings);
        }
        value
    }
}

/// What is to be told of rules that can be used: such as can never do what whoever wrote them meant, and such as an earlier one leaves
/// nothing to.
#[must_use]
pub fn warnings(rules: &[Rule]) -> Vec<String> {
    let flawed = rules.iter().enumerate().flat_map(|(index, rule)| {
        let told = move |flaw| format!("rule {} does not do what it says: {flaw}", index + 1);
        flaws(rule).into_iter().map(told)
    });
    flawed.chain(behind(rules)).collect()
}

/// The rules that the languages of a site have made of its settings, by language, numbered as an explanation names them.
#[must_use]
pub fn translated(view: &SiteView) -> Value {
    let one = |rule: &CompiledRule| {
        let mut value = serde_json::to_value(endpoint(&rule.rule)).unwrap_or_default();
        (value["number"], value["action"]) = (json!(rule.number), json!(rule.rule.action));
        value
    };
    let of = |spoken: &DialectView| (spoken.profile.name().to_owned(), spoken.rules.iter().map(|rule| one(rule)).collect::<Value>());
    Value::Object(view.dialects().map(of).collect())
}

/// Reads rules: a list, or an object with the list as `endpoints` (as [`Rules::json`] writes it).
///
/// # Errors
/// The first member that cannot be read, with its path.
pub fn read(text: &str) -> Result<Vec<Endpoint>, Problem> {
    let value: Value = serde_json::from_str(text).map_err(|e| Problem::at(format!("line {}", e.line()), "is no JSON"))?;
    let Value::Object(mut map) = value else { return endpoints_of(value, "endpoints") };
    match map.remove("endpoints") {
        Some(list) => endpoints_of(list, "endpoints"),
        None => Err(Problem::at("endpoints", "is missing: the rules are a list, or an object with the list as `endpoints`")),
    }
}

/// Reads the rules of several sites: an object with a list for each name.
///
/// # Errors
/// The first member that cannot be read, with its path.
pub fn read_sites(text: &str) -> Result<Vec<Rules>, Problem> {
    let sites: Map<String, Value> = serde_json::from_str(text)
        .map_err(|e| Problem::at(format!("line {}", e.line()), "is no JSON object with a list of rules for each site's name"))?;
    sites.into_iter().map(|(site, list)| Ok(Rules { endpoints: endpoints_of(list, &site)?, site, warnings: Vec::new() })).collect()
}

/// Edits the rules of a site and returns them as they are then.
///
/// # Errors
/// [`Stopped`]: nothing was written then.
pub async fn edit(
    house: &Arc<House>,
    site: &str,
    editor: Editor<'_>,
    change: impl FnOnce(&mut Vec<Endpoint>) -> Result<(), Problem> + Send + 'static,
) -> Result<Rules, Stopped> {
    let (site, seen) = (site.to_owned(), editor.seen);
    let mark = entry(editor.call, None, editor.account, editor.action, Ok("granted"), "");
    let within = Arc::clone(house);
    whole(house, move |desk| {
        let row = row(desk, &site)?;
        let mut rules = Rules::of(&row);
        if seen.is_some_and(|seen| seen != rules.mark()) {
            return Err(Stopped::Changed);
        }
        change(&mut rules.endpoints)?;
        Ok(put(&within, desk, row, &rules.endpoints, "endpoints", mark)?.1)
    })
    .await
}

/// Replaces the rules of several sites, all or nothing; says of how many they were others.
///
/// # Errors
/// [`Stopped`]: nothing was written then.
pub async fn replace(house: &Arc<House>, all: Vec<Rules>, editor: Editor<'_>) -> Result<usize, Stopped> {
    let mark = entry(editor.call, None, editor.account, editor.action, Ok("granted"), "");
    let within = Arc::clone(house);
    whole(house, move |desk| {
        let mut changed = 0;
        for Rules { site, endpoints, .. } in &all {
            let row = row(desk, site)?;
            changed += usize::from(put(&within, desk, row, endpoints, site, mark.clone())?.0);
        }
        Ok(changed)
    })
    .await
}

/// Checks that rules could be used for a site, without keeping them; what is to be told of them all the same.
///
/// # Errors
/// What is wrong with them.
pub async fn check(house: &Arc<House>, all: Vec<Rules>, place: Option<&'static str>) -> Result<Vec<String>, Stopped> {
    let within = Arc::clone(house);
    house
        .look(move |desk| {
            let mut told = Vec::new();
            for Rules { site, endpoints, .. } in &all {
                let Some(row) = desk.sites()?.into_iter().find(|row| row.name == *site) else {
                    return Ok(Err(Stopped::NoSite(site.clone())));
                };
                let keys = desk.keys(row.id)?;
                let fits = compiled(&within, endpoints, place.unwrap_or(site), &row.rules).and_then(|rules| {
                    let warnings = warnings(&rules);
                    let tried = within.try_site(SiteRow { rules, ..row }, keys);
                    tried.map(|_| warnings).map_err(|problem| at(place.unwrap_or(site), &problem))
                });
                match fits {
                    Ok(warnings) => told.extend(warnings.into_iter().map(|text| format!("site {site}: {text}"))),
                    Err(problem) => return Ok(Err(problem.into())),
                }
            }
            Ok(Ok(told))
        })
        .await?
}

fn row(desk: &mut dyn Work, site: &str) -> Result<SiteRow, Stopped> {
    desk.sites()?.into_iter().find(|row| row.name == site).ok_or_else(|| Stopped::NoSite(site.to_owned()))
}

fn compiled(house: &House, endpoints: &[Endpoint], place: &str, kept: &[Rule]) -> Result<Vec<Rule>, Problem> {
    let known: Vec<&str> = house.terms().profiles.iter().map(|p| p.name()).collect();
    endpoints.iter().enumerate().map(|(index, one)| endpoint_of(one, &format!("{place}[{index}]"), &known, kept)).collect()
}

/// A problem of the law, in the editor's words for its place.
fn at(place: &str, problem: &str) -> Problem {
    let problem = inside("", problem);
    match problem.path.strip_prefix(".endpoints") {
        Some(rest) => Problem::at(format!("{place}{rest}"), problem.text),
        None => Problem::at(place, problem.text),
    }
}

/// Writes a site with other rules: whether they are others, and how they read now.
fn put(
    house: &House,
    desk: &mut dyn Work,
    row: SiteRow,
    endpoints: &[Endpoint],
    place: &str,
    mut mark: doorward_core::audit::AuditEntry,
) -> Result<(bool, Rules), Stopped> {
    let rules = compiled(house, endpoints, place, &row.rules)?;
    if rules == row.rules {
        return Ok((false, Rules::warned(&row)));
    }
    let before = Rules::of(&row);
    let keys = desk.keys(row.id)?;
    let row = SiteRow { rules, ..row };
    house.try_site(row.clone(), keys).map_err(|problem| at(place, &problem))?;
    desk.put_site(&row)?;
    mark.site = Some(row.id);
    let after = Rules::warned(&row);
    mark.detail = format!("{}: {} rules, {} became {}", row.name, row.rules.len(), before.mark(), after.mark());
    desk.remember(&mark)?;
    Ok((true, after))
}

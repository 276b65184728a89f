//! `doorward rules list`: the rules of a site, its own and those that its dialects make of their settings.

use doorward_core::port::store::SiteRow;
use doorward_core::site::SiteView;

use super::room::Room;
use super::{Failed, out};
use crate::bundle::{Endpoint, endpoint};
use crate::rules::{self, Rules};

/// Lists the rules of a site; with `all` those of its dialects beside.
pub(super) async fn list(room: &Room, site: Option<&str>, all: bool, json: bool) -> Result<(), Failed> {
    let row = room.site(site).await?;
    let rules = Rules::warned(&row);
    let view = if all { Some(compiled(room, row).await?) } else { None };
    if json {
        let mut value = rules.json();
        if let Some(view) = &view {
            value["dialects"] = rules::translated(view);
        }
        out::json(&value);
        return Ok(());
    }
    let rows: Vec<_> = rules.endpoints.iter().enumerate().map(|(index, rule)| columns(index + 1, rule)).collect();
    let none = "no rules of its own: those of its dialects hold";
    out::table(COLUMNS, &rows, none);
    for spoken in view.iter().flat_map(|view| view.dialects()) {
        out::line(format_args!("\nrules of the dialect {}, where none of the site's own fits", spoken.profile.name()));
        let rows: Vec<_> = spoken.rules.iter().map(|rule| columns(rule.number, &endpoint(&rule.rule))).collect();
        out::table(COLUMNS, &rows, "none: what it owns is shut");
    }
    rules.warnings.iter().for_each(|text| out::warn(text));
    Ok(())
}

const COLUMNS: [&str; 7] = ["rule", "methods", "hosts", "match", "path", "auth", "asks for"];

fn columns(number: usize, rule: &Endpoint) -> [String; 7] {
    let words = |list: &[String]| if list.is_empty() { "all".to_owned() } else { list.join(" ") };
    let auth = if rule.enabled == Some(false) {
        "off".to_owned()
    } else if rule.auth.is_empty() {
        "nobody".to_owned()
    } else {
        rule.auth.join(if rule.all { " + " } else { " " })
    };
    let matching = rule.matching.clone().unwrap_or_default();
    [number.to_string(), words(&rule.methods), words(&rule.hosts), matching, rule.path.clone(), auth, asks(rule)]
}

/// The site with the rules that its dialects make of their settings.
async fn compiled(room: &Room, row: SiteRow) -> Result<SiteView, Failed> {
    let id = row.id;
    let keys = room.house().look(move |desk| desk.keys(id)).await?;
    room.house().try_site(row, keys).map_err(|problem| Failed::Said(format!("the site cannot be used: {problem}")))
}

fn asks(rule: &Endpoint) -> String {
    let mut parts = Vec::new();
    let mut add = |what: &str, list: &[String]| {
        if !list.is_empty() {
            parts.push(format!("{what} {}", list.join(" ")));
        }
    };
    add("role", &rule.roles);
    add("scope", &rule.scopes);
    add("from", &rule.ip_allow);
    add("not from", &rule.ip_deny);
    if rule.min_level > 0 {
        parts.push(format!("level {}", rule.min_level));
    }
    parts.extend(rule.rate_limits.iter().map(|l| format!("{}:{}/{}", l.per, l.count, l.period)));
    parts.join(", ")
}

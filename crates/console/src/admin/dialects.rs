//! `/api/dialects`, `/api/sites/{site}/dialects`: what a language is set to on a site. Secrets are masked, and stay where the mask comes back.

use doorward_core::flow::admin;
use doorward_core::port::store::SiteRow;
use doorward_core::site::{ConfigProblem, Member, MemberKind, mask};
use serde_json::{Map, Value, json};

use super::{authority, document, mark, row, seen, sites};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::behind::{SiteEdit, Stopped};
use crate::refusals::No;
use crate::route::{Access, Route};

/// A settings table with all its rows, in bytes.
const SETTINGS: usize = 1024 * 1024;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/dialects", "console.dialect.known", Access::User, |ask| Box::pin(known(ask))),
    Route::new("GET", "/api/sites/{site}/dialects", "console.dialect.list", Access::Site, |ask| Box::pin(list(ask))),
    Route::new("GET", "/api/sites/{site}/dialects/{dialect}", "console.dialect.show", Access::Site, |ask| Box::pin(show(ask))),
    Route::new("PUT", "/api/sites/{site}/dialects/{dialect}", "console.dialect.put", Access::Site, |ask| Box::pin(put(ask)))
        .body(SETTINGS)
        .fresh(),
];

async fn known(ask: Ask) -> Result<Answer, No> {
    let profiles = &ask.console.house.terms().profiles;
    let items: Vec<Value> = profiles.iter().map(|p| json!({"name": p.name(), "editions": p.editions()})).collect();
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn list(ask: Ask) -> Result<Answer, No> {
    let row = row(&ask).await?;
    let items = row.dialects.iter().map(|d| about(&ask, &row, &d.dialect).map(|(value, _)| value)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    let row = row(&ask).await?;
    let (value, mark) = about(&ask, &row, ask.value(1))?;
    Ok(document(&value, &mark))
}

async fn put(ask: Ask) -> Result<Answer, No> {
    let before = row(&ask).await?;
    let dialect = ask.value(1).to_owned();
    let (_, mark) = about(&ask, &before, &dialect)?;
    if seen(&ask)?.is_some_and(|seen| seen != mark) {
        return Err(No::changed());
    }
    if let Some(stranger) = ask.body.body_names().find(|name| !["edition", "settings"].contains(name)) {
        return Err(No::invalid(stranger.to_owned(), "Nobody knows this member"));
    }
    let stored = config_of(&ask, &before, &dialect)?;
    let profile = ask.console.house.profile(&dialect).ok_or_else(No::not_found)?;
    let mut config = match ask.body.body().get("settings") {
        None => stored.clone(),
        Some(Value::Object(sent)) => {
            let mut sent = sent.clone();
            // The edition has a member of its own beside the settings.
            if let Some(edition) = stored.get("edition") {
                sent.entry("edition").or_insert_with(|| edition.clone());
            }
            mask::unmasked(profile.as_ref(), &Value::Object(sent), &stored).map_err(problem)?
        }
        Some(_) => return Err(No::invalid("settings", "An object is asked for")),
    };
    match ask.maybe("edition")? {
        None => {}
        Some(edition) if profile.editions().contains(&edition) => config["edition"] = edition.into(),
        Some(_) => return Err(No::invalid("edition", format!("It is none of {}", profile.editions().join(", ")))),
    }
    // Whoever knows the key can be anybody, also somebody above them.
    if !authority(&ask)?.is_owner() && !mask::same_secrets(profile.as_ref(), &stored, &config) {
        return Err(No::said(403, "owners_only", "Keys and other secrets of a site are for whoever runs the server"));
    }
    let change = Change { configs: vec![(dialect.clone(), config)], endpoints: None };
    let warnings = write(&ask, before, change, "console.dialect.put", &dialect).await?;
    let row = row(&ask).await?;
    let (value, mark) = about(&ask, &row, &dialect)?;
    Ok(sites::warned(document(&value, &mark), &warnings))
}

/// What changes of a site.
#[derive(Default)]
pub(super) struct Change {
    /// Other settings of some of its languages.
    pub(super) configs: Vec<(String, Value)>,
    /// Other rules, as a bundle has them.
    pub(super) endpoints: Option<Value>,
}

/// Writes what changes of a site, in one transaction; the site must be as it was read.
pub(super) async fn write(ask: &Ask, before: SiteRow, change: Change, action: &'static str, detail: &str) -> Result<Vec<String>, No> {
    let authority = authority(ask)?;
    let site = ask.console.house.open_site(before.clone())?;
    let mut value = json!({"name": site.name});
    if !change.configs.is_empty() {
        let mut all: Map<String, Value> = site.dialects.into_iter().map(|d| (d.dialect, d.config.0)).collect();
        all.extend(change.configs);
        value["dialects"] = Value::Object(all);
    }
    if let Some(endpoints) = change.endpoints {
        value["endpoints"] = endpoints;
    }
    let condition = move |found: Option<&SiteRow>| if found == Some(&before) { Ok(()) } else { Err(Stopped::Changed) };
    let edit = SiteEdit {
        site: value,
        condition: Box::new(condition),
        beside: Box::new(move |desk, site| Ok(admin::still_runs(desk, authority, site, false)?)),
        action,
        detail: format!("{}: {detail}", site.name),
    };
    Ok(ask.console.behind.put_site(&ask.call, edit).await?)
}

/// The settings object as it is stored.
pub(super) fn config_of(ask: &Ask, row: &SiteRow, dialect: &str) -> Result<Value, No> {
    let site = ask.console.house.open_site(row.clone())?;
    let found = site.dialects.into_iter().find(|d| d.dialect == dialect).map(|d| d.config.0);
    found.ok_or_else(No::not_found)
}

/// What is sealed changes with what it seals, and says nothing of it.
pub(super) fn mark_of(row: &SiteRow, dialect: &str) -> String {
    row.dialects.iter().find(|d| d.dialect == dialect).map_or_else(String::new, |d| mark(&d.config.0))
}

pub(super) fn problem(problem: ConfigProblem) -> No {
    No::invalid(problem.path, problem.problem)
}

/// A member that may be set, for who draws a form of it.
fn described(member: &Member) -> Value {
    let mut value = json!({
        "path": member.path,
        "word": member.word,
        "of": member.of,
        "group": member.group,
        "kind": member.kind.name(),
        "default": member.default,
    });
    match member.kind {
        MemberKind::Number { least, most } => {
            value["least"] = least.into();
            value["most"] = most.into();
        }
        MemberKind::Choice(choices) => value["choices"] = json!(choices),
        MemberKind::Switch | MemberKind::Row | MemberKind::Text | MemberKind::Lines | MemberKind::List => {}
    }
    if let Some(keep) = &member.keep {
        value["keep"] = keep.clone();
    }
    value
}

fn about(ask: &Ask, row: &SiteRow, dialect: &str) -> Result<(Value, String), No> {
    let config = config_of(ask, row, dialect)?;
    let profile = ask.console.house.profile(dialect).ok_or_else(No::not_found)?;
    let edition = config.get("edition").and_then(Value::as_str).or_else(|| profile.editions().first().copied());
    let (mut shown, secrets) = mask::masked(profile.as_ref(), &config);
    if let Value::Object(map) = &mut shown {
        map.shift_remove("edition");
    }
    let value = json!({
        "name": dialect,
        "edition": edition,
        "editions": profile.editions(),
        "settings": shown,
        "secrets": secrets,
        "members": profile.members(&config).iter().map(described).collect::<Vec<_>>(),
    });
    Ok((value, mark_of(row, dialect)))
}

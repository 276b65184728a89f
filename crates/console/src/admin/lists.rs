//! `/api/sites/{site}/auth-codes`, `/ip-lists`: lists in the settings of languages and in rules that are edited on their own.

use doorward_core::credential::api_token::hint_of;
use doorward_core::port::store::SiteRow;
use doorward_core::secret::Secret;
use doorward_core::site::{CodeEntry, IpList};
use serde_json::{Value, json};

use super::dialects::{Change, config_of, mark_of, problem, write};
use super::{document, mark, row, seen};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/auth-codes", "console.auth_codes.show", Access::Site, |ask| Box::pin(show_codes(ask))),
    Route::new("PUT", "/api/sites/{site}/auth-codes", "console.auth_codes.put", Access::Site, |ask| Box::pin(put_codes(ask))).fresh(),
    Route::new("GET", "/api/sites/{site}/ip-lists", "console.ip_lists.show", Access::Site, |ask| Box::pin(show_lists(ask))),
    Route::new("PUT", "/api/sites/{site}/ip-lists", "console.ip_lists.put", Access::Site, |ask| Box::pin(put_lists(ask))).fresh(),
];

/// Letters of a code that are shown of it: none of a short one.
const SHOWN: usize = 12;

async fn show_codes(ask: Ask) -> Result<Answer, No> {
    let row = row(&ask).await?;
    codes(&ask, &row)
}

fn codes(ask: &Ask, row: &SiteRow) -> Result<Answer, No> {
    let (dialect, found) = codes_of(ask, row)?;
    let one = |(id, entry): (usize, &CodeEntry)| {
        let none_if_empty = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
        json!({"id": id.to_string(), "masked": masked(&entry.code), "role": none_if_empty(&entry.role), "expires": none_if_empty(&entry.expires)})
    };
    let items: Vec<Value> = found.codes.iter().enumerate().map(one).collect();
    Ok(document(&json!({"items": items, "next": null, "dialect": dialect, "required_for": found.required_for}), &mark_of(row, &dialect)))
}

/// `{items: [{id} | {code, role, expires}]}`: one with an id stays as it is, in its new place.
async fn put_codes(ask: Ask) -> Result<Answer, No> {
    let before = row(&ask).await?;
    let (dialect, found) = codes_of(&ask, &before)?;
    if seen(&ask)?.is_some_and(|seen| seen != mark_of(&before, &dialect)) {
        return Err(No::changed());
    }
    let wrong = |at: usize, what: &str, text: &str| No::invalid(format!("items[{at}].{what}"), text);
    let mut list: Vec<CodeEntry> = Vec::new();
    for (at, item) in items(&ask)?.iter().enumerate() {
        let text = |name: &str| item.get(name).and_then(Value::as_str).map(str::trim).filter(|text| !text.is_empty());
        let entry = match (text("id"), item.get("code").and_then(Value::as_str)) {
            (Some(id), None) => {
                let kept = id.parse::<usize>().ok().and_then(|id| found.codes.get(id)).cloned();
                let mut kept = kept.ok_or_else(|| wrong(at, "id", "There is no such code"))?;
                if item.get("role").is_some() {
                    kept.role = text("role").unwrap_or_default().to_owned();
                }
                if item.get("expires").is_some() {
                    kept.expires = text("expires").unwrap_or_default().to_owned();
                }
                kept
            }
            (None, Some(code)) if !code.trim().is_empty() => CodeEntry {
                code: Secret::new(code),
                role: text("role").unwrap_or_default().to_owned(),
                expires: text("expires").unwrap_or_default().to_owned(),
            },
            (_, _) => return Err(wrong(at, "code", "Either the id of a code that stays, or a code")),
        };
        if !entry.expires.is_empty() && doorward_core::call::Time::parse(&day(&entry.expires)).is_none() {
            return Err(wrong(at, "expires", "A date such as 2027-01-31 is asked for"));
        }
        if list.iter().any(|known| known.code == entry.code) {
            return Err(wrong(at, "code", "The code is there twice"));
        }
        list.push(entry);
    }
    let profile = ask.console.house.profile(&dialect).ok_or_else(No::not_found)?.clone();
    let mut config = config_of(&ask, &before, &dialect)?;
    profile.put_auth_codes(&mut config, list).map_err(problem)?;
    let change = Change { configs: vec![(dialect, config)], endpoints: None };
    write(&ask, before, change, "console.auth_codes.put", "auth codes").await?;
    let row = row(&ask).await?;
    codes(&ask, &row)
}

async fn show_lists(ask: Ask) -> Result<Answer, No> {
    let row = row(&ask).await?;
    lists(&ask, &row)
}

fn lists(ask: &Ask, row: &SiteRow) -> Result<Answer, No> {
    let mut items: Vec<Value> = Vec::new();
    for language in &row.dialects {
        for list in ip_lists(ask, row, &language.dialect)? {
            let of = format!("{} {}", language.dialect, list.name);
            items.push(json!({"id": format!("{}:{}", language.dialect, list.name), "of": of, "kind": "allow", "entries": list.entries}));
        }
    }
    for (at, rule) in row.rules.iter().enumerate() {
        for (kind, entries) in [("allow", &rule.ip_allow), ("deny", &rule.ip_deny)] {
            let of = format!("{} {}", rule.action, rule.path);
            items.push(json!({"id": format!("rule:{at}:{kind}"), "of": of, "kind": kind, "entries": entries}));
        }
    }
    Ok(document(&json!({"items": items, "next": null}), &mark_of_lists(row)))
}

/// `{items: [{id, entries}]}`: lists that are not named stay as they are. All of them are written at once, or none.
async fn put_lists(ask: Ask) -> Result<Answer, No> {
    let before = row(&ask).await?;
    if seen(&ask)?.is_some_and(|seen| seen != mark_of_lists(&before)) {
        return Err(No::changed());
    }
    let (mut configs, mut rules) = (Vec::<(String, Value)>::new(), before.rules.clone());
    for (at, item) in items(&ask)?.iter().enumerate() {
        let wrong = |what: &str, text: &str| No::invalid(format!("items[{at}].{what}"), text);
        let id = item.get("id").and_then(Value::as_str).ok_or_else(|| wrong("id", "It is missing"))?;
        let entries = item.get("entries").and_then(Value::as_array).ok_or_else(|| wrong("entries", "A list of addresses is asked for"))?;
        let entries: Vec<String> = entries
            .iter()
            .map(|entry| entry.as_str().map(|text| text.trim().to_owned()).ok_or_else(|| wrong("entries", "Addresses are texts")))
            .collect::<Result<_, _>>()?;
        if let Some(bad) = entries.iter().find(|entry| doorward_core::policy::AddressList::compile([entry.as_str()]).is_err()) {
            return Err(wrong("entries", &format!("`{bad}` is no address or network")));
        }
        match id.split(':').collect::<Vec<_>>().as_slice() {
            ["rule", number, kind] => {
                let rule =
                    number.parse::<usize>().ok().and_then(|n| rules.get_mut(n)).ok_or_else(|| wrong("id", "There is no such list"))?;
                match *kind {
                    "allow" => rule.ip_allow = entries,
                    "deny" => rule.ip_deny = entries,
                    _ => return Err(wrong("id", "There is no such list")),
                }
            }
            [dialect, name] => {
                let old = ip_lists(&ask, &before, dialect)?.into_iter().find(|list| list.name == *name);
                let old = old.ok_or_else(|| wrong("id", "There is no such list"))?;
                if old.entries == entries {
                    continue;
                }
                let at = match configs.iter().position(|(known, _)| known == dialect) {
                    Some(at) => at,
                    None => {
                        configs.push(((*dialect).to_owned(), config_of(&ask, &before, dialect)?));
                        configs.len() - 1
                    }
                };
                let profile = ask.console.house.profile(dialect).ok_or_else(No::not_found)?;
                let list = IpList { name: old.name, entries };
                if let Some((_, config)) = configs.get_mut(at) {
                    profile.put_ip_list(config, &list).map_err(problem)?;
                }
            }
            _ => return Err(wrong("id", "There is no such list")),
        }
    }
    let mut change = Change { configs, endpoints: None };
    if rules != before.rules {
        // As they are written now; if they are others by then, the site is not as it was read.
        let mut endpoints = ask.console.behind.rules(&before.name).await?.value.get("endpoints").cloned().unwrap_or_default();
        for (at, rule) in rules.iter().enumerate() {
            if let Some(endpoint) = endpoints.get_mut(at) {
                endpoint["ip_allow"] = json!(rule.ip_allow);
                endpoint["ip_deny"] = json!(rule.ip_deny);
            }
        }
        change.endpoints = Some(endpoints);
    }
    write(&ask, before, change, "console.ip_lists.put", "lists of addresses").await?;
    let row = row(&ask).await?;
    lists(&ask, &row)
}

fn items(ask: &Ask) -> Result<Vec<Value>, No> {
    let list = ask.body.body().get("items").and_then(Value::as_array).cloned();
    list.ok_or_else(|| No::invalid("items", "A list is asked for"))
}

/// The language of the site that has auth codes, and its codes.
fn codes_of(ask: &Ask, row: &SiteRow) -> Result<(String, doorward_core::site::AuthCodes), No> {
    for language in &row.dialects {
        let Some(profile) = ask.console.house.profile(&language.dialect) else { continue };
        if let Some(found) = profile.auth_codes(&config_of(ask, row, &language.dialect)?).map_err(problem)? {
            return Ok((language.dialect.clone(), found));
        }
    }
    Err(No::said(404, "no_auth_codes", "No dialect of this site has auth codes"))
}

fn ip_lists(ask: &Ask, row: &SiteRow, dialect: &str) -> Result<Vec<IpList>, No> {
    match ask.console.house.profile(dialect) {
        Some(profile) => profile.ip_lists(&config_of(ask, row, dialect)?).map_err(problem),
        None => Ok(Vec::new()),
    }
}

fn mark_of_lists(row: &SiteRow) -> String {
    let mut text = format!("{:?}", row.rules).into_bytes();
    row.dialects.iter().for_each(|language| text.extend(&language.config.0));
    mark(&text)
}

/// Enough to tell one from another, and nothing of a short one.
fn masked(code: &Secret) -> String {
    match code.reveal_text() {
        Some(text) if text.chars().count() >= SHOWN => hint_of(text),
        Some(_) | None => doorward_core::site::mask::MASK.to_owned(),
    }
}

/// A day alone begins at midnight.
fn day(text: &str) -> String {
    if text.len() == 10 { format!("{text} 00:00:00") } else { text.to_owned() }
}

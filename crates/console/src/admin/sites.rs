//! `/api/sites`: sites, and what their people may do for themselves.

use doorward_core::flow::admin::{self, Authority, Offering};
use doorward_core::port::store::{Look, SelfService, SiteRow};
use doorward_core::refusal::Fault;
use doorward_core::site::{Site, SiteId};
use serde_json::{Map, Value, json};

use super::{COUNTED, authority, document, mark, row, seen};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::behind::{Beside, SiteEdit, Stopped};
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites", "console.site.list", Access::Admin, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/sites", "console.site.make", Access::Owner, |ask| Box::pin(make(ask))).fresh(),
    Route::new("GET", "/api/sites/{site}", "console.site.show", Access::Site, |ask| Box::pin(show(ask))),
    Route::new("PATCH", "/api/sites/{site}", "console.site.change", Access::Site, |ask| Box::pin(change(ask))).fresh(),
    Route::new("DELETE", "/api/sites/{site}", "console.site.remove", Access::Site, |ask| Box::pin(remove(ask))).fresh(),
];

/// Members that decide where requests go and whose tokens are whose: whoever runs the server gives them.
const OWNERS: &[&str] = &["url", "hosts", "upstream", "dialects"];
/// Members of a bundle's site that may be sent.
const MEMBERS: &[&str] = &["url", "hosts", "upstream", "cors_origins", "dialects", "self_service"];

/// A site, and what is counted of it.
struct Told {
    row: SiteRow,
    offers: SelfService,
    users: i64,
}

async fn list(ask: Ask) -> Result<Answer, No> {
    let authority = authority(&ask)?;
    let all = ask.console.house.look(move |desk| {
        let rows: Vec<SiteRow> = desk.sites()?.into_iter().filter(|row| authority.runs(row.id)).collect();
        rows.into_iter().map(|row| told(desk, row)).collect::<Result<Vec<_>, _>>()
    });
    let items = all.await?.into_iter().map(|site| about(&ask, site)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    let id = ask.site()?.site.id;
    shown(&ask, id).await
}

async fn shown(ask: &Ask, id: SiteId) -> Result<Answer, No> {
    let found = ask.console.house.look(move |desk| {
        let row = desk.sites()?.into_iter().find(|row| row.id == id);
        row.map(|row| told(desk, row)).transpose()
    });
    let site = found.await?.ok_or_else(No::not_found)?;
    let mark = mark_of(&site.row, &site.offers);
    Ok(document(&about(ask, site)?, &mark))
}

pub(crate) async fn make(ask: Ask) -> Result<Answer, No> {
    let name = ask.text("name")?.trim().to_owned();
    if !Site::is_name(&name) {
        return Err(No::invalid("name", "1 to 63 of a-z, 0-9 and - are asked for"));
    }
    let (mut site, offers) = edit(&ask, &name, None)?;
    if !site.contains_key("dialects") {
        site.insert("dialects".into(), json!({}));
    }
    let condition = |found: Option<&SiteRow>| match found {
        None => Ok(()),
        Some(_) => Err(Stopped::Problem { place: "name".into(), text: "there is a site of this name".into() }),
    };
    let offering = offers.map(|offers| Offering::new(&ask.call, authority(&ask)?, offers).map_err(No::from)).transpose()?;
    let beside = beside(authority(&ask)?, true, offering, None);
    let warnings = put(&ask, site, Box::new(condition), beside, "console.site.make", &name).await?;
    let wanted = name.clone();
    let made = ask.console.house.look(move |desk| Ok(desk.sites()?.into_iter().find(|row| row.name == wanted).map(|row| row.id))).await?;
    let id = made.ok_or_else(|| No::from(Fault::new("a site that was made is not there")))?;
    let mut answer = shown(&ask, id).await?;
    answer.reply.status = http::StatusCode::CREATED;
    Ok(warned(answer, &warnings))
}

async fn change(ask: Ask) -> Result<Answer, No> {
    let authority = authority(&ask)?;
    let before = row(&ask).await?;
    let (id, name) = (before.id, before.name.clone());
    let for_owners = OWNERS.iter().any(|member| ask.body.body().contains_key(*member));
    if !authority.is_owner() && for_owners {
        return Err(No::said(403, "owners_only", "Addresses, upstreams and dialects of a site are for whoever runs the server"));
    }
    let offers_before = ask.console.house.look(move |desk| desk.self_service(id)).await?.unwrap_or_default();
    let (site, offers) = edit(&ask, &name, Some((&before, &offers_before)))?;
    let now = mark_of(&before, &offers_before);
    if seen(&ask)?.is_some_and(|seen| seen != now) {
        return Err(No::changed());
    }
    let condition = move |found: Option<&SiteRow>| if found == Some(&before) { Ok(()) } else { Err(Stopped::Changed) };
    let members: Vec<&str> = site.keys().map(String::as_str).filter(|member| *member != "name").collect();
    let detail = format!("{name}: {}", members.join(", "));
    let offering = offers.map(|offers| Offering::new(&ask.call, authority, offers)).transpose()?;
    let beside = beside(authority, for_owners, offering, Some(offers_before));
    let warnings = put(&ask, site, Box::new(condition), beside, "console.site.change", &detail).await?;
    Ok(warned(shown(&ask, id).await?, &warnings))
}

async fn remove(ask: Ask) -> Result<Answer, No> {
    let (id, name) = (ask.site()?.site.id, ask.site()?.site.name.clone());
    admin::remove_site(&ask.console.house, &ask.call, authority(&ask)?, id, &name).await?;
    Ok(Answer::nothing())
}

/// What is written beside a site's own row: who writes is looked at again, and what its people may do for themselves is set. `seen` = as
/// whoever changes it saw that.
fn beside(authority: Authority, for_owners: bool, offering: Option<Offering>, seen: Option<SelfService>) -> Beside {
    Box::new(move |desk, site| {
        admin::still_runs(desk, authority, site, for_owners)?;
        if let Some(seen) = &seen
            && desk.self_service(site)?.unwrap_or_default() != *seen
        {
            return Err(Stopped::Changed);
        }
        offering.map_or(Ok(()), |offering| Ok(offering.put_in(desk, site, &seen.unwrap_or_default())?))
    })
}

async fn put(
    ask: &Ask,
    site: Map<String, Value>,
    condition: crate::behind::Condition,
    beside: Beside,
    action: &'static str,
    detail: &str,
) -> Result<Vec<String>, No> {
    let edit = SiteEdit { site: Value::Object(site), condition, beside, action, detail: detail.to_owned() };
    Ok(ask.console.behind.put_site(&ask.call, edit).await?)
}

/// The bundle's object of what was sent, and the switches.
fn edit(ask: &Ask, name: &str, before: Option<(&SiteRow, &SelfService)>) -> Result<(Map<String, Value>, Option<SelfService>), No> {
    let known = |member: &str| MEMBERS.contains(&member) || (member == "name" && before.is_none());
    if let Some(stranger) = ask.body.body_names().find(|member| !known(member)) {
        return Err(No::invalid(stranger.to_owned(), "Nobody knows this member"));
    }
    let mut site = Map::new();
    site.insert("name".into(), name.into());
    for member in ["url", "hosts", "upstream", "cors_origins"] {
        match ask.body.body().get(member) {
            None => {}
            Some(Value::Null) if member == "cors_origins" => {
                site.insert(member.into(), json!([]));
            }
            Some(value) => {
                site.insert(member.into(), value.clone());
            }
        }
    }
    for host in ask.list("hosts")?.into_iter().flatten() {
        if ask.console.house.is_own_host(&host) {
            return Err(No::invalid("hosts", "This host is the console's"));
        }
    }
    if let Some(list) = ask.body.value("dialects") {
        site.insert("dialects".into(), Value::Object(dialects(ask, list, before.map(|(row, _)| row))?));
    }
    let offers = match ask.body.value("self_service") {
        None => None,
        Some(value) => Some(offers(value, before.map(|(_, offers)| offers.clone()).unwrap_or_default())?),
    };
    Ok((site, offers))
}

/// `[{name, edition?}]`, or names alone: settings of those that are there already stay.
fn dialects(ask: &Ask, list: &Value, before: Option<&SiteRow>) -> Result<Map<String, Value>, No> {
    let wrong = || No::invalid("dialects", "A list of {name, edition?} is asked for");
    let spoken = match before {
        Some(row) => ask.console.house.open_site(row.clone())?.dialects,
        None => Vec::new(),
    };
    let mut all = Map::new();
    for one in list.as_array().ok_or_else(wrong)? {
        let name = one.as_str().or_else(|| one.get("name")?.as_str()).ok_or_else(wrong)?;
        let known = spoken.iter().find(|d| d.dialect == name).map(|d| d.config.0.clone());
        let mut config = known.unwrap_or_else(|| json!({}));
        match one.get("edition") {
            None | Some(Value::Null) => {}
            Some(Value::String(edition)) if config.is_object() => config["edition"] = edition.as_str().into(),
            Some(_) => return Err(wrong()),
        }
        if all.insert(name.to_owned(), config).is_some() {
            return Err(No::invalid("dialects", "A dialect is there twice"));
        }
    }
    Ok(all)
}

fn offers(value: &Value, mut offers: SelfService) -> Result<SelfService, No> {
    let wrong = |member: &str| No::invalid(format!("self_service.{member}"), "It cannot be used");
    for (member, value) in value.as_object().ok_or_else(|| No::invalid("self_service", "An object is asked for"))? {
        let flag = || value.as_bool().ok_or_else(|| wrong(member));
        match member.as_str() {
            "register" => offers.register = flag()?,
            "reset" => offers.reset = flag()?,
            "change_email" => offers.change_email = flag()?,
            "level" => {
                offers.level = value.as_u64().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 10).ok_or_else(|| wrong(member))?
            }
            "roles" => {
                let list = value.as_array().ok_or_else(|| wrong(member))?;
                offers.roles = list.iter().map(|v| v.as_str().map(str::to_owned).ok_or_else(|| wrong(member))).collect::<Result<_, _>>()?;
            }
            _ => return Err(wrong(member)),
        }
    }
    Ok(offers)
}

fn told(desk: &mut dyn Look, row: SiteRow) -> Result<Told, Fault> {
    let offers = desk.self_service(row.id)?.unwrap_or_default();
    let users = desk.count_accounts(row.id, COUNTED)?;
    Ok(Told { row, offers, users })
}

fn about(ask: &Ask, told: Told) -> Result<Value, No> {
    let Told { row, offers, users } = told;
    let house = &ask.console.house;
    let site = house.open_site(row)?;
    let dialects: Vec<Value> = site
        .dialects
        .iter()
        .map(|d| {
            let editions = house.profile(&d.dialect).map_or(&[][..], |profile| profile.editions());
            let edition = d.config.0.get("edition").and_then(Value::as_str).or_else(|| editions.first().copied());
            json!({"name": d.dialect, "edition": edition, "editions": editions})
        })
        .collect();
    let upstream = site.upstream.as_deref().map(|text| text.split_ascii_whitespace().collect::<Vec<_>>());
    let upstream = match upstream.as_deref() {
        None | Some([]) => Value::Null,
        Some([one]) => json!(one),
        Some(several) => json!(several),
    };
    Ok(json!({
        "name": site.name,
        "number": site.id.0,
        "url": site.url,
        "hosts": site.hosts,
        "upstream": upstream,
        "cors_origins": if site.cors_origins.is_empty() { Value::Null } else { json!(site.cors_origins) },
        "dialects": dialects,
        "self_service": {
            "register": offers.register,
            "reset": offers.reset,
            "change_email": offers.change_email,
            "roles": offers.roles,
            "level": offers.level,
        },
        "users": users.min(COUNTED.into()),
        "users_more": users > COUNTED.into(),
        "rules": site.rules.len(),
    }))
}

/// Sealed settings keep their form until they are changed, so what is marked is what is stored.
fn mark_of(row: &SiteRow, offers: &SelfService) -> String {
    let mut text = format!("{:?}", (&row.name, &row.url, &row.hosts, &row.upstream, &row.cors_origins, offers)).into_bytes();
    for language in &row.dialects {
        text.extend(language.dialect.as_bytes());
        text.extend(&language.config.0);
    }
    mark(&text)
}

/// What somebody should look at goes with the answer.
pub(super) fn warned(mut answer: Answer, warnings: &[String]) -> Answer {
    if !warnings.is_empty()
        && let Ok(Value::Object(mut map)) = serde_json::from_slice(&answer.reply.body)
    {
        map.insert("warnings".into(), json!(warnings));
        answer.reply.body = Value::Object(map).to_string().into();
    }
    answer
}

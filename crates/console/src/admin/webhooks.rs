//! `/api/sites/{site}/webhooks`: who is told of what happens, what became of it, and telling it again.

use doorward_core::flow::admin;
use doorward_core::port::store::{Errand, ErrandQuery, Standing};
use doorward_core::site::{SiteView, Webhook};
use serde_json::{Value, json};

use super::authority;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/webhooks", "console.webhook.list", Access::Site, |ask| Box::pin(list(ask))),
    Route::new("GET", "/api/sites/{site}/webhooks/deliveries", "console.webhook.deliveries", Access::Site, |ask| Box::pin(deliveries(ask))),
    Route::new("GET", "/api/sites/{site}/webhooks/deliveries/{id}", "console.webhook.delivery", Access::Site, |ask| Box::pin(show(ask))),
    Route::new("POST", "/api/sites/{site}/webhooks/deliveries/{id}/retry", "console.webhook.retry", Access::Site, |ask| {
        Box::pin(retry(ask))
    }),
];

/// Letters of what is told that are shown.
const SHOWN: usize = 2000;

async fn list(ask: Ask) -> Result<Answer, No> {
    let items: Vec<Value> = hooks(ask.site()?).iter().map(|(dialect, hook)| about_hook(dialect, hook)).collect();
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn deliveries(ask: Ask) -> Result<Answer, No> {
    let (view, limit) = (ask.site()?.clone(), ask.limit());
    let text = |name: &str| ask.query(name).filter(|text| !text.is_empty());
    let query = ErrandQuery {
        site: Some(view.site.id),
        target: text("webhook"),
        standing: text("status").map(|word| standing(&word)).transpose()?,
        before: match text("after") {
            None => None,
            Some(text) => Some(text.parse().map_err(|_| No::invalid("after", "It is what `next` said"))?),
        },
        limit: limit + 1,
    };
    let mut found = ask.console.house.look(move |desk| desk.errands(&query)).await?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next = if more { found.last().map(|errand| errand.id.to_string()) } else { None };
    let hooks = hooks(&view);
    let items: Vec<Value> = found.iter().map(|errand| about(errand, &hooks)).collect();
    Ok(Answer::ok(&json!({"items": items, "next": next})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    Ok(Answer::ok(&about(&errand(&ask).await?, &hooks(ask.site()?))))
}

async fn retry(ask: Ask) -> Result<Answer, No> {
    let (view, id) = (ask.site()?.clone(), ask.number(1)?);
    let hooks = hooks(&view);
    let target = errand(&ask).await?.target;
    if !hooks.iter().any(|(_, hook)| hook.target == target && hook.is_on) {
        return Err(No::conflict("no_webhook", "The site no longer has this webhook, or has switched it off"));
    }
    admin::hurry(&ask.console.house, &ask.call, authority(&ask)?, view.site.id, id).await?;
    Ok(Answer::json(202, &about(&errand(&ask).await?, &hooks)))
}

async fn errand(ask: &Ask) -> Result<Errand, No> {
    let (site, id) = (ask.site()?.site.id, ask.number(1)?);
    ask.console.house.look(move |desk| desk.errand(site, id)).await?.ok_or_else(No::not_found)
}

/// The webhooks of every language of the site.
fn hooks(view: &SiteView) -> Vec<(&'static str, Webhook)> {
    let all = view.dialects().flat_map(|dialect| dialect.profile.webhooks(view).into_iter().map(|hook| (dialect.profile.name(), hook)));
    all.collect()
}

fn about_hook(dialect: &str, hook: &Webhook) -> Value {
    json!({
        "id": hook.target,
        "dialect": dialect,
        "url": hook.url,
        "method": hook.method,
        "events": hook.events,
        "headers": hook.headers,
        "template": hook.has_template,
        "enabled": hook.is_on,
    })
}

/// Never what the other side answered: whoever may set an address would read with it what only this server reaches.
fn about(errand: &Errand, hooks: &[(&str, Webhook)]) -> Value {
    let hook = hooks.iter().find(|(_, hook)| hook.target == errand.target).map(|(_, hook)| hook);
    let told: Value = serde_json::from_str(&errand.about).unwrap_or_default();
    let status = errand.heard.parse::<u16>().ok();
    let (waits, tried) = (errand.standing == Standing::Waiting, errand.tries > 0);
    json!({
        "id": errand.id,
        "webhook": errand.target,
        "dialect": errand.kind.split('.').next(),
        "url": hook.map(|hook| &hook.url),
        "event": told.get("event").and_then(Value::as_str),
        "user": told.get("user_id").and_then(Value::as_i64),
        "made": errand.made.iso(),
        "status": word(errand.standing),
        "attempts": errand.tries,
        "next": waits.then(|| errand.due.iso()),
        "ended": (!waits).then(|| errand.due.iso()),
        "last_status": status.filter(|_| tried),
        "last_error": (tried && status.is_none()).then_some(&errand.heard),
        "body": errand.about.chars().take(SHOWN).collect::<String>(),
        "can_retry": errand.standing != Standing::Done && hook.is_some_and(|hook| hook.is_on),
    })
}

fn word(standing: Standing) -> &'static str {
    match standing {
        Standing::Waiting => "waiting",
        Standing::Done => "delivered",
        Standing::GivenUp => "given_up",
    }
}

fn standing(text: &str) -> Result<Standing, No> {
    let found = [Standing::Waiting, Standing::Done, Standing::GivenUp].into_iter().find(|standing| word(*standing) == text);
    found.ok_or_else(|| No::invalid("status", "waiting, delivered or given_up is asked for"))
}

//! `/api/sites/{site}/roles`, `/rules`, `/explain`: who is what, what each path asks for, and why a request is judged as it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{COUNTED, seen};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::behind::RulesEdit;
use crate::refusals::No;
use crate::route::{Access, Route};

/// Rules of a site, in bytes: tens of thousands of them.
const RULES: usize = 8 * 1024 * 1024;
/// A request to be explained, its body among it.
const QUESTION: usize = 1024 * 1024;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/roles", "console.role.list", Access::Site, |ask| Box::pin(roles(ask))),
    Route::new("GET", "/api/sites/{site}/rules", "console.rules.show", Access::Site, |ask| Box::pin(show(ask))),
    Route::new("PUT", "/api/sites/{site}/rules", "console.rules.put", Access::Site, |ask| Box::pin(put(ask))).body(RULES).fresh(),
    Route::new("POST", "/api/sites/{site}/rules/check", "console.rules.check", Access::Site, |ask| Box::pin(check(ask))).body(RULES),
    Route::new("POST", "/api/sites/{site}/explain", "console.explain", Access::Site, |ask| Box::pin(explain(ask))).body(QUESTION),
];

async fn roles(ask: Ask) -> Result<Answer, No> {
    let view = ask.site()?.clone();
    let site = view.site.id;
    let users = ask.console.house.look(move |desk| desk.roles(site, COUNTED)).await?;
    let mut all: BTreeMap<String, (i64, usize)> = users.into_iter().map(|(name, users)| (name, (users, 0))).collect();
    let own = view.rules().iter();
    let theirs = view.dialects().flat_map(|dialect| dialect.rules.iter());
    for role in own.chain(theirs).flat_map(|rule| &rule.rule.roles) {
        all.entry(role.clone()).or_default().1 += 1;
    }
    let items: Vec<Value> = all.into_iter().map(|(name, (users, rules))| json!({"name": name, "users": users.min(COUNTED.into()), "users_more": users > COUNTED.into(), "rules": rules})).collect();
    Ok(Answer::ok(&json!({"items": items, "next": null})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    let name = ask.site()?.site.name.clone();
    Ok(ask.console.behind.rules(&name).await?.into())
}

async fn put(ask: Ask) -> Result<Answer, No> {
    let (seen, endpoints) = (seen(&ask)?, endpoints(&ask)?);
    let name = ask.site()?.site.name.clone();
    let edit = RulesEdit { site: &name, seen, endpoints };
    Ok(ask.console.behind.put_rules(&ask.call, edit).await?.into())
}

async fn check(ask: Ask) -> Result<Answer, No> {
    let name = ask.site()?.site.name.clone();
    ask.console.behind.check_rules(&name, endpoints(&ask)?).await?;
    Ok(Answer::ok(&json!({"ok": true})))
}

async fn explain(ask: Ask) -> Result<Answer, No> {
    let name = ask.site()?.site.name.clone();
    let question = Value::Object(ask.body.body().clone());
    Ok(Answer::ok(&ask.console.behind.explain(&name, question).await?))
}

fn endpoints(ask: &Ask) -> Result<Value, No> {
    let found = ask.body.body().get("endpoints").filter(|value| value.is_array()).cloned();
    found.ok_or_else(|| No::invalid("endpoints", "A list of rules is asked for"))
}

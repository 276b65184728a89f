//! `/api/sites/{site}/users/{number}/tokens`, `/sessions`: what programs and people of a site come in with. A token is made for
//! programs alone: whoever had one of a person could be that person.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::flow::admin;
use doorward_core::flow::console::tokens;
use doorward_core::session::SessionId;
use serde_json::{Value, json};

use super::authority;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::device;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::tokens::{page, row, same_name, shown, wish};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/users/{number}/sessions", "console.user.session.list", Access::Site, |ask| {
        Box::pin(sessions(ask))
    }),
    Route::new("DELETE", "/api/sites/{site}/users/{number}/sessions/{id}", "console.user.session.end", Access::Site, |ask| {
        Box::pin(end(ask))
    }),
    Route::new("GET", "/api/sites/{site}/scopes", "console.site.scopes", Access::Site, |ask| Box::pin(scopes(ask))),
    Route::new("GET", "/api/sites/{site}/users/{number}/tokens", "console.user.token.list", Access::Site, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/sites/{site}/users/{number}/tokens", "console.user.token.create", Access::Site, |ask| Box::pin(create(ask)))
        .fresh(),
    Route::new("PATCH", "/api/sites/{site}/users/{number}/tokens/{id}", "console.user.token.name", Access::Site, |ask| {
        Box::pin(rename(ask))
    }),
    Route::new("DELETE", "/api/sites/{site}/users/{number}/tokens/{id}", "console.user.token.revoke", Access::Site, |ask| {
        Box::pin(revoke(ask))
    }),
    Route::new("POST", "/api/sites/{site}/users/{number}/tokens/{id}/roll", "console.user.token.roll", Access::Site, |ask| {
        Box::pin(roll(ask))
    })
    .fresh(),
    Route::new("POST", "/api/sites/{site}/users/{number}/tokens/{id}/undo", "console.user.token.undo", Access::Site, |ask| {
        Box::pin(undo(ask))
    }),
];

/// The account that the path names, if it may be acted upon.
async fn owner(ask: &Ask) -> Result<Account, No> {
    let (site, number) = (ask.site()?.site.id, ask.number(1)?);
    Ok(admin::reached(&ask.console.house, authority(ask)?, site, number).await?)
}

/// The same, if it is a program's.
async fn program(ask: &Ask) -> Result<Account, No> {
    let account = owner(ask).await?;
    if account.service {
        Ok(account)
    } else {
        Err(No::conflict("not_a_service", "People make their own tokens; others get a service account"))
    }
}

async fn scopes(ask: Ask) -> Result<Answer, No> {
    let view = ask.site()?;
    let dialects: Vec<&str> = view.dialects().map(|language| language.profile.name()).collect();
    Ok(Answer::ok(&json!({"items": tokens::known_scopes(view), "dialects": dialects})))
}

async fn list(ask: Ask) -> Result<Answer, No> {
    let owner = owner(&ask).await?;
    let all = tokens::list(&ask.console.house, owner.site, owner.number, ask.call.now).await?;
    Ok(Answer::ok(&page(&ask, &all)))
}

async fn create(mut ask: Ask) -> Result<Answer, No> {
    let owner = Arc::new(program(&ask).await?);
    let (house, view, wish) = (Arc::clone(&ask.console.house), Arc::clone(ask.site()?), wish(&ask)?);
    let made = tokens::make(&house, &mut ask.call, &view, &owner, wish, true).await?;
    Ok(Answer::made(&shown(&made, ask.call.now)))
}

async fn rename(ask: Ask) -> Result<Answer, No> {
    let (owner, id) = (owner(&ask).await?, ask.number(2)?);
    let (owner, is_seen) = ((owner.site, owner.number), same_name(&ask)?);
    let token = tokens::rename(&ask.console.house, &ask.call, owner, id, ask.text("name")?, is_seen).await?;
    Ok(Answer::ok(&row(&token, ask.call.now)))
}

async fn revoke(mut ask: Ask) -> Result<Answer, No> {
    let (owner, id, house) = (owner(&ask).await?, ask.number(2)?, Arc::clone(&ask.console.house));
    let until = tokens::revoke(&house, &mut ask.call, owner.site, owner.number, id).await?;
    Ok(Answer::ok(&json!({"undo_until": until.iso()})))
}

async fn roll(mut ask: Ask) -> Result<Answer, No> {
    let (owner, id, house) = (program(&ask).await?, ask.number(2)?, Arc::clone(&ask.console.house));
    let hours = ask.body.value("overlap_hours").map_or(Some(0), Value::as_i64);
    let hours = hours.ok_or_else(|| No::invalid("overlap_hours", "A whole number of hours is asked for"))?;
    let made = tokens::roll(&house, &mut ask.call, &owner, id, hours).await?;
    Ok(Answer::made(&shown(&made, ask.call.now)))
}

async fn undo(ask: Ask) -> Result<Answer, No> {
    let (owner, id) = (owner(&ask).await?, ask.number(2)?);
    let token = tokens::undo(&ask.console.house, &ask.call, owner.site, owner.number, id).await?;
    Ok(Answer::ok(&row(&token, ask.call.now)))
}

async fn sessions(ask: Ask) -> Result<Answer, No> {
    let (owner, now) = (owner(&ask).await?, ask.call.now);
    let own = ask.visitor()?.session().id;
    let found = ask.console.house.look(move |desk| {
        let sessions = desk.sessions(owner.site, Some(owner.number), now)?;
        sessions.into_iter().map(|session| desk.visit(session.id).map(|visit| (session, visit))).collect::<Result<Vec<_>, _>>()
    });
    let items = found.await?.into_iter().map(|(session, visit)| {
        json!({
            "id": session.id.hex(),
            "dialect": session.dialect,
            "created": session.created.iso(),
            "seen": visit.map_or(session.rotated, |visit| visit.seen).iso(),
            "expires": session.expires.iso(),
            "address": session.address,
            "agent": session.agent,
            "device": session.agent.as_deref().map(device::name),
            "browser": session.agent.as_deref().and_then(|agent| device::parts(agent).0),
            "system": session.agent.as_deref().and_then(|agent| device::parts(agent).1),
            "current": session.id == own,
        })
    });
    Ok(Answer::ok(&json!({"items": items.collect::<Vec<Value>>(), "next": null})))
}

async fn end(ask: Ask) -> Result<Answer, No> {
    let (site, number) = (ask.site()?.site.id, ask.number(1)?);
    let id = SessionId::parse(ask.value(2)).ok_or_else(No::not_found)?;
    admin::end_session(&ask.console.house, &ask.call, authority(&ask)?, site, number, id).await?;
    Ok(Answer::nothing())
}

//! `/api/me/sessions`: where one is signed in, and signing out there.

use std::sync::Arc;

use doorward_core::flow::accounts::Ends;
use doorward_core::flow::console::person::{end_others, end_session, sessions};
use doorward_core::session::SessionId;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::device;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::entered;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/me/sessions", "console.session.list", Access::User, |ask| Box::pin(list(ask))),
    Route::new("DELETE", "/api/me/sessions", "console.session.end_all", Access::User, |ask| Box::pin(end_all(ask))).fresh(),
    Route::new("DELETE", "/api/me/sessions/{id}", "console.session.end", Access::User, |ask| Box::pin(end(ask))),
];

async fn list(ask: Ask) -> Result<Answer, No> {
    let visitor = ask.visitor()?;
    let found = sessions(&ask.console.house, &ask.call, &ask.console.terms.lifetimes, visitor).await?;
    let items = found.iter().map(|(session, visit)| {
        json!({
            "id": session.id.hex(),
            "dialect": session.dialect,
            "created": session.created.iso(),
            "seen": visit.as_ref().map_or(session.rotated, |visit| visit.seen).iso(),
            "expires": session.expires.iso(),
            "address": session.address,
            "agent": session.agent,
            "device": session.agent.as_deref().map(device::name),
            "browser": session.agent.as_deref().and_then(|agent| device::parts(agent).0),
            "system": session.agent.as_deref().and_then(|agent| device::parts(agent).1),
            "factors": visit.as_ref().map(|visit| visit.factors.split(' ').collect::<Vec<_>>()),
            "current": session.id == visitor.session().id,
        })
    });
    Ok(Answer::ok(&json!({"items": items.collect::<Vec<Value>>(), "next": null})))
}

async fn end(ask: Ask) -> Result<Answer, No> {
    let id = SessionId::parse(ask.value(0)).ok_or_else(No::not_found)?;
    end_session(&ask.console.house, &ask.call, ask.visitor()?, id).await?;
    Ok(Answer::nothing())
}

async fn end_all(mut ask: Ask) -> Result<Answer, No> {
    let ends = if ask.query("everything").as_deref() == Some("true") { Ends::EveryToken } else { Ends::SignIns };
    let (house, lifetimes, visitor) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.visitor()?.clone());
    let opened = end_others(&house, &mut ask.call, &lifetimes, &visitor, ends).await?;
    entered(&ask, &opened).await
}

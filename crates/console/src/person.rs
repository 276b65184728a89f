//! `/api/me`: one's own profile and password.

use std::sync::Arc;

use doorward_core::flow::console::person::{self, Profile};
use doorward_core::secret::Secret;
use serde_json::json;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::{about, entered};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/me", "console.profile.show", Access::User, |ask| Box::pin(show(ask))),
    Route::new("PATCH", "/api/me", "console.profile", Access::User, |ask| Box::pin(change(ask))),
    Route::new("POST", "/api/me/password", "console.password", Access::User, |ask| Box::pin(password(ask))),
];

async fn show(ask: Ask) -> Result<Answer, No> {
    let all = about(&ask.console, ask.visitor()?)?;
    Ok(Answer::ok(&all["user"]))
}

async fn change(ask: Ask) -> Result<Answer, No> {
    let text = |name| ask.maybe(name).map(|text| text.map(|t| t.trim().to_owned()));
    let profile = Profile { display_name: text("display_name")?, url: text("url")?, avatar: text("avatar")? };
    let account = person::change_profile(&ask.console.house, &ask.call, ask.visitor()?, profile).await?;
    Ok(Answer::ok(&json!({"display_name": account.display_name, "url": account.url, "avatar": account.avatar})))
}

async fn password(mut ask: Ask) -> Result<Answer, No> {
    let (old, new) = (Secret::new(ask.text("old")?), Secret::new(ask.text("new")?));
    let (house, lifetimes, visitor) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.visitor()?.clone());
    let opened = person::change_password(&house, &mut ask.call, &lifetimes, &visitor, old, new).await?;
    entered(&ask, &opened).await
}

//! `/api/me`: one's own profile and password.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::flow::console::email;
use doorward_core::flow::console::letters::Letter;
use doorward_core::flow::console::person::{self, Profile};
use doorward_core::flow::console::self_service::post;
use doorward_core::secret::Secret;
use serde_json::json;

use crate::admin::{document, mark, told};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::{about, entered};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/me", "console.profile.show", Access::User, |ask| Box::pin(show(ask))),
    Route::new("PATCH", "/api/me", "console.profile", Access::User, |ask| Box::pin(change(ask))),
    Route::new("POST", "/api/me/password", "console.password", Access::User, |ask| Box::pin(password(ask))).early(),
    Route::new("POST", "/api/me/email", "console.email.ask", Access::User, |ask| Box::pin(new_email(ask))).fresh(),
    Route::new("POST", "/api/me/email/confirm", "console.email", Access::User, |ask| Box::pin(confirm_email(ask))),
];

async fn show(ask: Ask) -> Result<Answer, No> {
    let mut me = about(&ask.console, ask.visitor()?)?["user"].take();
    me["change_email"] = json!(email_changes(&ask).await?);
    me["wncms_token"] = json!(crate::tokens::wncms_token(&ask).await?);
    Ok(document(&me, &mark_of(ask.visitor()?.account())))
}

/// Whether one can ask for another address: `on`, `off` where the site does not let its people, `no_mail` where there is no post.
async fn email_changes(ask: &Ask) -> Result<&'static str, No> {
    let site = ask.visitor()?.account().site;
    let offered = ask.console.house.look(move |desk| desk.self_service(site)).await?.unwrap_or_default().change_email;
    Ok(match (offered, ask.console.house.terms().mailer.is_some()) {
        (false, _) => "off",
        (true, false) => "no_mail",
        (true, true) => "on",
    })
}

async fn change(ask: Ask) -> Result<Answer, No> {
    let text = |name| ask.maybe(name).map(|text| text.map(|t| t.trim().to_owned()));
    let profile = Profile { display_name: text("display_name")?, url: text("url")?, avatar: text("avatar")? };
    let seen = told(&ask)?.flatten();
    let is_seen = move |account: &Account| seen.is_none_or(|seen| seen == mark_of(account));
    let account = person::change_profile(&ask.console.house, &ask.call, ask.visitor()?, profile, is_seen).await?;
    let value = json!({"display_name": account.display_name, "url": account.url, "avatar": account.avatar});
    Ok(document(&value, &mark_of(&account)))
}

/// Of what its owner edits here.
fn mark_of(account: &Account) -> String {
    mark(format!("{:?}", (&account.display_name, &account.url, &account.avatar)).as_bytes())
}

async fn password(mut ask: Ask) -> Result<Answer, No> {
    let (old, new) = (Secret::new(ask.text("old")?), Secret::new(ask.text("new")?));
    let (house, lifetimes, visitor) = (Arc::clone(&ask.console.house), ask.console.terms.lifetimes, ask.visitor()?.clone());
    let opened = person::change_password(&house, &mut ask.call, &lifetimes, &visitor, old, new).await?;
    if let Some(view) = house.directory().by_id(visitor.account().site).filter(|_| !visitor.account().email.is_empty()) {
        post(&house, &mut ask.call, view, &visitor.account().email, &Letter::PasswordChanged).await?;
    }
    entered(&ask, &opened).await
}

async fn new_email(mut ask: Ask) -> Result<Answer, No> {
    let (house, visitor, url) = (Arc::clone(&ask.console.house), ask.visitor()?.clone(), ask.console.terms.url.clone());
    let view = house.directory().by_id(visitor.account().site).cloned().ok_or_else(No::no_session)?;
    let wanted = ask.text("email")?.to_owned();
    email::ask(&house, &mut ask.call, &view, &visitor, &wanted, |token| url.page(&format!("/confirm-email#{token}"))).await?;
    Ok(Answer::json(202, &json!({"sent": true})))
}

async fn confirm_email(mut ask: Ask) -> Result<Answer, No> {
    let (house, visitor, token) = (Arc::clone(&ask.console.house), ask.visitor()?.clone(), ask.text("token")?.to_owned());
    let view = house.directory().by_id(visitor.account().site).cloned().ok_or_else(No::no_session)?;
    let account = email::confirm(&house, &mut ask.call, &view, &visitor, &token).await?;
    Ok(Answer::ok(&json!({"email": account.email})))
}

//! `/api/session`: who is signed in; signing in with a password, and out.

use std::sync::Arc;

use doorward_core::flow::console::self_service::offers;
use doorward_core::flow::console::setup::is_due;
use doorward_core::flow::console::sign_in::{self, SignedIn};
use doorward_core::flow::console::visit::{self, Opened};
use doorward_core::secret::Secret;
use doorward_core::site::SiteView;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::{Console, cookies};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/session", "console.session", Access::Anybody, |ask| Box::pin(show(ask))).quiet(),
    Route::new("POST", "/api/session", "console.sign_in", Access::Anybody, |ask| Box::pin(sign_in(ask))),
    Route::new("DELETE", "/api/session", "console.sign_out", Access::User, |ask| Box::pin(sign_out(ask))).early(),
];

async fn show(mut ask: Ask) -> Result<Answer, No> {
    let vault = &ask.console.house.terms().vault;
    if let Some(visitor) = &ask.visitor {
        return Ok(Answer::ok(&about(&ask.console, visitor)?));
    }
    let (guest, is_new) = match cookies::guest(&ask.head.headers) {
        Some(guest) => (guest, false),
        None => (cookies::new_guest(ask.call.dice.as_mut()), true),
    };
    let directory = ask.console.house.directory();
    let open = directory.sites().len() <= 1 || ask.console.terms.lists_sites;
    let views: Vec<Arc<SiteView>> = directory.sites().iter().filter(|_| open).cloned().collect();
    drop(directory);
    let mut sites = Vec::new();
    for view in views {
        let offers = offers(&ask.console.house, view.site.id).await?;
        sites.push(json!({"name": view.site.name, "register": offers.register, "reset": offers.reset}));
    }
    let answer = Answer::ok(&json!({
        "signed_in": false,
        "csrf": cookies::token_of_guest(vault, &guest),
        "setup_due": is_due(&ask.console.house).await?,
        "sites": sites,
        "may_use_passkeys": ask.console.passkeys.is_some(),
        "version": ask.console.behind.version(),
    }));
    Ok(if is_new { answer.cookie(&cookies::set(cookies::GUEST, &guest)) } else { answer })
}

async fn sign_in(mut ask: Ask) -> Result<Answer, No> {
    let (login, password) = (ask.text("login")?.to_owned(), Secret::new(ask.text("password")?));
    let code = ask.body.code("code")?;
    let site = named(&ask)?;
    let house = Arc::clone(&ask.console.house);
    let lifetimes = ask.console.terms.lifetimes;
    match sign_in::by_password(&house, &mut ask.call, &lifetimes, site.as_deref(), &login, password, code).await? {
        SignedIn::Opened(opened) => arrived(&ask, &opened).await,
        SignedIn::SecondDue { ticket, methods } => Err(No::from(doorward_core::refusal::Refusal::SecondFactorDue)
            .with("ticket", ticket.reveal_text().unwrap_or_default().into())
            .with("methods", methods.into())),
    }
}

async fn sign_out(ask: Ask) -> Result<Answer, No> {
    visit::sign_out(&ask.console.house, &ask.call, ask.visitor()?).await?;
    Ok(Answer::nothing().cookie(&cookies::clear(cookies::SESSION)))
}

/// The site that somebody names, or the only one. `None` if there is no such site: that is for nobody to learn.
pub(crate) fn named(ask: &Ask) -> Result<Option<Arc<SiteView>>, No> {
    let directory = ask.console.house.directory();
    Ok(match ask.maybe("site")?.filter(|name| !name.is_empty()) {
        Some(name) => directory.by_name(name).cloned(),
        None => match directory.sites() {
            [only] => Some(Arc::clone(only)),
            [] | [_, _, ..] => None,
        },
    })
}

/// The answer to somebody who came in anew. What the browser had before is over: nobody keeps the cookie that would end it.
///
/// # Errors
/// As [`entered`].
pub async fn arrived(ask: &Ask, opened: &Opened) -> Result<Answer, No> {
    if let Some(before) = &ask.visitor {
        visit::sign_out(&ask.console.house, &ask.call, before).await?;
    }
    entered(ask, opened).await
}

/// The answer of a visit that was just opened, with its cookie.
///
/// # Errors
/// If the visit is over already, or the store's.
pub async fn entered(ask: &Ask, opened: &Opened) -> Result<Answer, No> {
    entered_with(ask, opened, "", Value::Null).await
}

/// The same, with another member.
///
/// # Errors
/// As [`entered`].
pub async fn entered_with(ask: &Ask, opened: &Opened, name: &str, member: Value) -> Result<Answer, No> {
    let console = &ask.console;
    let visitor = visit::find(&console.house, opened.session.id, ask.call.now, &console.terms.lifetimes).await?;
    let visitor = visitor.ok_or_else(No::no_session)?;
    let cookie = cookies::sealed(&console.house.terms().vault, opened.session.id);
    let mut value = about(console, &visitor)?;
    if !member.is_null() {
        value[name] = member;
    }
    Ok(Answer::ok(&value).cookie(&cookies::set(cookies::SESSION, &cookie)).cookie(&cookies::clear(cookies::GUEST)))
}

/// Who is signed in, as the pages need it.
///
/// # Errors
/// If the site is gone.
pub fn about(console: &Console, visitor: &visit::Visitor) -> Result<Value, No> {
    let lifetimes = &console.terms.lifetimes;
    let account = visitor.account();
    let site = console.house.directory().by_id(account.site).map(|view| view.site.name.clone()).ok_or_else(No::no_session)?;
    Ok(json!({
        "signed_in": true,
        "csrf": cookies::token_of_session(&console.house.terms().vault, visitor.session().id),
        "setup_due": false,
        "sites": [],
        "user": {
            "site": site,
            "number": account.number,
            "login": account.login,
            "email": account.email,
            "display_name": account.display_name,
            "avatar": account.avatar,
            "url": account.url,
            "level": account.level,
            "roles": account.roles,
            "power": visitor.power().word(),
            "second_factor": account.second_factor,
            "passkeys": visitor.passkeys(),
            "must_choose": visitor.must_choose(),
        },
        "expires": visitor.session().expires.iso(),
        "idle_until": visitor.idle_until(lifetimes).iso(),
        "reauth_until": visitor.fresh_until(lifetimes).iso(),
        "may_use_passkeys": console.passkeys.is_some(),
        "version": console.behind.version(),
    }))
}

//! `/api/register`, `/api/forgot`: what people do before they are signed in, where the site lets them. One answer for everybody.

use std::sync::Arc;

use doorward_core::flow::console::letters::Letter;
use doorward_core::flow::console::self_service::{self, Newcomer, Verified, post, register, set_password, verify};
use doorward_core::secret::Secret;
use doorward_core::site::SiteView;
use serde_json::json;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::cookies;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::named;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("POST", "/api/register", "console.register", Access::Anybody, |ask| Box::pin(begin(ask))),
    Route::new("POST", "/api/register/verify", "console.register.verify", Access::Anybody, |ask| Box::pin(finish(ask))),
    Route::new("POST", "/api/forgot", "console.forgot", Access::Anybody, |ask| Box::pin(forgot(ask))),
    Route::new("POST", "/api/forgot/set", "console.reset", Access::Anybody, |ask| Box::pin(reset(ask))),
];

async fn begin(mut ask: Ask) -> Result<Answer, No> {
    let (house, view, url) = (Arc::clone(&ask.console.house), offering(&ask)?, ask.console.terms.url.clone());
    let newcomer = Newcomer {
        login: ask.text("login")?.to_owned(),
        email: ask.text("email")?.to_owned(),
        password: Secret::new(ask.text("password")?),
        browser: cookies::guest(&ask.head.headers).unwrap_or_default(),
    };
    register(&house, &mut ask.call, &view, newcomer, |token| url.page(&format!("/verify#{token}"))).await?;
    Ok(Answer::json(202, &json!({"sent": true})))
}

async fn finish(ask: Ask) -> Result<Answer, No> {
    let house = Arc::clone(&ask.console.house);
    let browser = cookies::guest(&ask.head.headers);
    let password = ask.maybe("password")?.filter(|text| !text.is_empty()).map(Secret::new);
    let login = ask.maybe("login")?.filter(|text| !text.trim().is_empty());
    match verify(&house, &ask.call, ask.text("token")?, browser.as_deref(), login, password).await? {
        Verified::Made(account) => Ok(Answer::made(&json!({"site": ask.console.site_name(account.site), "login": account.login}))),
        Verified::PasswordDue => {
            Err(No::said(422, "password_due", "This is another browser than the one you registered with: choose a password")
                .about("password"))
        }
        Verified::LoginTaken => Err(No::conflict("login_taken", "Somebody has taken this login: choose another").about("login")),
    }
}

async fn forgot(mut ask: Ask) -> Result<Answer, No> {
    let (house, view, url) = (Arc::clone(&ask.console.house), offering(&ask)?, ask.console.terms.url.clone());
    let name = ask.text("login_or_email")?.to_owned();
    self_service::forgot(&house, &mut ask.call, &view, &name, |token| url.page(&format!("/reset#{token}"))).await?;
    Ok(Answer::json(202, &json!({"sent": true})))
}

async fn reset(mut ask: Ask) -> Result<Answer, No> {
    let house = Arc::clone(&ask.console.house);
    let account = set_password(&house, &ask.call, ask.text("token")?, Secret::new(ask.text("password")?)).await?;
    if let Some(view) = house.directory().by_id(account.site) {
        post(&house, &mut ask.call, view, &account.email, &Letter::PasswordChanged).await?;
    }
    Ok(Answer::ok(&json!({"site": ask.console.site_name(account.site), "login": account.login})))
}

/// The site that is named, or the only one. Which sites there are is no secret to who names one that offers something.
fn offering(ask: &Ask) -> Result<Arc<SiteView>, No> {
    named(ask)?.ok_or_else(|| No::said(403, "switched_off", "The site does not offer this"))
}

//! `/api/sites/{site}/users`: users and service accounts, their passwords, second factors and powers.

use doorward_core::account::{Account, Power, Status};
use doorward_core::call::Time;
use doorward_core::credential::ApiTokenText;
use doorward_core::flow::accounts::Ends;
use doorward_core::flow::admin::{self, NewUser, Stays};
use doorward_core::flow::console::letters::Letter;
use doorward_core::flow::console::self_service;
use doorward_core::port::store::AccountQuery;
use doorward_core::refusal::Refusal;
use doorward_core::secret::Secret;
use serde_json::{Value, json};

use super::{authority, document, mark, told};
use crate::answer::Answer;
use crate::ask::{Ask, when};
use crate::refusals::No;
use crate::route::{Access, Route};

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/sites/{site}/users", "console.user.list", Access::Site, |ask| Box::pin(list(ask))),
    Route::new("POST", "/api/sites/{site}/users", "console.user.make", Access::Site, |ask| Box::pin(make(ask))).fresh(),
    Route::new("GET", "/api/sites/{site}/users/{number}", "console.user.show", Access::Site, |ask| Box::pin(show(ask))),
    Route::new("PATCH", "/api/sites/{site}/users/{number}", "console.user.change", Access::Site, |ask| Box::pin(change(ask))),
    Route::new("POST", "/api/sites/{site}/users/{number}/password", "console.user.password", Access::Site, |ask| Box::pin(password(ask)))
        .fresh(),
    Route::new("DELETE", "/api/sites/{site}/users/{number}/second-factor", "console.user.second_factor", Access::Site, |ask| {
        Box::pin(second_factor(ask))
    })
    .fresh(),
    Route::new("DELETE", "/api/sites/{site}/users/{number}/sessions", "console.user.sign_out", Access::Site, |ask| Box::pin(sign_out(ask)))
        .fresh(),
    Route::new("PUT", "/api/sites/{site}/users/{number}/power", "console.user.power", Access::Site, |ask| Box::pin(power(ask))).fresh(),
];

/// Letters of a password for somebody who has none yet: 119 bits.
const DRAWN: usize = 20;
const CHANGED: &[&str] = &["login", "email", "display_name", "url", "avatar", "roles", "level", "status", "service"];
const NEW: &[&str] = &["login", "email", "display_name", "roles", "level", "service", "password", "mode"];

async fn list(ask: Ask) -> Result<Answer, No> {
    let site = ask.site()?.site.id;
    let limit = ask.limit();
    let query = AccountQuery {
        site,
        text: ask.query("q").unwrap_or_default(),
        role: ask.query("role").filter(|role| !role.is_empty()),
        status: ask.query("status").filter(|word| !word.is_empty()).map(|word| status(&word)).transpose()?,
        service: match ask.query("service").as_deref() {
            None | Some("") => None,
            Some("true" | "1") => Some(true),
            Some("false" | "0") => Some(false),
            Some(_) => return Err(No::invalid("service", "true or false is asked for")),
        },
        after: after(&ask)?,
        limit: limit + 1,
    };
    let found = ask.console.house.look(move |desk| {
        let mut accounts = desk.find_accounts(&query)?;
        let more = accounts.len() > limit as usize;
        accounts.truncate(limit as usize);
        let seen = accounts.iter().map(|account| desk.last_seen(site, account.number)).collect::<Result<Vec<_>, _>>()?;
        Ok((accounts, more, seen, desk.powers()?))
    });
    let (accounts, more, seen, powers) = found.await?;
    let next = accounts.last().filter(|_| more).map(|account| account.number.to_string());
    let power = |account: &Account| {
        let found = powers.iter().find(|(of, number, _)| (*of, *number) == (site, account.number));
        found.map_or(Power::None, |(_, _, power)| *power)
    };
    let row = |(account, seen): (&Account, Option<Time>)| {
        let mut value = about(account, power(account));
        value["last_seen"] = when(seen);
        value
    };
    let items: Vec<Value> = accounts.iter().zip(seen).map(row).collect();
    Ok(Answer::ok(&json!({"items": items, "next": next})))
}

async fn show(ask: Ask) -> Result<Answer, No> {
    let number = ask.number(1)?;
    shown(&ask, number).await
}

async fn shown(ask: &Ask, number: i64) -> Result<Answer, No> {
    let (site, now) = (ask.site()?.site.id, ask.call.now);
    let found = ask.console.house.look(move |desk| {
        let Some(account) = desk.account(site, number)? else { return Ok(None) };
        let (sessions, tokens) = (desk.sessions(site, Some(number), now)?, desk.api_tokens(site, Some(number))?);
        let seen = desk.last_seen(site, number)?;
        let power = desk.power(site, number)?;
        let passkeys = desk.passkeys(site, number)?.len();
        let password = desk.password(site, number)?.is_some();
        Ok(Some((account, power, passkeys, password, sessions.len(), tokens.len(), seen)))
    });
    let (account, power, passkeys, password, sessions, tokens, seen) = found.await?.ok_or_else(No::not_found)?;
    let mut value = about(&account, power);
    value["passkeys"] = json!(passkeys);
    value["has_password"] = json!(password);
    value["sessions"] = json!(sessions);
    value["tokens"] = json!(tokens);
    value["last_seen"] = when(seen);
    Ok(document(&value, &mark_of(&account, power)))
}

async fn make(mut ask: Ask) -> Result<Answer, No> {
    refuse_strangers(&ask, NEW)?;
    let (site, authority) = (ask.site()?.site.id, authority(&ask)?);
    let new = NewUser {
        login: ask.text("login")?.to_owned(),
        email: ask.maybe("email")?.unwrap_or_default().to_owned(),
        display_name: ask.maybe("display_name")?.unwrap_or_default().to_owned(),
        roles: ask.list("roles")?.unwrap_or_default(),
        level: level(&ask)?.unwrap_or(0),
        service: ask.flag("service")?.unwrap_or(false),
    };
    let given = ask.maybe("password")?.map(|text| text.to_owned()).filter(|text| !text.is_empty());
    let mode = ask.maybe("mode")?.map(str::to_owned);
    let (password, drawn) = match (given, mode.as_deref()) {
        (Some(_), Some(_)) => return Err(No::invalid("mode", "Either a password or a mode")),
        (Some(text), None) => (Some(usable(&text)?), None),
        (None, Some("one_time")) => {
            let drawn = draw(&mut ask);
            (Some(Secret::new(drawn.reveal())), Some(drawn))
        }
        (None, Some("link")) => {
            mailable(&ask, &new.email)?;
            (None, None)
        }
        (None, Some(_)) => return Err(No::invalid("mode", "link or one_time is asked for")),
        (None, None) => (None, None),
    };
    let account = admin::make(&ask.console.house, &ask.call, authority, site, new, password).await?;
    if mode.as_deref() == Some("link") {
        post_link(&mut ask, &account).await?;
    }
    let mut value = about(&account, Power::None);
    if let Some(drawn) = drawn {
        value["password"] = json!(drawn.reveal());
    }
    Ok(Answer::made(&value))
}

async fn change(mut ask: Ask) -> Result<Answer, No> {
    refuse_strangers(&ask, CHANGED)?;
    let (site, number, authority) = (ask.site()?.site.id, ask.number(1)?, authority(&ask)?);
    let seen = told(&ask)?.flatten();
    let text = |name: &'static str| Ok::<_, No>(ask.maybe(name)?.map(|text| text.trim().to_owned()));
    let (login, email, name, url) = (text("login")?, text("email")?, text("display_name")?, text("url")?);
    let avatar = match ask.body.body().get("avatar") {
        None => None,
        Some(Value::Null) => Some(None),
        Some(_) => Some(text("avatar")?.filter(|url| !url.is_empty())),
    };
    let (roles, level, service) = (ask.list("roles")?, level(&ask)?, ask.flag("service")?);
    let status = ask.maybe("status")?.map(status).transpose()?;
    let visitor = ask.visitor()?;
    let is_fresh = visitor.is_fresh(ask.call.now, &ask.console.terms.lifetimes);
    let edit = move |before: Account, power: Power| {
        if seen.is_some_and(|seen| seen != mark_of(&before, power)) {
            return Err(Stays::Changed);
        }
        let entry = entry_of(&before);
        let after = Account {
            login: login.unwrap_or(before.login),
            email: email.unwrap_or(before.email),
            display_name: name.unwrap_or(before.display_name),
            url: url.unwrap_or(before.url),
            avatar: avatar.unwrap_or(before.avatar),
            roles: roles.unwrap_or(before.roles),
            level: level.unwrap_or(before.level),
            status: status.unwrap_or(before.status),
            service: service.unwrap_or(before.service),
            ..before
        };
        if is_fresh || entry == entry_of(&after) { Ok(after) } else { Err(Stays::ProofDue) }
    };
    let (before, after) = admin::change(&ask.console.house, &ask.call, authority, site, number, edit).await?;
    if before.email != after.email && !before.email.is_empty() {
        let (house, view) = (std::sync::Arc::clone(&ask.console.house), std::sync::Arc::clone(ask.site()?));
        self_service::post(&house, &mut ask.call, &view, &before.email, &Letter::EmailChanged { new: &after.email }).await?;
    }
    shown(&ask, number).await
}

async fn password(mut ask: Ask) -> Result<Answer, No> {
    let (site, number, authority) = (ask.site()?.site.id, ask.number(1)?, authority(&ask)?);
    match ask.maybe("mode")? {
        Some("one_time") => {
            let drawn = draw(&mut ask);
            admin::set_password(&ask.console.house, &ask.call, authority, site, number, Secret::new(drawn.reveal())).await?;
            Ok(Answer::ok(&json!({"password": drawn.reveal()})))
        }
        Some("link") => {
            let account = admin::reached(&ask.console.house, authority, site, number).await?;
            mailable(&ask, &account.email)?;
            post_link(&mut ask, &account).await?;
            Ok(Answer::ok(&json!({"sent": true})))
        }
        Some(_) | None => Err(No::invalid("mode", "link or one_time is asked for")),
    }
}

async fn second_factor(ask: Ask) -> Result<Answer, No> {
    let (site, number) = (ask.site()?.site.id, ask.number(1)?);
    admin::take_second_factor(&ask.console.house, &ask.call, authority(&ask)?, site, number).await?;
    Ok(Answer::nothing())
}

async fn sign_out(ask: Ask) -> Result<Answer, No> {
    let (site, number) = (ask.site()?.site.id, ask.number(1)?);
    let ends = if ask.query("everything").as_deref() == Some("true") { Ends::EveryToken } else { Ends::SignIns };
    admin::sign_out(&ask.console.house, &ask.call, authority(&ask)?, site, number, ends).await?;
    Ok(Answer::nothing())
}

async fn power(ask: Ask) -> Result<Answer, No> {
    let (site, number) = (ask.site()?.site.id, ask.number(1)?);
    if !authority(&ask)?.is_owner() {
        return Err(No::not_yours());
    }
    let wrong = || No::invalid("power", "owner, admin or null is asked for");
    let power = match ask.body.body().get("power") {
        Some(Value::Null) => Power::None,
        Some(value) => value.as_str().and_then(Power::parse).ok_or_else(wrong)?,
        None => return Err(Refusal::Missing("power").into()),
    };
    let seen = told(&ask)?.flatten();
    let is_seen = move |account: &Account, power: Power| seen.is_none_or(|seen| seen == mark_of(account, power));
    admin::set_power(&ask.console.house, &ask.call, authority(&ask)?, site, number, power, is_seen).await?;
    shown(&ask, number).await
}

/// A user without anything secret.
pub(super) fn about(account: &Account, power: Power) -> Value {
    json!({
        "number": account.number,
        "login": account.login,
        "email": account.email,
        "display_name": account.display_name,
        "avatar": account.avatar,
        "url": account.url,
        "roles": account.roles,
        "level": account.level,
        "status": account.status.label().to_lowercase(),
        "service": account.service,
        "power": match power {
            Power::None => Value::Null,
            Power::Admin | Power::Owner => json!(power.word()),
        },
        "second_factor": account.second_factor,
        "registered": account.registered.iso(),
    })
}

/// What of an account decides who comes in, and how far: letters that open it go to its address. It is given and taken with a fresh proof.
fn entry_of(account: &Account) -> (String, String, Vec<String>, u8, Status, bool) {
    let Account { login, email, roles, level, status, service, .. } = account;
    (login.clone(), email.clone(), roles.clone(), *level, *status, *service)
}

/// Of what is edited: a sign-in, a new password or a passkey makes no other document of it.
fn mark_of(account: &Account, power: Power) -> String {
    let Account { login, email, display_name, url, avatar, roles, level, status, service, .. } = account;
    mark(format!("{:?}", (login, email, display_name, url, avatar, roles, level, status, service, power)).as_bytes())
}

fn draw(ask: &mut Ask) -> ApiTokenText {
    ApiTokenText::draw_with_prefix("", DRAWN, ask.call.dice.as_mut())
}

/// Mails a link by which somebody sets a password.
async fn post_link(ask: &mut Ask, account: &Account) -> Result<(), No> {
    let (house, view) = (std::sync::Arc::clone(&ask.console.house), std::sync::Arc::clone(ask.site()?));
    let token = self_service::invite(&house, &mut ask.call, account).await?;
    let link = ask.console.terms.url.page(&format!("/reset#{}", token.reveal_text().unwrap_or_default()));
    if self_service::post(&house, &mut ask.call, &view, &account.email, &Letter::SetPassword { link: &link }).await? {
        return Ok(());
    }
    Err(No::said(503, "busy", "The post takes no letter now: try again"))
}

/// A letter needs somewhere to go, and a post.
fn mailable(ask: &Ask, email: &str) -> Result<(), No> {
    if email.trim().is_empty() {
        return Err(No::invalid("email", "A letter needs an address"));
    }
    if ask.console.house.terms().mailer.is_none() {
        return Err(No::conflict("no_mail", "This server sends no mail: set mail.smtp_url, or give a one-time password"));
    }
    Ok(())
}

fn refuse_strangers(ask: &Ask, known: &[&str]) -> Result<(), No> {
    match ask.body.body_names().find(|name| !known.contains(name)) {
        Some(stranger) => Err(No::invalid(stranger.to_owned(), "Nobody knows this member")),
        None => Ok(()),
    }
}

fn usable(text: &str) -> Result<Secret, No> {
    if text.chars().count() < 8 || text.len() > doorward_core::credential::password::MAX_PASSWORD {
        return Err(No::invalid("password", "At least 8 letters are asked for"));
    }
    Ok(Secret::new(text))
}

fn level(ask: &Ask) -> Result<Option<u8>, No> {
    let wrong = || No::invalid("level", "A whole number from 0 to 10 is asked for");
    let Some(value) = ask.body.value("level") else { return Ok(None) };
    let number = value.as_u64().and_then(|n| u8::try_from(n).ok()).filter(|n| *n <= 10);
    number.map(Some).ok_or_else(wrong)
}

fn status(word: &str) -> Result<Status, No> {
    let all = [Status::Active, Status::Banned, Status::Deleted];
    let found = all.into_iter().find(|status| status.label().eq_ignore_ascii_case(word));
    found.ok_or_else(|| No::invalid("status", "active, banned or deleted is asked for"))
}

/// The cursor of a list by number.
fn after(ask: &Ask) -> Result<i64, No> {
    match ask.query("after").filter(|text| !text.is_empty()) {
        None => Ok(0),
        Some(text) => text.parse().map_err(|_| No::invalid("after", "It is what `next` said")),
    }
}

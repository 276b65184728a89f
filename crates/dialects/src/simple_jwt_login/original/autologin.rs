//! `GET autologin`: a JWT becomes a browser session, and the browser is sent on.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::house::entry;
use doorward_web::Reply;
use http::header::SET_COOKIE;
use serde_json::{Value, json};

use super::webhooks::{Event, News};
use super::words::{Stop, Word, word};
use super::{Case, Generation, chain, cookies, php, wire};

/// Answers with cookies and a redirect; with the site's own page for failures, every failure goes there.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    let done = enter(case).await;
    let fail = case.plugin.login.fail_redirect.clone();
    match done {
        Err(Stop::Word(word)) if !fail.is_empty() => {
            case.remember(&word);
            let target = if case.plugin.login.include_parameters { with_parameters(case, &fail) } else { fail };
            let target = with_error(&target, &word);
            let home = case.view.site.url.as_str();
            let is_safe = !case.plugin.safe_redirect || is_home(&target, home);
            Ok(wire::redirect(&if is_safe { target } else { format!("{home}/wp-admin/") }))
        }
        done => done,
    }
}

async fn enter(case: &mut Case) -> Result<Reply, Stop> {
    let plugin = Arc::clone(&case.plugin);
    let login = &plugin.login;
    if !login.enabled {
        return Err(word(26, "Auto-login is not enabled on this website.").into());
    }
    let missing = if case.is_v4() { "JWT is missing." } else { "Wrong Request." };
    let token = case.jwt().ok_or_else(|| word(23, missing))?;
    let peeked = chain::peek(&token);
    let interim = || word(110, "This JWT requires two-factor verification before it can be used for login.");
    if plugin.generation == Generation::V4 && peeked.as_ref().is_some_and(chain::is_interim) {
        return Err(interim().into());
    }
    if login.code {
        case.admit_code(27).await?;
    }
    let address = case.call.client.address;
    if !login.addresses.welcomes(address) {
        return Err(word(28, format!("This IP[ {address} ] is not allowed to auto-login.")).into());
    }
    let issuer = peeked.as_ref().and_then(|p| p.get("iss")).and_then(Value::as_str).unwrap_or_default();
    if !login.issuers.is_empty() && !login.issuers.iter().any(|known| known == issuer) {
        return Err(word(68, "The JWT issuer(iss) is not allowed to auto-login.").into());
    }
    let (_, account) = case.open(&token).await?;
    let news = case.news(Event::Login);
    grant(case, &account, Some(news)).await
}

/// Opens the browser session of an account and sends the browser on; the news of it, if it is any, go with the session.
pub(super) async fn grant(case: &mut Case, account: &Arc<Account>, news: Option<News>) -> Result<Reply, Stop> {
    let (session, lines) = cookies::make(case, account);
    let mark = entry(&case.call, Some(case.view.site.id), Some(account.number), "simple_jwt_login.autologin", Ok("granted"), "");
    let owner = Arc::clone(account);
    let open = case.house.work(move |desk| {
        desk.open_session(&session)?;
        news.map_or(Ok(()), |news| news.keep_in(desk, &owner))?;
        desk.remember(&mark)
    });
    open.await?;
    let target = target(case, account).await?;
    let mut reply = match target {
        Some(target) => wire::redirect(&target),
        None => wire::known(case.ok("GET", &json!({"success": true, "message": "User was logged in."}))),
    };
    for line in lines {
        if let Ok(value) = http::HeaderValue::from_str(&line) {
            reply.headers.append(SET_COOKIE, value);
        }
    }
    Ok(reply)
}

/// Where the browser is sent; `None` = nowhere.
async fn target(case: &Case, account: &Account) -> Result<Option<String>, Stop> {
    let login = &case.plugin.login;
    let home = case.view.site.url.as_str();
    let admin = || format!("{home}/wp-admin/");
    let asked = case.params.filled("redirectUrl").filter(|_| login.redirect_parameter).and_then(php::text);
    let target = match (asked, login.redirect) {
        (_, 10) => return Ok(None),
        (Some(asked), _) => variables(case, account, &asked).await?,
        (None, 1) => home.to_owned(),
        (None, 9) => variables(case, account, &login.redirect_url).await?,
        (None, _) => admin(),
    };
    if !is_harmless(&target) || (case.plugin.safe_redirect && !is_home(&target, home)) {
        return Ok(Some(admin()));
    }
    Ok(Some(if login.include_parameters { with_parameters(case, &target) } else { target }))
}

/// An address of the web or of an app, or one that hangs on the page: nothing that a browser would run.
fn is_harmless(target: &str) -> bool {
    let is_plain = target.bytes().all(|b| !b.is_ascii_control() && b != b'\\');
    // Looked at as it is sent: what is dropped on the way may hide a scheme.
    let sent = wire::location(target.trim()).to_ascii_lowercase();
    let runs = ["javascript:", "data:", "vbscript:", "blob:", "filesystem:", "view-source:"];
    is_plain && !sent.is_empty() && !runs.iter().any(|scheme| sent.starts_with(scheme))
}

/// A target on the site itself.
fn is_home(target: &str, home: &str) -> bool {
    let host =
        |url: &str| url.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default().to_ascii_lowercase());
    (target.starts_with('/') && !target.starts_with("//")) || (host(target).is_some() && host(target) == host(home))
}

async fn variables(case: &Case, account: &Account, text: &str) -> Result<String, Stop> {
    if !text.contains("{{") {
        return Ok(text.to_owned());
    }
    let (site, number) = (case.view.site.id, account.number);
    let meta = case.house.look(move |desk| desk.meta(site, number)).await?;
    let meta: Value = serde_json::from_str(&meta).unwrap_or(Value::Null);
    let field = |name: &str| meta.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut out = text.to_owned();
    for (name, value) in [
        ("{{site_url}}", case.view.site.url.clone()),
        ("{{user_id}}", account.number.to_string()),
        ("{{user_email}}", account.email.clone()),
        ("{{user_login}}", account.login.clone()),
        ("{{user_first_name}}", field("first_name")),
        ("{{user_last_name}}", field("last_name")),
        ("{{user_nicename}}", account.nicename.clone()),
    ] {
        // What is empty is no value: its variable stays.
        if !value.is_empty() {
            out = out.replace(name, &value);
        }
    }
    Ok(out)
}

/// The other parameters of the query, behind those that the target has.
fn with_parameters(case: &Case, target: &str) -> String {
    let login = &case.plugin.login;
    let mine = |name: &str| !login.removed.iter().any(|r| r == name) && name != case.plugin.codes.key;
    let kept = case.params.query().iter().filter(|(name, _)| mine(name));
    joined(target, &build_query(kept.map(|(name, value)| (name.clone(), value))))
}

/// `http_build_query`: arrays as names in brackets; an empty one is nothing.
fn build_query<'v>(values: impl Iterator<Item = (String, &'v Value)>) -> String {
    let mut out = form_urlencoded::Serializer::new(String::new());
    let mut open: Vec<(String, &Value)> = values.collect();
    open.reverse();
    while let Some((name, value)) = open.pop() {
        match value {
            Value::Array(list) => open.extend(list.iter().enumerate().rev().map(|(at, v)| (format!("{name}[{at}]"), v))),
            Value::Object(map) => open.extend(map.iter().rev().map(|(key, v)| (format!("{name}[{key}]"), v))),
            Value::Null => {}
            Value::Bool(on) => _ = out.append_pair(&name, if *on { "1" } else { "0" }),
            Value::Number(_) | Value::String(_) => _ = out.append_pair(&name, &php::text(value).unwrap_or_default()),
        }
    }
    // PHP encodes the star too.
    out.finish().replace('*', "%2A")
}

fn with_error(target: &str, word: &Word) -> String {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("error_message", &word.text)
        .append_pair("error_code", &word.code.to_string())
        .finish();
    joined(target, &query)
}

fn joined(target: &str, query: &str) -> String {
    let mark = if target.contains('?') { '&' } else { '?' };
    if query.is_empty() { target.to_owned() } else { format!("{target}{mark}{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_runs_nothing_and_a_safe_one_is_at_home() {
        for (target, harmless, home) in [
            ("https://app.example/x", true, false),
            ("https://site.example/x", true, true),
            ("/hello?x=1", true, true),
            ("//evil.example", true, false),
            ("javascript:alert(1)", false, false),
            (" JavaScript:alert(1)", false, false),
            ("java<script:alert(1)", false, false),
            ("java\tscript:alert(1)", false, false),
            ("java{script:alert(1)", false, false),
            ("data:text/html,x", false, false),
            ("vbscript:x", false, false),
            ("myapp://cb", true, false),
            ("myapp:cb?x=1", true, false),
            ("hello", true, false),
            ("?x=1", true, false),
            ("/a\r\nSet-Cookie: x=1", false, true),
            ("https://site.example.evil.example/", true, false),
            ("https://site.example@evil.example/", true, false),
            ("/\\evil.example", false, true),
            ("", false, false),
        ] {
            assert_eq!((is_harmless(target), is_home(target, "https://site.example")), (harmless, home), "{target}");
        }
    }

    #[test]
    fn parameters_go_on_as_php_writes_them() {
        let values = crate::wordpress::php::query("a=1&b[]=x&b[]=y+z&c[k][l]=*&d=&e[]=");
        let query = build_query(values.iter().map(|(name, value)| (name.clone(), value)));
        assert_eq!(query, "a=1&b%5B0%5D=x&b%5B1%5D=y+z&c%5Bk%5D%5Bl%5D=%2A&d=&e%5B0%5D=");
    }

    #[test]
    fn an_error_is_told_behind_what_the_page_has() {
        let word = word(11, "Signature verification failed");
        assert_eq!(with_error("https://a/f", &word), "https://a/f?error_message=Signature+verification+failed&error_code=11");
        assert_eq!(with_error("https://a/f?x=1", &word), "https://a/f?x=1&error_message=Signature+verification+failed&error_code=11");
    }
}

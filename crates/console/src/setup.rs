//! `/api/setup`: the first administrator, and the guided start that ends with a line for the shell.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::flow::console::setup::{self, First};
use doorward_core::flow::console::visit;
use doorward_core::flow::console::visit::open_in;
use doorward_core::secret::Secret;
use doorward_web::Fields;
use serde_json::{Map, Value, json};

use crate::admin;
use crate::answer::Answer;
use crate::ask::Ask;
use crate::behind::Listener;
use crate::refusals::No;
use crate::route::{Access, Route};
use crate::session::arrived;

/// The endpoints.
pub const ROUTES: &[Route] = &[
    Route::new("GET", "/api/setup", "console.setup.due", Access::Anybody, |ask| Box::pin(due(ask))),
    Route::new("POST", "/api/setup", "console.setup", Access::Anybody, |ask| Box::pin(finish(ask))),
    Route::new("POST", "/api/setup/site", "console.setup.site", Access::Owner, |ask| Box::pin(site(ask))).fresh(),
];

async fn due(ask: Ask) -> Result<Answer, No> {
    Ok(Answer::ok(&json!({"due": setup::is_due(&ask.console.house).await?})))
}

async fn finish(mut ask: Ask) -> Result<Answer, No> {
    let console = Arc::clone(&ask.console);
    let named = ask.maybe("site")?.map(|name| console.house.directory().by_name(name).map(|view| view.site.id).ok_or_else(No::not_found));
    let first = First {
        site: named.transpose()?,
        login: ask.text("login")?.to_owned(),
        email: ask.text("email")?.to_owned(),
        password: Secret::new(ask.text("password")?),
    };
    let account = setup::finish(&console.house, &ask.call, ask.text("token")?, first).await?;
    if account.second_factor {
        // The link stands for the password, never for the second factor.
        return Ok(Answer::ok(&json!({"signed_in": false, "site": console.site_name(account.site)})));
    }
    let opened = visit::fresh(&console.house, &mut ask.call, &account, &console.terms.lifetimes, "setup_link");
    let next = opened.clone();
    console.house.work(move |desk| open_in(desk, &next)).await?;
    arrived(&ask, &opened).await
}

async fn site(mut ask: Ask) -> Result<Answer, No> {
    let (dialect, name) = (ask.text("dialect")?.to_owned(), ask.text("name")?.to_owned());
    let (url, owner) = (ask.text("url")?.trim().to_owned(), ask.visitor()?.account().clone());
    // The same as making any site: one language, and what else was filled in.
    let mut body = ask.body.body().clone();
    let edition = body.shift_remove("edition").unwrap_or_default();
    body.shift_remove("dialect");
    body.insert("dialects".into(), json!([{"name": dialect, "edition": edition}]));
    let uri: http::Uri = url.parse().unwrap_or_default();
    let hosts = ask.list("hosts")?.unwrap_or_default();
    // A site without a host of its own would answer nobody beside another one.
    if let ([], Some(host)) = (hosts.as_slice(), uri.host().filter(|host| !ask.console.house.is_own_host(host))) {
        body.insert("hosts".into(), json!([host]));
    }
    let host = hosts.first().map(|host| host.trim().to_owned()).or_else(|| uri.authority().map(ToString::to_string)).unwrap_or_default();
    let listener = ask.console.behind.listener();
    ask.body = Fields::of(body, Map::new());
    let made = admin::sites::make(ask).await?;
    let site: Value = serde_json::from_slice(&made.reply.body).unwrap_or_default();
    let begin = curl(listener, &host, uri.path().trim_end_matches('/'));
    let (curl, expected) = first_call(&dialect, &name, &begin, &owner);
    Ok(Answer::made(&json!({"site": site, "host": host, "curl": curl, "expected": expected})))
}

/// The beginning of a line that asks this very server, wherever the site's name may point to yet and whatever proxy is set: what is in it
/// is nobody else's to hear.
fn curl(listener: Listener, host: &str, path: &str) -> String {
    let mut address = listener.address;
    if address.ip().is_unspecified() {
        address.set_ip(if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() });
    }
    // The certificate may not be there yet, and nobody else is asked.
    let (scheme, more) = if listener.tls { ("https", " -k") } else { ("http", "") };
    let target = format!("{scheme}://{host}{path}").replace('\'', "'\\''");
    format!("curl -sS{more} --noproxy '*' --connect-to '::{address}' '{target}")
}

/// A first call in a language, and how its answer begins. The password is left for its owner to type.
fn first_call(dialect: &str, site: &str, begin: &str, owner: &Account) -> (String, String) {
    let post = |path: &str, body: &Value| {
        let body = body.to_string().replace('\'', "'\\''");
        format!("{begin}{path}' -H 'Content-Type: application/json' -d '{body}'")
    };
    let (login, password) = (&owner.login, "YOUR-PASSWORD");
    let email = if owner.email.is_empty() { login } else { &owner.email };
    match dialect {
        "wporchestrix" => (post("/api/v1/jwt", &json!({"email": email, "password": password})), r#"{"access_token":"#.into()),
        "simple_jwt_login" => (
            post("/?rest_route=/simple-jwt-login/v1/auth", &json!({"username": login, "password": password})),
            r#"{"success":true,"data":{"jwt":"#.into(),
        ),
        "wncms" => (post("/api/v1/posts", &json!({"api_token": "YOUR-TOKEN"})), "{".into()),
        "wapka" => (post("/v1/auth/login", &json!({"site": site, "username": login, "password": password})), r#"{"data":{"token":"#.into()),
        _ => (post("/wp-json/jwt-auth/v1/token", &json!({"username": login, "password": password})), r#"{"token":"#.into()),
    }
}

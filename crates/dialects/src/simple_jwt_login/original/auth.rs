//! `POST auth`: log in for a JWT. An `Authorization` header is not looked at.

use std::borrow::Cow;

use doorward_core::account::{Account, Handle};
use doorward_core::flow::login::{Login, Outcome, Proof, Proven, opening, prove_or_ask};
use doorward_core::secret::Secret;
use doorward_core::session::Session;
use doorward_core::site::Subject;
use doorward_web::Reply;
use serde_json::{Map, Value};

use super::super::settings::base64;
use super::codes::Grant;
use super::webhooks::Event;
use super::words::{Stop, Word, word};
use super::{Case, mint, php, refresh_token};
use crate::simple_jwt_login::NAME;
use crate::wordpress::text::{alike, collated};

/// Answers with the token.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    case.admit_switch()?;
    case.admit_address()?;
    let code = if case.plugin.auth.code_on_login { case.proven_code(27).await? } else { Grant::default() };
    let handle = named(case)?;
    // PHP trips over a shape only once it has found somebody: here it tells nobody whether it has.
    let proof = proof(case)?;
    let handle = resolved(case, handle).await?;
    let second_factor = case.params.get("otp_attempt").and_then(php::text);
    let login = Login { handle, proof, second_factor, action: case.door.action() };
    let proven = match prove_or_ask(&case.house, &case.view, &case.call, login).await {
        Ok(Outcome::Proven(proven)) => proven,
        Ok(Outcome::SecondFactorDue(account)) if case.plugin.two_factor.is_some() => {
            case.spend_code(&code, 27).await?;
            return super::two_factor::challenge(case, &account, case.plugin.two_factor.unwrap_or_default()).await;
        }
        // Without the plugin's own second step there is no word for it, and no way in.
        Ok(Outcome::SecondFactorDue(_)) => return Err(word(48, "Wrong user credentials.").into()),
        Err(doorward_core::refusal::No::Refused(refusal)) => return Err(refused(refusal)),
        Err(no) => return Err(no.into()),
    };
    let extra = mint::brought(&case.plugin, case.params.get("payload"));
    case.spend_code(&code, 27).await?;
    let data = grant(case, *proven, &extra).await?;
    let body = serde_json::json!({"success": true, "data": data});
    Ok(case.ok("POST", &body))
}

/// The law's no to a login, in the plugin's words; it has none for a banned account, which is told nothing that a wrong
/// password is not.
pub(super) fn refused(refusal: doorward_core::refusal::Refusal) -> Stop {
    use doorward_core::refusal::Refusal;
    let is_login = matches!(refusal, Refusal::BadCredentials | Refusal::Banned | Refusal::SecondFactorDue | Refusal::SecondFactorWrong);
    if is_login { word(48, "Wrong user credentials.").into() } else { refusal.into() }
}

/// Concludes a login: its token, its session, in 4.x its refresh token, and the news of it.
pub(super) async fn grant(case: &mut Case, proven: Proven, extra: &Map<String, Value>) -> Result<Map<String, Value>, Stop> {
    let account = Account::clone(proven.account());
    let opening = opening(&case.house, &mut case.call, &account, NAME);
    let minted = match mint::mint(&case.house, &case.view, &case.plugin, &account, opening.iat, extra) {
        Ok(minted) => minted,
        Err(stop) => {
            // The login itself was right: its try is not held against anybody.
            proven.conclude(&case.house, &case.call, |_| Ok(())).await?;
            return Err(stop);
        }
    };
    let auth = &case.plugin.auth;
    let has_refresh = case.is_v4() && auth.refresh;
    let session = if has_refresh {
        Session { expires: opening.iat.plus(auth.refresh_ttl), token: None, ..opening.session }
    } else {
        Session { expires: minted.expires, token: Some(minted.id), ..opening.session }
    };
    let id = session.id;
    let news = case.news(Event::Auth);
    let concluded = proven.conclude(&case.house, &case.call, move |desk| {
        news.keep_in(desk, &account)?;
        desk.open_session(&session)
    });
    concluded.await.map_err(|no| match no {
        doorward_core::refusal::No::Refused(refusal) => refused(refusal),
        broken @ doorward_core::refusal::No::Broken(_) => broken.into(),
    })?;
    let mut data = Map::new();
    data.insert("jwt".to_owned(), Value::from(minted.token));
    if has_refresh {
        let refresh = refresh_token::write(&case.house, &case.plugin, case.view.site.id, id, 0);
        data.insert("refresh_token".to_owned(), Value::from(refresh));
    }
    Ok(data)
}

/// Who. Of the three names the first that is set counts, even if it is empty.
fn named(case: &Case) -> Result<Handle, Stop> {
    let is_there = |name: &str| if case.is_v4() { case.params.filled(name).is_some() } else { case.params.get(name).is_some() };
    if !["username", "email", "login"].into_iter().any(is_there) {
        return Err(word(46, "The email, username, or login parameter is missing from the request.").into());
    }
    if !is_there("password") && !is_there("password_hash") {
        return Err(word(47, "The password or password_hash parameter is missing from request.").into());
    }
    if is_there("password_hash") && !case.plugin.auth.by_hash {
        return Err(word(113, "Authentication with password_hash is not enabled.").into());
    }
    let first = ["username", "email", "login"].into_iter().find(|name| case.params.get(name).is_some());
    let name = first.map(|name| case.params.clean(name)).unwrap_or_default();
    Ok(match first {
        Some("username") => Handle::Login(name),
        Some("email") => Handle::Email(name),
        Some(_) | None => Handle::LoginOrEmail(name),
    })
}

/// How they prove it: a password that is sent counts, even an empty one beside a hash.
fn proof(case: &Case) -> Result<Proof, Word> {
    if case.params.get("password").is_some() {
        return Ok(Proof::Password(password(case, "password")?));
    }
    Ok(Proof::StoredHash(password(case, "password_hash")?))
}

/// A password as its generation takes it: 4.x as it is and then slashed, 3.x cleaned like any text. Base64 is decoded, and
/// never slashed.
fn password(case: &Case, name: &str) -> Result<Secret, Word> {
    let value = case.params.get(name).unwrap_or(&Value::Null);
    let is_base64 = case.plugin.auth.base64;
    if !case.is_v4() {
        let text = php::clean(value);
        return Ok(secret(&text, is_base64));
    }
    let is_hash = name == "password_hash";
    let function = match (is_base64, is_hash) {
        (true, _) => "base64_decode(): Argument #1 ($string)",
        (false, true) => "hash_equals(): Argument #2 ($user_string)",
        (false, false) => "strlen(): Argument #1 ($string)",
    };
    let wrong = |kind: &str| word(0, format!("{function} must be of type string, {kind} given"));
    // hash_equals takes nothing but texts.
    if is_hash && !is_base64 && !value.is_string() {
        return Err(wrong(php::kind(value)));
    }
    let text = php::text(value).ok_or_else(|| wrong("array"))?;
    let slashed = if is_base64 || is_hash { text } else { php::add_slashes(&text) };
    Ok(secret(&slashed, is_base64))
}

fn secret(text: &str, is_base64: bool) -> Secret {
    let octets = if is_base64 { Cow::Owned(base64(text)) } else { Cow::Borrowed(text.as_bytes()) };
    Secret::new(octets)
}

/// The database compares names without accents: one that is nobody's as it is may be somebody's with others, or none.
async fn resolved(case: &Case, handle: Handle) -> Result<Handle, Stop> {
    let (Handle::Login(name) | Handle::Email(name) | Handle::LoginOrEmail(name)) = &handle else { return Ok(handle) };
    // A blank name is nobody's; an account without an address must not answer to it.
    if name.is_empty() {
        return Err(word(48, "Wrong user credentials.").into());
    }
    let is_login = !matches!(handle, Handle::Email(_));
    let (site, same, typed) = (case.view.site.id, handle.clone(), name.clone());
    // The same looks for every name.
    let found = case.house.look(move |desk| Ok((desk.account_by(site, &same)?, if is_login { alike(desk, site, &typed)? } else { None })));
    match found.await? {
        (None, Some(alike)) => return Ok(Handle::Number(alike.number)),
        (Some(_), _) => return Ok(handle),
        (None, None) if name.is_ascii() => return Ok(handle),
        (None, None) => {}
    }
    let plain = collated(name);
    let (as_login, as_email) = (Subject::Login(plain.clone()), Subject::Email(plain));
    let plain = match &handle {
        Handle::Email(_) => vec![as_email],
        Handle::LoginOrEmail(name) if name.contains('@') => vec![as_login, as_email],
        Handle::Login(_) | Handle::LoginOrEmail(_) | Handle::Number(_) => vec![as_login],
    };
    for subject in plain {
        if let Some(account) = case.account(&subject).await? {
            return Ok(Handle::Number(account.number));
        }
    }
    Ok(handle)
}

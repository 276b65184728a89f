//! `user/reset_password`: `POST` sends or keeps a code, `PUT` changes the password for it, or for a JWT.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Dice;
use doorward_core::flow::accounts::set_password_and;
use doorward_core::flow::login::wrong_code;
use doorward_core::flow::post;
use doorward_core::flow::reset::{Change, change, is_good, issue};
use doorward_core::port::store::{SealedLetter, Work};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_core::site::Subject;
use doorward_web::Reply;
use http::Method;
use serde_json::{Value, json};

use super::super::settings::base64;
use super::webhooks::Event;
use super::words::{Stop, Word, word, word_with};
use super::{Case, letters, php};

/// The kind of its slips.
const KIND: &str = "simple_jwt_login.reset";
const SAVED: &str = "The Code has been saved into the database.";
const SENT: &str = "Reset password email has been sent.";
/// Letters of a code.
const LETTERS: usize = 20;

/// Answers by the method that was really used.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    if !case.plugin.reset.enabled {
        return Err(word(56, "Reset Password is not allowed.").into());
    }
    if case.plugin.reset.code {
        case.admit_code(58).await?;
    }
    let message = match case.head.method {
        Method::POST => ask(case).await?,
        Method::PUT => put(case).await?,
        _ => return Err(word(57, "Route called with invalid request method.").into()),
    };
    let body =
        if case.is_v4() { json!({"success": true, "data": {"message": message}}) } else { json!({"success": true, "message": message}) };
    Ok(case.ok("PUT, POST", &body))
}

async fn ask(case: &mut Case) -> Result<&'static str, Stop> {
    let plugin = Arc::clone(&case.plugin);
    let reset = &plugin.reset;
    let email = case.params.filled("email").ok_or_else(|| word(63, "Missing email parameter."))?;
    if case.is_v4() && !is_email(email)? {
        return Err(word(96, "Invalid email parameter.").into());
    }
    let email = php::clean(email);
    let found = case.account(&Subject::Email(email.clone())).await?;
    if found.is_none() && !plugin.uniform_errors {
        return Err(word(64, "Wrong user.").into());
    }
    if !(0..=2).contains(&reset.flow) {
        return Err(word(65, "Invalid flow type.").into());
    }
    let code = draw(case.call.dice.as_mut());
    // Nobody is given a code and written a letter as well, so that it costs the same: no account has the number 0.
    let number = found.as_ref().map_or(0, |account| account.number);
    let reader = found.as_ref().map_or_else(|| case.nobody(&email), |account| Account::clone(account));
    let mail = match reset.flow {
        0 => None,
        1 => Some(letters::reset(case, &reader, &code)),
        _ => Some(letters::template(case, &reader, &code).await?),
    };
    let letter = mail.map_or(Ok(None), |mail| case.seal(&mail))?;
    let (news, owner) = (case.news(Event::ResetPasswordRequest), found);
    let also = move |desk: &mut dyn Work| {
        post::keep_in(desk, letter.as_ref(), owner.is_some())?;
        owner.map_or(Ok(()), |owner| news.keep_in(desk, &owner))
    };
    issue(&case.house, &case.call, case.view.site.id, number, KIND, &Secret::new(code.as_str()), also).await?;
    Ok(if reset.flow == 0 { SAVED } else { SENT })
}

/// Letters and digits, each as likely as any other.
fn draw(dice: &mut dyn Dice) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut code = String::with_capacity(LETTERS);
    while code.len() < LETTERS {
        for byte in dice.bytes::<32>() {
            if usize::from(byte) < 248 && code.len() < LETTERS {
                code.push(char::from(ALPHABET[usize::from(byte) % 62]));
            }
        }
    }
    code
}

async fn put(case: &mut Case) -> Result<&'static str, Stop> {
    const DONE: &str = "User Password has been changed.";
    let plugin = Arc::clone(&case.plugin);
    let reset = &plugin.reset;
    let sent = case.params.filled("email").cloned().ok_or_else(|| word(59, "Missing email parameter."))?;
    let wanted = case.params.filled("new_password").ok_or_else(|| word(61, "Missing new_password parameter."))?;
    let code = case.params.filled("code").map(php::clean);
    let token = if reset.return_jwt { case.jwt() } else { None };
    if code.is_none() && token.is_none() {
        return Err(match (reset.return_jwt, case.is_v4()) {
            (false, _) => word(60, "Missing code parameter."),
            (true, true) => word(53, "Missing code or jwt parameter."),
            (true, false) => word(53, "The `jwt` parameter is missing."),
        }
        .into());
    }
    if case.is_v4() && !is_email(&sent)? {
        return Err(word(95, "Invalid email parameter.").into());
    }
    let password = password(case, wanted)?;
    let site = case.view.site.id;
    if let Some(code) = code {
        let email = php::clean(&sent);
        let account = case.account(&Subject::Email(email.clone())).await?;
        let number = account.as_ref().map_or(0, |a| a.number);
        let code = Secret::new(code);
        if let Some(password) = password {
            let reader = account.as_ref().map_or_else(|| case.nobody(&email), |account| Account::clone(account));
            let notice = changed(case, &reader)?;
            let news = case.news(Event::ResetPassword);
            let also = move |desk: &mut dyn Work| {
                post::keep_in(desk, notice.as_ref(), true)?;
                account.map_or(Ok(()), |owner| news.keep_in(desk, &owner))
            };
            let asked = Change { number, kind: KIND, code, password };
            if change(&case.house, &case.call, site, asked, also).await? {
                return Ok(DONE);
            }
        } else if is_good(&case.house, site, number, KIND, &code, case.call.now).await? {
            return Err(none(case).into());
        }
        return Err(match wrong_code(&case.house, &case.view, &case.call, Refusal::AuthCodeWrong, case.door.action()).await {
            No::Refused(Refusal::AuthCodeWrong) => word(62, "Invalid code provided.").into(),
            no @ (No::Refused(_) | No::Broken(_)) => no.into(),
        });
    }
    let token = token.unwrap_or_default();
    let (opened, subject) = case.owned(&token, &case.plugin.owner).await?;
    // The address is compared as it was sent, letter for letter; who is not there owns none.
    let Some(account) = case.account(&subject).await?.filter(|account| sent.as_str() == Some(account.email.as_str())) else {
        let (status, code) = if case.is_v4() { (401, 93) } else { (400, 0) };
        return Err(word_with(status, code, "This JWT can not change your password.").into());
    };
    if case.is_revoked(&opened, &account) {
        return Err(word(55, "This JWT is invalid.").into());
    }
    let password = password.ok_or_else(|| none(case))?;
    let notice = changed(case, &account)?;
    let (news, owner) = (case.news(Event::ResetPassword), Arc::clone(&account));
    let also = move |desk: &mut dyn Work| {
        post::keep_in(desk, notice.as_ref(), true)?;
        news.keep_in(desk, &owner)
    };
    set_password_and(&case.house, &case.call, site, account.number, password, also).await?;
    Ok(DONE)
}

/// `is_email` of a value as it was sent, blanks and all.
fn is_email(value: &Value) -> Result<bool, Word> {
    let text = php::text(value).ok_or_else(|| word(0, "strlen(): Argument #1 ($string) must be of type string, array given"))?;
    Ok(php::is_email(&text))
}

/// The notice to the owner of a new password, where the site wants that.
fn changed(case: &mut Case, account: &Account) -> Result<Option<SealedLetter>, Stop> {
    if !case.plugin.reset.send_changed {
        return Ok(None);
    }
    let mail = letters::changed(case, account);
    case.seal(&mail)
}

const BASE64: &str = "Parameter new_password does not contain a valid base64 text.";

/// The new password as its generation stores it; `None` for what is no password, and would be one that anybody knows: an empty one, and
/// what 4.x writes for a list, the word `Array`.
fn password(case: &Case, value: &Value) -> Result<Option<Secret>, Word> {
    let is_base64 = case.plugin.auth.base64;
    let text = if case.is_v4() { php::text(value) } else { Some(php::clean(value)) };
    let octets = match (text, case.is_v4(), is_base64) {
        (None, _, false) => return Ok(None),
        (Some(text), true, true) if php::is_strict_base64(&text) => {
            let plain = base64(&text);
            String::from_utf8(plain).map(|text| php::add_slashes(&text).into_bytes()).unwrap_or_else(|error| error.into_bytes())
        }
        (None, _, true) | (Some(_), true, true) => return Err(word(63, BASE64)),
        (Some(text), true, false) => php::add_slashes(&text).into_bytes(),
        (Some(text), false, true) => base64(&text),
        (Some(text), false, false) => text.into_bytes(),
    };
    Ok(Some(octets).filter(|octets| !octets.is_empty()).map(Secret::new))
}

/// What is said to what is no password, once all else is right.
fn none(case: &Case) -> Word {
    if case.plugin.auth.base64 { word(63, BASE64) } else { word(61, "Missing new_password parameter.") }
}

//! `user/reset_password`: `POST` sends or keeps a code, `PUT` changes the password for it, or for a JWT.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::call::Dice;
use doorward_core::flow::accounts::set_password;
use doorward_core::flow::login::wrong_code;
use doorward_core::flow::reset::{change, issue};
use doorward_core::port::mailer::Mail;
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_core::site::Subject;
use doorward_web::Reply;
use http::Method;
use serde_json::{Value, json};

use super::super::settings::base64;
use super::words::{Stop, word, word_with};
use super::{Case, php};

/// The kind of its slips.
const KIND: &str = "simple_jwt_login.reset";
/// Letters of a code.
const LETTERS: usize = 20;

/// Answers by the method that was really used.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    if !case.plugin.reset.enabled {
        return Err(word(56, "Reset Password is not allowed.").into());
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
    if reset.code {
        case.admit_code(58).await?;
    }
    let email = case.params.filled("email").map(php::clean).ok_or_else(|| word(63, "Missing email parameter."))?;
    if case.is_v4() && !php::is_email(&email) {
        return Err(word(96, "Invalid email parameter.").into());
    }
    let account = case.account(&Subject::Email(email)).await?.ok_or_else(|| word(64, "Wrong user."))?;
    if !(0..=2).contains(&reset.flow) {
        return Err(word(65, "Invalid flow type.").into());
    }
    let code = draw(case.call.dice.as_mut());
    issue(&case.house, &case.call, case.view.site.id, account.number, KIND, &Secret::new(code.as_str())).await?;
    if reset.flow == 0 {
        return Ok("The Code has been saved into the database.");
    }
    let mail = if reset.flow == 1 { letter(case, &account, &code) } else { template(case, &account, &code).await? };
    match &case.house.terms().mailer {
        Some(mailer) => {
            mailer.post(mail);
        }
        None => case.remember(&word_with(500, 65, "no mail server")),
    }
    Ok("Reset password email has been sent.")
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

/// WordPress's own letter; the link goes to the site as it is configured.
fn letter(case: &Case, account: &Account, code: &str) -> Mail {
    let site = &case.view.site;
    let name = site.url.split_once("://").map_or(site.url.as_str(), |(_, rest)| rest);
    let login: String = form_urlencoded::byte_serialize(account.login.as_bytes()).collect();
    let body = format!(
        "Someone has requested a password reset for the following account:\r\n\r\nSite Name: {name}\r\n\r\nUsername: {}\r\n\r\nIf this was a \
         mistake, ignore this email and nothing will happen.\r\n\r\nTo reset your password, visit the following address:\r\n\r\n\
         {}/wp-login.php?login={login}&key={code}&action=rp&wp_lang=en_US\r\n\r\nThis password reset request originated from the IP address \
         {}.\r\n",
        account.login, site.url, case.call.client.address
    );
    Mail { to: account.email.clone(), subject: format!("[{name}] Password Reset"), body, html: false }
}

/// The site's own letter.
async fn template(case: &Case, account: &Arc<Account>, code: &str) -> Result<Mail, Stop> {
    let reset = &case.plugin.reset;
    let (site, number) = (case.view.site.id, account.number);
    let meta = case.house.look(move |desk| desk.meta(site, number)).await?;
    let meta: Value = serde_json::from_str(&meta).unwrap_or(Value::Null);
    let field = |name: &str| meta.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (first, last) = (field("first_name"), field("last_name"));
    let between = if case.is_v4() { " " } else { "" };
    let nickname = Some(field("nickname")).filter(|n| !n.is_empty()).unwrap_or_else(|| account.login.clone());
    let values = [
        ("{{CODE}}", code.to_owned()),
        ("{{NAME}}", format!("{first}{between}{last}").trim().to_owned()),
        ("{{USERNAME}}", account.login.clone()),
        ("{{EMAIL}}", account.email.clone()),
        ("{{NICKNAME}}", nickname),
        ("{{FIRST_NAME}}", first),
        ("{{LAST_NAME}}", last),
        ("{{SITE}}", case.view.site.url.clone()),
        ("{{IP}}", case.call.client.address.to_string()),
    ];
    let body = filled(&reset.body, &values, reset.html);
    let subject = if case.is_v4() { filled(&reset.subject, &values, false) } else { reset.subject.clone() };
    Ok(Mail { to: account.email.clone(), subject, body, html: reset.html })
}

/// One pass over the text: what a value says is never taken for a variable. Unknown variables stay.
fn filled(text: &str, values: &[(&str, String)], html: bool) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some((name, value)) = values.iter().find(|(name, _)| rest.starts_with(name)) {
            out.push_str(&if html { escaped(value) } else { value.clone() });
            rest = &rest[name.len()..];
        } else {
            out.push_str("{{");
            rest = &rest[2..];
        }
    }
    out.push_str(rest);
    out
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#039;")
}

async fn put(case: &Case) -> Result<&'static str, Stop> {
    const DONE: &str = "User Password has been changed.";
    let reset = &case.plugin.reset;
    if reset.code {
        case.admit_code(58).await?;
    }
    let email = case.params.filled("email").map(php::clean).ok_or_else(|| word(59, "Missing email parameter."))?;
    let wanted = case.params.filled("new_password").ok_or_else(|| word(61, "Missing new_password parameter."))?;
    let code = case.params.filled("code").and_then(php::text);
    let token = if reset.return_jwt { case.jwt() } else { None };
    if code.is_none() && token.is_none() {
        return Err(match (reset.return_jwt, case.is_v4()) {
            (false, _) => word(60, "Missing code parameter."),
            (true, true) => word(53, "Missing code or jwt parameter."),
            (true, false) => word(53, "The `jwt` parameter is missing."),
        }
        .into());
    }
    if case.is_v4() && !php::is_email(&email) {
        return Err(word(95, "Invalid email parameter.").into());
    }
    let password = password(case, wanted)?;
    let site = case.view.site.id;
    if let Some(code) = code {
        let account = case.account(&Subject::Email(email)).await?;
        let number = account.map_or(0, |a| a.number);
        if change(&case.house, &case.call, site, number, KIND, &Secret::new(code), password).await? {
            return Ok(DONE);
        }
        return Err(match wrong_code(&case.house, &case.view, &case.call, Refusal::AuthCodeWrong, case.door.action()).await {
            No::Refused(Refusal::AuthCodeWrong) => word(62, "Invalid code provided.").into(),
            no @ (No::Refused(_) | No::Broken(_)) => no.into(),
        });
    }
    let token = token.unwrap_or_default();
    let (opened, account) = case.open_unrevoked(&token).await?;
    if account.email != email {
        let code = if case.is_v4() { 93 } else { 0 };
        return Err(word_with(if case.is_v4() { 401 } else { 400 }, code, "This JWT can not change your password.").into());
    }
    if case.is_revoked(&opened, &account) {
        return Err(word(55, "This JWT is invalid.").into());
    }
    set_password(&case.house, &case.call, site, account.number, password).await?;
    Ok(DONE)
}

/// The new password as its generation stores it. An empty one is none: nobody shall log in with nothing.
fn password(case: &Case, value: &Value) -> Result<Secret, Stop> {
    let is_base64 = case.plugin.auth.base64;
    let bad = || word(63, "Parameter new_password does not contain a valid base64 text.");
    let octets = if case.is_v4() {
        let text = php::text(value).ok_or_else(|| word(0, "strlen(): Argument #1 ($string) must be of type string, array given"))?;
        if is_base64 {
            if !php::is_strict_base64(&text) {
                return Err(bad().into());
            }
            let plain = base64(&text);
            String::from_utf8(plain).map(|text| php::add_slashes(&text).into_bytes()).unwrap_or_else(|error| error.into_bytes())
        } else {
            php::add_slashes(&text).into_bytes()
        }
    } else {
        let text = php::clean(value);
        if is_base64 { base64(&text) } else { text.into_bytes() }
    };
    if octets.is_empty() { Err(bad().into()) } else { Ok(Secret::new(octets)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_says_is_no_variable_and_unknown_ones_stay() {
        let values = [("{{NAME}}", "{{CODE}} <b>".to_owned()), ("{{CODE}}", "c".to_owned())];
        assert_eq!(filled("{{NAME}}/{{CODE}}/{{OTHER}}/{{", &values, false), "{{CODE}} <b>/c/{{OTHER}}/{{");
        assert_eq!(filled("{{NAME}}", &values, true), "{{CODE}} &lt;b&gt;");
    }
}

//! Its letters: the code of a reset, the welcome, the notice of a changed password. Links lead to the site as it is configured.

use std::sync::Arc;

use doorward_core::account::{Account, Status};
use doorward_core::call::Time;
use doorward_core::flow::post;
use doorward_core::port::mailer::Mail;
use doorward_core::port::store::SealedLetter;
use serde_json::Value;

use super::Case;
use super::words::{Stop, word_with};

impl Case {
    /// Seals a letter, to be kept with what it tells of; without a mail server it is remembered that there was none.
    pub(super) fn seal(&mut self, mail: &Mail) -> Result<Option<SealedLetter>, Stop> {
        let house = Arc::clone(&self.house);
        let letter = post::seal(&house, &mut self.call, self.view.site.id, mail)?;
        if letter.is_none() {
            self.remember(&word_with(500, 65, "no mail server"));
        }
        Ok(letter)
    }

    /// Nobody, to write a letter to that does not go out.
    pub(super) fn nobody(&self, email: &str) -> Account {
        Account {
            site: self.view.site.id,
            number: 0,
            login: email.to_owned(),
            email: email.to_owned(),
            nicename: String::new(),
            display_name: String::new(),
            url: String::new(),
            registered: self.call.now,
            roles: Vec::new(),
            level: 0,
            status: Status::Deleted,
            avatar: None,
            service: false,
            valid_after: Time(0),
            second_factor: false,
        }
    }

    fn site_name(&self) -> &str {
        let url = self.view.site.url.as_str();
        url.split_once("://").map_or(url, |(_, rest)| rest)
    }
}

/// WordPress's own letter with a code.
pub(super) fn reset(case: &Case, account: &Account, code: &str) -> Mail {
    let (site, name) = (&case.view.site, case.site_name());
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

/// WordPress's welcome: the login name, and where to log in. It holds no password: who registered knows it, and who was given one asks for a
/// code.
pub(super) fn welcome(case: &Case, account: &Account) -> Mail {
    let name = case.site_name();
    let body = format!(
        "Username: {}\r\n\r\nTo set your password, visit the following address:\r\n\r\n{url}/wp-login.php?action=lostpassword\r\n\r\n\
         {url}/wp-login.php\r\n",
        account.login,
        url = case.view.site.url
    );
    Mail { to: account.email.clone(), subject: format!("[{name}] Login Details"), body, html: false }
}

/// The notice to the owner of a password that was changed.
pub(super) fn changed(case: &Case, account: &Account) -> Mail {
    let name = case.site_name();
    let body = format!(
        "Hi {},\r\n\r\nThis notice confirms that your password was changed on {name}.\r\n\r\nIf you did not change your password, please \
         contact the Site Administrator.\r\n\r\nThis email has been sent to {}\r\n\r\nRegards,\r\nAll at {name}\r\n{}\r\n",
        account.login, account.email, case.view.site.url
    );
    Mail { to: account.email.clone(), subject: format!("[{name}] Password Changed"), body, html: false }
}

/// The site's own letter.
pub(super) async fn template(case: &Case, account: &Account, code: &str) -> Result<Mail, Stop> {
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

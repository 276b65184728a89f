//! `[mail]`: the post that letters go out by.

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "mail.smtp_url",
        env: "DOORWARD_SMTP_URL",
        flag: None,
        kind: Kind::SmtpUrl,
        default: "",
        about: "The mail server: smtps://user:password@host for TLS from the start, smtp://host?tls=required for STARTTLS, \
                smtp://host:port without TLS for one on this machine. Empty = no mail is sent, and what would send one says so in the log. \
                Prefer the environment to the file if it holds a password.",
    },
    Key {
        name: "mail.from",
        env: "DOORWARD_MAIL_FROM",
        flag: None,
        kind: Kind::Mailbox,
        default: "Doorward <doorward@localhost>",
        about: "Who letters are from. Links in them come from a site's own URL, never from a request.",
    },
];

/// The section's values. No `Debug`: the URL may hold a password.
#[derive(Clone)]
pub struct MailSettings {
    /// The mail server; `None` = no mail.
    pub url: Option<String>,
    /// Who letters are from.
    pub from: String,
}

impl MailSettings {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let url = values.parse("mail.smtp_url", |text| match text {
            "" => Ok(None),
            url if url.starts_with("smtp://") || url.starts_with("smtps://") => Ok(Some(url.to_owned())),
            // What was given is not repeated: it may hold a password.
            _ => Err("must be a URL that begins with smtp:// or smtps://, or empty for no mail".to_owned()),
        })?;
        let from = values.parse("mail.from", |text| {
            let is_mailbox = text.parse::<lettre::message::Mailbox>().is_ok();
            if is_mailbox { Ok(text.to_owned()) } else { Err("must be an address, or a name and <an address>".to_owned()) }
        })?;
        Ok(Self { url, from })
    }
}

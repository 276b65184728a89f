//! The post by SMTP: one letter, one try.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::mailer::{Delivery, Letter, Mailer};
use doorward_core::refusal::Fault;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};

/// Seconds that the mail server may take over one answer.
const PATIENCE: Duration = Duration::from_secs(15);
/// Seconds that it may take over one letter: less than a letter is lent for.
const LONGEST: Duration = Duration::from_secs(25);

/// Where letters are handed over.
pub struct Postbox {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Postbox {
    /// Knows the way to the mail server; asks nobody yet.
    ///
    /// # Errors
    /// If the URL or the sender cannot be read; what was given is not repeated.
    pub fn open(url: &str, from: &str) -> Result<Arc<dyn Mailer>, Fault> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| Fault::new("mail.smtp_url cannot be used"))?;
        let transport = builder.timeout(Some(PATIENCE)).build();
        let from = from.parse().map_err(|_| Fault::new("mail.from is no address"))?;
        Ok(Arc::new(Self { transport, from }))
    }
}

impl Mailer for Postbox {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Delivery> {
        Box::pin(async move {
            let number = letter.number;
            let Some(message) = written(letter, &self.from) else {
                tracing::warn!(letter = number, "a letter could not be written: its address is none");
                return Delivery::Never;
            };
            match tokio::time::timeout(LONGEST, self.transport.send(message)).await {
                Ok(Ok(_)) => Delivery::Taken,
                Ok(Err(error)) => {
                    let permanent = error.is_permanent();
                    tracing::warn!(letter = number, permanent, "the mail server did not take a letter");
                    if permanent { Delivery::Never } else { Delivery::Later }
                }
                Err(_) => {
                    tracing::warn!(letter = number, "the mail server took too long over a letter");
                    Delivery::Later
                }
            }
        })
    }
}

fn written(letter: &Letter, from: &Mailbox) -> Option<Message> {
    let mail = &letter.mail;
    let to: Mailbox = mail.to.parse().ok()?;
    let subject: String = mail.subject.chars().filter(|c| !c.is_control()).collect();
    let kind = if mail.html { ContentType::TEXT_HTML } else { ContentType::TEXT_PLAIN };
    let part = SinglePart::builder().header(kind).body(mail.body.clone());
    // Of when it was written, not of this try.
    let date = SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(letter.written.0).unwrap_or_default());
    let id = Some(format!("<{}>", letter.id));
    Message::builder().from(from.clone()).to(to).subject(subject).date(date).message_id(id).singlepart(part).ok()
}

#[cfg(test)]
mod tests {
    use doorward_core::call::Time;
    use doorward_core::port::mailer::Mail;

    use super::*;

    #[test]
    fn a_subject_has_no_lines_and_an_address_is_one() {
        let from: Mailbox = "Doorward <d@localhost>".parse().unwrap();
        let mail = |to: &str| {
            let mail = Mail { to: to.into(), subject: "Hi\r\nBcc: x@y.z".into(), body: "b".into(), html: false };
            Letter { number: 1, id: "1f@example.com".into(), written: Time(1_700_000_000), mail }
        };
        let text = String::from_utf8(written(&mail("a@example.com"), &from).unwrap().formatted()).unwrap();
        assert!(text.contains("Subject: HiBcc: x@y.z\r\n"), "{text}");
        assert!(text.contains("Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n") && text.contains("Message-ID: <1f@example.com>\r\n"), "{text}");
        assert!(written(&mail("a@example.com\r\nBcc: x@y.z"), &from).is_none());
        assert!(written(&mail("nobody"), &from).is_none());
    }
}

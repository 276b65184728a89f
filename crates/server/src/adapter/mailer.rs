//! The post by SMTP: a short queue and one carrier, who tries again before a letter is given up.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::port::mailer::{Mail, Mailer};
use doorward_core::refusal::Fault;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use tokio::sync::mpsc;

/// Letters that may wait.
const QUEUE: usize = 1000;
/// Seconds between tries; after the last the letter is given up, and the log says so.
const PAUSES: [u64; 3] = [1, 10, 60];
/// Seconds that the mail server may take over one letter.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where letters are handed in.
pub struct Postbox {
    queue: mpsc::Sender<Mail>,
}

impl Postbox {
    /// Opens the post and sends its carrier out. Must be called inside the runtime.
    ///
    /// # Errors
    /// If the URL or the sender cannot be read; what was given is not repeated.
    pub fn open(url: &str, from: &str) -> Result<Arc<dyn Mailer>, Fault> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|_| Fault::new("mail.smtp_url cannot be used"))?;
        let transport = builder.timeout(Some(PATIENCE)).build();
        let from: Mailbox = from.parse().map_err(|_| Fault::new("mail.from is no address"))?;
        let (queue, letters) = mpsc::channel(QUEUE);
        tokio::spawn(carry(transport, from, letters));
        Ok(Arc::new(Self { queue }))
    }
}

impl Mailer for Postbox {
    fn post(&self, mail: Mail) -> bool {
        let taken = self.queue.try_send(mail).is_ok();
        if !taken {
            tracing::error!("the mail queue is full: a letter was lost");
        }
        taken
    }
}

async fn carry(transport: AsyncSmtpTransport<Tokio1Executor>, from: Mailbox, mut letters: mpsc::Receiver<Mail>) {
    while let Some(mail) = letters.recv().await {
        let Some(message) = written(&mail, &from) else {
            tracing::warn!("a letter could not be written: its address is none");
            continue;
        };
        let transport = transport.clone();
        // A slow server holds up this letter, not those behind it.
        tokio::spawn(async move {
            for pause in PAUSES.into_iter().map(Some).chain([None]) {
                match (transport.send(message.clone()).await, pause) {
                    (Ok(_), _) => return,
                    (Err(error), Some(seconds)) if !error.is_permanent() => tokio::time::sleep(Duration::from_secs(seconds)).await,
                    (Err(error), Some(_) | None) => {
                        tracing::error!(permanent = error.is_permanent(), "a letter was given up: the mail server did not take it");
                        return;
                    }
                }
            }
        });
    }
}

fn written(mail: &Mail, from: &Mailbox) -> Option<Message> {
    let to: Mailbox = mail.to.parse().ok()?;
    let subject: String = mail.subject.chars().filter(|c| !c.is_control()).collect();
    let kind = if mail.html { ContentType::TEXT_HTML } else { ContentType::TEXT_PLAIN };
    let part = SinglePart::builder().header(kind).body(mail.body.clone());
    Message::builder().from(from.clone()).to(to).subject(subject).singlepart(part).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_has_no_lines_and_an_address_is_one() {
        let from: Mailbox = "Doorward <d@localhost>".parse().unwrap();
        let mail = |to: &str| Mail { to: to.into(), subject: "Hi\r\nBcc: x@y.z".into(), body: "b".into(), html: false };
        let text = String::from_utf8(written(&mail("a@example.com"), &from).unwrap().formatted()).unwrap();
        assert!(text.contains("Subject: HiBcc: x@y.z\r\n"), "{text}");
        assert!(written(&mail("a@example.com\r\nBcc: x@y.z"), &from).is_none());
        assert!(written(&mail("nobody"), &from).is_none());
    }
}

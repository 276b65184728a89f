//! The postman: letters that are due are handed to the mail server, and what became of them is written. What it held when the server died
//! is tried again by whoever is there next.

use std::sync::Arc;

use doorward_core::flow::post::{self, Tried};
use doorward_core::house::House;
use doorward_core::port::mailer::{Delivery, Mailer};
use doorward_core::port::store::SealedLetter;
use doorward_core::refusal::Fault;
use doorward_web::Source;

use crate::carrier::Load;

/// What the postman needs.
pub(crate) struct Letters {
    pub(crate) house: Arc<House>,
    pub(crate) mailer: Arc<dyn Mailer>,
    pub(crate) source: Arc<dyn Source>,
}

impl Load for Letters {
    type Item = SealedLetter;

    async fn take(&self, limit: u32) -> Result<Vec<SealedLetter>, Fault> {
        post::take(&self.house, self.source.now(), limit).await
    }

    async fn carry(&self, letter: &SealedLetter) {
        let opened = post::open(&self.house, letter);
        let delivery = match &opened {
            Ok(opened) => self.mailer.send(opened).await,
            Err(fault) => {
                tracing::error!(%fault, letter = letter.id, "a letter does not open");
                Delivery::Never
            }
        };
        let to = opened.as_ref().ok().map(|opened| opened.mail.to.as_str());
        match post::settle(&self.house, Tried { taken: letter, to, delivery }, self.source.now()).await {
            Ok(true) => tracing::error!(letter = letter.id, site = letter.site.0, tries = letter.tries + 1, "a letter was given up"),
            Ok(false) => tracing::debug!(letter = letter.id, site = letter.site.0, ?delivery, "a letter was tried"),
            Err(fault) => tracing::error!(%fault, "what became of a letter was not written"),
        }
    }

    async fn give_back(&self, letter: &SealedLetter) {
        if let Err(fault) = post::give_back(&self.house, letter, self.source.now()).await {
            tracing::error!(%fault, letter = letter.id, "a letter was not given back: it is free when its time is over");
        }
    }

    fn is_down(&self, fault: &Fault) {
        tracing::error!(%fault, "letters cannot be read");
    }

    fn is_back(&self) {
        tracing::info!("letters can be read again");
    }
}

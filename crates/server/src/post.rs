//! The postman: takes letters that are due out of the store, hands them to the mail server, and writes what became of them. What it held
//! when the server died is tried again by whoever is there next.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::flow::post;
use doorward_core::house::House;
use doorward_core::port::mailer::{Delivery, Mailer};
use doorward_core::port::store::SealedLetter;
use doorward_core::refusal::Fault;
use doorward_web::Source;
use tokio::sync::Semaphore;

/// Between two looks for letters that are due.
const TURN: Duration = Duration::from_millis(250);
/// Letters that are handed over at a time: a slow mail server holds up these, not those behind them.
const AT_A_TIME: usize = 16;

/// Runs until it is dropped; at once over where this server sends no mail.
pub async fn run(house: Arc<House>, source: Arc<dyn Source>) {
    let Some(mailer) = house.terms().mailer.clone() else { return };
    let slots = Arc::new(Semaphore::new(AT_A_TIME));
    let mut ticks = tokio::time::interval(TURN);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut complained = false;
    loop {
        ticks.tick().await;
        let free = u32::try_from(slots.available_permits()).unwrap_or(0);
        if free == 0 {
            continue;
        }
        let taken = match post::take(&house, source.now(), free).await {
            Ok(taken) => taken,
            Err(fault) => {
                if !complained {
                    tracing::error!(%fault, "letters cannot be read");
                }
                complained = true;
                continue;
            }
        };
        complained = false;
        for letter in taken {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (house, mailer, source) = (Arc::clone(&house), Arc::clone(&mailer), Arc::clone(&source));
            tokio::spawn(async move {
                if let Err(fault) = deliver(&house, mailer.as_ref(), source.as_ref(), letter).await {
                    tracing::error!(%fault, "what became of a letter was not written");
                }
                drop(slot);
            });
        }
    }
}

async fn deliver(house: &House, mailer: &dyn Mailer, source: &dyn Source, letter: SealedLetter) -> Result<(), Fault> {
    let delivery = match post::open(house, &letter) {
        Ok(mail) => mailer.send(letter.id, &mail).await,
        Err(fault) => {
            tracing::error!(%fault, letter = letter.id, "a letter does not open");
            Delivery::Never
        }
    };
    if post::settle(house, &letter, delivery, source.now()).await? {
        tracing::error!(
            letter = letter.id,
            site = letter.site.0,
            tries = letter.tries + 1,
            "a letter was given up: the mail server did not take it"
        );
    } else {
        tracing::debug!(letter = letter.id, site = letter.site.0, ?delivery, "a letter was tried");
    }
    Ok(())
}

//! The carrier: takes errands that are due out of the store, tells them, and writes what became of them. What it was telling when the
//! server died is told again.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::flow::errands;
use doorward_core::house::House;
use doorward_core::port::store::Errand;
use doorward_core::refusal::Fault;
use doorward_web::{Dialect, Source};
use tokio::sync::Semaphore;

/// Between two looks for errands that are due.
const TURN: Duration = Duration::from_millis(250);
/// Errands that are told at a time.
const AT_A_TIME: usize = 16;

/// Runs until it is dropped.
pub async fn run(house: Arc<House>, dialects: Vec<Arc<dyn Dialect>>, source: Arc<dyn Source>) {
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
        let taken = match errands::take(&house, source.now(), free).await {
            Ok(taken) => taken,
            Err(fault) => {
                if !complained {
                    tracing::error!(%fault, "errands cannot be read");
                }
                complained = true;
                continue;
            }
        };
        complained = false;
        for errand in taken {
            let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
            let (house, dialects, source) = (Arc::clone(&house), dialects.clone(), Arc::clone(&source));
            tokio::spawn(async move {
                if let Err(fault) = tell(&house, &dialects, source.as_ref(), errand).await {
                    tracing::error!(%fault, "what became of an errand was not written");
                }
                drop(slot);
            });
        }
    }
}

async fn tell(house: &House, dialects: &[Arc<dyn Dialect>], source: &dyn Source, errand: Errand) -> Result<(), Fault> {
    let name = errand.kind.split('.').next().unwrap_or_default();
    let dialect = dialects.iter().find(|dialect| dialect.name() == name);
    let view = house.directory().by_id(errand.site).cloned();
    let (mut question, mut keep) = (None, 0);
    if let (Some(dialect), Some(view)) = (dialect, &view) {
        question = dialect.errand(house, view, &errand, source.now());
        keep = dialect.keeps_errands(view);
    }
    let answer = match (question, &house.terms().fetcher) {
        (Some(question), Some(fetcher)) => Some(fetcher.fetch(question).await),
        (None, _) | (_, None) => None,
    };
    let now = source.now();
    let after = errands::after(errand, answer, now);
    tracing::debug!(
        errand = after.id,
        site = after.site.0,
        standing = after.standing.word(),
        heard = after.heard.as_str(),
        "an errand was told"
    );
    errands::settle(house, after, keep, now).await
}

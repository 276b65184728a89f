//! The timer: follows the change feed, writes what was gathered, looks at the watched file, sweeps what has expired.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::call::Time;
use doorward_core::flow::sweep::{flush_gathered, flush_traffic, flush_used, follow, forget, sweep};
use doorward_core::house::{House, STALENESS};
use doorward_core::refusal::Fault;
use doorward_web::{Dialect, Source};

use crate::rules::file::Watch;

/// Turns of the feed between two writings of refused checks, and two looks at the watched file (one second).
const GATHERED: u32 = 4;
/// Turns between two writings of "last used" (one minute).
const USED: u32 = 240;
/// Turns between two sweeps (five minutes).
const SWEEP: u32 = 1200;

/// Runs until it is dropped. `from` is the position of the change feed at start.
pub async fn run(
    house: Arc<House>,
    dialects: Vec<Arc<dyn Dialect>>,
    source: Arc<dyn Source>,
    from: i64,
    keep_audit: i64,
    mut file: Option<Watch>,
) {
    let mut ticks = tokio::time::interval(Duration::from_millis(STALENESS / 2));
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut position = from;
    let mut turn: u32 = 0;
    let mut complained = false;
    loop {
        ticks.tick().await;
        turn = turn.wrapping_add(1);
        match follow(&house, position).await {
            Ok((next, problems)) => {
                position = next;
                complained = false;
                for problem in problems {
                    tracing::error!(%problem, "a changed site cannot be used");
                }
            }
            Err(fault) if !complained => {
                complained = true;
                tracing::error!(%fault, "the change feed cannot be read");
            }
            Err(_) => {}
        }
        if turn.is_multiple_of(GATHERED) {
            log(flush_gathered(&house).await, "gathered audit entries were lost");
            if let Some(file) = &mut file {
                file.turn(&house, source.as_ref()).await;
            }
        }
        if turn.is_multiple_of(USED) {
            log(flush_used(&house).await, "the dates of last use were lost");
            log(flush_traffic(&house, source.now()).await, "the counts of a minute were lost");
        }
        if turn.is_multiple_of(SWEEP) {
            log(sweep(&house, source.now(), keep_audit).await.map(|_| ()), "the sweep failed");
            log(forget_audit(&house, &dialects, source.now()).await, "the sweep of the audit failed");
        }
    }
}

/// Forgets what sites do not want remembered as long as the server would.
///
/// # Errors
/// The store's.
pub async fn forget_audit(house: &House, dialects: &[Arc<dyn Dialect>], now: Time) -> Result<(), Fault> {
    let views: Vec<_> = house.directory().sites().to_vec();
    for view in views {
        for dialect in dialects {
            if let Some(keep) = dialect.keeps_audit(&view) {
                forget(house, view.site.id, format!("{}.", dialect.name()), now.plus(-keep)).await?;
            }
        }
    }
    Ok(())
}

/// Writes what is still in memory, at the end.
pub async fn last_flush(house: &House, now: Time) {
    log(flush_traffic(house, now).await, "the counts of a minute were lost");
    log(flush_gathered(house).await, "gathered audit entries were lost");
    log(flush_used(house).await, "the dates of last use were lost");
}

fn log(outcome: Result<(), Fault>, what: &str) {
    if let Err(fault) = outcome {
        tracing::error!(%fault, what);
    }
}

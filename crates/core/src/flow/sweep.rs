//! The sweep and the feed: what the timer does now and then.

use crate::audit::Traffic;
use crate::call::Time;
use crate::house::House;
use crate::port::store::Swept;
use crate::refusal::Fault;
use crate::site::SiteId;

/// Writes the refused checks that were gathered in memory.
///
/// # Errors
/// The store's; what was gathered is lost then (it is no acknowledged write).
pub async fn flush_gathered(house: &House) -> Result<(), Fault> {
    let gathered = house.memory().take_gathered();
    if gathered.entries.is_empty() {
        return Ok(());
    }
    house.work(move |desk| gathered.entries.iter().try_for_each(|entry| desk.remember(entry))).await
}

/// Writes when API tokens were last used. Called at most once a minute.
///
/// # Errors
/// The store's.
pub async fn flush_used(house: &House) -> Result<(), Fault> {
    let used = house.memory().take_used();
    if used.is_empty() {
        return Ok(());
    }
    house.work(move |desk| desk.touch_api_tokens(&used)).await
}

/// Writes how many requests were let through. Called about once a minute: what came since is the minute's in which it is called.
///
/// # Errors
/// The store's; what was counted is lost then.
pub async fn flush_traffic(house: &House, now: Time) -> Result<(), Fault> {
    let minute = Time(now.0 - now.0.rem_euclid(60));
    let counted = house.meters().into_iter().map(|(site, meter)| Traffic { site, minute, verified: meter.take_passed().cast_signed() });
    let traffic: Vec<Traffic> = counted.filter(|t| t.verified > 0).collect();
    if traffic.is_empty() {
        return Ok(());
    }
    house.work(move |desk| desk.add_traffic(&traffic)).await
}

/// Throws away what has expired, in store and memory.
///
/// # Errors
/// The store's.
pub async fn sweep(house: &House, now: Time, keep_audit: i64) -> Result<Swept, Fault> {
    let window = house.terms().limits.window;
    house.memory().forget_expired(now);
    house.work(move |desk| desk.sweep(now, window, keep_audit)).await
}

/// Throws away what a site does not want remembered longer of a language: `actions` is what its actions begin with.
///
/// # Errors
/// The store's.
pub async fn forget(house: &House, site: SiteId, actions: String, before: Time) -> Result<u64, Fault> {
    house.work(move |desk| desk.drop_audit(site, &actions, before)).await
}

/// Reads changes that other processes noted after `seq`, applies them, and returns the new position and the problems of
/// sites that stayed as they were. A node that was away for so long that changes after `seq` were swept reads all anew.
///
/// # Errors
/// The store's.
pub async fn follow(house: &House, seq: i64) -> Result<(i64, Vec<String>), Fault> {
    let (changes, first, last) = house
        .look(move |desk| {
            let (changes, last) = desk.changes_after(seq)?;
            // Nothing new is nearly always the answer.
            let first = if changes.is_empty() { 0 } else { desk.first_change()? };
            Ok((changes, first, last))
        })
        .await?;
    let problems = if first > seq.saturating_add(1) { house.start_anew().await? } else { house.apply(&changes).await };
    Ok((last, problems))
}

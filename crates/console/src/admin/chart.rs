//! `/api/audit/chart`: logins, refusals and let-through requests over time.

use doorward_core::audit::{Outcome, Span, opens_a_session};
use doorward_core::call::Time;
use doorward_core::port::store::Look;
use serde_json::{Value, json};

use super::audit::{query, time};
use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;

/// The most points of a chart.
const POINTS: i64 = 1000;
/// A day, in seconds.
const DAY: i64 = 86_400;
/// The shortest step: what is let through is counted by the minute.
const MINUTE: i64 = 60;

pub(super) async fn chart(ask: Ask) -> Result<Answer, No> {
    let asked = query(&ask, 1).await?;
    let until = time(&ask, "to")?.unwrap_or(ask.call.now.plus(1));
    let from = time(&ask, "from")?.unwrap_or(until.plus(-DAY));
    let long = until.since(from);
    if long <= 0 {
        return Err(No::invalid("to", "It must be later than `from`"));
    }
    let step = match ask.query("step").filter(|text| !text.is_empty()) {
        None => (long / 96).max(MINUTE),
        Some(text) => {
            text.parse().ok().filter(|step| *step >= MINUTE).ok_or_else(|| No::invalid("step", "60 seconds or more are asked for"))?
        }
    };
    // Whole steps of the clock: the same moment is in the same step whenever it is looked at.
    let from = Time(from.0.div_euclid(step) * step);
    let points = until.since(from).div_euclid(step) + i64::from(until.since(from).rem_euclid(step) > 0);
    if points > POINTS {
        return Err(No::invalid("step", format!("It makes {points} points: {POINTS} are the most")));
    }
    // What was let through is counted by site alone, and says nothing of who, why and from where.
    let is_narrow =
        ["user", "by", "action", "reason", "outcome", "address"].iter().any(|name| ask.query(name).is_some_and(|text| !text.is_empty()));
    let (counts, traffic) = match asked {
        None => (Vec::new(), Vec::new()),
        Some(asked) => {
            let span = Span { site: asked.site, from, until, step };
            let look = move |desk: &mut dyn Look| {
                let traffic = if is_narrow { Vec::new() } else { desk.traffic(&span)? };
                Ok((desk.audit_counts(&span, &asked)?, traffic))
            };
            ask.console.house.look(look).await?
        }
    };
    let points = usize::try_from(points).unwrap_or(0);
    let (mut logins, mut refusals, mut verifications) = (vec![0_i64; points], vec![0_i64; points], vec![0_i64; points]);
    let add = |row: &mut Vec<i64>, slot: i64, n: i64| {
        if let Some(sum) = usize::try_from(slot).ok().and_then(|at| row.get_mut(at)) {
            *sum += n;
        }
    };
    for count in counts {
        match count.outcome {
            Outcome::Refused => add(&mut refusals, count.slot, count.times),
            Outcome::Granted if opens_a_session(&count.action) => add(&mut logins, count.slot, count.times),
            Outcome::Granted => {}
        }
    }
    for (slot, n) in traffic {
        add(&mut verifications, slot, n);
    }
    let at: Vec<i64> = (0..points).map(|slot| from.0 + i64::try_from(slot).unwrap_or(0) * step).collect();
    let verifications = if is_narrow { Value::Null } else { json!(verifications) };
    Ok(Answer::ok(&json!({"step": step, "at": at, "logins": logins, "refusals": refusals, "verifications": verifications})))
}

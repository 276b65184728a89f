//! Errands: what is told to other servers after the fact (webhooks). They are kept in the store first, told later, and told again until
//! they are heard or there is no more hope; whoever caused them waits for none of it. An errand is written in the transaction of its event,
//! so that no crash comes between them.

use crate::call::Time;
use crate::house::House;
use crate::port::fetcher::{Heard, Unheard};
use crate::port::store::{Errand, Standing, Work};
use crate::refusal::Fault;
use crate::site::SiteId;

/// Seconds between tries; after the last an errand is given up (in all about a day).
const PAUSES: [i64; 8] = [5, 30, 120, 600, 3600, 10_800, 21_600, 43_200];
/// Seconds after which an errand is given to somebody else: whoever took it has died with it.
const LEASE: i64 = 60;

/// Keeps one errand for each target, inside the transaction of the event that they tell of: either both are there, or neither.
///
/// # Errors
/// The store's.
pub fn keep_in(desk: &mut dyn Work, site: SiteId, kind: &str, targets: &[String], about: &str, now: Time) -> Result<(), Fault> {
    for target in targets {
        desk.add_errand(&Errand {
            id: 0,
            site,
            kind: kind.to_owned(),
            target: target.clone(),
            about: about.to_owned(),
            made: now,
            due: now,
            tries: 0,
            standing: Standing::Waiting,
            heard: String::new(),
        })?;
    }
    Ok(())
}

/// Takes errands that are due, at most `limit`.
///
/// # Errors
/// The store's.
pub async fn take(house: &House, now: Time, limit: u32) -> Result<Vec<Errand>, Fault> {
    // Looking costs little, and nearly always nothing is due.
    if house.look(|desk| desk.next_errand()).await?.is_none_or(|due| due > now) {
        return Ok(Vec::new());
    }
    house.work(move |desk| desk.take_errands(now, now.plus(LEASE), limit)).await
}

/// What becomes of an errand after a try. `None` as answer = its target is no longer there.
#[must_use]
pub fn after(errand: &Errand, answer: Option<Result<Heard, Unheard>>, now: Time) -> Errand {
    let tries = errand.tries + 1;
    let (is_good, heard) = match &answer {
        None => (false, "no longer set up".to_owned()),
        Some(Ok(heard)) => ((200..300).contains(&heard.status), heard.status.to_string()),
        Some(Err(unheard)) => (false, unheard.word().to_owned()),
    };
    let pause = usize::try_from(errand.tries).ok().and_then(|tries| PAUSES.get(tries));
    let (standing, due) = match (is_good, pause) {
        (true, _) => (Standing::Done, now),
        (false, Some(pause)) if answer.is_some() && answer != Some(Err(Unheard::Forbidden)) => (Standing::Waiting, now.plus(*pause)),
        (false, _) => (Standing::GivenUp, now),
    };
    Errand { tries, standing, due, heard, ..errand.clone() }
}

/// Writes what became of an errand as it was `taken`, and throws away those of its site that ended more than `keep` seconds ago. False if it
/// was somebody else's by then.
///
/// # Errors
/// The store's.
pub async fn settle(house: &House, taken: &Errand, after: Errand, keep: i64, now: Time) -> Result<bool, Fault> {
    let taken = taken.clone();
    let work = house.work(move |desk| {
        let is_settled = desk.settle_errand(&taken, &after)?;
        desk.drop_errands(after.site, now.plus(1).plus(-keep))?;
        Ok(is_settled)
    });
    work.await
}

/// Gives an errand back that was not told to the end: it is due at once, for whoever is there, and nothing has been tried.
///
/// # Errors
/// The store's.
pub async fn give_back(house: &House, taken: &Errand, now: Time) -> Result<(), Fault> {
    let (taken, due) = (taken.clone(), Errand { due: now, ..taken.clone() });
    house.work(move |desk| desk.settle_errand(&taken, &due)).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errand(tries: i64) -> Errand {
        Errand {
            id: 1,
            site: SiteId(1),
            kind: "k".into(),
            target: "t".into(),
            about: "{}".into(),
            made: Time(0),
            due: Time(0),
            tries,
            standing: Standing::Waiting,
            heard: String::new(),
        }
    }

    fn heard(status: u16) -> Option<Result<Heard, Unheard>> {
        Some(Ok(Heard { status, body: Vec::new() }))
    }

    #[test]
    fn an_errand_is_told_again_later_and_later_until_it_is_heard_or_hopeless() {
        let now = Time(1000);
        let stands = |tries: i64, answer| {
            let after = after(&errand(tries), answer, now);
            (after.standing, after.due.since(now), after.tries, after.heard)
        };
        assert_eq!(stands(0, heard(204)), (Standing::Done, 0, 1, "204".into()));
        assert_eq!(stands(0, heard(500)), (Standing::Waiting, 5, 1, "500".into()));
        assert_eq!(stands(0, heard(302)), (Standing::Waiting, 5, 1, "302".into()));
        assert_eq!(stands(7, Some(Err(Unheard::TooLate))), (Standing::Waiting, 43_200, 8, "too late".into()));
        assert_eq!(stands(8, heard(500)), (Standing::GivenUp, 0, 9, "500".into()));
        assert_eq!(stands(0, Some(Err(Unheard::Forbidden))), (Standing::GivenUp, 0, 1, "forbidden".into()));
        assert_eq!(stands(0, None), (Standing::GivenUp, 0, 1, "no longer set up".into()));
        assert!(PAUSES.windows(2).all(|pair| pair[0] < pair[1]));
    }
}

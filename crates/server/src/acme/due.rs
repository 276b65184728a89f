//! When a certificate is asked for: in good time before its end, and after a failure ever later.

use doorward_core::call::{Dice, Time};
use doorward_core::refusal::Fault;
use serde::{Deserialize, Serialize};

use super::dates::Dates;

/// Seconds after the first failure in a row; each further one waits four times as long.
const FIRST_PAUSE: i64 = 60;
/// The longest pause, in seconds: twelve hours.
const LAST_PAUSE: i64 = 12 * 3600;
/// Letters of a failure that are kept.
const STORY: usize = 500;

/// A certificate that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// From when until when it is good.
    pub dates: Dates,
    /// The directory of the authority that gave it.
    pub directory: String,
}

/// What has gone wrong since the last certificate, or what the operator wants.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// Failures in a row.
    pub failures: u32,
    /// What the last one said.
    pub story: String,
    /// When it was; 0 = never.
    pub at: i64,
    /// When it is tried again, as seconds since 1970.
    pub next: i64,
    /// True if the operator wants a new certificate although the one there is good.
    pub wanted: bool,
}

/// How it stands with a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Its certificate, if there is one.
    pub certificate: Option<Held>,
    /// What has gone wrong.
    pub trouble: Option<Trouble>,
}

/// When a certificate is renewed: when a third of its life is left, whether it is good for ninety days or for six.
#[must_use]
pub fn renewal(dates: Dates) -> Time {
    Time(dates.last.0.saturating_sub(dates.last.0.saturating_sub(dates.first.0) / 3))
}

impl Standing {
    /// True if a certificate of this directory should be asked for at `now`.
    #[must_use]
    pub fn is_due(&self, directory: &str, now: Time) -> bool {
        if self.trouble.as_ref().is_some_and(|trouble| now.0 < trouble.next) {
            return false;
        }
        let wanted = self.trouble.as_ref().is_some_and(|trouble| trouble.wanted);
        let good = self.certificate.as_ref().filter(|held| held.directory == directory && now < renewal(held.dates));
        wanted || good.is_none()
    }

    /// The trouble after one more failure at `now`. Nodes that failed together do not come back together.
    #[must_use]
    pub fn after_failure(&self, fault: &Fault, now: Time, dice: &mut dyn Dice) -> Trouble {
        let before = self.trouble.clone().unwrap_or_default();
        let failures = before.failures.saturating_add(1);
        let pause = (FIRST_PAUSE << (2 * (failures - 1)).min(20)).min(LAST_PAUSE);
        let more = i64::from(u16::from_be_bytes(dice.bytes::<2>())) % (pause / 10);
        // The authority's words: they are shown on terminals.
        let story = fault.to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).take(STORY).collect();
        Trouble { failures, story, at: now.0, next: now.0 + pause + more, wanted: before.wanted }
    }
}

#[cfg(test)]
mod tests {
    use doorward_core::testkit::SeededDice;

    use super::*;

    const DAY: i64 = 24 * 3600;

    fn held(directory: &str, days: i64) -> Standing {
        let dates = Dates { first: Time(0), last: Time(days * DAY) };
        Standing { certificate: Some(Held { dates, directory: directory.into() }), trouble: None }
    }

    #[test]
    fn a_certificate_is_asked_for_when_there_is_none_or_a_third_of_its_life_is_left() {
        assert!(Standing::default().is_due("a", Time(0)));
        for (days, due) in [(90, 60), (6, 4)] {
            assert!(!held("a", days).is_due("a", Time(due * DAY - 1)));
            assert!(held("a", days).is_due("a", Time(due * DAY)));
        }
        // Of another authority: at once.
        assert!(held("staging", 90).is_due("a", Time(0)));
        // Because the operator wants it: at once.
        let wanted = Trouble { wanted: true, ..Trouble::default() };
        assert!(Standing { trouble: Some(wanted), ..held("a", 90) }.is_due("a", Time(0)));
    }

    #[test]
    fn after_failures_it_is_tried_ever_later_and_never_given_up() {
        let mut dice = SeededDice::new(1);
        let mut standing = held("a", 90);
        let mut now = Time(89 * DAY);
        let mut pauses = Vec::new();
        for _ in 0..9 {
            let trouble = standing.after_failure(&Fault::new("no\nway\u{1b}[31m"), now, &mut dice);
            assert_eq!(trouble.story, "no way [31m");
            let next = Time(trouble.next);
            standing.trouble = Some(trouble);
            assert!(!standing.is_due("a", Time(next.0 - 1)));
            assert!(standing.is_due("a", next));
            pauses.push(next.0 - now.0);
            now = next;
        }
        let least = [60, 240, 960, 3840, 15_360, 43_200, 43_200, 43_200, 43_200];
        for (pause, least) in pauses.iter().zip(least) {
            assert!((least..least + least / 10).contains(pause), "{pauses:?}");
        }
    }
}

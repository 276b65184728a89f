//! What is handed over from a question to the request behind it: nginx drops the body of a no, and sends the client's request here
//! to have it answered; and every proxy is told to send here what it cannot take the credential out of. What was judged already is
//! not judged, charged or remembered twice.
//!
//! The proxy is given a handle with its answer, and shows it with the request. Who shows none, an old one, or one that was shown
//! before is judged like anybody; a handle gives nobody more than the no or the count that it stands for.

use std::collections::HashMap;

use data_encoding::HEXLOWER;
use doorward_core::call::{Dice, Time};
use doorward_gateway::guard::Tally;
use doorward_web::Reply;
use http::{HeaderMap, HeaderName, HeaderValue};
use parking_lot::Mutex;

/// The header that carries the handle, in nginx's answer and in its request.
pub(super) const HANDLE: HeaderName = HeaderName::from_static("x-doorward-answer");
/// Seconds that it is good: nginx comes back at once.
const LIFE: i64 = 30;
/// The most that wait. Further ones are judged again when they come.
const MOST: usize = 4096;
/// The largest answer that waits, in bytes of its body.
const LARGEST: usize = 64 * 1024;

/// What waits for its request.
pub(super) enum Handed {
    /// The whole answer.
    Answer(Box<Reply>),
    /// No more than what limits have counted: the request's body may say more than its head, and is judged with it.
    Counted(Tally),
}

/// What waits, by handle.
#[derive(Default)]
pub(super) struct Handover(Mutex<HashMap<[u8; 16], (Time, Handed)>>);

impl Handover {
    /// Keeps something for the request to come; the value of the header that stands for it, if it is kept.
    pub(super) fn keep(&self, handed: Handed, now: Time, dice: &mut dyn Dice) -> Option<HeaderValue> {
        if matches!(&handed, Handed::Answer(reply) if reply.body.len() > LARGEST) {
            return None;
        }
        let handle = dice.bytes::<16>();
        let mut kept = self.0.lock();
        if kept.len() >= MOST {
            kept.retain(|_, (until, _)| now < *until);
        }
        if kept.len() >= MOST {
            return None;
        }
        kept.insert(handle, (now.plus(LIFE), handed));
        HeaderValue::from_str(&HEXLOWER.encode(&handle)).ok()
    }

    /// What a request's handle stands for, once; the header is gone from the request in any case.
    pub(super) fn take(&self, headers: &mut HeaderMap, now: Time) -> Option<Handed> {
        let shown = headers.remove(HANDLE)?;
        let handle: [u8; 16] = HEXLOWER.decode(shown.as_bytes()).ok()?.try_into().ok()?;
        let (until, handed) = self.0.lock().remove(&handle)?;
        (now < until).then_some(handed)
    }
}

#[cfg(test)]
mod tests {
    use doorward_core::testkit::SeededDice;

    use super::*;

    fn answer(size: usize) -> Handed {
        Handed::Answer(Box::new(Reply::raw(403, "text/plain", vec![b'x'; size])))
    }

    #[test]
    fn what_waits_is_bounded_and_given_once_and_in_time() {
        let (handover, mut dice) = (Handover::default(), SeededDice::new(1));
        let take = |value: &HeaderValue, now| {
            let mut headers = HeaderMap::from_iter([(HANDLE, value.clone())]);
            let taken = handover.take(&mut headers, Time(now)).is_some();
            assert!(headers.is_empty());
            taken
        };
        let handle = handover.keep(answer(1), Time(0), &mut dice).unwrap();
        assert!(take(&handle, 29) && !take(&handle, 29));
        let handle = handover.keep(answer(1), Time(0), &mut dice).unwrap();
        assert!(!take(&handle, 30));
        for no in ["", "zz", "00", &"0".repeat(32), &"A".repeat(32)] {
            assert!(!take(&HeaderValue::from_str(no).unwrap(), 0), "{no}");
        }
        assert!(handover.keep(answer(LARGEST + 1), Time(0), &mut dice).is_none());
        for _ in 0..MOST {
            assert!(handover.keep(answer(1), Time(0), &mut dice).is_some());
        }
        assert!(handover.keep(answer(1), Time(29), &mut dice).is_none());
        assert!(handover.keep(answer(1), Time(30), &mut dice).is_some());
        assert_eq!(handover.0.lock().len(), 1);
    }
}

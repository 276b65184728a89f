//! Tries in flight: charged, and not yet known to be right or wrong.
//!
//! A counter says how many tries were charged; this says how many of them this process is still weighing. What is left
//! are the wrong ones, and only those lock: a try that finds its counter full of others in flight takes its charge back
//! in the same transaction and waits, in a queue of bounded length, until one of them has settled. Nobody gets more tries
//! that way than the counter has. Charges of another process are taken for wrong ones.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use futures_channel::oneshot;
use parking_lot::Mutex;

use super::AttemptKey;

/// At most so many tries wait for the tries in flight of one counter; further ones are answered that we are busy.
pub const WAITING: usize = 64;

/// The tries in flight of a process.
#[derive(Default)]
pub struct Flights(Mutex<Board>);

#[derive(Default)]
struct Board {
    lanes: HashMap<AttemptKey, Lane>,
    /// How many have settled, ever.
    settled: u64,
}

struct Lane {
    flying: u32,
    /// The count of settled ones when this lane last changed.
    turn: u64,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// A counter that is full of tries in flight, as it was seen.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Crowd {
    key: AttemptKey,
    turn: u64,
}

/// A try in flight on its counters; dropped when it has settled, however it did.
pub(crate) struct Flight {
    flights: Arc<Flights>,
    keys: [AttemptKey; 2],
}

/// The turn of one that has waited. Dropped, it becomes the turn of the next, so that none is lost with a client.
pub(crate) struct Turn {
    flights: Arc<Flights>,
    key: Option<AttemptKey>,
}

/// What came of wanting to wait.
pub(crate) enum Queued {
    /// Something has settled already: try again at once.
    Again,
    /// Wait for this.
    Waits(oneshot::Receiver<Turn>),
    /// Too many wait.
    Full,
}

impl Flights {
    /// Whether a counter, the asker's own charge included, is over its limit because of tries in flight, not because of
    /// wrong ones. Also true where more than a limit of tries are in flight: a lock is not to be told by its pace.
    pub(crate) fn crowd(&self, key: AttemptKey, count: u32, limit: u32) -> Option<Crowd> {
        let board = self.0.lock();
        let lane = board.lanes.get(&key).filter(|lane| lane.flying > 0)?;
        let wrong = count.saturating_sub(1).saturating_sub(lane.flying);
        (count > limit && (wrong < limit || lane.flying >= limit)).then_some(Crowd { key, turn: lane.turn })
    }

    /// A try takes off. Called inside the transaction that charges it, so that no other sees the charge without it.
    pub(crate) fn take_off(self: &Arc<Self>, keys: [AttemptKey; 2]) -> Flight {
        let mut board = self.0.lock();
        let turn = board.settled;
        for key in keys {
            board.lanes.entry(key).or_insert_with(|| Lane { flying: 0, turn, waiting: VecDeque::new() }).flying += 1;
        }
        Flight { flights: Arc::clone(self), keys }
    }

    /// Queues for a crowded counter.
    pub(crate) fn queue(&self, crowd: Crowd) -> Queued {
        let mut board = self.0.lock();
        let Some(lane) = board.lanes.get_mut(&crowd.key).filter(|lane| lane.turn == crowd.turn) else { return Queued::Again };
        lane.waiting.retain(|sender| !sender.is_canceled());
        if lane.waiting.len() >= WAITING {
            return Queued::Full;
        }
        let (sender, receiver) = oneshot::channel();
        lane.waiting.push_back(sender);
        Queued::Waits(receiver)
    }

    fn land(self: &Arc<Self>, key: AttemptKey) {
        let mut board = self.0.lock();
        board.settled += 1;
        let turn = board.settled;
        if let Some(lane) = board.lanes.get_mut(&key) {
            lane.flying = lane.flying.saturating_sub(1);
            lane.turn = turn;
        }
        drop(board);
        self.next(key);
    }

    /// Gives the turn to the first who still waits.
    fn next(self: &Arc<Self>, key: AttemptKey) {
        loop {
            let mut board = self.0.lock();
            let Entry::Occupied(mut lane) = board.lanes.entry(key) else { return };
            let Some(sender) = lane.get_mut().waiting.pop_front() else {
                if lane.get().flying == 0 {
                    lane.remove();
                }
                return;
            };
            drop(board);
            let turn = Turn { flights: Arc::clone(self), key: Some(key) };
            match sender.send(turn) {
                Ok(()) => return,
                Err(turn) => turn.stays(),
            }
        }
    }
}

impl Turn {
    /// Ends the turn without giving it on: its owner waits again for somebody who is still in flight.
    pub(crate) fn stays(mut self) {
        self.key = None;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(key) = self.key.take() {
            self.flights.next(key);
        }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        for key in self.keys {
            self.flights.land(key);
        }
    }
}

impl std::fmt::Debug for Flight {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Flight")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [AttemptKey; 2] = [AttemptKey([1; 16]), AttemptKey([2; 16])];

    fn waits(flights: &Flights, crowd: Crowd) -> oneshot::Receiver<Turn> {
        match flights.queue(crowd) {
            Queued::Waits(receiver) => receiver,
            Queued::Again | Queued::Full => panic!("it should wait"),
        }
    }

    #[test]
    fn only_tries_in_flight_crowd_a_counter() {
        let flights = Arc::new(Flights::default());
        assert!(flights.crowd(KEYS[0], 4, 3).is_none(), "three wrong ones");
        let one = flights.take_off(KEYS);
        for (count, crowded) in [(3, false), (4, true), (5, false), (u32::MAX, false)] {
            assert_eq!(flights.crowd(KEYS[0], count, 3).is_some(), crowded, "{count} charged, one in flight");
        }
        let more = [flights.take_off(KEYS), flights.take_off(KEYS)];
        assert!(flights.crowd(KEYS[0], 100, 3).is_some(), "as many in flight as the limit, locked or not");
        drop((one, more));
        assert!(flights.crowd(KEYS[0], 4, 3).is_none());
        assert!(flights.0.lock().lanes.is_empty(), "nothing is left behind");
    }

    #[test]
    fn a_turn_is_never_lost() {
        let flights = Arc::new(Flights::default());
        let flying = flights.take_off(KEYS);
        let crowd = flights.crowd(KEYS[0], 2, 1).unwrap();
        let (gone, mut dropped, mut last) = (waits(&flights, crowd), waits(&flights, crowd), waits(&flights, crowd));
        drop(gone);
        drop(flying);
        assert!(matches!(flights.queue(crowd), Queued::Again), "it has settled in between");
        let turn = dropped.try_recv().unwrap().expect("the first that still waits");
        assert!(last.try_recv().unwrap().is_none());
        drop(turn);
        let turn = last.try_recv().unwrap().expect("the next");
        turn.stays();
        drop(last);
    }

    #[test]
    fn the_queue_is_bounded_and_clients_that_left_make_room() {
        let flights = Arc::new(Flights::default());
        let _flying = flights.take_off(KEYS);
        let crowd = flights.crowd(KEYS[0], 2, 1).unwrap();
        let mut all: Vec<_> = (0..WAITING).map(|_| waits(&flights, crowd)).collect();
        assert!(matches!(flights.queue(crowd), Queued::Full));
        all.pop();
        all.push(waits(&flights, crowd));
    }
}

//! The carrier: takes out of the store what is due, sees to so many at a time, and goes on. What it carries, letters or webhooks, is its
//! load's matter.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use doorward_core::refusal::Fault;
use tokio::sync::watch;
use tokio::task::JoinSet;

/// What is seen to at a time: one that is slow holds up these, not those behind them.
const AT_A_TIME: usize = 16;

/// What is carried.
pub(crate) trait Load: Send + Sync + 'static {
    /// One of it, as it was taken.
    type Item: Send + Sync + 'static;
    /// Takes what is due, at most so many.
    fn take(&self, limit: u32) -> impl Future<Output = Result<Vec<Self::Item>, Fault>> + Send;
    /// Sees to one, and writes what became of it.
    fn carry(&self, item: &Self::Item) -> impl Future<Output = ()> + Send;
    /// Gives one back that was not seen to the end.
    fn give_back(&self, item: &Self::Item) -> impl Future<Output = ()> + Send;
    /// The store cannot be read; said once until it can.
    fn is_down(&self, fault: &Fault);
    /// The store can be read again.
    fn is_back(&self);
}

/// The carrier's times.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    /// Between two looks for what is due.
    pub(crate) turn: Duration,
    /// How long what is under way is waited for at the end.
    pub(crate) last_wait: Duration,
    /// How long giving back may take after that; what is not given back is free when its lease is over.
    pub(crate) giving_back: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self { turn: Duration::from_millis(250), last_wait: Duration::from_secs(5), giving_back: Duration::from_secs(1) }
    }
}

/// Carries until it is to stop; then takes nothing more, lets what is under way come to its end, and gives back what does not in time.
pub(crate) async fn run<L: Load>(load: Arc<L>, times: Times, stopped: watch::Receiver<bool>) {
    // A store that answers nobody is not waited for longer than that either.
    let longest = async {
        said(stopped.clone()).await;
        tokio::time::sleep(times.last_wait + times.giving_back).await;
    };
    tokio::select! {
        () = to_the_end(load, times, stopped.clone()) => {}
        () = longest => {}
    }
}

async fn to_the_end<L: Load>(load: Arc<L>, times: Times, stopped: watch::Receiver<bool>) {
    let (end, ended) = watch::channel(false);
    let mut under_way = JoinSet::new();
    let mut ticks = tokio::time::interval(times.turn);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut is_down = false;
    loop {
        // Taking is not awaited beside the stop: what was taken and dropped would be nobody's until its lease is over.
        tokio::select! {
            biased;
            () = said(stopped.clone()) => break,
            Some(_) = under_way.join_next() => continue,
            _ = ticks.tick() => {}
        }
        let free = AT_A_TIME.saturating_sub(under_way.len());
        if free == 0 {
            continue;
        }
        let taken = load.take(u32::try_from(free).unwrap_or_default()).await;
        match &taken {
            Err(fault) if !is_down => load.is_down(fault),
            Ok(_) if is_down => load.is_back(),
            Err(_) | Ok(_) => {}
        }
        is_down = taken.is_err();
        for item in taken.unwrap_or_default() {
            under_way.spawn(see_to(Arc::clone(&load), item, ended.clone()));
        }
    }
    if tokio::time::timeout(times.last_wait, all(&mut under_way)).await.is_err() {
        // Nobody listens any more if all have just come to their end.
        let _ = end.send(true);
        all(&mut under_way).await;
    }
}

async fn see_to<L: Load>(load: Arc<L>, item: L::Item, ended: watch::Receiver<bool>) {
    tokio::select! {
        biased;
        () = load.carry(&item) => {}
        () = said(ended) => load.give_back(&item).await,
    }
}

async fn all(under_way: &mut JoinSet<()>) {
    while under_way.join_next().await.is_some() {}
}

/// Done when it was said, or nobody is left to say it.
async fn said(mut word: watch::Receiver<bool>) {
    let _ = word.wait_for(|said| *said).await;
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use parking_lot::Mutex;
    use tokio::sync::Semaphore;

    use super::*;

    const NEVER: Duration = Duration::from_secs(86_400);
    const TIMES: Times = Times { turn: Duration::from_millis(1), last_wait: NEVER, giving_back: NEVER };

    /// A store of numbers, and a road on which each waits to be let through.
    struct Numbers {
        /// What the store answers, look by look; then nothing is due.
        due: Mutex<VecDeque<Result<Vec<u32>, Fault>>>,
        /// How many may come to their end.
        let_through: Semaphore,
        seen: watch::Sender<Seen>,
    }

    #[derive(Clone, Debug, Default, PartialEq)]
    struct Seen {
        begun: Vec<u32>,
        done: Vec<u32>,
        given_back: Vec<u32>,
        words: Vec<&'static str>,
        /// The most that could have been under way, had each look found as much as it wanted.
        most: usize,
    }

    impl Numbers {
        fn new(due: impl IntoIterator<Item = Result<Vec<u32>, Fault>>) -> Arc<Self> {
            let due = Mutex::new(due.into_iter().collect());
            Arc::new(Self { due, let_through: Semaphore::new(0), seen: watch::Sender::default() })
        }

        async fn until(&self, what: impl FnMut(&Seen) -> bool) -> Seen {
            self.seen.subscribe().wait_for(what).await.unwrap().clone()
        }
    }

    impl Load for Numbers {
        type Item = u32;

        async fn take(&self, limit: u32) -> Result<Vec<u32>, Fault> {
            let limit = limit as usize;
            self.seen.send_modify(|seen| seen.most = seen.most.max(seen.begun.len() - seen.done.len() + limit));
            let mut due = self.due.lock();
            let mut found = due.pop_front().unwrap_or(Ok(Vec::new()))?;
            if found.len() > limit {
                due.push_front(Ok(found.split_off(limit)));
            }
            Ok(found)
        }

        async fn carry(&self, number: &u32) {
            self.seen.send_modify(|seen| seen.begun.push(*number));
            assert_ne!(*number, 99, "a number that nobody can carry");
            self.let_through.acquire().await.unwrap().forget();
            self.seen.send_modify(|seen| seen.done.push(*number));
        }

        async fn give_back(&self, number: &u32) {
            self.seen.send_modify(|seen| seen.given_back.push(*number));
        }

        fn is_down(&self, _: &Fault) {
            self.seen.send_modify(|seen| seen.words.push("down"));
        }

        fn is_back(&self) {
            self.seen.send_modify(|seen| seen.words.push("back"));
        }
    }

    fn started(load: &Arc<Numbers>, times: Times) -> (watch::Sender<bool>, tokio::task::JoinHandle<()>) {
        let (stop, stopped) = watch::channel(false);
        (stop, tokio::spawn(run(Arc::clone(load), times, stopped)))
    }

    #[tokio::test]
    async fn a_store_that_is_down_for_a_while_is_complained_of_once_and_is_back_once() {
        let down = || Err(Fault::new("the store is down"));
        let load = Numbers::new([Ok(vec![1]), down(), down(), down(), Ok(vec![2]), Ok(vec![]), down(), Ok(vec![3])]);
        load.let_through.add_permits(3);
        let (stop, end) = started(&load, TIMES);
        load.until(|seen| seen.done.len() == 3).await;
        stop.send(true).unwrap();
        end.await.unwrap();
        let seen = load.seen.borrow();
        assert_eq!((seen.done.as_slice(), seen.words.as_slice()), ([1, 2, 3].as_slice(), ["down", "back", "down", "back"].as_slice()));
    }

    #[tokio::test]
    async fn sixteen_are_under_way_at_most_and_each_that_ends_makes_room_for_one() {
        let load = Numbers::new([Ok((0..40).collect())]);
        let (stop, end) = started(&load, TIMES);
        for done in 0..=24 {
            let seen = load.until(|seen| (seen.begun.len(), seen.done.len()) == (16 + done, done)).await;
            assert_eq!(seen.most, 16);
            load.let_through.add_permits(1);
        }
        load.let_through.add_permits(15);
        load.until(|seen| seen.done.len() == 40).await;
        stop.send(true).unwrap();
        end.await.unwrap();
        let seen = load.seen.borrow();
        assert_eq!((seen.begun.clone(), seen.most, seen.given_back.len()), ((0..40).collect(), 16, 0));
    }

    #[tokio::test]
    async fn what_is_under_way_at_the_end_comes_to_its_end_and_nothing_more_is_taken() {
        let load = Numbers::new([Ok(vec![1, 2, 3])]);
        let (stop, end) = started(&load, TIMES);
        load.until(|seen| seen.begun.len() == 3).await;
        load.due.lock().extend([Ok(vec![4]), Ok(vec![5])]);
        stop.send(true).unwrap();
        load.let_through.add_permits(9);
        end.await.unwrap();
        let seen = load.seen.borrow();
        assert_eq!((seen.begun.as_slice(), seen.done.len(), seen.given_back.len()), ([1, 2, 3].as_slice(), 3, 0));
        assert_eq!(load.due.lock().len(), 2);
    }

    #[tokio::test]
    async fn what_does_not_come_to_its_end_is_given_back() {
        let load = Numbers::new([Ok(vec![1, 2, 3])]);
        load.let_through.add_permits(1);
        let (stop, end) = started(&load, Times { last_wait: Duration::ZERO, ..TIMES });
        load.until(|seen| (seen.begun.len(), seen.done.len()) == (3, 1)).await;
        stop.send(true).unwrap();
        end.await.unwrap();
        let mut seen = load.seen.borrow().clone();
        // They hear of the end in no order.
        seen.given_back.sort_unstable();
        assert_eq!((seen.done.as_slice(), seen.given_back.as_slice()), ([1].as_slice(), [2, 3].as_slice()));
    }

    #[tokio::test]
    async fn one_that_panics_stops_nobody_and_keeps_no_place() {
        let load = Numbers::new([Ok((84..100).collect()), Ok(vec![100])]);
        let (stop, end) = started(&load, TIMES);
        load.until(|seen| seen.begun.len() == 17).await;
        load.let_through.add_permits(16);
        load.until(|seen| seen.done.len() == 16).await;
        stop.send(true).unwrap();
        end.await.unwrap();
    }

    #[tokio::test]
    async fn a_store_that_answers_nobody_holds_up_no_end() {
        struct Deaf;

        impl Load for Deaf {
            type Item = ();

            async fn take(&self, _: u32) -> Result<Vec<()>, Fault> {
                std::future::pending().await
            }

            async fn carry(&self, (): &()) {}

            async fn give_back(&self, (): &()) {}

            fn is_down(&self, _: &Fault) {}

            fn is_back(&self) {}
        }

        let (stop, stopped) = watch::channel(false);
        let times = Times { last_wait: Duration::ZERO, giving_back: Duration::ZERO, ..TIMES };
        let end = tokio::spawn(run(Arc::new(Deaf), times, stopped));
        stop.send(true).unwrap();
        end.await.unwrap();
    }
}

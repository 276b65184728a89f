//! The upstreams of a site: which of them is asked next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use doorward_core::refusal::Fault;
use parking_lot::Mutex;
use tokio::time::Instant;

use super::address::Address;
use super::target::Target;
use super::terms::{Balance, Terms};
use super::via::Pseudonym;

/// The upstreams of a site.
pub(super) struct Group {
    pub(super) targets: Vec<Arc<Target>>,
    turn: AtomicUsize,
    /// When it was looked up last; groups of sites that are gone are forgotten.
    pub(super) used: Mutex<Instant>,
    /// What we are called on the way to them.
    pub(super) pseudonym: Pseudonym,
}

/// A request in flight to an upstream; dropped when its answer has ended.
pub(super) struct Busy(pub(super) Arc<Target>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Group {
    pub(super) fn new(urls: &str, terms: &Terms, number: u64) -> Result<Self, Fault> {
        let targets = Address::list(urls)?.into_iter().map(|address| Arc::new(Target::new(address, terms.head_bytes))).collect();
        Ok(Self { targets, turn: AtomicUsize::new(0), used: Mutex::new(Instant::now()), pseudonym: Pseudonym::new(number) })
    }

    /// The next upstream that is well and was not `tried`. An only one is asked even after failures, and so is one of several
    /// that are all out: to leave them out would make a short trouble long.
    pub(super) fn pick(&self, balance: Balance, tried: &[Arc<Target>]) -> Option<Busy> {
        let chosen = match self.targets.as_slice() {
            [only] => (tried.is_empty() && !only.sick.load(Ordering::Relaxed)).then_some(only),
            several => {
                let turn = self.turn.fetch_add(1, Ordering::Relaxed);
                let in_turn = || (0..several.len()).map(|at| &several[(turn.wrapping_add(at)) % several.len()]);
                let well = in_turn().filter(|t| t.is_well() && !tried.iter().any(|other| Arc::ptr_eq(t, other)));
                let out = in_turn().filter(|t| tried.is_empty() && !t.sick.load(Ordering::Relaxed));
                of(balance, well).or_else(|| of(balance, out))
            }
        }?;
        chosen.busy.fetch_add(1, Ordering::Relaxed);
        Some(Busy(Arc::clone(chosen)))
    }

    /// True if failures may put an upstream out.
    pub(super) fn has_others(&self) -> bool {
        self.targets.len() > 1
    }
}

fn of<'a>(balance: Balance, mut able: impl Iterator<Item = &'a Arc<Target>>) -> Option<&'a Arc<Target>> {
    match balance {
        Balance::RoundRobin => able.next(),
        Balance::LeastConnections => able.min_by_key(|t| t.busy.load(Ordering::Relaxed)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn group() -> Group {
        Group::new("http://a:1 http://b:2 http://c:3", &Terms::default(), 0).unwrap()
    }

    fn names(group: &Group, balance: Balance, picks: usize) -> String {
        (0..picks).map(|_| group.pick(balance, &[]).map_or_else(|| "-".into(), |b| b.0.address.host.clone())).collect()
    }

    #[test]
    fn each_in_its_turn_and_the_sick_and_the_out_are_left_out() {
        let group = group();
        assert_eq!(names(&group, Balance::RoundRobin, 4), "abca");
        group.targets[1].sick.store(true, Ordering::Relaxed);
        assert!(!names(&group, Balance::RoundRobin, 6).contains('b'));
        let fault = Fault::new("x");
        for _ in 0..3 {
            assert!(group.targets[2].is_well());
            group.targets[2].failed(3, Duration::from_secs(60), &fault);
        }
        assert_eq!(names(&group, Balance::RoundRobin, 3), "aaa");
        group.targets[0].sick.store(true, Ordering::Relaxed);
        // Nobody else is left: one that is only out is asked all the same, one that said it is unwell is not.
        assert_eq!(names(&group, Balance::RoundRobin, 3), "ccc");
        assert!(group.pick(Balance::RoundRobin, &group.targets[..1]).is_none(), "but not after another was tried");
        group.targets[2].sick.store(true, Ordering::Relaxed);
        assert_eq!(names(&group, Balance::RoundRobin, 1), "-");
    }

    #[test]
    fn all_that_are_out_are_asked_in_turn_and_an_answer_brings_one_back() {
        let group = group();
        let fault = Fault::new("x");
        for target in &group.targets {
            (0..3).for_each(|_| target.failed(3, Duration::from_secs(60), &fault));
        }
        assert!(group.targets.iter().all(|t| !t.is_well()));
        assert_eq!(names(&group, Balance::RoundRobin, 4), "abca");
        let until = *group.targets[0].out.lock();
        group.targets[0].failed(3, Duration::from_secs(600), &fault);
        assert!(*group.targets[0].out.lock() == until, "out for longer because it was asked while it was out");
        group.targets[1].worked();
        assert_eq!(names(&group, Balance::RoundRobin, 3), "bbb");
    }

    #[test]
    fn the_least_busy_is_asked() {
        let group = group();
        let first = group.pick(Balance::LeastConnections, &[]).unwrap();
        let second = group.pick(Balance::LeastConnections, &[]).unwrap();
        let third = group.pick(Balance::LeastConnections, &[]).unwrap();
        let mut all = [&first, &second, &third].map(|b| b.0.address.host.clone());
        all.sort();
        assert_eq!(all.concat(), "abc");
        let free = second.0.address.host.clone();
        drop(second);
        assert_eq!(group.pick(Balance::LeastConnections, &[]).unwrap().0.address.host, free);
    }

    #[test]
    fn what_was_tried_is_not_tried_again_and_success_forgives() {
        let group = group();
        let tried: Vec<_> = group.targets.clone();
        assert!(group.pick(Balance::RoundRobin, &tried).is_none());
        assert_eq!(group.pick(Balance::RoundRobin, &tried[..2]).unwrap().0.address.host, "c");
        let fault = Fault::new("x");
        for _ in 0..9 {
            group.targets[0].failed(3, Duration::from_secs(60), &fault);
            group.targets[0].worked();
        }
        assert!(group.targets[0].failures.load(Ordering::Relaxed) == 0);
    }
}

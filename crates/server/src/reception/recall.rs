//! Questions that were asked before, word for word: a door that let one in lets it in again while nothing has changed.
//!
//! A question is known by a keyed hash of everything that its decision could have looked at: who asks, the method, the target,
//! and every header. With it are kept the pass and the site by which it was let in. Each time, the site must be the one
//! that is there now (the directory's edition), and the pass as good as when it was made (`core/flow/proof`: epoch, times,
//! the revoked). What counts, what other credentials were shown for, and what a language looks at itself is never kept
//! (`Guard::is_plain`); neither is any no.

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_core::call::Time;
use doorward_core::flow::verify::{Pass, again};
use doorward_core::house::House;
use doorward_core::site::SiteView;
use foldhash::fast::RandomState;
use http::request::Parts;
use quick_cache::sync::Cache;

/// Questions that are kept, at most.
const QUESTIONS: usize = 20_000;
/// Places to note that a question was asked once: only what is asked again is worth the keyed hash.
const ONCE: usize = 8 * 1024;
/// Longer questions are decided each time, in bytes.
const LONGEST: usize = 8 * 1024;

/// What was asked before.
pub(super) struct Recall {
    quick: RandomState,
    once: Box<[AtomicU64]>,
    known: Cache<u64, Arc<Known>>,
    /// The edition of the directory that `known` was cleared for.
    edition: AtomicU64,
}

/// A question that was let in.
struct Known {
    mark: [u8; 32],
    edition: u64,
    view: Arc<SiteView>,
    pass: Arc<Pass>,
    client: IpAddr,
}

/// A question, before it is decided.
pub(super) struct Question {
    /// A quick hash, to find it by.
    place: u64,
    /// The keyed hash; `None` if it was not asked before.
    mark: Option<[u8; 32]>,
    /// What is kept at its place: this question, or one that happens to have the same quick hash.
    known: Option<Arc<Known>>,
    /// The directory's edition before anything was decided.
    edition: u64,
}

impl Default for Recall {
    fn default() -> Self {
        let once = (0..ONCE).map(|_| AtomicU64::new(0)).collect();
        Self { quick: RandomState::default(), once, known: Cache::new(QUESTIONS), edition: AtomicU64::new(0) }
    }
}

impl Question {
    /// True if it was asked before.
    pub(super) fn is_known(&self) -> bool {
        self.mark.is_some()
    }
}

impl Recall {
    /// The question that a peer asks; `None` if it is too long to be remembered.
    pub(super) fn question(&self, house: &House, peer: IpAddr, asked: &Parts) -> Option<Question> {
        let edition = house.edition();
        if self.edition.load(Ordering::Relaxed) != edition && self.edition.swap(edition, Ordering::AcqRel) != edition {
            self.known.clear();
        }
        let words = words(peer, asked)?;
        let mut quick = self.quick.build_hasher();
        quick.write(&words);
        let place = quick.finish();
        let known = self.known.get(&place);
        let slot = || &self.once[usize::try_from(place).unwrap_or_default() % ONCE];
        let is_again = known.is_some() || slot().swap(place, Ordering::Relaxed) == place;
        let mark = is_again.then(|| house.memory().mark(&words));
        Some(Question { place, mark, known, edition })
    }

    /// The pass by which the question was let in before, if it would be let in now, the site that it was let in at, and the
    /// client's address.
    pub(super) fn pass(&self, house: &House, question: &Question, now: Time) -> Option<(Arc<SiteView>, Arc<Pass>, IpAddr)> {
        let known = question.known.as_ref().filter(|known| Some(known.mark) == question.mark)?;
        if known.edition != house.edition() || !matches!(again(house, &known.view, &known.pass, now, Some(known.client)), Some(Ok(()))) {
            return None;
        }
        Some((Arc::clone(&known.view), Arc::clone(&known.pass), known.client))
    }

    /// Remembers that a question was let in.
    pub(super) fn keep(&self, question: &Question, view: &Arc<SiteView>, pass: &Arc<Pass>, client: IpAddr) {
        let Some(mark) = question.mark.filter(|_| Arc::ptr_eq(view, pass.site())) else { return };
        let known = Known { mark, edition: question.edition, view: Arc::clone(view), pass: Arc::clone(pass), client };
        self.known.insert(question.place, Arc::new(known));
    }
}

/// Everything that a decision could look at, each part with its length before it: no two questions have the same words.
fn words(peer: IpAddr, asked: &Parts) -> Option<Vec<u8>> {
    let mut words = Vec::with_capacity(1024);
    let mut add = |part: &[u8]| {
        let Ok(length) = u16::try_from(part.len()) else { return false };
        words.extend_from_slice(&length.to_ne_bytes());
        words.extend_from_slice(part);
        words.len() <= LONGEST
    };
    let whole = match peer {
        IpAddr::V4(v4) => add(&v4.octets()),
        IpAddr::V6(v6) => add(&v6.octets()),
    } && add(asked.method.as_str().as_bytes())
        && add(asked.uri.authority().map_or("", |authority| authority.as_str()).as_bytes())
        && add(asked.uri.path_and_query().map_or("", |target| target.as_str()).as_bytes())
        && asked.headers.iter().all(|(name, value)| add(name.as_str().as_bytes()) && add(value.as_bytes()));
    whole.then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    #[test]
    fn no_two_questions_have_the_same_words() {
        let home: IpAddr = "127.0.0.1".parse().unwrap();
        let mut all: Vec<_> = [
            asked("/check", &[]),
            asked("/check?", &[]),
            asked("/Check", &[]),
            asked("http://a/check", &[]),
            asked("/check", &[("a", "b")]),
            asked("/check", &[("a", "")]),
            asked("/check", &[("ab", "")]),
            asked("/check", &[("a", "b"), ("c", "d")]),
            asked("/check", &[("c", "d"), ("a", "b")]),
            asked("/check", &[("a", "bc"), ("d", "")]),
            asked("/check", &[("a", "b"), ("a", "c")]),
            asked("/check", &[("a", "c"), ("a", "b")]),
            asked("/check", &[("a", "b, c")]),
        ]
        .iter()
        .map(|parts| words(home, parts).unwrap())
        .collect();
        all.push(words("127.0.0.2".parse().unwrap(), &asked("/check", &[])).unwrap());
        all.push(words("::1".parse().unwrap(), &asked("/check", &[])).unwrap());
        let mut post = asked("/check", &[]);
        post.method = http::Method::POST;
        all.push(words(home, &post).unwrap());
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn what_is_too_long_is_not_remembered() {
        let home: IpAddr = "127.0.0.1".parse().unwrap();
        assert!(words(home, &asked("/check", &[("a", &"b".repeat(LONGEST))])).is_none());
        assert!(words(home, &asked("/check", &[("a", &"b".repeat(LONGEST / 2))])).is_some());
    }
}

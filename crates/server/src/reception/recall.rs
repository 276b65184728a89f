//! Questions that were asked before: a door that let one in lets it in again while nothing has changed.
//!
//! A question is known by a mark of everything that its decision could have looked at but the path: who asks, at which door, the
//! method, the query, and every header. With it are kept the site, the pass by which it was let in, and what the decision hung on
//! (`Guard::plain`). Each time, the site must be the one that is there now (the directory's edition), and the pass as good as when it
//! was made (`core/flow/proof`: epoch, times, the revoked). What counts, what other credentials were shown for, and what a language
//! looks at itself is never kept; neither is any no.
//!
//! A question with the same path as before, word for word, is let in at once. With another path, its rule is looked up and must be
//! the same (`Guard::is_alike`); what is shown need not be verified again.

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use doorward_core::call::Time;
use doorward_core::flow::verify::{Pass, again};
use doorward_core::house::{House, Mark};
use doorward_core::site::SiteView;
use doorward_gateway::Door;
use doorward_gateway::door::Told;
use doorward_gateway::guard::Plain;
use doorward_web::{Head, Target};
use foldhash::fast::RandomState;
use http::Method;
use http::request::Parts;
use quick_cache::sync::Cache;

use super::Visit;

/// Questions that are kept, at most, with their paths and without.
const QUESTIONS: usize = 20_000;
/// Places to note that a question was asked once: only what is asked again is kept.
const ONCE: usize = 8 * 1024;
/// Longer questions are decided each time, in bytes.
const LONGEST: usize = 8 * 1024;

/// What was asked before.
pub(super) struct Recall {
    quick: RandomState,
    once: Box<[AtomicU64]>,
    known: Cache<u64, Arc<Known>>,
    nearby: Cache<u64, Arc<Kept>>,
    /// The edition of the directory that the others were cleared for.
    edition: AtomicU64,
}

/// What is kept of a question that was let in, but for its path.
pub(super) struct Kept {
    mark: Mark,
    edition: u64,
    view: Arc<SiteView>,
    pass: Arc<Pass>,
    client: IpAddr,
    method: Method,
    host: String,
    plain: Plain,
}

/// A question with its path.
struct Known {
    kept: Arc<Kept>,
    path: Box<[u8]>,
}

/// A question, before it is decided.
pub(super) struct Question {
    /// Of everything but the path.
    mark: Mark,
    /// Where it is kept with its path.
    place: u64,
    /// The directory's edition before anything was decided.
    edition: u64,
    /// What is kept for it, word for word.
    known: Option<Arc<Known>>,
}

/// What of a question was asked before.
#[derive(Clone, Copy)]
pub(super) struct Again {
    path: bool,
    rest: bool,
}

impl Default for Recall {
    fn default() -> Self {
        let once = (0..ONCE).map(|_| AtomicU64::new(0)).collect();
        let (known, nearby) = (Cache::new(QUESTIONS), Cache::new(QUESTIONS));
        Self { quick: RandomState::default(), once, known, nearby, edition: AtomicU64::new(0) }
    }
}

impl Kept {
    /// What is to be kept of a question that was let in at a site.
    pub(super) fn new(question: &Question, visit: &Visit, pass: &Arc<Pass>, plain: Plain) -> Arc<Self> {
        let (view, pass, client) = (Arc::clone(&visit.view), Arc::clone(pass), visit.call.client.address);
        let (method, host) = (visit.head.method.clone(), visit.head.host.clone());
        Arc::new(Self { mark: question.mark, edition: question.edition, view, pass, client, method, host, plain })
    }

    /// The head of the same request with another target; its headers are taken out of the question.
    pub(super) fn head(&self, target: Target, asked: &mut Parts) -> Head {
        let (headers, extensions) = (std::mem::take(&mut asked.headers), http::Extensions::new());
        Head { method: self.method.clone(), target, headers, host: self.host.clone(), extensions }
    }

    /// The site that it was let in at.
    pub(super) fn view(&self) -> &Arc<SiteView> {
        &self.view
    }

    /// The client's address.
    pub(super) fn client(&self) -> IpAddr {
        self.client
    }

    /// What the decision hung on.
    pub(super) fn plain(&self) -> &Plain {
        &self.plain
    }

    /// The pass by which it was let in, if it would be let in by it now: that it is used is noted.
    pub(super) fn pass(&self, house: &House, now: Time) -> Option<Arc<Pass>> {
        matches!(again(house, &self.view, &self.pass, now, Some(self.client)), Some(Ok(()))).then(|| Arc::clone(&self.pass))
    }
}

impl Known {
    fn new(kept: Arc<Kept>, target: &str) -> Arc<Self> {
        Arc::new(Self { kept, path: path_of(target.as_bytes()).0.into() })
    }
}

impl Recall {
    /// The question that a peer asks; `None` if it is too long to be remembered, or does not say one target.
    pub(super) fn question(&self, house: &House, door: Door, peer: IpAddr, asked: &Parts) -> Option<Question> {
        let edition = house.edition();
        if self.edition.load(Ordering::Relaxed) != edition && self.edition.swap(edition, Ordering::AcqRel) != edition {
            self.known.clear();
            self.nearby.clear();
        }
        let (words, path) = words(door, peer, asked)?;
        let mark = house.memory().mark(&words);
        let mut quick = self.quick.build_hasher();
        quick.write_u64(mark.place());
        quick.write(path);
        let place = quick.finish();
        let known = self.known.get(&place).filter(|known| known.kept.mark == mark && *known.path == *path);
        Some(Question { mark, place, edition, known })
    }

    /// What is kept of the same question with the same path.
    pub(super) fn word_for_word<'a>(&self, house: &House, question: &'a Question) -> Option<&'a Kept> {
        question.known.as_ref().map(|known| &*known.kept).filter(|kept| kept.edition == house.edition())
    }

    /// What is kept of the same question with another path.
    pub(super) fn but_for_the_path(&self, house: &House, question: &Question) -> Option<Arc<Kept>> {
        let kept = self.nearby.get(&question.mark.place())?;
        (kept.mark == question.mark && kept.edition == house.edition()).then_some(kept)
    }

    /// What of the question was asked before, with a yes; `None` if nothing was. It is noted for the next time.
    pub(super) fn is_again(&self, question: &Question) -> Option<Again> {
        let again = Again { path: self.noted(question.place), rest: self.noted(question.mark.place()) };
        (again.path || again.rest).then_some(again)
    }

    /// True if it was noted before; now it is.
    fn noted(&self, place: u64) -> bool {
        let slot = usize::try_from(place % ONCE as u64).unwrap_or_default();
        self.once[slot].swap(place, Ordering::Relaxed) == place
    }

    /// Remembers that a question about a target was let in.
    pub(super) fn keep(&self, question: &Question, again: Again, kept: Arc<Kept>, target: &str) {
        // Another site's pass hangs on that site as well.
        if !Arc::ptr_eq(&kept.view, kept.pass.site()) {
            return;
        }
        if again.path {
            self.known.insert(question.place, Known::new(Arc::clone(&kept), target));
        }
        if again.rest {
            self.nearby.insert(question.mark.place(), kept);
        }
    }

    /// Remembers the path of a question that was let in by what is kept of another, if that was asked before.
    pub(super) fn keep_path(&self, question: &Question, kept: Arc<Kept>, target: &str) {
        if self.noted(question.place) {
            self.known.insert(question.place, Known::new(kept, target));
        }
    }
}

/// A target's path, and its query with the question mark.
fn path_of(target: &[u8]) -> (&[u8], &[u8]) {
    target.split_at(memchr::memchr(b'?', target).unwrap_or(target.len()))
}

/// Everything that a decision could look at but the path, each part with its length before it: no two questions have the same
/// words. And the path.
fn words(door: Door, peer: IpAddr, asked: &Parts) -> Option<(Vec<u8>, &[u8])> {
    let mut words = Vec::with_capacity(1024);
    let mut add = |part: &[u8]| {
        let Ok(length) = u16::try_from(part.len()) else { return false };
        words.extend_from_slice(&length.to_ne_bytes());
        words.extend_from_slice(part);
        words.len() <= LONGEST
    };
    let mut whole = match peer {
        IpAddr::V4(v4) => add(&v4.octets()),
        IpAddr::V6(v6) => add(&v6.octets()),
    } && add(asked.method.as_str().as_bytes())
        && add(asked.uri.authority().map_or("", |authority| authority.as_str()).as_bytes());
    let target = asked.uri.path_and_query().map_or("", |target| target.as_str()).as_bytes();
    // The door is known by the path that it asks at.
    let (header, mut path) = match door.told() {
        Told::In(header) => {
            whole = whole && add(target);
            (Some(header), None)
        }
        Told::Behind(door) => {
            let (path, query) = path_of(target.strip_prefix(door.as_bytes())?);
            whole = whole && add(door.as_bytes()) && add(query);
            (None, Some(path))
        }
    };
    for (name, value) in &asked.headers {
        let mut said = value.as_bytes();
        if header.as_ref() == Some(name) {
            let (before, query) = path_of(said);
            // Said twice it says nothing.
            if path.replace(before).is_some() {
                return None;
            }
            said = query;
        }
        whole = whole && add(name.as_str().as_bytes()) && add(said);
    }
    Some((words, path?)).filter(|_| whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(asked: &Parts) -> Option<(Vec<u8>, Vec<u8>)> {
        let home: IpAddr = "127.0.0.1".parse().unwrap();
        words(Door::at(asked.uri.path()).unwrap(), home, asked).map(|(words, path)| (words, path.to_vec()))
    }

    fn asked(target: &str, headers: &[(&str, &str)]) -> Parts {
        let mut request = http::Request::builder().uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    const NGINX: &str = "/_doorward/check/nginx";
    const PAGE: (&str, &str) = ("x-original-uri", "/page?a=b");

    #[test]
    fn no_two_questions_have_the_same_words() {
        let mut post = asked(NGINX, &[PAGE]);
        post.method = http::Method::POST;
        let of: Vec<_> = [
            asked(NGINX, &[PAGE]),
            asked("/_doorward/check/haproxy", &[PAGE]),
            asked("/_doorward/check/nginx?", &[PAGE]),
            asked("http://a/_doorward/check/nginx", &[PAGE]),
            asked(NGINX, &[("x-original-uri", "/page")]),
            asked(NGINX, &[("x-original-uri", "/page?")]),
            asked(NGINX, &[("x-original-uri", "/page?a=c")]),
            asked(NGINX, &[PAGE, ("a", "b")]),
            asked(NGINX, &[PAGE, ("a", "")]),
            asked(NGINX, &[PAGE, ("ab", "")]),
            asked(NGINX, &[("a", "b"), PAGE]),
            asked(NGINX, &[PAGE, ("a", "b"), ("c", "d")]),
            asked(NGINX, &[PAGE, ("c", "d"), ("a", "b")]),
            asked(NGINX, &[PAGE, ("a", "bc"), ("d", "")]),
            asked(NGINX, &[PAGE, ("a", "b"), ("a", "c")]),
            asked(NGINX, &[PAGE, ("a", "c"), ("a", "b")]),
            asked(NGINX, &[PAGE, ("a", "b, c")]),
            asked(NGINX, &[PAGE, ("x-forwarded-uri", "/page")]),
            asked("/_doorward/check/caddy", &[("x-forwarded-uri", "/page?a=b")]),
            asked("/_doorward/check/traefik", &[("x-forwarded-uri", "/page?a=b")]),
            asked("/_doorward/check/envoy/page?a=b", &[]),
            asked("/_doorward/check/envoy/page?a=b", &[PAGE]),
            asked("/_doorward/check/envoy/page", &[]),
            post,
        ]
        .into_iter()
        .collect();
        let mut all: Vec<_> = of.iter().map(|parts| told(parts).unwrap()).collect();
        for peer in ["127.0.0.2", "::1"] {
            let (words, path) = words(Door::Nginx, peer.parse().unwrap(), &of[0]).unwrap();
            all.push((words, path.to_vec()));
        }
        assert!(all.iter().all(|(_, path)| path == b"/page"));
        let count = all.len();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn questions_that_differ_in_their_path_alone_have_the_same_words() {
        for page in ["/page", "/", "/other/page", "/page%20b", "page", ""] {
            for (target, header) in [(NGINX.to_owned(), "x-original-uri"), ("/_doorward/check/caddy".to_owned(), "x-forwarded-uri")] {
                let (same, path) = told(&asked(&target, &[(header, &format!("{page}?a=b"))])).unwrap();
                assert_eq!(
                    (Some(same), path.as_slice()),
                    (told(&asked(&target, &[(header, "/x?a=b")])).map(|(words, _)| words), page.as_bytes())
                );
            }
        }
        let envoy = |page: &str| told(&asked(&format!("/_doorward/check/envoy{page}"), &[])).unwrap();
        assert_eq!((envoy("/page?a=b").0, envoy("/page?a=b").1), (envoy("/x/y?a=b").0, b"/page".to_vec()));
    }

    #[test]
    fn what_is_too_long_or_says_no_target_is_not_remembered() {
        for (headers, is_told) in [
            (vec![PAGE, ("a", &*"b".repeat(LONGEST))], false),
            (vec![PAGE, ("a", &*"b".repeat(LONGEST / 2))], true),
            (vec![], false),
            (vec![PAGE, PAGE], false),
            (vec![("x-forwarded-uri", "/page")], false),
        ] {
            assert_eq!(told(&asked(NGINX, &headers)).is_some(), is_told, "{}", headers.len());
        }
    }
}

//! The bench on which a store is tried: short calls that panic on a fault, many at once, and sample rows.

use std::sync::{Arc, Barrier};

use super::Place;
use crate::account::{Account, Status};
use crate::audit::{AuditEntry, Outcome};
use crate::call::Time;
use crate::credential::Digest;
use crate::policy::Scopes;
use crate::port::store::{self, ApiToken, Change, Look, SiteRow, Store, Work};
use crate::refusal::Fault;
use crate::session::{Session, SessionId};
use crate::site::SiteId;
use crate::testkit::{FROZEN, block_on};

/// The site that most cases use.
pub const SITE: SiteId = SiteId(1);
/// Another one.
pub const OTHER: SiteId = SiteId(2);
/// An account that is there on [`SITE`] and on [`OTHER`].
pub const ALICE: i64 = 7;

/// A store with two sites and an account each.
pub struct Bench {
    /// The store under test.
    pub store: Arc<dyn Store>,
}

impl Bench {
    /// Opens the place and puts the two sites and accounts there.
    pub fn furnished(place: &dyn Place) -> Self {
        let bench = Self::bare(place);
        bench.work(|desk| {
            for site in [SITE, OTHER] {
                desk.put_site(&site_row(site))?;
                desk.put_account(&account(site, ALICE, "Alice"))?;
            }
            Ok(())
        });
        bench
    }

    /// Opens the place as it is.
    pub fn bare(place: &dyn Place) -> Self {
        Self { store: place.open() }
    }

    /// Looks; panics on a fault.
    pub fn look<T: Send + 'static>(&self, job: impl FnOnce(&mut dyn Look) -> Result<T, Fault> + Send + 'static) -> T {
        block_on(store::look(self.store.as_ref(), job)).unwrap()
    }

    /// Works; panics on a fault.
    pub fn work<T: Send + 'static>(&self, job: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static) -> T {
        self.try_work(job).unwrap().0
    }

    /// Works, and returns the changes that were noted too.
    pub fn try_work<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static,
    ) -> Result<(T, Vec<Change>), Fault> {
        block_on(store::work(self.store.as_ref(), job))
    }

    /// The changes that a job notes.
    pub fn noted<T: Send + 'static>(&self, job: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static) -> Vec<Change> {
        self.try_work(job).unwrap().1
    }

    /// The same job from `count` threads at once; what each of them was answered.
    pub fn at_once<T: Send + 'static>(
        &self,
        count: usize,
        job: impl Fn(usize, &mut dyn Work) -> Result<T, Fault> + Send + Sync + Clone + 'static,
    ) -> Vec<Result<T, Fault>> {
        let start = Barrier::new(count);
        std::thread::scope(|scope| {
            let threads: Vec<_> = (0..count)
                .map(|n| {
                    let (job, start) = (job.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        self.try_work(move |desk| job(n, desk)).map(|(answer, _)| answer)
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    /// How many of `count` threads, all asking for the same at once, are told yes.
    pub fn winners(&self, count: usize, job: impl Fn(&mut dyn Work) -> Result<bool, Fault> + Send + Sync + Clone + 'static) -> usize {
        self.at_once(count, move |_, desk| job(desk)).into_iter().filter(|won| *won.as_ref().unwrap()).count()
    }
}

/// A moment so many seconds after the frozen one.
#[must_use]
pub fn at(seconds: i64) -> Time {
    FROZEN.plus(seconds)
}

/// A site with nothing special.
#[must_use]
pub fn site_row(id: SiteId) -> SiteRow {
    SiteRow {
        id,
        name: format!("site-{}", id.0),
        url: format!("https://s{}.example", id.0),
        hosts: vec![format!("s{}.example", id.0)],
        upstream: None,
        cors_origins: Vec::new(),
        dialects: Vec::new(),
        rules: Vec::new(),
    }
}

/// An active account with an address made of its login name.
#[must_use]
pub fn account(site: SiteId, number: i64, login: &str) -> Account {
    Account {
        site,
        number,
        login: login.into(),
        email: format!("{login}@example.com"),
        nicename: login.to_lowercase(),
        display_name: login.into(),
        url: String::new(),
        registered: at(-1000),
        roles: vec!["subscriber".into()],
        level: 1,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: Time(0),
        second_factor: false,
    }
}

/// An API token of Alice's.
#[must_use]
pub fn api_token(text: &str) -> ApiToken {
    ApiToken {
        id: 0,
        site: SITE,
        account: ALICE,
        dialect: None,
        name: "a token".into(),
        digest: Digest::of(text),
        hint: "wpk_…abcd".into(),
        scopes: Scopes::Only(vec!["read".into(), "write".into()]),
        created: at(0),
        expires: None,
        used: None,
        used_from: None,
        revoked: None,
        ip_allow: Vec::new(),
    }
}

/// A session of Alice's, opened now and good for an hour.
#[must_use]
pub fn session(id: u8) -> Session {
    Session {
        id: SessionId([id; 16]),
        site: SITE,
        account: ALICE,
        dialect: "wapka".into(),
        created: at(0),
        expires: at(3600),
        generation: 0,
        rotated: at(0),
        token: None,
        ended: None,
        ended_reason: None,
        address: "192.0.2.1".into(),
        agent: None,
    }
}

/// A remembered decision about Alice.
#[must_use]
pub fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        id: 0,
        at: at(0),
        site: Some(SITE),
        account: Some(ALICE),
        action: action.into(),
        outcome: Outcome::Granted,
        reason: "granted".into(),
        detail: String::new(),
        address: "192.0.2.1".into(),
        request: "req_0".into(),
        count: 1,
        actor: None,
    }
}

//! The house: the one value that the doors hold. Ports, keys, the directory, and what is kept in memory.

mod mark;
mod memory;
mod names;

pub use mark::Mark;
pub use memory::{BASIC_LIFE, Gathered, Memory, STALENESS};
pub use names::{entry, key_purpose, settings_purpose, totp_purpose};

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use crate::call::{Call, Time};
use crate::limit::{Counters, Flights, Limits, LocalCounters};
use crate::meter::Meter;
use crate::port::clock::Clock;
use crate::port::fetcher::Fetcher;
use crate::port::hasher::Hasher;
use crate::port::mailer::Mailer;
use crate::port::store::{self, Change, KeyRow, Look, SiteRow, Store, Work};
use crate::provider;
use crate::refusal::Fault;
use crate::secret::Secret;
use crate::session::RETRY_WINDOW;
use crate::site::{ConfigValue, DialectConfig, Directory, Profile, Site, SiteId, SiteView};
use crate::token::{KeyId, KeyMaterial, KeyRing, SigningKey};
use crate::vault::Vault;

/// What the house is told when it is built.
pub struct Terms {
    /// Where it remembers.
    pub store: Arc<dyn Store>,
    /// Who weighs passwords.
    pub hasher: Arc<dyn Hasher>,
    /// What seals.
    pub vault: Vault,
    /// The languages.
    pub profiles: Vec<Arc<dyn Profile>>,
    /// Attempts and lock-out.
    pub limits: Limits,
    /// The counters of rate limits.
    pub counters: Arc<dyn Counters>,
    /// Seconds within which a refresh may be repeated (see [`crate::session`]); 0 = never.
    pub retry_window: i64,
    /// Key of the memory of verified Basic credentials: random per process.
    pub memory_key: Secret,
    /// The post; `None` = this server sends no mail.
    pub mailer: Option<Arc<dyn Mailer>>,
    /// The way to other servers; `None` = this server asks nobody.
    pub fetcher: Option<Arc<dyn Fetcher>>,
    /// The clock, for the moment at which work that took time is done; `None` = a call's own `now` is all there is.
    pub clock: Option<Arc<dyn Clock>>,
    /// Hosts where the server itself answers (its console), so that they are no site's: one without a port stands for it with any.
    pub own_hosts: Vec<String>,
}

impl Terms {
    /// Terms with default limits.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, hasher: Arc<dyn Hasher>, vault: Vault, profiles: Vec<Arc<dyn Profile>>, memory_key: Secret) -> Self {
        let counters = Arc::new(LocalCounters::default());
        Self {
            store,
            hasher,
            vault,
            profiles,
            limits: Limits::default(),
            counters,
            retry_window: RETRY_WINDOW,
            memory_key,
            mailer: None,
            fetcher: None,
            clock: None,
            own_hosts: Vec::new(),
        }
    }
}

/// The house.
pub struct House {
    terms: Terms,
    directory: ArcSwap<Directory>,
    memory: Memory,
    flights: Arc<Flights>,
    providers: provider::Keys,
    epochs: Mutex<HashMap<SiteId, Arc<AtomicU64>>>,
    edition: AtomicU64,
    meters: Mutex<HashMap<SiteId, Arc<Meter>>>,
    watched: AtomicBool,
    reloading: tokenless::Turn,
}

/// A lock that async flows may hold across a look: at most one reload at a time, the rest are content with its result.
mod tokenless {
    use std::sync::atomic::{AtomicU64, Ordering};

    /// Counts reloads, so that an older directory never replaces a newer one.
    #[derive(Default)]
    pub(super) struct Turn {
        taken: AtomicU64,
        shown: std::sync::Mutex<u64>,
    }

    impl Turn {
        /// Takes a number before reading.
        pub(super) fn take(&self) -> u64 {
            self.taken.fetch_add(1, Ordering::AcqRel) + 1
        }

        /// Runs `show` only if nothing newer was shown.
        pub(super) fn show(&self, number: u64, show: impl FnOnce()) {
            let mut shown = self.shown.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if number > *shown {
                *shown = number;
                show();
            }
        }
    }
}

impl std::fmt::Debug for House {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "House({} sites)", self.directory.load().sites().len())
    }
}

impl House {
    /// A house without sites yet: call [`House::reload`].
    #[must_use]
    pub fn new(terms: Terms) -> Self {
        Self {
            memory: Memory::new(&terms.memory_key),
            terms,
            directory: ArcSwap::default(),
            edition: AtomicU64::new(0),
            flights: Arc::default(),
            epochs: Mutex::default(),
            meters: Mutex::default(),
            watched: AtomicBool::new(false),
            providers: provider::Keys::default(),
            reloading: tokenless::Turn::default(),
        }
    }

    /// The terms it was built on.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The sites as they are now. Borrow once per request.
    #[must_use]
    pub fn directory(&self) -> arc_swap::Guard<Arc<Directory>> {
        self.directory.load()
    }

    /// Which directory it is: moves after a swap. A decision is remembered with the edition that was read before it.
    #[must_use]
    pub fn edition(&self) -> u64 {
        self.edition.load(Ordering::Acquire)
    }

    /// True if the server itself answers at a host: it is no site's, whoever gives it one.
    #[must_use]
    pub fn is_own_host(&self, host: &str) -> bool {
        let host = host.trim().to_ascii_lowercase();
        let bare = host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map(|(name, _)| name);
        self.terms.own_hosts.iter().any(|own| *own == host || Some(own.as_str()) == bare)
    }

    /// What is kept in memory.
    #[must_use]
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The published keys of other people's providers.
    #[must_use]
    pub fn providers(&self) -> &provider::Keys {
        &self.providers
    }

    /// The moment at which a call's work is done: never before its own `now`.
    #[must_use]
    pub fn done(&self, call: &Call) -> Time {
        self.terms.clock.as_ref().map_or(call.now, |clock| clock.now().max(call.now))
    }

    /// The tries in flight.
    pub(crate) fn flights(&self) -> &Arc<Flights> {
        &self.flights
    }

    /// The profile of a language.
    #[must_use]
    pub fn profile(&self, dialect: &str) -> Option<&Arc<dyn Profile>> {
        self.terms.profiles.iter().find(|p| p.name() == dialect)
    }

    /// Looks at the store.
    ///
    /// # Errors
    /// The store's.
    pub async fn look<T: Send + 'static>(&self, job: impl FnOnce(&mut dyn Look) -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
        store::look(self.terms.store.as_ref(), job).await
    }

    /// Works on the store, and applies what it changed to this node's memory before it returns.
    ///
    /// # Errors
    /// The job's (nothing was written then) or the store's.
    pub async fn work<T: Send + 'static>(&self, job: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
        let (done, changes) = store::work(self.terms.store.as_ref(), job).await?;
        self.apply(&changes).await;
        Ok(done)
    }

    /// Applies changes, of this node or another, to what is kept in memory. Returns the problems of sites that could not
    /// be compiled and stay as they were.
    pub async fn apply(&self, changes: &[Change]) -> Vec<String> {
        let mut sites = false;
        for change in changes {
            match change {
                Change::Site(site) => {
                    sites = true;
                    self.epoch(*site).fetch_add(1, Ordering::AcqRel);
                }
                Change::Account(site) => {
                    self.epoch(*site).fetch_add(1, Ordering::AcqRel);
                }
                Change::Revoked(token, store::LIFTED) => self.memory.lift(token),
                Change::Revoked(token, expires) => self.memory.revoke(*token, *expires),
            }
        }
        if !sites {
            return Vec::new();
        }
        match self.reload().await {
            Ok(problems) => problems,
            Err(fault) => vec![fault.to_string()],
        }
    }

    /// Forgets what is kept in memory and reads sites and revocations again: nobody can say what has changed. Returns the
    /// problems of sites that stay as they were.
    ///
    /// # Errors
    /// If the store cannot be read; the sites stay as they were then.
    pub async fn start_anew(&self) -> Result<Vec<String>, Fault> {
        // Also those that have expired: whether they have is for the clock, which is not here.
        self.recall_revoked(Time(0)).await?;
        for epoch in self.epochs.lock().unwrap_or_else(PoisonError::into_inner).values() {
            epoch.fetch_add(1, Ordering::AcqRel);
        }
        self.reload().await
    }

    /// Reads every site again and swaps the directory. A site that cannot be compiled keeps its last good form; its
    /// problem is returned.
    ///
    /// # Errors
    /// If the store cannot be read; the directory stays as it was then.
    pub async fn reload(&self) -> Result<Vec<String>, Fault> {
        let turn = self.reloading.take();
        let rows = self
            .look(|desk| {
                let sites = desk.sites()?;
                sites.into_iter().map(|site| desk.keys(site.id).map(|keys| (site, keys))).collect::<Result<Vec<_>, _>>()
            })
            .await?;
        let mut problems = Vec::new();
        let mut views = Vec::new();
        for (row, keys) in rows {
            let (id, name) = (row.id, row.name.clone());
            match self.view(row, keys) {
                Ok(view) => views.push(Arc::new(view)),
                Err(problem) => {
                    problems.push(format!("site {name} stays as it was: {problem}"));
                    views.extend(self.directory.load().by_id(id).cloned());
                }
            }
        }
        self.reloading.show(turn, || {
            self.directory.store(Arc::new(Directory::new(views, |host| self.is_own_host(host))));
            self.edition.fetch_add(1, Ordering::AcqRel);
            self.memory.forget_passes();
        });
        Ok(problems)
    }

    /// Reads the revoked tokens again (at start).
    ///
    /// # Errors
    /// The store's.
    pub async fn recall_revoked(&self, now: Time) -> Result<(), Fault> {
        for (token, expires) in self.look(move |desk| desk.revoked(now)).await? {
            self.memory.revoke(token, expires);
        }
        Ok(())
    }

    /// Checks that a site would compile, without keeping it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn try_site(&self, row: SiteRow, keys: Vec<KeyRow>) -> Result<SiteView, String> {
        self.view(row, keys)
    }

    /// Opens a stored site: its settings unsealed.
    ///
    /// # Errors
    /// If a sealed value does not open.
    pub fn open_site(&self, row: SiteRow) -> Result<Site, Fault> {
        let dialects = row
            .dialects
            .into_iter()
            .map(|d| {
                let plain = self.terms.vault.open(&settings_purpose(row.id, &d.dialect), &d.config)?;
                let value = serde_json::from_slice(plain.reveal()).map_err(|_| Fault::new("stored settings are not JSON"))?;
                Ok(DialectConfig { dialect: d.dialect, config: ConfigValue(value) })
            })
            .collect::<Result<Vec<_>, Fault>>()?;
        Ok(Site {
            id: row.id,
            name: row.name,
            url: row.url,
            hosts: row.hosts,
            upstream: row.upstream,
            cors_origins: row.cors_origins,
            dialects,
            rules: row.rules,
        })
    }

    fn view(&self, row: SiteRow, keys: Vec<KeyRow>) -> Result<SiteView, String> {
        let site = self.open_site(row).map_err(|f| f.to_string())?;
        let mut languages = Vec::new();
        for config in &site.dialects {
            let profile =
                self.profile(&config.dialect).ok_or_else(|| format!("dialects.{}: no such dialect in this build", config.dialect))?;
            languages.push((Arc::clone(profile), self.ring(site.id, &config.dialect, &keys)?));
        }
        let epoch = self.epoch(site.id);
        let meter = self.meter(site.id);
        SiteView::compile(site, languages, epoch).map(|view| view.counting(meter)).map_err(|p| p.to_string())
    }

    fn ring(&self, site: SiteId, dialect: &str, keys: &[KeyRow]) -> Result<KeyRing, String> {
        let mut live = Vec::new();
        let mut retired = Vec::new();
        for row in keys.iter().filter(|k| k.dialect == dialect) {
            let secret = self.terms.vault.open(&key_purpose(site, dialect, &row.kid), &row.material).map_err(|f| f.to_string())?;
            let unusable = |problem: String| format!("key {} of {dialect}: {problem}", row.kid);
            let material = KeyMaterial::new(row.algorithm, &secret).map_err(|p| unusable(p.to_string()))?;
            let id = KeyId::parse(&row.kid).ok_or_else(|| unusable("its id cannot be used".into()))?;
            let key = SigningKey::load(id, &material).map_err(|p| unusable(p.to_string()))?;
            if row.retired.is_none() { live.push(key) } else { retired.push(key) }
        }
        let mut live = live.into_iter();
        let active = live.next().ok_or_else(|| format!("{dialect} has no signing key"))?;
        Ok(live.chain(retired).fold(KeyRing::new(active), |ring, key| ring.with_older(key.into_verifying())))
    }

    fn epoch(&self, site: SiteId) -> Arc<AtomicU64> {
        Arc::clone(self.epochs.lock().unwrap_or_else(PoisonError::into_inner).entry(site).or_default())
    }
}

impl House {
    /// The meter of a site; the same as long as the process runs.
    #[must_use]
    pub fn meter(&self, site: SiteId) -> Arc<Meter> {
        Arc::clone(self.meters.lock().unwrap_or_else(PoisonError::into_inner).entry(site).or_default())
    }

    /// The meters of all sites, by id.
    #[must_use]
    pub fn meters(&self) -> Vec<(SiteId, Arc<Meter>)> {
        let meters = self.meters.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<_> = meters.iter().map(|(site, meter)| (*site, Arc::clone(meter))).collect();
        all.sort_by_key(|(site, _)| *site);
        all
    }

    /// True while somebody watches the traffic: only then are requests timed.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.watched.load(Ordering::Relaxed)
    }

    /// Says whether somebody watches.
    pub fn watch(&self, watched: bool) {
        self.watched.store(watched, Ordering::Relaxed);
    }
}

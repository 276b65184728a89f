//! A world of its own for each conversation: a fresh store, the real server on a free port, a clock that stands still.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use doorward_core::account::Account;
use doorward_core::call::{Dice, Time};
use doorward_core::credential::api_token::{digest_of, hint_of};
use doorward_core::credential::{StoredHash, recovery_code};
use doorward_core::flow::accounts;
use doorward_core::house::{House, Terms, key_purpose, settings_purpose, totp_purpose};
use doorward_core::limit::Limits;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::mailer::{Delivery, Letter, Mail, Mailer};
use doorward_core::port::store::{ApiToken, DialectRow, KeyRow, SiteRow};
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_core::testkit::SeededDice;
use doorward_core::token::{KeyId, SigningKey};
use doorward_core::vault::Vault;
use doorward_server::adapter::fetcher::Wires;
use doorward_server::adapter::hasher::HashPool;
use doorward_server::serve::{Running, Secure, bind, serve};
use doorward_server::source::ClockOf;
use doorward_store_sqlite::SqliteStore;
use doorward_web::Source;
use doorward_web::client_addr::TrustedProxies;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use super::{Answer, Ask, Stage, Upstream};

/// A clock that moves only when it is told to, and dice that fall the same way in every run.
pub(crate) struct Frozen {
    now: AtomicI64,
    drawn: AtomicU64,
}

impl Source for Frozen {
    fn now(&self) -> Time {
        Time(self.now.load(Ordering::SeqCst))
    }

    fn dice(&self) -> Box<dyn Dice> {
        Box::new(SeededDice::new(self.drawn.fetch_add(1, Ordering::SeqCst)))
    }
}

/// A console that is about to open.
fn opening(runtime: &Runtime, url: Option<&str>) -> doorward_server::console::Opening {
    let listener = runtime.block_on(bind("127.0.0.1:0".parse().expect("an address"))).expect("a free port");
    let mut sources = doorward_server::config::Sources::default();
    sources.set("data.database=postgres://u:database-canary@localhost/d").expect("a setting");
    sources.set("mail.smtp_url=smtp://u:mail-canary@localhost").expect("a setting");
    sources.set(&format!("console.url={}", url.unwrap_or_default())).expect("a setting");
    let all = doorward_server::config::Settings::load(&sources).expect("settings");
    let (shown, settings) = (doorward_server::config::reference::list(&all), all.console);
    let url = settings.address(listener.local_addr().ok()).expect("an address");
    doorward_server::console::Opening { listener: Some(listener), url, settings, shown }
}

/// A post that keeps what it is given.
#[derive(Default)]
struct Letters(std::sync::Mutex<Vec<(i64, Mail)>>);

impl Mailer for Letters {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Delivery> {
        self.0.lock().expect("a lock").push((letter.number, letter.mail.clone()));
        Box::pin(std::future::ready(Delivery::Taken))
    }
}

/// What a world stands on, where it is not as usual.
#[derive(Default)]
pub(crate) struct Ground {
    pub(crate) ways: doorward_gateway::proxy::terms::Terms,
    pub(crate) doors: doorward_server::listener::Terms,
    pub(crate) certificates: Option<Arc<doorward_server::listener::tls::Certificates>>,
    pub(crate) redirect: bool,
    /// True if there is a console, and a post.
    pub(crate) console: bool,
    /// The console's address, where it is not this machine's name and its listener's port.
    pub(crate) console_url: Option<&'static str>,
    /// True if there is no post all the same.
    pub(crate) no_post: bool,
    pub(crate) mailer: Option<Arc<dyn doorward_core::port::mailer::Mailer>>,
    /// True if Envoy may ask over gRPC.
    pub(crate) grpc: bool,
}

/// The world.
pub(crate) struct World {
    pub(crate) house: Arc<House>,
    pub(crate) hasher: Arc<HashPool>,
    pub(crate) upstream: Upstream,
    source: Arc<Frozen>,
    address: SocketAddr,
    tls: SocketAddr,
    console: SocketAddr,
    numbers: SocketAddr,
    grpc: Option<SocketAddr>,
    letters: Arc<Letters>,
    stop: Option<oneshot::Sender<()>>,
    server: Option<tokio::task::JoinHandle<()>>,
    runtime: Option<Runtime>,
    _data: tempfile::TempDir,
}

impl World {
    /// A world with one site.
    pub(crate) fn new(stage: Stage) -> Self {
        Self::with(vec![stage])
    }

    /// A world with these sites.
    pub(crate) fn with(stages: Vec<Stage>) -> Self {
        Self::on(stages, Ground::default())
    }

    /// A world with these sites, on other terms than the usual.
    pub(crate) fn on(stages: Vec<Stage>, ground: Ground) -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        let source = Arc::new(Frozen { now: AtomicI64::new(stages[0].now.0), drawn: AtomicU64::new(1) });
        let store = Arc::new(SqliteStore::open(&data.path().join("doorward.db")).expect("a store"));
        let seeds = Arc::new(AtomicU64::new(1_000_000));
        let factory: Box<dyn Fn() -> Box<dyn Dice> + Send + Sync> =
            Box::new(move || Box::new(SeededDice::new(seeds.fetch_add(1, Ordering::SeqCst))) as Box<dyn Dice>);
        let hasher = Arc::new(HashPool::new(1, 64, &factory).expect("hash threads"));
        let dialects = doorward_dialects::all();
        let profiles = dialects.iter().map(|d| d.profile()).collect();
        let vault = Vault::new(&Secret::new([7; 32])).expect("a vault");
        let mut terms = Terms::new(store, Arc::<HashPool>::clone(&hasher), vault, profiles, Secret::new([8; 32]));
        terms.limits = Limits { per_address: 1000, ..Limits::default() };
        terms.fetcher = Some(Arc::new(Wires::new(None)));
        terms.clock = Some(Arc::new(ClockOf(Arc::clone(&source) as Arc<dyn Source>)));
        terms.mailer = ground.mailer;
        let letters = Arc::new(Letters::default());
        if ground.console && !ground.no_post {
            terms.mailer = Some(Arc::<Letters>::clone(&letters));
        }
        let console = ground.console.then(|| opening(&runtime, ground.console_url));
        terms.own_hosts = console.iter().map(|console| console.url.own_host().to_owned()).collect();
        let house = Arc::new(House::new(terms));
        let upstream = Upstream::start();
        for stage in &stages {
            runtime.block_on(set_up(&house, stage, upstream.address));
        }
        let problems = runtime.block_on(house.reload()).expect("the store can be read");
        assert_eq!(problems, Vec::<String>::new());
        let listener = runtime.block_on(bind("127.0.0.1:0".parse().expect("an address"))).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let secure = ground.certificates.map(|certificates| Secure {
            listener: runtime.block_on(bind("127.0.0.1:0".parse().expect("an address"))).expect("a free port"),
            certificates,
            alone: ground.redirect,
            acme: None,
        });
        let tls = secure.as_ref().map_or(address, |secure| secure.listener.local_addr().expect("an address"));
        let pages = console.as_ref().and_then(|c| c.listener.as_ref()).map_or(address, |l| l.local_addr().expect("an address"));
        let metrics = runtime.block_on(bind("127.0.0.1:0".parse().expect("an address"))).expect("a free port");
        let numbers = metrics.local_addr().expect("an address");
        let grpc = ground.grpc.then(|| runtime.block_on(bind("127.0.0.1:0".parse().expect("an address"))).expect("a free port"));
        let asked_at = grpc.as_ref().map(|listener| listener.local_addr().expect("an address"));
        let (stop, stopped) = oneshot::channel();
        let running = Running {
            house: Arc::clone(&house),
            dialects,
            hasher: Some(Arc::clone(&hasher)),
            proxies: TrustedProxies::parse("127.0.0.2").expect("a proxy"),
            body_time: std::time::Duration::from_secs(20),
            source: Arc::clone(&source) as Arc<dyn Source>,
            keep_audit: 0,
            rules_file: None,
            grpc,
            ways: ground.ways,
            doors: ground.doors,
            console,
            secure,
            instance: u64::from(address.port()) << 32,
        };
        let server = runtime.spawn(async move {
            let stop = async move {
                let _ = stopped.await;
            };
            serve(running, listener, Some(metrics), stop).await.expect("the server serves");
        });
        let console = pages;
        Self {
            house,
            hasher,
            upstream,
            source,
            address,
            tls,
            console,
            numbers,
            grpc: asked_at,
            letters,
            stop: Some(stop),
            server: Some(server),
            runtime: Some(runtime),
            _data: data,
        }
    }

    /// What a counter of the metrics says.
    pub(crate) fn counted(&self, name: &str) -> u64 {
        let text = Ask::get("/metrics").send(self.numbers).body;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.and_then(|number| number.parse().ok()).unwrap_or_else(|| panic!("no {name} in {text}"))
    }

    /// Asks and hears.
    pub(crate) fn ask(&self, ask: Ask) -> Answer {
        ask.send(self.address)
    }

    /// True if Envoy hears over gRPC that a request may pass, in a world where it may ask.
    pub(crate) fn grpc_lets_pass(&self, method: &str, target: &str, headers: &[(&str, &str)]) -> bool {
        self.run(super::grpc::may_pass(self.grpc.expect("a listener"), method, target, headers))
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it listens for TLS, in a world that has certificates.
    pub(crate) fn tls(&self) -> SocketAddr {
        self.tls
    }

    /// Waits until every letter that was kept has been handed over.
    pub(crate) fn posted(&self) {
        while self.run(self.house.look(|desk| desk.next_letter())).expect("letters").is_some() {
            std::thread::yield_now();
        }
    }

    /// The letters that were posted since the last time: to whom, and subject and text.
    pub(crate) fn letters(&self) -> Vec<(String, String)> {
        self.posted();
        let mut letters = std::mem::take(&mut *self.letters.0.lock().expect("a lock"));
        letters.sort_by_key(|(number, _)| *number);
        letters.into_iter().map(|(_, m)| (m.to, format!("{}\n{}", m.subject, m.body))).collect()
    }

    /// Where the console listens, in a world that has one.
    pub(crate) fn console(&self) -> SocketAddr {
        self.console
    }

    /// A world with a console.
    pub(crate) fn with_console(stages: Vec<Stage>) -> Self {
        Self::on(stages, Ground { console: true, ..Ground::default() })
    }

    /// Puts other upstreams behind the first site.
    pub(crate) fn put_upstreams(&self, urls: &str) {
        self.put_upstreams_of(0, urls);
    }

    /// The same of another site.
    pub(crate) fn put_upstreams_of(&self, at: usize, urls: &str) {
        self.run(async {
            let mut site = self.house.look(|desk| desk.sites()).await.expect("sites").remove(at);
            site.upstream = Some(urls.to_owned());
            self.house.work(move |desk| desk.put_site(&site)).await.expect("the site is kept");
        });
    }

    /// Gives the first site other settings of a language.
    pub(crate) fn put_settings(&self, dialect: &str, settings: &serde_json::Value) {
        self.run(async {
            let mut site = self.house.look(|desk| desk.sites()).await.expect("sites").remove(0);
            let purpose = settings_purpose(site.id, dialect);
            let mut dice = SeededDice::new(self.source.drawn.fetch_add(1, Ordering::SeqCst));
            let config = self.house.terms().vault.seal(&purpose, &Secret::new(settings.to_string()), &mut dice).expect("sealed");
            let row = site.dialects.iter_mut().find(|row| row.dialect == dialect).expect("a dialect");
            row.config = config;
            self.house.work(move |desk| desk.put_site(&site)).await.expect("the site is kept");
        });
    }

    /// The same, with the key that the settings carry, in one transaction.
    pub(crate) fn put_settings_and_key(&self, dialect: &'static str, settings: &serde_json::Value) {
        self.run(async {
            let mut site = self.house.look(|desk| desk.sites()).await.expect("sites").remove(0);
            let (vault, mut dice) = (&self.house.terms().vault, SeededDice::new(self.source.drawn.fetch_add(1, Ordering::SeqCst)));
            let row = site.dialects.iter_mut().find(|row| row.dialect == dialect).expect("a dialect");
            row.config = vault.seal(&settings_purpose(site.id, dialect), &Secret::new(settings.to_string()), &mut dice).expect("sealed");
            let material = self.house.profile(dialect).expect("a dialect").key_from_config(settings).expect("a usable key").expect("a key");
            let key = KeyRow {
                site: site.id,
                dialect: dialect.to_owned(),
                kid: "k1".into(),
                algorithm: material.algorithm(),
                material: vault.seal(&key_purpose(site.id, dialect, "k1"), material.secret(), &mut dice).expect("sealed"),
                created: self.now(),
                retired: None,
            };
            let work = self.house.work(move |desk| {
                desk.put_site(&site)?;
                desk.put_key(&key)
            });
            work.await.expect("the site is kept");
        });
    }

    /// Tells the server to stop; it is waited for when the world ends.
    pub(crate) fn ask_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, seconds: i64) {
        self.source.now.fetch_add(seconds, Ordering::SeqCst);
    }

    /// The moment it is.
    pub(crate) fn now(&self) -> Time {
        self.source.now()
    }

    /// The clock and the dice.
    pub(crate) fn source(&self) -> Arc<dyn Source> {
        Arc::clone(&self.source) as Arc<dyn Source>
    }

    /// Runs a flow beside the wire (what an administrator would do).
    pub(crate) fn run<T>(&self, flow: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("a runtime").block_on(flow)
    }

    /// The current TOTP code of a [`super::Person`] with `totp()`.
    pub(crate) fn totp(&self) -> String {
        totp_at(self.now())
    }

    /// The reason ids of the audit, oldest first.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let query = doorward_core::audit::AuditQuery { limit: 1000, ..Default::default() };
        let mut entries = self.run(self.house.look(move |desk| desk.audit(&query))).expect("the audit");
        entries.reverse();
        entries.into_iter().map(|e| format!("{} {}", e.action, e.reason)).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let (Some(server), Some(runtime)) = (self.server.take(), self.runtime.as_ref()) {
            let ended = runtime.block_on(server);
            if !std::thread::panicking() {
                ended.expect("the server ends");
            }
        }
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The code of the RFC 6238 test secret at a time: SHA-1, six digits.
pub(crate) fn totp_at(now: Time) -> String {
    let step = u64::try_from(now.0 / 30).expect("after 1970");
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, b"12345678901234567890");
    let tag = aws_lc_rs::hmac::sign(&key, &step.to_be_bytes());
    let tag = tag.as_ref();
    let at = usize::from(tag[19] & 15);
    let word = u32::from_be_bytes([tag[at] & 0x7f, tag[at + 1], tag[at + 2], tag[at + 3]]);
    format!("{:06}", word % 1_000_000)
}

async fn set_up(house: &House, stage: &Stage, upstream: SocketAddr) {
    let site = SiteId(stage.id);
    let mut dice = SeededDice::new(site.0.unsigned_abs());
    let vault = &house.terms().vault;
    let mut dialects = Vec::new();
    let mut keys = Vec::new();
    for (dialect, settings) in &stage.dialects {
        let plain = Secret::new(settings.to_string());
        let config = vault.seal(&settings_purpose(site, dialect), &plain, &mut dice).expect("sealed");
        dialects.push(DialectRow { dialect: dialect.clone(), config });
        let profile = house.profile(dialect).expect("a dialect");
        let given = profile.key_from_config(settings).expect("a usable key");
        let id = KeyId::parse("k1").expect("an id");
        let material = match given {
            Some(material) => material,
            None => SigningKey::generate(profile.default_algorithm(), id, &mut dice).expect("a key").1,
        };
        keys.push(KeyRow {
            site,
            dialect: dialect.clone(),
            kid: "k1".into(),
            algorithm: material.algorithm(),
            material: vault.seal(&key_purpose(site, dialect, "k1"), material.secret(), &mut dice).expect("sealed"),
            created: stage.now,
            retired: None,
        });
    }
    let row = SiteRow {
        id: site,
        name: stage.name.clone(),
        url: "http://wire.example".into(),
        hosts: stage.hosts.clone(),
        upstream: stage.upstream.then(|| format!("http://{upstream}")),
        cors_origins: stage.cors_origins.clone(),
        dialects,
        rules: stage.rules.clone(),
    };
    let mut people = Vec::new();
    for person in &stage.people {
        let account = Account { site, ..person.account.clone() };
        let sealed =
            person.totp.map(|secret| vault.seal(&totp_purpose(site, account.number), &Secret::new(secret), &mut dice).expect("sealed"));
        people.push((account, sealed, person.clone()));
    }
    let now = stage.now;
    house
        .work(move |desk| {
            desk.put_site(&row)?;
            for key in &keys {
                desk.put_key(key)?;
            }
            for (account, sealed, person) in &people {
                let number = account.number;
                desk.put_account(account)?;
                accounts::set_hash_in(desk, site, number, person.hash.clone().map(StoredHash::new).as_ref())?;
                if let Some(sealed) = sealed {
                    desk.put_totp(site, number, sealed)?;
                    let digest = |code: &String| recovery_code::digest(&site.0.to_string(), number, code).map(|d| *d.as_bytes());
                    let codes: Vec<_> = person.recovery.iter().filter_map(digest).collect();
                    desk.put_recovery_codes(site, number, &codes)?;
                }
                for (text, scopes) in &person.tokens {
                    desk.add_api_token(&ApiToken {
                        id: 0,
                        site,
                        account: number,
                        dialect: None,
                        name: "test".into(),
                        digest: digest_of(text),
                        hint: hint_of(text),
                        scopes: scopes.clone(),
                        created: now,
                        expires: None,
                        used: None,
                        used_from: None,
                        revoked: None,
                        ip_allow: Vec::new(),
                    })?;
                }
            }
            Ok(())
        })
        .await
        .expect("the stage is set up");
}

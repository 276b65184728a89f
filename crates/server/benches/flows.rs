//! The law's flows in process: a check by JWT and by API token, the decision among few and many rules, and each
//! language's login without the hash.

use std::hint::black_box;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use criterion::{Criterion, criterion_group, criterion_main};
use doorward_core::account::{Account, Status};
use doorward_core::call::{Client, Time};
use doorward_core::credential::StoredHash;
use doorward_core::credential::api_token::{digest_of, hint_of};
use doorward_core::flow::verify::{Shown, verify};
use doorward_core::house::{House, Terms, key_purpose, settings_purpose};
use doorward_core::policy::{PathMatch, Rule, RuleTable, Scopes, Way};
use doorward_core::port::hasher::{BoxFuture, Hasher, Overload, Weighed, Weighing};
use doorward_core::port::store::{ApiToken, DialectRow, KeyRow, SiteRow};
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_core::testkit::{FROZEN, SeededDice, frozen_call};
use doorward_core::token::{KeyId, SigningKey};
use doorward_core::vault::Vault;
use doorward_store_sqlite::SqliteStore;
use doorward_web::{Ask, Dialect, Fields, Head, Target};
use serde_json::json;
use tokio::runtime::Runtime;

/// A hasher that says yes without work: what is left is everything but the hash.
struct Yes;

impl Hasher for Yes {
    fn weigh(&self, _work: Weighing) -> BoxFuture<'_, Result<Weighed, Overload>> {
        Box::pin(async { Ok(Weighed { matches: true, application: false, rehash: None }) })
    }

    fn hash(&self, _password: Secret) -> BoxFuture<'_, Result<StoredHash, Overload>> {
        Box::pin(async { Err(Overload { retry_after: 1 }) })
    }
}

const TOKEN: &str = "0123456789abcdef0123456789abcdef";
const SITE: SiteId = SiteId(1);

struct Bench {
    runtime: Runtime,
    house: Arc<House>,
    dialects: Vec<Arc<dyn Dialect>>,
    turn: AtomicU64,
    _data: tempfile::TempDir,
}

impl Bench {
    fn new() -> Self {
        let data = tempfile::tempdir().expect("a temporary directory");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let dialects = doorward_dialects::all();
        let profiles = dialects.iter().map(|d| d.profile()).collect();
        let store = Arc::new(SqliteStore::open(&data.path().join("bench.db")).expect("a store"));
        let vault = Vault::new(&Secret::new([7; 32])).expect("a vault");
        let house = Arc::new(House::new(Terms::new(store, Arc::new(Yes), vault, profiles, Secret::new([8; 32]))));
        runtime.block_on(set_up(&house, &dialects));
        Self { runtime, house, dialects, turn: AtomicU64::new(1), _data: data }
    }

    fn login(&self, dialect: &str, path: &str, body: &serde_json::Value) -> doorward_web::Reply {
        let view = Arc::clone(&self.house.directory().sites()[0]);
        let target = Target::parse(path).expect("a path");
        let spoken = self.dialects.iter().find(|d| d.name() == dialect).expect("a dialect");
        let found = match spoken.find(&view, "POST", &target) {
            doorward_web::Found::Hit(route, values) => Some((route, values)),
            doorward_web::Found::WrongMethod(_) | doorward_web::Found::Lookalike | doorward_web::Found::Miss => None,
        };
        let (route, values) = found.expect("a route");
        let head = Head {
            method: http::Method::POST,
            target,
            headers: http::HeaderMap::new(),
            host: String::new(),
            extensions: http::Extensions::new(),
        };
        let fields = Fields::new(body.as_object().cloned().expect("an object"), "");
        let ask = Ask {
            house: Arc::clone(&self.house),
            view,
            call: frozen_call(FROZEN, self.turn.fetch_add(1, Ordering::Relaxed)),
            head: Arc::new(head),
            fields,
            values,
            raw_body: bytes::Bytes::new(),
        };
        self.runtime.block_on(route.handler.expect("a handler")(ask)).expect("a login")
    }
}

async fn set_up(house: &House, dialects: &[Arc<dyn Dialect>]) {
    let mut dice = SeededDice::new(1);
    let vault = &house.terms().vault;
    let mut rows = Vec::new();
    let mut keys = Vec::new();
    for name in dialects.iter().map(|d| d.name()) {
        let config = vault.seal(&settings_purpose(SITE, name), &Secret::new("{}"), &mut dice).expect("sealed");
        rows.push(DialectRow { dialect: name.into(), config });
        let profile = house.profile(name).expect("a profile");
        let id = KeyId::parse("k1").expect("an id");
        let (_, material) = SigningKey::generate(profile.default_algorithm(), id, &mut dice).expect("a key");
        keys.push(KeyRow {
            site: SITE,
            dialect: name.into(),
            kid: "k1".into(),
            algorithm: material.algorithm(),
            material: vault.seal(&key_purpose(SITE, name, "k1"), material.secret(), &mut dice).expect("sealed"),
            created: FROZEN,
            retired: None,
        });
    }
    let site = SiteRow {
        id: SITE,
        name: "bench".into(),
        url: "http://bench.example".into(),
        hosts: vec!["bench.example".into()],
        upstream: None,
        cors_origins: vec![],
        dialects: rows,
        rules: vec![],
    };
    let account = Account {
        site: SITE,
        number: 4,
        login: "ann".into(),
        email: "ann@example.com".into(),
        nicename: "ann".into(),
        display_name: "Ann".into(),
        url: String::new(),
        registered: Time(0),
        roles: vec!["subscriber".into()],
        level: 3,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: Time(0),
        second_factor: false,
    };
    let token = ApiToken {
        id: 0,
        site: SITE,
        account: 4,
        dialect: None,
        name: "bench".into(),
        digest: digest_of(TOKEN),
        hint: hint_of(TOKEN),
        scopes: Scopes::All,
        created: FROZEN,
        expires: None,
        used: None,
        used_from: None,
        revoked: None,
        ip_allow: Vec::new(),
    };
    house
        .work(move |desk| {
            desk.put_site(&site)?;
            keys.iter().try_for_each(|key| desk.put_key(key))?;
            desk.put_account(&account)?;
            desk.add_api_token(&token)
        })
        .await
        .expect("the stage is set up");
    assert_eq!(house.reload().await.expect("sites"), Vec::<String>::new());
}

fn checks(c: &mut Criterion) {
    let bench = Bench::new();
    let view = Arc::clone(&bench.house.directory().sites()[0]);
    let client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: None };
    let pair = bench.login("wporchestrix", "/api/v1/jwt", &json!({"email": "ann@example.com", "password": "x"}));
    let pair: serde_json::Value = serde_json::from_slice(&pair.body).expect("JSON");
    let jwt = pair["access_token"].as_str().expect("a token").to_owned();
    let mut group = c.benchmark_group("check");
    for (name, shown) in [("jwt", Shown::Jwt(&jwt)), ("api_token", Shown::ApiToken(TOKEN))] {
        group.bench_function(name, |b| {
            b.iter(|| {
                let pass = bench.runtime.block_on(verify(&bench.house, &view, "wporchestrix", black_box(shown), FROZEN, &client));
                black_box(pass.expect("a pass"))
            });
        });
    }
    group.finish();
}

fn decisions(c: &mut Criterion) {
    let mut group = c.benchmark_group("rules");
    for count in [10, 1_000, 100_000] {
        let rules = (0..count).map(|n| Rule::new("bench", PathMatch::Exact, &format!("/api/v1/thing{n}"), &[Way::Token])).collect();
        let table = RuleTable::compile(rules).expect("rules");
        let path = format!("/api/v1/thing{}", count / 2);
        group.bench_function(format!("{count}"), |b| b.iter(|| black_box(table.find("GET", black_box(&path), "bench.example"))));
    }
    // The same of patterns, of which all have as many segments, and of one path on many hosts.
    for count in [10, 100_000] {
        let pattern = |n| Rule::new("bench", PathMatch::Pattern, &format!("/api/v1/thing{n}/{{id}}"), &[Way::Token]);
        let hosts = |n| Rule { hosts: vec![format!("site{n}.example")], ..Rule::new("bench", PathMatch::Prefix, "/", &[Way::Token]) };
        let patterns = RuleTable::compile((0..count).map(pattern).collect()).expect("rules");
        let hosts = RuleTable::compile((0..count).map(hosts).collect()).expect("rules");
        let (path, host) = (format!("/api/v1/thing{}/7", count / 2), format!("site{}.example", count / 2));
        group
            .bench_function(format!("patterns/{count}"), |b| b.iter(|| black_box(patterns.find("GET", black_box(&path), "bench.example"))));
        group.bench_function(format!("hosts/{count}"), |b| b.iter(|| black_box(hosts.find("GET", "/x", black_box(&host)))));
    }
    group.finish();
}

fn logins(c: &mut Criterion) {
    let bench = Bench::new();
    let mut group = c.benchmark_group("login_without_hash");
    group.sample_size(20);
    for (dialect, path, body) in [
        ("wporchestrix", "/api/v1/jwt", json!({"email": "ann@example.com", "password": "x"})),
        ("simple_jwt_login", "/wp-json/simple-jwt-login/v1/auth", json!({"email": "ann@example.com", "password": "x"})),
        ("wapka", "/v1/auth/login", json!({"site": "bench", "username": "ann", "password": "x"})),
        ("jwt_auth", "/wp-json/jwt-auth/v1/token", json!({"username": "ann", "password": "x"})),
    ] {
        group.bench_function(dialect, |b| b.iter(|| black_box(bench.login(dialect, path, &body))));
    }
    group.finish();
}

criterion_group!(benches, checks, decisions, logins);
criterion_main!(benches);

//! Tests of the bundle: paths of problems, nothing changed by a second import, everything moved by an export.

use std::sync::Arc;

use doorward_core::account::{Handle, Status};
use doorward_core::call::{Call, Time};
use doorward_core::house::House;
use doorward_core::policy::Way;
use doorward_core::site::SiteId;
use doorward_core::testkit::{FROZEN, frozen_call};
use doorward_web::Source;
use serde_json::{Value, json};

use super::*;
use crate::config::{Settings, Sources};
use crate::source::Machine;
use crate::wire;

const HASH: &str = "$P$B12345678QPyIYwfZrSTjBCEjgrAvN1";

/// A house in a directory of its own.
struct World {
    house: Arc<House>,
    seed: std::sync::atomic::AtomicU64,
    _dir: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut sources = Sources::default();
        sources.set(&format!("data.dir={}", dir.path().display())).unwrap();
        sources.set("hash.threads=1").unwrap();
        let machine: Arc<dyn Source> = Arc::new(Machine);
        let opened = wire::open(&Settings::load(&sources).unwrap(), &machine).await.unwrap();
        Self { house: opened.house, seed: std::sync::atomic::AtomicU64::new(1), _dir: dir }
    }

    fn call(&self, now: Time) -> Call {
        frozen_call(now, self.seed.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }

    async fn import(&self, bundle: &Value) -> Result<Report, String> {
        let bundle = read(&bundle.to_string()).map_err(|p| p.to_string())?;
        import(&self.house, self.call(FROZEN), bundle, Mode::Write("command.import_bundle")).await.map_err(|stopped| match stopped {
            Stopped::Problem(problem) => problem.to_string(),
            Stopped::Kept(reason) => reason.to_owned(),
            Stopped::Fault(fault) => panic!("{fault}"),
        })
    }

    async fn position(&self) -> i64 {
        self.house.look(|desk| desk.last_change()).await.unwrap()
    }

    async fn exported(&self, secrets: bool) -> Value {
        serde_json::to_value(export(&self.house, Wanted { site: None, secrets }).await.unwrap()).unwrap()
    }
}

fn full() -> Value {
    json!({"doorward_bundle": 1, "sites": [{
        "name": "one", "url": "https://one.example/", "hosts": ["One.example", "api.one.example"],
        "upstream": "http://127.0.0.1:9000", "cors_origins": ["https://app.example"],
        "dialects": {"wporchestrix": {"settings": {"access_seconds": 600}}},
        "users": [
            {"id": 4, "login": "ada", "email": "ada@example.com", "nicename": null, "registered": "2026-01-02 03:04:05",
             "roles": ["admin"], "level": 10, "password_hash": HASH,
             "totp": {"secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", "recovery_codes": ["k7m2p-9xq4t"]},
             "api_tokens": [{"name": "CI", "token": "abc123def456ghi789jkl012mno345pqr678stu", "scopes": ["read"]}],
             "meta": {"shoe": 38}},
            {"login": "bob", "password_hash": null, "type": 2}
        ],
        "endpoints": [
            {"path": "/api/v1/posts", "methods": ["get"], "auth": ["token", "none"], "answers_as": "wporchestrix"},
            {"path": "/all", "auth": ["token", "basic"], "all": true, "hosts": ["one.example"], "ip_deny": ["10.0.0.1"], "strip_credential": true,
             "rate_limits": [{"per": "address", "count": 60, "period": 60}, {"per": "account", "count": 9, "period": 2, "burst": 12, "name": "n"}]},
            {"path": "/soft", "auth": ["none", "bearer"], "stale": "ignore"},
            {"path": "/old", "match": "prefix", "enabled": false, "auth": []}
        ]
    }]})
}

#[tokio::test]
async fn a_bundle_becomes_a_site_with_all_that_is_in_it() {
    let world = World::new().await;
    let report = world.import(&full()).await.unwrap();
    assert_eq!((report.sites.made, report.users.made, report.tokens, report.keys), (1, 2, 1, 1));
    assert_eq!(report.warnings, Vec::<String>::new());
    let directory = world.house.directory();
    let view = directory.by_host("one.example").unwrap();
    assert_eq!((view.site.id, view.site.url.as_str()), (SiteId(1), "https://one.example"));
    assert_eq!(view.site.rules[0].ways, [Way::Token, Way::None]);
    assert_eq!((view.site.rules[0].methods.as_slice(), view.site.rules[3].off.as_deref()), (&["GET".to_owned()][..], Some("old")));
    let (ada, bob) = world
        .house
        .look(|desk| Ok((desk.account(SiteId(1), 4)?, desk.account_by(SiteId(1), &Handle::Login("BOB".into()))?)))
        .await
        .unwrap();
    let (ada, bob) = (ada.unwrap(), bob.unwrap());
    assert_eq!((ada.nicename.as_str(), ada.second_factor, ada.level), ("ada", true, 10));
    // The next number is after all that the bundle names.
    assert_eq!((bob.number, bob.status), (5, Status::Banned));
}

#[tokio::test]
async fn importing_twice_changes_nothing_and_a_changed_bundle_only_what_differs() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let (position, before) = (world.position().await, world.exported(true).await);
    let audit = world.house.look(|desk| desk.audit(&doorward_core::audit::AuditQuery { limit: 100, ..Default::default() })).await.unwrap();
    let again = world.import(&full()).await.unwrap();
    assert!(!again.wrote());
    assert_eq!((again.sites.same, again.users.same), (1, 2));
    assert_eq!((world.position().await, world.exported(true).await), (position, before));
    let after = world.house.look(|desk| desk.audit(&doorward_core::audit::AuditQuery { limit: 100, ..Default::default() })).await.unwrap();
    assert_eq!(audit, after);
    let mut changed = full();
    changed["sites"][0]["users"][1]["type"] = json!(1);
    changed["sites"][0]["dialects"]["wporchestrix"]["settings"]["access_seconds"] = json!(60);
    let report = world.import(&changed).await.unwrap();
    assert_eq!((report.sites.changed, report.users.changed, report.users.same, report.keys), (1, 1, 1, 0));
    assert!(world.position().await > position);
}

#[tokio::test]
async fn upstreams_are_one_or_several_and_come_out_as_they_went_in() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let put = |upstream: Value| json!({"doorward_bundle": 1, "sites": [{"name": "one", "upstream": upstream}]});
    for (given, kept) in [
        (json!("http://a:1/"), json!("http://a:1")),
        (json!(["http://a:1", "https://b/app/", "h2c://c:3", "http://a:1/"]), json!(["http://a:1", "https://b/app", "h2c://c:3"])),
        (json!(["http://a:1"]), json!("http://a:1")),
        (json!([]), Value::Null),
        (json!(""), Value::Null),
    ] {
        world.import(&put(given.clone())).await.unwrap();
        assert_eq!(world.exported(true).await["sites"][0]["upstream"], kept, "{given}");
    }
    for bad in [json!("ftp://a"), json!(["http://a", "b"]), json!("http://u@a"), json!(["http://a b"]), json!("http://a?x")] {
        assert!(world.import(&put(bad.clone())).await.is_err(), "{bad}");
    }
    let text = put(json!([1])).to_string();
    let problem = read(&text).err().unwrap();
    assert!(problem.path == "sites[0].upstream" && problem.text.starts_with("must be a URL, or a list of URLs"), "{problem}");
}

#[tokio::test]
async fn what_a_bundle_does_not_say_stays_and_null_takes_away() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let before = world.exported(true).await;
    let little = json!({"doorward_bundle": 1, "sites": [{"name": "one", "users": [{"login": "ada"}]}]});
    assert!(!world.import(&little).await.unwrap().wrote());
    assert_eq!(world.exported(true).await, before);
    let taken = json!({"doorward_bundle": 1, "sites": [{"name": "one", "upstream": null, "endpoints": [],
        "users": [{"login": "ada", "password_hash": null, "totp": null}]}]});
    world.import(&taken).await.unwrap();
    let after = world.exported(true).await;
    let ada = &after["sites"][0]["users"][0];
    assert_eq!((&ada["password_hash"], &ada["totp"]), (&Value::Null, &Value::Null));
    assert_eq!((&after["sites"][0]["upstream"], &after["sites"][0]["endpoints"]), (&Value::Null, &json!([])));
}

#[tokio::test]
async fn a_password_changed_here_is_not_undone_and_one_changed_there_kills_tokens() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    // As a login does when it finds an old scheme.
    let rehashed = world.house.work(|desk| desk.swap_password(SiteId(1), 4, HASH, "$2y$10$rehashed")).await.unwrap();
    assert!(rehashed && !world.import(&full()).await.unwrap().wrote());
    let stored = || world.house.look(|desk| Ok((desk.password(SiteId(1), 4)?, desk.account(SiteId(1), 4)?.unwrap().valid_after)));
    assert_eq!(stored().await.unwrap(), (Some("$2y$10$rehashed".into()), Time(0)));
    let mut changed = full();
    changed["sites"][0]["users"][0]["password_hash"] = json!("5d41402abc4b2a76b9719d911017c592");
    world.import(&changed).await.unwrap();
    assert_eq!(stored().await.unwrap(), (Some("5d41402abc4b2a76b9719d911017c592".into()), FROZEN));
}

#[tokio::test]
async fn a_spent_recovery_code_and_a_revoked_token_do_not_come_back() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let site = SiteId(1);
    world
        .house
        .work(move |desk| {
            for code in desk.recovery_codes(site, 4)? {
                assert!(desk.spend_recovery_code(site, 4, &code)?);
            }
            let token = desk.api_tokens(site, Some(4))?.remove(0);
            desk.revoke_api_token(site, token.id, FROZEN)
        })
        .await
        .unwrap();
    assert!(!world.import(&full()).await.unwrap().wrote());
    let left =
        world.house.look(move |desk| Ok((desk.recovery_codes(site, 4)?.len(), desk.api_tokens(site, Some(4))?.len()))).await.unwrap();
    assert_eq!(left, (0, 0));
}

#[tokio::test]
async fn problems_name_the_path_and_nothing_is_written() {
    let world = World::new().await;
    let broken = |pointer: &str, value: Value| {
        let mut bundle = full();
        let (place, member) = pointer.rsplit_once('/').unwrap();
        bundle.pointer_mut(place).unwrap().as_object_mut().unwrap().insert(member.into(), value);
        bundle
    };
    for (pointer, value, expected) in [
        ("/doorward_bundle", json!(2), "doorward_bundle: must be 1: this version reads no other format"),
        ("/site", json!([]), "site: is no member of a bundle; did you mean `sites`?"),
        ("/sites/0/host", json!([]), "sites[0].host: is no member of a bundle; did you mean `hosts`?"),
        ("/sites/0/users/1/foo", json!(1), "sites[0].users[1].foo: is no member of a bundle"),
        ("/sites/0/users/0/totp/secrets", json!("x"), "sites[0].users[0].totp.secrets: is no member of a bundle; did you mean `secret`?"),
        ("/sites/0/users/0/totp/secret", json!("hunter2!"), "sites[0].users[0].totp.secret: must be base 32 of 10 to 128 bytes"),
        ("/sites/0/users/0/level", json!(11), "sites[0].users[0].level: must be from 0 to 10"),
        ("/sites/0/users/0/type", json!(3), "sites[0].users[0].type: must be 1 (active), 2 (banned) or 4 (deleted)"),
        ("/sites/0/users/1/login", json!("ADA"), "sites[0].users[1].login: another account of the site has it"),
        ("/sites/0/name", json!("One"), "sites[0].name: must be 1 to 63 of a-z, 0-9 and -"),
        ("/sites/0/url", json!("one.example"), "sites[0].url: must be a URL such as https://example.com, without user, query and fragment"),
        (
            "/sites/0/dialects/wpress",
            json!({}),
            "sites[0].dialects.wpress: is no dialect of this build (wporchestrix, simple_jwt_login, wncms, wapka, jwt_auth); did you mean `wporchestrix`?",
        ),
        (
            "/sites/0/endpoints/0/auth",
            json!(["tokens"]),
            "sites[0].endpoints[0].auth[0]: `tokens` is none of none, simple, basic, token, bearer, api_key; did you mean `token`?",
        ),
        ("/sites/0/endpoints/0/auth", json!([]), "sites[0].endpoints[0].auth: must name at least one way; `none` lets everybody in"),
        (
            "/sites/0/endpoints/0/min_level",
            json!(1),
            "sites[0].endpoints[0].auth: `none` lets in who has no role, scope or level: leave it out, or ask for none of them",
        ),
        (
            "/sites/0/endpoints/0/stale",
            json!("ignored"),
            "sites[0].endpoints[0].stale: `ignored` is none of refuse, ignore; did you mean `ignore`?",
        ),
        (
            "/sites/0/endpoints/0/rate_limits",
            json!([{"per": "addres", "count": 1, "period": 1}]),
            "sites[0].endpoints[0].rate_limits[0].per: `addres` is none of address, account, token, route; did you mean `address`?",
        ),
        (
            "/sites/0/endpoints/0/rate_limits",
            json!([{"per": "route", "count": 1}]),
            "sites[0].endpoints[0].rate_limits[0].period: rule 1 (/0/rate_limits/0/period): must be 1 or more",
        ),
        (
            "/sites/0/endpoints/1/ip_deny",
            json!(["10.0.0.0/8", "home"]),
            "sites[0].endpoints[1].ip_deny[1]: rule 2 (/1/ip_deny/1): `home` is no address, CIDR block, or IPv4 pattern such as 85.*.*.*",
        ),
        (
            "/sites/0/endpoints/0/hosts",
            json!(["one.example", "http://two.example"]),
            "sites[0].endpoints[0].hosts[1]: rule 1 (/0/hosts/1): `http://two.example` is no host, or `*.` and a host",
        ),
    ] {
        if pointer == "/sites/0/users/1/login" {
            // Bob would be found as Ada; with a number of his own he is somebody else.
            let mut bundle = broken(pointer, value);
            bundle["sites"][0]["users"][1]["id"] = json!(9);
            assert_eq!(world.import(&bundle).await.unwrap_err(), expected);
            continue;
        }
        assert_eq!(world.import(&broken(pointer, value)).await.unwrap_err(), expected);
    }
    let settings = broken("/sites/0/dialects/wporchestrix/settings/access_second", json!(1));
    assert!(world.import(&settings).await.unwrap_err().starts_with("sites[0].dialects.wporchestrix.settings.access_second: "));
    let wrong = world.import(&broken("/sites/0/users/0/level", json!("hunter2"))).await.unwrap_err();
    assert!(wrong.starts_with("sites[0].users[0].level: invalid type: ") && !wrong.contains("hunter2"), "{wrong}");
    assert!(world.house.look(|desk| desk.sites()).await.unwrap().is_empty());
    assert_eq!(world.position().await, 0);
}

#[tokio::test]
async fn a_dry_run_tells_what_would_be_and_leaves_nothing() {
    let world = World::new().await;
    let bundle = read(&full().to_string()).unwrap();
    let report = import(&world.house, world.call(FROZEN), bundle, Mode::DryRun).await.unwrap();
    assert_eq!((report.sites.made, report.users.made), (1, 2));
    assert_eq!((world.house.look(|desk| desk.sites()).await.unwrap().len(), world.position().await), (0, 0));
}

#[tokio::test]
async fn unusable_hashes_are_warned_of_without_a_secret_and_recorded_editions_are_not() {
    let world = World::new().await;
    let bundle = json!({"doorward_bundle": 1, "sites": [{"name": "one", "url": "http://x.example",
        "dialects": {
            "simple_jwt_login": {"edition": "v4"},
            "jwt_auth": {"edition": "tmeister", "constants": {"JWT_AUTH_SECRET_KEY": "correct horse battery staple, twice"}}},
        "users": [{"login": "eve", "password_hash": "hunter2"}]}]});
    let report = world.import(&bundle).await.unwrap();
    assert_eq!(report.warnings.len(), 1);
    assert!(report.warnings[0].contains("eve") && !report.warnings.join("").contains("hunter2"));
}

#[tokio::test]
async fn a_changed_secret_in_the_settings_replaces_the_key() {
    let world = World::new().await;
    let bundle = |secret: &str| {
        json!({"doorward_bundle": 1, "sites": [{"name": "one", "url": "http://x.example",
            "dialects": {"jwt_auth": {"constants": if secret.is_empty() { json!({}) } else { json!({"JWT_AUTH_SECRET_KEY": secret}) }}}}]})
    };
    let kids = || async {
        let keys = world.house.look(|desk| desk.keys(SiteId(1))).await.unwrap();
        keys.into_iter().map(|k| (k.kid, k.retired.is_some())).collect::<Vec<_>>()
    };
    world.import(&bundle("correct horse battery staple, once")).await.unwrap();
    assert_eq!(kids().await, [("settings".to_owned(), false)]);
    assert!(!world.import(&bundle("correct horse battery staple, once")).await.unwrap().wrote());
    let report = world.import(&bundle("correct horse battery staple, twice")).await.unwrap();
    assert_eq!((report.keys, kids().await), (1, vec![("settings".to_owned(), false)]));
    // Without a secret one is made, and made once.
    assert_eq!(world.import(&bundle("")).await.unwrap().keys, 2);
    let made = kids().await;
    assert!(made.len() == 1 && made[0].0 != "settings");
    world.import(&bundle("")).await.unwrap();
    assert_eq!(kids().await, made);
    assert_eq!(
        world.import(&bundle("secret")).await.unwrap_err().split(':').next(),
        Some("sites[0].dialects.jwt_auth.constants.JWT_AUTH_SECRET_KEY")
    );
}

#[tokio::test]
async fn an_export_with_secrets_moves_everything_to_another_server() {
    let (here, there) = (World::new().await, World::new().await);
    here.import(&full()).await.unwrap();
    let bundle = here.exported(true).await;
    there.import(&bundle).await.unwrap();
    assert_eq!(there.exported(true).await, bundle);
    assert!(!there.import(&bundle).await.unwrap().wrote());
    // And back again it changes nothing here.
    let position = here.position().await;
    assert!(!here.import(&bundle).await.unwrap().wrote());
    assert_eq!(here.position().await, position);
    let digest = *doorward_core::credential::Digest::of("abc123def456ghi789jkl012mno345pqr678stu").as_bytes();
    assert_eq!(there.house.look(move |desk| desk.api_token(&digest)).await.unwrap().unwrap().account, 4);
}

#[tokio::test]
async fn an_export_without_secrets_holds_none_and_takes_none_away() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let whole = world.exported(true).await;
    let bundle = world.exported(false).await;
    let text = bundle.to_string();
    for canary in [HASH, "JBSWY3DP", "password_hash", "totp", "sha256", "access_seconds", "imported"] {
        assert!(!text.contains(canary), "{canary}");
    }
    assert!(!world.import(&bundle).await.unwrap().wrote());
    assert_eq!(world.exported(true).await, whole);
}

#[tokio::test]
async fn a_host_has_one_owner_and_an_id_one_site() {
    let world = World::new().await;
    world.import(&full()).await.unwrap();
    let other = |more: Value| {
        let mut site = json!({"name": "two", "url": "https://two.example"});
        site.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"doorward_bundle": 1, "sites": [site]})
    };
    let shared = world.import(&other(json!({"hosts": ["one.example"]}))).await.unwrap_err();
    assert_eq!(shared, "sites[0].hosts: the host `one.example` belongs to the site one already");
    assert_eq!(world.import(&other(json!({"id": 1}))).await.unwrap_err(), "sites[0].id: 1 is the site one");
    world.import(&other(json!({"id": 18448, "hosts": ["two.example"]}))).await.unwrap();
    // Which of them was there first makes no difference: the one that is written is refused, and the other one named.
    let first = json!({"doorward_bundle": 1, "sites": [{"name": "one", "hosts": ["two.example"]}]});
    assert_eq!(world.import(&first).await.unwrap_err(), "sites[0].hosts: the host `two.example` belongs to the site two already");
    let both =
        json!({"doorward_bundle": 1, "sites": [{"name": "two", "hosts": ["new.example"]}, {"name": "one", "hosts": ["new.example"]}]});
    assert_eq!(world.import(&both).await.unwrap_err(), "sites[1].hosts: the host `new.example` belongs to the site two already");
    let swapped =
        json!({"doorward_bundle": 1, "sites": [{"name": "two", "hosts": ["one.example"]}, {"name": "one", "hosts": ["two.example"]}]});
    world.import(&swapped).await.unwrap();
    assert_eq!(
        world.import(&other(json!({"id": 2}))).await.unwrap_err(),
        "sites[0].id: the site two is number 18448, which does not change"
    );
}

proptest::proptest! {
    #[test]
    fn no_bundle_panics_and_problems_have_a_path(
        text in "\\PC{0,60}",
        members in proptest::collection::vec(
            ("(sites|name|id|url|hosts|upstream|dialects|keys|endpoints|users|login|type|totp|secret|api_tokens|path|methods|auth|level|x)",
             "(null|true|-1|99999999999999999999|1e400|\"\"|\"a\"|\\[\\]|\\{\\}|\\[\\{\\}\\]|\\[null\\]|\\{\"x\":1\\})"), 0..6),
    ) {
        let inner = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect::<Vec<_>>().join(",");
        let site = format!(r#"{{"doorward_bundle":1,"sites":[{{{inner}}}]}}"#);
        let user = format!(r#"{{"doorward_bundle":1,"sites":[{{"name":"a","users":[{{{inner}}}]}}]}}"#);
        let top = format!(r#"{{"doorward_bundle":1,{inner}}}"#);
        for bundle in [text.as_str(), &site, &user, &top] {
            if let Err(problem) = read(bundle) {
                proptest::prop_assert!(!problem.path.is_empty() && !problem.text.is_empty(), "{}", bundle);
            }
        }
    }
}

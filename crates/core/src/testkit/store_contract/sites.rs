//! Sites, their languages, rules and keys.

use super::Place;
use super::bench::{ALICE, Bench, OTHER, SITE, api_token, at, entry, session, site_row};
use crate::audit::AuditQuery;
use crate::call::Time;
use crate::credential::Digest;
use crate::policy::{PathMatch, Rule, Way};
use crate::port::store::{DialectRow, KeyRow, Sealed, SiteRow};
use crate::site::SiteId;
use crate::token::{Algorithm, TokenId};

/// Every member, order of languages and rules included.
pub fn a_site_comes_back_as_it_was_put(place: &dyn Place) {
    let bench = Bench::furnished(place);
    let language = |name: &str| DialectRow { dialect: name.into(), config: Sealed(vec![0, 1, 255]) };
    let full = SiteRow {
        hosts: vec!["b.example:8443".into(), "a.example".into()],
        upstream: Some("http://127.0.0.1:8080".into()),
        cors_origins: vec!["https://app.example".into()],
        dialects: vec![language("wncms"), language("jwt_auth"), language("wapka")],
        rules: vec![
            Rule { off: Some("key".into()), min_level: 10, ..Rule::new("b", PathMatch::Pattern, "/b/{id}", &[Way::Bearer, Way::None]) },
            Rule::new("a", PathMatch::Prefix, "/", &[]),
        ],
        ..site_row(SiteId(5))
    };
    let (put, next) = (full.clone(), SiteRow { dialects: vec![language("wapka")], rules: Vec::new(), ..full.clone() });
    bench.work(move |desk| desk.put_site(&put));
    assert_eq!(bench.look(|desk| desk.sites()), [site_row(SITE), site_row(OTHER), full]);
    let put = next.clone();
    bench.work(move |desk| desk.put_site(&put));
    assert_eq!(bench.look(|desk| desk.sites())[2], next);
}

/// Two sites cannot have one name.
pub fn names_of_sites_are_unique(place: &dyn Place) {
    let bench = Bench::furnished(place);
    assert!(bench.try_work(|desk| desk.put_site(&SiteRow { name: site_row(SITE).name, ..site_row(SiteId(3)) })).is_err());
    assert_eq!(bench.look(|desk| desk.sites()).len(), 2);
}

/// A new configuration does not touch what the site knows.
pub fn replacing_a_site_keeps_its_keys_and_accounts(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.put_key(&key("k", at(0)))?;
        desk.set_pad(SITE, "bcrypt")?;
        desk.open_session(&session(1))?;
        desk.put_site(&SiteRow { url: "https://new.example".into(), ..site_row(SITE) })
    });
    bench.look(|desk| {
        assert_eq!(desk.keys(SITE)?.len(), 1);
        assert_eq!(desk.pad(SITE)?, "bcrypt");
        assert!(desk.account(SITE, ALICE)?.is_some());
        assert!(desk.session(session(1).id)?.is_some());
        Ok(())
    });
}

/// Newest first, of one second the later put; put again under its name, a key is replaced.
pub fn keys_come_newest_first_and_are_replaced_by_name(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        for (kid, created) in [("a", at(5)), ("old", at(1)), ("b", at(5)), ("new", at(9))] {
            desk.put_key(&key(kid, created))?;
        }
        desk.put_key(&KeyRow { site: OTHER, ..key("new", at(9)) })?;
        desk.put_key(&KeyRow { dialect: "wncms".into(), ..key("old", at(0)) })
    });
    let kids = |keys: Vec<KeyRow>| keys.into_iter().map(|k| k.kid).collect::<Vec<_>>();
    assert_eq!(kids(bench.look(|desk| desk.keys(SITE))), ["new", "b", "a", "old", "old"]);
    let retired = KeyRow { retired: Some(at(10)), algorithm: Algorithm::EdDsa, material: Sealed(vec![9]), ..key("new", at(9)) };
    let put = retired.clone();
    bench.work(move |desk| desk.put_key(&put));
    assert_eq!(bench.look(|desk| desk.keys(SITE))[0], retired);
    assert!(bench.work(|desk| desk.remove_key(SITE, "wapka", "old")));
    assert!(!bench.work(|desk| desk.remove_key(SITE, "wapka", "old")));
    assert_eq!(kids(bench.look(|desk| desk.keys(SITE))), ["new", "b", "a", "old"]);
    assert!(bench.try_work(|desk| desk.put_key(&KeyRow { site: SiteId(99), ..key("k", at(0)) })).is_err(), "no such site");
}

/// Accounts, credentials, sessions and keys go; audit and revocations stay, and the other site has lost nothing.
pub fn removing_a_site_removes_what_belongs_to_it(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| {
        desk.put_key(&key("k", at(0)))?;
        desk.set_password(SITE, ALICE, Some("hash"))?;
        desk.add_api_token(&api_token("secret"))?;
        desk.put_totp(SITE, ALICE, &Sealed(vec![1]))?;
        desk.put_recovery_codes(SITE, ALICE, &[[1; 32]])?;
        desk.open_session(&session(1))?;
        desk.revoke_token(SITE, TokenId([1; 16]), at(100))?;
        desk.remember(&entry("before"))
    });
    assert!(bench.work(|desk| desk.remove_site(SITE)));
    assert!(!bench.work(|desk| desk.remove_site(SITE)));
    bench.look(|desk| {
        assert_eq!(desk.sites()?, [site_row(OTHER)]);
        assert_eq!(desk.keys(SITE)?, []);
        assert_eq!(desk.accounts(SITE, 0, 9)?, []);
        assert_eq!(desk.password(SITE, ALICE)?, None);
        assert_eq!(desk.api_token(Digest::of("secret").as_bytes())?, None);
        assert_eq!(desk.totp(SITE, ALICE)?, None);
        assert_eq!(desk.recovery_codes(SITE, ALICE)?, [[0; 32]; 0]);
        assert_eq!(desk.session(session(1).id)?, None);
        assert_eq!(desk.revoked(at(0))?, [(TokenId([1; 16]), at(100))]);
        assert_eq!(desk.audit(&AuditQuery { limit: 9, ..AuditQuery::default() })?.len(), 1);
        assert!(desk.account(OTHER, ALICE)?.is_some());
        Ok(())
    });
}

/// One text per site, empty at first.
pub fn a_pad_is_kept_per_site(place: &dyn Place) {
    let bench = Bench::furnished(place);
    bench.work(|desk| desk.set_pad(SITE, "phpass bcrypt"));
    assert_eq!(bench.look(|desk| desk.pad(SITE)), "phpass bcrypt");
    assert_eq!(bench.look(|desk| desk.pad(OTHER)), "");
    assert_eq!(bench.look(|desk| desk.pad(SiteId(99))), "");
    assert!(bench.try_work(|desk| desk.set_pad(SiteId(99), "x")).is_err(), "no such site");
}

fn key(kid: &str, created: Time) -> KeyRow {
    KeyRow {
        site: SITE,
        dialect: "wapka".into(),
        kid: kid.into(),
        algorithm: Algorithm::Hs256,
        material: Sealed(vec![0, 200, 7]),
        created,
        retired: None,
    }
}

//! The tables multiplied.

use doorward_core::account::Status;
use doorward_core::call::Time;
use doorward_core::credential::api_token::{digest_of, hint_of};
use doorward_core::policy::Scopes;
use doorward_core::port::store::ApiToken;
use doorward_core::site::SiteId;
use serde_json::json;

use super::super::basic;
use super::credentials::{CREDENTIALS, Credential, DEL, EXPIRED, FAR, FOREIGN, REVOKED};
use super::endpoints::{ENDPOINTS, Endpoint, Needs};
use super::modes::{Does, MODES, Mode};
use super::words::{Word, heard};
use super::{EDITIONS, edition};
use crate::support::{Ask, Person, Stage, World};

/// The word for a credential at an endpoint.
fn word(does: Does, endpoint: &Endpoint, simple: Word, basic: Word) -> Word {
    let proven = match does {
        Does::None if endpoint.needs == Needs::Nobody => return Word::Through(None),
        Does::None => return Word::Somebody,
        Does::Unknown => return Word::Mode,
        Does::Off(key) => return Word::Off(key),
        Does::Unlisted => return Word::Unlisted,
        Does::Simple => simple,
        Does::Basic => basic,
    };
    let is_other = matches!(proven, Word::Through(who) if who != Some(1));
    if endpoint.needs == Needs::Admin && is_other { Word::NotAdmin } else { proven }
}

fn set_up(column: usize, mode: &Mode) -> World {
    let stage = edition(EDITIONS[column], (mode.rows)())
        .person(Person::new(8, "wes"))
        .person(Person::new(9, "lou"))
        .person(Person::new(10, "del").status(Status::Deleted).token(DEL));
    let mut other = Stage::of("wncms", json!({})).person(Person::new(4, "ann").token(FOREIGN)).person(Person::new(11, "far"));
    (other.id, other.name, other.hosts) = (2, "othersite".into(), vec!["other.example".into()]);
    let world = World::with(vec![stage, other]);
    let token = |text: &str, expires, revoked| ApiToken {
        id: 0,
        site: SiteId(1),
        account: 4,
        dialect: None,
        name: "old".into(),
        digest: digest_of(text),
        hint: hint_of(text),
        scopes: Scopes::All,
        created: Time(world.now().0 - 10),
        expires,
        used: None,
        used_from: None,
        revoked,
        ip_allow: Vec::new(),
    };
    let far = ApiToken { ip_allow: vec!["10.0.0.0/8".into()], ..token(FAR, None, None) };
    let old = [token(EXPIRED, Some(Time(world.now().0 - 1)), None), token(REVOKED, None, Some(world.now())), far];
    let written = world.house.work(move |desk| old.iter().try_for_each(|row| desk.add_api_token(row).map(|_| ())));
    world.run(written).expect("the old tokens");
    for _ in 0..10 {
        world.ask(Ask::post("/api/v1/token/generate").auth(&basic("lou@example.com", "wrong")));
    }
    world
}

fn target(endpoint: &Endpoint, credential: &Credential) -> String {
    if credential.query.is_empty() { endpoint.path.to_owned() } else { format!("{}?{}", endpoint.path, credential.query) }
}

/// Every endpoint × every mode × every credential, through the proxy.
fn through_the_proxy(column: usize) {
    for mode in MODES {
        let world = set_up(column, mode);
        let mut passed = 0;
        for endpoint in ENDPOINTS {
            for credential in CREDENTIALS.iter().step_by(mode.step) {
                let word = word(mode.of(endpoint), endpoint, credential.simple, credential.basic);
                let case = format!("{}, {}: {} {} with {}", EDITIONS[column], mode.name, endpoint.method, endpoint.path, credential.name);
                let answer = world.ask((credential.send)(Ask::new(endpoint.method, &target(endpoint, credential))));
                let (status, body) = heard(column, endpoint, word);
                assert_eq!(answer.line(), format!("{status} {body}"), "{case}");
                assert_eq!(answer.header("www-authenticate"), "", "{case}");
                if let Word::Through(who) = word {
                    passed += 1;
                    let told = who.map(|id| id.to_string());
                    assert_eq!(world.upstream.last().header("x-doorward-user-id"), told.as_deref(), "{case}");
                } else {
                    let kept = if column == 0 || !credential.query.is_empty() { "no-store" } else { "no-cache, private" };
                    assert_eq!((answer.header("content-type"), answer.header("cache-control")), ("application/json", kept), "{case}");
                }
            }
        }
        assert_eq!(world.upstream.arrived().len(), passed, "{}, {}: what was refused reached nobody", EDITIONS[column], mode.name);
    }
}

/// The same, where nginx asks first. A no is never a 2xx there, whatever the edition says on the wire.
fn at_the_check(column: usize) {
    for mode in MODES {
        let world = set_up(column, mode);
        for endpoint in ENDPOINTS {
            // nginx asks without the body: a token there is not seen (and not looked for, below).
            for credential in CREDENTIALS.iter().filter(|c| !c.in_body).step_by(mode.step) {
                let word = word(mode.of(endpoint), endpoint, credential.simple, credential.basic);
                let case = format!("{}, {}: {} {} with {}", EDITIONS[column], mode.name, endpoint.method, endpoint.path, credential.name);
                let ask = Ask::get("/_doorward/check/nginx").header("X-Original-Method", endpoint.method);
                let ask = ask.header("X-Original-URI", &target(endpoint, credential));
                let answer = world.ask((credential.send)(ask));
                let (status, body) = heard(column, endpoint, word);
                if let Word::Through(who) = word {
                    let told = who.map(|id| id.to_string()).unwrap_or_default();
                    assert_eq!((answer.line().as_str(), answer.header("x-doorward-user-id")), ("204 ", told.as_str()), "{case}");
                } else {
                    let shut = if status == 200 { heard(0, endpoint, word).0 } else { status };
                    assert_eq!(answer.line(), format!("{shut} {body}"), "{case}");
                    assert_eq!(answer.header("x-doorward-user-id"), "", "{case}");
                }
            }
        }
        assert!(world.upstream.arrived().is_empty());
    }
}

#[test]
fn documented_body_for_body() {
    through_the_proxy(0);
}

#[test]
fn v6_3_body_for_body() {
    through_the_proxy(1);
}

#[test]
fn v6_body_for_body() {
    through_the_proxy(2);
}

#[test]
fn documented_where_nginx_asks() {
    at_the_check(0);
}

#[test]
fn v6_3_where_nginx_asks() {
    at_the_check(1);
}

#[test]
fn a_body_that_comes_with_the_question_is_not_the_requests() {
    for (column, name) in EDITIONS.iter().enumerate() {
        let world = set_up(column, &MODES[0]);
        let endpoint = ENDPOINTS.iter().find(|e| e.path == "/api/v1/posts/store").expect("it is listed");
        for credential in CREDENTIALS.iter().filter(|c| c.in_body) {
            let ask = Ask::get("/_doorward/check/nginx").header("X-Original-Method", "POST").header("X-Original-URI", endpoint.path);
            let body = heard(column, endpoint, Word::MissingToken).1;
            assert_eq!(world.ask((credential.send)(ask)).line(), format!("401 {body}"), "{name}: {}", credential.name);
        }
    }
}

#[test]
fn v6_where_nginx_asks_is_shut_by_its_status_too() {
    at_the_check(2);
}

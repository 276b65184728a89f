//! Administrators at the console: what each of them may do, and what stays shut.

mod access;
mod audit;
mod given;
mod keys;
mod live;
mod power;
mod rules;
mod secrets;
mod server;
mod settings;
mod sites;
mod tokens;
mod users;
mod webhooks;

use doorward_core::account::{Account, Power};
use doorward_core::audit::{AuditEntry, AuditQuery};
use doorward_core::site::SiteId;
use serde_json::{Value, json};

use crate::support::{Answer, Ask, Browser, Ground, PASSWORD, Person, Stage, World};

/// The site that most cases are about, and another one.
const SITE: SiteId = SiteId(1);
const OTHER: SiteId = SiteId(2);

/// Two sites. On `yoursite`: Ada, who owns the server; Adam, its administrator (level 5); Bob (level 3); Zoe (level 8); a robot. On
/// `other`: Oscar, its administrator; Uma.
fn world() -> World {
    world_on(Ground { console: true, ..Ground::default() })
}

/// The same on other ground.
fn world_on(ground: Ground) -> World {
    let codes = json!({"edition": "documented", "settings": {
        "allow_authentication": "1", "decryption_key": "sjl-key-canary-0123456789abcdef0123",
        "auth_codes": ["code-canary-abcdefgh", {"code": "another-code-canary", "role": "editor", "expiration_date": "2030-01-01"}],
        "auth_requires_auth_code": "1", "auth_ip": "10.0.0.0/8",
    }});
    let jwt = json!({"constants": {"JWT_AUTH_SECRET_KEY": "jwt-key-canary-0123456789abcdef0123"}});
    let robot = Person::new(5, "robot");
    let robot = Person { account: Account { service: true, ..robot.account.clone() }, ..robot };
    let here = [
        Person::new(1, "ada").role("administrator", 10),
        Person::new(2, "adam").role("editor", 5),
        Person::new(3, "bob").token("token-canary-0123456789abcdefghij"),
        Person::new(4, "zoe").role("administrator", 8).totp().recovery("aaaaa-bbbbb"),
        robot,
    ];
    let here = here.into_iter().fold(Stage::of("wapka", json!({})).and("simple_jwt_login", codes).and("jwt_auth", jwt), Stage::person);
    let there = [Person::new(1, "oscar").role("editor", 5), Person::new(2, "uma")];
    let there = there.into_iter().fold(Stage::of("wapka", json!({})), Stage::person);
    let there = Stage { id: 2, name: "other".into(), hosts: vec!["other.example".into()], ..there };
    let world = World::on(vec![here, there], ground);
    for (site, number, power) in [(SITE, 1, Power::Owner), (SITE, 2, Power::Admin), (OTHER, 1, Power::Admin)] {
        world.run(world.house.work(move |desk| desk.set_power(site, number, power))).unwrap();
    }
    world
}

/// Somebody of a site, signed in.
fn signed_in(world: &World, site: &str, login: &str) -> Browser {
    let mut browser = Browser::open(world);
    let answer = browser.post("/api/session", &json!({"site": site, "login": login, "password": PASSWORD}));
    assert_eq!(answer.status, 200, "{}", answer.line());
    browser
}

fn ada(world: &World) -> Browser {
    signed_in(world, "yoursite", "ada")
}

fn adam(world: &World) -> Browser {
    signed_in(world, "yoursite", "adam")
}

/// A write that says what it replaces.
fn replacing(browser: &mut Browser, method: &str, target: &str, mark: &str, body: &Value) -> Answer {
    let ask = browser.ours(Ask::new(method, target)).header("If-Match", mark).json(&body.to_string());
    browser.send(ask)
}

/// Status and reason of a no.
fn no(answer: &Answer) -> (u16, String) {
    (answer.status, answer.text("/error/code"))
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// The newest entry of an action.
fn entry(world: &World, action: &str) -> Option<AuditEntry> {
    let query = AuditQuery { action: Some(action.into()), limit: 1, ..AuditQuery::default() };
    world.run(world.house.look(move |desk| desk.audit(&query))).unwrap().pop()
}

fn account(world: &World, site: SiteId, number: i64) -> Account {
    world.run(world.house.look(move |desk| desk.account(site, number))).unwrap().unwrap()
}

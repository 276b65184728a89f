//! Letters of `v3` and `v4`: the welcome, the notice of a changed password, the code; and what who is not there is told.

use std::sync::{Arc, Mutex};

use doorward_core::audit::{AuditEntry, AuditQuery, Outcome};
use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::mailer::{Delivery, Letter, Mail, Mailer};
use doorward_core::port::store::{Sealed, SealedLetter};
use doorward_core::site::SiteId;
use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{HEADER, KEY, sign};
use crate::support::{Answer, Ask, Ground, World};

const USERS: &str = "/wp-json/simple-jwt-login/v1/users";
const RESET: &str = "/wp-json/simple-jwt-login/v1/user/reset_password";

/// A post office that keeps everything.
#[derive(Default)]
pub(super) struct Kept(Mutex<Vec<(i64, Mail)>>);

impl Mailer for Kept {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Delivery> {
        self.0.lock().unwrap().push((letter.number, letter.mail.clone()));
        Box::pin(std::future::ready(Delivery::Taken))
    }
}

pub(super) fn world(stage: crate::support::Stage) -> (World, Arc<Kept>) {
    let kept = Arc::new(Kept::default());
    let ground = Ground { mailer: Some(Arc::<Kept>::clone(&kept)), ..Ground::default() };
    (World::on(vec![stage], ground), kept)
}

fn open(more: &[(&str, Value)]) -> (World, Arc<Kept>) {
    let mut changes = vec![
        ("register", json!({"enabled": 1, "auth_code": false})),
        ("reset_password", json!({"enabled": 1, "flow": 1, "return_jwt": 1})),
    ];
    changes.extend_from_slice(more);
    world(v4(&changes))
}

pub(super) fn take(world: &World, kept: &Kept) -> Vec<Mail> {
    world.posted();
    let mut letters = std::mem::take(&mut *kept.0.lock().unwrap());
    letters.sort_by_key(|(number, _)| *number);
    letters.into_iter().map(|(_, mail)| mail).collect()
}

fn register(world: &World) -> Answer {
    world.ask(Ask::post(USERS).json(r#"{"email":"new@example.com","password":"longenough"}"#).header("Host", "wire.example"))
}

fn change(world: &World, email: &str, with: &str, value: &str) -> Answer {
    world.ask(Ask::new("PUT", RESET).json(&json!({"email": email, "new_password": "another one", with: value}).to_string()))
}

fn token(world: &World) -> String {
    let now = world.now().0;
    sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"ann@example.com"}}"#, now + 600))
}

#[test]
fn who_registers_is_welcomed_where_the_site_wants_it_and_sent_no_password() {
    let (quiet, kept) = open(&[]);
    assert_eq!(register(&quiet).status, 200);
    assert!(take(&quiet, &kept).is_empty());
    let (world, kept) = open(&[("register.send_welcome_email", json!(true))]);
    assert_eq!(register(&world).status, 200);
    let letters = take(&world, &kept);
    assert_eq!(
        (letters.len(), letters[0].to.as_str(), letters[0].subject.as_str()),
        (1, "new@example.com", "[wire.example] Login Details")
    );
    assert!(letters[0].body.starts_with("Username: new@example.com\r\n") && letters[0].body.contains("http://wire.example/wp-login.php"));
    assert!(!letters[0].body.contains("longenough"));
    assert_eq!(word(&register(&world)), (409, 38));
    assert!(take(&world, &kept).is_empty(), "nobody was registered");
}

#[test]
fn a_changed_password_is_told_to_its_owner_where_the_site_wants_it() {
    let (quiet, kept) = open(&[]);
    assert_eq!(change(&quiet, "ann@example.com", "JWT", &token(&quiet)).status, 200);
    assert!(take(&quiet, &kept).is_empty());
    let (world, kept) = open(&[("reset_password.send_password_changed_email", json!(true))]);
    assert_eq!(change(&world, "ann@example.com", "code", "no such code").status, 422);
    assert!(take(&world, &kept).is_empty(), "nothing was changed");
    assert_eq!(change(&world, "ann@example.com", "JWT", &token(&world)).status, 200);
    let letters = take(&world, &kept);
    assert_eq!(
        (letters.len(), letters[0].to.as_str(), letters[0].subject.as_str()),
        (1, "ann@example.com", "[wire.example] Password Changed")
    );
    assert!(!letters[0].body.contains("another one"));
    // By a mailed code as well.
    assert_eq!(world.ask(Ask::post(RESET).json(r#"{"email":"ann@example.com"}"#)).status, 200);
    let letter = take(&world, &kept).remove(0).body;
    let code = letter.split("&key=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    assert_eq!(change(&world, "ann@example.com", "code", &code).status, 200);
    assert_eq!(take(&world, &kept).len(), 1);
}

#[test]
fn links_lead_to_the_site_whatever_a_request_says() {
    let (world, kept) = open(&[]);
    for header in ["X-Forwarded-Host", "Forwarded", "X-Forwarded-Server", "X-Original-Url", "Referer", "Origin"] {
        let ask = Ask::post(RESET)
            .json(r#"{"email":"ann@example.com"}"#)
            .header(header, "http://evil.example")
            .header("X-Forwarded-For", "evil.example");
        assert_eq!(world.ask(ask).status, 200, "{header}");
        let letter = take(&world, &kept).remove(0);
        assert!(
            letter.body.contains("\r\nhttp://wire.example/wp-login.php?") && !letter.body.contains("evil"),
            "{header}: {}",
            letter.body
        );
    }
}

#[test]
fn who_is_not_there_is_told_what_others_are_told_where_the_site_wants_it() {
    let flows = [(0, "The Code has been saved into the database."), (1, "Reset password email has been sent.")];
    for (flow, text) in flows {
        for edition in ["v3", "v4"] {
            let stage = |uniform: bool| {
                let mut stage = match edition {
                    "v3" => v3(json!({"allow_reset_password": 1, "jwt_reset_password_flow": flow})),
                    _ => v4(&[("reset_password", json!({"enabled": 1, "flow": flow}))]),
                };
                stage.dialects[0].1["uniform_errors"] = json!(uniform);
                stage
            };
            let ask = |world: &World, name: &str| world.ask(Ask::post(RESET).json(&format!(r#"{{"email":"{name}@example.com"}}"#)));
            let (told, kept) = world(stage(false));
            assert_eq!(word(&ask(&told, "nobody")).1, 64, "{edition}");
            assert!(take(&told, &kept).is_empty());
            let (hidden, kept) = world(stage(true));
            let (known, unknown) = (ask(&hidden, "ann"), ask(&hidden, "nobody"));
            assert_eq!(known.line(), unknown.line(), "{edition}");
            assert!(known.body.contains(text), "{edition}: {}", known.line());
            assert_eq!(take(&hidden, &kept).len(), usize::from(flow == 1), "{edition}: nobody gets no letter");
        }
    }
}

/// A post office that says the same of each letter, and notes what it was handed.
struct Says(Delivery, Mutex<Vec<Letter>>);

impl Mailer for Says {
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Delivery> {
        self.1.lock().unwrap().push(letter.clone());
        Box::pin(std::future::ready(self.0))
    }
}

/// A world whose post office says this of the letter that Ann's reset was; what it was handed, and what the audit knows of letters.
fn said(delivery: Delivery, and: impl FnOnce(&World)) -> (Vec<Letter>, Vec<AuditEntry>) {
    let office = Arc::new(Says(delivery, Mutex::default()));
    let ground = Ground { mailer: Some(Arc::<Says>::clone(&office)), ..Ground::default() };
    let world = World::on(vec![v4(&[("reset_password", json!({"enabled": 1, "flow": 1}))])], ground);
    and(&world);
    // Whenever nothing is due, time passes.
    while let Some(due) = world.run(world.house.look(|desk| desk.next_letter())).unwrap() {
        world.pass(due.since(world.now()).max(0));
        std::thread::yield_now();
    }
    let query = AuditQuery { action: Some("letter.".into()), limit: 9, ..AuditQuery::default() };
    let entries = world.run(world.house.look(move |desk| desk.audit(&query))).unwrap();
    let handed = office.1.lock().unwrap().clone();
    (handed, entries)
}

#[test]
fn a_letter_that_is_given_up_is_in_the_audit_and_one_that_was_taken_is_not() {
    let reset = |world: &World| assert_eq!(world.ask(Ask::post(RESET).json(r#"{"email":"ann@example.com"}"#)).status, 200);
    let (handed, entries) = said(Delivery::Taken, reset);
    assert_eq!((handed.len(), entries.len()), (1, 0));
    for (delivery, reason, tries) in [(Delivery::Never, "letter_refused", 1), (Delivery::Later, "letter_not_taken", 8)] {
        let (handed, entries) = said(delivery, reset);
        assert!(handed.len() >= tries, "{reason}: {}", handed.len());
        assert!(handed.iter().all(|letter| *letter == handed[0]), "it is the same at each try");
        let (own, host) = handed[0].id.split_once('@').unwrap();
        assert!(own.len() == 32 && host == "wire.example", "{}", handed[0].id);
        let [entry] = entries.as_slice() else { panic!("{entries:?}") };
        assert_eq!((entry.action.as_str(), entry.reason.as_str(), entry.outcome), ("letter.send", reason, Outcome::Refused));
        assert_eq!((entry.site, entry.account, entry.actor), (Some(SiteId(1)), Some(4), None), "it is of Ann");
        assert_eq!(entry.detail, format!("letter {}, tries: {tries}", handed[0].number));
    }
    // One that was sealed under another key is handed to nobody.
    let (handed, entries) = said(Delivery::Taken, |world| {
        let (made, due) = (world.now(), world.now());
        let letter = SealedLetter { id: 0, site: SiteId(1), sealed: Sealed(vec![7; 60]), made, due, tries: 0 };
        world.run(world.house.work(move |desk| desk.add_letter(&letter))).unwrap();
    });
    assert_eq!(handed, []);
    assert_eq!(entries.iter().map(|e| (e.reason.as_str(), e.account)).collect::<Vec<_>>(), [("letter_unreadable", None)]);
}

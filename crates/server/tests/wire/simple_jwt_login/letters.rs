//! Letters of `v3` and `v4`: the welcome, the notice of a changed password, the code; and what who is not there is told.

use std::sync::{Arc, Mutex};

use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::mailer::{Delivery, Mail, Mailer};
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
    fn send<'a>(&'a self, number: i64, mail: &'a Mail) -> BoxFuture<'a, Delivery> {
        self.0.lock().unwrap().push((number, mail.clone()));
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

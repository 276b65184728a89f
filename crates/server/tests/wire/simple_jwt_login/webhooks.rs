//! Webhooks of `v4`, told to a real receiver on this machine: signed, told again until they are heard, and nobody's to wait for.

use std::time::{Duration, Instant};

use doorward_core::port::store::{Errand, ErrandQuery, Standing};
use doorward_core::secret::{Secret, hmac_sha256};
use doorward_core::site::SiteId;
use doorward_dialects::simple_jwt_login::webhook_secret;
use serde_json::{Value, json};

use super::recorded::{v4, word};
use super::{AUTH, KEY, sign};
use crate::support::{Ask, Idp, PASSWORD, Stage, World};

const USERS: &str = "/wp-json/simple-jwt-login/v1/users";
const RESET: &str = "/wp-json/simple-jwt-login/v1/user/reset_password";
const ALL: [&str; 6] = ["login", "register", "auth", "delete_user", "reset_password_request", "reset_password"];

/// A site that tells these hooks.
fn site(items: Value, more: &[(&str, Value)]) -> Stage {
    let mut changes = vec![
        ("webhooks", json!({"enabled": true, "items": items, "logs": {"enabled": true, "retention": 1}})),
        ("login", json!({"login_by": 0, "login_by_parameter": "email", "enabled": true})),
        ("register", json!({"enabled": true, "auth_code": false})),
        ("delete_user", json!({"enabled": true, "auth_code": false})),
        ("reset_password", json!({"enabled": true, "flow": 0, "return_jwt": true})),
    ];
    changes.extend_from_slice(more);
    let mut stage = v4(&changes);
    stage.dialects[0].1["webhooks"] = json!({"private_addresses": true, "plain_http": true});
    stage
}

fn hook(receiver: &Idp, path: &str, events: &[&str]) -> Value {
    json!({"url": format!("{}{path}", receiver.url()), "enabled": true, "method": "POST", "events": events, "headers": [], "payload_template": ""})
}

fn login(world: &World) -> u16 {
    world.ask(Ask::post(AUTH).json(&json!({"username": "ann", "password": PASSWORD}).to_string())).status
}

/// The errands of the site once this is true of them.
#[track_caller]
fn until(world: &World, what: impl Fn(&[Errand]) -> bool) -> Vec<Errand> {
    let begun = Instant::now();
    loop {
        let errands = world.run(world.house.look(|desk| desk.errands(&ErrandQuery { limit: 100, ..ErrandQuery::default() }))).unwrap();
        if what(&errands) {
            return errands;
        }
        assert!(begun.elapsed() < Duration::from_secs(60), "{errands:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn all(standing: Standing) -> impl Fn(&[Errand]) -> bool {
    move |errands| !errands.is_empty() && errands.iter().all(|errand| errand.standing == standing)
}

#[test]
fn a_login_is_told_and_the_receiver_can_check_who_tells_it() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 204, &json!(null));
    let world = World::new(site(json!([hook(&receiver, "/hook", &["auth"]), hook(&receiver, "/other", &["register"])]), &[]));
    assert_eq!(login(&world), 200);
    let errand = until(&world, all(Standing::Done)).remove(0);
    assert_eq!((errand.tries, errand.heard.as_str()), (1, "204"));
    let heard = receiver.heard();
    assert_eq!(heard.iter().map(|q| q.line.as_str()).collect::<Vec<_>>(), ["POST /hook"]);
    let told = &heard[0];
    assert_eq!(told.body, r#"{"user_id":4,"user_email":"ann@example.com","event":"auth"}"#);
    assert_eq!((told.header("content-type"), told.header("webhook-timestamp")), ("application/json", world.now().0.to_string().as_str()));
    // As any library for Standard Webhooks does it.
    let secret = webhook_secret(&world.house, SiteId(1));
    let key = data_encoding::BASE64.decode(secret.reveal_text().unwrap().strip_prefix("whsec_").unwrap().as_bytes()).unwrap();
    let signed = format!("{}.{}.{}", told.header("webhook-id"), told.header("webhook-timestamp"), told.body);
    let tag = data_encoding::BASE64.encode(&hmac_sha256(&Secret::new(key), signed.as_bytes()));
    assert_eq!(told.header("webhook-signature"), format!("v1,{tag}"));
    // A wrong password is nobody's to hear of.
    let wrong = world.ask(Ask::post(AUTH).json(r#"{"username":"ann","password":"wrong"}"#));
    assert_eq!(word(&wrong), (401, 48));
    assert_eq!(until(&world, |_| true).len(), 1);
}

#[test]
fn a_receiver_that_fails_is_told_again_later_with_the_same_id_and_a_new_signature() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 503, &json!("later"));
    let world = World::new(site(json!([hook(&receiver, "/hook", &["auth"])]), &[]));
    assert_eq!(login(&world), 200);
    until(&world, |errands| errands.first().is_some_and(|errand| errand.tries == 1));
    let first = receiver.heard().remove(0);
    // Not before its time.
    world.pass(4);
    assert_eq!(login(&world), 200);
    until(&world, |errands| errands.first().is_some_and(|errand| errand.tries == 1));
    assert_eq!(receiver.heard().len(), 1, "the new one alone");
    receiver.says("/hook", 200, &json!("thanks"));
    world.pass(5);
    let errands = until(&world, all(Standing::Done));
    assert!(errands.iter().all(|errand| errand.tries == 2 && errand.heard == "200"), "{errands:?}");
    let again = receiver.heard().into_iter().find(|q| q.header("webhook-id") == first.header("webhook-id")).unwrap();
    assert_ne!(again.header("webhook-timestamp"), first.header("webhook-timestamp"));
    assert_ne!(again.header("webhook-signature"), first.header("webhook-signature"));
    assert_eq!(again.body, first.body);
}

#[test]
fn who_never_hears_is_given_up_and_nobody_waits() {
    let receiver = Idp::start(&[]);
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    // One where nobody listens, and one that takes the connection and says nothing.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut gone = hook(&receiver, "", &["auth"]);
    gone["url"] = json!(format!("http://{nobody}/"));
    let mut mute = hook(&receiver, "", &["auth"]);
    mute["url"] = json!(format!("http://{}/", silent.local_addr().unwrap()));
    let world = World::new(site(json!([gone, mute]), &[]));
    assert_eq!(login(&world), 200, "a login asks nobody else");
    let tried = |times: i64| move |errands: &[Errand]| errands.iter().any(|errand| errand.tries == times && errand.heard == "unreachable");
    for times in 1..=8 {
        let errands = until(&world, tried(times));
        let due = errands.iter().find(|errand| errand.heard == "unreachable").unwrap().due;
        assert!(due > world.now());
        world.pass(due.since(world.now()));
    }
    let errands = until(&world, tried(9));
    assert!(errands.iter().any(|errand| errand.heard == "unreachable" && errand.standing == Standing::GivenUp), "{errands:?}");
}

#[test]
fn what_happens_is_told_to_those_who_want_to_hear_it() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 200, &json!({}));
    let world = World::new(site(json!([hook(&receiver, "/hook", &ALL)]), &[]));
    let now = world.now().0;
    let token = |name: &str| sign(KEY, super::HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"{name}@example.com"}}"#, now + 600));
    let told = |ask: Ask, status: u16| {
        let answer = world.ask(ask);
        assert_eq!(answer.status, status, "{}", answer.line());
        until(&world, all(Standing::Done));
        let bodies: Vec<Value> = receiver.heard().iter().map(|q| serde_json::from_str(&q.body).unwrap()).collect();
        assert_eq!(bodies.len(), 1, "{bodies:?}");
        (bodies[0]["event"].as_str().unwrap().to_owned(), bodies[0]["user_id"].as_i64().unwrap())
    };
    assert_eq!(told(Ask::post(USERS).json(r#"{"email":"new@example.com","password":"longenough"}"#), 200), ("register".into(), 7));
    assert_eq!(told(Ask::post(AUTH).json(&json!({"username": "ann", "password": PASSWORD}).to_string()), 200), ("auth".into(), 4));
    assert_eq!(told(Ask::get(&format!("/wp-json/simple-jwt-login/v1/autologin?JWT={}", token("ann"))), 302), ("login".into(), 4));
    assert_eq!(told(Ask::post(RESET).json(r#"{"email":"ann@example.com"}"#), 200), ("reset_password_request".into(), 4));
    let change = json!({"email": "ann@example.com", "new_password": "another one", "JWT": token("ann")});
    assert_eq!(told(Ask::new("PUT", RESET).json(&change.to_string()), 200), ("reset_password".into(), 4));
    assert_eq!(told(Ask::new("DELETE", USERS).auth(&format!("Bearer {}", token("cyd"))), 200), ("delete_user".into(), 6));
}

#[test]
fn a_webhook_does_not_reach_into_the_house_unless_the_site_says_so() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 200, &json!({}));
    for own in [json!({}), json!({"plain_http": true}), json!({"private_addresses": true})] {
        let mut stage = site(json!([hook(&receiver, "/hook", &["auth"])]), &[]);
        stage.dialects[0].1["webhooks"] = own.clone();
        let world = World::new(stage);
        assert_eq!(login(&world), 200);
        let errand = until(&world, all(Standing::GivenUp)).remove(0);
        assert_eq!((errand.tries, errand.heard.as_str()), (1, "forbidden"), "{own}");
    }
    assert!(receiver.heard().is_empty());
}

#[test]
fn method_headers_and_template_are_the_sites() {
    let receiver = Idp::start(&[]);
    let mut put = hook(&receiver, "/put", &["auth"]);
    put["method"] = json!("PUT");
    put["headers"] = json!([{"key": "X-Secret", "value": "s3cr3t"}, {"key": "Content-Type", "value": "text/x-me"}, {"key": "Webhook-Signature", "value": "forged"},
        {"key": "Host", "value": "evil.example"}, {"key": "Content-Length", "value": "1"}]);
    put["payload_template"] = json!(r#"{"who":"{{user_email}}","n":{{user_id}},"what":"{{event}} {{other}}"}"#);
    let mut get = hook(&receiver, "/get?a=1", &["auth"]);
    get["method"] = json!("GET");
    receiver.says("/put", 200, &json!({}));
    receiver.says("/get", 200, &json!({}));
    let world = World::new(site(json!([put, get]), &[]));
    assert_eq!(login(&world), 200);
    let errands = until(&world, all(Standing::Done));
    let heard = receiver.heard();
    let told = heard.iter().find(|q| q.line == "PUT /put").unwrap();
    assert_eq!(told.body, r#"{"who":"ann@example.com","n":4,"what":"auth {{other}}"}"#);
    assert_eq!(
        (told.header("x-secret"), told.header("content-type"), told.header("host")),
        ("s3cr3t", "text/x-me", receiver.address.to_string().as_str())
    );
    assert!(told.header("webhook-signature").starts_with("v1,"));
    assert!(heard.iter().any(|q| q.line == "GET /get?a=1&user_id=4&user_email=ann%40example.com&event=auth" && q.body.is_empty()));
    // What is secret in the settings is not in the queue.
    assert!(!format!("{errands:?}").contains("s3cr3t") && !format!("{errands:?}").contains("/put"));
}

#[test]
fn what_a_site_no_longer_wants_told_is_not_told_and_old_news_are_forgotten() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 500, &json!({}));
    let world = World::new(site(json!([hook(&receiver, "/hook", &["auth"])]), &[]));
    assert_eq!(login(&world), 200);
    until(&world, |errands| errands.first().is_some_and(|errand| errand.tries == 1));
    receiver.heard();
    world.put_settings("simple_jwt_login", &site(json!([]), &[]).dialects[0].1);
    world.pass(5);
    let errand = until(&world, all(Standing::GivenUp)).remove(0);
    assert_eq!((errand.heard.as_str(), receiver.heard().len()), ("no longer set up", 0));
    // The log is kept for a day here: the next errand that ends takes it along.
    receiver.says("/hook", 200, &json!({}));
    world.put_settings("simple_jwt_login", &site(json!([hook(&receiver, "/hook", &["auth"])]), &[]).dialects[0].1);
    world.pass(24 * 3600 + 2);
    assert_eq!(login(&world), 200);
    let left = until(&world, all(Standing::Done));
    assert_eq!(left.len(), 1);
}

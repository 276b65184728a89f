//! Webhooks: who is told, what became of it, and telling it again: to a real receiver on this machine.

use std::time::{Duration, Instant};

use doorward_core::account::Power;
use doorward_core::audit::Outcome;
use doorward_core::port::store::{Errand, ErrandQuery, Standing};
use doorward_core::site::SiteId;
use serde_json::{Value, json};

use super::{OTHER, SITE, ada, adam, entry, no, refused, replacing, signed_in};
use crate::support::{Ask, Idp, PASSWORD, Person, Stage, World};

const AT: &str = "/api/sites/yoursite/webhooks";
const DELIVERIES: &str = "/api/sites/yoursite/webhooks/deliveries";

/// A site that tells of logins, with secrets in every place where a webhook may have one; another that tells nobody.
fn world(receiver: &Idp) -> World {
    let url = format!("{}/hook?token=url-canary&v=2", receiver.url());
    let hook = json!({"url": url, "enabled": true, "method": "PUT", "events": ["auth"], "payload_template": "",
        "headers": [{"key": "X-Secret", "value": "header-canary"}]});
    let off = json!({"url": "https://off.example/", "enabled": false, "method": "POST", "events": ["login"], "headers": [],
        "payload_template": "{\"canary\":\"template-canary\"}"});
    let option = json!({
        "_schema_version": 2, "general": {"decryption_key": "oracle-hs-secret-0123456789abcdef", "jwt_algorithm": "HS256"},
        "authorization": {"enabled": "1", "jwt_payload": ["exp", "email", "id"], "ttl": "60"},
        "webhooks": {"enabled": true, "items": [hook, off], "logs": {"enabled": true, "retention": 90}},
    });
    let config = json!({"edition": "v4", "settings": option, "webhooks": {"private_addresses": true, "plain_http": true}});
    let here = [Person::new(1, "ada").role("administrator", 10), Person::new(2, "adam").role("editor", 5), Person::new(3, "bob")];
    let here = here.into_iter().fold(Stage::of("simple_jwt_login", config), Stage::person);
    let there = Stage::of("wapka", json!({})).person(Person::new(1, "oscar").role("editor", 5));
    let there = Stage { id: 2, name: "other".into(), hosts: vec!["other.example".into()], ..there };
    let world = World::with_console(vec![here, there]);
    for (site, number, power) in [(SITE, 1, Power::Owner), (SITE, 2, Power::Admin), (OTHER, 1, Power::Admin)] {
        world.run(world.house.work(move |desk| desk.set_power(site, number, power))).unwrap();
    }
    world
}

fn login(world: &World) {
    let body = json!({"username": "bob", "password": PASSWORD}).to_string();
    let answer = world.ask(Ask::post("/wp-json/simple-jwt-login/v1/auth").json(&body));
    assert_eq!(answer.status, 200, "{}", answer.line());
}

/// The newest errand once this is true of it.
fn until(world: &World, what: impl Fn(&Errand) -> bool) -> Errand {
    let begun = Instant::now();
    loop {
        let query = ErrandQuery { limit: 1, ..ErrandQuery::default() };
        let found = world.run(world.house.look(move |desk| desk.errands(&query))).unwrap().pop();
        match found {
            Some(errand) if what(&errand) => return errand,
            found => assert!(begun.elapsed() < Duration::from_secs(60), "{found:?}"),
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// What has an end, without waiting for anybody to tell it.
fn put(world: &World, site: SiteId, event: &str, standing: Standing) -> i64 {
    let target = adam(world).get(AT).text("/items/0/id");
    let about = json!({"user_id": 3, "event": event}).to_string();
    let (made, kind) = (world.now(), "simple_jwt_login.webhook".to_owned());
    let errand = Errand { id: 0, site, kind, target, about, made, due: made.plus(9999), tries: 9, standing, heard: "unreachable".into() };
    world.run(world.house.work(move |desk| desk.add_errand(&errand))).unwrap()
}

#[test]
fn settings_show_no_secret_of_a_webhook_either_and_keep_it_where_the_mask_comes_back() {
    let receiver = Idp::start(&[]);
    let world = world(&receiver);
    let at = "/api/sites/yoursite/dialects/simple_jwt_login";
    let (mut ada, mut adam) = (ada(&world), adam(&world));
    let (shown, masked) = (adam.get(at), format!("{}/hook?token=••••&v=••••", receiver.url()));
    let items = shown.value()["settings"]["settings"]["webhooks"]["items"].clone();
    assert_eq!((&items[0]["url"], &items[1]["url"]), (&json!(masked), &json!("https://off.example/")));
    for secret in ["url-canary", "header-canary"] {
        assert!(!shown.body.contains(secret) && !ada.get(at).body.contains(secret), "{secret}");
    }
    // Another member is changed: what is masked stays, and the receiver is told where it was told before.
    let mut body = json!({"settings": shown.value()["settings"]});
    body["settings"]["settings"]["authorization"]["ttl"] = json!("61");
    let put = replacing(&mut adam, "PUT", at, shown.header("etag"), &body);
    assert_eq!((put.status, put.body.contains("url-canary")), (200, false), "{}", put.line());
    login(&world);
    until(&world, |errand| errand.tries == 1);
    assert!(receiver.heard().iter().any(|heard| heard.line.contains("token=url-canary&v=2")), "the whole address");
    // The mask goes nowhere else: who sends it with another place would have the secret told there.
    for url in [format!("{}/else?token=••••&v=••••", receiver.url()), "https://evil.example/hook?token=••••".into()]
    {
        let mut other = body.clone();
        other["settings"]["settings"]["webhooks"]["items"][0]["url"] = json!(url);
        assert_eq!(no(&replacing(&mut ada, "PUT", at, "*", &other)), refused(422, "invalid_field"), "{url}");
    }
    // A new secret is for owners, as every other.
    body["settings"]["settings"]["webhooks"]["items"][0] = json!({"url": "https://new.example/?token=new-canary", "enabled": true, "method": "PUT", "events": ["auth"], "payload_template": "", "headers": []});
    assert_eq!(no(&replacing(&mut adam, "PUT", at, "*", &body)), refused(403, "owners_only"));
    let put = replacing(&mut ada, "PUT", at, "*", &body);
    assert_eq!((put.status, put.body.contains("new-canary")), (200, false), "{}", put.line());
}

#[test]
fn webhooks_are_shown_as_configured_and_nothing_secret_of_them() {
    let receiver = Idp::start(&[]);
    let world = world(&receiver);
    let shown = adam(&world).get(AT);
    assert_eq!(shown.status, 200, "{}", shown.line());
    let items = shown.value()["items"].clone();
    let url = format!("{}/hook?token=••••&v=••••", receiver.url());
    assert_eq!(
        items,
        json!([
            {"id": items[0]["id"], "dialect": "simple_jwt_login", "url": url, "method": "PUT", "events": ["auth"], "headers": ["X-Secret"],
                "template": false, "enabled": true},
            {"id": items[1]["id"], "dialect": "simple_jwt_login", "url": "https://off.example/", "method": "POST", "events": ["login"],
                "headers": [], "template": true, "enabled": false},
        ])
    );
    assert!(!shown.body.contains("canary"), "{}", shown.body);
    // Nor in the settings that somebody edits: a header is as good as a password.
    let settings = adam(&world).get("/api/sites/yoursite/dialects/simple_jwt_login");
    assert!(settings.body.contains("X-Secret") && !settings.body.contains("header-canary"), "{}", settings.body);
    assert_eq!(ada(&world).get("/api/sites/other/webhooks").value()["items"], json!([]));
}

#[test]
fn a_delivery_tells_what_became_of_it() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 503, &json!("answer-canary"));
    let world = world(&receiver);
    let mut adam = adam(&world);
    let id = adam.get(AT).text("/items/0/id");
    assert_eq!(adam.get(DELIVERIES).value(), json!({"items": [], "next": null}));
    login(&world);
    let errand = until(&world, |errand| errand.tries == 1);
    let answer = adam.get(DELIVERIES);
    let url = format!("{}/hook?token=••••&v=••••", receiver.url());
    let waiting = json!({
        "id": errand.id, "webhook": id, "dialect": "simple_jwt_login", "url": url, "event": "auth", "user": 3, "made": world.now().iso(),
        "status": "waiting", "attempts": 1, "next": world.now().plus(5).iso(), "ended": null, "last_status": 503, "last_error": null,
        "body": r#"{"user_id":3,"user_email":"bob@example.com","event":"auth"}"#, "can_retry": true,
    });
    assert_eq!(answer.value(), json!({"items": [waiting], "next": null}));
    assert!(!answer.body.contains("canary"), "neither secrets nor what the receiver answered: {}", answer.body);
    assert_eq!(adam.get(&format!("{DELIVERIES}/{}", errand.id)).value(), waiting);
    assert_eq!(no(&adam.get(&format!("{DELIVERIES}/999"))), refused(404, "not_found"));
    assert_eq!(no(&ada(&world).get(&format!("/api/sites/other/webhooks/deliveries/{}", errand.id))), refused(404, "not_found"));
    receiver.says("/hook", 204, &json!(null));
    world.pass(5);
    until(&world, |errand| errand.standing == Standing::Done);
    let told = adam.get(&format!("{DELIVERIES}/{}", errand.id)).value();
    let picked = ["status", "attempts", "next", "ended", "last_status", "can_retry"].map(|name| told[name].clone());
    assert_eq!(picked, [json!("delivered"), json!(2), Value::Null, json!(world.now().iso()), json!(204), json!(false)]);
}

#[test]
fn what_was_given_up_is_told_again_at_once_and_never_what_was_heard() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 500, &json!(null));
    let world = world(&receiver);
    let mut adam = adam(&world);
    let lost = put(&world, SITE, "auth", Standing::GivenUp);
    let at = format!("{DELIVERIES}/{lost}/retry");
    let answer = adam.post(&at, &json!({}));
    assert_eq!((answer.status, answer.text("/status")), (202, "waiting".into()), "{}", answer.line());
    // One more try: it is given up again if nobody hears it.
    until(&world, |errand| errand.standing == Standing::GivenUp && errand.heard == "500");
    assert_eq!(receiver.heard().len(), 1);
    let mark = entry(&world, "console.webhook.retry").unwrap();
    let by = mark.actor.map(|actor| (actor.site, actor.account));
    assert_eq!((mark.site, by, mark.detail), (Some(SITE), Some((SITE, 2)), format!("delivery {lost}")));
    receiver.says("/hook", 200, &json!(null));
    assert_eq!(adam.post(&at, &json!({})).status, 202);
    until(&world, |errand| errand.standing == Standing::Done);
    assert_eq!(no(&adam.post(&at, &json!({}))), refused(409, "delivered"));
    assert_eq!(receiver.heard().len(), 1, "and not told a third time");
    assert_eq!(no(&adam.post(&format!("{DELIVERIES}/999/retry"), &json!({}))), refused(404, "not_found"));
    // One that waits for its next try need not wait.
    let waiting = put(&world, SITE, "auth", Standing::Waiting);
    assert_eq!(adam.post(&format!("{DELIVERIES}/{waiting}/retry"), &json!({})).status, 202);
    until(&world, |errand| errand.id == waiting && errand.standing == Standing::Done);
}

/// The receiver is slow: whoever presses the button meanwhile tells it nothing twice.
#[test]
fn what_is_being_told_is_not_told_again_beside_that() {
    let receiver = Idp::start(&[]);
    receiver.says("/hook", 503, &json!(null));
    receiver.is_slow(true);
    let world = world(&receiver);
    let mut adam = adam(&world);
    login(&world);
    let began = Instant::now();
    let mut heard = 0;
    while heard == 0 {
        heard += receiver.heard().len();
        assert!(began.elapsed() < Duration::from_secs(60), "nobody told it");
        std::thread::sleep(Duration::from_millis(10));
    }
    let errand = until(&world, |_| true);
    assert_eq!((errand.standing, errand.tries), (Standing::Waiting, 0));
    let at = format!("{DELIVERIES}/{}/retry", errand.id);
    let pressed: Vec<_> = (0..4).map(|_| no(&adam.post(&at, &json!({})))).collect();
    assert_eq!(pressed, vec![refused(409, "being_told"); 4]);
    assert!(entry(&world, "console.webhook.retry").is_none_or(|entry| entry.outcome != Outcome::Granted), "nothing was done");
    // What was told stays one telling, also after several turns of whoever carries errands.
    std::thread::scope(|scope| {
        let at = at.as_str();
        let others: Vec<_> = (0..4).map(|_| scope.spawn(|| no(&super::adam(&world).post(at, &json!({}))))).collect();
        assert!(others.into_iter().all(|other| other.join().unwrap() == refused(409, "being_told")), "from several browsers at once");
    });
    receiver.is_slow(false);
    let errand = until(&world, |errand| errand.tries == 1);
    assert_eq!((errand.standing, receiver.heard().len()), (Standing::Waiting, 0), "it was told once, and waits for its next turn");
    // Its telling is over: now it can be told again by hand.
    receiver.says("/hook", 200, &json!(null));
    assert_eq!(adam.post(&at, &json!({})).status, 202);
    until(&world, |errand| errand.standing == Standing::Done);
    assert_eq!(receiver.heard().len(), 1);
    assert_eq!(no(&adam.post(&at, &json!({}))), refused(409, "delivered"));
}

#[test]
fn a_delivery_is_retried_by_whoever_runs_its_site_and_while_there_is_such_a_webhook() {
    let receiver = Idp::start(&[]);
    let world = world(&receiver);
    let lost = put(&world, SITE, "auth", Standing::GivenUp);
    let theirs = put(&world, OTHER, "auth", Standing::GivenUp);
    let at = |id: i64| format!("{DELIVERIES}/{id}/retry");
    for (site, login) in [("yoursite", "bob"), ("other", "oscar")] {
        let mut browser = signed_in(&world, site, login);
        assert_eq!(no(&browser.post(&at(lost), &json!({}))), refused(403, "not_yours"), "{login}");
        assert_eq!(no(&browser.get(AT)), refused(403, "not_yours"), "{login}");
    }
    assert_eq!(no(&adam(&world).post(&at(theirs), &json!({}))), refused(404, "not_found"), "another site's under the own name");
    world.put_settings(
        "simple_jwt_login",
        &json!({"edition": "v4", "settings": {"general": {"decryption_key": "oracle-hs-secret-0123456789abcdef"}}}),
    );
    world.run(world.house.reload()).unwrap();
    assert_eq!(no(&adam(&world).post(&at(lost), &json!({}))), refused(409, "no_webhook"));
    let told = adam(&world).get(&format!("{DELIVERIES}/{lost}")).value();
    assert_eq!((&told["url"], &told["can_retry"], &told["status"]), (&Value::Null, &json!(false), &json!("given_up")));
    let done = entry(&world, "console.webhook.retry").filter(|entry| entry.outcome == Outcome::Granted);
    assert!(receiver.heard().is_empty() && done.is_none(), "nothing was told or done: {done:?}");
}

#[test]
fn deliveries_are_filtered_and_paged() {
    let receiver = Idp::start(&[]);
    let world = world(&receiver);
    let ids: Vec<i64> = (0..5).map(|n| put(&world, SITE, "auth", [Standing::GivenUp, Standing::Done][n % 2])).collect();
    put(&world, OTHER, "auth", Standing::Done);
    let mut adam = adam(&world);
    let mut found = |query: &str| {
        let value = adam.get(&format!("{DELIVERIES}{query}")).value();
        let ids: Vec<i64> = value["items"].as_array().unwrap().iter().map(|item| item["id"].as_i64().unwrap()).collect();
        (ids, value["next"].as_str().map(str::to_owned))
    };
    let (first, next) = found("?limit=2");
    assert_eq!(first, [ids[4], ids[3]]);
    let (second, next) = found(&format!("?limit=2&after={}", next.unwrap()));
    assert_eq!(second, [ids[2], ids[1]]);
    assert_eq!(found(&format!("?limit=2&after={}", next.unwrap())), (vec![ids[0]], None));
    assert_eq!(found("?status=delivered").0, [ids[3], ids[1]]);
    assert_eq!(found("?status=given_up&limit=2").0, [ids[4], ids[2]]);
    assert_eq!(found("?status=waiting").0, [0; 0]);
    assert_eq!(found("?webhook=nobody").0, [0; 0]);
    for query in ["?status=lost", "?after=x", "?after=1.5"] {
        let answer = signed_in(&world, "yoursite", "adam").get(&format!("{DELIVERIES}{query}"));
        assert_eq!(no(&answer), refused(422, "invalid_field"), "{query}");
    }
}

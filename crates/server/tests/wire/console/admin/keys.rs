//! Signing keys: rotated, removed when they sign no more, and until when anybody misses one.

use serde_json::{Value, json};

use super::{ada, adam, entry, no, refused, replacing, world};
use crate::support::Browser;

const AT: &str = "/api/sites/yoursite/keys";

/// The keys of a language: state, end of its tokens, whether they have none.
fn keys(browser: &mut Browser, dialect: &str) -> Vec<(String, Value, bool)> {
    let value = browser.get(AT).value();
    let items = value["items"].as_array().unwrap().iter().filter(|key| key["dialect"] == dialect);
    items.map(|key| (key["state"].as_str().unwrap().to_owned(), key["tokens_until"].clone(), key["tokens_endless"] == true)).collect()
}

#[test]
fn a_retired_key_is_missed_until_its_last_token_is_over() {
    let world = world();
    let mut adam = adam(&world);
    let until = |seconds: i64| json!(world.now().plus(seconds).iso());
    assert_eq!(keys(&mut adam, "wapka"), [("current".into(), Value::Null, false)]);
    assert_eq!(adam.post(&format!("{AT}/wapka/rotate"), &json!({})).status, 201);
    let day = until(86_400);
    assert_eq!(keys(&mut adam, "wapka"), [("current".into(), Value::Null, false), ("retired".into(), day.clone(), false)]);
    // From when it was retired, not from when somebody looks; and by the settings as they are.
    world.pass(100);
    assert_eq!(keys(&mut adam, "wapka")[1].1, day);
    let settings = json!({"settings": {"settings": {"token_seconds": 600}}});
    assert_eq!(replacing(&mut adam, "PUT", "/api/sites/yoursite/dialects/wapka", "*", &settings).status, 200);
    assert_eq!(keys(&mut adam, "wapka")[1].1, until(500));
    let kid = adam.get(AT).value()["items"].as_array().unwrap().iter().find(|key| key["state"] == "retired").unwrap()["kid"].clone();
    assert_eq!(adam.delete(&format!("{AT}/wapka/{}", kid.as_str().unwrap())).status, 204);
    assert_eq!(keys(&mut adam, "wapka").len(), 1);
}

#[test]
fn a_key_of_the_settings_is_changed_there() {
    let world = world();
    let mut ada = ada(&world);
    let dialects = json!({"jwt_auth": {"constants": {"JWT_AUTH_SECRET_KEY": "a-key-of-the-settings-0123456789abcdef"}}});
    let site = json!({"name": "blog", "url": "https://blog.example", "hosts": ["blog.example"], "dialects": dialects});
    assert_eq!(ada.post("/api/imports", &json!({"doorward_bundle": 1, "sites": [site]})).status, 200);
    let at = "/api/sites/blog/keys";
    let shown = ada.get(at);
    assert!(!shown.body.contains("a-key-of-the-settings"), "{}", shown.body);
    let key = shown.value()["items"][0].clone();
    assert_eq!((&key["dialect"], &key["in_settings"], &key["state"]), (&json!("jwt_auth"), &json!(true), &json!("current")));
    assert_eq!(no(&ada.post(&format!("{at}/jwt_auth/rotate"), &json!({}))), refused(409, "key_in_settings"));
    let gone = ada.delete(&format!("{at}/jwt_auth/{}", key["kid"].as_str().unwrap()));
    assert_eq!(no(&gone), refused(409, "key_signs"));
    assert_eq!(ada.get(at).body, shown.body, "it is as it was");
    assert_eq!((entry(&world, "console.key.rotate"), entry(&world, "console.key.remove")), (None, None), "nothing was done");
}

#[test]
fn where_tokens_have_no_end_a_retired_key_is_missed_for_ever() {
    let world = world();
    let mut ada = ada(&world);
    let dialects = json!({"simple_jwt_login": {"settings": {"jwt_auth_ttl": ""}}});
    let site = json!({"name": "blog", "url": "https://blog.example", "hosts": ["blog.example"], "dialects": dialects});
    assert_eq!(ada.post("/api/imports", &json!({"doorward_bundle": 1, "sites": [site]})).status, 200);
    assert_eq!(ada.post("/api/sites/blog/keys/simple_jwt_login/rotate", &json!({})).status, 201);
    let value = ada.get("/api/sites/blog/keys").value();
    let told: Vec<_> =
        value["items"].as_array().unwrap().iter().map(|key| (&key["state"], &key["tokens_until"], &key["tokens_endless"])).collect();
    let (none, no, yes) = (Value::Null, json!(false), json!(true));
    assert_eq!(told, [(&json!("current"), &none, &no), (&json!("retired"), &none, &yes)]);
}

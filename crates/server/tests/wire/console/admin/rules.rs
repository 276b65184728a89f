//! Roles, rules, explain, and keys.

use serde_json::{Value, json};

use super::{ada, adam, entry, no, refused, replacing, world};
use crate::support::Ask;

const AT: &str = "/api/sites/yoursite/rules";

#[test]
fn rules_are_read_checked_and_replaced() {
    let world = world();
    let mut adam = adam(&world);
    let first = adam.get(AT);
    assert_eq!((first.status, first.value()["endpoints"].clone()), (200, json!([])));
    let open = json!({"endpoints": [{"path": "/open", "auth": ["none"]}, {"path": "/staff", "auth": ["bearer"], "roles": ["editor"]}]});
    assert_eq!(world.ask(Ask::get("/staff")).status, 200, "nobody guards it yet");
    assert_eq!(adam.post(&format!("{AT}/check"), &open).value(), json!({"ok": true}));
    assert_eq!(world.ask(Ask::get("/staff")).status, 200, "a check writes nothing");
    assert_eq!(no(&adam.put(AT, &open)), refused(428, "if_match_missing"));
    let put = replacing(&mut adam, "PUT", AT, first.header("etag"), &open);
    assert_eq!((put.status, put.value()["endpoints"].as_array().map(Vec::len)), (200, Some(2)), "{}", put.line());
    assert_eq!((world.ask(Ask::get("/open")).status, world.ask(Ask::get("/staff")).status), (200, 401));
    assert_eq!(no(&replacing(&mut adam, "PUT", AT, first.header("etag"), &json!({"endpoints": []}))), refused(412, "changed"));
    assert_eq!(put.value().get("warnings"), None);
    let first = json!([{"path": "/", "match": "prefix", "auth": ["none"]}, {"path": "/staff", "auth": ["bearer"]}]);
    let told = "rule 2 (exact /staff) is never asked: rule 1 (prefix /) comes first and fits all that it fits";
    let hidden = replacing(&mut adam, "PUT", AT, "*", &json!({"endpoints": first}));
    assert_eq!((hidden.status, hidden.value()["warnings"].clone()), (200, json!([told])), "{}", hidden.line());
    assert_eq!(adam.get(AT).value()["warnings"], json!([told]));
    assert_eq!(replacing(&mut adam, "PUT", AT, "*", &open).status, 200);
    let entry = entry(&world, "console.rules.put").unwrap();
    assert_eq!(entry.actor.map(|a| a.account), Some(2));
    let roles = adam.get("/api/sites/yoursite/roles").value();
    let editor = roles["items"].as_array().unwrap().iter().find(|role| role["name"] == "editor").unwrap().clone();
    assert_eq!(editor, json!({"name": "editor", "users": 1, "users_more": false, "rules": 1}));
}

#[test]
fn a_rule_that_cannot_be_used_is_named_and_nothing_is_written() {
    let world = world();
    let mut adam = adam(&world);
    for (endpoints, rule, field) in [
        (json!([{"path": "/a", "auth": ["none"]}, {"path": "/b", "auth": ["magic"]}]), 1, "endpoints[1].auth"),
        (json!([{"path": "a", "auth": ["none"]}]), 0, "endpoints[0]"),
        (json!([{"path": "/a", "auth": ["none"], "ip_allow": ["nowhere"]}]), 0, "endpoints[0].ip_allow"),
        (json!([{"path": "/a", "auth": ["none"], "king": 1}]), 0, "endpoints[0].king"),
        (json!([{"path": "/files/*", "match": "pattern", "auth": ["token"]}]), 0, "endpoints[0].path"),
        (json!([{"path": "/a?b", "match": "prefix", "auth": ["token"]}]), 0, "endpoints[0].path"),
        (json!([{"path": "/a", "auth": ["token"], "methods": ["GET", "GET,POST"]}]), 0, "endpoints[0].methods[1]"),
    ] {
        for answer in [
            adam.post(&format!("{AT}/check"), &json!({"endpoints": endpoints})),
            replacing(&mut adam, "PUT", AT, "*", &json!({"endpoints": endpoints})),
        ] {
            assert_eq!(no(&answer), refused(422, "invalid_field"), "{endpoints}");
            assert_eq!(answer.value()["error"]["rule"], json!(rule), "{}", answer.line());
            assert!(answer.text("/error/field").starts_with(field), "{}", answer.line());
        }
    }
    assert_eq!(no(&adam.post(&format!("{AT}/check"), &json!({}))), refused(422, "invalid_field"));
    assert_eq!(adam.get(AT).value()["endpoints"], json!([]));
}

#[test]
fn a_request_is_explained_for_the_own_site_alone() {
    let world = world();
    let mut adam = adam(&world);
    replacing(&mut adam, "PUT", AT, "*", &json!({"endpoints": [{"path": "/staff", "auth": ["bearer"], "roles": ["editor"]}]}));
    let at = "/api/sites/yoursite/explain";
    let told = adam.post(at, &json!({"method": "GET", "path": "/staff", "headers": [["Accept", "*/*"]], "body": null})).value();
    assert_eq!(
        (&told["outcome"], &told["reason"], &told["rule"]["path"]),
        (&json!("refused"), &json!("no_credential"), &json!("exact /staff"))
    );
    for body in [json!({"path": "/staff", "host": "other.example"}), json!({"path": "/a", "headers": [["Host", "other.example"]]})] {
        assert_eq!(no(&adam.post(at, &body)), refused(422, "invalid_field"), "{body}");
    }
    // The site is the path's, whatever the body says.
    assert_eq!(adam.post(at, &json!({"path": "/staff", "site": "other"})).value()["site"], json!("yoursite"));
    for body in [json!({}), json!({"path": 7}), json!({"path": "/a", "method": "G T"}), json!({"path": "/a", "headers": [["a b", "c"]]})] {
        assert_eq!(no(&adam.post(at, &body)), refused(422, "invalid_field"), "{body}");
    }
    assert!(!world.reasons().iter().any(|entry| entry.contains("no_credential")), "nothing was remembered of the question");
}

#[test]
fn keys_are_rotated_and_the_old_ones_removed() {
    let world = world();
    let mut adam = adam(&world);
    let list = |value: Value| -> Vec<(String, String)> {
        let text = |key: &Value, name: &str| key[name].as_str().unwrap().to_owned();
        let wapka = value["items"].as_array().unwrap().iter().filter(|key| key["dialect"] == "wapka").cloned().collect::<Vec<_>>();
        wapka.iter().map(|key| (text(key, "kid"), text(key, "state"))).collect()
    };
    let at = "/api/sites/yoursite/keys";
    assert_eq!(list(adam.get(at).value()), [("k1".to_owned(), "current".to_owned())]);
    assert_eq!(no(&adam.delete(&format!("{at}/wapka/k1"))), refused(409, "key_signs"));
    let made = adam.post(&format!("{at}/wapka/rotate"), &json!({}));
    assert_eq!((made.status, made.text("/state")), (201, "current".into()), "{}", made.line());
    let kid = made.text("/kid");
    assert_eq!(list(adam.get(at).value()), [(kid.clone(), "current".to_owned()), ("k1".to_owned(), "retired".to_owned())]);
    assert_eq!(no(&adam.delete(&format!("{at}/wapka/{kid}"))), refused(409, "key_signs"));
    assert_eq!(adam.delete(&format!("{at}/wapka/k1")).status, 204);
    assert_eq!(no(&adam.delete(&format!("{at}/wapka/k1"))), refused(404, "not_found"));
    assert_eq!(no(&adam.post(&format!("{at}/wncms/rotate"), &json!({}))), refused(404, "not_found"));
    assert_eq!(no(&adam.post(&format!("{at}/wapka/rotate"), &json!({"algorithm": "none"}))), refused(422, "invalid_field"));
    let reasons = world.reasons();
    assert!(reasons.contains(&"console.key.rotate granted".into()) && reasons.contains(&"console.key.remove granted".into()));
    assert_eq!(entry(&world, "console.key.rotate").unwrap().detail, kid);
    assert_eq!(ada(&world).get(at).status, 200);
}

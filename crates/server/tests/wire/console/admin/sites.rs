//! `/api/sites`: seen, made, changed, removed.

use serde_json::{Value, json};

use super::{SITE, ada, adam, entry, no, refused, replacing, world};

fn names(value: &Value) -> Vec<String> {
    value["items"].as_array().unwrap().iter().map(|site| site["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_sees_their_own() {
    let world = world();
    assert_eq!(names(&ada(&world).get("/api/sites").value()), ["yoursite", "other"]);
    assert_eq!(names(&adam(&world).get("/api/sites").value()), ["yoursite"]);
    let site = adam(&world).get("/api/sites/yoursite").value();
    assert_eq!((&site["number"], &site["users"], &site["hosts"]), (&json!(1), &json!(5), &json!(["wire.example"])));
    assert_eq!(site["dialects"][1], json!({"name": "simple_jwt_login", "edition": "documented", "editions": ["documented", "v3", "v4"]}));
    assert_eq!(site["self_service"]["register"], json!(false));
}

#[test]
fn a_site_is_made_answers_at_once_and_is_removed() {
    let world = world();
    let mut ada = ada(&world);
    let body = json!({"name": "blog", "url": "https://blog.example", "hosts": ["blog.example"], "dialects": [{"name": "jwt_auth", "edition": "tmeister"}]});
    let made = ada.post("/api/sites", &body);
    assert_eq!(
        (made.status, made.text("/name"), made.text("/dialects/0/edition")),
        (201, "blog".into(), "tmeister".into()),
        "{}",
        made.line()
    );
    let token = world.ask(crate::support::Ask::post("/wp-json/jwt-auth/v1/token").header("Host", "blog.example").json("{}"));
    assert_ne!(token.status, 404, "{}", token.line());
    assert_eq!(entry(&world, "console.site.make").unwrap().actor.map(|a| a.account), Some(1));
    for (body, field) in [
        (json!({"name": "blog", "url": "https://b.example"}), "name"),
        (json!({"name": "Bad Name", "url": "https://b.example"}), "name"),
        (json!({"name": "b"}), "url"),
        (json!({"name": "b", "url": "ftp://b.example"}), "url"),
        (json!({"name": "b", "url": "https://b.example", "hosts": ["a b"]}), "hosts[0]"),
        (json!({"name": "b", "url": "https://b.example", "upstream": "nowhere"}), "upstream"),
        (json!({"name": "b", "url": "https://b.example", "dialects": [{"name": "klingon"}]}), "dialects.klingon"),
        (json!({"name": "b", "url": "https://b.example", "dialects": [{"name": "wapka", "edition": "v9"}]}), "dialects.wapka.edition"),
        (json!({"name": "b", "url": "https://b.example", "hosts": [ada.origin().replace("http://", "")]}), "hosts"),
        (json!({"name": "b", "url": "https://b.example", "users": []}), "users"),
    ] {
        let answer = ada.post("/api/sites", &body);
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()), "{body} {}", answer.line());
    }
    let taken = ada.post("/api/sites", &json!({"name": "b", "url": "https://b.example", "hosts": ["other.example"]}));
    assert_eq!(no(&taken), refused(422, "invalid_field"), "a host is one site's");
    assert_eq!(names(&ada.get("/api/sites").value()), ["yoursite", "other", "blog"]);
    assert_eq!(ada.delete("/api/sites/blog").status, 204);
    assert_eq!(no(&ada.get("/api/sites/blog")), refused(404, "not_found"));
    assert_eq!(no(&adam(&world).delete("/api/sites/yoursite")), refused(403, "not_yours"));
}

#[test]
fn a_change_says_what_it_replaces_and_comes_too_late_after_another() {
    let world = world();
    let mut ada = ada(&world);
    let at = "/api/sites/yoursite";
    assert_eq!(no(&ada.patch(at, &json!({"cors_origins": []}))), refused(428, "if_match_missing"));
    let seen = ada.get(at).header("etag").to_owned();
    let body =
        json!({"url": "https://new.example", "hosts": ["wire.example", "new.example"], "self_service": {"register": true, "level": 2}});
    let changed = replacing(&mut ada, "PATCH", at, &seen, &body);
    assert_eq!((changed.status, changed.text("/url")), (200, "https://new.example".into()), "{}", changed.line());
    assert_eq!(changed.value()["self_service"]["level"], json!(2));
    assert_eq!(no(&replacing(&mut ada, "PATCH", at, &seen, &json!({"url": "https://old.example"}))), refused(412, "changed"));
    assert_eq!(replacing(&mut ada, "PATCH", at, "*", &json!({"upstream": null})).value()["upstream"], Value::Null);
    // What was not named is as it was: the languages' settings, with their keys.
    assert_eq!(changed.value()["dialects"].as_array().unwrap().len(), 3);
    let entry = entry(&world, "console.site.change").unwrap();
    assert_eq!((entry.site, entry.detail.as_str()), (Some(SITE), "yoursite: upstream"));
    for body in [json!({"hosts": ["other.example"]}), json!({"dialects": [{"name": "wapka"}, {"name": "wapka"}]}), json!({"name": "else"})]
    {
        assert_eq!(no(&replacing(&mut ada, "PATCH", at, "*", &body)), refused(422, "invalid_field"), "{body}");
    }
}

#[test]
fn a_change_is_written_whole_or_not_at_all() {
    let world = world();
    let (mut ada, mut adam) = (ada(&world), adam(&world));
    let at = "/api/sites/yoursite";
    // The first edit also takes the keys out of the settings, where this world did not.
    assert_eq!(replacing(&mut ada, "PATCH", at, "*", &json!({"cors_origins": ["https://one.example"]})).status, 200);
    let settled = entry(&world, "console.site.change");
    let before = adam.get(at);
    let body = json!({"cors_origins": ["https://app.example"], "self_service": {"register": true, "level": 9}});
    let answer = replacing(&mut adam, "PATCH", at, before.header("etag"), &body);
    assert_eq!(no(&answer), refused(422, "invalid_field"), "who registers would be above whoever allows it");
    assert_eq!(adam.get(at).body, before.body, "neither the origins nor the switches");
    assert_eq!((entry(&world, "console.site.change"), entry(&world, "console.site.self_service")), (settled.clone(), None));
    // Of two who have seen the same switches, one sets them.
    let body = |register: bool| json!({"self_service": {"register": register, "change_email": true}});
    assert_eq!(replacing(&mut ada, "PATCH", at, before.header("etag"), &body(true)).status, 200);
    assert_eq!(no(&replacing(&mut adam, "PATCH", at, before.header("etag"), &body(false))), refused(412, "changed"));
    assert_eq!(ada.get(at).value()["self_service"]["register"], json!(true));
    assert_eq!(entry(&world, "console.site.change"), settled, "the site itself is as it was");
    // A site that is made with switches that cannot be is not made.
    let made = ada.post("/api/sites", &json!({"name": "blog", "url": "https://blog.example", "self_service": {"roles": [" "]}}));
    assert_eq!(no(&made), refused(422, "invalid_field"));
    assert_eq!(names(&ada.get("/api/sites").value()), ["yoursite", "other"]);
}

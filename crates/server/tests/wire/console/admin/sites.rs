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

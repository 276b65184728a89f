//! Settings of languages, auth codes, lists of addresses: secrets masked, kept where the mask comes back, compiled before they are kept.

use doorward_core::site::SiteId;
use serde_json::{Value, json};

use super::{SITE, ada, adam, entry, no, refused, replacing, world};
use crate::support::World;

fn stored(world: &World, site: SiteId, dialect: &str) -> Value {
    let row = world.run(world.house.look(move |desk| Ok(desk.sites()?.into_iter().find(|row| row.id == site)))).unwrap().unwrap();
    world.house.open_site(row).unwrap().dialects.into_iter().find(|d| d.dialect == dialect).unwrap().config.0
}

#[test]
fn secrets_are_masked_and_stay_when_they_come_back_unchanged() {
    let world = world();
    let mut adam = adam(&world);
    let at = "/api/sites/yoursite/dialects/jwt_auth";
    let shown = adam.get(at);
    assert_eq!(shown.value()["settings"], json!({"constants": {"JWT_AUTH_SECRET_KEY": "••••"}}));
    assert_eq!(shown.value()["secrets"], json!(["constants.JWT_AUTH_SECRET_KEY"]));
    assert_eq!(shown.value()["editions"], json!(["documented", "tmeister", "disciple_tools"]));
    let mut settings = shown.value()["settings"].clone();
    settings["filters"] = json!({"jwt_auth_expire": -100});
    let before = stored(&world, SITE, "jwt_auth");
    let put = replacing(&mut adam, "PUT", at, shown.header("etag"), &json!({"edition": "tmeister", "settings": settings}));
    assert_eq!((put.status, put.text("/edition")), (200, "tmeister".into()), "{}", put.line());
    assert!(!put.body.contains("canary"));
    let after = stored(&world, SITE, "jwt_auth");
    assert_eq!(after["constants"], before["constants"]);
    assert_eq!(after["filters"], json!({"jwt_auth_expire": -100}));
    assert_eq!(no(&replacing(&mut adam, "PUT", at, shown.header("etag"), &json!({"settings": {}}))), refused(412, "changed"));
    settings["constants"]["JWT_AUTH_SECRET_KEY"] = json!("another-key-canary-0123456789abcdef");
    let body = json!({"edition": "documented", "settings": settings});
    assert_eq!(no(&replacing(&mut adam, "PUT", at, "*", &body)), refused(403, "owners_only"), "who knows the key can be anybody");
    assert_eq!(no(&replacing(&mut adam, "PUT", at, "*", &json!({"settings": {}}))), refused(403, "owners_only"), "a key of its own");
    assert_eq!(stored(&world, SITE, "jwt_auth")["constants"], before["constants"]);
    assert_eq!(replacing(&mut ada(&world), "PUT", at, "*", &body).status, 200);
    assert_eq!(stored(&world, SITE, "jwt_auth")["constants"]["JWT_AUTH_SECRET_KEY"], "another-key-canary-0123456789abcdef");
    let entry = entry(&world, "console.dialect.put").unwrap();
    assert_eq!((entry.site, entry.actor.map(|a| a.account), entry.detail.as_str()), (Some(SITE), Some(1), "yoursite: jwt_auth"));
}

#[test]
fn what_cannot_be_compiled_is_not_kept() {
    let world = world();
    let mut adam = adam(&world);
    let before = stored(&world, SITE, "wapka");
    for (dialect, body, field) in [
        ("wapka", json!({"settings": {"settings": {"token_seconds": 1}}}), "dialects.wapka.settings.token_seconds"),
        ("wapka", json!({"settings": {"king": 1}}), "dialects.wapka.king"),
        ("wapka", json!({"edition": "v9"}), "edition"),
        ("wapka", json!({"settings": []}), "settings"),
        ("wapka", json!({"settings": {"settings": {"secret": "••••"}}}), "dialects.wapka.settings.secret"),
        ("wapka", json!({"else": {}}), "else"),
    ] {
        let answer = replacing(&mut adam, "PUT", &format!("/api/sites/yoursite/dialects/{dialect}"), "*", &body);
        assert_eq!((answer.status, answer.text("/error/field")), (422, field.to_owned()), "{body} {}", answer.line());
    }
    assert_eq!(no(&adam.put("/api/sites/yoursite/dialects/wapka", &json!({"settings": {}}))), refused(428, "if_match_missing"));
    assert_eq!(no(&adam.get("/api/sites/yoursite/dialects/wncms")), refused(404, "not_found"));
    assert_eq!(stored(&world, SITE, "wapka"), before);
}

#[test]
fn auth_codes_are_kept_by_id_and_added_with_their_text() {
    let world = world();
    let mut adam = adam(&world);
    let at = "/api/sites/yoursite/auth-codes";
    let shown = adam.get(at);
    let value = shown.value();
    assert_eq!(value["items"][1], json!({"id": "1", "masked": value["items"][1]["masked"], "role": "editor", "expires": "2030-01-01"}));
    assert_eq!(value["required_for"], json!(["login", "refresh", "revoke"]));
    assert!(!shown.body.contains("code-canary"), "{}", shown.body);
    let body = json!({"items": [{"id": "1", "expires": null}, {"code": "third-code-canary", "role": "author", "expires": "2031-02-03"}]});
    assert_eq!(no(&adam.put(at, &body)), refused(428, "if_match_missing"));
    let put = replacing(&mut adam, "PUT", at, shown.header("etag"), &body);
    assert_eq!((put.status, put.value()["items"].as_array().map(Vec::len)), (200, Some(2)), "{}", put.line());
    assert_eq!(
        stored(&world, SITE, "simple_jwt_login")["settings"]["auth_codes"],
        json!([
            {"code": "another-code-canary", "role": "editor", "expiration_date": ""},
            {"code": "third-code-canary", "role": "author", "expiration_date": "2031-02-03"}
        ])
    );
    assert_eq!(no(&replacing(&mut adam, "PUT", at, shown.header("etag"), &body)), refused(412, "changed"), "ids would be others'");
    for items in [
        json!([{"id": "9"}]),
        json!([{"id": "0", "code": "x"}]),
        json!([{}]),
        json!([{"code": "  "}]),
        json!([{"code": "x", "expires": "soon"}]),
        json!([{"id": "0"}, {"code": "another-code-canary"}]),
        json!({}),
    ] {
        assert_eq!(no(&replacing(&mut adam, "PUT", at, "*", &json!({"items": items}))), refused(422, "invalid_field"), "{items}");
    }
    assert_eq!(no(&ada(&world).get("/api/sites/other/auth-codes")), refused(404, "no_auth_codes"));
}

#[test]
fn lists_of_addresses_are_edited_where_they_stand() {
    let world = world();
    let mut adam = adam(&world);
    replacing(&mut adam, "PUT", "/api/sites/yoursite/rules", "*", &json!({"endpoints": [{"path": "/staff", "auth": ["none"]}]}));
    let at = "/api/sites/yoursite/ip-lists";
    let shown = adam.get(at);
    let ids: Vec<String> = shown.value()["items"].as_array().unwrap().iter().map(|l| l["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(
        ids,
        [
            "simple_jwt_login:authorization.ip_whitelist",
            "simple_jwt_login:register.ip_whitelist",
            "simple_jwt_login:delete_user.ip_whitelist",
            "simple_jwt_login:login.ip_whitelist",
            "rule:0:allow",
            "rule:0:deny"
        ]
    );
    assert_eq!(shown.value()["items"][0]["entries"], json!(["10.0.0.0/8"]));
    let body = json!({"items": [
        {"id": "simple_jwt_login:authorization.ip_whitelist", "entries": ["10.1.0.0/16", "::1"]},
        {"id": "rule:0:deny", "entries": ["127.0.0.1"]},
    ]});
    let put = replacing(&mut adam, "PUT", at, shown.header("etag"), &body);
    assert_eq!(put.status, 200, "{}", put.line());
    assert_eq!(put.value()["items"][0]["entries"], json!(["10.1.0.0/16", "::1"]));
    assert_eq!(stored(&world, SITE, "simple_jwt_login")["settings"]["auth_ip"], "10.1.0.0/16,::1");
    assert_eq!(world.ask(crate::support::Ask::get("/staff")).status, 403, "the rule holds at once");
    let change = entry(&world, "console.ip_lists.put").unwrap();
    assert_eq!((change.site, change.actor.map(|a| a.account)), (Some(SITE), Some(2)));
    let rules = world.reasons().into_iter().filter(|entry| entry.starts_with("console.rules.put")).count();
    assert_eq!(rules, 1, "settings and rules are one edit: the rules were put once, at the beginning");
    assert_eq!(no(&replacing(&mut adam, "PUT", at, shown.header("etag"), &body)), refused(412, "changed"));
    for items in [
        json!([{"id": "rule:9:deny", "entries": []}]),
        json!([{"id": "rule:0:perhaps", "entries": []}]),
        json!([{"id": "wapka:else", "entries": []}]),
        json!([{"id": "rule:0:deny", "entries": ["nowhere"]}]),
        json!([{"id": "rule:0:deny", "entries": "::1"}]),
        json!([{"entries": []}]),
    ] {
        assert_eq!(no(&replacing(&mut adam, "PUT", at, "*", &json!({"items": items}))), refused(422, "invalid_field"), "{items}");
    }
}

#[test]
fn which_languages_there_are_is_for_everybody_who_is_signed_in() {
    let world = world();
    let value = super::signed_in(&world, "yoursite", "bob").get("/api/dialects").value();
    let names: Vec<&str> = value["items"].as_array().unwrap().iter().map(|d| d["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 5);
    for dialect in value["items"].as_array().unwrap() {
        assert_eq!(dialect["editions"][0], "documented");
    }
}

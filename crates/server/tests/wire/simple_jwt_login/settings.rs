//! What a site's option changes on the wire.

use serde_json::{Value, json};

use super::{AUTH, HEADER, NO_ROUTE, REFRESH, REVOKE, VALIDATE, ann, bearer, login, no, option, site};
use crate::support::{Ask, PASSWORD, World, peek};

#[test]
fn switches_of_both_forms_hold_as_they_are_stored() {
    let off = no("Authentication is not enabled.");
    for option in [option(json!({"allow_authentication": "0"})), option(json!({"allow_authentication": null}))] {
        let world = World::new(option);
        for ask in [login(""), Ask::get(VALIDATE), Ask::post(REFRESH), Ask::post(REVOKE)] {
            world.ask(ask).is(400, &off);
        }
    }
    let sections = |more: Value| {
        let mut authorization = json!({"enabled": "1", "jwt_payload": ["iat", "exp", "id"], "ttl": "5"});
        authorization.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let general = json!({"decryption_key": super::KEY, "decryption_source": "0"});
        site(json!({"settings": {
            "_schema_version": 2, "authorization": authorization, "general": general, "login": {"login_by": 1, "login_by_parameter": "id"}
        }}))
    };
    let world = World::new(sections(json!({})));
    let token = ann(&world);
    assert_eq!(peek(&token).1, format!(r#"{{"iat":{},"exp":{},"id":"4"}}"#, world.now().0, world.now().0 + 300));
    bearer(&world, Ask::get(VALIDATE), &token).is(400, &no("Validate Token endpoint is not enabled."));
    bearer(&world, Ask::post(REFRESH), &token).is(400, &no("Refresh Token endpoint is not enabled."));
    bearer(&world, Ask::post(REVOKE), &token).is(400, &no("Revoke Token endpoint is not enabled."));
    let on = json!({"validate_token_enabled": "1", "refresh_token_enabled": "1", "revoke_token_enabled": true});
    let world = World::new(sections(on));
    let token = ann(&world);
    for ask in [Ask::get(VALIDATE), Ask::post(REFRESH), Ask::post(REVOKE)] {
        assert_eq!(bearer(&world, ask, &token).status, 200);
    }
}

#[test]
fn the_option_may_be_the_text_that_wordpress_stores() {
    let text = json!({"allow_authentication": "1", "jwt_payload": ["iss", "iat"], "decryption_key": super::KEY}).to_string();
    let world = World::new(site(json!({ "settings": text })));
    let (header, payload) = peek(&ann(&world));
    assert_eq!((header.as_str(), payload), (HEADER, format!(r#"{{"iat":{},"iss":"http:\/\/wire.example"}}"#, world.now().0)));
}

#[test]
fn only_listed_addresses_come_in_and_nothing_is_weighed_for_the_others() {
    let no_entry = no("You are not allowed to Authenticate from this IP.");
    for (list, expected) in [
        ("", 200),
        ("127.0.0.1", 200),
        ("10.0.0.1, 127.*.*.*", 200),
        ("10.0.0.0/8,127.0.0.0/8", 200),
        ("2001:db8::/32, ::ffff:127.0.0.1", 200),
        ("10.0.0.1", 400),
        ("85.*.*.*, 86.*.*.*", 400),
        ("2001:db8::/32", 400),
        ("*", 400),
        ("127.*", 400),
        ("typo", 400),
    ] {
        let world = World::new(option(json!({ "auth_ip": list })));
        let answer = world.ask(login(""));
        assert_eq!(answer.status, expected, "{list}: {}", answer.line());
        if expected == 400 {
            answer.is(400, &no_entry);
            // A forwarded address from a peer that nobody trusts moves nothing.
            world.ask(login("").header("X-Forwarded-For", "10.0.0.1").header("Client-IP", "10.0.0.1")).is(400, &no_entry);
            for ask in [Ask::get(VALIDATE), Ask::post(REFRESH), Ask::post(REVOKE)] {
                world.ask(ask).is(400, &no_entry);
            }
            world.run(doorward_core::flow::sweep::flush_gathered(&world.house)).unwrap();
            assert!(world.reasons().iter().all(|r| r.ends_with("address_not_allowed")) && !world.reasons().is_empty());
        }
    }
}

#[test]
fn a_code_is_asked_for_and_taken_under_each_of_its_names() {
    let codes = json!(["plain", {"code": "brass-key-8842", "role": "", "expiration_date": ""},
        {"code": "old", "role": "", "expiration_date": "2020-01-01"}, {"code": "till", "role": "", "expiration_date": "2026-01-02 03:04:15"}]);
    let world = World::new(option(json!({"auth_requires_auth_code": true, "auth_codes": codes, "auth_code_key": "MY_KEY"})));
    let wrong = no("Invalid Auth Code ( MY_KEY ) provided.");
    for more in [
        r#","AUTH_CODE":"brass-key-8842""#,
        r#","AUTH_KEY":"brass-key-8842""#,
        r#","MY_KEY":"brass-key-8842""#,
        r#","AUTH_KEY":"plain""#,
        r#","AUTH_KEY":"till""#,
        r#","MY_KEY":"wrong","AUTH_CODE":"plain""#,
    ] {
        assert_eq!(world.ask(login(more)).status, 200, "{more}");
    }
    let form = "username=ann&password=correct+horse&AUTH_CODE=plain";
    assert_eq!(world.ask(Ask::post(AUTH).form(form)).status, 200);
    assert_eq!(world.ask(Ask::post(&format!("/?rest_route=/simple-jwt-login/v1/auth&{form}"))).status, 200);
    for more in [
        "",
        r#","AUTH_CODE":"""#,
        r#","AUTH_CODE":"wrong""#,
        r#","AUTH_CODE":"PLAIN""#,
        r#","AUTH_CODE":" plain""#,
        r#","AUTH_CODE":"old""#,
        r#","AUTH_CODE":["plain"]"#,
        r#","AUTH_CODE":8842"#,
        r#","auth_code":"plain""#,
    ] {
        world.ask(login(more)).is(400, &wrong);
    }
    // The code comes before the password: it tells nothing of the account.
    world.ask(Ask::post(AUTH).json(r#"{"username":"nobody","password":"x"}"#)).is(400, &wrong);
    let token = world.ask(login(r#","AUTH_CODE":"plain""#)).text("/data/jwt");
    assert_eq!(bearer(&world, Ask::get(VALIDATE), &token).status, 200);
    for path in [REFRESH, REVOKE] {
        bearer(&world, Ask::post(path), &token).is(400, &wrong);
        assert_eq!(bearer(&world, Ask::post(path).json(r#"{"AUTH_CODE":"plain"}"#), &token).status, 200);
    }
    world.pass(10);
    world.ask(login(r#","AUTH_KEY":"till""#)).is(400, &wrong);
}

#[test]
fn passwords_and_hashes_may_come_in_base64() {
    let world = World::new(option(json!({"auth_password_base64": true, "password_hash_enabled": true})));
    for (name, value) in [
        // First: a login with the password itself replaces the old hash by a better one.
        ("password_hash", "M2NiNGU3MzI2MzFmNDdlNmViOTYxZjM0NTU0YjdjZGU="),
        ("password", "Y29ycmVjdCBob3JzZQ=="),
        ("password", "Y29ycmVjdCBob3JzZQ"),
        ("password", "Y29y cmVjdCBo\\nb3JzZQ=="),
    ] {
        let answer = world.ask(Ask::post(AUTH).json(&format!(r#"{{"login":"ann","{name}":"{value}"}}"#)));
        assert_eq!(answer.status, 200, "{value}: {}", answer.line());
    }
    world.ask(login("")).is(400, &no("Wrong user credentials."));
    let plain = World::new(option(json!({})));
    plain.ask(Ask::post(AUTH).json(r#"{"login":"ann","password":"Y29ycmVjdCBob3JzZQ=="}"#)).is(400, &no("Wrong user credentials."));
}

#[test]
fn the_namespace_is_the_sites_own() {
    let world = World::new(option(json!({"route_namespace": "custom/v9/"})));
    let body = format!(r#"{{"login":"ann","password":"{PASSWORD}"}}"#);
    for path in ["/wp-json/custom/v9/auth", "/wp-json/Custom/v9/auth/", "/?rest_route=/custom/v9/auth"] {
        let token = world.ask(Ask::post(path).json(&body)).text("/data/jwt");
        assert_eq!(bearer(&world, Ask::get("/wp-json/custom/v9/auth/validate"), &token).status, 200);
    }
    world.ask(Ask::get("/wp-json/custom/v9/nothing")).is(404, NO_ROUTE);
    assert!(world.upstream.arrived().is_empty());
    world.ask(Ask::post(AUTH).json(&body)).is(200, r#"{"upstream":true}"#);
}

#[test]
fn the_algorithm_and_the_places_of_the_token_are_the_sites_own() {
    let world = World::new(option(json!({"jwt_algorithm": "HS512", "request_jwt_header": 0, "request_jwt_cookie": 1,
        "request_jwt_url": "0", "request_keys": {"cookie": "my-jwt"}})));
    let token = ann(&world);
    assert_eq!(peek(&token).0, r#"{"typ":"JWT","alg":"HS512"}"#);
    assert_eq!(world.ask(Ask::get(VALIDATE).header("Cookie", &format!("a=b; my-jwt={token}"))).status, 200);
    let missing = no("The `jwt` parameter is missing.");
    world.ask(Ask::get(&format!("{VALIDATE}?JWT={token}")).auth(&format!("Bearer {token}"))).is(400, &missing);
}

#[test]
fn a_token_lives_for_the_minutes_of_the_site() {
    for (ttl, life) in
        [(json!("90"), Some(5_400)), (json!(1), Some(60)), (json!("1.9"), Some(60)), (json!("0"), Some(0)), (json!(""), None)]
    {
        let world = World::new(option(json!({ "jwt_auth_ttl": ttl })));
        let now = world.now().0;
        let start = life.map_or(format!(r#"{{"iat":{now},"email""#), |life| format!(r#"{{"iat":{now},"exp":{},"email""#, now + life));
        let (_, payload) = peek(&ann(&world));
        assert!(payload.starts_with(&start), "{ttl}: {payload}");
    }
}

#[test]
fn the_plugins_own_time_for_its_audit_log_is_kept() {
    let day = 24 * 3600;
    for (audit_log, left) in [
        (json!({"enabled": true, "enabled_events": [], "retention_days": 2}), 0),
        (json!({"enabled": true, "retention_days": 4}), 1),
        (json!({"enabled": false, "retention_days": 2}), 1),
    ] {
        let world = World::new(super::recorded::v4(&[("audit_log", audit_log.clone())]));
        assert_eq!(world.ask(login("")).status, 200);
        world.pass(3 * day);
        world.run(doorward_server::timer::forget_audit(&world.house, &doorward_dialects::all(), world.now())).unwrap();
        let logins = world.reasons().iter().filter(|reason| *reason == "simple_jwt_login.login granted").count();
        assert_eq!(logins, left, "{audit_log}");
    }
}

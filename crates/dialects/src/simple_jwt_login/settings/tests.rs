//! The plugin's option in both its forms, and what is refused of it.

use doorward_core::credential::auth_code::accept;
use doorward_core::secret::Secret;
use doorward_core::token::{Algorithm, KeyMaterial};
use http::header::AUTHORIZATION;
use serde_json::json;

use super::*;

const NOW: Time = Time(1_767_323_045);

fn read(settings: &Value) -> Settings {
    Settings::read(&json!({ "settings": settings })).unwrap()
}

fn made(algorithm: Algorithm, octets: &[u8]) -> KeyMaterial {
    KeyMaterial::new(algorithm, &Secret::new(octets)).unwrap()
}

fn problem(settings: &Value) -> String {
    let config = json!({ "settings": settings });
    let problem = Settings::read(&config).map(|_| ()).and_then(|()| key::material(&config).map(|_| ())).unwrap_err();
    problem.path.replace("dialects.simple_jwt_login.settings.", "")
}

#[test]
fn without_an_option_the_language_is_on() {
    for config in [json!({}), json!({"settings": {}}), json!({"settings": []}), json!({"settings": "{}"}), json!({"edition": "documented"})]
    {
        let settings = Settings::read(&config).unwrap();
        assert!(settings.enabled && settings.validate && settings.refresh && settings.revoke, "{config}");
        assert!(!settings.password_hash && !settings.password_base64 && !settings.middleware && !settings.codes.on_login);
        assert_eq!(settings.payload, Payload { exp: true, email: true, id: true, site: true, username: true, iss: false });
        assert_eq!((settings.life, settings.refresh_grace), (Some(3_600), 1_209_600));
        assert_eq!(settings.owner, Owner::Number(vec!["id".into()]));
        assert_eq!(settings.namespace, "/wp-json/simple-jwt-login/v1");
        assert_eq!(key::material(&config), Ok(None));
    }
}

/// A site's option of 3.6.6, as its admin form stores it.
fn flat() -> Value {
    json!({
        "allow_authentication": "1", "jwt_payload": ["iat", "email", "id", "exp", "site", "username", "iss"],
        "jwt_auth_ttl": "90", "jwt_auth_refresh_ttl": "20160", "auth_ip": "10.0.0.1, 85.*.*.*", "auth_requires_auth_code": true,
        "auth_password_base64": false, "jwt_auth_iss": "https://iss.example", "route_namespace": "custom/v9/", "jwt_algorithm": "HS384",
        "decryption_source": "0", "decryption_key": "oracle-hs-secret-0123456789abcdef", "decryption_key_base64": false,
        "request_jwt_url": 1, "request_jwt_cookie": 0, "request_jwt_header": 1, "request_jwt_session": 0,
        "request_keys": {"url": "JWT", "session": "simple-jwt-login-token", "cookie": "simple-jwt-login-token", "header": "Authorization"},
        "jwt_login_by": 2, "jwt_login_by_parameter": "username", "auth_code_key": "",
        "auth_codes": ["plain", {"code": "old", "role": "", "expiration_date": "2020-01-01"}, {"code": "x", "role": "editor", "expiration_date": "soon"}],
        "api_middleware": {"enabled": true}, "protect_endpoints": {"enabled": 0, "whitelist": [""]}, "google": {"enabled": 0}
    })
}

/// The same of 4.0.0.
fn sectioned() -> Value {
    json!({
        "_schema_version": 2,
        "authorization": {
            "enabled": "1", "jwt_payload": ["iat", "email", "id", "exp", "site", "username", "iss"], "ttl": "90", "refresh_ttl": "20160",
            "ip_whitelist": "10.0.0.1, 85.*.*.*", "auth_code": true, "refresh_auth_code": true, "revoke_auth_code": true,
            "validate_auth_code": false, "password_base64": false, "password_hash_enabled": false, "refresh_token_enabled": "1",
            "validate_token_enabled": "1", "revoke_token_enabled": "1", "iss": "https://iss.example", "refresh_token_key": "k",
            "custom_claims": {"header": [], "payload": []}
        },
        "general": {
            "route_namespace": "custom/v9/", "jwt_algorithm": "HS384", "decryption_source": "0",
            "decryption_key": "oracle-hs-secret-0123456789abcdef", "decryption_key_base64": false, "request_jwt_url": 1,
            "request_jwt_cookie": 0, "request_jwt_header": 1, "request_jwt_header_require_bearer": false,
            "request_keys": {"url": "JWT", "cookie": "simple-jwt-login-token", "header": "Authorization"}, "api_middleware": {"enabled": true}
        },
        "login": {"login_by": 2, "login_by_parameter": "username"},
        "auth_codes": {
            "key": "",
            "codes": ["plain", {"code": "old", "role": "", "expiration_date": "2020-01-01"}, {"code": "x", "role": "editor", "expiration_date": "soon"}]
        }
    })
}

#[test]
fn both_forms_say_the_same() {
    for option in [flat(), sectioned(), Value::String(flat().to_string())] {
        let settings = read(&option);
        assert!(settings.enabled && settings.validate && settings.refresh && settings.revoke && settings.middleware);
        assert!(settings.payload.iss && settings.payload.exp);
        assert_eq!((settings.life, settings.issuer.as_deref()), (Some(5_400), Some("https://iss.example")));
        assert_eq!(settings.namespace, "/wp-json/custom/v9");
        assert_eq!(settings.owner, Owner::Login(vec!["username".into()]));
        assert_eq!(settings.sources, Sources { header: Some(AUTHORIZATION), bearer_only: false, cookie: None, field: Some("JWT".into()) });
        for (address, welcome) in [("10.0.0.1", true), ("85.1.2.3", true), ("86.1.2.3", false)] {
            assert_eq!(settings.addresses.welcomes(address.parse().unwrap()), welcome, "{address}");
        }
        let codes = &settings.codes;
        assert_eq!(
            (codes.key.as_str(), codes.on_login, codes.on_refresh, codes.on_revoke, codes.on_validate),
            ("AUTH_KEY", true, true, true, false)
        );
        for (code, good) in [("plain", true), ("old", false), ("x", false), ("", false)] {
            assert_eq!(accept(&codes.list, code, NOW).is_some(), good, "{code}");
        }
        assert_eq!(key::material(&json!({ "settings": option })), Ok(Some(made(Algorithm::Hs384, b"oracle-hs-secret-0123456789abcdef"))));
    }
}

#[test]
fn what_an_option_does_not_say_is_as_the_plugin_has_it() {
    let flat = read(&json!({"jwt_algorithm": "HS256"}));
    assert!(!flat.enabled && flat.validate && flat.refresh && flat.revoke);
    assert_eq!((flat.life, flat.owner), (Some(3_600), Owner::Email(Vec::new())));
    let sections = read(&json!({"authorization": {"enabled": true}, "login": []}));
    assert!(sections.enabled && !sections.validate && !sections.refresh && !sections.revoke);
}

#[test]
fn a_token_lives_for_minutes_or_for_ever() {
    for (ttl, payload, life) in [
        (json!("60"), json!(["exp"]), Some(3_600)),
        (json!(5), json!(["exp"]), Some(300)),
        (json!("1.9"), json!(["exp"]), Some(60)),
        (json!("0"), json!(["exp"]), Some(0)),
        (json!(0), json!(["exp"]), Some(0)),
        (json!(""), json!(["exp"]), None),
        (json!("60"), json!(["id"]), None),
        (json!("60"), json!(["foo", "email"]), None),
    ] {
        let settings = read(&json!({"jwt_auth_ttl": ttl, "jwt_payload": payload}));
        assert_eq!(settings.expires(NOW), life.map(|s| NOW.plus(s)), "{ttl} {payload}");
    }
}

#[test]
fn keys_come_in_many_dresses() {
    let constant = json!({"settings": {"decryption_source": "1"}, "constants": {"SIMPLE_JWT_PRIVATE_KEY": "code-secret"}});
    assert_eq!(key::material(&constant), Ok(Some(made(Algorithm::Hs256, b"code-secret"))));
    let packed = json!({"settings": {"decryption_key": "YmluYXJ5AWtleQ==", "decryption_key_base64": true}});
    assert_eq!(key::material(&packed), Ok(Some(made(Algorithm::Hs256, b"binary\x01key"))));
    let bare = json!({"settings": {"decryption_key": " padded secret ", "decryption_key_base64": "0"}});
    assert_eq!(key::material(&bare), Ok(Some(made(Algorithm::Hs256, b" padded secret "))));
}

#[test]
fn base64_is_read_as_php_reads_it() {
    for (text, expected) in
        [("cHc=", "pw"), ("cHc", "pw"), ("c H\nc=", "pw"), ("cHd", "pw"), ("cHdxc", "pwq"), ("", ""), ("=", ""), ("a", "")]
    {
        assert_eq!(base64(text), expected.as_bytes(), "{text:?}");
    }
    assert_ne!(base64("cMO_"), base64("cMO/"));
}

#[test]
fn what_cannot_be_used_is_refused_with_its_path() {
    for (option, path) in [
        (json!({"allow_authentication": ["1"]}), "allow_authentication"),
        (json!({"allow_authentication": "maybe"}), "allow_authentication"),
        (json!({"jwt_auth_ttl": "-5"}), "jwt_auth_ttl"),
        (json!({"jwt_auth_ttl": "0.5"}), "jwt_auth_ttl"),
        (json!({"jwt_auth_ttl": "an hour"}), "jwt_auth_ttl"),
        (json!({"jwt_auth_ttl": true}), "jwt_auth_ttl"),
        (json!({"auth_ip": ["10.0.0.1"]}), "auth_ip"),
        (json!({"jwt_payload": "email"}), "jwt_payload"),
        (json!({"jwt_payload": [1]}), "jwt_payload"),
        (json!({"auth_codes": {"codes": []}}), "auth_codes"),
        (json!({"auth_codes": [{"role": "x"}]}), "auth_codes"),
        (json!({"auth_codes": [{"code": 7}]}), "auth_codes"),
        (json!({"api_middleware": true}), "api_middleware"),
        (json!({"route_namespace": "a//b"}), "route_namespace"),
        (json!({"route_namespace": "a/../b"}), "route_namespace"),
        (json!({"request_keys": {"header": "no header"}}), "request_keys.header"),
        (json!({"jwt_algorithm": "ES256"}), "jwt_algorithm"),
        (json!({"jwt_algorithm": "none"}), "jwt_algorithm"),
        (json!({"jwt_algorithm": "HS512"}), "decryption_key"),
        (json!({"jwt_algorithm": "RS256", "decryption_key": "a-good-secret-of-octets"}), "decryption_key_private"),
        (json!({"decryption_key": ""}), "decryption_key"),
        (json!({"decryption_key": "********"}), "decryption_key"),
        (json!({"decryption_source": "1"}), "dialects.simple_jwt_login.constants.SIMPLE_JWT_PRIVATE_KEY"),
        (json!({"authorization": {"ttl": {}}}), "authorization.ttl"),
        (json!({"authorization": "on"}), "authorization"),
        (json!({"general": {"request_keys": 1}}), "general.request_keys"),
        (json!([1]), "dialects.simple_jwt_login.settings"),
        (json!("no json"), "dialects.simple_jwt_login.settings"),
    ] {
        assert_eq!(problem(&option), path, "{option}");
    }
    let stray = Settings::read(&json!({"setting": {}})).unwrap_err();
    assert_eq!(stray.path, "dialects.simple_jwt_login.setting");
}

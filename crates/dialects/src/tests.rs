//! Properties of every language: no header, field or setting panics, and problems of settings have their path.

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::site::{ConfigValue, DialectConfig, Site, SiteId, SiteView};
use doorward_core::testkit::SeededDice;
use doorward_core::token::{KeyId, KeyRing, SigningKey};
use doorward_web::{Fields, Head};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const WAYS: [Way; 5] = [Way::Simple, Way::Basic, Way::Token, Way::Bearer, Way::ApiKey];

/// Any JSON, its names mostly those that some language knows.
fn any_json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        8 => prop::sample::select(vec![
            "edition", "accept_tokens_of", "settings", "constants", "filters", "bearer", "basic_realm", "api_access_whitelist",
            "enable_api_access", "wncms_api_post_index", "wncms_api_posts_index_should_auth", "JWT_AUTH_SECRET_KEY", "jwt_auth_expire",
            "jwt_auth_algorithm", "__add", "allow_authentication", "authorization", "general", "login", "jwt_auth_ttl", "ttl", "jwt_payload",
            "auth_ip", "auth_codes", "code", "role", "expiration_date", "route_namespace", "jwt_algorithm", "decryption_key",
            "decryption_key_base64", "decryption_source", "request_keys", "request_jwt_header", "api_middleware", "enabled", "token_life",
            "access_life", "refresh_life", "login_by_parameter", "jwt_login_by", "header", "cookie",
        ]).prop_map(str::to_owned),
        1 => "\\PC{0,8}",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec![
            "",
            "0",
            "1",
            "60",
            "-1",
            "documented",
            "v3",
            "tmeister",
            "disciple_tools",
            "HS256",
            "RS256",
            "none",
            "simple",
            "10.0.0.0/8",
            "a.b",
            "/",
            "{\"a\":1}"
        ])
        .prop_map(Value::from),
        "\\PC{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 48, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

fn site(dialect: &str, config: Value) -> Site {
    Site {
        id: SiteId(1),
        name: "yoursite".into(),
        url: "http://wire.example".into(),
        hosts: Vec::new(),
        upstream: None,
        cors_origins: Vec::new(),
        dialects: vec![DialectConfig { dialect: dialect.into(), config: ConfigValue(config) }],
        rules: Vec::new(),
    }
}

fn view(dialect: &Arc<dyn Dialect>, config: Value) -> Result<SiteView, String> {
    let profile = dialect.profile();
    let (key, _) = SigningKey::generate(profile.default_algorithm(), KeyId::parse("k1").unwrap(), &mut SeededDice::new(1)).unwrap();
    SiteView::compile(site(dialect.name(), config), vec![(profile, KeyRing::new(key))], Arc::default()).map_err(|p| p.path)
}

proptest! {
    #[test]
    fn no_settings_panic_and_problems_have_their_path(config in any_json(), inner in any_json()) {
        for config in [config.clone(), json!({"settings": inner}), json!({"constants": inner, "filters": config})] {
            for dialect in all() {
                let base = format!("dialects.{}", dialect.name());
                if let Err(path) = view(&dialect, config.clone()) {
                    prop_assert!(path.starts_with(&base) || path.starts_with("site "), "{}: {}", dialect.name(), path);
                }
                if let Err(problem) = dialect.profile().key_from_config(&config) {
                    prop_assert!(problem.path.starts_with(&base), "{}", problem.path);
                }
            }
        }
    }

    #[test]
    fn no_credential_panics_and_none_is_blank(
        values in prop::collection::vec("Token token=\"{0,2}|((bearer|Bearer|token|Token token=|Basic|bAsIc) ?)?[ \t]?([A-Za-z0-9+/=_.-]{0,30}|[ -~]{0,30})", 0..3),
        name in "(api_token|JWT|jwt|x)",
        field in any_json(),
        query in "[a-zA-Z_=&%\\[\\].]{0,30}",
    ) {
        let mut request = http::Request::builder().uri("/api/v1/x");
        for value in &values {
            request = request.header("authorization", value.as_str());
        }
        let Ok(request) = request.body(()) else { return Ok(()) };
        let head = Head::read(request.into_parts().0).unwrap();
        let mut body = serde_json::Map::new();
        body.insert(name, field);
        let fields = Fields::new(body, &query);
        for dialect in all() {
            let settings = match dialect.name() {
                "wncms" => json!({"settings": {"bearer": true}}),
                "jwt_auth" if query.len() % 2 == 1 => json!({"edition": "tmeister"}),
                _ => json!({}),
            };
            let view = view(&dialect, settings).unwrap();
            for way in WAYS {
                match dialect.shown(&view, &head, &fields, way) {
                    Some(Shown::ApiToken(text) | Shown::Jwt(text)) => prop_assert!(!text.trim().is_empty(), "{} {:?}", dialect.name(), values),
                    Some(Shown::Basic { user, password }) => prop_assert!(!user.trim().is_empty() && !password.is_empty()),
                    Some(Shown::Malformed | Shown::Session(_)) | None => {}
                }
            }
        }
    }
}

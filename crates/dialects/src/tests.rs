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

/// A settings object with a value at a path.
fn with(mut config: Value, path: &str, value: Value) -> Value {
    let mut place = &mut config;
    for part in path.split('.') {
        place = &mut place[part];
    }
    *place = value;
    config
}

#[test]
fn every_member_that_is_described_can_be_set_to_what_it_says() {
    use doorward_core::site::MemberKind;
    let mut seen = 0;
    for dialect in all() {
        let profile = dialect.profile();
        for edition in profile.editions() {
            let base = json!({"edition": edition});
            let refused = |config: &Value| {
                let site = site(profile.name(), config.clone());
                profile.compile(&site, config).err().or_else(|| profile.key_from_config(config).err())
            };
            let members = profile.members(&base);
            assert!(members.iter().any(|member| member.path == "accept_tokens_of"), "{}", profile.name());
            let mut paths: Vec<&str> = members.iter().map(|member| member.path.as_str()).collect();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), members.len(), "{}: a path twice", profile.name());
            for member in &members {
                let values = match member.kind {
                    MemberKind::Switch => vec![json!(true), json!(false)],
                    MemberKind::Row => vec![json!("1"), json!("0")],
                    MemberKind::Number { least, most } => vec![json!(least.max(1)), json!(most.min(1_000_000))],
                    MemberKind::Choice(choices) => choices.iter().map(|choice| json!(choice)).collect(),
                    MemberKind::List => vec![json!([])],
                    MemberKind::Text | MemberKind::Lines => vec![json!("a-text-that-is-long-enough-0123456789")],
                };
                // What needs something else beside it: a source of the key, a key of another kind, a PEM.
                let alone = !["source", "algorithm", "private"].iter().any(|part| member.path.contains(part));
                for value in values.into_iter().filter(|_| alone) {
                    // As a form writes it: with what has to be there as soon as anything is.
                    let kept = members.iter().filter_map(|m| m.keep.clone().map(|value| (m.path.clone(), value)));
                    let whole = kept.fold(base.clone(), |config, (path, value)| with(config, &path, value));
                    let config = with(whole, &member.path, value);
                    assert_eq!(refused(&config), None, "{} {edition}: {config}", profile.name());
                    seen += 1;
                }
            }
        }
    }
    assert!(seen > 300, "{seen}");
}

#[test]
fn what_an_empty_object_means_is_kept_where_something_is_written() {
    use crate::simple_jwt_login::Settings;
    let profile = all().into_iter().map(|d| d.profile()).find(|p| p.name() == "simple_jwt_login").unwrap();
    let read = |config: &Value| {
        let compiled = profile.compile(&site("simple_jwt_login", config.clone()), config).unwrap();
        let settings = compiled.downcast::<Settings>().unwrap();
        (settings.enabled, settings.validate, settings.refresh, settings.revoke, settings.owner.clone())
    };
    let kept = profile.members(&json!({})).into_iter().filter_map(|m| m.keep.map(|value| (m.path, value)));
    let config = kept.fold(json!({}), |config, (path, value)| with(config, &path, value));
    assert_ne!(config, json!({}));
    assert_eq!(read(&config), read(&json!({})));
    assert!(profile.members(&config).iter().all(|member| member.keep.is_none()));
}

//! No answer holds a secret, and what people and clients wrote comes back as data.

use doorward_core::account::Account;
use doorward_core::audit::{AuditEntry, Outcome};
use serde_json::{Value, json};

use super::{SITE, ada, no, refused, replacing, world};

/// What would run if a page took it for markup, script, style or a link.
const CORPUS: &[&str] = &[
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "'-alert(1)-'",
    "</script><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{constructor.constructor('alert(1)')()}}",
    "<!--<script>",
    "\u{202e}txet\u{2066}",
    "\u{2028}alert(1)\u{2029}",
    "]]></title><style>@import'//evil'</style>",
];

#[test]
fn no_answer_holds_a_secret() {
    let world = world();
    let mut ada = ada(&world);
    let mut asked = 0;
    for route in doorward_console::routes::all().filter(|route| route.method == "GET" && route.path != "/api/live") {
        for dialect in ["wapka", "simple_jwt_login", "jwt_auth"] {
            for number in ["1", "3", "4", "5"] {
                let target =
                    route.path.replace("{site}", "yoursite").replace("{number}", number).replace("{dialect}", dialect).replace("{id}", "1");
                let answer = ada.get(&target);
                asked += 1;
                let body = answer.body.to_lowercase();
                for secret in ["canary", "3cb4e732631f47e6eb961f34554b7cde", "aaaaa-bbbbb", "12345678901234567890", "gezdgnbvgy3tqojq"] {
                    assert!(!body.contains(secret), "{secret} at {target}: {}", answer.body);
                }
            }
        }
    }
    assert!(asked > 100, "the scan looks at everything");
    // Refusals and the audit do not tell either.
    let put = replacing(
        &mut ada,
        "PUT",
        "/api/sites/yoursite/dialects/jwt_auth",
        "*",
        &json!({"settings": {"constants": {"JWT_AUTH_SECRET_KEY": "short-canary"}, "king": "king-canary"}}),
    );
    assert!(!put.body.contains("canary"), "{}", put.body);
    assert!(!ada.get("/api/audit?limit=200").body.contains("canary"));
    assert!(!ada.get("/api/audit/export").body.contains("canary"));
}

#[test]
fn what_was_written_comes_back_as_json_and_nothing_else() {
    let world = world();
    let now = world.now();
    world
        .run(world.house.work(move |desk| {
            for (at, text) in CORPUS.iter().enumerate() {
                let number = 100 + i64::try_from(at).unwrap();
                let bob = desk.account(SITE, 3)?.unwrap();
                let text = (*text).to_owned();
                desk.put_account(&Account {
                    number,
                    login: format!("{text}{at}"),
                    email: format!("{text}{at}@example.com"),
                    display_name: text.clone(),
                    url: text.clone(),
                    avatar: Some(text.clone()),
                    roles: vec![text.clone()],
                    ..bob
                })?;
                desk.remember(&AuditEntry {
                    id: 0,
                    at: now,
                    site: Some(SITE),
                    account: Some(number),
                    action: text.clone(),
                    outcome: Outcome::Refused,
                    reason: text.clone(),
                    detail: text.clone(),
                    address: text.clone(),
                    request: text,
                    count: 1,
                    actor: None,
                })?;
            }
            Ok(())
        }))
        .unwrap();
    let mut ada = ada(&world);
    for target in
        ["/api/sites/yoursite/users?limit=200", "/api/sites/yoursite/roles", "/api/audit?limit=200", "/api/sites/yoursite/users/100"]
    {
        let answer = ada.get(target);
        assert_eq!((answer.status, answer.header("content-type")), (200, "application/json; charset=utf-8"), "{target}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("cache-control")), ("nosniff", "no-store"), "{target}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{target}");
        let texts = texts(&answer.value());
        let wanted = if target.ends_with("100") { &CORPUS[..1] } else { CORPUS };
        for text in wanted {
            assert!(texts.iter().any(|found| found == text), "{text} at {target}");
        }
    }
    // What is asked for is not repeated as anything else either.
    for text in CORPUS {
        let asked: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let answer = ada.get(&format!("/api/sites/{asked}/users?q={asked}"));
        assert_eq!(answer.header("content-type"), "application/json; charset=utf-8");
        assert!([400, 404].contains(&answer.status), "{}", answer.line());
        let answer = ada.post("/api/sites/yoursite/users", &json!({ *text: 1 }));
        assert_eq!((no(&answer), answer.header("content-type")), (refused(422, "invalid_field"), "application/json; charset=utf-8"));
    }
}

fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(list) => list.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

//! Explain says what the proxy does: the same decision, the same answer; and asking leaves no trace.

use std::sync::Arc;

use doorward_core::policy::{PathMatch, Per, RateLimit, Rule, Stale, Way};
use doorward_server::metrics::Metrics;
use doorward_server::reception::{Came, Explanation, Question, Reception};
use doorward_web::client_addr::TrustedProxies;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use proptest::prelude::*;
use proptest::sample::select;

use super::{exact, prefix};
use crate::support::{Ask, PASSWORD, Person, Stage, World};
use crate::threats::doors::{ANN_TOKEN, Tokens, polyglot};
use crate::wncms::basic;

/// A request in both shapes: as it is sent, and as it is asked about.
#[derive(Clone, Debug)]
pub(super) struct Both {
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Option<String>,
}

impl Both {
    fn get(target: &str) -> Self {
        Self { method: "GET", target: target.into(), headers: Vec::new(), body: None }
    }

    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn ask(&self) -> Ask {
        let ask = self.headers.iter().fold(Ask::new(self.method, &self.target), |ask, (name, value)| ask.header(name, value));
        match &self.body {
            Some(body) => ask.body("", body.as_bytes()),
            None => ask,
        }
    }

    /// `None` for what no server of HTTP takes for a target.
    fn question(&self, weighs: bool) -> Option<Question> {
        let mut headers = HeaderMap::new();
        if !self.headers.iter().any(|(name, _)| *name == "Host") {
            headers.insert("host", HeaderValue::from_static("wire.example"));
        }
        for (name, value) in &self.headers {
            headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
        }
        let body = bytes::Bytes::from(self.body.clone().unwrap_or_default());
        if self.body.is_some() {
            headers.insert("content-length", HeaderValue::from(body.len()));
        }
        let (method, target) = (Method::from_bytes(self.method.as_bytes()).unwrap(), self.target.parse::<Uri>().ok()?);
        Some(Question { method, target, headers, body, address: "127.0.0.1".parse().unwrap(), weighs })
    }
}

pub(super) fn reception(world: &World) -> Reception {
    let (house, source) = (Arc::clone(&world.house), world.source());
    let time = std::time::Duration::from_secs(20);
    Reception::new(house, doorward_dialects::all(), TrustedProxies::default(), time, source, Arc::new(Metrics::default()))
}

fn explained(world: &World, both: &Both, weighs: bool) -> Option<Explanation> {
    explained_by(&reception(world), world, both, weighs)
}

pub(super) fn explained_by(reception: &Reception, world: &World, both: &Both, weighs: bool) -> Option<Explanation> {
    Some(world.run(reception.explain(both.question(weighs)?)))
}

/// Request ids are another each time.
fn masked(text: &str) -> String {
    let mut parts = text.split("req_");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| format!("{all}req_…{}", part.chars().skip(12).collect::<String>()))
}

/// Asks about it, sends it, and compares.
pub(super) fn agree(reception: &Reception, world: &World, both: &Both, weighs: bool) -> Result<(), TestCaseError> {
    match explained_by(reception, world, both, weighs) {
        Some(told) => agrees(&told, world, both),
        None => Ok(()),
    }
}

/// Sends it and compares with what was explained.
pub(super) fn agrees(told: &Explanation, world: &World, both: &Both) -> Result<(), TestCaseError> {
    let before = world.upstream.arrived().len();
    let heard = world.ask(both.ask());
    let arrived = world.upstream.arrived().len() > before;
    let story = format!("{both:?}: {told:?} / {}", heard.line());
    match &told.came {
        Came::Through { told: identity, target, body, .. } => {
            prop_assert!(arrived, "{}", story);
            let last = world.upstream.last();
            prop_assert_eq!(last.line.split(' ').nth(1), Some(target.as_str()), "{}", &story);
            let named = last.headers.iter().filter(|(name, _)| name.starts_with("x-doorward"));
            let expected: Vec<_> = identity.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
            let (mut got, mut expected): (Vec<_>, _) = (named.cloned().collect(), expected);
            got.sort();
            expected.sort();
            prop_assert_eq!(got, expected, "{}", &story);
            if let Some(body) = body {
                prop_assert_eq!(last.body.as_bytes(), &body[..], "{}", &story);
            }
        }
        Came::Refused(_) | Came::Broken => prop_assert!(!arrived, "{}", story),
        Came::Endpoint(_) | Came::Answered => prop_assert!(!arrived, "{}", story),
        // Whether it was right is what was not asked.
        Came::Unweighed => {}
    }
    if let Some(answer) = told.answer.as_ref() {
        prop_assert_eq!(heard.status, answer.status.as_u16(), "{}", &story);
        if both.method != "HEAD" {
            prop_assert_eq!(masked(&heard.body), masked(&String::from_utf8_lossy(&answer.body)), "{}", &story);
        }
        for name in answer.headers.keys().filter(|name| *name != "x-request-id") {
            let told: Vec<&str> = answer.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect();
            let said: Vec<&str> = heard.headers.iter().filter(|(n, _)| n == name.as_str()).map(|(_, value)| value.as_str()).collect();
            prop_assert_eq!(said, told, "{}: {}", name, &story);
        }
    }
    Ok(())
}

fn stage() -> Stage {
    let all = Rule { all: true, ..exact("/both", &[Way::Simple, Way::Bearer]) };
    let soft = Rule { stale: Stale::Ignore, strip_credential: true, ..prefix("/soft", &[Way::None, Way::Simple, Way::Token, Way::Bearer]) };
    let limited = Rule { rate_limits: vec![RateLimit::new(Per::Address, 40, 60)], ..prefix("/slow", &[Way::None, Way::Token]) };
    let editors = Rule { roles: vec!["editor".into()], ..prefix("/shop", &[Way::Token, Way::Bearer]) };
    let pattern = Rule { min_level: 5, matching: PathMatch::Pattern, ..prefix("/shop/{id}/edit", &[Way::Token, Way::Bearer]) };
    let off = Rule { off: Some("off".into()), ..prefix("/off", &[Way::Token]) };
    let away = Rule { ip_deny: vec!["127.0.0.0/8".into()], ..prefix("/away", &[Way::None]) };
    let scoped = Rule { scopes: vec!["shop:write".into()], methods: vec!["POST".into()], ..prefix("/scoped", &[Way::Token, Way::Bearer]) };
    let login = Rule { ip_deny: vec!["127.0.0.1".into()], ..exact("/api/v1/jwt/revoke", &[Way::None]) };
    let low = Person::new(6, "low").token("lowtokenlowtokenlowtokenlowtokenlowt");
    [all, soft, limited, pattern, editors, off, away, scoped, login].into_iter().fold(polyglot().person(low), Stage::rule)
}

fn target() -> impl Strategy<Value = String> {
    let segment = select(vec![
        "shop",
        "SHOP",
        "edit",
        "7",
        "both",
        "soft",
        "slow",
        "off",
        "away",
        "scoped",
        "api",
        "v1",
        "posts",
        "store",
        "sites",
        "jwt",
        "refresh",
        "revoke",
        "wp-json",
        "wp",
        "v2",
        "sjl",
        "index.php",
        "x.json",
        "healthz",
        "..",
        "",
        "%2e",
        "caf%C3%A9",
        "a;b",
        "_doorward",
    ]);
    let query = prop_oneof![
        3 => Just(String::new()),
        1 => select(vec!["?x=1", "?_method=DELETE", "?rest_route=/wp/v2/users", "?api_token=no", "?a=1;api_token=x", "?JWT=a.b.c"]).prop_map(str::to_owned),
        1 => Just(format!("?api_token={ANN_TOKEN}&x=1")),
    ];
    (prop::collection::vec(segment, 0..5), query).prop_map(|(segments, query)| format!("/{}{query}", segments.join("/")))
}

#[test]
fn whatever_is_asked_explain_and_the_proxy_decide_alike_and_what_is_refused_does_not_arrive() {
    let world = World::new(stage());
    let (tokens, reception) = (Tokens::of(&world, "ann"), reception(&world));
    let credentials = vec![
        String::new(),
        format!("token {ANN_TOKEN}"),
        "token lowtokenlowtokenlowtokenlowtokenlowt".into(),
        "token nobody".into(),
        format!("Bearer {}", tokens.access),
        format!("Bearer {}", tokens.refresh),
        format!("Bearer {}", tokens.wapka),
        format!("Bearer {}", tokens.jwt_auth),
        format!("Bearer {}", tokens.sjl),
        format!("Bearer {}x", tokens.access),
        basic("ann@example.com", PASSWORD),
        "Bearer a.b.c".into(),
        "Basic ***".into(),
        ANN_TOKEN.into(),
    ];
    let json = ("application/json", format!(r#"{{"api_token":"{ANN_TOKEN}","a":1}}"#));
    let form = ("application/x-www-form-urlencoded", format!("a=1&api_token={ANN_TOKEN}&_method=DELETE"));
    let bodies = vec![
        json.clone(),
        form,
        ("text/plain", json.1.clone()),
        ("application/json", "{".into()),
        ("application/json", "{\"api_token\":7}".into()),
        ("application/x-www-form-urlencoded", "rest_route=/wp/v2/users".into()),
        ("multipart/form-data; boundary=X", "--X\r\nContent-Disposition: form-data; name=\"api_token\"\r\n\r\nno\r\n--X--\r\n".into()),
    ];
    let methods = select(vec!["GET", "GET", "HEAD", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "PURGE", "get", "TRACE"]);
    let others = select(vec![
        ("X-HTTP-Method-Override", "DELETE"),
        ("Origin", "https://app.example"),
        ("Access-Control-Request-Method", "POST"),
        ("X-Doorward-User-Id", "1"),
        ("Cookie", "simple-jwt-login-token=a.b.c"),
        ("Host", "elsewhere.example"),
        ("Host", "wire.example"),
        ("Content-Encoding", "gzip"),
    ]);
    let strategy = (methods, target(), select(credentials), prop::option::of(others), prop::option::of(select(bodies)));
    let config = ProptestConfig { cases: 800, failure_persistence: None, ..ProptestConfig::default() };
    proptest::test_runner::TestRunner::new(config)
        .run(&strategy, |(method, target, credential, other, body)| {
            let mut both = Both { method, target, headers: Vec::new(), body: None };
            if !credential.is_empty() {
                both = both.with("Authorization", &credential);
            }
            if let Some((name, value)) = other {
                both = both.with(name, value);
            }
            if let Some((kind, text)) = body.filter(|_| ["POST", "PUT", "PATCH"].contains(&method)) {
                both = Both { body: Some(text), ..both.with("Content-Type", kind) };
            }
            agree(&reception, &world, &both, true)
        })
        .unwrap();
}

#[test]
fn asking_leaves_no_trace() {
    let world = World::new(stage());
    let slow = Both::get("/slow/x");
    for _ in 0..60 {
        let told = explained(&world, &slow, false).unwrap();
        assert_eq!(told.word(), "passes", "limits are looked at, not charged: {told:?}");
    }
    assert_eq!(world.ask(slow.ask()).header("ratelimit"), r#""address";r=39;t=2"#);
    let token = Both::get("/slow/x").with("Authorization", &format!("token {ANN_TOKEN}"));
    assert_eq!(explained(&world, &token, false).unwrap().word(), "passes");
    assert!(world.house.memory().take_used().is_empty(), "no last use is noted");
    let wrong = Both::get("/api/v1/posts").with("Authorization", &basic("ann@example.com", "wrong"));
    for _ in 0..20 {
        let told = explained(&world, &wrong, false).unwrap();
        assert_eq!((told.came, told.answer.is_none()), (Came::Unweighed, true));
    }
    let right = Both::get("/api/v1/posts").with("Authorization", &basic("ann@example.com", PASSWORD));
    assert_eq!(world.ask(right.ask()).status, 200, "nobody was locked out");
    assert_eq!(explained(&world, &Both::get("/shop/x"), false).unwrap().reason(), Some("no_credential"));
    assert!(world.house.memory().take_gathered().entries.is_empty(), "no refusal is remembered");
    assert_eq!(world.upstream.arrived().len(), 2);
}

#[test]
fn an_explanation_names_the_rule_and_never_the_secret() {
    let world = World::new(stage());
    let low = "lowtokenlowtokenlowtokenlowtokenlowt";
    let told = explained(&world, &Both::get("/shop/7/edit").with("Authorization", &format!("token {low}")), false).unwrap();
    let rule = told.rule.clone().unwrap();
    assert_eq!((rule.site.as_str(), rule.dialect, rule.path.as_str()), ("yoursite", None, "pattern /shop/{id}/edit"));
    assert_eq!(told.reason(), Some("level_too_low"));
    let text = format!("{told:?} {}", told.json());
    assert!(!text.contains(low) && text.contains("an API token") && text.contains("user 6 of yoursite"), "{text}");
    let of_a_dialect = explained(&world, &Both::get("/api/v1/sites"), false).unwrap();
    assert!(of_a_dialect.rule.unwrap().dialect.is_some());
    assert_eq!(of_a_dialect.answer.unwrap().status, 401);
}

/// What is too large to be read is explained as it is decided: by its beginning where it would stream through a scan, and as too
/// large where it would be read.
#[test]
fn large_bodies_are_explained_as_they_are_decided() {
    let kind = "application/x-www-form-urlencoded";
    let media = Rule { answers_as: Some("wncms".into()), ..prefix("/read", &[Way::Simple]) };
    let open = prefix("/wp-json/wp/v2", &[Way::None]);
    let shut = prefix("/wp-json/shut", &[Way::Bearer]);
    let stage = Stage::of("jwt_auth", crate::jwt_auth::config()).and("wncms", serde_json::json!({})).rule(media).rule(open).rule(shut);
    let world = World::new(stage.person(Person::new(4, "ann")));
    let reception = reception(&world);
    let filler = "0".repeat(3 * 1024 * 1024);
    for (target, body) in [
        ("/wp-json/wp/v2/media", format!("file={filler}&x=y")),
        ("/wp-json/wp/v2/media", format!("rest_route=/shut/x&file={filler}")),
        ("/read/x", format!("file={filler}&api_token=x")),
        ("/wp-json/jwt-auth/v1/token", format!("username=ann&password=x&file={filler}")),
    ] {
        let both = Both { method: "POST", target: target.into(), headers: vec![("Content-Type", kind.into())], body: Some(body) };
        agree(&reception, &world, &both, true).unwrap();
    }
}

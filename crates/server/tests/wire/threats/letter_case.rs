//! What is shut is shut in any letter case, on sites that have nothing but their language's own rules: the application behind, or
//! what stands before it, may not mind the case.

use doorward_core::policy::Way;
use serde_json::json;

use crate::rules::nearby::DOORS;
use crate::rules::prefix;
use crate::support::{Ask, Ground, Person, Stage, World};
use crate::{jwt_auth, simple_jwt_login};

/// Paths that some language guards or answers, with the method that it does so for.
pub(super) const PATHS: [(&str, &str); 16] = [
    ("POST", "/api/v1/posts/store"),
    ("POST", "/api/v1/posts/update/7"),
    ("GET", "/api/v1/websites"),
    ("POST", "/api/v1/update"),
    ("POST", "/api/v1/token/generate"),
    ("POST", "/v1/posts"),
    ("POST", "/v1/auth/login"),
    ("GET", "/v1/users/me"),
    ("GET", "/api/v1/sites"),
    ("GET", "/api/v1/sites/7"),
    ("POST", "/api/v1/jwt"),
    ("POST", "/api/v1/jwt/refresh"),
    ("DELETE", "/api/v1/auth"),
    ("GET", "/wp-json/wp/v2/posts"),
    ("POST", "/wp-json/jwt-auth/v1/token"),
    ("POST", "/wp-json/simple-jwt-login/v1/auth"),
];

/// A site of each language alone.
pub(super) fn stages() -> Vec<Stage> {
    let protect = json!({"protect_endpoints": {"enabled": 1, "action": 1}});
    [
        Stage::of("wncms", json!({})),
        Stage::of("wapka", json!({})),
        Stage::of("wporchestrix", json!({})),
        jwt_auth::stage(),
        simple_jwt_login::option(protect),
    ]
    .into_iter()
    .map(|stage| stage.person(Person::new(40, "tom").role("admin", 10).token(TOKEN)))
    .collect()
}

const TOKEN: &str = "wpk_live_tomtokentomtokentomtokentomtoken";

/// What each language guards and answers, as a site of it alone sees it.
const GUARDED: [(&str, &str, &str); 10] = [
    ("wncms", "POST", "/api/v1/posts/store"),
    ("wncms", "POST", "/api/v1/posts/delete/7"),
    ("wncms", "GET", "/api/v1/websites"),
    ("wncms", "POST", "/api/v1/menus/sync"),
    ("wapka", "POST", "/v1/posts"),
    ("wapka", "PUT", "/v1/users/me"),
    ("wporchestrix", "GET", "/api/v1/sites"),
    ("wporchestrix", "DELETE", "/api/v1/sites/7"),
    ("jwt_auth", "GET", "/wp-json/wp/v2/posts"),
    ("simple_jwt_login", "GET", "/wp-json/wp/v2/posts"),
];
const OWN: [(&str, &str, &str); 9] = [
    ("wncms", "POST", "/api/v1/token/generate"),
    ("wncms", "POST", "/api/v1/token/revoke"),
    ("wapka", "POST", "/v1/auth/login"),
    ("wapka", "GET", "/v1/users/me"),
    ("wporchestrix", "POST", "/api/v1/jwt"),
    ("wporchestrix", "POST", "/api/v1/jwt/refresh"),
    ("wporchestrix", "POST", "/api/v1/auth"),
    ("jwt_auth", "POST", "/wp-json/jwt-auth/v1/token"),
    ("simple_jwt_login", "POST", "/wp-json/simple-jwt-login/v1/auth"),
];

/// A path in other letter cases: all upper, each segment's first letter, one letter only, the first segment, the last.
fn cases(path: &str) -> Vec<String> {
    let title = |segment: &str| segment.get(..1).map_or_else(String::new, |first| first.to_ascii_uppercase() + &segment[1..]);
    let segments: Vec<&str> = path.split('/').collect();
    let only = |which: usize| {
        let turned = |(at, segment): (usize, &&str)| if at == which { segment.to_ascii_uppercase() } else { (*segment).to_owned() };
        segments.iter().enumerate().map(turned).collect::<Vec<_>>().join("/")
    };
    let mixed = path.chars().enumerate().map(|(at, c)| if at % 2 == 1 { c.to_ascii_uppercase() } else { c }).collect();
    let mut all = vec![path.to_ascii_uppercase(), segments.iter().map(|s| title(s)).collect::<Vec<_>>().join("/"), mixed];
    all.extend((1..segments.len()).map(only));
    all.retain(|other| other != path);
    all
}

/// The same behind front controllers, percent-encoded, and with a slash at the end.
fn spellings(path: &str) -> Vec<String> {
    let encoded = |path: &str| format!("/%{:02X}{}", path.as_bytes()[1], &path[2..]);
    let each = |path: &String| {
        [
            path.clone(),
            format!("{path}/"),
            format!("/index.php{path}"),
            format!("/INDEX.PHP{path}"),
            format!("/public/index.php{path}"),
            encoded(path),
        ]
    };
    cases(path).iter().flat_map(each).collect()
}

fn world(stage: Stage) -> World {
    World::on(vec![stage], Ground { grpc: true, ..Ground::default() })
}

/// Nobody, and somebody with a credential that is none.
const NOBODY: [&str; 3] = ["", "Bearer a.b.c", "token x"];

#[test]
fn what_is_guarded_is_guarded_in_any_letter_case_at_every_door() {
    for stage in stages() {
        let language = stage.dialects[0].0.clone();
        let world = world(stage);
        for (_, method, path) in GUARDED.iter().filter(|(of, ..)| *of == language) {
            let plain = world.ask(Ask::new(method, path));
            // The original of jwt_auth lets nobody pass as nobody; a bad token it refuses.
            let open = plain.status == 200;
            assert_eq!(open, language == "jwt_auth", "{method} {path}: {}", plain.line());
            let formats = if language == "wporchestrix" { &["", ".json", ".JSON", ".Xml"][..] } else { &[""] };
            for (number, target) in spellings(path).iter().enumerate() {
                let target = format!("{}{}", target.trim_end_matches('/'), formats[number % formats.len()]);
                let before = world.upstream.arrived().len();
                let auth = if open { "Bearer a.b.c" } else { NOBODY[number % NOBODY.len()] };
                let with = |ask: Ask| if auth.is_empty() { ask } else { ask.auth(auth) };
                let answer = world.ask(with(Ask::new(method, &target)));
                assert!(matches!(answer.status, 401 | 403 | 404), "{method} {target}: {}", answer.line());
                let (door, ask) = DOORS[number % DOORS.len()];
                let checked = world.ask(with(ask(method, &target)));
                assert!(checked.status >= 400, "{door}: {method} {target}: {}", checked.line());
                let header = [("authorization", auth)];
                assert!(!world.grpc_lets_pass(method, &target, if auth.is_empty() { &[] } else { &header }), "gRPC: {method} {target}");
                assert_eq!(world.upstream.arrived().len(), before, "{method} {target}");
            }
        }
    }
}

/// Judged by the same rule, not merely refused: who may come in, comes in.
#[test]
fn who_may_use_a_path_may_use_it_in_another_letter_case() {
    for (stage, method, target, auth) in [
        (0, "POST", "/API/v1/posts/store?api_token=", ""),
        (0, "POST", "/index.php/Api/V1/Posts/Store?api_token=", ""),
        (1, "POST", "/V1/posts", "Bearer "),
        (2, "GET", "/API/v1/sites", "token "),
        (2, "GET", "/Api/V1/Sites.JSON", "token "),
    ] {
        let world = world(stages().remove(stage));
        let (target, auth) =
            if auth.is_empty() { (format!("{target}{TOKEN}"), String::new()) } else { (target.into(), format!("{auth}{TOKEN}")) };
        let ask = if auth.is_empty() { Ask::new(method, &target) } else { Ask::new(method, &target).auth(&auth) };
        let answer = world.ask(ask);
        assert_eq!(answer.status, 200, "{method} {target}: {}", answer.line());
        let arrived = world.upstream.last();
        assert_eq!(arrived.header("x-doorward-user"), Some("tom"), "{method} {target}");
        // What was written is what goes on.
        assert!(arrived.line.contains(&target), "{}", arrived.line);
    }
}

/// A login in another letter case is no login of ours where the original minds the case, and is never handed to what stands behind,
/// even where the site opens everything.
#[test]
fn our_own_endpoints_never_reach_the_application_in_any_letter_case() {
    for stage in stages() {
        let language = stage.dialects[0].0.clone();
        for stage in [stage.clone(), stage.rule(prefix("/", &[Way::None]))] {
            let world = world(stage);
            let folds = matches!(language.as_str(), "jwt_auth" | "simple_jwt_login");
            for (_, method, path) in OWN.iter().filter(|(of, ..)| *of == language) {
                let formats = if language == "wporchestrix" { &["", ".json", ".JSON", ".xml", ".Xml"][..] } else { &[""] };
                for (number, target) in spellings(path).iter().enumerate() {
                    let target = format!("{}{}", target.trim_end_matches('/'), formats[number % formats.len()]);
                    let body = r#"{"email":"tom@example.com","username":"tom","password":"wrong","site":"yoursite"}"#;
                    let answer = world.ask(Ask::new(method, &target).json(body));
                    let is_own = folds && !target.starts_with("/public");
                    assert_eq!(answer.status == 404, !is_own, "{method} {target}: {}", answer.line());
                    assert!(answer.status >= 400, "{method} {target}: {}", answer.line());
                    let (door, ask) = DOORS[number % DOORS.len()];
                    let checked = world.ask(ask(method, &target));
                    assert!(checked.status >= 400, "{door}: {method} {target}: {}", checked.line());
                    assert!(!world.grpc_lets_pass(method, &target, &[]), "gRPC: {method} {target}");
                }
            }
            assert_eq!(world.upstream.arrived().iter().map(|a| a.line.clone()).collect::<Vec<_>>(), Vec::<String>::new());
        }
    }
}

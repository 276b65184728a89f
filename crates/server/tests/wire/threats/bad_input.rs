//! Bad input at every endpoint of every edition, and what is heard, as one file: `bad_input.txt`. Nothing hangs, nothing is empty, and what is
//! answered with 5xx is a word of the recorded original's own.

use std::fmt::Write;
use std::path::Path;

use serde_json::{Value, json};

use super::doors::polyglot;
use crate::simple_jwt_login::recorded::{v3, v4};
use crate::support::{Answer, Ask, Person, Stage, World};

const SJL: &str = "/wp-json/simple-jwt-login/v1";
const TMEISTER: [&str; 2] = ["POST /wp-json/jwt-auth/v1/token", "POST /wp-json/jwt-auth/v1/token/validate"];
/// Fields that some endpoint reads.
const FIELDS: [&str; 26] = [
    "username",
    "email",
    "login",
    "password",
    "password_hash",
    "JWT",
    "token",
    "refresh_token",
    "code",
    "new_password",
    "AUTH_KEY",
    "AUTH_CODE",
    "provider",
    "id_token",
    "access_token",
    "payload",
    "user_login",
    "user_meta",
    "redirectUrl",
    "name",
    "permissions",
    "id",
    "api_token",
    "site",
    "otp_attempt",
    "rest_route",
];

/// Name, world, endpoints.
type Edition = (&'static str, Stage, Vec<String>);

fn editions() -> Vec<Edition> {
    let sjl = |rows: &[&str]| -> Vec<String> {
        rows.iter().map(|row| row.split_once(' ').map(|(method, path)| format!("{method} {SJL}{path}")).unwrap()).collect()
    };
    let older = [
        "POST /auth",
        "GET /auth/validate",
        "POST /auth/validate",
        "POST /auth/refresh",
        "POST /auth/revoke",
        "POST /users",
        "POST /register",
        "DELETE /users",
        "POST /user/reset_password",
        "PUT /user/reset_password",
        "GET /autologin",
        "POST /oauth/token",
        "GET /oauth/token",
    ];
    let newer = [
        "POST /auth",
        "POST /auth/2fa",
        "GET /auth/validate",
        "POST /auth/validate",
        "POST /auth/refresh",
        "POST /auth/revoke",
        "POST /users",
        "DELETE /users",
        "POST /user/reset_password",
        "PUT /user/reset_password",
        "GET /autologin",
        "POST /oauth/token",
        "GET /oauth/token",
        "GET /api-keys",
        "POST /api-keys",
        "PUT /api-keys/1",
        "DELETE /api-keys/1",
        "POST /api-keys/1/revoke",
        "GET /revoked-tokens",
        "DELETE /revoked-tokens/1",
    ];
    let all_on = json!({"allow_register": 1, "require_register_auth": 0, "allow_delete": 1, "require_delete_auth": 0, "allow_reset_password": 1,
        "reset_password_jwt": 1, "allow_autologin": 1, "google": {"enabled": 1, "enable_oauth": 1, "enable_exchange_code": 1, "enable_exchange_id_token": 1}});
    let on = json!({"enabled": 1, "auth_code": false});
    let sections = [
        ("register", on.clone()),
        ("delete_user", on),
        ("reset_password", json!({"enabled": 1, "return_jwt": 1})),
        ("login", json!({"login_by": 0, "login_by_parameter": "email", "enabled": 1})),
        ("integrations.3rdparty.two_factor", json!({"enabled": true})),
        ("integrations.oauth.google", json!({"enabled": 1, "enable_oauth": 1, "enable_exchange_code": 1, "enable_exchange_id_token": 1})),
        ("api_keys", json!({"enabled": 1, "allow_user_api_keys": 1})),
    ];
    let jwt_auth = |edition: &str| {
        Stage::of("jwt_auth", json!({"edition": edition, "constants": {"JWT_AUTH_SECRET_KEY": "a-secret-of-more-than-32-bytes-01234567"}}))
            .person(Person::new(4, "ann"))
    };
    let rows = json!({"wncms_api_token_generate": "1"});
    let wncms = |edition: &str| Stage::of("wncms", json!({"edition": edition, "settings": rows})).person(Person::new(4, "ann"));
    let token_rows = ["POST /api/v1/token/generate", "POST /api/v1/token/regenerate", "POST /api/v1/token/revoke"].map(str::to_owned);
    let documented = doorward_dialects::all().into_iter().flat_map(|dialect| {
        let own = dialect.routes().iter().filter(|route| route.handler.is_some() && !route.path.contains('{'));
        let is_documented =
            |path: &str| !path.starts_with(SJL) || ["auth", "validate", "refresh", "revoke"].iter().any(|end| path.ends_with(end));
        own.filter(|route| is_documented(route.path)).map(|route| format!("{} {}", route.method, route.path)).collect::<Vec<_>>()
    });
    vec![
        ("documented", polyglot(), documented.collect()),
        ("simple_jwt_login v3", v3(all_on), sjl(&older)),
        ("simple_jwt_login v4", v4(&sections), sjl(&newer)),
        ("jwt_auth tmeister", jwt_auth("tmeister"), TMEISTER.map(str::to_owned).to_vec()),
        ("jwt_auth disciple_tools", jwt_auth("disciple_tools"), TMEISTER.map(str::to_owned).to_vec()),
        ("wncms v6", wncms("v6"), token_rows.to_vec()),
        ("wncms v6.3", wncms("v6.3"), token_rows.to_vec()),
    ]
}

/// Name and body, each under its media type (empty = none).
fn bodies() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    const JSON: &str = "application/json";
    const FORM: &str = "application/x-www-form-urlencoded";
    let every = |value: &str| format!("{{{}}}", FIELDS.map(|field| format!("\"{field}\":{value}")).join(",")).into_bytes();
    let deep = |depth: usize| format!("{{\"username\":{}1{}}}", "[".repeat(depth), "]".repeat(depth)).into_bytes();
    let twice = |value: &str| {
        format!("{{\"username\":\"ann\",\"email\":\"ann@example.com\",\"username\":{value},\"password\":\"x\",\"password\":{value}}}")
            .into_bytes()
    };
    let form = |value: &str| FIELDS[..25].iter().map(|field| format!("{field}{value}")).collect::<Vec<_>>().join("&").into_bytes();
    let mut large = b"{\"username\":\"".to_vec();
    large.resize(1024 * 1024 + 1, b'x');
    vec![
        ("an empty JSON body", JSON, Vec::new()),
        ("broken JSON", JSON, b"{\"username\":".to_vec()),
        ("a list", JSON, b"[1,2]".to_vec()),
        ("a text", JSON, b"\"x\"".to_vec()),
        ("null", JSON, b"null".to_vec()),
        ("a number", JSON, b"7".to_vec()),
        ("no member", JSON, b"{}".to_vec()),
        ("every field null", JSON, every("null")),
        ("every field true", JSON, every("true")),
        ("every field false", JSON, every("false")),
        ("every field 0", JSON, every("0")),
        ("every field 1e400", JSON, every("1e400")),
        ("every field a list", JSON, every("[]")),
        ("every field a list of texts", JSON, every("[\"x\"]")),
        ("every field an object", JSON, every("{\"$ne\":null}")),
        ("every field empty", JSON, every("\"\"")),
        ("every field a NUL", JSON, every("\"a\\u0000b\"")),
        ("every field half a letter", JSON, every("\"\\ud800\"")),
        ("invalid UTF-8", JSON, b"{\"username\":\"\xff\xfe\",\"password\":\"\xc0\xaf\"}".to_vec()),
        ("a byte order mark", JSON, b"\xef\xbb\xbf{}".to_vec()),
        ("600 levels", JSON, deep(600)),
        ("100000 levels", JSON, deep(100_000)),
        ("a member twice", JSON, twice("\"x\"")),
        ("a member twice, then a list", JSON, twice("[]")),
        ("1 MiB and a byte", JSON, large),
        ("lists in a form", FORM, form("[]=x")),
        ("objects in a form", FORM, form("[a][b]=x")),
        ("NUL in a form", FORM, form("=a%00b")),
        ("invalid UTF-8 in a form", FORM, form("=%ff%fe")),
        ("broken percents", FORM, form("=%zz%")),
        ("JSON that calls itself a form", FORM, b"{\"username\":[]}".to_vec()),
        ("XML", "text/xml", b"<methodCall/>".to_vec()),
        ("a broken multipart", "multipart/form-data", b"--X\r\n\r\nx".to_vec()),
        (
            "a multipart without end",
            "multipart/form-data; boundary=X",
            b"--X\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nx".to_vec(),
        ),
    ]
}

/// An answer on one line: what differs from run to run is left out, what is long is cut.
fn told(answer: &Answer) -> String {
    let mut text = answer.body.clone();
    while let Some(at) = text.find("req_") {
        let end = text[at + 4..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(text.len(), |n| at + 4 + n);
        text.replace_range(at..end, "REQ");
    }
    let cut: String = text.chars().take(160).collect();
    format!("{} {}", answer.status, cut.replace('\n', "\\n"))
}

/// A 5xx is a recorded word: the plugin's own, with its number.
fn is_own_word(edition: &str, answer: &Answer) -> bool {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    // Numbers that 4.x answers with 500, by its own table.
    let numbers = [0, 29, 30, 52, 54, 69, 71, 85, 86, 87, 106, 107, 108, 109, 110, 115, 116, 117];
    edition == "simple_jwt_login v4"
        && answer.status == 500
        && body["data"]["error_code"].as_u64().is_some_and(|code| numbers.contains(&code))
}

#[test]
fn every_endpoint_has_an_answer_to_every_nonsense() {
    let mut table = String::from("# [edition: endpoint], then each answer and the inputs that it answers\n");
    for (edition, stage, endpoints) in editions() {
        for endpoint in endpoints {
            // A world for each: what one counts against an address is not held against the next.
            let world = World::new(stage.clone());
            let (method, path) = endpoint.split_once(' ').unwrap();
            let mut asks: Vec<(String, Ask)> = vec![("no body".into(), Ask::new(method, path))];
            for (name, kind, body) in bodies() {
                asks.push((name.into(), Ask::new(method, path).body(kind, &body)));
            }
            asks.push(("gzip".into(), Ask::new(method, path).body("application/json", b"\x1f\x8b").header("Content-Encoding", "gzip")));
            asks.push((
                "a query of nonsense".into(),
                Ask::new(method, &format!("{path}?username[]=x&JWT[]=x&%ff=%00&password=%zz&_method[]=GET")),
            ));
            asks.push(("a bearer of nonsense".into(), Ask::new(method, path).auth("Bearer a.b.c").json("{}")));
            asks.push(("two bearers".into(), Ask::new(method, path).auth("Bearer a.b.c").auth("Bearer d.e.f").json("{}")));
            for other in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"] {
                if other != method {
                    asks.push((format!("by {other}"), Ask::new(other, path).json("{}")));
                }
            }
            // Inputs with the same answer are told together.
            let mut heard: Vec<(String, Vec<String>)> = Vec::new();
            for (name, ask) in asks {
                let answer = world.ask(ask);
                let what = format!("{edition} | {endpoint} | {name} | {}", told(&answer));
                assert!(answer.status < 500 || is_own_word(edition, &answer), "{what}");
                let is_redirect = (300..400).contains(&answer.status);
                assert!(is_redirect || !answer.body.is_empty(), "{what}");
                assert!(!answer.body.contains("panicked"), "{what}");
                match heard.iter_mut().find(|(told_before, _)| *told_before == told(&answer)) {
                    Some((_, names)) => names.push(name),
                    None => heard.push((told(&answer), vec![name])),
                }
                world.pass(2);
            }
            writeln!(table, "\n[{edition}: {endpoint}]").unwrap();
            for (answer, names) in heard {
                writeln!(table, "{answer}\n    {}", names.join("; ")).unwrap();
            }
            let reached =
                world.upstream.arrived().into_iter().find(|arrived| arrived.line.contains("/auth") || arrived.line.contains("/token"));
            assert!(reached.is_none(), "{edition} {endpoint}: {reached:?}");
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/threats/bad_input.txt");
    if std::env::var_os("DOORWARD_ACCEPT").is_some() {
        std::fs::write(&path, &table).unwrap();
    }
    let agreed = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = table.lines().zip(agreed.lines()).find(|(now, then)| now != then);
    assert_eq!(
        (differs, table.lines().count()),
        (None, agreed.lines().count()),
        "read the difference, then run again with DOORWARD_ACCEPT=1"
    );
}

//! A credential is a text: lists, objects, numbers and truth values are none, at any door, in any encoding.

use super::doors::{ANN_TOKEN, polyglot};
use crate::simple_jwt_login::{AUTH, REFRESH, REVOKE, VALIDATE};
use crate::support::{Ask, World};

/// Every endpoint that reads a credential from a field: path, field, and the other fields of a good request.
const FIELDS: &[(&str, &str, &str)] = &[
    ("/api/v1/jwt", "email", r#""password":"correct horse""#),
    ("/api/v1/jwt", "password", r#""email":"ann@example.com""#),
    ("/api/v1/jwt", "otp_attempt", r#""email":"bob@example.com","password":"correct horse""#),
    ("/api/v1/auth", "email", r#""password":"correct horse""#),
    ("/api/v1/auth", "password", r#""email":"ann@example.com""#),
    ("/api/v1/jwt/refresh", "refresh_token", r#""x":1"#),
    ("/v1/auth/login", "site", r#""username":"ann","password":"correct horse""#),
    ("/v1/auth/login", "username", r#""site":"yoursite","password":"correct horse""#),
    ("/v1/auth/login", "password", r#""site":"yoursite","username":"ann""#),
    ("/v1/auth/login", "otp_attempt", r#""site":"yoursite","username":"bob","password":"correct horse""#),
    ("/wp-json/jwt-auth/v1/token", "username", r#""password":"correct horse""#),
    ("/wp-json/jwt-auth/v1/token", "password", r#""username":"ann""#),
    ("/wp-json/jwt-auth/v1/token", "otp_attempt", r#""username":"bob","password":"correct horse""#),
    (AUTH, "username", r#""password":"correct horse""#),
    (AUTH, "password", r#""username":"ann""#),
    (AUTH, "password_hash", r#""username":"ann""#),
    (AUTH, "otp_attempt", r#""username":"bob","password":"correct horse""#),
    (VALIDATE, "JWT", r#""x":1"#),
    (REFRESH, "JWT", r#""x":1"#),
    (REVOKE, "JWT", r#""x":1"#),
    ("/api/v1/posts/store", "api_token", r#""x":1"#),
    ("/api/v1/websites", "api_token", r#""x":1"#),
    ("/api/v1/token/generate", "api_token", r#""name":"x""#),
    ("/api/v1/token/regenerate", "api_token", r#""name":"x""#),
    ("/api/v1/token/revoke", "api_token", r#""id":1"#),
];

#[test]
fn only_texts_are_credentials() {
    let world = World::new(polyglot());
    let token = format!(r#"["{ANN_TOKEN}"]"#);
    let keyed = format!(r#"{{"{ANN_TOKEN}":true}}"#);
    for (path, field, rest) in FIELDS {
        for value in
            ["null", "true", "false", "0", "1", "-1", "1.5", "1e400", "[]", "{}", r#"{"$ne":null}"#, "[[]]", "[null]", &token, &keyed]
        {
            let answer = world.ask(Ask::post(path).json(&format!(r#"{{"{field}":{value},{rest}}}"#)));
            assert!(matches!(answer.status, 400..=499), "{path} {field}={value}: {}", answer.line());
        }
        for form in
            [format!("{field}[]={ANN_TOKEN}"), format!("{field}[0]={ANN_TOKEN}"), format!("{field}[a][b]=1"), format!("{field}=%00")]
        {
            let answer = world.ask(Ask::post(path).form(&form));
            assert!(matches!(answer.status, 400..=499), "{path} {form}: {}", answer.line());
            let answer = world.ask(Ask::post(&format!("{path}?{form}")).json(&format!("{{{rest}}}")));
            assert!(matches!(answer.status, 400..=499), "{path}?{form}: {}", answer.line());
        }
        world.pass(901);
    }
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn texts_beyond_every_measure_are_refused_and_not_weighed() {
    let world = World::new(polyglot());
    let long = "x".repeat(500_000);
    for (path, field, rest) in FIELDS {
        let answer = world.ask(Ask::post(path).json(&format!(r#"{{"{field}":"{long}",{rest}}}"#)));
        assert!(matches!(answer.status, 400..=499), "{path} {field}: {}", answer.status);
        world.pass(901);
    }
    let basic = crate::wncms::basic("ann@example.com", &"x".repeat(40_000));
    assert!(matches!(world.ask(Ask::post("/api/v1/posts").auth(&basic)).status, 401 | 403));
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn headers_that_mean_two_things_are_no_credentials() {
    let world = World::new(polyglot());
    let tokens = super::doors::Tokens::of(&world, "ann");
    for (path, scheme, token) in [
        ("/api/v1/sites", "Bearer", &tokens.access),
        ("/v1/users/me", "Bearer", &tokens.wapka),
        ("/wp-json/wp/v2/posts", "Bearer", &tokens.jwt_auth),
        ("/sjl/x", "Bearer", &tokens.sjl),
    ] {
        for second in ["", "Basic YTpi", "Bearer a.b.c", token] {
            let ask = Ask::get(path).auth(&format!("{scheme} {token}")).auth(second);
            let answer = world.ask(ask);
            assert!(matches!(answer.status, 400..=403), "{path} and {second}: {}", answer.line());
        }
    }
    assert!(world.upstream.arrived().is_empty());
}

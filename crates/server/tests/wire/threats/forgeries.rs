//! Forged tokens at every door: `none`, borrowed algorithms, keys inside, names of keys, other forms, other types, size.

use serde_json::{Value, json};

use super::doors::{DOORS, Tokens, polyglot};
use crate::support::{Ask, World};
use crate::{jwt_auth, simple_jwt_login};

fn encode(bytes: impl AsRef<[u8]>) -> String {
    data_encoding::BASE64URL_NOPAD.encode(bytes.as_ref())
}

fn hmac(secret: &[u8], input: &str) -> String {
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    encode(aws_lc_rs::hmac::sign(&key, input.as_bytes()))
}

/// What forgers make of a good token.
fn forgeries(good: &str) -> Vec<String> {
    let [header, payload, signature]: [&str; 3] = good.split('.').collect::<Vec<_>>().try_into().unwrap();
    let mut headers: Vec<Value> = Vec::new();
    for alg in ["none", "None", "NONE", "nOnE", "", "hs256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA", "dir", "HS256\u{0}"] {
        headers.push(json!({ "alg": alg }));
        headers.push(json!({"typ": "JWT", "alg": alg}));
    }
    for alg in [json!(null), json!(["HS256"]), json!({"HS256": 1}), json!(0), json!(true)] {
        headers.push(json!({"typ": "JWT", "alg": alg}));
    }
    for (name, value) in [
        ("jwk", json!({"kty": "oct", "k": ""})),
        ("jku", json!("http://127.0.0.1:1/jwks.json")),
        ("x5u", json!("file:///etc/passwd")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("enc", json!("A128GCM")),
        ("p2c", json!(2_147_483_647)),
        ("kid", json!("../../../../dev/null")),
        ("kid", json!("' UNION SELECT '' --")),
        ("kid", json!("k1\u{0}")),
        ("kid", json!("k".repeat(10_000))),
        ("kid", json!(["k1"])),
        ("kid", json!({"k1": 1})),
        ("kid", json!(null)),
    ] {
        headers.push(json!({"alg": "HS256", name: value}));
    }
    let mut forged = Vec::new();
    for header in headers {
        let input = format!("{}.{payload}", encode(header.to_string()));
        let made = [String::new(), "AA".into(), signature.into(), hmac(b"", &input), hmac(b"secret", &input), hmac(b"\0", &input)];
        forged.extend(made.into_iter().map(|signature| format!("{input}.{signature}")));
    }
    let flipped = |text: &str| {
        let (start, end) = text.split_at(text.len() / 2);
        let first = if end.starts_with('A') { 'B' } else { 'A' };
        format!("{start}{first}{}", &end[1..])
    };
    forged.extend([
        format!("{header}.{payload}."),
        format!("{header}.{payload}"),
        format!("{header}.{payload}.{}", &signature[..signature.len() - 1]),
        format!("{header}.{payload}.{}", flipped(signature)),
        format!("{header}.{}.{signature}", flipped(payload)),
        format!("{}.{payload}.{signature}", flipped(header)),
        format!("{header}.{payload}.{signature}="),
        format!("{header}.{payload}.{signature}.{signature}"),
        format!("{header}.{payload}.{signature}.a.b"),
        format!(".{header}.{payload}.{signature}"),
        format!("{header}..{signature}"),
        "..".into(),
        ".".repeat(40_000),
        json!({"protected": header, "payload": payload, "signature": signature}).to_string(),
        json!({"payload": payload, "signatures": [{"protected": header, "signature": signature}]}).to_string(),
    ]);
    forged
}

#[test]
fn no_forged_token_passes_any_door() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    for door in DOORS {
        for forged in forgeries((door.kind)(&tokens)) {
            let answer = world.ask((door.ask)(&forged));
            assert!(matches!(answer.status, 400..=403 | 422), "{} {forged:.120}: {}", door.name, answer.line());
        }
    }
    assert!(world.upstream.arrived().is_empty());
}

/// A proof of possession (RFC 9449) is not looked at here; so a token is not taken under the name that promises it was.
#[test]
fn dpop_is_not_claimed() {
    let world = World::new(polyglot());
    let tokens = Tokens::of(&world, "ann");
    for (path, token) in [
        ("/api/v1/sites", &tokens.access),
        ("/v1/users/me", &tokens.wapka),
        ("/wp-json/wp/v2/posts", &tokens.jwt_auth),
        ("/sjl/x", &tokens.sjl),
    ] {
        assert_eq!(world.ask(Ask::get(path).auth(&format!("Bearer {token}"))).status, 200, "{path}");
        let is_public = world.ask(Ask::get(path)).status == 200;
        let arrived = world.upstream.arrived().len();
        for scheme in ["DPoP", "dpop", "DPoP Bearer"] {
            let answer = world.ask(Ask::get(path).auth(&format!("{scheme} {token}")).header("DPoP", "e30.e30.e30"));
            let is_nobody = || world.upstream.last().header("x-doorward-user").is_none();
            assert!(matches!(answer.status, 400..=403) || (is_public && is_nobody()), "{path} {scheme}: {}", answer.line());
            assert!(!answer.header("www-authenticate").to_ascii_lowercase().contains("dpop"), "{path}");
        }
        assert!(is_public || world.upstream.arrived().len() == arrived, "{path}");
    }
}

#[test]
fn a_mebibyte_of_dots_costs_no_more_than_its_reading() {
    let world = World::new(polyglot());
    for size in [70_000, 900_000, 1_048_576] {
        let dots = ".".repeat(size);
        for door in DOORS {
            let answer = world.ask((door.ask)(&dots));
            assert!(matches!(answer.status, 400..=403 | 413 | 422 | 431), "{} {size}: {}", door.name, answer.status);
        }
    }
    assert!(world.upstream.arrived().is_empty());
}

/// A claim of another type is invalid, never absent.
#[test]
fn times_of_another_type_are_no_times() {
    let world = World::new(polyglot());
    let now = world.now().0;
    let far = now + 600;
    let site = r"http:\/\/wire.example";
    for wrong in [r#""9999999999""#, "null", "9999999999.5", "-1", "1e400", "1e20", "true", "[]", "{}", "18446744073709551616"] {
        for name in ["exp", "nbf", "iat"] {
            let times: Vec<_> = [("iat", now - 1), ("nbf", now - 1), ("exp", far)]
                .iter()
                .map(|(n, good)| if *n == name { format!(r#""{n}":{wrong}"#) } else { format!(r#""{n}":{good}"#) })
                .collect();
            let times = times.join(",");
            let past = matches!((name, wrong), ("nbf" | "iat", "-1" | "null"));
            let theirs = format!(r#"{{"iss":"{site}",{times},"data":{{"user":{{"id":"4"}}}}}}"#);
            let theirs = jwt_auth::sign(jwt_auth::KEY, jwt_auth::HEADER, &theirs);
            let sjl = format!(r#"{{{times},"email":"ann@example.com"}}"#);
            let sjl = jwt_auth::sign(simple_jwt_login::KEY, simple_jwt_login::HEADER, &sjl);
            for (door, token) in [("/wp-json/wp/v2/posts", &theirs), ("/sjl/x", &sjl)] {
                let answer = world.ask(Ask::get(door).auth(&format!("Bearer {token}")));
                assert!(matches!(answer.status, 400..=403) || past, "{door} {name}={wrong}: {}", answer.line());
            }
        }
    }
}

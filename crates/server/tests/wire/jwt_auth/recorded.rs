//! The editions `tmeister` and `disciple_tools`: what they share with the plugins is replayed (`tests/replay`); here is what WordPress
//! puts around them in general, and where Doorward answers safer than the original.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use doorward_core::account::Status;
use doorward_core::flow::accounts::sign_out_everywhere;
use doorward_core::policy::{PathMatch, Rule, Way};
use doorward_core::site::SiteId;
use doorward_core::testkit::frozen_call;
use serde_json::{Value, json};

use super::{HEADER, KEY, sign};
use crate::support::{Answer, Ask, PASSWORD, Person, Stage, World};

const TOKEN: &str = "/wp-json/jwt-auth/v1/token";
const VALIDATE: &str = "/wp-json/jwt-auth/v1/token/validate";
const OTHER: &str = "/wp-json/wp/v2/users/me";

fn config(edition: &str) -> Value {
    json!({"edition": edition, "constants": {"JWT_AUTH_SECRET_KEY": KEY}})
}

fn stage(config: Value) -> Stage {
    Stage::of("jwt_auth", config)
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp())
        .person(Person::new(6, "eve").status(Status::Banned))
}

fn login(name: &str, password: &str) -> Ask {
    Ask::post(TOKEN).json(&json!({"username": name, "password": password}).to_string())
}

fn token(world: &World) -> String {
    let answer = world.ask(login("ann", PASSWORD));
    assert_eq!(answer.status, 200, "{}", answer.line());
    answer.text("/token")
}

fn signed(id: &Value, exp: &Value) -> String {
    let payload = json!({"iss": "http://wire.example", "exp": exp, "data": {"user": {"id": id}}});
    sign(KEY, HEADER, &payload.to_string())
}

fn code(answer: &Answer) -> String {
    answer.text("/code")
}

#[test]
fn wordpress_is_around_every_answer() {
    let world = World::new(stage(config("tmeister")));
    let body = format!(r#"{{"username":"ann","password":"{PASSWORD}"}}"#);
    let form = format!("username=ann&password={}", PASSWORD.replace(' ', "+"));
    for ask in [
        Ask::post(TOKEN).json(&body),
        Ask::post("/wp-json/JWT-Auth/v1/TOKEN/").json(&body),
        Ask::post("/?rest_route=/jwt-auth/v1/token").json(&body),
        Ask::post("/index.php?rest_route=%2Fjwt-auth%2Fv1%2Ftoken").form(&form),
        Ask::post("/index.php/wp-json/jwt-auth/v1/token").form(&form),
        Ask::post("/").form(&format!("rest_route=/jwt-auth/v1/token&{form}")),
        Ask::get(&format!("{TOKEN}?_method=post&{form}")),
        Ask::new("PUT", TOKEN).header("X-HTTP-Method-Override", "POST").form(&form),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!((answer.status, answer.text("/user_email").as_str()), (200, "ann@example.com"), "{ask:?} {}", answer.line());
        assert_eq!(answer.header("allow"), "POST");
        assert_eq!(answer.header("x-robots-tag"), "noindex");
        assert_eq!(answer.header("link"), r#"<http://wire.example/wp-json/>; rel="https://api.w.org/""#);
    }
    for (ask, status, expected) in [
        (Ask::get(TOKEN), 404, "rest_no_route"),
        (Ask::post(TOKEN).header("X-HTTP-Method-Override", "PUT").json(&body), 404, "rest_no_route"),
        (Ask::post("/wp-json/jwt-auth/v1/nope").json("{}"), 404, "rest_no_route"),
        (Ask::post(TOKEN).json("{"), 400, "rest_invalid_json"),
        (Ask::post(TOKEN).body("text/plain", body.as_bytes()), 403, "[jwt_auth] empty_username"),
        (Ask::post(&format!("{TOKEN}?_jsonp=a()")).json(&body), 400, "rest_callback_invalid"),
    ] {
        let answer = world.ask(ask.clone());
        assert_eq!((answer.status, code(&answer).as_str()), (status, expected), "{ask:?}");
        // The route was found before its body was no JSON.
        assert_eq!(answer.header("allow"), if expected == "rest_invalid_json" { "POST" } else { answer.header("allow") });
    }
    for path in [TOKEN, VALIDATE] {
        let answer = world.ask(Ask::post(path).json("{"));
        assert_eq!((answer.status, answer.header("allow")), (400, "POST"), "{path}");
        let wrapped = world.ask(Ask::post(&format!("{path}?_envelope=1")).json("{"));
        assert_eq!((wrapped.status, wrapped.text("/headers/Allow").as_str(), wrapped.header("allow")), (200, "POST", ""), "{path}");
    }
}

#[test]
fn a_login_name_is_found_by_its_letters_without_accents() {
    for edition in ["tmeister", "disciple_tools"] {
        let world = World::new(stage(config(edition)).person(Person::new(7, "jos\u{e9}").nicename("jose")));
        for name in ["jose", "JOSE", "jos\u{e9}", "jos\u{ea}"] {
            let answer = world.ask(login(name, PASSWORD));
            assert_eq!((answer.status, answer.text("/user_email").as_str()), (200, "jos\u{e9}@example.com"), "{name}");
            assert_eq!(code(&world.ask(login(name, "no"))), "[jwt_auth] incorrect_password", "{name}");
        }
        assert_eq!(code(&world.ask(login("josephine", PASSWORD))), "[jwt_auth] invalid_username");
        // Of two who look alike, only who is called so is meant.
        let two = stage(config(edition))
            .person(Person::new(7, "jos\u{e9}").nicename("jose"))
            .person(Person::new(8, "jos\u{ea}").nicename("jose"));
        let world = World::new(two);
        assert_eq!(code(&world.ask(login("jose", PASSWORD))), "[jwt_auth] invalid_username");
        assert_eq!(world.ask(login("jos\u{ea}", PASSWORD)).text("/user_email"), "jos\u{ea}@example.com");
    }
}

#[test]
fn a_form_to_the_front_page_is_judged_by_the_route_it_names() {
    let shut = Rule::new("site.users", PathMatch::Prefix, "/wp-json/wp/v2/users", &[Way::Bearer]);
    let world = World::new(stage(config("tmeister")).rule(shut));
    for (uri, form) in
        [("/", "rest_route=/wp/v2/users"), ("/index.php", "rest_route=%2Fwp%2Fv2%2Fusers&x=1"), ("/?x=1", "rest_route=wp/v2/users")]
    {
        let answer = world.ask(Ask::post(uri).form(form));
        assert_eq!((answer.status, code(&answer).as_str()), (401, "rest_not_logged_in"), "{uri} {form}");
    }
    // Two routes in one request, and one that is no plain path, are nobody's.
    for (uri, form) in [("/?rest_route=/wp/v2/posts", "rest_route=/wp/v2/users"), ("/", "rest_route=/wp/v2/../users")] {
        assert_eq!(world.ask(Ask::post(uri).form(form)).status, 403, "{uri} {form}");
    }
    assert_eq!(world.upstream.arrived().len(), 0);
    assert_eq!(world.ask(Ask::post("/").form("rest_route=/wp/v2/posts&title=x")).status, 200);
    let heard = world.upstream.arrived();
    assert_eq!((heard.len(), heard[0].body.as_str()), (1, "rest_route=/wp/v2/posts&title=x"));
}

#[test]
fn a_bad_bearer_blocks_the_plugin_and_is_nothing_to_the_fork() {
    let expired = signed(&json!("4"), &json!(1));
    let foreign = sign("another-secret-0123456789abcdef", HEADER, r#"{"iss":"http://wire.example","data":{"user":{"id":"4"}}}"#);
    for (edition, status) in [("tmeister", 403), ("disciple_tools", 200)] {
        let world = World::new(stage(config(edition)));
        for token in [expired.as_str(), foreign.as_str(), "garbage", "a.b", ""] {
            let bearer = format!("Bearer {token}");
            for ask in [login("ann", PASSWORD), Ask::get(OTHER), Ask::post("/?rest_route=/wp/v2/posts").form("title=x")] {
                assert_eq!(world.ask(ask.clone().auth(&bearer)).status, status, "{edition} {token} {ask:?}");
            }
        }
        assert!(world.upstream.arrived().iter().all(|h| h.header("x-doorward-user-id").is_none()), "{edition}");
        let other_site = sign(KEY, HEADER, r#"{"iss":"http://other.example","data":{"user":{"id":"4"}}}"#);
        let answer = world.ask(Ask::get(OTHER).auth(&format!("Bearer {other_site}")));
        assert_eq!((answer.status, code(&answer).as_str()), (403, "jwt_auth_bad_iss"), "{edition}");
    }
}

#[test]
fn a_signed_token_that_names_nobody_lets_nobody_in() {
    for edition in ["tmeister", "disciple_tools"] {
        let shut = Rule::new("site.shut", PathMatch::Prefix, "/wp-json/shut", &[Way::Bearer]);
        let world = World::new(stage(config(edition)).rule(shut));
        for id in [json!("99"), json!("4abc"), json!(""), json!(0), json!([4]), json!(true)] {
            let bearer = format!("Bearer {}", signed(&id, &json!(9_999_999_999_i64)));
            assert_eq!(world.ask(Ask::post(VALIDATE).auth(&bearer)).status, 200, "{edition} {id}");
            assert_eq!(world.ask(Ask::get(OTHER).auth(&bearer)).status, 200, "{edition} {id}");
            assert_eq!(world.ask(Ask::get("/wp-json/shut").auth(&bearer)).status, 401, "{edition} {id}");
        }
        assert!(world.upstream.arrived().iter().all(|h| h.header("x-doorward-user-id").is_none()), "{edition}");
    }
}

#[test]
fn a_banned_accounts_token_is_not_valid_and_an_ended_session_neither() {
    let world = World::new(stage(config("tmeister")));
    let eve = format!("Bearer {}", signed(&json!("6"), &json!(9_999_999_999_i64)));
    let answer = world.ask(Ask::post(VALIDATE).auth(&eve));
    assert_eq!((answer.status, answer.text("/message").as_str()), (403, "Expired token"));
    let mine = format!("Bearer {}", token(&world));
    assert_eq!(world.ask(Ask::post(VALIDATE).auth(&mine)).status, 200);
    let call = frozen_call(world.now(), 9);
    world.run(sign_out_everywhere(&world.house, &call, SiteId(1), 4)).unwrap();
    for ask in [Ask::post(VALIDATE), Ask::get(OTHER), login("ann", PASSWORD)] {
        let answer = world.ask(ask.clone().auth(&mine));
        assert_eq!((answer.status, answer.text("/message").as_str()), (403, "Expired token"), "{ask:?}");
    }
}

#[test]
fn shapes_that_killed_the_original_are_refused() {
    let world = World::new(stage(config("tmeister")));
    for (body, expected) in [
        (json!({"username": "ann", "password": ["x"]}), "[jwt_auth] empty_password"),
        (json!({"username": "ann", "password": {"a": "x"}}), "[jwt_auth] empty_password"),
        (json!({"username": ["ann"], "password": "x"}), "[jwt_auth] empty_username"),
        (json!({"username": {"a": 1}, "password": []}), "[jwt_auth] empty_username"),
    ] {
        let answer = world.ask(Ask::post(TOKEN).json(&body.to_string()));
        assert_eq!((answer.status, code(&answer).as_str()), (403, expected), "{body}");
    }
    for alg in [r#"["HS256"]"#, r#"{"HS256":1}"#, "256", "true"] {
        let header = format!(r#"{{"typ":"JWT","alg":{alg}}}"#);
        let token = sign(KEY, &header, r#"{"iss":"http://wire.example","data":{"user":{"id":"4"}}}"#);
        for ask in [Ask::post(VALIDATE), Ask::get(OTHER)] {
            let answer = world.ask(ask.auth(&format!("Bearer {token}")));
            assert_eq!((answer.status, answer.text("/message").as_str()), (403, "Algorithm not supported"), "{alg}");
        }
    }
}

#[test]
fn a_private_key_signs_tokens_that_can_be_checked() {
    let der = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", data_encoding::BASE64.encode(der.as_ref()));
    let config = json!({"edition": "tmeister", "constants": {"JWT_AUTH_SECRET_KEY": pem}, "filters": {"jwt_auth_algorithm": "ES256"}});
    let world = World::new(stage(config));
    let jwt = token(&world);
    let header = data_encoding::BASE64URL_NOPAD.decode(jwt.split('.').next().unwrap().as_bytes()).unwrap();
    assert_eq!(String::from_utf8(header).unwrap(), r#"{"typ":"JWT","alg":"ES256"}"#, "no key is named, as in the plugin");
    let bearer = format!("Bearer {jwt}");
    assert_eq!(world.ask(Ask::post(VALIDATE).auth(&bearer)).status, 200);
    assert_eq!(world.ask(Ask::get(OTHER).auth(&bearer)).status, 200);
    assert_eq!(world.upstream.arrived().last().unwrap().header("x-doorward-user-id"), Some("4"));
}

#[test]
fn one_setting_hides_who_is_known() {
    let mut hidden = config("tmeister");
    hidden["uniform_errors"] = json!(true);
    let world = World::new(stage(hidden));
    let lines: Vec<String> =
        [("ann", "wrong"), ("nobody", "wrong"), ("ann@example.com", "wrong"), ("no@example.com", "wrong"), ("eve", PASSWORD)]
            .iter()
            .map(|(name, password)| world.ask(login(name, password)).line())
            .collect();
    assert!(lines.iter().all(|line| *line == lines[0] && line.contains("[jwt_auth] authentication_failed")), "{lines:#?}");
    let world = World::new(stage(config("tmeister")));
    for (name, expected) in [
        ("ann", "[jwt_auth] incorrect_password"),
        ("nobody", "[jwt_auth] invalid_username"),
        ("ann@example.com", "[jwt_auth] incorrect_password"),
        ("no@example.com", "[jwt_auth] invalid_email"),
        ("<b>ann</b>", "[jwt_auth] incorrect_password"),
        ("eve", "[jwt_auth] incorrect_password"),
    ] {
        assert_eq!(code(&world.ask(login(name, if name == "eve" { PASSWORD } else { "wrong" }))), expected, "{name}");
    }
    let markup = world.ask(login("a&b \"c\" 'd'", "wrong")).text("/message");
    assert!(markup.contains("<strong>a&amp;b &quot;c&quot; &#039;d&#039;</strong>"), "{markup}");
}

#[test]
fn a_second_factor_is_asked_for_in_the_plugins_shape() {
    let world = World::new(stage(config("tmeister")));
    let answer = world.ask(login("bob", PASSWORD));
    assert_eq!((answer.status, code(&answer).as_str()), (403, "[jwt_auth] second_factor_due"));
}

#[test]
fn what_wordpress_echoes_to_origins_is_the_sites_list_where_it_has_one() {
    let ask = |world: &World, origin: &str| {
        let answer = world.ask(login("ann", "wrong").header("Origin", origin));
        (answer.header("access-control-allow-origin").to_owned(), answer.header("access-control-allow-credentials").to_owned())
    };
    let open = World::new(stage(config("tmeister")));
    assert_eq!(ask(&open, "https://app.example"), ("https://app.example".into(), "true".into()));
    let listed = World::new(stage(config("tmeister")).origins(&["https://app.example"]));
    assert_eq!(ask(&listed, "https://app.example"), ("https://app.example".into(), String::new()));
    assert_eq!(ask(&listed, "https://evil.example"), (String::new(), String::new()));
}

/// `abcd EFGH 1234 ijkl MNOP 5678`, as WordPress 6.8 keeps it.
const APPLICATION: &str = "$generic$F6W18u0QEytvRVb59DemVWRxyTxU6vg_VK0s_f-h";

#[test]
fn application_passwords_log_in_where_they_are_offered() {
    let with = |offered: bool| {
        let mut config = config("tmeister");
        config["options"] = json!({"using_application_passwords": "1"});
        config["filters"] = json!({"wp_is_application_passwords_available": offered});
        let world = World::new(stage(config));
        let meta = json!({"_application_passwords": [{"uuid": "u", "name": "phone", "password": APPLICATION}]}).to_string();
        world.run(world.house.work(move |desk| desk.set_meta(SiteId(1), 4, &meta))).unwrap();
        world
    };
    let (on, off) = (with(true), with(false));
    for (name, password) in [("ann", "abcd EFGH 1234 ijkl MNOP 5678"), ("ann@example.com", "abcdEFGH1234ijklMNOP5678"), ("ann", PASSWORD)] {
        assert_eq!(on.ask(login(name, password)).status, 200, "{name} {password}");
        let here = if password == PASSWORD { 200 } else { 403 };
        assert_eq!(off.ask(login(name, password)).status, here, "{name} {password}");
    }
    let disabled = "[jwt_auth] application_passwords_disabled";
    for (name, password, when_on, when_off) in [
        ("ann", "wrong", "[jwt_auth] incorrect_password", disabled),
        ("eve", "abcdEFGH1234ijklMNOP5678", "[jwt_auth] incorrect_password", disabled),
        ("nobody", "x", "[jwt_auth] invalid_username", "[jwt_auth] invalid_username"),
        ("no@example.com", "x", "[jwt_auth] invalid_email", "[jwt_auth] invalid_email"),
        ("", "", "[jwt_auth] invalid_username", "[jwt_auth] invalid_username"),
    ] {
        assert_eq!(code(&on.ask(login(name, password))), when_on, "{name}");
        assert_eq!(code(&off.ask(login(name, password))), when_off, "{name}");
    }
    // A second factor is asked for whatever the password was.
    let meta = json!({"_application_passwords": [{"password": APPLICATION}]}).to_string();
    on.run(on.house.work(move |desk| desk.set_meta(SiteId(1), 5, &meta))).unwrap();
    assert_eq!(code(&on.ask(login("bob", "abcdEFGH1234ijklMNOP5678"))), "[jwt_auth] second_factor_due");
}

#[test]
fn a_site_that_shares_its_table_keeps_wordpresss_format() {
    for (rehash, expected) in [("argon2id", "$argon2id$"), ("wordpress", "$wp$2y$10$")] {
        let mut config = config("tmeister");
        config["rehash"] = json!(rehash);
        let world = World::new(stage(config));
        assert_eq!(world.ask(login("ann", PASSWORD)).status, 200);
        let stored = world.run(world.house.look(|desk| desk.password(SiteId(1), 4))).unwrap().unwrap();
        assert!(stored.starts_with(expected), "{rehash}: {stored}");
        let pad = world.run(world.house.look(|desk| desk.pad(SiteId(1)))).unwrap();
        assert_eq!(pad.contains("bcrypt:10"), rehash == "wordpress", "{pad}");
        assert_eq!(world.ask(login("ann", PASSWORD)).status, 200);
        assert_eq!(world.run(world.house.look(|desk| desk.password(SiteId(1), 4))).unwrap().unwrap(), stored, "{rehash}");
    }
}

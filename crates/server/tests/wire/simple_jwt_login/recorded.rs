//! The editions `v3` and `v4`: what they share with the plugin is replayed (`tests/replay`); here is what must hold under parallel
//! use, and where Doorward answers safer than the original.

use serde_json::{Value, json};

use super::{AUTH, HEADER, KEY, NO_ROUTE, REFRESH, REVOKE, VALIDATE, sign};
use crate::support::{Answer, Ask, PASSWORD, Person, Stage, World};

const USERS: &str = "/wp-json/simple-jwt-login/v1/users";
const RESET: &str = "/wp-json/simple-jwt-login/v1/user/reset_password";
const AUTOLOGIN: &str = "/wp-json/simple-jwt-login/v1/autologin";
const TWO: &str = "/wp-json/simple-jwt-login/v1/auth/2fa";
const KEYS: &str = "/wp-json/simple-jwt-login/v1/api-keys";
const REVOKED: &str = "/wp-json/simple-jwt-login/v1/revoked-tokens";
const ME: &str = "/wp-json/wp/v2/users/me";

/// A site of 4.x, changed by these members: paths with dots.
pub(crate) fn v4(changes: &[(&str, Value)]) -> Stage {
    let mut option = json!({
        "_schema_version": 2,
        "general": {"decryption_key": KEY, "jwt_algorithm": "HS256"},
        "login": {"login_by": 0, "login_by_parameter": "email"},
        "authorization": {"enabled": "1", "jwt_payload": ["exp", "email", "id"], "ttl": "60", "refresh_ttl": "60",
            "refresh_token_enabled": "1", "validate_token_enabled": "1", "revoke_token_enabled": "1"}
    });
    for (path, value) in changes {
        let mut at = &mut option;
        for part in path.split('.') {
            at = &mut at[part];
        }
        *at = value.clone();
    }
    site(json!({"edition": "v4", "settings": option}))
}

/// A site of 3.x.
pub(crate) fn v3(changes: Value) -> Stage {
    let mut option = json!({
        "allow_authentication": "1", "jwt_payload": ["iat", "exp", "id"], "jwt_auth_ttl": "60", "decryption_key": KEY,
        "jwt_login_by": 0, "jwt_login_by_parameter": "email"
    });
    if let (Value::Object(option), Value::Object(changes)) = (&mut option, changes) {
        option.extend(changes);
    }
    site(json!({"edition": "v3", "settings": option}))
}

fn site(config: Value) -> Stage {
    Stage::of("simple_jwt_login", config)
        .person(Person::new(4, "ann"))
        .person(Person::new(5, "bob").totp())
        .person(Person::new(6, "cyd").role("administrator", 10))
}

fn login(name: &str) -> Ask {
    Ask::post(AUTH).json(&json!({"username": name, "password": PASSWORD}).to_string())
}

pub(crate) fn word(answer: &Answer) -> (u16, u64) {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    let data = &body["data"];
    (answer.status, data["error_code"].as_u64().or_else(|| data["errorCode"].as_u64()).unwrap_or(999))
}

fn token_of(name: &str, world: &World) -> String {
    let now = world.now().0;
    sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"{name}@example.com"}}"#, now + 600))
}

fn bearer(ask: Ask, token: &str) -> Ask {
    ask.auth(&format!("Bearer {token}"))
}

#[test]
fn a_refresh_token_buys_one_successor_and_dies_with_the_password_or_a_revocation() {
    let world = World::new(v4(&[]));
    let first = world.ask(login("ann")).text("/data/refresh_token");
    let refresh = |token: &str| Ask::post(REFRESH).json(&json!({"refresh_token": token}).to_string());
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ways: Vec<_> = (0..8).map(|_| scope.spawn(|| world.ask(refresh(&first)))).collect();
        ways.into_iter().map(|way| way.join().unwrap()).collect()
    });
    let good: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(good.len(), 1);
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| word(a) == (401, 51)));
    // Two tabs of one browser: the session goes on. Later it is a copy, and ends it.
    let second = good[0].text("/data/refresh_token");
    let third = world.ask(refresh(&second));
    assert_eq!(third.status, 200, "{}", third.line());
    world.pass(30);
    assert_eq!(word(&world.ask(refresh(&first))), (401, 51));
    assert_eq!(word(&world.ask(refresh(&third.text("/data/refresh_token")))), (401, 51));

    let again = world.ask(login("ann"));
    let (jwt, token) = (again.text("/data/jwt"), again.text("/data/refresh_token"));
    assert_eq!(world.ask(bearer(Ask::post(REVOKE), &jwt)).status, 200);
    assert_eq!(word(&world.ask(refresh(&token))), (401, 51));
}

#[test]
fn two_steps_buy_one_login() {
    let world = World::new(v4(&[("integrations.3rdparty.two_factor", json!({"enabled": true}))]));
    let first = world.ask(login("bob"));
    assert_eq!((first.status, first.text("/data/provider").as_str()), (200, "Two_Factor_Totp"));
    let interim = first.text("/data/jwt");
    for ask in [Ask::get(VALIDATE), Ask::post(REVOKE)] {
        assert_eq!(word(&world.ask(bearer(ask, &interim))), (500, 110));
    }
    let second = |code: &str| bearer(Ask::post(TWO).json(&json!({"code": code}).to_string()), &interim);
    assert_eq!(word(&world.ask(second("000000"))), (500, 109));
    let code = world.totp();
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let ways: Vec<_> = (0..6).map(|_| scope.spawn(|| world.ask(second(&code)).status)).collect();
        ways.into_iter().map(|way| way.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(word(&world.ask(second(&world.totp()))), (500, 107));
    assert_eq!(world.ask(login("ann")).status, 200);
}

#[test]
fn without_its_second_step_an_account_with_two_factors_does_not_come_in() {
    for world in [World::new(v4(&[])), World::new(v3(json!({})))] {
        assert_eq!(word(&world.ask(login("bob"))).1, 48);
        assert_eq!(word(&world.ask(Ask::post(TWO).json("{}"))).0, if world.ask(Ask::get(KEYS)).status == 404 { 404 } else { 403 });
    }
}

#[test]
fn who_leaves_is_gone_with_every_token_and_the_name_is_free_again() {
    let on = json!({"enabled": true, "auth_code": false});
    let world = World::new(v4(&[("delete_user", on.clone()), ("register", on)]));
    let answer = world.ask(login("ann"));
    let (jwt, refresh) = (answer.text("/data/jwt"), answer.text("/data/refresh_token"));
    world.ask(bearer(Ask::new("DELETE", USERS), &jwt)).is(200, r#"{"success":true,"data":{"message":"User was successfully deleted."}}"#);
    assert_eq!(word(&world.ask(bearer(Ask::get(VALIDATE), &jwt))), (404, 24));
    assert_eq!(word(&world.ask(Ask::post(REFRESH).json(&json!({"refresh_token": refresh}).to_string()))), (401, 51));
    let body = json!({"email": "ann@example.com", "password": "Another-1", "role": "administrator", "ID": 6}).to_string();
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ways: Vec<_> = (0..6).map(|_| scope.spawn(|| world.ask(Ask::post(USERS).json(&body)))).collect();
        ways.into_iter().map(|way| way.join().unwrap()).collect()
    });
    let made: Vec<&Answer> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!((made.len(), made[0].text("/data/id").as_str(), made[0].text("/data/roles/0").as_str()), (1, "7", "subscriber"));
    assert!(answers.iter().filter(|a| a.status != 200).all(|a| word(a) == (409, 38)));
}

#[test]
fn nobody_is_registered_or_reset_to_an_empty_password() {
    let world = World::new(v3(json!({"allow_register": true, "require_register_auth": false, "allow_reset_password": true,
        "reset_password_jwt": true, "auth_password_base64": true})));
    let made = world.ask(Ask::post(USERS).json(r#"{"email":"new@example.com","password":""}"#));
    assert_eq!(made.status, 200, "{}", made.line());
    let login = world.ask(Ask::post(AUTH).json(r#"{"email":"new@example.com","password":""}"#));
    assert_eq!(word(&login), (400, 48));
    let token = token_of("ann", &world);
    let change = Ask::new("PUT", RESET).json(r#"{"email":"ann@example.com","new_password":"***"}"#);
    assert_eq!(word(&world.ask(bearer(change, &token))), (400, 63));
}

#[test]
fn what_is_no_password_changes_none_and_spends_no_code() {
    let on = json!({"enabled": true, "flow": 1, "return_jwt": true});
    let four =
        |base64: bool| super::letters::world(v4(&[("reset_password", on.clone()), ("authorization.password_base64", json!(base64))]));
    let three = |base64: bool| {
        let option = json!({"allow_reset_password": true, "jwt_reset_password_flow": 1, "reset_password_jwt": true});
        let mut stage = v3(option);
        stage.dialects[0].1["settings"]["auth_password_base64"] = json!(base64);
        super::letters::world(stage)
    };
    for ((world, letters), base64, [wrong, none]) in [
        (four(false), false, [(422, 62), (422, 61)]),
        (four(true), true, [(422, 63), (422, 63)]),
        (three(false), false, [(400, 62), (400, 61)]),
        (three(true), true, [(400, 62), (400, 63)]),
    ] {
        let is_v4 = wrong.0 == 422;
        assert_eq!(world.ask(Ask::post(RESET).json(r#"{"email":"ann@example.com"}"#)).status, 200);
        let letter = super::letters::take(&world, &letters).pop().unwrap();
        let code = letter.body.split("&key=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let put = |with: Value| {
            let mut body = json!({"email": "ann@example.com"});
            body.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
            Ask::new("PUT", RESET).json(&body.to_string())
        };
        let token = token_of("ann", &world);
        let shapes = [json!(["x"]), json!({"a": "x"}), json!([["x"]])];
        for shape in shapes.into_iter().chain((!is_v4).then(|| json!("<b>"))) {
            let said = |ask: Ask| word(&world.ask(ask));
            assert_eq!(said(put(json!({"new_password": shape, "code": "AAAAAAAAAAAAAAAAAAAA"}))), wrong, "{shape}");
            assert_eq!(said(put(json!({"new_password": shape, "code": code}))), none, "{shape}");
            assert_eq!(said(bearer(put(json!({"new_password": shape})), &token)), none, "{shape}");
            let form = format!("email=ann@example.com&code={code}&new_password[]=x");
            assert_eq!(said(Ask::new("PUT", RESET).form(&form)), none);
        }
        let log_in = |password: &str| world.ask(Ask::post(AUTH).json(&json!({"username": "ann", "password": password}).to_string())).status;
        let spelled = |password: &str| if base64 { data_encoding::BASE64.encode(password.as_bytes()) } else { password.to_owned() };
        assert_eq!(log_in(&spelled(PASSWORD)), 200, "nothing has changed");
        for guessed in ["Array", "", "x"] {
            assert!(log_in(&spelled(guessed)) >= 400, "{guessed}");
        }
        assert_eq!(world.ask(put(json!({"new_password": spelled("Another-1"), "code": code}))).status, 200, "the code is still good");
    }
}

#[test]
fn a_code_of_a_stranger_and_a_code_of_nobody_are_wrong_alike() {
    let world = World::new(v4(&[("reset_password", json!({"enabled": true}))]));
    let kept = world.ask(Ask::post(RESET).json(r#"{"email":"ann@example.com"}"#));
    kept.is(200, r#"{"success":true,"data":{"message":"The Code has been saved into the database."}}"#);
    for email in ["ann@example.com", "cyd@example.com", "nobody@example.com"] {
        let change = json!({"email": email, "code": "AAAAAAAAAAAAAAAAAAAA", "new_password": "x"}).to_string();
        assert_eq!(word(&world.ask(Ask::new("PUT", RESET).json(&change))), (422, 62), "{email}");
    }
}

#[test]
fn a_browser_session_names_its_owner_on_the_own_site_alone() {
    let world = World::new(v4(&[("login.enabled", json!(true))]));
    let token = token_of("ann", &world);
    let answer = world.ask(Ask::get(&format!("{AUTOLOGIN}?JWT={token}")));
    assert_eq!((answer.status, answer.header("location")), (302, "http://wire.example/wp-admin/"));
    let lines: Vec<&String> = answer.headers.iter().filter(|(name, _)| name == "set-cookie").map(|(_, value)| value).collect();
    assert!(lines.len() == 3 && lines.iter().all(|l| l.contains("HttpOnly; SameSite=Lax")), "{lines:?}");
    let cookie = lines[2].split(';').next().unwrap().to_owned();
    let told = |ask: Ask| {
        assert_eq!(world.ask(ask.header("cookie", &cookie)).status, 200);
        world.upstream.last().header("x-doorward-user-id").map(str::to_owned)
    };
    assert_eq!(told(Ask::get("/wp-admin/")).as_deref(), Some("4"));
    assert_eq!(told(Ask::get(ME)).as_deref(), Some("4"));
    assert_eq!(told(Ask::post(ME)), None);
    assert_eq!(told(Ask::post(ME).header("origin", "http://wire.example")).as_deref(), Some("4"));
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site"), ("origin", "null")] {
        assert_eq!(told(Ask::get(ME).header(name, value)), None, "{name}");
    }
    world.pass(3 * 24 * 3600);
    assert_eq!(told(Ask::get(ME)), None);
}

#[test]
fn a_redirect_leads_to_no_script() {
    let world = World::new(v4(&[("login", json!({"enabled": true, "login_by_parameter": "email", "allow_redirect_parameter": true}))]));
    for (to, expected) in [
        ("https%3A%2F%2Fapp.example%2F", "https://app.example/"),
        ("javascript%3Aalert(1)", "http://wire.example/wp-admin/"),
        ("%2Fhello", "/hello"),
        ("data%3Ax", "http://wire.example/wp-admin/"),
    ] {
        let answer = world.ask(Ask::get(&format!("{AUTOLOGIN}?JWT={}&redirectUrl={to}", token_of("ann", &world))));
        assert_eq!(answer.header("location"), expected, "{to}");
    }
}

#[test]
fn keys_reach_what_their_permissions_say_and_no_further() {
    let world = World::new(v4(&[("api_keys", json!({"enabled": true}))]));
    assert_eq!(world.ask(Ask::get(KEYS)).status, 401);
    let own = world.ask(bearer(Ask::get(KEYS), &token_of("ann", &world)));
    assert_eq!((own.status, own.value()["data"]["total"].clone()), (200, json!(0)), "everybody has a list of their own");
    let admin = token_of("cyd", &world);
    let made = world.ask(bearer(Ask::post(KEYS).json(r#"{"name":"k","permissions":["read"]}"#), &admin));
    assert_eq!(made.status, 200, "{}", made.line());
    let key = made.text("/data/key");
    assert_eq!(world.ask(Ask::get(ME).header("x-api-key", &key)).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("6"));
    for ask in [Ask::post(ME), Ask::new("DELETE", ME), Ask::new("PUT", ME)] {
        assert_eq!(word(&world.ask(ask.header("x-api-key", &key))), (401, 84));
    }
    assert_eq!(word(&world.ask(Ask::get("/wp-json/wp/v2/posts").header("x-api-key", "sjl_0000"))), (401, 84));
    assert_eq!(world.ask(bearer(Ask::post(&format!("{KEYS}/1/revoke")), &admin)).status, 200);
    assert_eq!(word(&world.ask(Ask::get(ME).header("x-api-key", &key))), (401, 84));
}

#[test]
fn a_revocation_is_taken_back_by_the_number_in_the_path_alone() {
    let world = World::new(v4(&[]));
    let (jwt, admin) = (world.ask(login("ann")).text("/data/jwt"), token_of("cyd", &world));
    assert_eq!(world.ask(bearer(Ask::post(REVOKE), &jwt)).status, 200);
    assert_eq!(word(&world.ask(bearer(Ask::get(VALIDATE), &jwt))), (401, 55));
    assert_eq!(word(&world.ask(bearer(Ask::get(REVOKED), &token_of("ann", &world)))), (500, 115));
    assert_eq!(word(&world.ask(bearer(Ask::new("DELETE", &format!("{REVOKED}/9?id=1")), &admin))), (500, 116));
    assert_eq!(world.ask(bearer(Ask::new("DELETE", &format!("{REVOKED}/1")), &admin)).status, 200);
    assert_eq!(world.ask(bearer(Ask::get(VALIDATE), &jwt)).status, 200);
}

#[test]
fn a_clients_own_headers_do_not_choose_its_address() {
    for stage in [
        v4(&[("authorization.ip_whitelist", json!("10.9.8.7")), ("general.security", json!({"trust_ip_headers": true}))]),
        v3(json!({"auth_ip": "10.9.8.7"})),
    ] {
        let world = World::new(stage);
        for name in ["client-ip", "x-forwarded-for"] {
            assert_eq!(word(&world.ask(login("ann").header(name, "10.9.8.7"))).1, 41, "{name}");
        }
    }
}

#[test]
fn no_client_plants_a_claim() {
    let world = World::new(v3(json!({"jwt_login_by_parameter": "email"})));
    let planted = r#"{"email":"cyd@example.com","exp":9999999999,"iss":"x","tfa_pending":1,"foo":"bar"}"#;
    let ask = Ask::post(AUTH).json(&json!({"username": "ann", "password": PASSWORD, "payload": planted}).to_string());
    let token = world.ask(ask).text("/data/jwt");
    let payload = data_encoding::BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!(claims.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(), ["foo", "iat", "exp", "id"]);
}

#[test]
fn the_session_source_breaks_nothing_and_odd_shapes_kill_nobody() {
    for stage in [v4(&[("general.request_jwt_session", json!(1))]), v3(json!({"request_jwt_session": 1}))] {
        let world = World::new(stage);
        let token = token_of("ann", &world);
        assert_eq!(world.ask(bearer(Ask::get(VALIDATE), &token)).status, 200);
        let now = world.now().0;
        for payload in [
            format!(r#"{{"email":["ann@example.com"],"exp":{}}}"#, now + 60),
            r#"{"email":"ann@example.com","exp":"soon"}"#.to_owned(),
            r#"{"email":"ann@example.com","exp":{}}"#.to_owned(),
        ] {
            let answer = world.ask(bearer(Ask::get(VALIDATE), &sign(KEY, HEADER, &payload)));
            assert!(answer.body.contains(r#""success":false"#), "{}", answer.line());
        }
        for body in [r#"{"email":["a@b.cd"],"password":"x"}"#, r#"{"email":{"a":1},"password":["x"]}"#] {
            for path in [AUTH, USERS, RESET] {
                assert!(world.ask(Ask::post(path).json(body)).body.contains("success"), "{path} {body}");
            }
        }
    }
}

#[test]
fn a_preflight_to_a_protected_endpoint_is_answered_and_the_request_is_not() {
    let world = World::new(v4(&[("protect_endpoint", json!({"enabled": 1, "default_action": "protect_all"}))]));
    let preflight = Ask::new("OPTIONS", ME).header("origin", "https://app.example").header("access-control-request-method", "GET");
    assert!((200..300).contains(&world.ask(preflight).status));
    assert_eq!(word(&world.ask(Ask::get(ME))), (401, 75));
    assert_eq!(world.ask(bearer(Ask::get(ME), &token_of("ann", &world))).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
}

#[test]
fn another_issuers_tokens_are_its_keys_business_alone() {
    let rule = json!({"rules": [{"condition_type": "iss", "condition_operator": "equals", "condition_value": "https://idp.example",
        "algorithm": "HS256", "decryption_key": "another-issuers-own-key"}]});
    let world = World::new(v4(&[("jwt_rules", rule), ("general.api_middleware", json!({"enabled": true}))]));
    let payload = |iss: &str| format!(r#"{{"email":"ann@example.com","iss":"{iss}"}}"#);
    for (key, iss, good) in [
        ("another-issuers-own-key", "https://idp.example", true),
        (KEY, "https://idp.example", false),
        ("another-issuers-own-key", "https://other.example", false),
        (KEY, "https://other.example", true),
    ] {
        let token = sign(key, HEADER, &payload(iss));
        for path in [VALIDATE, ME] {
            assert_eq!(world.ask(bearer(Ask::get(path), &token)).status == 200, good, "{iss} {path}");
        }
    }
}

#[test]
fn a_role_that_wordpress_does_not_know_is_shown_as_it_is_given() {
    let on = json!({"enabled": true, "auth_code": false, "new_user_profile": "customer"});
    let world = World::new(v4(&[("register", on)]));
    let made = world.ask(Ask::post(USERS).json(r#"{"email":"new@example.com","password":"x"}"#));
    assert_eq!(made.text("/data/roles/0"), "customer");
    world.ask(Ask::post("/wp-json/simple-jwt-login/v1/register").json("{}")).is(404, NO_ROUTE);
}

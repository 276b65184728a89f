//! What PHP and WordPress make of a request before the plugin sees it, and of values when it does: slashes, shapes, numbers, accents,
//! names. The rules behind the recordings, each with its family.

use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{AUTH, HEADER, KEY, REFRESH, VALIDATE, sign};
use crate::support::{Answer, Ask, PASSWORD, Person, Stage, World};

const USERS: &str = "/wp-json/simple-jwt-login/v1/users";
const RESET: &str = "/wp-json/simple-jwt-login/v1/user/reset_password";
const AUTOLOGIN: &str = "/wp-json/simple-jwt-login/v1/autologin";
const KEYS: &str = "/wp-json/simple-jwt-login/v1/api-keys";
const OAUTH: &str = "/wp-json/simple-jwt-login/v1/oauth/token";
const POSTS: &str = "/wp-json/wp/v2/posts";
const TWO: &str = "/wp-json/simple-jwt-login/v1/auth/2fa";

fn json_ask(method: &str, path: &str, body: &Value) -> Ask {
    Ask::new(method, path).json(&body.to_string())
}

fn token(world: &World, claims: &str) -> String {
    let now = world.now().0;
    sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},{claims}}}"#, now + 600))
}

fn bearer(ask: Ask, token: &str) -> Ask {
    ask.auth(&format!("Bearer {token}"))
}

fn message(answer: &Answer) -> String {
    answer.text("/data/message")
}

fn claims_of(answer: &Answer) -> Value {
    let token = answer.text("/data/jwt");
    let payload = data_encoding::BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    serde_json::from_slice(&payload).unwrap()
}

#[test]
fn what_php_reads_itself_is_slashed_once_and_what_the_plugin_reads_is_not() {
    let registers = json!({"allow_register": true, "require_register_auth": false});
    let open = json!({"enabled": true, "auth_code": false});
    // 4.x adds its own slashes to both; 3.x adds none.
    for world in [World::new(v4(&[("register", open)])), World::new(v3(registers))] {
        let who = |password: &str| json!({"email": "new@example.com", "password": password});
        assert_eq!(world.ask(json_ask("POST", USERS, &who("it's"))).status, 200);
        assert_eq!(world.ask(json_ask("POST", AUTH, &who("it's"))).status, 200);
        assert_eq!(world.ask(Ask::post(AUTH).form("email=new@example.com&password=it%27s")).status, 200);
        assert_eq!(word(&world.ask(Ask::post(&format!("{AUTH}?email=new@example.com&password=it%27s")))).1, 48);
        let part = |name: &str, value: &str| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let parts = format!("{}{}--X--\r\n", part("email", "new@example.com"), part("password", "it's"));
        let multipart = Ask::post(AUTH).body("multipart/form-data; boundary=X", parts.as_bytes());
        assert_eq!(word(&world.ask(multipart)).1, 48);
        // A name is stored without the slashes, wherever it came from.
        let named = "user_login=obrien&display_name=O%27Brien%20%26%20%3Cb%3ECo%3C/b%3E";
        let made = world.ask(Ask::post(&format!("{USERS}?email=o@example.com&password=x&{named}")));
        assert!(made.body.contains(r#""display_name":"O'Brien &amp; Co""#), "{}", made.line());
    }
}

#[test]
fn the_payload_is_cleaned_and_unslashed_before_it_is_read() {
    for (world, is_v4) in [(World::new(v4(&[])), true), (World::new(v3(json!({}))), false)] {
        let with = |payload: Value| {
            let body = json!({"username": "ann", "password": PASSWORD, "payload": payload});
            let Value::Object(mut claims) = claims_of(&world.ask(json_ask("POST", AUTH, &body))) else { panic!("an object") };
            claims.retain(|name, _| !["iat", "exp", "email", "id"].contains(&name.as_str()));
            Value::Object(claims)
        };
        assert_eq!(with(json!(r#"{"a":"x\"y"}"#)), json!({}), "an escaped quote spoils it");
        assert_eq!(with(json!(r#"{"a":"x\/y","b":"\u00e9"}"#)), json!({"a": "x/y", "b": "u00e9"}));
        assert_eq!(with(json!(r#"{"a":"<i>x</i>  y"}"#)), json!({"a": "x y"}));
        assert_eq!(with(json!(r#"[1,"b"]"#)), json!({"0": 1, "1": "b"}));
        assert_eq!(with(json!(r#""text""#)), json!({}));
        let odd = with(json!(r#"{"a":true,"b":[1,null,"x"],"c":{"d":false},"e":{}}"#));
        if is_v4 {
            assert_eq!(odd, json!({"b": {"0": 1, "2": "x"}, "c": [], "e": []}));
            assert_eq!(with(json!([1, {"a": "<b>q</b>"}])), json!({"0": 1, "1": {"a": "q"}}));
        } else {
            assert_eq!(odd, json!({"a": true, "b": [1, null, "x"], "c": {"d": false}, "e": []}));
        }
        let query = format!("{AUTH}?username=ann&password={}&payload=%7B%22a%22%3A%22b%22%7D", PASSWORD.replace(' ', "%20"));
        assert_eq!(claims_of(&world.ask(Ask::post(&query)))["a"], "b");
    }
}

#[test]
fn a_password_that_is_sent_counts_even_if_it_is_empty() {
    let world = World::new(v4(&[("authorization.password_hash_enabled", json!("1"))]));
    for (body, expected) in [
        (json!({"username": "ann", "password": "", "password_hash": "x"}), (401, 48)),
        (json!({"username": "ann", "password_hash": ["x"]}), (500, 0)),
        (json!({"username": "ann", "password_hash": 5}), (500, 0)),
        (json!({"username": "ann", "password": ["x"]}), (500, 0)),
        (json!({"username": "nobody", "password": ["x"]}), (500, 0)),
    ] {
        assert_eq!(word(&world.ask(json_ask("POST", AUTH, &body))), expected, "{body}");
    }
    let told = message(&world.ask(json_ask("POST", AUTH, &json!({"username": "ann", "password_hash": 5}))));
    assert_eq!(told, "hash_equals(): Argument #2 ($user_string) must be of type string, int given");
}

#[test]
fn names_are_compared_without_accents_wherever_they_stand() {
    for world in [World::new(v4(&[])), World::new(v3(json!({})))] {
        for (name, value) in [("username", "Änn"), ("email", "änn@example.com"), ("login", "ánn@example.com")] {
            assert_eq!(world.ask(json_ask("POST", AUTH, &json!({name: value, "password": PASSWORD}))).status, 200, "{name}");
            assert_eq!(word(&world.ask(json_ask("POST", AUTH, &json!({name: value, "password": "no"})))).1, 48, "{name}");
        }
        assert_eq!(world.ask(bearer(Ask::get(VALIDATE), &token(&world, r#""email":"Ánn@example.com""#))).status, 200);
        assert_eq!(word(&world.ask(bearer(Ask::get(VALIDATE), &token(&world, r#""email":"ønn@example.com""#)))).1, 24);
    }
}

#[test]
fn a_login_name_is_found_by_its_letters_without_accents_and_only_by_who_shows_its_password() {
    const USERNAMES: [&str; 3] = ["jose", "JOSE", "jos\u{e8}"];
    let people =
        |stage: Stage| stage.person(Person::new(7, "jos\u{e9}").nicename("jose")).person(Person::new(8, "zo\u{e9}").nicename("zoe-2"));
    let open = json!({"enabled": true, "auth_code": false});
    let changes = [("register", open), ("login.login_by", json!(2)), ("login.login_by_parameter", json!("username"))];
    for (world, is_v4) in [
        (World::new(people(v4(&changes))), true),
        (
            World::new(people(v3(
                json!({"allow_register": true, "require_register_auth": false, "jwt_login_by": 2, "jwt_login_by_parameter": "username"}),
            ))),
            false,
        ),
    ] {
        for name in ["username", "login"] {
            for value in USERNAMES {
                let login = |password: &str| world.ask(json_ask("POST", AUTH, &json!({name: value, "password": password})));
                assert_eq!(claims_of(&login(PASSWORD))["id"], "7", "{name} {value}");
                assert_eq!(word(&login("no")).1, 48, "{name} {value}");
            }
        }
        // No token opens what it does not name, and the name is no other's to take.
        let found = world.ask(bearer(Ask::get(VALIDATE), &token(&world, r#""username":"jose""#)));
        assert_eq!(word(&found).1, 24, "{}", found.line());
        let taken = world.ask(json_ask("POST", USERS, &json!({"email": "new@example.com", "password": "x", "user_login": "jose"})));
        assert_eq!(word(&taken).1, 38, "{is_v4}");
        // Who has another nicename is found to the letter alone; of two who look alike, neither is.
        let login = |name: &str| world.ask(json_ask("POST", AUTH, &json!({"username": name, "password": PASSWORD}))).status;
        assert!(login("zo\u{e9}") == 200 && login("zoe") >= 400 && login("zo\u{eb}") >= 400);
    }
    let two = people(v4(&[])).person(Person::new(9, "jos\u{ea}").nicename("jose"));
    let world = World::new(two);
    let login = |name: &str| word(&world.ask(json_ask("POST", AUTH, &json!({"username": name, "password": PASSWORD})))).1;
    assert_eq!((login("jose"), login("jos\u{e9}"), login("jos\u{ea}")), (48, 999, 999));
}

#[test]
fn a_taken_nicename_gets_a_number_as_wordpress_gives_it() {
    let open = json!({"enabled": true, "auth_code": false});
    let long = "n".repeat(50);
    for (world, is_v4) in [
        (World::new(v4(&[("register", open)])), true),
        (World::new(v3(json!({"allow_register": true, "require_register_auth": false, "jwt_payload": ["iat", "exp", "email"]}))), false),
    ] {
        for (n, (login, nicename, expected)) in [
            ("a.n.n", "", "a-n-n"),
            ("a-n-n", "", "a-n-n-2"),
            ("a n n", "", "a-n-n-3"),
            ("Other", "ANN", "ann-2"),
            ("ann-2", "", "ann-2-2"),
            ("third", "ann", "ann-3"),
            ("@@@", "", ""),
            ("@@", "", "-2"),
            (long.as_str(), "", long.as_str()),
            ("z", long.as_str(), &format!("{}-2", "n".repeat(48))),
        ]
        .into_iter()
        .enumerate()
        {
            let body = json!({"email": format!("n{n}@example.com"), "password": "x", "user_login": login, "user_nicename": nicename});
            let made = world.ask(json_ask("POST", USERS, &body));
            let shown = if is_v4 { "/data/nicename" } else { "/user/user_nicename" };
            assert_eq!(made.text(shown), expected, "{login}: {}", made.line());
            let jwt = world.ask(json_ask("POST", AUTH, &json!({"username": login, "password": "x"})));
            let told = world.ask(bearer(Ask::get(VALIDATE), &jwt.text("/data/jwt")));
            assert_eq!(told.text("/data/user/user_nicename"), expected, "{}", told.line());
        }
    }
}

#[test]
fn odd_dates_and_segments_are_told_as_php_tells_them() {
    let world = World::new(v4(&[]));
    let ask = |claims: &str| {
        let answer = world.ask(bearer(Ask::get(VALIDATE), &sign(KEY, HEADER, &format!(r#"{{"email":"ann@example.com",{claims}}}"#))));
        (answer.status, answer.text("/data/message"))
    };
    for (claims, status, text) in [
        (r#""exp":true"#, 400, "Expired token"),
        (r#""exp":"""#, 400, "Expired token"),
        (r#""exp":false"#, 400, "Expired token"),
        (r#""exp":[1]"#, 500, "Unsupported operand types: array - int"),
        (r#""exp":"soon""#, 500, "Unsupported operand types: string - int"),
        (r#""nbf":"soon""#, 500, "date(): Argument #2 ($timestamp) must be of type ?int, string given"),
        (r#""iat":[1]"#, 500, "date(): Argument #2 ($timestamp) must be of type ?int, array given"),
        ("\"a\":\"\u{1}\"", 400, "Unexpected control character found"),
        (r#""a":"\ud800""#, 400, "Unknown JSON error: 10"),
    ] {
        assert_eq!(ask(claims), (status, text.to_owned()), "{claims}");
    }
    let list = world.ask(Ask::get(&format!("{VALIDATE}?JWT[]=x")));
    assert_eq!((list.status, message(&list).as_str()), (500, "explode(): Argument #2 ($string) must be of type string, array given"));
    for nothing in ["JWT=0", "JWT=", "x=1"] {
        assert_eq!(word(&world.ask(Ask::get(&format!("{VALIDATE}?{nothing}")))), (422, 53), "{nothing}");
    }
    let provider = world.ask(json_ask("POST", OAUTH, &json!({"provider": ["google"]})));
    assert_eq!(message(&provider), "strtolower(): Argument #1 ($string) must be of type string, array given");
}

#[test]
fn a_login_claim_at_the_end_of_a_path_is_written_as_php_writes_it() {
    let world = World::new(v4(&[("login", json!({"login_by": 0, "login_by_parameter": "data.mail"}))]));
    let ask = |mail: &str| world.ask(bearer(Ask::get(VALIDATE), &token(&world, &format!(r#""data":{{"mail":{mail}}}"#))));
    assert_eq!(ask(r#""ann@example.com""#).status, 200);
    assert_eq!(word(&ask(r#"["ann@example.com"]"#)), (404, 24));
    assert_eq!(message(&ask(r#"{"x":1}"#)), "Object of class stdClass could not be converted to string");
    assert_eq!(word(&ask("null")), (500, 29));
    let by_number = World::new(v4(&[("login", json!({"login_by": 1, "login_by_parameter": "id"}))]));
    for (id, status) in [(r#""0.4e1""#, 200), (r#""4e0""#, 200), (r#""4abc""#, 200), (r#""4e1""#, 404)] {
        assert_eq!(by_number.ask(bearer(Ask::get(VALIDATE), &token(&by_number, &format!(r#""id":{id}"#)))).status, status, "{id}");
    }
}

#[test]
fn the_middleware_says_what_is_wrong_with_a_token_that_is_good_but_names_nobody() {
    const ME: &str = "/wp-json/wp/v2/users/me";
    let four = World::new(v4(&[("general.api_middleware", json!({"enabled": true}))]));
    let three = World::new(v3(json!({"api_middleware": {"enabled": true}})));
    let ask = |world: &World, claims: &str| world.ask(bearer(Ask::get(ME), &token(world, claims)));
    assert_eq!(word(&ask(&four, r#""email":"nobody@example.com""#)), (500, 54));
    assert_eq!(word(&ask(&four, r#""email":"ann@example.com","tfa_pending":1"#)), (500, 110));
    assert_eq!(word(&ask(&four, r#""other":1"#)), (500, 30));
    let answer = ask(&three, r#""email":"nobody@example.com""#);
    answer
        .is(400, r#"{"success":false,"data":{"message":"WordPress User not found.","errorCode":54,"type":"simple-jwt-login-middleware"}}"#);
    assert_eq!(ask(&four, r#""email":"ann@example.com""#).status, 200);
}

#[test]
fn the_plugins_own_noes_have_the_plugins_cors_headers_and_wordpresss_have_wordpresss() {
    let cors = json!({"enabled": 1, "allow_origin_enabled": true, "allow_origin": "https://a.example", "allow_methods_enabled": true});
    let world = World::new(v4(&[("cors", cors)]));
    let told = |ask: Ask| {
        let answer = world.ask(ask);
        (answer.header("access-control-allow-origin").to_owned(), answer.header("access-control-allow-methods").to_owned())
    };
    let of = |origin: &str, methods: &str| (origin.to_owned(), methods.to_owned());
    // Methods that the option does not name are the plugin's default.
    let plugins = of("https://a.example", "GET, POST, PUT, DELETE, OPTIONS, HEAD");
    let wordpress = of("https://app.example", "OPTIONS, GET, POST, PUT, PATCH, DELETE");
    let from = |ask: Ask| ask.header("origin", "https://app.example");
    assert_eq!(told(from(Ask::get(VALIDATE))), plugins);
    assert_eq!(told(Ask::get(VALIDATE)), plugins);
    assert_eq!(told(from(Ask::post(AUTH).json("{x"))), wordpress);
    assert_eq!(told(from(Ask::get(KEYS))), wordpress);
    assert_eq!(told(from(bearer(Ask::get(VALIDATE), &token(&world, r#""email":"ann@example.com""#)))), wordpress);
}

#[test]
fn outside_its_endpoints_too_a_jwt_may_be_in_the_body() {
    let on = json!({"enabled": true});
    let guarded = json!({"enabled": 1, "default_action": "protect_all"});
    let flat = json!({"enabled": 1, "action": 1});
    for (world, is_v4, is_shut) in [
        (World::new(v4(&[("general.api_middleware", on.clone())])), true, false),
        (World::new(v3(json!({"api_middleware": on}))), false, false),
        (World::new(v4(&[("protect_endpoint", guarded)])), true, true),
        (World::new(v3(json!({"protect_endpoints": flat}))), false, true),
    ] {
        let now = world.now().0;
        let good = token(&world, r#""email":"ann@example.com""#);
        let old = sign(KEY, HEADER, &format!(r#"{{"exp":{},"email":"ann@example.com"}}"#, now - 600));
        let forged = sign("another key of somebody", HEADER, r#"{"email":"ann@example.com"}"#);
        let form = |token: &str| format!("title=x&JWT={token}");
        let part = format!("--X\r\nContent-Disposition: form-data; name=\"JWT\"\r\n\r\n{good}\r\n--X--\r\n");
        let body = |token: Value| json!({"title": "x", "JWT": token}).to_string();
        // Whatever the body calls itself, and it reaches the application as it was sent.
        for (ask, sent) in [
            (json_ask("POST", POSTS, &json!({"title": "x", "JWT": good})), body(json!(good))),
            (json_ask("PUT", POSTS, &json!({"jwt": good})), json!({"jwt": good}).to_string()),
            (json_ask("DELETE", POSTS, &json!({"Jwt": good})), json!({"Jwt": good}).to_string()),
            (Ask::post(POSTS).form(&form(&good)), form(&good)),
            (Ask::post(POSTS).body("text/plain", body(json!(good)).as_bytes()), body(json!(good))),
            (Ask::post(POSTS).body("multipart/form-data; boundary=X", part.as_bytes()), part.clone()),
            (json_ask("POST", &format!("{POSTS}?JWT={old}"), &json!({"jwt": good})), json!({"jwt": good}).to_string()),
            (bearer(Ask::post(POSTS).form(&form(&old)), &good), form(&old)),
        ] {
            let answer = world.ask(ask);
            assert_eq!(answer.status, 200, "{sent}: {}", answer.line());
            assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"), "{sent}");
            assert_eq!(world.upstream.last().body, sent);
        }
        let seen = world.upstream.arrived().len();
        let (over, shape) = if is_v4 { ((400, 14), (500, 0)) } else { ((401, 14), (400, 2)) };
        let refused = |word| {
            if !is_shut {
                word
            } else if is_v4 {
                (401, 75)
            } else {
                (403, 403)
            }
        };
        for (ask, expected) in [
            (json_ask("POST", POSTS, &json!({"JWT": "a.b"})), (400, 2)),
            (json_ask("POST", POSTS, &json!({"JWT": 5})), (400, 2)),
            (json_ask("POST", POSTS, &json!({"JWT": ["x"]})), shape),
            (json_ask("POST", POSTS, &json!({"JWT": old})), over),
            (Ask::post(POSTS).form(&form(&old)), over),
            (Ask::post(POSTS).form(&form(&forged)), (400, 11)),
            (json_ask("POST", &format!("{POSTS}?JWT={good}"), &json!({"jwt": old})), over),
            (bearer(Ask::post(POSTS).form(&form(&good)), &old), over),
        ] {
            let answer = world.ask(ask.clone());
            assert_eq!(word(&answer), refused(expected), "{ask:?}: {}", answer.line());
        }
        assert_eq!(world.upstream.arrived().len(), seen, "none of them has come through");
        // An empty one is none; what holds no fields, or more than is read for them, streams past unread.
        let long = format!("title={}&JWT={good}", "x".repeat(1024 * 1024));
        for ask in [
            json_ask("POST", POSTS, &json!({"JWT": ""})),
            json_ask("POST", &format!("{POSTS}?JWT={good}"), &json!({"JWT": ""})),
            Ask::post(POSTS).body("image/png", form(&good).as_bytes()),
            Ask::post(POSTS).body("text/plain", long.as_bytes()),
        ] {
            let answer = world.ask(ask);
            if is_shut {
                assert_eq!(word(&answer), refused((0, 0)), "{}", answer.line());
            } else {
                assert_eq!((answer.status, world.upstream.last().header("x-doorward-user-id")), (200, None), "{}", answer.line());
            }
        }
    }
    // Where tokens mean nothing, nobody looks for one.
    let world = World::new(v4(&[]));
    assert_eq!(world.ask(Ask::post(POSTS).form("JWT=a.b.c")).status, 200);
    assert_eq!(world.upstream.last().header("x-doorward-user-id"), None);
}

#[test]
fn a_reset_looks_at_the_address_as_it_was_sent_and_at_the_code_before_the_method() {
    let reset = |more: Value| {
        let mut section = json!({"enabled": true, "return_jwt": true});
        section.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        World::new(v4(&[("reset_password", section)]))
    };
    let world = reset(json!({}));
    for (body, expected) in [(json!({"email": " ann@example.com"}), (422, 96)), (json!({"email": ["x"]}), (500, 0))] {
        assert_eq!(word(&world.ask(json_ask("POST", RESET, &body))), expected, "{body}");
    }
    let change = |email: &str, claim: &str| {
        let body = json!({"email": email, "new_password": "Another-1"});
        word(&world.ask(bearer(json_ask("PUT", RESET, &body), &token(&world, &format!(r#""email":"{claim}""#)))))
    };
    assert_eq!(change("ann@example.com", "nobody@example.com"), (401, 93), "nobody's token changes nobody's password");
    assert_eq!(change("Ann@example.com", "ann@example.com"), (401, 93));
    assert_eq!(change(" ann@example.com", "ann@example.com"), (422, 95));
    assert_eq!(
        word(&world.ask(json_ask("PUT", RESET, &json!({"email": "ann@example.com", "new_password": "x", "code": ["c"]})))),
        (422, 62)
    );
    assert_eq!(world.ask(json_ask("POST", AUTH, &json!({"username": "ann", "password": PASSWORD}))).status, 200, "nothing has changed");
    let coded = reset(json!({"auth_code": true}));
    assert_eq!(word(&coded.ask(Ask::get(&format!("{RESET}?_method=PUT")))), (422, 94));
    assert_eq!(word(&world.ask(Ask::get(&format!("{RESET}?_method=PUT")))), (405, 57));
}

#[test]
fn a_failed_autologin_takes_the_parameters_along_and_stays_at_home_where_it_must() {
    let login = |more: Value| {
        let mut section = json!({"enabled": true, "login_by_parameter": "email", "fail_redirect": "https://app.example/fail?x=1"});
        section.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        section
    };
    let world = World::new(v4(&[("login", login(json!({"include_request_parameters": true})))]));
    let answer = world.ask(Ask::get(&format!("{AUTOLOGIN}?foo=bar&JWT=x&AUTH_KEY=secret")));
    assert_eq!(answer.header("location"), "https://app.example/fail?x=1&foo=bar&error_message=Wrong+number+of+segments&error_code=2");
    let safe = World::new(v4(&[("login", login(json!({}))), ("general.security", json!({"safe_redirect": true}))]));
    assert_eq!(safe.ask(Ask::get(&format!("{AUTOLOGIN}?JWT=x"))).header("location"), "http://wire.example/wp-admin/");
}

#[test]
fn nobody_gives_a_key_more_than_they_may_do_or_reaches_anothers() {
    let world = World::new(v4(&[("api_keys", json!({"enabled": true}))]));
    let (ann, admin) = (token(&world, r#""email":"ann@example.com""#), token(&world, r#""email":"cyd@example.com""#));
    let make =
        |permissions: Value, who: &str| world.ask(bearer(json_ask("POST", KEYS, &json!({"name": "k", "permissions": permissions})), who));
    assert_eq!(make(json!(["read"]), &ann).status, 200);
    let refused = make(json!(["read", "create"]), &ann);
    let told = "You do not have permission to assign the &quot;create&quot; permission to an API key.";
    assert_eq!((word(&refused), message(&refused).as_str()), ((403, 84), told));
    assert_eq!(make(json!(["create", "delete"]), &admin).status, 200);
    assert_eq!(message(&make(json!(["<b>"]), &admin)), "Invalid permission: &lt;b&gt;");
    // Each sees the own keys; who manages all of them is told whose each is.
    let list = |who: &str| world.ask(bearer(Ask::get(KEYS), who)).value()["data"].clone();
    let (own, every) = (list(&ann), list(&admin));
    assert_eq!((own["total"].clone(), every["total"].clone()), (json!(1), json!(2)));
    assert_eq!((own["items"][0].get("user_id"), every["items"][0]["user_id"].is_number()), (None, true));
    let edit = json!({"name": "k", "permissions": ["read"]});
    for (path, who, expected) in
        [(format!("{KEYS}/2"), &ann, (403, 84)), (format!("{KEYS}/999"), &ann, (403, 84)), (format!("{KEYS}/0"), &admin, (404, 89))]
    {
        let answer = world.ask(bearer(json_ask("PUT", &path, &edit), who));
        assert_eq!(word(&answer), expected, "{path}");
        if expected.0 == 403 {
            assert_eq!(message(&answer), "You are not allowed to manage this API key.");
        }
    }
    let revoked = world.ask(bearer(Ask::post(&format!("{KEYS}/1/revoke")), &ann));
    assert_eq!(revoked.status, 200, "{}", revoked.line());
    let until = world.ask(bearer(json_ask("POST", KEYS, &json!({"name": "k", "permissions": "read", "expires_at": "2099-01-01"})), &admin));
    assert_eq!(until.text("/data/expires_at"), "2099-01-01");
}

#[test]
fn four_guards_what_a_site_of_three_had_told_it_to_guard() {
    let flat = |more: Value| {
        let mut option = json!({"allow_authentication": "1", "jwt_payload": ["email"], "decryption_key": KEY, "jwt_login_by": 0,
            "jwt_email_parameter": "email"});
        option.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        World::new(Stage::of("simple_jwt_login", json!({"edition": "v4", "settings": option})).person(Person::new(4, "ann")))
    };
    let all = flat(json!({"protect_endpoints": {"enabled": 1, "action": 1, "whitelist": ["/wp/v2/users"], "whitelist_match": ["EXACT"]}}));
    assert_eq!(word(&all.ask(Ask::get(POSTS))), (401, 75));
    assert_eq!(all.ask(Ask::get("/wp-json/wp/v2/users")).status, 200);
    assert_eq!(all.ask(bearer(Ask::get(POSTS), &token(&all, r#""email":"ann@example.com""#))).status, 200);
    let some = flat(json!({"protect_endpoints": {"enabled": 1, "action": 2, "protect": ["/wp/v2/posts"], "protect_method": ["POST"],
        "protect_roles": ["editor"]}, "allow_validate_token": "1", "allow_refresh_token": "1"}));
    assert_eq!(some.ask(Ask::get(POSTS)).status, 200);
    assert_eq!(word(&some.ask(Ask::post(POSTS))), (401, 75));
    let ann = token(&some, r#""email":"ann@example.com""#);
    assert_eq!(word(&some.ask(bearer(Ask::post(POSTS), &ann))), (403, 114));
    assert_eq!(some.ask(bearer(Ask::get(VALIDATE), &ann)).status, 200, "4.x had its switches in the flat form first");
    assert_eq!(word(&some.ask(Ask::post(REFRESH))), (422, 51));
    assert_eq!(some.upstream.last().header("x-doorward-user-id"), None);
}

#[test]
fn what_wordpress_does_not_store_is_not_registered_and_a_taken_name_can_be_hidden() {
    let open = json!({"enabled": true, "auth_code": false, "return_jwt": true});
    let world = World::new(v4(&[("register", open.clone())]));
    let with = |more: Value| {
        let mut body = json!({"email": "new@example.com", "password": "x", "payload": "{\"foo\":1}"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        world.ask(json_ask("POST", USERS, &body))
    };
    for (more, expected, text) in [
        (json!({"user_nicename": "n".repeat(51)}), (500, 52), "Nicename may not be longer than 50 characters."),
        (json!({"user_url": format!("http://x.example/{}", "a".repeat(90))}), (500, 52), "User URL may not be longer than 100 characters."),
        (json!({"spam": true}), (500, 52), "Sorry, marking a user as spam is only supported on Multisite."),
        (json!({"user_login": ["x"]}), (500, 0), "strlen(): Argument #1 ($string) must be of type string, array given"),
        (json!({"user_login": "ANN"}), (409, 38), "User already exists."),
        (json!({"user_login": "änn"}), (409, 38), "User already exists."),
    ] {
        let answer = with(more.clone());
        assert_eq!((word(&answer), message(&answer).as_str()), (expected, text), "{more}");
    }
    let made = with(json!({}));
    assert_eq!((made.status, claims_of(&made)["foo"].clone()), (200, Value::Null), "a new account brings no claims");
    let mut hidden = json!({"edition": "v4", "uniform_errors": true});
    hidden["settings"] = json!({"_schema_version": 2, "general": {"decryption_key": KEY}, "register": open});
    let quiet = World::new(Stage::of("simple_jwt_login", hidden).person(Person::new(4, "ann")));
    let answers: Vec<Answer> =
        [json!({"email": "ann@example.com", "password": "x"}), json!({"email": "b@example.com", "password": "x", "user_login": "ann"})]
            .iter()
            .map(|body| quiet.ask(json_ask("POST", USERS, body)))
            .collect();
    assert!(
        answers.iter().all(|a| (word(a), message(a).as_str()) == ((500, 52), "The account could not be created.")),
        "{}",
        answers[0].line()
    );
}

#[test]
fn the_second_step_and_what_is_asked_of_it_have_the_plugins_words() {
    let off = World::new(v4(&[]));
    let told = |answer: &Answer| (word(answer), message(answer));
    let not_there = ((403, 105), "Two-factor authentication plugin is not active.".to_owned());
    assert_eq!(told(&off.ask(Ask::post(TWO).json("{}"))), not_there);
    let on = World::new(v4(&[("integrations.3rdparty.two_factor", json!({"enabled": true}))]));
    let now = on.now().0;
    let claims = |more: &str| sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},"tfa_pending":1{more}}}"#, now + 60));
    let answer = on.ask(bearer(Ask::post(TWO).json("{}"), &claims("")));
    assert_eq!(told(&answer), ((500, 106), "Invalid interim JWT claims.".to_owned()));
    let first = on.ask(Ask::post(AUTH).json(&json!({"username": "bob", "password": PASSWORD}).to_string()));
    let interim = first.text("/data/jwt");
    let second = |code: &str| on.ask(bearer(Ask::post(TWO).json(&json!({"code": code}).to_string()), &interim));
    assert_eq!(told(&second("")), ((422, 109), "The two-factor code is missing.".to_owned()));
    assert_eq!(told(&second("000000")), ((500, 109), "Invalid two-factor code.".to_owned()));
    // With a path for its login claim the plugin looks for that first.
    let dotted = World::new(v4(&[("login.login_by_parameter", json!("data.user.mail"))]));
    let answer = dotted.ask(bearer(Ask::get(VALIDATE), &claims("")));
    assert_eq!(word(&answer), (500, 29));
    let answer = dotted.ask(bearer(Ask::get(VALIDATE), &claims(r#","data":{"user":{"mail":"ann@example.com"}}"#)));
    assert_eq!(word(&answer), (500, 110), "not taken, as the plugin would");
}

#[test]
fn an_account_is_removed_by_a_claim_that_the_site_knows_and_by_no_other() {
    let delete = json!({"enabled": true, "auth_code": false});
    let four = World::new(v4(&[("delete_user", delete), ("login", json!({"login_by": 7, "login_by_parameter": "id"}))]));
    let three =
        World::new(v3(json!({"allow_delete": "1", "require_delete_auth": false, "delete_user_by": 7, "jwt_delete_by_parameter": "id"})));
    for (world, expected) in [(four, (404, 24)), (three, (400, 24))] {
        let jwt = token(&world, r#""email":"ann@example.com","id":"4""#);
        assert_eq!(word(&world.ask(bearer(Ask::new("DELETE", USERS), &jwt))), expected);
        assert!(world.run(world.house.look(|desk| desk.account(doorward_core::site::SiteId(1), 4))).unwrap().is_some());
    }
}

#[test]
fn dates_and_claims_that_are_objects_are_what_php_makes_of_them() {
    let by_mail = World::new(v4(&[]));
    let by_id = World::new(v4(&[("login", json!({"login_by": 1, "login_by_parameter": "id"}))]));
    for (world, claims, expected) in [
        (&by_mail, r#"{"iat":0,"email":"ann@example.com"}"#, (200, 999)),
        (&by_mail, r#"{"iat":-5,"email":"ann@example.com"}"#, (200, 999)),
        (&by_mail, r#"{"iat":{},"nbf":{"a":1},"email":"ann@example.com"}"#, (200, 999)),
        (&by_mail, r#"{"exp":{},"email":"ann@example.com"}"#, (400, 14)),
        (&by_mail, r#"{"email":{"a":1}}"#, (500, 0)),
        (&by_id, r#"{"id":{}}"#, (404, 24)),
        (&by_id, r#"{"id":"4"}"#, (200, 999)),
    ] {
        let answer = world.ask(bearer(Ask::get(VALIDATE), &sign(KEY, HEADER, claims)));
        assert_eq!(word(&answer), expected, "{claims} {}", answer.line());
        if expected.1 == 0 {
            assert_eq!(message(&answer), "trim(): Argument #1 ($string) must be of type string, stdClass given");
        }
    }
    // What an account's change has ended stays ended, however old it says it is.
    let ended = by_mail.run(by_mail.house.work(|desk| {
        let Some(mut account) = desk.account(doorward_core::site::SiteId(1), 4)? else { return Ok(()) };
        account.valid_after = doorward_core::call::Time(9);
        desk.put_account(&account).map(|_| ())
    }));
    ended.unwrap();
    let old = sign(KEY, HEADER, r#"{"iat":0,"email":"ann@example.com"}"#);
    assert_eq!(word(&by_mail.ask(bearer(Ask::get(VALIDATE), &old))), (401, 55));
}

#[test]
fn wordpress_says_what_a_route_with_a_number_in_it_takes_and_where_json_was_none() {
    let world = World::new(v4(&[("api_keys", json!({"enabled": true}))]));
    for (path, allow) in [
        ("/wp-json/simple-jwt-login/v1/api-keys/5", "PUT, DELETE"),
        ("/wp-json/simple-jwt-login/v1/api-keys/5/revoke", "POST"),
        ("/wp-json/simple-jwt-login/v1/revoked-tokens/5", "DELETE"),
        ("/wp-json/simple-jwt-login/v1/api-keys/x", ""),
    ] {
        let answer = world.ask(Ask::new("OPTIONS", path));
        assert_eq!((answer.status, answer.header("allow")), (200, allow), "{path}");
    }
    let answer = world.ask(Ask::post(&format!("{AUTH}?_envelope=1")).json("{x"));
    assert_eq!((answer.status, answer.text("/body/code"), answer.text("/headers/Allow")), (200, "rest_invalid_json".into(), "POST".into()));
    assert_eq!(answer.header("allow"), "");
}

#[test]
fn a_session_goes_to_an_app_or_a_page_and_never_to_what_a_browser_runs() {
    let login = json!({"enabled": true, "login_by_parameter": "email", "allow_redirect_parameter": true});
    let world = World::new(v4(&[("login", login.clone())]));
    let safe = World::new(v4(&[("login", login), ("general.security", json!({"safe_redirect": true}))]));
    let admin = "http://wire.example/wp-admin/";
    let jwt = token(&world, r#""email":"ann@example.com""#);
    for (target, expected) in [
        ("myapp://cb?x=1", "myapp://cb?x=1"),
        ("hello", "hello"),
        ("?x=1", "?x=1"),
        ("https://app.example/", "https://app.example/"),
        ("javascript:alert(1)", admin),
        ("%20java%3Cscript:alert(1)", admin),
        ("data:text/html,x", admin),
        ("vbscript:x", admin),
        ("/a%0D%0ASet-Cookie:%20x=1", admin),
    ] {
        let ask = || Ask::get(&format!("{AUTOLOGIN}?JWT={jwt}&redirectUrl={}", target.replace('&', "%26").replace('?', "%3F")));
        let answer = world.ask(ask());
        assert_eq!((answer.status, answer.header("location")), (302, expected), "{target}");
        assert_eq!(safe.ask(ask()).header("location"), admin, "{target}");
    }
}

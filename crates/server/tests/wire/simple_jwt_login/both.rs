//! Beside the plugin of `jwt-auth/v1` on one site: what either guards holds, each looks at its own credentials, and a good one of either
//! is as good. What both plugins were recorded to answer is replayed (`tests/replay`, `both.*`).

use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{AUTH, HEADER, KEY, VALIDATE, sign};
use crate::support::{Answer, Ask, PASSWORD, Stage, World};

const TOKEN: &str = "/wp-json/jwt-auth/v1/token";
const CHECK: &str = "/wp-json/jwt-auth/v1/token/validate";
const ME: &str = "/wp-json/wp/v2/users/me";
const KEYS: &str = "/wp-json/simple-jwt-login/v1/api-keys";
/// The secret of the other plugin.
const OTHER: &str = "tm-secret-0123456789abcdef0123456789";

fn with(stage: Stage, edition: &str) -> Stage {
    stage.and("jwt_auth", json!({"edition": edition, "constants": {"JWT_AUTH_SECRET_KEY": OTHER}}))
}

fn both(changes: &[(&str, Value)]) -> World {
    World::new(with(v4(changes), "tmeister"))
}

fn all() -> Value {
    json!({"enabled": 1, "default_action": "protect_all"})
}

/// Ann's token of this plugin, and of the other.
fn tokens(world: &World) -> (String, String) {
    let now = world.now().0;
    let ours = sign(KEY, HEADER, &format!(r#"{{"iat":{now},"exp":{},"email":"ann@example.com"}}"#, now + 600));
    let theirs = format!(r#"{{"iss":"http://wire.example","iat":{now},"nbf":{now},"exp":{},"data":{{"user":{{"id":"4"}}}}}}"#, now + 600);
    (ours, sign(OTHER, HEADER, &theirs))
}

fn login() -> Ask {
    Ask::post(TOKEN).json(&json!({"username": "ann", "password": PASSWORD}).to_string())
}

/// The other plugin's word, or this one's.
fn told(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    body["code"].as_str().map_or_else(|| format!("{:?}", word(answer)), |code| format!("{} {code}", answer.status))
}

/// Asks each, and says what each heard and whose it was at the application.
fn table(world: &World, rows: &[(Ask, &str)]) {
    for (ask, expected) in rows {
        let before = world.upstream.arrived().len();
        let answer = world.ask(ask.clone());
        let heard = if world.upstream.arrived().len() == before {
            told(&answer)
        } else {
            format!("through as {}", world.upstream.last().header("x-doorward-user-id").unwrap_or("nobody"))
        };
        assert_eq!(heard, *expected, "{ask:?} {}", answer.line());
    }
}

#[test]
fn what_is_protected_is_so_beside_the_other_plugin_and_its_user_counts() {
    let world = both(&[("protect_endpoint", all())]);
    let (ours, theirs) = tokens(&world);
    let (no, bad) = ("(401, 75)", "403 jwt_auth_invalid_token");
    table(
        &world,
        &[
            (Ask::get(ME), no),
            (Ask::get("/wp-json/wp/v2/posts"), no),
            (Ask::get("/?rest_route=/wp/v2/posts"), no),
            (Ask::get("/index.php/wp-json/wp/v2/posts"), no),
            (Ask::get("/wp-json/"), no),
            (Ask::get(&format!("{ME}?JWT=x.y.z")), no),
            (Ask::get(&format!("{ME}?JWT={ours}")), "through as 4"),
            (Ask::get(ME).auth(&format!("bearer {ours}")), "through as 4"),
            (Ask::get(ME).auth(&ours), "through as 4"),
            (Ask::get(ME).auth(&format!("Bearer {theirs}")), "through as 4"),
            // The other plugin refuses whatever it did not issue, also where this one would take it.
            (Ask::get(ME).auth(&format!("Bearer {ours}")), bad),
            (Ask::get(ME).auth("Bearer MISSING"), bad),
            (Ask::get(&format!("{ME}?JWT={ours}")).auth("Bearer MISSING"), bad),
            (Ask::get(&format!("{ME}?JWT=x.y.z")).auth(&format!("Bearer {theirs}")), "through as 4"),
            (Ask::get("/page"), "through as nobody"),
        ],
    );
    // The other plugin's own routes are protected as well.
    table(
        &world,
        &[
            (login(), no),
            (Ask::post(&format!("{TOKEN}?JWT=x.y.z")).json("{}"), no),
            (Ask::get(TOKEN), no),
            (Ask::post("/wp-json/jwt-auth/v1/nope"), no),
            (Ask::get("/wp-json/jwt-auth/v1"), no),
            (Ask::post(CHECK), no),
            // The check of a token looks at it itself: before it nobody is known by it.
            (Ask::post(CHECK).auth(&format!("Bearer {ours}")), bad),
            (Ask::post(CHECK).auth(&format!("Bearer {theirs}")), no),
            (login().auth("Bearer MISSING"), bad),
        ],
    );
    for ask in [Ask::post(&format!("{TOKEN}?JWT={ours}")), Ask::post(TOKEN).auth(&format!("bearer {ours}"))] {
        let answer = world.ask(ask.json(&json!({"username": "ann", "password": PASSWORD}).to_string()));
        assert_eq!((answer.status, answer.text("/user_email").as_str()), (200, "ann@example.com"), "{}", answer.line());
    }
    let in_body = login().json(&json!({"username": "ann", "password": PASSWORD, "JWT": ours}).to_string());
    assert_eq!(world.ask(in_body).status, 200);
    // The header comes before the parameter, good or bad.
    let answer = world.ask(Ask::post(&format!("{CHECK}?JWT={ours}")).auth(&format!("Bearer {theirs}")));
    assert_eq!(told(&answer), no, "{}", answer.line());
    // This plugin's never are.
    assert_eq!(world.ask(Ask::get(&format!("{VALIDATE}?JWT={ours}"))).status, 200);
    let sent = Ask::post(AUTH).json(&json!({"login": "ann", "password": PASSWORD}).to_string());
    assert_eq!(world.ask(sent).status, 200);
}

#[test]
fn three_protects_beside_the_other_plugin_in_its_own_words() {
    for edition in ["tmeister", "disciple_tools", "documented"] {
        let option = json!({"protect_endpoints": {"enabled": 1, "action": 1, "whitelist": ["/wp/v2/posts"]}});
        let world = World::new(with(v3(option), edition));
        let (ours, theirs) = tokens(&world);
        for ask in [Ask::get(ME), login(), Ask::get(&format!("{ME}?JWT=x.y.z"))] {
            let answer = world.ask(ask);
            assert_eq!((word(&answer), answer.text("/data/type").as_str()), ((403, 403), "simple-jwt-login-route-protect"), "{edition}");
        }
        assert_eq!(world.upstream.arrived().len(), 0);
        for ask in [Ask::get("/wp-json/wp/v2/posts"), Ask::get(&format!("{ME}?JWT={ours}")), Ask::get(ME).auth(&format!("Bearer {theirs}"))]
        {
            assert_eq!(world.ask(ask).status, 200, "{edition}");
        }
        let told = world.upstream.arrived();
        assert_eq!(told.iter().filter(|request| request.header("x-doorward-user-id") == Some("4")).count(), 2, "{edition}");
    }
}

#[test]
fn the_middleware_looks_at_every_call_and_comes_first() {
    let world = both(&[("general.api_middleware", json!({"enabled": true}))]);
    let (ours, theirs) = tokens(&world);
    let bad = "403 jwt_auth_invalid_token";
    table(
        &world,
        &[
            (Ask::get(ME), "through as nobody"),
            (Ask::get(&format!("{ME}?JWT={ours}")), "through as 4"),
            (Ask::get(&format!("{ME}?JWT=x.y.z")), "(400, 22)"),
            (Ask::get(ME).auth(&format!("bearer {ours}")), "through as 4"),
            (Ask::get(ME).auth(&format!("Bearer {ours}")), bad),
            // The other plugin's token is signed with another key: the middleware says no first.
            (Ask::get(ME).auth(&format!("Bearer {theirs}")), "(400, 11)"),
            (Ask::get(ME).auth("Bearer MISSING"), "(400, 2)"),
            (login().auth("Bearer MISSING"), "(400, 2)"),
            (Ask::post(&format!("{TOKEN}?JWT=x.y.z")).json("{}"), "(400, 22)"),
            (Ask::post(CHECK).auth(&format!("Bearer {theirs}")), "(400, 11)"),
        ],
    );
    assert_eq!(world.ask(login()).status, 200);
    assert_eq!(world.ask(Ask::get(&format!("{VALIDATE}?JWT={ours}"))).status, 200);
    let quiet = both(&[]);
    table(
        &quiet,
        &[
            (Ask::get(&format!("{ME}?JWT=x.y.z")), "through as nobody"),
            (Ask::get(ME).auth(&format!("Bearer {theirs}")), "through as 4"),
            (Ask::get(ME).auth("Bearer MISSING"), bad),
        ],
    );
}

#[test]
fn api_keys_open_and_shut_beside_the_other_plugin() {
    let world = both(&[("api_keys", json!({"enabled": true})), ("protect_endpoint", all())]);
    let (ours, theirs) = tokens(&world);
    let make = Ask::post(&format!("{KEYS}?JWT={ours}")).json(&json!({"name": " <b>k</b> ", "permissions": ["read"]}).to_string());
    let made = world.ask(make);
    assert_eq!((made.status, made.text("/data/name").as_str()), (200, "<b>k</b>"), "{}", made.line());
    let key = made.text("/data/key");
    let no = "(401, 84)";
    table(
        &world,
        &[
            (Ask::get(ME).header("X-API-Key", &key), "through as 4"),
            (Ask::post(ME).header("X-API-Key", &key), no),
            (Ask::get(ME).header("X-API-Key", "sjl_bad"), no),
            (Ask::get(ME).header("X-API-Key", " "), "(401, 75)"),
            (Ask::get(ME).header("X-API-Key", "sjl_bad").auth(&format!("Bearer {theirs}")), no),
            (login().header("X-API-Key", "sjl_bad"), no),
            (Ask::get(ME).header("X-API-Key", &key).auth("Bearer MISSING"), "403 jwt_auth_invalid_token"),
        ],
    );
    // The plugin knows no permission for a HEAD.
    assert_eq!(world.ask(Ask::new("HEAD", ME).header("X-API-Key", &key)).status, 401);
    assert_eq!(world.ask(Ask::new("HEAD", &format!("{ME}?JWT={ours}"))).status, 200);
}

#[test]
fn a_role_is_asked_of_the_other_plugins_user_as_well() {
    let lines = json!({"enabled": 1, "default_action": "allow_all", "rules_url": ["wp/v2/settings"], "rules_method": ["ALL"],
        "rules_match": ["STARTS_WITH"], "rules_type": ["protected_roles"], "rules_roles": ["administrator"]});
    let world = both(&[("protect_endpoint", lines)]);
    let (ours, theirs) = tokens(&world);
    let settings = "/wp-json/wp/v2/settings";
    table(
        &world,
        &[
            (Ask::get(settings), "(401, 75)"),
            (Ask::get(&format!("{settings}?JWT={ours}")), "(403, 114)"),
            (Ask::get(settings).auth(&format!("Bearer {theirs}")), "(403, 114)"),
            (Ask::get("/wp-json/wp/v2/posts"), "through as nobody"),
            // Nobody asks for it there.
            (Ask::get("/wp-json/wp/v2/posts?JWT=x.y.z"), "through as nobody"),
            (Ask::get("/wp-json/"), "(401, 75)"),
            (Ask::get("/wp-json"), "(401, 75)"),
            (Ask::get("/?rest_route=/"), "through as nobody"),
        ],
    );
}

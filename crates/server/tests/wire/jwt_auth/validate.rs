//! `POST /wp-json/jwt-auth/v1/token/validate`.

use super::{HEADER, KEY, ann, bad_tokens, payload, refused, sign, stage};
use crate::support::{Ask, World};

const VALIDATE: &str = "/wp-json/jwt-auth/v1/token/validate";
const VALID: &str = r#"{"code":"jwt_auth_valid_token","data":{"status":200}}"#;

#[test]
fn a_good_token_is_valid_in_every_spelling_until_it_expires() {
    let world = World::new(stage());
    let token = ann(&world);
    for auth in [format!("Bearer {token}"), format!("Bearer{token}"), format!("Bearer    {token}"), format!("Bearer {token} and more")] {
        world.ask(Ask::post(VALIDATE).auth(&auth)).is(200, VALID);
    }
    let bearer = format!("Bearer {token}");
    for ask in [
        Ask::post("/?rest_route=/jwt-auth/v1/token/validate"),
        Ask::post("/wp-json/jwt-auth/v1/token/validate/"),
        Ask::post("/wp-json/JWT-AUTH/v1/token/VALIDATE").form("a=b"),
        Ask::post(VALIDATE).json(""),
    ] {
        world.ask(ask.auth(&bearer)).is(200, VALID);
    }
    world.pass(604_799);
    world.ask(Ask::post(VALIDATE).auth(&bearer)).is(200, VALID);
    world.pass(1);
    world.ask(Ask::post(VALIDATE).auth(&bearer)).is(403, &refused("jwt_auth_invalid_token", "Expired token"));
}

#[test]
fn the_id_may_be_a_number_and_slashes_may_be_plain() {
    let world = World::new(stage());
    let dates = format!(r#","iat":{0},"exp":{1}"#, world.now().0, world.now().0 + 9);
    for payload in [payload("http://wire.example", &dates), payload(r"http:\/\/wire.example", &dates).replace("\"4\"", "4")] {
        world.ask(Ask::post(VALIDATE).auth(&format!("Bearer {}", sign(KEY, HEADER, &payload)))).is(200, VALID);
    }
}

#[test]
fn nothing_and_another_scheme_are_told_apart() {
    let world = World::new(stage());
    let token = ann(&world);
    let none = refused("jwt_auth_no_auth_header", "Authorization header not found.");
    let malformed = refused("jwt_auth_bad_auth_header", "Authorization header malformed.");
    world.ask(Ask::post(VALIDATE)).is(403, &none);
    world.ask(Ask::post(VALIDATE).auth("")).is(403, &none);
    world.ask(Ask::post(&format!("{VALIDATE}?JWT={token}")).header("Cookie", &format!("token={token}"))).is(403, &none);
    world.ask(Ask::post(VALIDATE).json(&format!(r#"{{"token":"{token}"}}"#))).is(403, &none);
    for auth in ["Bearer", "Bearer ", &format!("bearer {token}"), &format!("BEARER {token}"), &token, "Basic YW5uOng=", "Token x"] {
        world.ask(Ask::post(VALIDATE).auth(auth)).is(403, &malformed);
    }
    let twice = Ask::post(VALIDATE).auth(&format!("Bearer {token}")).auth(&format!("Bearer {token}"));
    world.ask(twice).is(403, &malformed);
}

#[test]
fn a_bad_token_is_a_list_of_one_object() {
    let world = World::new(stage());
    for (token, answer) in bad_tokens(world.now().0) {
        world.ask(Ask::post(VALIDATE).auth(&format!("Bearer {token}"))).is(403, &answer);
    }
}

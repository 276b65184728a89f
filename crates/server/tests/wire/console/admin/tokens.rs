//! What programs and people of a site come in with, as its administrator sees it.

use serde_json::json;

use super::{SITE, adam, entry, no, refused, signed_in, world};
use crate::support::Ask;

const ROBOT: &str = "/api/sites/yoursite/users/5/tokens";
const BOB: &str = "/api/sites/yoursite/users/3/tokens";

#[test]
fn a_program_is_given_a_token_that_works_is_named_rolled_and_revoked() {
    let world = world();
    let mut adam = adam(&world);
    let made = adam.post(ROBOT, &json!({"name": "nightly", "dialect": "wapka", "ip_allow": ["127.0.0.0/8"]}));
    assert_eq!(made.status, 201, "{}", made.line());
    let (id, text) = (made.value()["id"].as_i64().unwrap(), made.text("/token"));
    let me = |text: &str| world.ask(Ask::get("/v1/user/me").auth(text)).status;
    assert_eq!(me(&text), 200);
    let mark = entry(&world, "console.token.create").unwrap();
    assert_eq!((mark.site, mark.account, mark.actor.map(|a| a.account)), (Some(SITE), Some(5), Some(2)));
    assert!(!adam.get(ROBOT).body.contains(&text), "shown this once");
    assert_eq!(adam.patch(&format!("{ROBOT}/{id}"), &json!({"name": "daily"})).text("/name"), "daily");
    assert_eq!(adam.get("/api/sites/yoursite/scopes").value()["dialects"], json!(["wapka", "simple_jwt_login", "jwt_auth"]));
    assert_eq!(adam.get("/api/sites/other/scopes").status, 403);
    let rolled = adam.post(&format!("{ROBOT}/{id}/roll"), &json!({"overlap_hours": 0}));
    assert_eq!((rolled.status, me(&text), me(&rolled.text("/token"))), (201, 401, 200));
    let next = rolled.value()["id"].as_i64().unwrap();
    assert_eq!(adam.delete(&format!("{ROBOT}/{next}")).status, 200);
    assert_eq!(me(&rolled.text("/token")), 401);
    assert_eq!(adam.post(&format!("{ROBOT}/{next}/undo"), &json!({})).status, 200);
    assert_eq!(me(&rolled.text("/token")), 200);
    assert_eq!(no(&adam.delete(&format!("{ROBOT}/99999"))), refused(404, "not_found"));
}

#[test]
fn of_a_person_tokens_are_seen_and_revoked_and_never_made() {
    let world = world();
    let mut adam = adam(&world);
    let list = adam.get(BOB).value();
    let id = list["items"][0]["id"].as_i64().unwrap();
    assert_eq!(no(&adam.post(BOB, &json!({"name": "x"}))), refused(409, "not_a_service"));
    assert_eq!(no(&adam.post(&format!("{BOB}/{id}/roll"), &json!({}))), refused(409, "not_a_service"));
    assert_eq!(no(&adam.delete(&format!("{ROBOT}/{id}"))), refused(404, "not_found"), "another's is none of the robot's");
    assert_eq!(adam.delete(&format!("{BOB}/{id}")).status, 200);
    // Zoe is above.
    let zoe = "/api/sites/yoursite/users/4";
    for answer in [
        adam.get(&format!("{zoe}/tokens")),
        adam.get(&format!("{zoe}/sessions")),
        adam.delete(&format!("{zoe}/tokens/1")),
        adam.delete(&format!("{zoe}/sessions/{}", "0".repeat(32))),
    ] {
        assert_eq!(no(&answer), refused(403, "not_yours"));
    }
}

#[test]
fn a_session_is_seen_and_ended() {
    let world = world();
    let (mut adam, mut bob, mut ada) = (adam(&world), signed_in(&world, "yoursite", "bob"), super::ada(&world));
    let at = "/api/sites/yoursite/users/3/sessions";
    let list = adam.get(at).value();
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!((&list["items"][0]["dialect"], &list["items"][0]["current"]), (&json!("console"), &json!(false)));
    assert_eq!(no(&adam.delete(&format!("/api/sites/yoursite/users/5/sessions/{id}"))), refused(404, "not_found"), "it is Bob's");
    assert_eq!(no(&ada.delete(&format!("/api/sites/other/users/2/sessions/{id}"))), refused(404, "not_found"));
    assert_eq!(bob.get("/api/dialects").status, 200);
    assert_eq!(adam.delete(&format!("{at}/{id}")).status, 204);
    assert_eq!(no(&bob.get("/api/dialects")), refused(401, "no_session"));
    assert_eq!(no(&adam.delete(&format!("{at}/{id}"))), refused(404, "not_found"));
    assert_eq!(entry(&world, "console.user.session.end").unwrap().account, Some(3));
}

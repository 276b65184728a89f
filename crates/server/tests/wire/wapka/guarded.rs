//! What the language guards: everything else below `/v1`.

use doorward_core::account::{Account, Status};
use doorward_core::flow::accounts::set_password;
use doorward_core::secret::Secret;
use doorward_core::site::SiteId;
use doorward_core::testkit::frozen_call;

use super::{change, guest, login, refused, world};
use crate::support::{Ask, World, peek};

const TOLD: [&str; 5] = ["x-doorward-user-id", "x-doorward-user", "x-doorward-level", "x-doorward-scopes", "x-doorward-site"];

#[track_caller]
fn passes(world: &World, ask: Ask, told: [&str; 5]) {
    world.ask(ask).is(200, r#"{"upstream":true}"#);
    let arrived = world.upstream.last();
    assert_eq!(TOLD.map(|name| arrived.header(name).unwrap_or("-")), told);
}

fn with(method: &str, token: &str) -> Ask {
    Ask::new(method, "/v1/posts?page=2").auth(&format!("Bearer {token}"))
}

#[track_caller]
fn forbidden(world: &World, ask: Ask) {
    refused(world, ask, 403, "forbidden", "You are not allowed to do this");
}

#[track_caller]
fn invalid_token(world: &World, ask: Ask) {
    let answer = refused(world, ask, 401, "invalid_token", "Invalid token");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="wapka-api", error="invalid_token""#);
}

#[test]
fn guests_read_and_members_write() {
    let world = world();
    let (nobody, ann, zed) = (guest(&world), login(&world, "yoursite", "ann"), login(&world, "yoursite", "zed"));
    passes(&world, with("GET", &nobody), ["-", "-", "0", "public:read", "yoursite"]);
    assert_eq!(world.upstream.last().line, "GET /v1/posts?page=2 HTTP/1.1");
    assert_eq!(world.ask(with("HEAD", &nobody)).status, 200);
    passes(&world, with("GET", &ann), ["4", "ann", "3", "*", "yoursite"]);
    passes(&world, with("DELETE", &ann), ["4", "ann", "3", "*", "yoursite"]);
    passes(&world, with("GET", &zed), ["8", "zed", "0", "*", "yoursite"]);
    for method in ["POST", "PUT", "PATCH", "DELETE"] {
        forbidden(&world, with(method, &nobody));
        forbidden(&world, with(method, &zed));
    }
}

#[test]
fn the_token_names_the_site_whatever_the_host() {
    let world = world();
    let olga = login(&world, "other", "olga");
    for host in ["wire.example", "other.example", "unknown.example"] {
        passes(&world, with("POST", &olga).header("Host", host), ["40", "olga", "3", "*", "other"]);
    }
}

#[test]
fn what_is_no_token_of_ours_is_refused_and_reaches_nobody() {
    let world = world();
    let ann = login(&world, "yoursite", "ann");
    let answer = refused(&world, Ask::get("/v1/posts"), 401, "unauthorized", "A token or API key is required");
    assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="wapka-api""#);
    let (header, claims) = peek(&ann);
    let pack = |text: &str| data_encoding::BASE64URL_NOPAD.encode(text.as_bytes());
    let signature = ann.rsplit('.').next().unwrap();
    let raised = format!("{}.{}.{signature}", pack(&header), pack(&claims.replace(r#""level":3"#, r#""level":10"#)));
    let moved = format!("{}.{}.{signature}", pack(&header), pack(&claims.replace(r#""site_id":1"#, r#""site_id":2"#)));
    let unsigned = format!("{}.{}.", pack(r#"{"alg":"none","typ":"JWT"}"#), pack(&claims));
    for auth in [
        "Bearer",
        "Bearer a.b.c",
        "Bearer opaque",
        "Bearer a b",
        "Basic YW5uOmNvcnJlY3QgaG9yc2U=",
        "token wpk_live_x",
        "garbage",
        ann.as_str(),
        &format!("Bearer {ann}x"),
        &format!("Bearer {raised}"),
        &format!("Bearer {moved}"),
        &format!("Bearer {unsigned}"),
        &format!("Bearer {}", ".".repeat(60_000)),
    ] {
        invalid_token(&world, Ask::get("/v1/posts").auth(auth));
    }
    invalid_token(&world, with("GET", &ann).auth("Bearer x"));
    assert!(world.upstream.arrived().is_empty());
}

#[test]
fn a_token_lives_for_24_hours_to_the_second() {
    let world = world();
    let (ann, nobody) = (login(&world, "yoursite", "ann"), guest(&world));
    world.pass(86_399);
    assert_eq!(world.ask(with("GET", &ann)).status, 200);
    assert_eq!(world.ask(with("GET", &nobody)).status, 200);
    world.pass(1);
    for token in [ann, nobody] {
        let answer = refused(&world, with("GET", &token), 401, "token_expired", "The token has expired");
        assert_eq!(answer.header("www-authenticate"), r#"Bearer realm="wapka-api", error="invalid_token""#);
    }
}

#[test]
fn a_lowered_account_loses_its_rights_at_once_and_a_raised_one_logs_in_again() {
    let world = world();
    let mia = login(&world, "yoursite", "mia");
    change(&world, 9, |a| Account { level: 0, ..a });
    forbidden(&world, with("POST", &mia));
    change(&world, 9, |a| Account { level: 10, ..a });
    passes(&world, with("POST", &mia), ["9", "mia", "9", "*", "yoursite"]);
}

#[test]
fn a_ban_or_a_new_password_kills_tokens_with_the_next_request() {
    let world = world();
    let (ann, mia) = (login(&world, "yoursite", "ann"), login(&world, "yoursite", "mia"));
    change(&world, 4, |a| Account { status: Status::Banned, ..a });
    invalid_token(&world, with("GET", &ann));
    world.run(async {
        let call = frozen_call(world.now(), 9);
        set_password(&world.house, &call, SiteId(1), 9, Secret::new("correct horse")).await.unwrap();
    });
    invalid_token(&world, with("GET", &mia));
    // A login of the same second lives.
    let again = login(&world, "yoursite", "mia");
    assert_eq!(world.ask(with("GET", &again)).status, 200);
}

#[test]
fn a_sign_out_everywhere_kills_tokens_and_a_session_knows_its_own() {
    let world = world();
    let ann = login(&world, "yoursite", "ann");
    let mia = login(&world, "yoursite", "mia");
    let session = |number| {
        let now = world.now();
        let rows = world.run(world.house.look(move |desk| desk.sessions(SiteId(1), Some(number), now))).unwrap();
        assert_eq!(rows.len(), 1);
        rows.into_iter().next().unwrap()
    };
    let (token, expires) = (session(9).token.unwrap(), session(9).expires);
    assert_eq!(expires, world.now().plus(86_400));
    world.run(world.house.work(move |desk| desk.revoke_token(SiteId(1), token, expires))).unwrap();
    invalid_token(&world, with("GET", &mia));
    world.run(async {
        let call = frozen_call(world.now(), 9);
        doorward_core::flow::accounts::sign_out_everywhere(&world.house, &call, SiteId(1), 4).await.unwrap();
    });
    invalid_token(&world, with("GET", &ann));
}

#[test]
fn outside_v1_nothing_is_its_own() {
    let world = world();
    world.ask(Ask::get("/posts").auth("Bearer x")).is(200, r#"{"upstream":true}"#);
    world.ask(Ask::get("/v12/posts")).is(200, r#"{"upstream":true}"#);
    refused(&world, Ask::get("/v1"), 401, "unauthorized", "A token or API key is required");
}

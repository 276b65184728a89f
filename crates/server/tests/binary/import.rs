//! Bundles and commands beside a running server: taken up within a second, or refused whole.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Ask, PASSWORD, Place, Server, bundle, login, may_see_sites, site, until, user};

/// How soon a change is promised to hold, and the wait of a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(5);

/// Ann's pair: (access, refresh).
fn pair(server: &Server, name: &str) -> (String, String) {
    let answer = login(name, PASSWORD, None).send(server.address);
    assert_eq!(answer.status, 200, "{}", answer.line());
    (answer.text("/access_token"), answer.text("/refresh_token"))
}

/// Waits until this is answered with this status.
#[track_caller]
fn becomes(server: &Server, ask: &Ask, status: u16) {
    until(SOON, &format!("{status}"), || (ask.send(server.address).status == status).then_some(()));
}

fn exported(place: &Place) -> String {
    place.run(&["export", "bundle"]).good()
}

#[test]
fn what_is_imported_holds_in_a_running_server_and_a_second_time_changes_nothing() {
    let place = Place::new();
    place.import(&bundle(vec![site(vec![user(1, "ann"), user(2, "bob")])])).good();
    let server = place.serve(&[]);
    let (access, refresh) = pair(&server, "ann");
    let ann = may_see_sites(&format!("Bearer {access}"));
    assert_eq!(ann.send(server.address).status, 204);
    login("cid", PASSWORD, None).send(server.address).is(401, r#"{"error":"Invalid email or password."}"#);
    let posts = Ask::post("/api/v1/posts/store").basic("bob@example.com", PASSWORD);
    posts.send(server.address).is(401, r#"{"status":"fail","message":"Invalid token"}"#);

    let mut banned = user(1, "ann");
    banned["type"] = json!(2);
    let mut changed = site(vec![banned, user(3, "cid")]);
    changed["dialects"]["wncms"] = json!({"settings": {"wncms_api_post_store": "0"}});
    let changed = bundle(vec![changed]);
    assert_eq!(place.import(&changed).good(), "imported: 1 site changed, 1 user made, 1 user changed\n");
    becomes(&server, &login("cid", PASSWORD, None), 200);
    becomes(&server, &ann, 401);
    becomes(&server, &posts, 403);
    posts.send(server.address).is(403, r#"{"status":403,"message":"API access is disabled"}"#);
    login("ann", PASSWORD, None).send(server.address).is(401, r#"{"error":"Your account is locked."}"#);
    let again = Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": refresh}));
    assert_eq!(again.send(server.address).status, 401);
    assert_eq!(pair(&server, "bob").0.matches('.').count(), 2);

    // Logins have replaced hashes in the meantime: that is no reason to bring the old ones back.
    let before = exported(&place);
    assert_eq!(place.import(&changed).good(), "imported: nothing changed\n");
    assert_eq!(exported(&place), before);
    assert_eq!(pair(&server, "cid").0.matches('.').count(), 2);
    server.stop();
}

#[test]
fn what_a_command_does_holds_in_a_running_server() {
    let place = Place::new();
    place.import(&bundle(vec![site(vec![user(1, "ann")])])).good();
    let server = place.serve(&[]);
    let made = place.run(&["token", "create", "--user", "ann", "--name", "CI", "--json"]).good();
    let made: Value = serde_json::from_str(&made).unwrap();
    let (id, token) = (made["id"].to_string(), made["token"].as_str().unwrap());
    let shown = may_see_sites(&format!("token {token}"));
    becomes(&server, &shown, 204);
    assert!(place.tell(&["token", "check"], token).good().starts_with("works     yes\n"));
    let (access, refresh) = pair(&server, "ann");
    let bearer = may_see_sites(&format!("Bearer {access}"));
    assert_eq!(bearer.send(server.address).status, 204);

    // Bound to addresses: this machine's, and others'.
    for (from, status) in [(&["127.0.0.0/8", "::1"][..], 204), (&["10.0.0.0/8"], 403)] {
        let flags = from.iter().flat_map(|entry| ["--ip-allow", entry]);
        let made =
            place.run(&["token", "create", "--user", "ann", "--name", from[0], "--json"].into_iter().chain(flags).collect::<Vec<_>>());
        let made: Value = serde_json::from_str(&made.good()).unwrap();
        assert_eq!(made["ip_allow"], json!(from));
        let bound = made["token"].as_str().unwrap();
        assert!(place.tell(&["token", "check"], bound).good().contains(&format!("from      {}\n", from.join(", "))));
        becomes(&server, &may_see_sites(&format!("token {bound}")), status);
    }
    let wrong = place.run(&["token", "create", "--user", "ann", "--name", "x", "--ip-allow", "10.0.0.0/33"]);
    assert!(wrong.code == 2 && wrong.err.contains("--ip-allow: ") && wrong.err.contains("10.0.0.0/33"), "{}", wrong.err);

    place.run(&["user", "sign-out", "ann"]).good();
    becomes(&server, &bearer, 401);
    let again = Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": refresh}));
    assert_eq!(again.send(server.address).status, 401);
    assert_eq!(shown.send(server.address).status, 204, "signing out leaves API tokens alone");
    until(SOON, "a login after signing out", || {
        let answer = login("ann", PASSWORD, None).send(server.address);
        let bearer = may_see_sites(&format!("Bearer {}", answer.text("/access_token")));
        (bearer.send(server.address).status == 204).then_some(())
    });

    place.run(&["token", "revoke", &id]).good();
    becomes(&server, &shown, 401);
    shown.send(server.address).is(401, r#"{"error":"Unauthorized"}"#);
    assert!(place.tell(&["token", "check"], token).good().starts_with("works     no\n"));
    place.run(&["token", "revoke", &id]).refused(&format!("the site has no live token {id}"));
    let set = place.tell(&["user", "password", "ann", "--password-stdin"], "another one\n").good();
    assert_eq!(set, "ann: password set, older tokens are dead\n");
    becomes(&server, &login("ann", "another one", None), 200);
    assert_eq!(login("ann", PASSWORD, None).send(server.address).status, 401);

    // After a compromise one step ends what programs hold as well.
    for (at, end) in [&["user", "sign-out", "ann", "--api-tokens"][..], &["user", "password", "ann", "--generate-password", "--api-tokens"]]
        .into_iter()
        .enumerate()
    {
        let made = place.run(&["token", "create", "--user", "ann", "--name", &format!("CI {at}"), "--json"]).good();
        let made: Value = serde_json::from_str(&made).unwrap();
        let shown = may_see_sites(&format!("token {}", made["token"].as_str().unwrap()));
        becomes(&server, &shown, 204);
        assert!(place.run(end).good().contains(", every API token is dead\n"));
        becomes(&server, &shown, 401);
    }
    server.stop();
}

#[test]
fn a_broken_bundle_is_refused_in_one_sentence_and_changes_nothing() {
    let place = Place::new();
    let good = bundle(vec![site(vec![user(1, "ann"), user(2, "bob")])]);
    place.import(&good).good();
    let before = exported(&place);
    let with = |pointer: &str, name: &str, value: Value| {
        let mut broken = good.clone();
        // What comes before the broken part must not stay either.
        broken["sites"][0]["users"][0]["display_name"] = json!("Changed");
        broken.pointer_mut(pointer).unwrap()[name] = value;
        broken.to_string()
    };
    for (text, sentence) in [
        (
            with("/sites/0/users/1", "passwort", json!("x")),
            "sites[0].users[1].passwort: is no member of a bundle; did you mean `password_hash`?",
        ),
        (with("/sites/0", "dialect", json!({})), "sites[0].dialect: is no member of a bundle; did you mean `dialects`?"),
        (with("", "doorward_bundle", json!(2)), "doorward_bundle: must be 1: this version reads no other format"),
        (with("/sites/0/users/1", "level", json!(11)), "sites[0].users[1].level: must be from 0 to 10"),
        (with("/sites/0/users/1", "login", json!("ann")), "sites[0].users[1].login: another account of the site has it"),
        ("{\"sites\": []}".into(), "doorward_bundle: is missing: this is no bundle"),
        ("{\"doorward_bundle\": 1,\n\"sites\": [}".into(), "line 2: expected value at line 2 column 11"),
    ] {
        // What a file says is told with its name, what the store says is told as it is.
        let sentence = if sentence.contains("must be from") || sentence.contains("another account") {
            sentence.to_owned()
        } else {
            format!("bundle.json: {sentence}")
        };
        place.import_text(&text).refused(&sentence);
        assert_eq!(exported(&place), before);
    }
    place.run(&["import", "bundle", "missing.json"]).refused("missing.json cannot be read: No such file or directory (os error 2)");
}

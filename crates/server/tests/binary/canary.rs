//! Canaries: secrets whose text is known, looked for everywhere that is not their own place.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{
    Answer, Ask, Engine, Place, Server, bundle, login, may_see_sites, site, totp_code, until, user, wapka_key, wapka_login,
};

const PASSWORD: &str = "canary-password-Kx81";
const NEXT_PASSWORD: &str = "canary-second-password-Qm77";
const WRONG_PASSWORD: &str = "canary-wrong-password-Zt05";
const API_TOKEN: &str = "canary0api0token0canary0api0token0canary";
const JWT_SECRET: &str = "canary-jwt-auth-secret-key-of-thirty-two-bytes-and-more";
const SJL_SECRET: &str = "canary-simple-jwt-login-decryption-key-of-32-bytes";
const TOTP: &str = crate::support::TOTP_SECRET;
const TOTP_BYTES: &str = "12345678901234567890";
const RECOVERY: &str = "canar-y9xq4";
const KEY: &str = "canary-imported-signing-key-of-thirty-two-bytes-x";

/// What is looked for: everything above, as it is and in the ways that it could be written, and what the run brings.
fn canaries() -> Vec<String> {
    let plain = [PASSWORD, NEXT_PASSWORD, WRONG_PASSWORD, API_TOKEN, JWT_SECRET, SJL_SECRET, TOTP, TOTP_BYTES, RECOVERY, KEY];
    let mut all: Vec<String> = plain.iter().map(|c| (*c).to_owned()).collect();
    for text in plain {
        all.push(data_encoding::HEXLOWER.encode(text.as_bytes()));
        // Without the last letters: they depend on what follows.
        let encoded = data_encoding::BASE64_NOPAD.encode(text.as_bytes());
        all.push(encoded[..encoded.len() - 2].to_owned());
    }
    all.extend(["canary9xq4".into(), "canar y9xq4".into(), "canary9xq4".to_uppercase()]);
    all
}

#[track_caller]
fn quiet(what: &str, text: &[u8], canaries: &[String]) {
    for canary in canaries {
        let found = text.windows(canary.len()).any(|w| w == canary.as_bytes());
        assert!(!found, "{what} holds the secret {canary}");
    }
}

/// Makes everything that has a secret, and uses it; returns the secrets that were drawn on the way.
fn live(place: &Place, server: &Server) -> Vec<String> {
    let to = server.address;
    let good = |answer: Answer| {
        assert!((200..300).contains(&answer.status), "{}", answer.line());
        answer
    };
    let add = ["user", "add", "cid", "--email", "cid@example.com", "--level", "10", "--role", "superadmin", "--password-stdin"];
    place.tell(&add, &format!("{PASSWORD}\n")).good();
    place.tell(&["user", "password", "cid", "--password-stdin"], &format!("{NEXT_PASSWORD}\n")).good();
    place.tell(&["keys", "import", "--dialect", "wapka", "--kid", "k9", "--algorithm", "HS256", "-"], KEY).good();
    let made = place.run(&["token", "create", "--user", "cid", "--name", "CI", "--json"]).good();
    let made: Value = serde_json::from_str(&made).unwrap();
    let mut drawn = vec![made["token"].as_str().unwrap().to_owned()];
    let enrolled = place.run(&["user", "second-factor", "enrol", "ann"]).good();
    drawn.extend(enrolled.split_whitespace().filter(|w| w.len() == 11 && w.as_bytes()[5] == b'-').map(str::to_owned));
    drawn.extend(enrolled.lines().find(|l| l.starts_with("secret")).and_then(|l| l.split_whitespace().nth(1)).map(str::to_owned));
    assert_eq!(drawn.len(), 12, "{enrolled}");

    let second = until(std::time::Duration::from_secs(5), "the new password", || {
        Some(wapka_login("yoursite", "cid", NEXT_PASSWORD).send(to)).filter(|a| a.status == 200)
    });
    let wapka = second.text("/data/token");
    drawn.push(good(wapka_key(&wapka, "further").send(to)).text("/data/key"));
    let pair = good(login("bob", PASSWORD, Some(&totp_code())).send(to));
    let renewed = good(Ask::post("/api/v1/jwt/refresh").json(&json!({"refresh_token": pair.text("/refresh_token")})).send(to));
    good(login("bob", PASSWORD, Some(RECOVERY)).send(to));
    let by_name = json!({"username": "cid", "password": NEXT_PASSWORD});
    let jwt = good(Ask::post("/wp-json/jwt-auth/v1/token").json(&by_name).send(to)).text("/token");
    let signed_in = good(Ask::post("/api/v1/auth").json(&json!({"email": "cid@example.com", "password": NEXT_PASSWORD})).send(to));
    drawn.push(signed_in.text("/token"));
    good(Ask::post("/api/v1/token/generate").basic("cid@example.com", NEXT_PASSWORD).json(&json!({"name": "by Basic"})).send(to));
    for token in [pair.text("/access_token"), renewed.text("/access_token"), renewed.text("/refresh_token"), wapka, jwt] {
        // The last segment is the secret of it.
        drawn.push(token.rsplit('.').next().unwrap().to_owned());
    }
    assert_eq!(may_see_sites(&format!("token {API_TOKEN}")).send(to).status, 204);
    for refused in [
        login("bob", WRONG_PASSWORD, None),
        login("bob", PASSWORD, Some("999999")),
        login("bob", PASSWORD, Some(RECOVERY)),
        login(WRONG_PASSWORD, PASSWORD, None),
        wapka_login("yoursite", WRONG_PASSWORD, WRONG_PASSWORD),
        may_see_sites(&format!("token {WRONG_PASSWORD}")),
        may_see_sites(&format!("Bearer {API_TOKEN}.{API_TOKEN}.x")),
        Ask::post(&format!("/api/v1/posts/store?api_token={API_TOKEN}x")),
        Ask::get(&format!("/nowhere?JWT={JWT_SECRET}")),
        Ask::post("/api/v1/token/generate").basic(WRONG_PASSWORD, WRONG_PASSWORD),
    ] {
        assert!(refused.send(to).status >= 400, "{refused:?}");
    }
    drawn
}

fn listings(place: &Place) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let json: [&[&str]; 9] = [
        &["user", "list"],
        &["user", "show", "bob"],
        &["user", "show", "cid"],
        &["token", "list"],
        &["site", "list"],
        &["site", "show", "yoursite"],
        &["keys", "list"],
        &["audit", "list", "--limit", "10000"],
        &["settings", "list"],
    ];
    for command in json {
        let text = place.run(&[command, &["--json"]].concat()).good();
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{command:?} is no JSON: {e}"));
        assert!(value.is_array() || value.is_object());
        all.push((command.join(" "), text));
        all.push((format!("{} as a table", command.join(" ")), place.run(command).good()));
    }
    for command in [&["export", "bundle"][..], &["keys", "jwks"], &["settings", "explain", "data.database"]] {
        all.push((command.join(" "), place.run(command).good()));
    }
    all
}

fn files(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    entries.filter(|p| p.is_file()).map(|p| (p.display().to_string(), std::fs::read(&p).unwrap())).collect()
}

fn sing(engine: Engine) {
    let place = Place::on(engine);
    let mut bob = user(2, "bob");
    bob["password_hash"] = Value::Null;
    bob["totp"] = json!({"secret": TOTP, "recovery_codes": [RECOVERY]});
    bob["api_tokens"] = json!([{"name": "old", "token": API_TOKEN}]);
    let mut yours = site(vec![user(1, "ann"), bob]);
    yours["dialects"]["jwt_auth"] = json!({"constants": {"JWT_AUTH_SECRET_KEY": JWT_SECRET}});
    yours["dialects"]["simple_jwt_login"] = json!({"settings": {"decryption_key": SJL_SECRET}});
    place.import(&bundle(vec![yours])).good();
    std::fs::remove_file(place.path().join("bundle.json")).unwrap();
    place.tell(&["user", "password", "bob", "--password-stdin"], &format!("{PASSWORD}\n")).good();
    let (server, numbers) = place.serve_with_numbers(&["--set", "log.level=debug"]);
    let mut canaries = canaries();
    canaries.extend(live(&place, &server));

    let metrics = Ask::get("/metrics").send(numbers);
    assert!(metrics.status == 200 && metrics.body.contains("doorward_granted_total"), "{}", metrics.line());
    quiet("/metrics", metrics.body.as_bytes(), &canaries);
    for path in ["/openapi.json", "/.well-known/jwks.json", "/readyz"] {
        quiet(path, Ask::get(path).send(server.address).body.as_bytes(), &canaries);
    }
    for (what, text) in listings(&place) {
        quiet(&what, text.as_bytes(), &canaries);
    }
    // While it runs, with its write-ahead log, and after an orderly end.
    assert!(server.log().contains("refused"), "the log tells refusals at this level");
    let running = files(&place.data(""));
    server.stop();
    let stopped = files(&place.data(""));
    let written = files(place.path());
    assert!(written.iter().any(|(name, text)| name.contains("log.") && !text.is_empty()));
    for (what, bytes) in running.iter().chain(&stopped).chain(&written) {
        quiet(what, bytes, &canaries);
    }
    // The canaries are really there: whoever asks for secrets gets those that are kept to be used.
    let all = place.run(&["export", "bundle", "--with-secrets"]).good();
    assert!([TOTP, JWT_SECRET, SJL_SECRET].iter().all(|secret| all.contains(secret)));
}

#[test]
fn no_secret_is_listed_logged_counted_or_stored_in_plain_text() {
    sing(Engine::Sqlite);
}

#[test]
fn nor_with_postgres() {
    sing(Engine::Postgres);
}

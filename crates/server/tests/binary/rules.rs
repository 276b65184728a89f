//! Rules edited beside a running server: by command, by the watched file, by the admin API. A good edit holds soon, a bad one
//! changes nothing.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Ask, PASSWORD, Place, Server, bundle, site, until, user};

const SOON: Duration = Duration::from_secs(10);

/// A site that answers the client's host, without an upstream: what may pass is 404 then.
fn place() -> Place {
    let place = Place::new();
    let mut bot = user(7, "bot");
    bot["service_account"] = json!(true);
    let mut yours = site(vec![user(1, "ann"), bot.clone()]);
    yours["hosts"] = json!(["example.com", "binary.example"]);
    let mut other = site(vec![bot]);
    (other["name"], other["id"], other["hosts"]) = (json!("other"), json!(2), json!(["other.example"]));
    place.import(&bundle(vec![yours, other])).good();
    place
}

fn x() -> Ask {
    Ask::get("/api/v1/x")
}

#[track_caller]
fn becomes(server: &Server, ask: &Ask, status: u16) {
    until(SOON, &format!("{status}"), || (ask.send(server.address).status == status).then_some(()));
}

/// Edits a site's rules by command.
fn rules(place: &Place, words: &[&str]) -> String {
    place.run(&[&["rules"], words, &["--site", "yoursite"]].concat()).good()
}

fn listed(place: &Place) -> Value {
    serde_json::from_str(&rules(place, &["list", "--json"])).unwrap()
}

fn paths(place: &Place) -> Vec<String> {
    listed(place)["endpoints"].as_array().unwrap().iter().map(|rule| rule["path"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_command_edits_rules_under_running_requests() {
    let place = place();
    let server = place.serve(&[]);
    let (stop, address) = (Arc::new(AtomicBool::new(false)), server.address);
    let asking = {
        let stop = Arc::clone(&stop);
        std::thread::spawn(move || {
            let mut heard = 0;
            while !stop.load(Ordering::Relaxed) {
                let answer = x().send(address);
                assert!([401, 403, 404].contains(&answer.status), "{}", answer.line());
                heard += 1;
            }
            heard
        })
    };
    becomes(&server, &x(), 401);
    rules(&place, &["add", "--path", "/api/v1/x", "--auth", "none"]);
    becomes(&server, &x(), 404);
    rules(&place, &["disable", "1"]);
    becomes(&server, &x(), 403);
    rules(&place, &["enable", "1"]);
    becomes(&server, &x(), 404);
    rules(&place, &["set", "1", "--auth", "token", "--auth", "bearer", "--rate", "address:1000000/1"]);
    becomes(&server, &x(), 401);
    let hides = ["rules", "add", "--at", "1", "--path", "/api/v1", "--match", "prefix", "--auth", "none", "--site", "yoursite"];
    let hidden =
        "doorward: warning: rule 2 (exact /api/v1/x) is never asked: rule 1 (prefix /api/v1) comes first and fits all that it fits\n";
    assert_eq!(place.run(&hides).err, hidden);
    becomes(&server, &x(), 404);
    rules(&place, &["move", "1", "2"]);
    becomes(&server, &x(), 401);
    assert_eq!(paths(&place), ["/api/v1/x", "/api/v1"]);
    rules(&place, &["remove", "1"]);
    becomes(&server, &x(), 404);
    std::fs::write(place.path().join("new.json"), json!([{"path": "/api/v1/x", "auth": ["token"]}]).to_string()).unwrap();
    rules(&place, &["replace", "new.json"]);
    becomes(&server, &x(), 401);
    stop.store(true, Ordering::Relaxed);
    assert!(asking.join().unwrap() > 10);
    let audit = place.run(&["audit", "list", "--action", "command.rules"]).good();
    for word in ["add", "disable", "enable", "set", "move", "remove", "replace"] {
        assert!(audit.contains(&format!("command.rules.{word}")), "{word}: {audit}");
    }
    server.stop();
}

#[test]
fn a_bad_edit_by_command_is_refused_with_its_place_and_changes_nothing() {
    let place = place();
    rules(&place, &["add", "--path", "/x", "--auth", "token"]);
    let before = listed(&place);
    let bad = |words: &[&str]| place.run(&[&["rules"], words, &["--site", "yoursite"]].concat());
    bad(&["set", "1", "--ip-allow", "nowhere"])
        .refused("endpoints[0].ip_allow[0]: rule 1 (/0/ip_allow/0): `nowhere` is no address, CIDR block, or IPv4 pattern such as 85.*.*.*");
    bad(&["add", "--path", "/y", "--auth", "tokn"])
        .refused("endpoints[1].auth[0]: `tokn` is none of none, simple, basic, token, bearer, api_key; did you mean `token`?");
    bad(&["remove", "2"]).refused("rule 2: is not there: rules are numbered from 1 to 1");
    bad(&["remove", "1", "--if-match", "old"]).refused("somebody else has changed the rules in the meantime: read them again");
    std::fs::write(place.path().join("bad.json"), r#"[{"path": "/x", "auht": ["none"]}]"#).unwrap();
    bad(&["replace", "bad.json"]).refused("bad.json: endpoints[0].auht: is no member of a rule; did you mean `auth`?");
    bad(&["check", "bad.json"]).refused("bad.json: endpoints[0].auht: is no member of a rule; did you mean `auth`?");
    assert_eq!(listed(&place), before);
    rules(&place, &["remove", "1", "--if-match", before["etag"].as_str().unwrap()]);
    assert_eq!(paths(&place), Vec::<String>::new());
}

/// The value of a metric.
fn number(metrics: SocketAddr, name: &str) -> String {
    let text = Ask::get("/metrics").send(metrics).body;
    let line = text.lines().find(|line| line.starts_with(name) && !line.starts_with('#'));
    line.and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned()
}

#[test]
fn the_watched_file_is_taken_up_and_a_bad_one_leaves_the_last_good_rules_standing() {
    let place = place();
    let file = place.path().join("rules.json");
    let write = |text: &str| std::fs::write(&file, text).unwrap();
    let open = json!({"yoursite": [{"path": "/api/v1/x", "auth": ["none"]}]}).to_string();
    write(&open);
    let (server, metrics) = place.serve_with_numbers(&["--set", "rules.file=rules.json"]);
    assert_eq!(x().send(server.address).status, 404, "read at the start");
    let is_bad = |value: &str| until(SOON, "the metric", || (number(metrics, "doorward_rules_file_bad") == value).then_some(()));
    let half = open.replace("/api", "api");
    let nobody = json!({"nosite": []}).to_string();
    let shut =
        json!({"yoursite": [{"path": "/api/v1/x", "auth": ["token"]}, {"path": "/y", "auth": ["none"], "ip_deny": ["x"]}]}).to_string();
    for (bad, place) in [
        ("{", "line 1: is no JSON object"),
        (half.as_str(), "yoursite[0].path: must start with /"),
        (nobody.as_str(), "there is no site `nosite`"),
        (shut.as_str(), "yoursite[1].ip_deny[0]: rule 2 (/1/ip_deny/0): `x` is no address"),
    ] {
        write(bad);
        is_bad("1");
        until(SOON, place, || server.log().contains(place).then_some(()));
        assert_eq!(x().send(server.address).status, 404, "the last good rules stand: {bad}");
        write(&open);
        is_bad("0");
    }
    std::fs::remove_file(&file).unwrap();
    is_bad("1");
    assert_eq!(x().send(server.address).status, 404);
    write(&json!({"yoursite": [{"path": "/api/v1/x", "auth": ["token"]}], "other": []}).to_string());
    becomes(&server, &x(), 401);
    is_bad("0");
    assert_eq!(server.log().matches("there is no site `nosite`").count(), 1, "told once");
    assert!(place.run(&["audit", "list", "--action", "rules.file"]).good().contains("rules.file"));
    server.stop();
}

/// An API token of a user.
fn token(place: &Place, site: &str, user: &str, scope: &str) -> String {
    let mut words = vec!["token", "create", "--site", site, "--user", user, "--name", "t", "--json"];
    if !scope.is_empty() {
        words.extend(["--scope", scope]);
    }
    let made: Value = serde_json::from_str(&place.run(&words).good()).unwrap();
    made["token"].as_str().unwrap().to_owned()
}

const RULES: &str = "/admin/v1/sites/yoursite/rules";

#[test]
fn the_admin_api_opens_only_to_a_token_that_was_made_for_it() {
    let place = place();
    rules(&place, &["add", "--path", "/api/v1/x", "--auth", "none"]);
    let before = listed(&place);
    let strangers = [
        (401, String::new()),
        (401, "Bearer nobody".to_owned()),
        (401, format!("Basic {}", data_encoding::BASE64.encode(format!("bot@example.com:{PASSWORD}").as_bytes()))),
        (403, format!("Bearer {}", token(&place, "yoursite", "ann", "doorward:admin"))),
        (403, format!("Bearer {}", token(&place, "yoursite", "bot", ""))),
        (403, format!("Bearer {}", token(&place, "yoursite", "bot", "posts:read"))),
        (403, format!("Bearer {}", token(&place, "other", "bot", "doorward:admin"))),
    ];
    let good = token(&place, "yoursite", "bot", "doorward:admin");
    let (server, admin) = place.serve_with_numbers(&[]);
    let list = json!([{"path": "/", "match": "prefix", "auth": ["none"]}]);
    let explain = || Ask::post("/admin/v1/explain").json(&json!({"site": "yoursite", "path": "/api/v1/x"}));
    let doors = || [Ask::get(RULES), Ask::new("PUT", RULES).header("If-Match", "*").json(&list), explain()];
    for (status, credential) in &strangers {
        for ask in doors() {
            let ask = if credential.is_empty() { ask } else { ask.auth(credential) };
            let answer = ask.send(admin);
            assert_eq!(answer.status, *status, "{credential}: {}", answer.line());
        }
    }
    assert_eq!(Ask::get("/admin/v1/anything").send(admin).status, 401, "nobody learns what is here");
    assert_eq!(Ask::get(RULES).auth(&format!("Bearer {good}")).send(server.address).status, 404, "and not where clients are");
    assert_eq!(listed(&place), before);
    let own = |ask: Ask| ask.auth(&format!("Bearer {good}")).send(admin);
    assert_eq!(own(Ask::get(RULES)).status, 200);
    for path in ["/admin/v1/sites/other/rules", "/admin/v1/sites/none/rules"] {
        assert_eq!(own(Ask::get(path)).status, 403, "{path}");
    }
    place.run(&["user", "ban", "bot", "--site", "yoursite"]).good();
    assert_eq!(own(Ask::get(RULES)).status, 401, "at once");
    server.stop();
}

#[test]
fn two_editors_by_the_admin_api_cannot_overwrite_each_other() {
    let place = place();
    let good = token(&place, "yoursite", "bot", "doorward:admin");
    let (server, admin) = place.serve_with_numbers(&[]);
    let own = |ask: Ask| ask.auth(&format!("Bearer {good}")).send(admin);
    let put = |seen: &str, list: &Value| -> Answer {
        let ask = Ask::new("PUT", RULES).json(list);
        own(if seen.is_empty() { ask } else { ask.header("If-Match", seen) })
    };
    let first = own(Ask::get(RULES));
    let seen = first.header("etag").to_owned();
    assert_eq!((seen.trim_matches('"'), first.at("/endpoints")), (first.text("/etag").as_str(), json!([])));
    let open = json!([{"path": "/api/v1/x", "auth": ["none"]}]);
    let shut = json!({"endpoints": [{"path": "/api/v1/x", "auth": ["token"]}]});
    assert_eq!(put("", &open).status, 428);
    let answer = put(&seen, &open);
    assert_eq!(answer.status, 200, "{}", answer.line());
    assert_eq!(x().send(server.address).status, 404, "it holds before the answer is given");
    let late = put(&seen, &shut);
    assert_eq!((late.status, late.text("/error/code")), (412, "changed".to_owned()));
    assert_eq!(x().send(server.address).status, 404);
    let bad = put("*", &json!([{"path": "/x", "auth": ["none"], "ip_deny": ["nowhere"]}]));
    assert_eq!((bad.status, bad.text("/error/code")), (422, "bad_rules".to_owned()));
    assert!(bad.text("/error/message").starts_with("endpoints[0].ip_deny[0]: "), "{}", bad.line());
    assert_eq!(put(answer.header("etag"), &shut).status, 200);
    assert_eq!(x().send(server.address).status, 401);
    let told = own(Ask::post("/admin/v1/explain").json(&json!({"site": "yoursite", "path": "/api/v1/x", "headers": [["X-A", "b"]]})));
    assert_eq!((told.text("/outcome"), told.text("/reason")), ("refused".to_owned(), "no_credential".to_owned()));
    let heard = x().send(server.address);
    assert_eq!((told.at("/answer/status"), told.text("/answer/body")), (json!(heard.status), heard.body.clone()));
    let elsewhere = json!({"site": "yoursite", "path": "/api/v1/x", "host": "other.example"});
    assert_eq!(own(Ask::post("/admin/v1/explain").json(&elsewhere)).status, 400, "another site's rules are not explained");
    let audit = place.run(&["audit", "list", "--action", "admin.rules", "--json"]).good();
    let audit: Value = serde_json::from_str(&audit).unwrap();
    assert_eq!(audit.as_array().unwrap().len(), 2, "{audit}");
    server.stop();
}

#[test]
fn explain_by_command_tells_what_the_server_answers() {
    let place = place();
    rules(&place, &["add", "--path", "/api/v1/x", "--auth", "token", "--min-level", "3"]);
    let token = token(&place, "yoursite", "ann", "");
    let server = place.serve(&[]);
    let explained = |words: &[&str]| -> Value {
        serde_json::from_str(&place.run(&[&["explain", "--site", "yoursite", "--json"], words].concat()).good()).unwrap()
    };
    let told = explained(&["--path", "/api/v1/x"]);
    let heard = x().send(server.address);
    assert_eq!((&told["reason"], &told["answer"]["status"]), (&json!("no_credential"), &json!(heard.status)));
    assert_eq!(told["answer"]["body"], json!(heard.body));
    assert_eq!((&told["rule"]["number"], &told["rule"]["of"]), (&json!(1), &json!("site")));
    let shown =
        place.run(&["explain", "--site", "yoursite", "--path", "/api/v1/x", "--header", &format!("Authorization: token {token}")]).good();
    assert!(shown.contains("user 1 of yoursite): yes") && !shown.contains(&token), "{shown}");
    let basic = format!("Authorization: Basic {}", data_encoding::BASE64.encode(b"ann@example.com:wrong"));
    rules(&place, &["add", "--path", "/basic", "--auth", "basic", "--answers-as", "wncms"]);
    let posts = ["--path", "/basic", "--header", &basic];
    assert_eq!(explained(&posts)["outcome"], json!("unweighed"));
    assert_eq!(explained(&[&posts[..], &["--weigh"]].concat())["answer"]["status"], json!(401));
    server.stop();
}

/// What no request can be is refused by every way that rules come in by, with its place and why; nothing is written.
#[test]
fn a_rule_that_no_request_can_meet_is_refused_by_every_way() {
    let place = place();
    rules(&place, &["add", "--path", "/x", "--auth", "token"]);
    let before = listed(&place);
    let cases = [
        (
            json!({"path": "/secret?x=1"}),
            "path",
            "has a query, which is no part of a path; where the sign itself is meant it is written %3F",
        ),
        (json!({"path": "/x#y"}), "path", "has a fragment, which is no part of a path; where the sign itself is meant it is written %23"),
        (
            json!({"path": "/a//b"}),
            "path",
            "has an empty segment, a dot segment, a backslash, a semicolon or a control character, which no request may have",
        ),
        (json!({"path": "/a%"}), "path", "has a percent sign that encodes nothing"),
        (
            json!({"path": "/posts/{id", "match": "pattern"}),
            "path",
            "has `{id`: braces stand for a whole segment and hold its name, as in /posts/{id}/edit",
        ),
        (json!({"path": "/m", "methods": ["GET,POST"]}), "methods[0]", "`GET,POST` is not one method: name each by itself, as in GET"),
        (json!({"path": "/m", "methods": ["GET", "G T"]}), "methods[1]", "`G T` is not one method: name each by itself, as in GET"),
        (
            json!({"path": "/s", "scopes": ["a b"]}),
            "scopes[0]",
            "`a b` is not one scope: name each by itself, without blanks, quotes and backslashes",
        ),
    ];
    let admin_token = token(&place, "yoursite", "bot", "doorward:admin");
    let (server, admin) = place.serve_with_numbers(&[]);
    for (rule, member, why) in &cases {
        let mut rule = rule.clone();
        rule["auth"] = json!(["token"]);
        let list = json!([rule]);
        std::fs::write(place.path().join("bad.json"), list.to_string()).unwrap();
        let problem = format!("endpoints[0].{member}: {why}");
        place.run(&["rules", "replace", "bad.json", "--site", "yoursite"]).refused(&problem);
        place.run(&["rules", "check", "bad.json", "--site", "yoursite"]).refused(&format!("bad.json: {problem}"));
        std::fs::write(place.path().join("sites.json"), json!({"yoursite": list}).to_string()).unwrap();
        place.run(&["rules", "check", "sites.json"]).refused(&format!("sites.json: yoursite[0].{member}: {why}"));
        let answer = Ask::new("PUT", RULES).header("If-Match", "*").auth(&format!("Bearer {admin_token}")).json(&list).send(admin);
        assert_eq!((answer.status, answer.text("/error/message")), (422, problem), "{}", answer.line());
        let mut other = site(vec![]);
        other["endpoints"] = list;
        place.import(&bundle(vec![other])).refused(&format!("sites[0].endpoints[0].{member}: {why}"));
        assert_eq!(listed(&place), before, "{rule}");
    }
    server.stop();
    // The file's rules are watched by the same law.
    std::fs::write(place.path().join("rules.json"), json!({"yoursite": [{"path": "/x#y", "auth": ["none"]}]}).to_string()).unwrap();
    let server = place.serve(&["--set", "rules.file=rules.json"]);
    assert!(server.log().contains("yoursite[0].path: has a fragment"), "{}", server.log());
    assert_eq!(listed(&place), before);
    server.stop();
    // What can be decoded is taken, and kept as it was written.
    rules(&place, &["add", "--path", "/caf%C3%A9", "--auth", "token"]);
    assert_eq!(paths(&place), ["/x", "/caf%C3%A9"]);
}

/// The rules that dialects make of their settings are listed beside the site's own, by the numbers that an explanation names.
#[test]
fn the_rules_of_dialects_are_listed_as_an_explanation_names_them() {
    let place = place();
    place.run(&["site", "set", "yoursite", "--dialect", "wncms", "--edition", "wncms=v6.3"]).good();
    rules(&place, &["add", "--path", "/x", "--auth", "token"]);
    let listed: Value = serde_json::from_str(&rules(&place, &["list", "--all", "--json"])).unwrap();
    let told: Value = serde_json::from_str(
        &place.run(&["explain", "--site", "yoursite", "--json", "--method", "POST", "--path", "/api/v1/tags/store"]).good(),
    )
    .unwrap();
    assert_eq!((&told["rule"]["of"], &told["reason"]), (&json!("wncms"), &json!("no_credential")), "{told}");
    // The edition was chosen: its words are heard.
    assert!(told["answer"]["body"].as_str().unwrap().contains("Missing api_token"), "{told}");
    let of = listed["dialects"]["wncms"].as_array().unwrap();
    let named = of.iter().find(|rule| rule["number"] == told["rule"]["number"]).unwrap();
    assert_eq!(
        (&named["path"], &named["action"], &named["auth"]),
        (&json!("/api/v1/tags/store"), &told["rule"]["action"], &json!(["simple"]))
    );
    assert_eq!(listed["endpoints"].as_array().unwrap().len(), 1);
    assert!(!rules(&place, &["list", "--json"]).contains("wncms"));
    let table = rules(&place, &["list", "--all"]);
    assert!(table.contains("rules of the dialect wncms") && table.contains("/api/v1/tags/store"), "{table}");
    let admin_token = token(&place, "yoursite", "bot", "doorward:admin");
    let (server, admin) = place.serve_with_numbers(&[]);
    let get = |target: &str| Ask::get(target).auth(&format!("Bearer {admin_token}")).send(admin);
    let (all, own) = (get(&format!("{RULES}?all")), get(RULES));
    assert_eq!((all.at("/dialects/wncms"), all.header("etag")), (listed["dialects"]["wncms"].clone(), own.header("etag")));
    assert!(!own.body.contains("wncms"), "{}", own.line());
    server.stop();
    let ran = place.run(&["site", "set", "yoursite", "--edition", "wncms"]);
    assert!(ran.code != 0 && ran.err.contains("DIALECT=EDITION"), "{}", ran.err);
    place.run(&["site", "set", "yoursite", "--edition", "wncms=v9"]).refused("dialects.wncms.edition: must be one of documented, v6.3, v6");
    place.run(&["site", "set", "yoursite", "--without-dialect", "wapka"]).good();
    place.run(&["site", "set", "yoursite", "--edition", "wapka=v6"]).refused("the site does not speak `wapka`: say --dialect wapka too");
}

/// Addresses that are none are refused, and an operator is told of a whitelist that lets nobody in.
#[test]
fn what_cannot_be_meant_of_a_site_is_refused_or_told() {
    let place = place();
    for (upstream, why) in [
        ("http://h:99999", "has a port that is none: it is a number from 1 to 65535"),
        ("http://h:0", "has a port that is none: it is a number from 1 to 65535"),
        (
            "http://h/a/../b",
            "has an empty segment, a dot segment, a backslash, a semicolon or a control character, which no request may have",
        ),
        (
            "http://h/a//b",
            "has an empty segment, a dot segment, a backslash, a semicolon or a control character, which no request may have",
        ),
    ] {
        let ran = place.run(&["site", "set", "yoursite", "--upstream", upstream]);
        assert!(ran.code == 1 && ran.err.contains(why), "{upstream}: {}", ran.err);
        let ran = place.run(&["site", "add", "third", "--url", "http://third.example", "--upstream", upstream]);
        assert!(ran.code == 1 && ran.err.contains(why), "{upstream}: {}", ran.err);
    }
    for upstream in ["http://[::1]", "http://[::1]:9000", "https://h:443/base", "http://127.0.0.1:1"] {
        place.run(&["site", "set", "yoursite", "--upstream", upstream]).good();
    }
    let whitelist = |list: &str| {
        let mut yours = site(vec![]);
        yours["dialects"] = json!({"wncms": {"settings": {"api_access_whitelist": list}}});
        place.import(&bundle(vec![yours]))
    };
    let told = "sites[0].dialects.wncms.settings.api_access_whitelist: example.com, example.org let nobody in, since any program can name any \
                Origin: put addresses there";
    let ran = whitelist("example.com\nexample.org");
    assert_eq!((ran.code, ran.err), (0, format!("doorward: warning: {told}: no address is on the list, so the whole API is shut\n")));
    let ran = whitelist("example.com\n10.0.0.0/8\nexample.org");
    assert_eq!((ran.code, ran.err), (0, format!("doorward: warning: {told}\n")));
    whitelist("10.0.0.0/8").good();
    whitelist("").good();
}

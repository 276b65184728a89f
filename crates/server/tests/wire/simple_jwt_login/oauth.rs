//! `oauth/token` of `v3` and `v4`, against a real provider on this machine that signs with keys of its own.

use doorward_core::token::Algorithm;
use serde_json::{Value, json};

use super::recorded::{v3, v4, word};
use super::{KEY, VALIDATE, sign};
use crate::support::{Answer, Ask, Idp, World, peek};

const TOKEN: &str = "/wp-json/simple-jwt-login/v1/oauth/token";

/// All four, open in every way, at this provider.
fn option(idp: &Idp, more: &[(&str, Value)]) -> World {
    let one = json!({"enabled": 1, "client_id": "cid", "client_secret": "sec", "enable_oauth": true, "enable_exchange_code": true,
        "redirect_uri_exchange_code": "https://app.example/cb", "enable_exchange_id_token": true, "enable_exchange_token": true});
    let mut changes = vec![("integrations.oauth", json!({"google": one, "auth0": one, "facebook": one, "github": one}))];
    changes.extend_from_slice(more);
    let mut stage = v4(&changes);
    let place = json!({"base_url": idp.url()});
    stage.dialects[0].1["oauth"] = json!({"google": place, "auth0": place, "facebook": place, "github": place});
    World::new(stage)
}

fn post(fields: Value) -> Ask {
    Ask::post(TOKEN).json(&fields.to_string())
}

/// The claims of Ann's token at Google.
fn claims(idp: &Idp, world: &World, changes: &Value) -> Value {
    let now = world.now().0;
    let mut claims = json!({"iss": idp.url(), "aud": "cid", "sub": "117", "iat": now, "exp": now + 600,
        "email": "ann@example.com", "email_verified": true});
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

fn id_token(idp: &Idp, world: &World, changes: Value) -> String {
    idp.sign(0, &claims(idp, world, &changes))
}

fn message(answer: &Answer) -> String {
    answer.text("/data/message")
}

#[test]
fn an_id_token_of_the_provider_buys_a_jwt_whatever_key_it_is_signed_with() {
    let idp = Idp::start(&[Algorithm::Rs256, Algorithm::Es256]);
    let world = option(&idp, &[]);
    for key in [0, 1] {
        let answer = world.ask(post(json!({"provider": "Google", "id_token": idp.sign(key, &claims(&idp, &world, &json!({})))})));
        assert_eq!((answer.status, answer.header("allow")), (200, "GET, POST"), "{}", answer.line());
        let jwt = answer.text("/data/jwt");
        assert!(peek(&jwt).1.contains(r#""email":"ann@example.com""#));
        assert_eq!(world.ask(Ask::get(VALIDATE).auth(&format!("Bearer {jwt}"))).text("/data/user/ID"), "4");
    }
    // Keys were asked for once.
    assert_eq!(idp.lines(), ["GET /.well-known/openid-configuration", "GET /jwks"]);
    assert_eq!(world.reasons().iter().filter(|r| *r == "simple_jwt_login.oauth granted").count(), 2);
}

#[test]
fn a_token_of_another_or_for_another_or_of_another_time_buys_nothing() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let other = Idp::start(&[Algorithm::Es256, Algorithm::Rs256]);
    let world = option(&idp, &[]);
    let now = world.now().0;
    let (invalid, audience, issuer, nonce) = (
        "The provided id_token is invalid",
        "The provided id_token was not issued for this application",
        "The provided id_token has an invalid issuer",
        "The provided id_token has an invalid nonce",
    );
    for (changes, text) in [
        (json!({"aud": "other"}), audience),
        (json!({"aud": null}), audience),
        (json!({"aud": ["cid", "other"]}), audience),
        (json!({"azp": "other"}), audience),
        (json!({"iss": "https://evil.example"}), issuer),
        (json!({"iss": null}), issuer),
        (json!({"exp": now - 60}), invalid),
        (json!({"exp": null}), invalid),
        (json!({"exp": "9999999999"}), invalid),
        (json!({"iat": now + 3600}), invalid),
        (json!({"nonce": "n-1"}), nonce),
    ] {
        let answer = world.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &world, changes.clone())})));
        assert_eq!((word(&answer), message(&answer).as_str()), ((401, 73), text), "{changes}");
    }
    let good = claims(&idp, &world, &json!({}));
    let unsigned = format!("{}.", id_token(&idp, &world, json!({})).rsplit_once('.').unwrap().0);
    for token in [
        other.sign(0, &good),
        other.sign(1, &good),
        sign(KEY, r#"{"typ":"JWT","alg":"HS256"}"#, &good.to_string()),
        sign("", r#"{"typ":"JWT","alg":"none"}"#, &good.to_string()),
        unsigned,
        "a.b.c".into(),
        "x".repeat(9000),
    ] {
        let answer = world.ask(post(json!({"provider": "google", "id_token": token})));
        assert_eq!((word(&answer), message(&answer).as_str()), ((401, 73), invalid), "{token}");
    }
    // What a header says is never followed.
    let lure = format!(r#"{{"typ":"JWT","alg":"RS256","jku":"{}/jwks","kid":"x"}}"#, other.url());
    assert_eq!(word(&world.ask(post(json!({"provider": "google", "id_token": sign(KEY, &lure, &good.to_string())})))), (401, 73));
    assert_eq!(other.lines().len(), 0);
    // The nonce that the sign-in was begun with is the caller's to name.
    let named = |nonce: &str| {
        world.ask(post(json!({"provider": "google", "nonce": nonce, "id_token": id_token(&idp, &world, json!({"nonce": "n-1"}))})))
    };
    assert_eq!((named("n-1").status, word(&named("n-2"))), (200, (401, 73)));
    assert!(!world.reasons().iter().any(|r| r.ends_with("second_factor_due")));
}

#[test]
fn an_address_that_is_not_verified_is_nobodys() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[("integrations.oauth.google.create_user_if_not_exists", json!(true))]);
    for changes in [
        json!({"email_verified": false}),
        json!({"email_verified": null}),
        json!({"email_verified": 1}),
        json!({"email": null}),
        json!({"email": "nobody@example.com"}),
        json!({"email": ["ann@example.com"]}),
    ] {
        let answer = world.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &world, changes.clone())})));
        assert_eq!((word(&answer), message(&answer).as_str()), ((404, 74), "Wrong user credentials."), "{changes}");
    }
    // Not over the browser either, and no account is made of it.
    for changes in [json!({"email_verified": false}), json!({"email_verified": false, "email": "new@example.com"})] {
        idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, changes)}));
        let answer = world.ask(Ask::get(&format!("{TOKEN}?provider=google&code=abc")));
        assert_eq!((answer.status, answer.header("location"), answer.header("set-cookie")), (302, "http://wire.example/wp-login.php", ""));
    }
    let made = world.run(world.house.look(|desk| desk.last_account(doorward_core::site::SiteId(1)))).unwrap();
    assert_eq!(made, 6);
}

#[test]
fn keys_are_asked_for_again_when_one_is_new_and_not_more_often() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[]);
    let ask = |token: String| world.ask(post(json!({"provider": "google", "id_token": token}))).status;
    assert_eq!(ask(id_token(&idp, &world, json!({}))), 200);
    idp.rotate(Algorithm::Es256);
    idp.unpublish();
    idp.heard();
    let fresh = idp.sign(1, &claims(&idp, &world, &json!({})));
    assert_eq!(ask(fresh.clone()), 401, "too soon after the last question");
    assert_eq!(idp.lines().len(), 0);
    world.pass(31);
    assert_eq!(ask(fresh), 200);
    assert_eq!(idp.lines().len(), 2);
    // A flood of tokens that nobody signed asks nothing.
    for n in 0..20 {
        assert_eq!(ask(format!("eyJhbGciOiJFUzI1NiIsImtpZCI6Ing{n:02}In0.e30.AAAA")), 401);
    }
    assert_eq!(idp.lines().len(), 0);
    // A provider that is gone is not missed for a while; what it has taken back is no longer believed after an hour.
    idp.says("/.well-known/openid-configuration", 503, &json!({}));
    world.pass(3 * 3600);
    assert_eq!(ask(idp.sign(1, &claims(&idp, &world, &json!({})))), 200);
    world.pass(24 * 3600);
    assert_eq!(ask(idp.sign(1, &claims(&idp, &world, &json!({})))), 401);
    idp.says(
        "/.well-known/openid-configuration",
        200,
        &json!({"issuer": "https://evil.example", "jwks_uri": format!("{}/jwks", idp.url())}),
    );
    world.pass(60);
    assert_eq!(ask(idp.sign(1, &claims(&idp, &world, &json!({})))), 401, "the document of another issuer");
}

#[test]
fn a_code_is_exchanged_for_the_providers_own_answer() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[]);
    for (provider, path, grant) in [
        ("google", "/o/oauth2/token", "&grant_type=authorization_code"),
        ("auth0", "/oauth/token", "&grant_type=authorization_code"),
        ("facebook", "/v19.0/oauth/access_token", "&grant_type=authorization_code"),
        ("github", "/login/oauth/access_token", ""),
    ] {
        idp.says(path, 200, &json!({"access_token": "at", "n": [1, {"a": "\u{e9}/"}]}));
        let answer = world.ask(post(json!({"provider": provider, "code": "a b&c"})));
        answer.is(200, r#"{"success":true,"data":{"access_token":"at","n":[1,{"a":"\u00e9\/"}]}}"#);
        let heard = idp.heard().remove(0);
        assert_eq!(heard.line, format!("POST {path}"));
        let redirect = "https%3A%2F%2Fapp.example%2Fcb";
        assert_eq!(heard.body, format!("client_id=cid&client_secret=sec&redirect_uri={redirect}&code=a+b%26c{grant}"));
    }
    idp.says("/o/oauth2/token", 400, &json!({"error": "invalid_grant", "error_description": "Bad Request <b>"}));
    let answer = world.ask(post(json!({"provider": "google", "code": "x"})));
    assert_eq!(
        (word(&answer), message(&answer).as_str()),
        ((401, 72), "The code you provided is invalid.Bad Request &lt;b&gt;. Invalid_grant")
    );
    // Nobody there, a redirect, no JSON: the code bought nothing.
    idp.says("/o/oauth2/token", 302, &json!({}));
    assert_eq!(word(&world.ask(post(json!({"provider": "google", "code": "x"})))), (401, 72));
}

#[test]
fn an_access_token_must_have_been_made_for_this_site() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[]);
    let ask = |provider: &str, token: &str| world.ask(post(json!({"provider": provider, "access_token": token})));
    idp.says("/userinfo", 200, &json!({"sub": "auth0|1", "email": "ann@example.com", "email_verified": true}));
    let auth0 =
        |azp: &str, iss: &str| idp.sign(0, &json!({"iss": iss, "sub": "auth0|1", "azp": azp, "aud": "api", "exp": world.now().0 + 600}));
    let issuer = format!("{}/", idp.url());
    idp.says("/.well-known/openid-configuration", 200, &json!({"issuer": issuer, "jwks_uri": format!("{}/jwks", idp.url())}));
    assert_eq!(ask("auth0", &auth0("cid", &issuer)).status, 200);
    assert!(idp.heard().iter().any(|q| q.line == "GET /userinfo" && q.header("authorization").starts_with("Bearer ey")));
    for token in [auth0("other", &issuer), auth0("cid", "https://evil.example/"), "opaque".into()] {
        let answer = ask("auth0", &token);
        assert_eq!((word(&answer), message(&answer).as_str()), ((401, 79), "The provided Auth0 access_token is invalid."));
    }
    assert!(!idp.lines().iter().any(|line| line == "GET /userinfo"), "nobody is asked whose a token is that was not made for us");

    // GitHub is asked whether the token is this client's, then for the one address that is primary and verified.
    let emails = |primary: bool, verified: bool| {
        json!([{"email": "x@example.com", "primary": false, "verified": true},
        {"email": "ann@example.com", "primary": primary, "verified": verified}])
    };
    idp.says("/user/emails", 200, &emails(true, true));
    assert_eq!(word(&ask("github", "gho_other")), (500, 103));
    idp.says("/applications/cid/token", 200, &json!({"app": {"client_id": "cid"}}));
    assert_eq!(ask("github", "gho_ours").status, 200);
    let check = idp.heard().into_iter().rfind(|q| q.line == "POST /applications/cid/token").unwrap();
    assert_eq!((check.header("authorization"), check.body.as_str()), ("Basic Y2lkOnNlYw==", r#"{"access_token":"gho_ours"}"#));
    for said in [emails(true, false), emails(false, true), json!([]), json!({})] {
        idp.says("/user/emails", 200, &said);
        assert_ne!(ask("github", "gho_ours").status, 200, "{said}");
    }

    // Facebook says whose token it is, and never whether an address is its owner's.
    idp.says("/me", 200, &json!({"id": "1", "email": "ann@example.com"}));
    assert_eq!(word(&ask("facebook", "EAA")), (500, 99));
    idp.says("/debug_token", 200, &json!({"data": {"app_id": "other", "is_valid": true}}));
    assert_eq!(word(&ask("facebook", "EAA")), (500, 99));
    idp.says("/debug_token", 200, &json!({"data": {"app_id": "cid", "is_valid": false}}));
    assert_eq!(word(&ask("facebook", "EAA")), (500, 99));
    idp.says("/debug_token", 200, &json!({"data": {"app_id": "cid", "is_valid": true}}));
    assert_eq!(word(&ask("facebook", "EAA")), (500, 100));
    let mut stage = v4(&[(
        "integrations.oauth",
        json!({"facebook": {"enabled": 1, "client_id": "cid", "client_secret": "sec", "enable_exchange_token": 1}}),
    )]);
    stage.dialects[0].1["oauth"] = json!({"facebook": {"base_url": idp.url(), "trust_email": true}});
    assert_eq!(World::new(stage).ask(post(json!({"provider": "facebook", "access_token": "EAA"}))).status, 200, "unless the site says so");
}

#[test]
fn a_browser_comes_back_with_a_session_or_to_the_login_page() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[("integrations.oauth.google.create_user_if_not_exists", json!(true)), ("login.enabled", json!(1))]);
    let come = |more: &str| Ask::get(&format!("{TOKEN}?provider=google{more}"));
    idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, json!({}))}));
    let back = world.ask(come("&code=abc"));
    assert_eq!((back.status, back.header("location"), back.body.as_str()), (302, "http://wire.example/wp-admin/", ""));
    let cookies: Vec<&str> = back.headers.iter().filter(|(n, _)| n == "set-cookie").map(|(_, v)| v.split('=').next().unwrap()).collect();
    assert_eq!((cookies.len(), cookies.iter().filter(|name| name.starts_with("wordpress_logged_in_")).count()), (3, 1));
    let heard = idp.heard().remove(0);
    assert!(
        heard.body.contains(
            "redirect_uri=http%3A%2F%2Fwire.example%2Fwp-json%2Fsimple-jwt-login%2Fv1%2Foauth%2Ftoken%3Fprovider%3Dgoogle&code=abc"
        )
    );

    // Who is new is made an account, without a password.
    idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, json!({"email": "new@example.com"}))}));
    assert_eq!(world.ask(come("&code=abc")).header("location"), "http://wire.example/wp-admin/");
    let site = doorward_core::site::SiteId(1);
    let made = world.run(world.house.look(move |desk| Ok((desk.account(site, 7)?.unwrap(), desk.password(site, 7)?)))).unwrap();
    assert!(made.0.login.starts_with("user_") && made.0.email == "new@example.com" && made.0.roles == ["subscriber"] && made.1.is_none());

    // Every no leads to the login page, and sets no cookie.
    let no = |ask: Ask, place: &str| {
        let answer = world.ask(ask);
        let expected = format!("http://wire.example/wp-login.php{place}");
        assert_eq!((answer.status, answer.header("location"), answer.header("set-cookie")), (302, expected.as_str(), ""));
    };
    idp.says("/o/oauth2/token", 400, &json!({"error": "invalid_grant", "error_description": "Bad"}));
    no(come("&code=abc"), "?error=Bad.+Invalid_grant");
    idp.says("/o/oauth2/token", 200, &json!({"error": "redirect_uri_mismatch"}));
    no(come("&code=abc"), "?error=Redirect_uri_mismatch");
    idp.says("/o/oauth2/token", 200, &json!({"access_token": "at"}));
    no(come("&code=abc"), "?error=Google+did+not+return+an+id_token.");
    idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, json!({"aud": "other"}))}));
    no(come("&code=abc"), "?error=The+provided+id_token+was+not+issued+for+this+application");
    idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, json!({"email": "bob@example.com"}))}));
    no(come("&code=abc"), "?error=Two-factor+authentication+is+required.");
    no(come("&code="), "?error=Invalid_request");
    // The nonce that was sent along is in a cookie of the page that sent the browser.
    idp.says("/o/oauth2/token", 200, &json!({"id_token": id_token(&idp, &world, json!({"nonce": "n-1"}))}));
    no(come("&code=abc"), "?error=The+provided+id_token+has+an+invalid+nonce");
    no(come("&code=abc").header("Cookie", "simple-jwt-login-oauth-nonce=n-2"), "?error=The+provided+id_token+has+an+invalid+nonce");
    let good = world.ask(come("&code=abc").header("Cookie", "simple-jwt-login-oauth-nonce=n-1"));
    assert_eq!(good.header("location"), "http://wire.example/wp-admin/");
}

#[test]
fn the_second_factor_is_asked_for_at_this_door_too() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let bob = json!({"email": "bob@example.com"});
    let plain = option(&idp, &[]);
    assert_eq!(word(&plain.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &plain, bob.clone())})))), (404, 74));
    let world = option(&idp, &[("integrations.3rdparty.two_factor", json!({"enabled": true}))]);
    let first = world.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &world, bob)})));
    assert_eq!(
        (first.status, first.header("allow"), first.value()["data"]["two_factor_required"].clone()),
        (200, "GET, POST", json!(true))
    );
    let interim = format!("Bearer {}", first.text("/data/jwt"));
    assert_eq!(word(&world.ask(Ask::get(VALIDATE).auth(&interim))), (500, 110));
    let second = Ask::post("/wp-json/simple-jwt-login/v1/auth/2fa").auth(&interim).json(&json!({"code": world.totp()}).to_string());
    assert_eq!(world.ask(second).status, 200);
}

#[test]
fn a_providers_token_alone_is_one_factor_at_every_door() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let everywhere = ("integrations.oauth.google.allow_on_all_endpoints", json!(true));
    let middleware = ("general.api_middleware", json!({"enabled": true}));
    let protect = ("protect_endpoint", json!({"enabled": 1, "default_action": "protect_all"}));
    let two = ("integrations.3rdparty.two_factor", json!({"enabled": true}));
    for with in [vec![everywhere.clone(), middleware, two.clone()], vec![everywhere.clone(), protect, two], vec![everywhere]] {
        let world = option(&idp, &with);
        let bearer = |ask: Ask, email: &str| world.ask(ask.auth(&format!("Bearer {}", id_token(&idp, &world, json!({"email": email})))));
        // Who has one factor shows that the door is there.
        assert_eq!(bearer(Ask::get(VALIDATE), "ann@example.com").status, 200);
        let seen = world.upstream.arrived().len();
        for ask in [Ask::get(VALIDATE), Ask::post(super::REVOKE)] {
            assert_eq!(word(&bearer(ask, "bob@example.com")), (404, 74));
        }
        let come = bearer(Ask::get("/wp-json/simple-jwt-login/v1/autologin"), "bob@example.com");
        assert!(come.status >= 400 && come.header("set-cookie").is_empty(), "{}", come.line());
        if with.len() > 1 {
            let answer = bearer(Ask::get("/wp-json/wp/v2/users/me"), "bob@example.com");
            assert!(answer.status >= 400, "{}", answer.line());
            assert_eq!(world.upstream.arrived().len(), seen, "nothing has come through");
        }
    }
}

#[test]
fn what_is_switched_off_asks_nobody() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let only = |way: &str| {
        let mut stage = v4(&[("integrations.oauth", json!({"google": {"enabled": 1, "client_id": "cid", way: true}}))]);
        stage.dialects[0].1["oauth"] = json!({"google": {"base_url": idp.url()}});
        World::new(stage)
    };
    let ways = [
        ("enable_oauth", Ask::get(&format!("{TOKEN}?provider=google&code=abc"))),
        ("enable_exchange_code", post(json!({"provider": "google", "code": "abc"}))),
        ("enable_exchange_id_token", post(json!({"provider": "google", "id_token": "a.b.c"}))),
    ];
    for (on, _) in &ways {
        let world = only(on);
        for (way, ask) in &ways {
            idp.heard();
            let answer = world.ask(ask.clone());
            assert_eq!(word(&answer) == (403, 70), way != on, "{on} {way}: {}", answer.line());
            assert!(way == on || idp.heard().is_empty());
        }
        assert_eq!(word(&world.ask(post(json!({"provider": "github", "code": "x"})))), (403, 70));
        assert_eq!(word(&world.ask(post(json!({"provider": "gitlab", "code": "x"})))), (500, 69));
        assert_eq!(word(&world.ask(post(json!({"provider": ["google"], "code": "x"})))), (500, 0));
        assert_eq!(word(&world.ask(post(json!({"provider": "google"})))), (500, 71));
        let head = world.ask(Ask::new("HEAD", &format!("{TOKEN}?provider=google&code=abc")));
        assert_eq!((head.status, head.body.as_str()), (403, ""));
    }
    idp.heard();
    let missing = option(&idp, &[]);
    for (provider, code, name) in
        [("google", 71, "id_token"), ("auth0", 77, "access_token"), ("facebook", 97, "access_token"), ("github", 101, "access_token")]
    {
        let answer = missing.ask(post(json!({"provider": provider})));
        assert_eq!((word(&answer), message(&answer)), ((500, code), format!("The code or {name} parameter is missing from request.")));
    }
    assert!(idp.heard().is_empty());
}

#[test]
fn wrong_codes_count_against_their_address() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[]);
    idp.says("/o/oauth2/token", 400, &json!({}));
    let ask = || world.ask(post(json!({"provider": "google", "code": "x"})).header("X-Forwarded-For", "198.51.100.9")).status;
    let statuses: Vec<u16> = (0..1003).map(|_| ask()).collect();
    assert_eq!((statuses[0], statuses[999], statuses[1002]), (401, 401, 429));
    let asked = idp.heard().len();
    assert_eq!((ask(), idp.heard().len() + asked), (429, asked), "nobody is asked for them any more");
}

#[test]
fn a_providers_token_is_a_jwt_where_the_site_wants_it_and_only_if_it_proves_an_address() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let world = option(&idp, &[("integrations.oauth.google.allow_on_all_endpoints", json!(true))]);
    let ask = |changes: Value| world.ask(Ask::get(VALIDATE).auth(&format!("Bearer {}", id_token(&idp, &world, changes))));
    let good = ask(json!({}));
    assert_eq!((good.status, good.text("/data/user/ID")), (200, "4".to_owned()), "{}", good.line());
    assert_eq!(good.value()["data"]["jwt"]["expire_in"], json!(600));
    assert_eq!(word(&ask(json!({"aud": "other"}))), (401, 73));
    assert_eq!(word(&ask(json!({"email_verified": false}))), (404, 74));
    for nobody in ["nobody@example.com", "\u{e4}nn@example.com", "ann@ex\u{e4}mple.com"] {
        assert_eq!(word(&ask(json!({"email": nobody}))), (404, 24), "{nobody}: an address that only looks like Ann's is not hers");
    }
    assert_eq!(word(&ask(json!({"iss": "https://evil.example"}))), (400, 8), "it is no provider's, and not the site's own either");
    // It can be revoked like any other.
    let token = id_token(&idp, &world, json!({"exp": world.now().0 + 700}));
    let bearer = |ask: Ask| world.ask(ask.auth(&format!("Bearer {token}")));
    assert_eq!(bearer(Ask::post(super::REVOKE)).status, 200);
    assert_eq!(word(&bearer(Ask::get(VALIDATE))), (401, 55));
    let closed = option(&idp, &[]);
    assert_eq!(word(&closed.ask(Ask::get(VALIDATE).auth(&format!("Bearer {}", id_token(&idp, &closed, json!({})))))), (400, 8));
}

#[test]
fn a_providers_token_opens_the_routes_that_a_jwt_opens_and_no_other_of_its_tokens_does() {
    const ME: &str = "/wp-json/wp/v2/users/me";
    let idp = Idp::start(&[Algorithm::Rs256]);
    let everywhere = ("integrations.oauth.google.allow_on_all_endpoints", json!(true));
    let middleware = ("general.api_middleware", json!({"enabled": true}));
    let protect = ("protect_endpoint", json!({"enabled": 1, "default_action": "protect_all"}));
    let open = option(&idp, &[everywhere.clone(), middleware.clone()]);
    let shut = option(&idp, &[everywhere, protect]);
    for (world, refused) in [(&open, (401, 73)), (&shut, (401, 75))] {
        let ask = |token: &str| world.ask(Ask::get(ME).auth(&format!("Bearer {token}")));
        let good = id_token(&idp, world, json!({}));
        for _ in 0..2 {
            assert_eq!(ask(&good).status, 200);
            assert_eq!(world.upstream.last().header("x-doorward-user-id"), Some("4"));
        }
        let seen = world.upstream.arrived().len();
        for changes in
            [json!({"aud": "other"}), json!({"email_verified": false}), json!({"exp": world.now().0 - 600}), json!({"azp": "other"})]
        {
            let answer = ask(&id_token(&idp, world, changes.clone()));
            assert_eq!(word(&answer), refused, "{changes}: {}", answer.line());
        }
        assert!(ask(&id_token(&idp, world, json!({"email": "nobody@example.com"}))).status >= 400);
        assert_eq!(world.upstream.arrived().len(), seen, "none of them has come through");
        // It can be revoked, also once it is remembered; and it ends.
        assert_eq!(world.ask(Ask::post(super::REVOKE).auth(&format!("Bearer {good}"))).status, 200);
        assert_eq!(word(&ask(&good)), (401, 55));
        let ending = id_token(&idp, world, json!({"exp": world.now().0 + 60}));
        assert_eq!(ask(&ending).status, 200);
        world.pass(300);
        assert_eq!(ask(&ending).status, 401);
    }
    let closed = option(&idp, &[middleware]);
    assert_eq!(word(&closed.ask(Ask::get(ME).auth(&format!("Bearer {}", id_token(&idp, &closed, json!({})))))), (400, 8));
}

#[test]
fn the_older_generation_knows_google_alone_and_joins_its_words_otherwise() {
    let idp = Idp::start(&[Algorithm::Rs256]);
    let mut stage =
        v3(json!({"google": {"enabled": 1, "client_id": "cid", "client_secret": "sec", "enable_oauth": true, "enable_exchange_code": true,
        "enable_exchange_id_token": true, "redirect_uri_exchange_code": "https://app.example/cb"}}));
    stage.dialects[0].1["oauth"] = json!({"google": {"base_url": idp.url()}});
    let world = World::new(stage);
    idp.says("/o/oauth2/token", 400, &json!({"error": "invalid_grant", "error_description": "Bad Request"}));
    let answer = world.ask(post(json!({"provider": "google", "code": "abc"})));
    answer.is(400, r#"{"success":false,"data":{"message":"The code you provided is invalid.Bad Request.Invalid_grant","errorCode":72}}"#);
    let back = world.ask(Ask::get(&format!("{TOKEN}?provider=google&code=abc")));
    assert_eq!(back.header("location"), "http://wire.example/wp-login.php?error=Bad+Request.Invalid_grant");
    let heard = idp.heard().pop().unwrap();
    assert!(heard.body.contains(
        "redirect_uri=http%3A%2F%2Fwire.example%2F%3Frest_route%3D%2Fsimple-jwt-login%2Fv1%2Foauth%2Ftoken%26provider%3Dgoogle&"
    ));
    assert_eq!(world.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &world, json!({}))}))).status, 200);
    assert_eq!(
        word(&world.ask(post(json!({"provider": "google", "id_token": id_token(&idp, &world, json!({"aud": "other"}))})))),
        (400, 73)
    );
    assert_eq!(word(&world.ask(post(json!({"provider": "github", "code": "x"})))), (400, 69));
}

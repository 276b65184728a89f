//! What the demo prints: for each dialect a login and a use of what it gave, ready to paste, and what each answers.

use std::fmt::Write;
use std::net::SocketAddr;

use doorward_core::call::Time;
use doorward_web::Source;
use serde_json::{Value, json};

use super::cast::{ADA, BOB, Cast, email, site_name};
use super::{client, code};

/// One command and what it answers.
struct Step {
    about: &'static str,
    command: String,
    answers: String,
}

/// The whole text. Logs in where a command needs a JWT, so that every line works as pasted.
pub(super) async fn write(address: SocketAddr, console: Option<&str>, cast: &Cast, source: &dyn Source) -> String {
    let mut text = format!(
        "Doorward demo on http://{address}. A toy: it listens on this machine alone, in a temporary directory; Ctrl-C ends it\n\
         and nothing stays behind.\n\n\
         Each dialect has a site of its own, which the Host header selects. On each of them:\n\
         \x20 {:<4} password {:<20} administrator\n\
         \x20 {:<4} password {:<20} with a second factor: the code is {} now, every 30 seconds another one\n\n\
         Behind the sites is a demo upstream, which tells in X-Demo-Caller who Doorward said the caller is.\n",
        ADA.0,
        ADA.1,
        BOB.0,
        BOB.1,
        code::at(&cast.totp, source.now()),
    );
    if let Some(console) = console {
        let site = cast.bundle.sites.first().map_or("", |site| site.name.as_str());
        let _ = write!(text, "\nThe console is at {console}: sign in on any site ({site}, say) as {}, who runs all of it.\n", ADA.0);
    }
    for site in &cast.bundle.sites {
        for dialect in site.dialects.iter().flat_map(|d| d.keys()) {
            let _ = write!(text, "\n== {dialect} ==\n");
            for step in steps(address, dialect, cast, source.now()).await {
                let _ = write!(text, "# {}\n{}\n#   answers {}\n", step.about, step.command, step.answers);
            }
        }
    }
    let secret = doorward_core::credential::totp::encode_base32(&cast.totp);
    let _ = write!(text, "\nFor an authenticator, bob's secret is {}.\n", secret.reveal_text().unwrap_or_default());
    text
}

async fn steps(address: SocketAddr, dialect: &str, cast: &Cast, now: Time) -> Vec<Step> {
    let host = format!("{}.localhost", site_name(dialect));
    let at = At { address, host: &host };
    match dialect {
        "wporchestrix" => vec![
            at.post(
                "log in for a JWT pair",
                "/api/v1/jwt",
                &by_email(ADA),
                r#"200 {"access_token":…,"refresh_token":…,"token_type":"Bearer","expires_in":900}"#,
            ),
            at.get(
                "use an API token",
                "/api/v1/sites",
                &format!("token {}", cast.wporchestrix_token),
                "200 with a bare list of two sites; X-Demo-Caller: 1",
            ),
            at.post("log in with a second factor: without one", "/api/v1/jwt", &by_email(BOB), r#"422 {"error":"otp_attempt_required"}"#),
            at.post("and with the code (once; then wait for the next)", "/api/v1/jwt", &with_code(cast, now), "200 with a pair for bob"),
        ],
        "simple_jwt_login" => {
            let login = "/?rest_route=/simple-jwt-login/v1/auth";
            let jwt = at.token(login, &by_email(ADA), "/data/jwt").await;
            vec![
                at.post("log in for a JWT", login, &by_email(ADA), r#"200 {"success":true,"data":{"jwt":…}}"#),
                at.get("use it", "/wp-json/wp/v2/posts", &format!("Bearer {jwt}"), "200 with a list of two posts; X-Demo-Caller: 1"),
            ]
        }
        "wncms" => vec![
            at.post(
                "read posts with an API token in the body",
                "/api/v1/posts",
                &json!({"api_token": cast.wncms_token, "page_size": 10}),
                r#"200 {"code":200,"status":"success",…} with two posts; X-Demo-Caller: 1"#,
            ),
            at.post(
                "with a wrong one",
                "/api/v1/posts",
                &json!({"api_token": "nonsense"}),
                r#"401 {"status":"fail","message":"Invalid token"}"#,
            ),
        ],
        "wapka" => vec![
            at.post(
                "log in for a JWT",
                "/v1/auth/login",
                &json!({"site": site_name(dialect), "username": ADA.0, "password": ADA.1}),
                r#"200 {"data":{"token":…,"user":{"id":1,"username":"ada",…}},"meta":…}"#,
            ),
            at.get(
                "use an API key, bare",
                "/v1/posts",
                &cast.wapka_key,
                r#"200 {"data":[two posts],"pagination":…,"meta":…}; X-Demo-Caller: 1"#,
            ),
        ],
        "jwt_auth" => {
            let login = "/wp-json/jwt-auth/v1/token";
            let body = json!({"username": ADA.0, "password": ADA.1});
            let jwt = at.token(login, &body, "/token").await;
            vec![
                at.post("log in for a JWT", login, &body, r#"200 with "token", "user_display_name", "user_email" and "user_nicename""#),
                at.get(
                    "use it",
                    "/wp-json/dt-posts/v2/contacts/",
                    &format!("Bearer {jwt}"),
                    r#"200 {"posts":[two contacts],"total":2}; X-Demo-Caller: 1"#,
                ),
            ]
        }
        _ => Vec::new(),
    }
}

fn by_email((login, password): (&str, &str)) -> Value {
    json!({"email": email(login), "password": password})
}

fn with_code(cast: &Cast, now: Time) -> Value {
    json!({"email": email(BOB.0), "password": BOB.1, "otp_attempt": code::at(&cast.totp, now)})
}

/// Where a command goes.
struct At<'a> {
    address: SocketAddr,
    host: &'a str,
}

impl At<'_> {
    fn post(&self, about: &'static str, path: &str, body: &Value, answers: &str) -> Step {
        let Self { address, host } = self;
        let command = format!("curl -i 'http://{address}{path}' -H 'Host: {host}' -H 'Content-Type: application/json' -d '{body}'");
        Step { about, command, answers: answers.to_owned() }
    }

    fn get(&self, about: &'static str, path: &str, authorization: &str, answers: &str) -> Step {
        let Self { address, host } = self;
        let command = format!("curl -i 'http://{address}{path}' -H 'Host: {host}' -H 'Authorization: {authorization}'");
        Step { about, command, answers: answers.to_owned() }
    }

    /// A JWT got by logging in, or what stands for it.
    async fn token(&self, path: &str, body: &Value, pointer: &str) -> String {
        let answer = client::post(self.address, self.host, path, body).await;
        let token = answer.as_ref().and_then(|a| a.pointer(pointer)).and_then(Value::as_str);
        token.map_or_else(|| "TOKEN_OF_THE_COMMAND_ABOVE".to_owned(), str::to_owned)
    }
}

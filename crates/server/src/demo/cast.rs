//! Who is in the demo: a site for each dialect, two users on each, tokens for those that take them.

use std::net::SocketAddr;

use doorward_core::credential::{ApiTokenText, totp};
use doorward_core::refusal::Fault;
use doorward_core::secret::Secret;
use serde_json::{Map, Value, json};

use crate::bundle::{Bundle, format};
use crate::wire::Opened;

/// The user without a second factor: login, and password.
pub(super) const ADA: (&str, &str) = ("ada", "ada-opens-the-door");
/// Her number on every site.
pub(super) const ADA_NUMBER: i64 = 1;
/// The user with one.
pub(super) const BOB: (&str, &str) = ("bob", "bob-brings-a-code");

/// What was made, and what of it the guide prints.
pub(super) struct Cast {
    pub(super) bundle: Bundle,
    /// Ada's API token of the site `wporchestrix`.
    pub(super) wporchestrix_token: String,
    /// Ada's API token of the site `wncms`.
    pub(super) wncms_token: String,
    /// Ada's API key of the site `wapka`.
    pub(super) wapka_key: String,
    /// The secret of Bob's authenticator, the same on every site.
    pub(super) totp: Secret,
}

/// The name of a dialect's site: host names have no underscores.
pub(super) fn site_name(dialect: &str) -> String {
    dialect.replace('_', "-")
}

/// The e-mail address of a user.
pub(super) fn email(login: &str) -> String {
    format!("{login}@demo.localhost")
}

/// Makes everything anew: no token or code of one demo is good in another.
pub(super) async fn make(opened: &Opened, address: SocketAddr, upstream: SocketAddr) -> Result<Cast, Fault> {
    let mut dice = opened.source.dice();
    let dice = dice.as_mut();
    let totp = totp::new_secret(dice);
    let hasher = &opened.house.terms().hasher;
    let full = |_| Fault::new("the hashing queue of a demo is full");
    let ada = hasher.hash(Secret::new(ADA.1)).await.map_err(full)?;
    let bob = hasher.hash(Secret::new(BOB.1)).await.map_err(full)?;
    let mut cast = Cast {
        bundle: Bundle { doorward_bundle: format::VERSION, ..Bundle::default() },
        wporchestrix_token: ApiTokenText::draw(dice).reveal().to_owned(),
        wncms_token: ApiTokenText::draw(dice).reveal().to_owned(),
        wapka_key: ApiTokenText::draw_with_prefix("wpk_live_", 40, dice).reveal().to_owned(),
        totp,
    };
    for dialect in &opened.dialects {
        let dialect = dialect.name();
        let token = match dialect {
            "wporchestrix" => Some(&cast.wporchestrix_token),
            "wncms" => Some(&cast.wncms_token),
            "wapka" => Some(&cast.wapka_key),
            _ => None,
        };
        let tokens = token.map(|t| vec![format::Token { name: "Demo".into(), token: Some(t.clone()), ..format::Token::default() }]);
        let second = totp::encode_base32(&cast.totp).reveal_text().unwrap_or_default().to_owned();
        let users = vec![
            user(ADA_NUMBER, ADA.0, "Ada", &["administrator", "admin", "superadmin"], 10, ada.reveal(), None, tokens),
            user(2, BOB.0, "Bob", &["subscriber"], 3, bob.reveal(), Some(second), None),
        ];
        cast.bundle.sites.push(site(dialect, address.port(), upstream, users));
    }
    Ok(cast)
}

fn site(dialect: &str, port: u16, upstream: SocketAddr, users: Vec<format::User>) -> format::Site {
    let name = site_name(dialect);
    let config = match dialect {
        "wncms" => json!({"settings": {"wncms_api_post_index": "1", "wncms_api_post_index_should_auth": "simple"}}),
        _ => json!({}),
    };
    let guarded = |path: &str, matching: &str| format::Endpoint {
        path: path.into(),
        matching: Some(matching.into()),
        auth: vec!["bearer".into()],
        answers_as: Some(dialect.into()),
        ..format::Endpoint::default()
    };
    let endpoints = match dialect {
        "simple_jwt_login" => vec![guarded("/wp-json/wp/v2/posts", "prefix")],
        "jwt_auth" => vec![guarded("/wp-json/dt-posts/v2", "prefix")],
        _ => Vec::new(),
    };
    format::Site {
        url: Some(format!("http://{name}.localhost:{port}")),
        hosts: Some(vec![format!("{name}.localhost"), format!("{name}.localhost:{port}")]),
        upstream: Some(Some(format::Upstreams::One(format!("http://{upstream}")))),
        dialects: Some(Map::from_iter([(dialect.to_owned(), config)])),
        endpoints: Some(endpoints),
        users: Some(users),
        name,
        ..format::Site::default()
    }
}

#[expect(clippy::too_many_arguments, reason = "a table of two rows reads best as one line each")]
fn user(
    id: i64,
    login: &str,
    name: &str,
    roles: &[&str],
    level: u8,
    hash: &str,
    totp: Option<String>,
    tokens: Option<Vec<format::Token>>,
) -> format::User {
    format::User {
        id: Some(id),
        login: login.into(),
        email: Some(email(login)),
        display_name: Some(name.into()),
        roles: Some(roles.iter().map(|r| (*r).to_owned()).collect()),
        level: Some(level),
        password_hash: Some(Some(hash.to_owned())),
        totp: totp.map(|secret| Some(format::Totp { secret, ..format::Totp::default() })),
        api_tokens: tokens,
        meta: Some(Map::<String, Value>::new()),
        ..format::User::default()
    }
}

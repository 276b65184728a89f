//! Browser sessions: WordPress's cookies by name and form, issued and honoured here.
//!
//! A cookie's third part is 43 letters and digits that nobody can guess; the session in the store is found by their digest, so
//! neither the store nor a list of sessions gives one away. `SameSite=Lax` is ours: WordPress leaves it to the browser.

use doorward_core::account::Account;
use doorward_core::call::Dice;
use doorward_core::secret::sha256;
use doorward_core::session::{Session, SessionId};
use doorward_core::site::SiteView;
use doorward_web::Head;
use http::header::{HeaderName, ORIGIN};
use md5::{Digest, Md5};

use super::refresh_token::hex;
use super::{Case, source};
use crate::simple_jwt_login::NAME;

/// Seconds that a session lives.
const LIFE: i64 = 2 * 24 * 3600;
/// Letters of the third part.
const LETTERS: usize = 43;
/// The generation of browser sessions: they are never refreshed.
pub(super) const GENERATION: i64 = -1;

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A session for an account, and the lines that set its cookies.
pub(super) fn make(case: &mut Case, account: &Account) -> (Session, [String; 3]) {
    let token = draw(case.call.dice.as_mut());
    let iat = account.issue_time(case.call.now);
    let expires = iat.plus(LIFE);
    let session = Session {
        id: id_of(&token),
        site: account.site,
        account: account.number,
        dialect: NAME.to_owned(),
        created: case.call.now,
        expires,
        generation: GENERATION,
        rotated: iat,
        token: None,
        ended: None,
        ended_reason: None,
        address: case.call.client.address.to_string(),
        agent: case.call.client.agent.clone(),
    };
    let login: String = form_urlencoded::byte_serialize(account.login.as_bytes()).collect::<String>().replace('+', "%20");
    let (hash, expiry) = (site_hash(&case.view), expires.0);
    let value =
        |scheme: &str| format!("{login}%7C{expiry}%7C{token}%7C{}", hex(&sha256(format!("{scheme}|{login}|{expiry}|{token}").as_bytes())));
    let is_tls = case.view.site.url.starts_with("https://");
    let (name, rest) =
        if is_tls { ("wordpress_sec_", "; Secure; HttpOnly; SameSite=Lax") } else { ("wordpress_", "; HttpOnly; SameSite=Lax") };
    let lines = [
        format!("{name}{hash}={}; path=/wp-content/plugins{rest}", value("auth")),
        format!("{name}{hash}={}; path=/wp-admin{rest}", value("auth")),
        format!("wordpress_logged_in_{hash}={}; path=/{rest}", value("logged_in")),
    ];
    (session, lines)
}

/// The session that a request's cookie names. On what changes something, and wherever the browser says that another site asks,
/// a cookie is nobody's: the page that sent it along may not be ours.
pub(in super::super) fn shown(view: &SiteView, head: &Head) -> Option<SessionId> {
    let value = source::cookie(head, &format!("wordpress_logged_in_{}", site_hash(view)))?;
    let plain = percent(value);
    let mut parts = plain.split('|');
    let (_login, _expiry, token) = (parts.next()?, parts.next()?, parts.next()?);
    let is_token = token.len() == LETTERS && token.bytes().all(|b| b.is_ascii_alphanumeric());
    let home = view.site.url.as_str();
    let origin = head.headers.get(ORIGIN);
    let fetched = head.header(&FETCH_SITE);
    let foreign = origin.is_some_and(|o| o != home) || fetched.is_some_and(|f| !matches!(f, "same-origin" | "none"));
    let proven = origin.is_some_and(|o| o == home) || fetched == Some("same-origin");
    let may = !foreign && (proven || head.method.is_safe());
    (is_token && may).then(|| id_of(token))
}

fn percent(value: &str) -> String {
    form_urlencoded::parse(format!("v={}", value.replace('+', "%2B").replace('&', "%26")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

fn id_of(token: &str) -> SessionId {
    let digest = sha256(token.as_bytes());
    let mut id = [0; 16];
    for (slot, octet) in id.iter_mut().zip(digest) {
        *slot = octet;
    }
    SessionId(id)
}

/// `COOKIEHASH`.
fn site_hash(view: &SiteView) -> String {
    hex(&Md5::digest(view.site.url.as_bytes()))
}

fn draw(dice: &mut dyn Dice) -> String {
    const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut token = String::with_capacity(LETTERS);
    while token.len() < LETTERS {
        for byte in dice.bytes::<64>() {
            if usize::from(byte) < 248 && token.len() < LETTERS {
                token.push(char::from(ALPHABET[usize::from(byte) % 62]));
            }
        }
    }
    token
}

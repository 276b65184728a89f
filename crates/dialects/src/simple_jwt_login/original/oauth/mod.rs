//! `GET`, `POST oauth/token`: who has signed in at Google, Auth0, Facebook or GitHub signs in here.
//!
//! Three ways: a program brings a code and is handed the provider's answer; a program brings a token and is handed a JWT; a browser comes
//! back from the provider with a code and is handed a session. An address that its provider does not call verified is nobody's.

mod ask;
mod provider;

use std::sync::Arc;

use doorward_core::account::{Account, Status};
use doorward_core::call::Time;
use doorward_core::flow::enrol::{Newcomer, enrol};
use doorward_core::flow::login::wrong_code;
use doorward_core::flow::opening::opening;
use doorward_core::flow::verify::foreign;
use doorward_core::house::entry;
use doorward_core::limit::AttemptKey;
use doorward_core::provider::{Identity, Vouched};
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_core::session::Session;
use doorward_core::site::Subject;
use doorward_core::token::MAX_TOKEN_BYTES;
use doorward_web::Reply;
use http::Method;
use http::header::{ALLOW, SET_COOKIE};
use serde_json::{Map, Value, json};

use self::ask::{by_access_token, by_id_token, exchange, fresh_name, told};
pub(super) use self::provider::{Name, Oauth, read};
use super::chain::Opened;
use super::words::{Stop, Word, word};
use super::{Case, Generation, Plugin, chain, cookies, mint, php, source, two_factor, wire};
use crate::simple_jwt_login::NAME;
use crate::wordpress::text::esc_html;

/// The cookie in which a page that sends a browser to a provider may keep the nonce it has sent along.
const NONCE_COOKIE: &str = "simple-jwt-login-oauth-nonce";
const METHODS: &str = "GET, POST";

/// Answers.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    if case.is_v4() && case.params.get("provider").is_some_and(|value| php::text(value).is_none()) {
        return Err(word(0, "strtolower(): Argument #1 ($string) must be of type string, array given").into());
    }
    let asked = case.params.clean("provider").to_lowercase();
    let known = Name::all(case.plugin.generation).iter().find(|name| name.word() == asked);
    let name = *known.ok_or_else(|| word(69, "The Oauth provider is invalid."))?;
    let plugin = Arc::clone(&case.plugin);
    let unavailable = || word(70, "This Oauth provider is not available.");
    let oauth = plugin.oauth.iter().find(|oauth| oauth.name == name).ok_or_else(unavailable)?;
    let token_name = name.token();
    let is_set = |name: &str| case.params.get(name).is_some();
    if !is_set("code") && !is_set(token_name) {
        let [missing, ..] = name.codes();
        return Err(word(missing, format!("The code or {token_name} parameter is missing from request.")).into());
    }
    let filled = |name: &str| case.params.filled(name).and_then(php::text);
    let (code, token) = (filled("code"), filled(token_name));
    match (&case.head.method, code, token) {
        (&Method::GET, code, _) if oauth.browser => browser(case, oauth, code).await,
        (&Method::POST, Some(code), _) if oauth.code => program(case, oauth, &code).await,
        (&Method::POST, None, Some(token)) if oauth.direct => direct(case, oauth, &token).await,
        // As PHP answers when nothing was of any use.
        (&Method::POST, None, None) => Ok(case.ok(METHODS, &json!([]))),
        _ => Err(unavailable().into()),
    }
}

/// A code for the provider's own answer.
async fn program(case: &Case, oauth: &Oauth, code: &str) -> Result<Reply, Stop> {
    patience(case).await?;
    let (status, answer) = exchange(case, oauth, code, &oauth.redirect_uri).await;
    if status == 200 {
        return Ok(case.ok(METHODS, &json!({"success": true, "data": answer})));
    }
    let told = told(case, &answer);
    let text = if case.is_v4() { esc_html(&told) } else { told };
    let [_, bad, ..] = oauth.name.codes();
    Err(charged(case, status != 0, word(bad, format!("The code you provided is invalid.{text}"))).await)
}

/// A provider's token for a JWT.
async fn direct(case: &mut Case, oauth: &Oauth, token: &str) -> Result<Reply, Stop> {
    patience(case).await?;
    let nonce = case.params.filled("nonce").and_then(php::text);
    let found = match oauth.name {
        Name::Google => by_id_token(case, oauth, token, nonce.as_deref()).await,
        Name::Auth0 | Name::Facebook | Name::Github => by_access_token(case, oauth, token, false).await,
    };
    let identity = match found {
        Ok(identity) => identity,
        Err(word) => return Err(charged(case, true, word).await),
    };
    let [_, _, _, nobody] = oauth.name.codes();
    let nobody = || word(nobody, "Wrong user credentials.");
    let account = match address(oauth, &identity) {
        Some(email) => case.account(&Subject::Email(email)).await?,
        None => None,
    };
    let account = account.ok_or_else(nobody)?;
    if account.second_factor {
        let life = case.plugin.two_factor.ok_or_else(nobody)?;
        return Ok(two_factor::challenge(case, &account, life).await?.with(ALLOW, METHODS));
    }
    let opening = opening(&Arc::clone(&case.house), &mut case.call, &account, NAME);
    let minted = mint::mint(&case.house, &case.view, &case.plugin, &account, opening.iat, &Map::new())?;
    let session = Session { expires: minted.expires, token: Some(minted.id), ..opening.session };
    let mark = entry(&case.call, Some(case.view.site.id), Some(account.number), case.door.action(), Ok("granted"), oauth.name.word());
    let open = case.house.work(move |desk| {
        desk.open_session(&session)?;
        desk.remember(&mark)
    });
    open.await?;
    Ok(case.ok(METHODS, &json!({"success": true, "data": {"jwt": minted.token}})))
}

/// A browser that comes back from the provider: a session, and the dashboard; or the login page, with what was wrong.
async fn browser(case: &mut Case, oauth: &Oauth, code: Option<String>) -> Result<Reply, Stop> {
    patience(case).await?;
    let home = case.view.site.url.clone();
    let failed = |text: &str| {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("error", text).finish();
        wire::redirect(&format!("{home}/wp-login.php?{query}")).refusing("bad_credentials")
    };
    let Some(code) = code else { return Ok(failed("Invalid_request")) };
    let place = format!("/{}/oauth/token", case.plugin.namespace);
    let back = match case.plugin.generation {
        Generation::V3 => format!("{home}/?rest_route={place}&provider={}", oauth.name.word()),
        Generation::V4 => format!("{home}/wp-json{place}?provider={}", oauth.name.word()),
    };
    let (status, answer) = exchange(case, oauth, &code, &back).await;
    let is_error = answer.get("error").is_some_and(|error| !php::is_empty(error));
    if status != 200 || is_error {
        let text = told(case, &answer);
        let _ = charged(case, status != 0, word(72, text.as_str())).await;
        return Ok(failed(&text));
    }
    let token = |name: &str| answer.get(name).and_then(Value::as_str).filter(|t| !t.is_empty()).map(str::to_owned);
    let found = match (oauth.name, token(if oauth.name == Name::Google { "id_token" } else { "access_token" })) {
        (Name::Google, Some(token)) => {
            let begun = source::cookie(&case.head, NONCE_COOKIE).map(str::to_owned);
            by_id_token(case, oauth, &token, begun.as_deref()).await
        }
        (Name::Auth0 | Name::Facebook | Name::Github, Some(token)) => by_access_token(case, oauth, &token, true).await,
        (name, None) => Err(word(name.codes()[2], format!("{} did not return an {}.", name.title(), name.token()))),
    };
    let identity = match found {
        Ok(identity) => identity,
        Err(word) => {
            case.remember(&word);
            return Ok(failed(&word.text));
        }
    };
    let Some(account) = whose(case, oauth, &identity).await? else {
        case.remember(&word(74, "User not found."));
        return Ok(wire::redirect(&format!("{home}/wp-login.php")).refusing("bad_credentials"));
    };
    if account.second_factor {
        return Ok(failed("Two-factor authentication is required."));
    }
    let (session, lines) = cookies::make(case, &account);
    let mark = entry(&case.call, Some(case.view.site.id), Some(account.number), case.door.action(), Ok("granted"), oauth.name.word());
    let open = case.house.work(move |desk| {
        desk.open_session(&session)?;
        desk.remember(&mark)
    });
    open.await?;
    let mut reply = wire::redirect(&format!("{home}/wp-admin/"));
    for line in lines {
        if let Ok(value) = http::HeaderValue::from_str(&line) {
            reply.headers.append(SET_COOKIE, value);
        }
    }
    Ok(reply)
}

/// The address that an identity proves, if it proves one.
fn address(oauth: &Oauth, identity: &Identity) -> Option<String> {
    identity.email.clone().filter(|email| (identity.email_verified || oauth.trust_email) && php::is_email(email))
}

/// Whose an identity is here; where the site wants it, somebody new is made an account, without a password.
async fn whose(case: &mut Case, oauth: &Oauth, identity: &Identity) -> Result<Option<Arc<Account>>, Stop> {
    let Some(email) = address(oauth, identity) else { return Ok(None) };
    if let Some(account) = case.account(&Subject::Email(email.clone())).await? {
        return Ok(Some(account));
    }
    if !oauth.create {
        return Ok(None);
    }
    let name = fresh_name(case);
    let account = Account {
        site: case.view.site.id,
        number: 0,
        login: name.clone(),
        email,
        nicename: name.clone(),
        display_name: name.clone(),
        url: String::new(),
        registered: case.call.now,
        roles: case.plugin.register.roles.clone(),
        level: 0,
        status: Status::Active,
        avatar: None,
        service: false,
        valid_after: Time(0),
        second_factor: false,
    };
    let newcomer =
        Newcomer { account, password: Secret::new(Vec::new()), meta: json!({"nickname": name}).to_string(), action: case.door.action() };
    match enrol(&case.house, &case.call, newcomer, |_, _| Ok(())).await {
        Ok(account) => Ok(Some(account)),
        // Somebody has it who may not come in.
        Err(No::Refused(Refusal::Invalid(_))) => Ok(None),
        Err(no) => Err(no.into()),
    }
}

/// An address that has tried too much already is not asked for at a provider.
async fn patience(case: &Case) -> Result<(), Stop> {
    let (key, now, limits) = (AttemptKey::address(case.call.client.address), case.call.now, case.house.terms().limits);
    let tried = case.house.look(move |desk| desk.attempts(key, now, limits.window)).await?;
    match tried.filter(|attempts| attempts.count >= limits.per_address) {
        Some(attempts) => Err(Refusal::TooMany(attempts.retry_after(now, limits.window)).into()),
        None => Ok(()),
    }
}

/// A wrong code or token counts against its address like a wrong password, unless it was the provider who was not there.
async fn charged(case: &Case, is_theirs: bool, word: Word) -> Stop {
    if !is_theirs {
        return word.into();
    }
    match wrong_code(&case.house, &case.view, &case.call, Refusal::AuthCodeWrong, case.door.action()).await {
        No::Refused(Refusal::AuthCodeWrong) => word.into(),
        no @ (No::Refused(_) | No::Broken(_)) => no.into(),
    }
}

/// The provider that a token says it is from, where its tokens are JWTs of the site.
fn vouching<'p>(plugin: &'p Plugin, token: &str) -> Option<&'p Oauth> {
    if token.len() > MAX_TOKEN_BYTES || !plugin.oauth.iter().any(|oauth| oauth.everywhere) {
        return None;
    }
    let issuer = chain::peek(token).and_then(|payload| payload.get("iss").and_then(php::text))?;
    plugin.oauth.iter().find(|oauth| oauth.everywhere && oauth.open_id.issuers.contains(&issuer))
}

/// The same, for the law.
pub(in super::super) fn vouched<'p>(plugin: &'p Plugin, token: &str) -> Option<Vouched<'p>> {
    vouching(plugin, token).map(|oauth| Vouched { provider: &oauth.open_id, trust_email: oauth.trust_email })
}

/// What the plugin says of a provider's token that proves nobody.
pub(super) fn unproven(plugin: &Plugin, token: &str) -> Option<Word> {
    let [_, _, bad, _] = vouching(plugin, token)?.name.codes();
    Some(word(bad, "The provided id_token is invalid"))
}

impl Case {
    /// An ID token of a provider that the site takes on its other endpoints, proven; `None` if the token does not say that it is one.
    /// An address that is not verified is nobody's, and so is one whose owner has a second factor: they buy a token at `oauth/token`.
    pub(super) async fn foreign(&self, token: &str) -> Result<Option<(Opened, Subject)>, Stop> {
        let Some(oauth) = vouching(&self.plugin, token) else { return Ok(None) };
        let [_, _, bad, nobody] = oauth.name.codes();
        let nobody = || word(nobody, "Wrong user credentials.");
        let vouched = Vouched { provider: &oauth.open_id, trust_email: oauth.trust_email };
        let found = match foreign(&self.house, &self.view, vouched, token, self.call.now).await {
            Ok(found) => found,
            Err(No::Refused(Refusal::ForgedToken(_))) => return Err(word(bad, "The provided id_token is invalid").into()),
            Err(No::Refused(Refusal::SecondFactorDue)) => return Err(nobody().into()),
            Err(no) => return Err(no.into()),
        };
        found.subject.ok_or_else(nobody)?;
        // Found by its very address: none that only looks like it is somebody's.
        let subject = found.account.map_or(Subject::Guest, |account| Subject::Number(account.number));
        let header = chain::header(token).unwrap_or(Value::Null);
        Ok(Some((Opened { token: token.to_owned(), id: found.id, header, payload: Value::Object(found.claims) }, subject)))
    }
}

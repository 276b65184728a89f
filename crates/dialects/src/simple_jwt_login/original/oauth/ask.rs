//! What a provider is asked: to exchange a code, and whose a token is.

use doorward_core::port::fetcher::{Heard, Question, Unheard};
use doorward_core::provider::identity::is_yes;
use doorward_core::provider::{Doubt, Identity, Nonce, identify};
use doorward_core::secret::same;
use doorward_core::token::{Scratch, read_claims, verify_with};
use serde_json::{Map, Value, json};

use super::super::refresh_token::hex;
use super::super::words::{Word, word};
use super::super::{Case, php};
use super::provider::{Name, Oauth};

impl Case {
    pub(super) async fn ask(&self, question: Question) -> Result<Heard, Unheard> {
        match &self.house.terms().fetcher {
            Some(fetcher) => fetcher.fetch(question).await,
            None => Err(Unheard::Unreachable),
        }
    }

    async fn ask_json(&self, question: Question) -> Option<Value> {
        let heard = self.ask(question).await.ok()?;
        (heard.status == 200).then(|| serde_json::from_slice(&heard.body).ok()).flatten()
    }
}

/// Exchanges a code: the provider's status (0 = it was not heard) and what it said.
pub(super) async fn exchange(case: &Case, oauth: &Oauth, code: &str, redirect_uri: &str) -> (u16, Value) {
    match case.ask(Question::form(&oauth.token_url, form(oauth, code, redirect_uri), oauth.open_id.reach)).await {
        Ok(heard) => (heard.status, serde_json::from_slice(&heard.body).unwrap_or(Value::Null)),
        Err(_) => (0, Value::Null),
    }
}

fn form(oauth: &Oauth, code: &str, redirect_uri: &str) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("client_id", &oauth.client_id)
        .append_pair("client_secret", oauth.client_secret.reveal_text().unwrap_or_default())
        .append_pair("redirect_uri", redirect_uri)
        .append_pair("code", code);
    if oauth.name != Name::Github {
        form.append_pair("grant_type", "authorization_code");
    }
    form.finish()
}

/// The provider's own words for why it refused a code.
pub(super) fn told(case: &Case, answer: &Value) -> String {
    let text = |name: &str| answer.get(name).and_then(php::text).map(|text| capital(&text));
    let mut told = text("error_description").map(|text| format!("{text}.")).unwrap_or_default();
    if let Some(error) = text("error") {
        if case.is_v4() && !told.is_empty() {
            told.push(' ');
        }
        told.push_str(&error);
    }
    told.chars().take(500).collect()
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_uppercase().to_string() + letters.as_str())
}

/// Whose an ID token is.
pub(super) async fn by_id_token(case: &Case, oauth: &Oauth, token: &str, begun: Option<&str>) -> Result<Identity, Word> {
    let (_, bad) = numbers(oauth);
    let nonce = if oauth.lax_nonce { Nonce::IfKnown(begun) } else { Nonce::Is(begun) };
    let Some(fetcher) = &case.house.terms().fetcher else { return Err(word(bad, "The provided id_token is invalid")) };
    let found = identify(case.house.providers(), fetcher.as_ref(), &oauth.open_id, token, nonce, case.call.now).await;
    found.map(|(identity, _)| identity).map_err(|doubt| {
        let text = match doubt {
            Doubt::Invalid | Doubt::Unheard(_) => "The provided id_token is invalid",
            Doubt::Issuer => "The provided id_token has an invalid issuer",
            Doubt::Audience => "The provided id_token was not issued for this application",
            Doubt::Nonce => "The provided id_token has an invalid nonce",
        };
        word(bad, text)
    })
}

/// The numbers for a bad code and a bad token.
fn numbers(oauth: &Oauth) -> (u16, u16) {
    let [_, code, token, _] = oauth.name.codes();
    (code, token)
}

/// Whose an access token is. `ours` = it was just handed to us for a code, so it was made for us; any other must say that it was, or its
/// provider must: a token that somebody's other application was given opens nothing here.
pub(super) async fn by_access_token(case: &Case, oauth: &Oauth, token: &str, ours: bool) -> Result<Identity, Word> {
    let (_, bad) = numbers(oauth);
    let title = oauth.name.title();
    if !ours && !is_for_us(case, oauth, token).await {
        return Err(word(bad, format!("The provided {title} access_token is invalid.")));
    }
    let reach = oauth.open_id.reach;
    let bearer = |url: &str| Question::get(url, reach).header("authorization", &format!("Bearer {token}"));
    let nobody = |more: &str| word(bad, format!("Unable to retrieve user email from {title}.{more}"));
    match oauth.name {
        Name::Google | Name::Auth0 => {
            let about = case.ask_json(bearer(&format!("{}/userinfo", oauth.api))).await.ok_or_else(|| nobody(""))?;
            let verified = about.get("email_verified").is_some_and(is_yes);
            identity(&about, "sub", verified).ok_or_else(|| nobody(""))
        }
        Name::Facebook => {
            // It tells an address, and not whether it is its owner's.
            let about = case.ask_json(bearer(&format!("{}/me?fields=id,email", oauth.api))).await;
            let found = about.and_then(|about| identity(&about, "id", false));
            found.ok_or_else(|| nobody(" Ensure the email permission is granted."))
        }
        Name::Github => {
            let question = bearer(&format!("{}/user/emails", oauth.api)).header("accept", "application/vnd.github+json");
            let about = case.ask_json(question).await.ok_or_else(|| nobody(""))?;
            let list = about.as_array().ok_or_else(|| nobody(""))?;
            let is = |entry: &Value, name: &str| entry.get(name) == Some(&Value::Bool(true));
            let primary = list.iter().find(|entry| is(entry, "primary") && (is(entry, "verified") || oauth.trust_email));
            let found = primary.and_then(|entry| identity(entry, "email", is(entry, "verified")));
            found.ok_or_else(|| word(112, "No verified primary email found in the GitHub account."))
        }
    }
}

fn identity(about: &Value, subject: &str, email_verified: bool) -> Option<Identity> {
    let text = |name: &str| about.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned);
    Some(Identity { subject: text(subject)?, email: Some(text("email")?), email_verified })
}

/// True if an access token was made for this site's own client.
async fn is_for_us(case: &Case, oauth: &Oauth, token: &str) -> bool {
    let (id, reach) = (oauth.client_id.as_str(), oauth.open_id.reach);
    let secret = oauth.client_secret.reveal_text().unwrap_or_default();
    if id.is_empty() {
        return false;
    }
    match oauth.name {
        Name::Google | Name::Auth0 => match party(case, oauth, token).await {
            Some(party) => same(party.as_bytes(), id.as_bytes()),
            // Auth0 makes tokens without a text of their own where no audience is asked for.
            None => oauth.opaque && token.split('.').count() != 3,
        },
        Name::Facebook => {
            let query = form_urlencoded::Serializer::new(String::new())
                .append_pair("input_token", token)
                .append_pair("access_token", &format!("{id}|{secret}"))
                .finish();
            let about = case.ask_json(Question::get(&format!("{}/debug_token?{query}", oauth.api), reach)).await;
            let data = about.as_ref().and_then(|about| about.get("data"));
            let is_its = data.and_then(|data| data.get("app_id")).and_then(php::text).is_some_and(|app| app == id);
            is_its && data.and_then(|data| data.get("is_valid")) == Some(&Value::Bool(true))
        }
        Name::Github => {
            let mut question = Question::get(&format!("{}/applications/{id}/token", oauth.api), reach);
            question.method = "POST".to_owned();
            question.body = json!({"access_token": token}).to_string().into_bytes();
            let basic = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("{id}:{secret}"));
            let question = question
                .header("authorization", &format!("Basic {basic}"))
                .header("content-type", "application/json")
                .header("accept", "application/vnd.github+json");
            case.ask_json(question).await.is_some()
        }
    }
}

/// The client that a signed access token was made for (RFC 9068 `client_id`, Auth0's `azp`); `None` if it is not the provider's.
async fn party(case: &Case, oauth: &Oauth, token: &str) -> Option<String> {
    let fetcher = case.house.terms().fetcher.as_ref()?;
    let proves = |keys: &[doorward_core::token::VerifyingKey]| verify_with(keys, token, &mut Scratch::new()).is_ok();
    let keys = case.house.providers().of(fetcher.as_ref(), &oauth.open_id, case.call.now, proves).await.ok()?;
    let mut scratch = Scratch::new();
    let claims: Map<String, Value> = read_claims(verify_with(&keys, token, &mut scratch).ok()?.payload).ok()?;
    let text = |name: &str| claims.get(name).and_then(Value::as_str);
    if !text("iss").is_some_and(|issuer| oauth.open_id.issuers.iter().any(|own| own == issuer)) {
        return None;
    }
    text("azp").or_else(|| text("client_id")).map(str::to_owned)
}

/// A name for somebody who is new here.
pub(super) fn fresh_name(case: &mut Case) -> String {
    format!("user_{}", hex(&case.call.dice.bytes::<6>()))
}

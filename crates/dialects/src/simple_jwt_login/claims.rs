//! Its JWTs: header `{"typ":"JWT","alg":…}`; `iat` always, then as the site selects `exp`, `email`, `id` (a text), `site`,
//! `username` and `iss`, with slashes escaped.

use std::any::Any;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::login::Minted;
use doorward_core::house::House;
use doorward_core::policy::{Rule, Scopes};
use doorward_core::provider::Vouched;
use doorward_core::refusal::{Fault, Forgery, Refusal};
use doorward_core::site::{
    AuthCodes, Claims, CodeEntry, ConfigProblem, IpList, Member, Profile, Site, SiteView, Subject, TokenKind, Webhook, mask,
};
use doorward_core::token::{HeaderStyle, KeyMaterial, Scratch, TimeClaims, TokenId, VerifyingKey, read_claims};
use doorward_web::json::{Style, write};
use serde::Serialize;
use serde_json::{Map, Value};

use super::settings::{key, lists};
use super::{NAME, Owner, Settings, original};
use crate::config::{Edition, edition};

const PATH: &str = "dialects.simple_jwt_login";

#[derive(Serialize)]
struct Written<'a> {
    iat: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    exp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iss: Option<&'a str>,
}

/// Writes a token of an account, issued at `iat`, or a second later if that very token was revoked already: its owner has
/// just proven who they are and must not be handed a dead one.
pub(super) fn mint(house: &House, view: &SiteView, settings: &Settings, account: &Account, iat: Time) -> Result<Minted<String>, Fault> {
    let mut iat = iat;
    loop {
        let (token, id) = sign(view, settings, account, iat)?;
        if !house.memory().is_revoked(&id) {
            let expires = settings.expires(iat).map_or(Time(i64::MAX), |end| end.plus(settings.grace()));
            return Ok(Minted { answer: token, expires, token: Some(id) });
        }
        iat = iat.plus(1);
    }
}

fn sign(view: &SiteView, settings: &Settings, account: &Account, iat: Time) -> Result<(String, TokenId), Fault> {
    let spoken = view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak simple_jwt_login"))?;
    let (site, wanted) = (view.site.url.as_str(), settings.payload);
    let claims = Written {
        iat: iat.0,
        exp: settings.expires(iat).map(|end| end.0),
        email: wanted.email.then_some(&account.email),
        id: wanted.id.then(|| account.number.to_string()),
        site: wanted.site.then_some(site),
        username: wanted.username.then_some(&account.login),
        iss: wanted.iss.then_some(settings.issuer.as_deref().unwrap_or(site)),
    };
    let token = spoken.ring.sign(HeaderStyle::TypAlg, &write(Style::Php, &claims))?;
    let id = spoken.ring.verify(&token, &mut Scratch::new()).map_err(|_| Fault::new("a token just signed does not verify"))?.token_id;
    Ok((token, id))
}

/// Header and payload of a token that was verified, as they were written.
pub(super) fn taken_apart(token: &str) -> Result<(Value, Value), Fault> {
    let mut segments = token.split('.').map(|segment| {
        let json = BASE64_URL_SAFE_NO_PAD.decode(segment).map_err(|_| Fault::new("a verified token is no base64url"))?;
        serde_json::from_slice(&json).map_err(|_| Fault::new("a verified token is no JSON"))
    });
    let mut next = || segments.next().unwrap_or(Ok(Value::Null));
    Ok((next()?, next()?))
}

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct SimpleJwtLoginProfile;

impl Profile for SimpleJwtLoginProfile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn members(&self, config: &Value) -> Vec<Member> {
        super::members::of(config)
    }

    fn compile(&self, _site: &Site, config: &Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem> {
        Ok(Box::new(Settings::read(config)?))
    }

    fn editions(&self) -> &'static [&'static str] {
        &["documented", "v3", "v4"]
    }

    /// Auth codes are as good as a password, wherever they stand; so is what a webhook is told in a header.
    fn is_secret(&self, path: &[&str]) -> bool {
        if path.contains(&"webhooks") && path.contains(&"headers") && path.last() == Some(&"value") {
            return true;
        }
        let in_list = path.iter().any(|name| matches!(*name, "auth_codes" | "codes")) && path.last() != Some(&"key");
        let about = matches!(path.last(), Some(&("role" | "expiration_date")));
        (in_list && !about) || mask::looks_secret(path)
    }

    fn shown_in_part(&self, path: &[&str], text: &str) -> Option<String> {
        let is_address = path.contains(&"webhooks") && path.last() == Some(&"url");
        is_address.then(|| original::webhook_with_masks(text)).flatten()
    }

    fn auth_codes(&self, config: &Value) -> Result<Option<AuthCodes>, ConfigProblem> {
        lists::auth_codes(config).map(Some)
    }

    fn put_auth_codes(&self, config: &mut Value, codes: Vec<CodeEntry>) -> Result<(), ConfigProblem> {
        lists::put_auth_codes(config, codes)
    }

    fn ip_lists(&self, config: &Value) -> Result<Vec<IpList>, ConfigProblem> {
        lists::ip_lists(config)
    }

    fn put_ip_list(&self, config: &mut Value, list: &IpList) -> Result<(), ConfigProblem> {
        lists::put_ip_list(config, list)
    }

    fn webhooks(&self, view: &SiteView) -> Vec<Webhook> {
        let settings = view.settings::<Settings>(NAME);
        settings.and_then(|settings| settings.original.as_deref()).map(original::Plugin::webhooks).unwrap_or_default()
    }

    fn key_from_config(&self, config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
        match edition(PATH, config, &["v3", "v4"])? {
            Edition::Documented => key::material(config),
            Edition::Later(_) => original::material(config),
        }
    }

    /// Protected endpoints ask everybody for a JWT. Elsewhere, with the plugin's middleware a JWT logs in on every REST route, and
    /// a bad one fails the request; without it a JWT does nothing there.
    fn default_rules(&self, settings: &(dyn Any + Send + Sync)) -> Vec<Rule> {
        let Some(settings) = settings.downcast_ref::<Settings>() else { return Vec::new() };
        match settings.original.as_deref() {
            Some(plugin) => plugin.rules(),
            None => settings.protect.documented_rules(settings.middleware),
        }
    }

    fn provider_of<'v>(&self, view: &'v SiteView, token: &str) -> Option<Vouched<'v>> {
        original::vouched(view.settings::<Settings>(NAME)?.original.as_deref()?, token)
    }

    fn keys_for<'v>(&self, view: &'v SiteView, token: &str) -> Option<&'v [VerifyingKey]> {
        original::keys_for(view.settings::<Settings>(NAME)?.original.as_deref()?, token)
    }

    fn tokens_until(&self, view: &SiteView, signed: Time) -> Option<Time> {
        let settings = view.settings::<Settings>(NAME)?;
        match settings.original.as_deref() {
            Some(plugin) => plugin.tokens_until(signed),
            // What has expired can be renewed for a while.
            None => settings.expires(signed).map(|end| end.plus(settings.grace())),
        }
    }

    /// A token without `exp` never expires (seed 001); neither `iss` nor `site` is asked for, since both may be left out.
    fn claims(&self, view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal> {
        if let Some(plugin) = view.settings::<Settings>(NAME).and_then(|s| s.original.as_deref()) {
            return original::claims(plugin, payload);
        }
        let times: TimeClaims = read_claims(payload).map_err(Refusal::ForgedToken)?;
        let claims: Map<String, Value> = read_claims(payload).map_err(Refusal::ForgedToken)?;
        let wrong = Refusal::ForgedToken(Forgery::Claims);
        let settings = view.settings::<Settings>(NAME).ok_or_else(|| wrong.clone())?;
        Ok(Claims {
            subject: subject(&settings.owner, &claims).ok_or(wrong)?,
            kind: TokenKind::Access,
            times,
            scopes: Scopes::All,
            level: None,
            family: None,
        })
    }
}

/// The owner, by the claim that the site reads it from.
fn subject(owner: &Owner, claims: &Map<String, Value>) -> Option<Subject> {
    let (first, rest) = owner.claim().split_first()?;
    let value = rest.iter().try_fold(claims.get(first)?, |value, name| value.get(name))?;
    let text = value.as_str().filter(|text| !text.is_empty());
    match owner {
        Owner::Email(_) => Some(Subject::Email(text?.to_owned())),
        Owner::Login(_) => Some(Subject::Login(text?.to_owned())),
        Owner::Number(_) => {
            let number = text.filter(|t| t.bytes().all(|b| b.is_ascii_digit())).and_then(|t| t.parse().ok());
            Some(Subject::Number(number.or_else(|| value.as_i64())?))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_owner_is_read_from_the_sites_claim_and_from_no_other_type() {
        let claim = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        let number = |n| Some(Subject::Number(n));
        for (owner, claims, expected) in [
            (Owner::Number(claim("id")), json!({"id": "4"}), number(4)),
            (Owner::Number(claim("id")), json!({"id": 4}), number(4)),
            (Owner::Number(claim("id")), json!({"id": "4abc"}), None),
            (Owner::Number(claim("id")), json!({"id": ""}), None),
            (Owner::Number(claim("id")), json!({"id": 4.5}), None),
            (Owner::Number(claim("id")), json!({"id": ["4"]}), None),
            (Owner::Number(claim("id")), json!({"email": "a@b"}), None),
            (Owner::Email(claim("email")), json!({"email": "a@b"}), Some(Subject::Email("a@b".into()))),
            (Owner::Email(claim("email")), json!({"email": ""}), None),
            (Owner::Email(claim("email")), json!({"email": null}), None),
            (Owner::Email(claim("data.user.mail")), json!({"data": {"user": {"mail": "a@b"}}}), Some(Subject::Email("a@b".into()))),
            (Owner::Email(claim("data.user.mail")), json!({"data": "x"}), None),
            (Owner::Login(claim("username")), json!({"username": "u"}), Some(Subject::Login("u".into()))),
            (Owner::Login(Vec::new()), json!({"": "u"}), None),
        ] {
            let Value::Object(claims) = claims else { continue };
            assert_eq!(subject(&owner, &claims), expected, "{owner:?} {claims:?}");
        }
    }

    #[test]
    fn a_token_is_taken_apart_as_it_was_written() {
        let (header, payload) = taken_apart("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9.eyJpYXQiOjEsImlkIjoiNCJ9.x").unwrap();
        assert_eq!((header.to_string(), payload.to_string()), (r#"{"typ":"JWT","alg":"HS256"}"#.into(), r#"{"iat":1,"id":"4"}"#.into()));
    }
}

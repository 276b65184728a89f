//! Its JWTs: header `{"typ":"JWT","alg":…}`; `iss`, `iat`, `nbf`, `exp` and `data.user.id`, a text, with slashes escaped.

use std::any::Any;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::flow::login::{Minted, Opening};
use doorward_core::policy::{PathMatch, Rule, Scopes, Way};
use doorward_core::refusal::{Fault, Forgery, Refusal};
use doorward_core::site::{Claims, ConfigProblem, Member, Profile, Site, SiteView, Subject, TokenKind};
use doorward_core::token::{HeaderStyle, KeyMaterial, Scratch, TimeClaims, read_claims, strict_seconds, unverified_payload};
use doorward_web::json::{Style, write};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{NAME, Settings, recorded, settings};

#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    iat: i64,
    nbf: i64,
    exp: i64,
    data: Data<&'a str>,
}

#[derive(Deserialize)]
struct Read {
    iss: Option<String>,
    #[serde(default, deserialize_with = "strict_seconds")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    exp: Option<i64>,
    data: Data<UserId>,
}

#[derive(Serialize, Deserialize)]
struct Data<Id> {
    user: User<Id>,
}

#[derive(Serialize, Deserialize)]
struct User<Id> {
    id: Id,
}

/// The plugin writes a text; sites that change the payload write numbers as well.
#[derive(Deserialize)]
#[serde(untagged)]
enum UserId {
    Number(i64),
    Text(String),
}

impl UserId {
    fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) if text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok(),
            Self::Text(_) => None,
        }
    }
}

/// Writes the token of a login.
pub(super) fn mint(view: &SiteView, account: &Account, opening: &Opening) -> Result<Minted<String>, Fault> {
    let spoken = view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak jwt_auth"))?;
    let settings = view.settings::<Settings>(NAME).ok_or_else(|| Fault::new("the site has no jwt_auth settings"))?;
    let expires = opening.iat.plus(settings.life);
    let claims = Written {
        iss: &view.site.url,
        iat: opening.iat.0,
        // Not `iat`, which may lie a second ahead: the token must be good at once.
        nbf: opening.session.created.plus(settings.not_before).0,
        exp: expires.0,
        data: Data { user: User { id: &account.number.to_string() } },
    };
    let token = spoken.ring.sign(HeaderStyle::TypAlg, &write(Style::Php, &claims))?;
    let id = spoken.ring.verify(&token, &mut Scratch::new()).map_err(|_| Fault::new("a token just signed does not verify"))?.token_id;
    Ok(Minted { answer: token, expires, token: Some(id) })
}

/// The number that a token of a recorded edition names; nothing is proven by it.
pub(super) fn number_in(token: &str) -> Option<i64> {
    let mut scratch = Scratch::new();
    let payload: Value = serde_json::from_slice(unverified_payload(token, &mut scratch).ok()?).ok()?;
    match recorded::claims::subject(payload.get("data")?.get("user")?.get("id")?)? {
        Subject::Number(number) => Some(number),
        Subject::Login(_) | Subject::Email(_) | Subject::Guest => None,
    }
}

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct JwtAuthProfile;

impl Profile for JwtAuthProfile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn members(&self, config: &Value) -> Vec<Member> {
        super::members::of(config)
    }

    fn compile(&self, site: &Site, config: &Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem> {
        Ok(Box::new(Settings::read(&site.url, config)?))
    }

    fn editions(&self) -> &'static [&'static str] {
        &["documented", "tmeister", "disciple_tools"]
    }

    fn key_from_config(&self, config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
        settings::key(config)
    }

    /// Every call is looked at: nobody passes as nobody, a good bearer as its user, a bad one not at all (seed 004).
    fn default_rules(&self, _settings: &(dyn Any + Send + Sync)) -> Vec<Rule> {
        vec![Rule::new("jwt_auth.api", PathMatch::Prefix, "/wp-json", &[Way::None, Way::Bearer])]
    }

    fn tokens_until(&self, view: &SiteView, signed: Time) -> Option<Time> {
        let settings = view.settings::<Settings>(NAME)?;
        let plugin = settings.recorded.is_some().then_some(&settings.plugin);
        // A filter may write an end of its own into every token, or one that is none.
        match (plugin.and_then(|plugin| plugin.payload.get("exp")), plugin.and_then(|plugin| plugin.expires)) {
            (Some(end), _) => end.as_i64().map(Time),
            (None, Some(end)) => Some(Time(end)),
            (None, None) => Some(signed.plus(settings.life)),
        }
    }

    fn claims(&self, view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal> {
        if recorded::settings(view).is_some() {
            return recorded::claims::read(view, payload);
        }
        let read: Read = read_claims(payload).map_err(Refusal::ForgedToken)?;
        if read.iss.as_deref() != Some(view.site.url.as_str()) {
            return Err(Refusal::ForgedToken(Forgery::Issuer));
        }
        let wrong = Refusal::ForgedToken(Forgery::Claims);
        if read.exp.is_none() || read.iat.is_none() {
            return Err(wrong);
        }
        Ok(Claims {
            subject: Subject::Number(read.data.user.id.number().ok_or(wrong)?),
            kind: TokenKind::Access,
            times: TimeClaims { iat: read.iat, nbf: read.nbf, exp: read.exp },
            scopes: Scopes::All,
            level: None,
            family: None,
        })
    }
}

//! Its JWTs: header exactly `{"alg":"HS256"}`; `sub`, `iat`, `exp`, `jti`, `fid`, `type`.

use std::any::Any;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::policy::{PathMatch, Rule, Scopes, Way};
use doorward_core::refusal::{Fault, Forgery, Refusal};
use doorward_core::session::{Branch, Session, SessionId, parse_id};
use doorward_core::site::{Claims, ConfigProblem, Member, Profile, Site, SiteView, Subject, TokenKind};
use doorward_core::token::{HeaderStyle, KeyMaterial, TimeClaims, read_claims, strict_seconds};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{NAME, Settings};

/// The pair that a login or a refresh answers with, in the seed's order.
#[derive(Serialize)]
pub(super) struct Pair {
    access_token: String,
    refresh_token: String,
    token_type: &'static str,
    expires_in: i64,
}

#[derive(Serialize)]
struct Written<'a> {
    sub: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    fid: &'a str,
    r#type: &'static str,
}

#[derive(Deserialize)]
struct Read<'a> {
    sub: &'a str,
    #[serde(default, deserialize_with = "strict_seconds")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    exp: Option<i64>,
    jti: &'a str,
    fid: &'a str,
    r#type: &'a str,
}

/// Writes the pair of a family's current generation. The same generation gives the same pair, byte for byte.
pub(super) fn pair(view: &SiteView, account: &Account, session: &Session) -> Result<Pair, Fault> {
    let settings = view.settings::<Settings>(NAME).ok_or_else(|| Fault::new("the site has no wporchestrix settings"))?;
    Ok(Pair {
        access_token: write(view, account, session, Branch::Access, settings.access_life)?,
        refresh_token: write(view, account, session, Branch::Refresh, settings.refresh_life)?,
        token_type: "Bearer",
        expires_in: settings.access_life,
    })
}

fn write(view: &SiteView, account: &Account, session: &Session, branch: Branch, life: i64) -> Result<String, Fault> {
    let spoken = view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak wporchestrix"))?;
    let iat = session.rotated.0;
    let claims = Written {
        sub: &account.number.to_string(),
        iat,
        exp: iat.saturating_add(life),
        jti: &SessionId(session.token_id(branch, session.generation)).hex(),
        fid: &session.id.hex(),
        r#type: match branch {
            Branch::Access => "access",
            Branch::Refresh => "refresh",
        },
    };
    spoken.ring.sign(HeaderStyle::AlgOnly, &serde_json::to_vec(&claims).map_err(Fault::new)?)
}

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct WporchestrixProfile;

impl Profile for WporchestrixProfile {
    fn name(&self) -> &'static str {
        NAME
    }

    fn members(&self, _config: &Value) -> Vec<Member> {
        super::settings::members()
    }

    fn compile(&self, _site: &Site, config: &Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem> {
        Ok(Box::new(Settings::read(config)?))
    }

    fn key_from_config(&self, _config: &Value) -> Result<Option<KeyMaterial>, ConfigProblem> {
        Ok(None)
    }

    fn default_rules(&self, _settings: &(dyn Any + Send + Sync)) -> Vec<Rule> {
        vec![Rule::new("wporchestrix.api", PathMatch::Prefix, "/api/v1", &[Way::Token, Way::Bearer])]
    }

    fn signs_in(&self, token: &doorward_core::port::store::ApiToken) -> bool {
        super::auth::is_default(token)
    }

    fn tokens_until(&self, view: &SiteView, signed: Time) -> Option<Time> {
        view.settings::<Settings>(NAME).map(|settings| signed.plus(settings.access_life.max(settings.refresh_life)))
    }

    fn claims(&self, _view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal> {
        let read: Read<'_> = read_claims(payload).map_err(Refusal::ForgedToken)?;
        let wrong = Refusal::ForgedToken(Forgery::Claims);
        let kind = match read.r#type {
            "access" => TokenKind::Access,
            "refresh" => TokenKind::Refresh,
            _ => return Err(wrong),
        };
        if read.exp.is_none() || read.iat.is_none() {
            return Err(wrong);
        }
        let family = SessionId::parse(read.fid).zip(parse_id(read.jti)).ok_or_else(|| wrong.clone())?;
        Ok(Claims {
            subject: Subject::Number(read.sub.parse().map_err(|_| wrong)?),
            kind,
            times: TimeClaims { iat: read.iat, nbf: read.nbf, exp: read.exp },
            scopes: Scopes::All,
            level: None,
            family: Some(family),
        })
    }
}

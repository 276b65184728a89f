//! Its JWTs: header `{"alg":"HS256","typ":"JWT"}`; the site as subject, then who, how high, and what for, for 24 hours.

use std::any::Any;

use doorward_core::account::Account;
use doorward_core::call::Time;
use doorward_core::policy::{PathMatch, Rule, Scopes, Way};
use doorward_core::refusal::{Fault, Forgery, Refusal};
use doorward_core::site::{Claims, ConfigProblem, Member, Profile, Site, SiteId, SiteView, Subject, TokenKind};
use doorward_core::token::{HeaderStyle, KeyMaterial, Scratch, TimeClaims, TokenId, read_claims, strict_seconds};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::user::persona;
use super::{EVERYTHING, NAME, PUBLIC_READ, Settings};

const ISSUER: &str = "wapka-api";
/// The number of a guest; no account has it.
const GUEST: i64 = 0;

/// A signed token and what follows from it.
pub(super) struct Signed {
    /// The token.
    pub(super) token: String,
    /// Its id, by which it can be revoked.
    pub(super) id: TokenId,
    /// When it expires.
    pub(super) expires: Time,
}

/// The claims in the documented order.
#[derive(Serialize)]
struct Written<'a> {
    iss: &'a str,
    sub: &'a str,
    site_id: i64,
    user_id: i64,
    level: u8,
    persona: &'a str,
    scope: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Read<'a> {
    iss: &'a str,
    sub: &'a str,
    site_id: i64,
    user_id: i64,
    level: u8,
    scope: &'a str,
    #[serde(default, deserialize_with = "strict_seconds")]
    iat: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    nbf: Option<i64>,
    #[serde(default, deserialize_with = "strict_seconds")]
    exp: Option<i64>,
}

/// Signs a guest's token: level 0, for reading what is public.
pub(super) fn guest(view: &SiteView, now: Time) -> Result<Signed, Fault> {
    sign(view, GUEST, 0, PUBLIC_READ, now)
}

/// Signs an account's token, for everything it may do.
pub(super) fn login(view: &SiteView, account: &Account, iat: Time) -> Result<Signed, Fault> {
    sign(view, account.number, account.level, EVERYTHING, iat)
}

fn sign(view: &SiteView, user_id: i64, level: u8, scope: &str, iat: Time) -> Result<Signed, Fault> {
    let spoken = view.dialect(NAME).ok_or_else(|| Fault::new("the site does not speak wapka"))?;
    let settings = view.settings::<Settings>(NAME).ok_or_else(|| Fault::new("the site has no wapka settings"))?;
    let site = view.site.id.0;
    let expires = iat.plus(settings.token_life);
    let claims = Written {
        iss: ISSUER,
        sub: &subject(site),
        site_id: site,
        user_id,
        level,
        persona: persona(level),
        scope,
        iat: iat.0,
        exp: expires.0,
    };
    let token = spoken.ring.sign(HeaderStyle::AlgTyp, &serde_json::to_vec(&claims).map_err(Fault::new)?)?;
    let id = spoken.ring.verify(&token, &mut Scratch::new()).map_err(|_| Fault::new("a fresh token does not verify"))?.token_id;
    Ok(Signed { token, id, expires })
}

fn subject(site: i64) -> String {
    format!("site:{site}")
}

/// What the law knows of this language.
#[derive(Debug)]
pub(super) struct WapkaProfile;

impl Profile for WapkaProfile {
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

    /// Guests read; who writes has a login or a key for everything, and a level (contract §1: level 0 reads).
    fn default_rules(&self, _settings: &(dyn Any + Send + Sync)) -> Vec<Rule> {
        let rule = |action| Rule::new(action, PathMatch::Prefix, "/v1", &[Way::Bearer, Way::ApiKey]);
        let read = Rule { methods: vec!["GET".into(), "HEAD".into()], scopes: vec![PUBLIC_READ.into()], ..rule("wapka.read") };
        let write = Rule { scopes: vec![EVERYTHING.into()], min_level: 1, ..rule("wapka.write") };
        vec![read, write]
    }

    fn spans_sites(&self) -> bool {
        true
    }

    fn unverified_site(&self, payload: &[u8]) -> Option<SiteId> {
        #[derive(Deserialize)]
        struct Named {
            site_id: i64,
        }
        read_claims::<Named>(payload).ok().map(|named| SiteId(named.site_id))
    }

    fn tokens_until(&self, view: &SiteView, signed: Time) -> Option<Time> {
        view.settings::<Settings>(NAME).map(|settings| signed.plus(settings.token_life))
    }

    fn claims(&self, view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal> {
        read(view.site.id, payload).map_err(Refusal::ForgedToken)
    }
}

fn read(site: SiteId, payload: &[u8]) -> Result<Claims, Forgery> {
    let read: Read<'_> = read_claims(payload)?;
    if read.iss != ISSUER || read.site_id != site.0 || read.sub != subject(site.0) {
        return Err(Forgery::Issuer);
    }
    let scopes = Scopes::parse(read.scope);
    let guest = read.user_id == GUEST;
    // Nobody may not have everything, whatever was signed.
    if read.iat.is_none() || read.exp.is_none() || read.user_id < 0 || (guest && scopes == Scopes::All) {
        return Err(Forgery::Claims);
    }
    Ok(Claims {
        subject: if guest { Subject::Guest } else { Subject::Number(read.user_id) },
        kind: TokenKind::Access,
        times: TimeClaims { iat: read.iat, nbf: read.nbf, exp: read.exp },
        scopes,
        level: Some(read.level),
        family: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const SITE: SiteId = SiteId(18448);

    fn changed(name: &str, value: Value) -> Result<Claims, Forgery> {
        let mut claims = json!({"iss": "wapka-api", "sub": "site:18448", "site_id": 18448, "user_id": 36012, "level": 10,
            "persona": "superadmin", "scope": "*", "iat": 100, "exp": 86_500});
        claims[name] = value;
        read(SITE, claims.to_string().as_bytes())
    }

    #[test]
    fn claims_are_written_in_the_documented_order() {
        let written = Written {
            iss: ISSUER,
            sub: &subject(18448),
            site_id: 18448,
            user_id: 0,
            level: 0,
            persona: persona(0),
            scope: PUBLIC_READ,
            iat: 1,
            exp: 86_401,
        };
        let expected = concat!(
            r#"{"iss":"wapka-api","sub":"site:18448","site_id":18448,"user_id":0,"level":0,"#,
            r#""persona":"public","scope":"public:read","iat":1,"exp":86401}"#
        );
        assert_eq!(serde_json::to_string(&written).unwrap(), expected);
    }

    #[test]
    fn what_was_signed_is_read_back() {
        let login = changed("user_id", json!(36012)).unwrap();
        assert_eq!((login.subject, login.scopes, login.level), (Subject::Number(36012), Scopes::All, Some(10)));
        let guest = read(SITE, br#"{"iss":"wapka-api","sub":"site:18448","site_id":18448,"user_id":0,"level":0,"persona":"public","scope":"public:read","iat":1,"exp":2}"#);
        let guest = guest.unwrap();
        assert_eq!((guest.subject, guest.scopes), (Subject::Guest, Scopes::Only(vec![PUBLIC_READ.into()])));
    }

    #[test]
    fn another_issuer_site_or_shape_is_refused() {
        for (name, value, why) in [
            ("iss", json!("wapka"), Forgery::Issuer),
            ("sub", json!("site:1"), Forgery::Issuer),
            ("site_id", json!(1), Forgery::Issuer),
            ("user_id", json!(0), Forgery::Claims),
            ("user_id", json!(-1), Forgery::Claims),
            ("user_id", json!("36012"), Forgery::Claims),
            ("level", json!(256), Forgery::Claims),
            ("level", json!("10"), Forgery::Claims),
            ("scope", json!(["*"]), Forgery::Claims),
            ("exp", json!(null), Forgery::Claims),
            ("exp", json!("86500"), Forgery::Claims),
            ("iat", json!(1.5), Forgery::Claims),
        ] {
            assert_eq!(changed(name, value.clone()).map(|_| ()), Err(why), "{name} {value}");
        }
    }
}

//! What the law must know of a language: how it reads its settings and its tokens. Each dialect brings one profile.

use std::any::Any;

use crate::call::Time;
use crate::policy::{Rule, RuleProblem, Scopes};
use crate::port::store::ApiToken;
use crate::provider::Vouched;
use crate::refusal::Refusal;
use crate::secret::Secret;
use crate::session::SessionId;
use crate::site::{Member, Site, SiteId, SiteView, mask};
use crate::token::{Algorithm, KeyMaterial, TimeClaims, VerifyingKey};

/// A language as the law sees it. `server/wire.rs` registers one per dialect.
pub trait Profile: Send + Sync {
    /// The language's name in bundles, rules and audit (`wapka`).
    fn name(&self) -> &'static str;

    /// Reads and checks a site's settings of this language once; what it returns is what the dialect finds again
    /// with [`SiteView::settings`].
    ///
    /// # Errors
    /// A sentence with the member's path, shown to whoever imports or edits.
    fn compile(&self, site: &Site, config: &serde_json::Value) -> Result<Box<dyn Any + Send + Sync>, ConfigProblem>;

    /// The key that the settings carry, if they do (`JWT_AUTH_SECRET_KEY`, `decryption_key`); `None` = generate one.
    ///
    /// # Errors
    /// If a key is named but cannot be used (empty, masked, unreadable).
    fn key_from_config(&self, config: &serde_json::Value) -> Result<Option<KeyMaterial>, ConfigProblem>;

    /// The algorithm of a generated key.
    fn default_algorithm(&self) -> Algorithm {
        Algorithm::Hs256
    }

    /// The rules that hold where the site has none of its own, from the compiled settings.
    fn default_rules(&self, settings: &(dyn Any + Send + Sync)) -> Vec<Rule>;

    /// What in the settings does not do what whoever wrote it may think, though they can be used; each as a sentence with the member's
    /// path.
    fn warnings(&self, _settings: &(dyn Any + Send + Sync)) -> Vec<String> {
        Vec::new()
    }

    /// The site that a token *says* it is for, where the language's host serves many sites. Not trusted: it only
    /// chooses whose keys are tried.
    fn unverified_site(&self, _payload: &[u8]) -> Option<SiteId> {
        None
    }

    /// True if one host of this language serves every site that speaks it, so that the credential names the site.
    fn spans_sites(&self) -> bool {
        false
    }

    /// True if a sign-in of this language is answered with such an API token, or an account has just the one: it then ends
    /// with the sessions (a new password, a second factor, "sign out everywhere"). Tokens that somebody made for a program
    /// stay, unless all are to end.
    fn signs_in(&self, _token: &ApiToken) -> bool {
        false
    }

    /// The keys that alone may prove a token, where the site trusts other issuers beside itself and the token is one of theirs
    /// by the site's own rules; `None` = the site's own keys.
    fn keys_for<'v>(&self, _view: &'v SiteView, _token: &str) -> Option<&'v [VerifyingKey]> {
        None
    }

    /// The provider whose ID tokens open this site like its own, where the site wants that and the token says that it is one of them.
    /// Not trusted: it only chooses whose keys are tried.
    fn provider_of<'v>(&self, _view: &'v SiteView, _token: &str) -> Option<Vouched<'v>> {
        None
    }

    /// The editions that it speaks, the usual one first.
    fn editions(&self) -> &'static [&'static str] {
        &["documented"]
    }

    /// The members of the settings that it describes, where these settings have them, in the order in which they are edited.
    fn members(&self, _config: &serde_json::Value) -> Vec<Member> {
        Vec::new()
    }

    /// True if a text of the settings is a secret, by the names of the members on the way to it (`0`, `1`, … in lists). It is then
    /// shown to nobody who edits them.
    fn is_secret(&self, path: &[&str]) -> bool {
        mask::looks_secret(path)
    }

    /// How a text of the settings is shown of which a part is secret, with the [mask](mask::MASK) in its place; `None` if nothing of it is.
    fn shown_in_part(&self, _path: &[&str], _text: &str) -> Option<String> {
        None
    }

    /// The auth codes of the settings; `None` if the language has none.
    ///
    /// # Errors
    /// If the settings cannot be read.
    fn auth_codes(&self, _config: &serde_json::Value) -> Result<Option<AuthCodes>, ConfigProblem> {
        Ok(None)
    }

    /// Puts other auth codes into the settings.
    ///
    /// # Errors
    /// If the settings cannot be read, or the language has no auth codes.
    fn put_auth_codes(&self, _config: &mut serde_json::Value, _codes: Vec<CodeEntry>) -> Result<(), ConfigProblem> {
        Err(ConfigProblem::at(format!("dialects.{}", self.name()), "has no auth codes"))
    }

    /// The lists of addresses in the settings, by the name of their member.
    ///
    /// # Errors
    /// If the settings cannot be read.
    fn ip_lists(&self, _config: &serde_json::Value) -> Result<Vec<IpList>, ConfigProblem> {
        Ok(Vec::new())
    }

    /// Puts another list of addresses into the settings, under a name that [`Profile::ip_lists`] gave.
    ///
    /// # Errors
    /// If the settings cannot be read, or there is no such list.
    fn put_ip_list(&self, _config: &mut serde_json::Value, list: &IpList) -> Result<(), ConfigProblem> {
        Err(ConfigProblem::at(format!("dialects.{}", self.name()), format!("has no list `{}`", list.name)))
    }

    /// Until when a token that was signed then may still be of use, by the settings as they are; `None` = it has no end.
    fn tokens_until(&self, _view: &SiteView, _signed: Time) -> Option<Time> {
        None
    }

    /// The webhooks that a site's settings name, those that are switched off too. Nothing secret of them.
    fn webhooks(&self, _view: &SiteView) -> Vec<Webhook> {
        Vec::new()
    }

    /// Reads the claims of a token whose signature holds.
    ///
    /// # Errors
    /// [`Refusal::ForgedToken`] if a claim is missing or has the wrong type. Whether the kind fits is the caller's to judge.
    fn claims(&self, view: &SiteView, payload: &[u8]) -> Result<Claims, Refusal>;
}

/// The auth codes of a language's settings.
#[derive(Clone, Debug)]
pub struct AuthCodes {
    /// The codes, in order.
    pub codes: Vec<CodeEntry>,
    /// Where they are asked for (`login`, `refresh`).
    pub required_for: Vec<&'static str>,
}

/// An auth code as the settings have it.
#[derive(Clone, Debug)]
pub struct CodeEntry {
    /// The code.
    pub code: Secret,
    /// The role that it gives to whoever registers with it, or empty.
    pub role: String,
    /// When it ends, as it is written there, or empty.
    pub expires: String,
}

/// A list of addresses in a language's settings: who is on it may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IpList {
    /// The member's name, dots between the levels.
    pub name: String,
    /// The addresses and networks; none = everybody may.
    pub entries: Vec<String>,
}

/// A webhook as somebody may see it who runs the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// What its errands name as their [target](crate::port::store::Errand::target).
    pub target: String,
    /// Where it is told, without what may be secret there: a password, the values of the query.
    pub url: String,
    /// The method.
    pub method: String,
    /// What it is told of.
    pub events: Vec<String>,
    /// The names of the headers that the site adds; their values may be secrets.
    pub headers: Vec<String>,
    /// True if what it is told is written by a template of the site's.
    pub has_template: bool,
    /// True if it is told.
    pub is_on: bool,
}

/// A setting that cannot be used: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {problem}")]
pub struct ConfigProblem {
    /// Path of the member (`dialects.wncms.settings.foo`).
    pub path: String,
    /// What is wrong with it, as a sentence.
    pub problem: String,
}

impl ConfigProblem {
    /// A problem at a path.
    pub fn at(path: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { path: path.into(), problem: problem.into() }
    }

    /// A rule of the site's own that cannot be used: `endpoints[2].ip_allow[1]`.
    #[must_use]
    pub fn rule(problem: &RuleProblem) -> Self {
        let part = |part: &String| if part.bytes().all(|b| b.is_ascii_digit()) { format!("[{part}]") } else { format!(".{part}") };
        let member: String = problem.member.iter().map(part).collect();
        Self::at(format!("endpoints[{}]{member}", problem.index), problem.to_string())
    }
}

/// What a token says, once its signature holds, in the law's terms.
#[derive(Debug, Clone)]
pub struct Claims {
    /// Whose token it is.
    pub subject: Subject,
    /// What it is good for.
    pub kind: TokenKind,
    /// `iat`, `nbf`, `exp`.
    pub times: TimeClaims,
    /// What it may be used for.
    pub scopes: Scopes,
    /// A ceiling on the account's level, if the token carries one.
    pub level: Option<u8>,
    /// The refresh-token family (session) it belongs to, and its own id in it (`jti`).
    pub family: Option<(SessionId, [u8; 16])>,
}

/// Whose token it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// An account by number.
    Number(i64),
    /// An account by login name.
    Login(String),
    /// An account by e-mail address.
    Email(String),
    /// Nobody: a guest of the site.
    Guest,
}

/// What a token is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// Opens protected routes.
    Access,
    /// Buys its successor, nothing else.
    Refresh,
}

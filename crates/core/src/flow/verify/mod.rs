//! Verify: from what was shown to a [`Pass`], or a refusal. The hot path: no store is asked for what memory knows,
//! and nothing is written. `person` is for those who show no token, `foreign` for a provider's.

mod foreign;
mod person;

use std::any::Any;
use std::sync::{Arc, OnceLock};

pub use self::foreign::{Foreign, foreign};
use crate::account::{Account, Handle};
use crate::call::{Client, Time};
use crate::credential::api_token::digest_of;
pub use crate::flow::proof::again;
use crate::flow::proof::{self, Proof, ProofKey};
pub use crate::flow::shown::Shown;
use crate::house::House;
use crate::policy::{Scopes, Way};
use crate::port::store::ApiToken;
use crate::refusal::{Fault, Forgery, No, Refusal};
use crate::session::SessionId;
use crate::site::{Claims, DialectView, Directory, SiteView, Subject, TokenKind};
use crate::token::{Scratch, TimeClaims, TokenId, check_times, unverified_payload, verify_with};

/// Proof that a credential was verified. Only this file makes one.
pub struct Pass {
    view: Arc<SiteView>,
    account: Option<Arc<Account>>,
    level: u8,
    scopes: Scopes,
    way: Way,
    token: Option<(TokenId, Option<Time>)>,
    api_token: Option<i64>,
    family: Option<SessionId>,
    /// What it was made from; `None` if that is not remembered.
    proof: Option<Proof>,
    pinned: OnceLock<Box<dyn Any + Send + Sync>>,
}

impl std::fmt::Debug for Pass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let account = self.account.as_ref().map(|a| a.number);
        write!(f, "Pass({} by {}, account {account:?}, level {})", self.view.site.name, self.way.word(), self.level)
    }
}

impl Pass {
    /// The site it is good for.
    #[must_use]
    pub fn site(&self) -> &Arc<SiteView> {
        &self.view
    }
    /// Whose it is; `None` for a guest.
    #[must_use]
    pub fn account(&self) -> Option<&Arc<Account>> {
        self.account.as_ref()
    }
    /// The level it gives: the account's, or less.
    #[must_use]
    pub fn level(&self) -> u8 {
        self.level
    }
    /// What it may be used for.
    #[must_use]
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
    /// How it was proven.
    #[must_use]
    pub fn way(&self) -> Way {
        self.way
    }
    /// The JWT's id and expiry, if it was one.
    #[must_use]
    pub fn token(&self) -> Option<(TokenId, Option<Time>)> {
        self.token
    }
    /// The API token's id, if it was one.
    #[must_use]
    pub fn api_token(&self) -> Option<i64> {
        self.api_token
    }
    pub(crate) fn proof(&self) -> Option<&Proof> {
        self.proof.as_ref()
    }
    /// What a door once made of this pass, kept with it: `make` is asked the first time only. `None` if another door pinned
    /// something of another type.
    pub fn pinned<T: Any + Send + Sync>(&self, make: impl FnOnce(&Self) -> T) -> Option<&T> {
        self.pinned.get_or_init(|| Box::new(make(self))).downcast_ref()
    }
    /// The session that the token belongs to, where tokens say so.
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.family
    }
}

/// A JWT whose signature, times and account were verified, with its claims: for doors that handle tokens themselves.
#[derive(Clone, Debug)]
pub struct Verified {
    /// Its claims.
    pub claims: Claims,
    /// Its id.
    pub id: TokenId,
    /// Its account; `None` for a guest.
    pub account: Option<Arc<Account>>,
}

/// Verifies what was shown on a site in a language. What was verified before and is unchanged costs one keyed hash.
///
/// # Errors
/// A refusal with its reason, or a fault: then the door stays shut.
pub async fn verify(
    house: &House,
    view: &Arc<SiteView>,
    dialect: &'static str,
    shown: Shown<'_>,
    now: Time,
    client: &Client,
) -> Result<Arc<Pass>, No> {
    by(house, view, dialect, shown, now, Whose::Use(client)).await
}

/// As [`verify`], for whoever asks what would be decided of a client's request: no last use is noted. HTTP Basic cannot be
/// weighed without leaving its mark on the counters of wrong tries, and is not weighed here.
///
/// # Errors
/// As for [`verify`]; for Basic a fault.
pub async fn examine(
    house: &House,
    view: &Arc<SiteView>,
    dialect: &'static str,
    shown: Shown<'_>,
    now: Time,
    client: &Client,
) -> Result<Arc<Pass>, No> {
    by(house, view, dialect, shown, now, Whose::Question(client)).await
}

/// Who shows a credential.
#[derive(Clone, Copy)]
enum Whose<'c> {
    /// A client, whose use is noted.
    Use(&'c Client),
    /// A client that is asked about: nothing is noted.
    Question(&'c Client),
}

impl<'c> Whose<'c> {
    fn client(self) -> &'c Client {
        match self {
            Self::Use(client) | Self::Question(client) => client,
        }
    }

    /// The client, if it is to leave a trace.
    fn traced(self) -> Option<&'c Client> {
        match self {
            Self::Use(client) => Some(client),
            Self::Question(_) => None,
        }
    }
}

async fn by(
    house: &House,
    view: &Arc<SiteView>,
    dialect: &'static str,
    shown: Shown<'_>,
    now: Time,
    whose: Whose<'_>,
) -> Result<Arc<Pass>, No> {
    let key = proof::key(house, view, dialect, shown);
    if let Some(known) = key.as_ref().and_then(|key| proof::recall(house, view, key, now, whose.traced())) {
        return known;
    }
    // In a box: what is not remembered is rare, and its size is not to be carried by every check.
    Box::pin(weigh(house, view, dialect, shown, key, now, whose)).await
}

async fn weigh(
    house: &House,
    view: &Arc<SiteView>,
    dialect: &'static str,
    shown: Shown<'_>,
    key: Option<ProofKey>,
    now: Time,
    whose: Whose<'_>,
) -> Result<Arc<Pass>, No> {
    match shown {
        Shown::Malformed => Err(Refusal::MalformedCredential.into()),
        Shown::Jwt(token) => jwt(house, view, dialect, token, key, now).await,
        Shown::ApiToken(text) => api_token(house, view, dialect, text, key, now, whose).await,
        Shown::Basic { user, password } => match whose.traced() {
            Some(client) => person::basic(house, view, user, password, now, client).await,
            None => Err(Fault::new("a password is not weighed for whoever only asks").into()),
        },
        Shown::Session(id) => person::session(house, view, dialect, id, now).await,
    }
}

async fn jwt(house: &House, view: &Arc<SiteView>, dialect: &str, token: &str, key: Option<ProofKey>, now: Time) -> Result<Arc<Pass>, No> {
    let first = jwt_in(house, view, dialect, token, key, now).await;
    // Another language's token opens this one's routes only where the site says so.
    let Err(No::Refused(Refusal::ForgedToken(_))) = &first else { return first };
    let accepts = view.dialect(dialect).map(|d| d.accepts.as_slice()).unwrap_or_default();
    for other in accepts {
        let next = jwt_in(house, view, other, token, key, now).await;
        if !matches!(&next, Err(No::Refused(Refusal::ForgedToken(_)))) {
            return next;
        }
    }
    first
}

async fn jwt_in(
    house: &House,
    asked: &Arc<SiteView>,
    dialect: &str,
    token: &str,
    key: Option<ProofKey>,
    now: Time,
) -> Result<Arc<Pass>, No> {
    let mut scratch = Scratch::new();
    let elsewhere;
    let spoken = asked.dialect(dialect).ok_or(Refusal::UnknownSite)?;
    let view = if spoken.profile.spans_sites() {
        elsewhere = named_site(&house.directory(), spoken, token, &mut scratch)?;
        &elsewhere
    } else {
        asked
    };
    // The epoch is read before anything else: a change in between makes the proof void, never stale.
    let epoch = view.epoch();
    let verified = open_jwt(house, view, dialect, token, &mut scratch, now, 0).await?;
    if verified.claims.kind != TokenKind::Access {
        return Err(Refusal::WrongKind.into());
    }
    let ceiling = verified.claims.level.unwrap_or(10);
    let session = verified.claims.family.map(|(id, _)| id);
    let family = session.map(|session| TokenId(session.0));
    let pass = Arc::new(Pass {
        view: Arc::clone(view),
        level: verified.account.as_ref().map_or(0, |a| a.level).min(ceiling),
        account: verified.account,
        scopes: verified.claims.scopes,
        way: Way::Bearer,
        token: Some((verified.id, verified.claims.times.exp.map(Time))),
        api_token: None,
        family: session,
        proof: Some(Proof::jwt(asked, epoch, verified.claims.times, verified.id, family)),
        pinned: OnceLock::new(),
    });
    if let Some(key) = key {
        house.memory().keep_pass(key, &pass);
    }
    Ok(pass)
}

fn named_site(directory: &Directory, spoken: &DialectView, token: &str, scratch: &mut Scratch) -> Result<Arc<SiteView>, Refusal> {
    let payload = unverified_payload(token, scratch).map_err(Refusal::ForgedToken)?;
    let site = spoken.profile.unverified_site(payload).ok_or(Refusal::ForgedToken(Forgery::Claims))?;
    directory.by_id(site).filter(|v| v.dialect(spoken.profile.name()).is_some()).cloned().ok_or(Refusal::ForgedToken(Forgery::Signature))
}

/// Verifies a JWT of a site's language: signature, claims, times, revocation, account. Any kind of token passes: the
/// caller looks at [`Claims::kind`]. `grace` is added to `exp`, in seconds.
///
/// # Errors
/// A refusal with its reason, or a fault.
pub async fn open_jwt(
    house: &House,
    view: &Arc<SiteView>,
    dialect: &str,
    token: &str,
    scratch: &mut Scratch,
    now: Time,
    grace: i64,
) -> Result<Verified, No> {
    let spoken = view.dialect(dialect).ok_or(Refusal::UnknownSite)?;
    if let Some(vouched) = spoken.profile.provider_of(view, token) {
        return foreign::open(house, view, vouched, token, now).await;
    }
    let opened = match spoken.profile.keys_for(view, token) {
        Some(keys) => verify_with(keys, token, scratch),
        None => spoken.ring.verify(token, scratch),
    };
    let opened = opened.map_err(Refusal::ForgedToken)?;
    let id = opened.token_id;
    let claims = spoken.profile.claims(view, opened.payload)?;
    check_times(&TimeClaims { exp: claims.times.exp.map(|exp| exp.saturating_add(grace)), ..claims.times }, now, 0)?;
    let ended = claims.family.as_ref().is_some_and(|(family, _)| house.memory().is_revoked(&TokenId(family.0)));
    if ended || house.memory().is_revoked(&id) {
        return Err(Refusal::RevokedToken.into());
    }
    let account = match &claims.subject {
        Subject::Guest => None,
        subject @ (Subject::Number(_) | Subject::Login(_) | Subject::Email(_)) => {
            let account = account_of(house, view, subject).await?.ok_or(Refusal::AccountGone)?;
            if !account.is_active() {
                return Err(Refusal::AccountGone.into());
            }
            if account.outlived(Time(claims.times.iat.unwrap_or(1))) {
                return Err(Refusal::RevokedToken.into());
            }
            Some(account)
        }
    };
    Ok(Verified { claims, id, account })
}

/// The account that a token names, from memory or the store, whatever its standing: for doors that handle tokens themselves.
///
/// # Errors
/// The store's.
pub async fn find_account(house: &House, view: &SiteView, subject: &Subject) -> Result<Option<Arc<Account>>, No> {
    account_of(house, view, subject).await
}

/// The account that a token names, from memory or the store.
async fn account_of(house: &House, view: &SiteView, subject: &Subject) -> Result<Option<Arc<Account>>, No> {
    let site = view.site.id;
    let epoch = view.epoch();
    if let Some(account) = house.memory().account(site, subject, epoch) {
        return Ok(Some(account));
    }
    let handle = match subject {
        Subject::Number(number) => Handle::Number(*number),
        Subject::Login(login) => Handle::Login(login.clone()),
        Subject::Email(email) => Handle::Email(email.clone()),
        Subject::Guest => return Ok(None),
    };
    let found = house.look(move |desk| desk.account_by(site, &handle)).await?;
    Ok(found.map(|account| {
        let account = Arc::new(account);
        house.memory().keep_account(site, subject, epoch, &account);
        account
    }))
}

async fn api_token(
    house: &House,
    asked: &Arc<SiteView>,
    dialect: &str,
    text: &str,
    key: Option<ProofKey>,
    now: Time,
    whose: Whose<'_>,
) -> Result<Arc<Pass>, No> {
    let digest = *digest_of(text).as_bytes();
    let directory = Arc::clone(&house.directory());
    // The epoch is read before the row: a change in between makes the proof void, never stale.
    let before: Vec<_> = directory.sites().iter().map(|v| (v.site.id, v.epoch())).collect();
    let token = house.look(move |desk| desk.api_token(&digest)).await?.ok_or(Refusal::UnknownToken)?;
    let epoch = before.iter().find(|(site, _)| *site == token.site).map(|(_, epoch)| *epoch);
    let spoken = asked.dialect(dialect).ok_or(Refusal::UnknownSite)?;
    let view = if spoken.profile.spans_sites() {
        directory.by_id(token.site).filter(|v| v.dialect(dialect).is_some()).ok_or(Refusal::UnknownToken)?
    } else {
        asked
    };
    if !token.is_live(now) || token.site != view.site.id || !speaks(&token, spoken) {
        return Err(Refusal::UnknownToken.into());
    }
    let account = account_of(house, view, &Subject::Number(token.account)).await?;
    let account = account.filter(|a| a.is_active()).ok_or(Refusal::UnknownToken)?;
    if !token.welcomes(whose.client().address) {
        return Err(Refusal::AddressNotAllowed.into());
    }
    if let Some(client) = whose.traced() {
        house.memory().note_used(token.id, now, client.address);
    }
    let pass = Arc::new(Pass {
        view: Arc::clone(view),
        level: account.level,
        account: Some(account),
        scopes: token.scopes.clone(),
        way: Way::Token,
        token: None,
        api_token: Some(token.id),
        family: None,
        // One that is bound to addresses is judged anew each time: a proof would not know from where it is used.
        proof: epoch.filter(|_| token.ip_allow.is_empty()).map(|epoch| Proof::api_token(asked, epoch, token.id, token.expires)),
        pinned: OnceLock::new(),
    });
    if let Some(key) = key.filter(|_| pass.proof.is_some()) {
        house.memory().keep_pass(key, &pass);
    }
    Ok(pass)
}

fn speaks(token: &ApiToken, spoken: &DialectView) -> bool {
    token.dialect.as_deref().is_none_or(|d| d == spoken.profile.name() || spoken.accepts.iter().any(|a| a == d))
}

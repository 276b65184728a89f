//! The store: two desks, one for looking and one for working.
//!
//! A store runs *jobs*: closures that are handed a desk. A job that looks cannot write ([`Look`] has no writing
//! methods); a job that works is one transaction: all of it or nothing, and its answer is given only after it is on disk.
//! Jobs are plain blocking code that runs where the store wants it (SQLite: readers on the calling thread, one writer
//! thread with group commit; PostgreSQL: a few threads with a connection each), so the law needs no runtime.

mod admin;
mod console;
mod post;
mod rows;
pub mod stored;

pub use admin::{AccountQuery, AdminLook, AdminWork};
pub use console::{ConsoleLook, ConsoleWork, Passkey, SelfService, Ticket, Visit};
pub use post::{PostLook, PostWork, SealedLetter};
pub use rows::{ApiToken, Change, DialectRow, Errand, ErrandQuery, Kept, KeyRow, Put, Sealed, SiteRow, Slip, Standing, Swept, TotpRow};

use std::sync::{Arc, Mutex, PoisonError};

use crate::account::{Account, Handle};
use crate::audit::{AuditEntry, AuditQuery};
use crate::call::Time;
use crate::limit::{AttemptKey, Attempts};
use crate::policy::Scopes;
use crate::port::hasher::BoxFuture;
use crate::refusal::Fault;
use crate::session::{Session, SessionId};
use crate::site::SiteId;
use crate::token::TokenId;

/// The end of a revocation that was taken back, in the change feed.
pub const LIFTED: Time = Time(i64::MIN);

/// The reading desk. Every method reads what the running job itself wrote.
pub trait Look: ConsoleLook + AdminLook + PostLook {
    /// All sites with their languages (sealed settings) and rules, by id.
    fn sites(&mut self) -> Result<Vec<SiteRow>, Fault>;
    /// The signing keys of a site, newest first, retired ones included.
    fn keys(&mut self, site: SiteId) -> Result<Vec<KeyRow>, Fault>;

    /// The account with this number.
    fn account(&mut self, site: SiteId, number: i64) -> Result<Option<Account>, Fault>;
    /// The account that a client names. Names and addresses are compared [folded](crate::account::fold).
    fn account_by(&mut self, site: SiteId, handle: &Handle) -> Result<Option<Account>, Fault>;
    /// The accounts of a site that have this nicename, to the letter, by number, at most ten; the deleted have none.
    fn nicenamed(&mut self, site: SiteId, nicename: &str) -> Result<Vec<Account>, Fault>;
    /// Accounts of a site with a number above `after`, by number, at most `limit`.
    fn accounts(&mut self, site: SiteId, after: i64, limit: u32) -> Result<Vec<Account>, Fault>;
    /// The largest account number of the site, 0 if there is none (deleted accounts count). In a job that works, nobody
    /// else gives out a number until the job is done.
    fn last_account(&mut self, site: SiteId) -> Result<i64, Fault>;
    /// The stored password hash, as text; `None` = no password login.
    fn password(&mut self, site: SiteId, number: i64) -> Result<Option<String>, Fault>;
    /// True if the password was given by an administrator, and its owner has not chosen their own since.
    fn is_password_given(&mut self, site: SiteId, number: i64) -> Result<bool, Fault>;
    /// The site's pad: which foreign hash formats its accounts have (see `credential::password::Pad`), as text.
    fn pad(&mut self, site: SiteId) -> Result<String, Fault>;
    /// The account's free-form fields, a JSON object as text.
    fn meta(&mut self, site: SiteId, number: i64) -> Result<String, Fault>;

    /// The API token with this SHA-256, live or not.
    fn api_token(&mut self, digest: &[u8; 32]) -> Result<Option<ApiToken>, Fault>;
    /// The API token with this id.
    fn api_token_by_id(&mut self, site: SiteId, id: i64) -> Result<Option<ApiToken>, Fault>;
    /// The API tokens of a site (of one account if given) that are not revoked, by id.
    fn api_tokens(&mut self, site: SiteId, account: Option<i64>) -> Result<Vec<ApiToken>, Fault>;
    /// The account's TOTP enrolment.
    fn totp(&mut self, site: SiteId, number: i64) -> Result<Option<TotpRow>, Fault>;
    /// The digests of the account's unspent recovery codes.
    fn recovery_codes(&mut self, site: SiteId, number: i64) -> Result<Vec<[u8; 32]>, Fault>;

    /// The API tokens of a site (of one account if given), the revoked ones too, by id.
    fn all_api_tokens(&mut self, site: SiteId, account: Option<i64>) -> Result<Vec<ApiToken>, Fault>;

    /// The slips of a kind (of one account if given), by id, those that have expired too.
    fn slips(&mut self, site: SiteId, kind: &str, account: Option<i64>) -> Result<Vec<Slip>, Fault>;

    /// What the server itself keeps under names that begin so, by name, what has expired too.
    fn kept(&mut self, prefix: &str) -> Result<Vec<Kept>, Fault>;

    /// Errands that somebody looks for, newest first.
    fn errands(&mut self, query: &ErrandQuery) -> Result<Vec<Errand>, Fault>;
    /// When the next waiting errand is due; `None` = none waits.
    fn next_errand(&mut self) -> Result<Option<Time>, Fault>;

    /// The session with this id.
    fn session(&mut self, id: SessionId) -> Result<Option<Session>, Fault>;
    /// Sessions of a site (of one account if given) that have neither ended nor expired at `now`, newest first.
    fn sessions(&mut self, site: SiteId, account: Option<i64>, now: Time) -> Result<Vec<Session>, Fault>;
    /// Every revoked token that has not expired at `now`, with its expiry.
    fn revoked(&mut self, now: Time) -> Result<Vec<(TokenId, Time)>, Fault>;
    /// A counter of wrong tries, if it is younger than `window` seconds at `now`.
    fn attempts(&mut self, key: AttemptKey, now: Time, window: i64) -> Result<Option<Attempts>, Fault>;
    /// Remembered decisions, newest first; of those of one moment, the last to be written.
    fn audit(&mut self, query: &AuditQuery) -> Result<Vec<AuditEntry>, Fault>;
    /// Changes noted after position `seq`, in order, and the last position (`seq` if there is none).
    fn changes_after(&mut self, seq: i64) -> Result<(Vec<Change>, i64), Fault>;
    /// The first position that the change feed still has; 0 if it is empty.
    fn first_change(&mut self) -> Result<i64, Fault>;
    /// The last position of the change feed.
    fn last_change(&mut self) -> Result<i64, Fault>;
}

/// The working desk: one transaction. Methods that change what nodes keep in memory note a [`Change`] themselves.
pub trait Work: Look + ConsoleWork + AdminWork + PostWork {
    /// Makes or replaces a site with its languages and rules (keys and accounts stay). Notes [`Change::Site`].
    fn put_site(&mut self, site: &SiteRow) -> Result<(), Fault>;
    /// Removes a site and all that belongs to it; false if there was none. Audit entries and revocations stay until they
    /// expire: the site may come back with its keys. Notes [`Change::Site`].
    fn remove_site(&mut self, site: SiteId) -> Result<bool, Fault>;
    /// Makes or replaces a signing key (by site, dialect and kid). Notes [`Change::Site`].
    fn put_key(&mut self, key: &KeyRow) -> Result<(), Fault>;
    /// Removes a signing key; false if there was none. Notes [`Change::Site`].
    fn remove_key(&mut self, site: SiteId, dialect: &str, kid: &str) -> Result<bool, Fault>;

    /// Makes or replaces an account (its password, TOTP and tokens stay; the power, passkeys and tickets of one that is deleted go).
    /// Notes [`Change::Account`] if anything changed.
    fn put_account(&mut self, account: &Account) -> Result<Put, Fault>;
    /// Sets the password hash (`None` = no password login), as its owner's own. Does not touch `valid_after`; notes [`Change::Account`].
    fn set_password(&mut self, site: SiteId, number: i64, hash: Option<&str>) -> Result<(), Fault>;
    /// Marks the password as given by an administrator, until the next one is set. Notes nothing.
    fn mark_password_given(&mut self, site: SiteId, number: i64) -> Result<(), Fault>;
    /// Replaces the password hash only if it still is `old` (rehash on login); false if it was not. Notes nothing.
    fn swap_password(&mut self, site: SiteId, number: i64, old: &str, new: &str) -> Result<bool, Fault>;
    /// Sets the site's pad.
    fn set_pad(&mut self, site: SiteId, pad: &str) -> Result<(), Fault>;
    /// Sets the account's free-form fields.
    fn set_meta(&mut self, site: SiteId, number: i64, meta: &str) -> Result<(), Fault>;

    /// Adds an API token and returns its id (the given `id` is ignored). If a token with this digest exists, nothing
    /// changes and its id is returned.
    fn add_api_token(&mut self, token: &ApiToken) -> Result<i64, Fault>;
    /// Revokes an API token; false if it was not live. Notes [`Change::Account`].
    fn revoke_api_token(&mut self, site: SiteId, id: i64, now: Time) -> Result<bool, Fault>;
    /// Writes when and from where tokens were last used: `(id, when, address)`; older dates than the stored are ignored.
    fn touch_api_tokens(&mut self, used: &[(i64, Time, String)]) -> Result<(), Fault>;

    /// Renames an API token and replaces its scopes and end; false if there is none. Notes [`Change::Account`].
    fn edit_api_token(&mut self, site: SiteId, id: i64, name: &str, scopes: &Scopes, expires: Option<Time>) -> Result<bool, Fault>;
    /// Removes an API token; false if there was none. Notes [`Change::Account`].
    fn remove_api_token(&mut self, site: SiteId, id: i64) -> Result<bool, Fault>;

    /// Adds a slip and returns its id (the given `id` is ignored). One of the same kind and key is replaced.
    fn add_slip(&mut self, slip: &Slip) -> Result<i64, Fault>;
    /// Takes a slip that has not expired at `now`: true for exactly one caller.
    fn take_slip(&mut self, site: SiteId, kind: &str, key: &[u8; 32], account: i64, now: Time) -> Result<bool, Fault>;
    /// Throws away the slips of a kind of an account.
    fn drop_slips(&mut self, site: SiteId, kind: &str, account: i64) -> Result<(), Fault>;

    /// Keeps something, in the place of what has its name. Notes nothing: who reads it looks.
    fn keep(&mut self, kept: &Kept) -> Result<(), Fault>;
    /// Keeps something where nothing has its name, or what does has expired at `now` or is the same but for its end: true
    /// for exactly one of several who claim different values at once.
    fn claim(&mut self, kept: &Kept, now: Time) -> Result<bool, Fault>;
    /// Throws away what has this name; false if nothing had.
    fn forget(&mut self, name: &str) -> Result<bool, Fault>;

    /// Counts one use of something that may be used `most` times: false if it was used so often already. Of many at once, as many
    /// succeed as there were uses left.
    fn tally(&mut self, site: SiteId, kind: &str, key: &[u8; 32], most: i64) -> Result<bool, Fault>;
    /// Takes one counted use back.
    fn untally(&mut self, site: SiteId, kind: &str, key: &[u8; 32]) -> Result<(), Fault>;

    /// Adds an errand and returns its id (the given `id` is ignored).
    fn add_errand(&mut self, errand: &Errand) -> Result<i64, Fault>;
    /// Takes waiting errands that are due at `now`, the oldest first, at most `limit`, and puts them off until `until`: each is given to
    /// exactly one caller, who may die with it. As it was taken it is the caller's claim.
    fn take_errands(&mut self, now: Time, until: Time, limit: u32) -> Result<Vec<Errand>, Fault>;
    /// Writes what became of an errand that was taken: `due`, `tries`, `standing` and `heard` are replaced. False, with nothing written, if
    /// the claim is over: it has ended, or its time ran out and somebody else has taken it. That it was heard is written whoever has it.
    fn settle_errand(&mut self, taken: &Errand, after: &Errand) -> Result<bool, Fault>;
    /// Throws away the errands of a site that have ended and were tried last before `before`.
    fn drop_errands(&mut self, site: SiteId, before: Time) -> Result<(), Fault>;

    /// Enrols or replaces TOTP, no step spent. Notes [`Change::Account`].
    fn put_totp(&mut self, site: SiteId, number: i64, secret: &Sealed) -> Result<(), Fault>;
    /// Removes TOTP and all recovery codes; false if there was none. Notes [`Change::Account`].
    fn remove_totp(&mut self, site: SiteId, number: i64) -> Result<bool, Fault>;
    /// Spends a TOTP step: true for exactly one caller per step, and never for a step at or before the last spent.
    fn spend_totp_step(&mut self, site: SiteId, number: i64, step: i64) -> Result<bool, Fault>;
    /// Replaces the account's recovery codes.
    fn put_recovery_codes(&mut self, site: SiteId, number: i64, digests: &[[u8; 32]]) -> Result<(), Fault>;
    /// Spends a recovery code: true for exactly one caller.
    fn spend_recovery_code(&mut self, site: SiteId, number: i64, digest: &[u8; 32]) -> Result<bool, Fault>;

    /// Opens a session.
    fn open_session(&mut self, session: &Session) -> Result<(), Fault>;
    /// Moves a session that has neither ended nor expired at `now` from generation `from` to `from + 1`, expiring at
    /// `expires`: true for exactly one caller.
    fn advance_session(&mut self, id: SessionId, from: i64, now: Time, expires: Time) -> Result<bool, Fault>;
    /// Ends a session; false if it had ended already. One that has expired can still be ended.
    fn end_session(&mut self, id: SessionId, now: Time, reason: &str) -> Result<bool, Fault>;
    /// Revokes a token until it expires by itself; false if it was revoked already (a later expiry is kept all the same).
    /// Notes [`Change::Revoked`] if anything was written.
    fn revoke_token(&mut self, site: SiteId, token: TokenId, expires: Time) -> Result<bool, Fault>;

    /// Takes a revocation back; false if there was none. Notes [`Change::Revoked`] with the end of [`LIFTED`].
    fn lift_token(&mut self, site: SiteId, token: TokenId) -> Result<bool, Fault>;

    /// Charges a try: adds one to the counter (a counter older than `window` seconds starts anew) and returns it.
    fn charge(&mut self, key: AttemptKey, now: Time, window: i64) -> Result<Attempts, Fault>;
    /// Takes one charged try back.
    fn refund(&mut self, key: AttemptKey) -> Result<(), Fault>;
    /// Forgets a counter.
    fn forgive(&mut self, key: AttemptKey) -> Result<(), Fault>;

    /// Remembers a decision.
    fn remember(&mut self, entry: &AuditEntry) -> Result<(), Fault>;
    /// Throws away remembered decisions of a site from before a date whose actions begin so; returns how many.
    fn drop_audit(&mut self, site: SiteId, actions: &str, before: Time) -> Result<u64, Fault>;
    /// Throws away what has expired: revocations, slips, tickets, what the server keeps, sessions that ended or expired over 30 days ago,
    /// counters older than `window`, changes older than an hour, audit entries and traffic older than `keep_audit` seconds (0 = keep all).
    fn sweep(&mut self, now: Time, window: i64, keep_audit: i64) -> Result<Swept, Fault>;
    /// Notes a change for this and every other node. Noting the same site or accounts twice in a job is noting it once.
    fn note(&mut self, change: Change, now: Time) -> Result<(), Fault>;
}

/// A job that looks.
pub type LookJob = Box<dyn FnOnce(&mut dyn Look) -> Result<(), Fault> + Send>;
/// A job that works: `Ok` commits, `Err` (or a panic) rolls back.
pub type WorkJob = Box<dyn FnOnce(&mut dyn Work) -> Result<(), Fault> + Send>;

/// A store. Its two methods are for adapters; callers use [`look`] and [`work`].
pub trait Store: Send + Sync {
    /// Runs a job on a reading desk.
    fn run_look(&self, job: LookJob) -> BoxFuture<'_, Result<(), Fault>>;
    /// Runs a job as one transaction and returns the changes it noted, after they are on disk.
    fn run_work(&self, job: WorkJob) -> BoxFuture<'_, Result<Vec<Change>, Fault>>;
    /// The engine's name, for logs and `/readyz` (`sqlite`, `postgres`).
    fn engine(&self) -> &'static str;
}

/// Looks: runs `job` on a reading desk of `store` and returns what it found.
///
/// # Errors
/// What the job or the store says.
pub async fn look<T: Send + 'static>(
    store: &dyn Store,
    job: impl FnOnce(&mut dyn Look) -> Result<T, Fault> + Send + 'static,
) -> Result<T, Fault> {
    let slot = Arc::new(Mutex::new(None));
    let inside = Arc::clone(&slot);
    store
        .run_look(Box::new(move |desk| {
            let found = job(desk)?;
            *inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(found);
            Ok(())
        }))
        .await?;
    take(&slot)
}

/// Works: runs `job` as one transaction and returns its answer and the changes it noted, after they are on disk.
///
/// # Errors
/// What the job says (then nothing was written), or the store.
pub async fn work<T: Send + 'static>(
    store: &dyn Store,
    job: impl FnOnce(&mut dyn Work) -> Result<T, Fault> + Send + 'static,
) -> Result<(T, Vec<Change>), Fault> {
    let slot = Arc::new(Mutex::new(None));
    let inside = Arc::clone(&slot);
    let changes = store
        .run_work(Box::new(move |desk| {
            let done = job(desk)?;
            *inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            Ok(())
        }))
        .await?;
    Ok((take(&slot)?, changes))
}

fn take<T>(slot: &Mutex<Option<T>>) -> Result<T, Fault> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take().ok_or_else(|| Fault::new("the store ran the job without an answer"))
}

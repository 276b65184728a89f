//! What a node keeps in memory so that a check needs no store: accounts, passes, revocations, proven Basic logins.
//!
//! The staleness bound of everything here is [`STALENESS`]: on this node a change is applied before the call that made
//! it returns; another process's change arrives with the next reading of the change feed.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::hmac;
use foldhash::fast::RandomState;
use quick_cache::sync::Cache;

use super::mark::{Mark, Marker};
use crate::account::Account;
use crate::audit::AuditEntry;
use crate::call::Time;
use crate::flow::proof::ProofKey;
use crate::flow::verify::Pass;
use crate::secret::Secret;
use crate::site::{SiteId, Subject};
use crate::token::TokenId;

/// Milliseconds within which a change made by another process reaches this node.
pub const STALENESS: u64 = 500;
/// Seconds that a proven Basic login is remembered.
pub const BASIC_LIFE: i64 = 60;
const ACCOUNTS: usize = 100_000;
const BASIC: usize = 10_000;
const PASSES: usize = 50_000;
/// Refused checks gathered between two flushes, at most; beyond it they are only counted.
const GATHER: usize = 10_000;

/// Something remembered in an epoch of its site.
#[derive(Clone)]
struct Aged<T> {
    epoch: u64,
    value: T,
}

/// The memory.
pub struct Memory {
    accounts: Cache<(SiteId, Key), Aged<Arc<Account>>>,
    basic: Cache<[u8; 32], Aged<(i64, Time)>>,
    passes: Cache<ProofKey, Arc<Pass>>,
    revoked: papaya::HashMap<TokenId, Time>,
    used: Mutex<HashMap<i64, (Time, IpAddr), RandomState>>,
    gathered: Mutex<Gathered>,
    key: hmac::Key,
    marker: Marker,
}

/// Refused checks waiting to be written.
#[derive(Default)]
pub struct Gathered {
    /// Entries, those alike folded into one.
    pub entries: Vec<AuditEntry>,
    index: HashMap<Alike, usize>,
    /// How many were dropped because too many different ones came.
    pub dropped: u64,
}

/// What makes two refused checks alike: site, account, action, reason, address.
type Alike = (Option<SiteId>, Option<i64>, String, String, String);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Number(i64),
    Login(String),
    Email(String),
}

impl Memory {
    /// An empty memory; `key` makes remembered Basic logins unreadable.
    #[must_use]
    pub fn new(key: &Secret) -> Self {
        Self {
            accounts: Cache::new(ACCOUNTS),
            basic: Cache::new(BASIC),
            passes: Cache::new(PASSES),
            revoked: papaya::HashMap::new(),
            used: Mutex::default(),
            gathered: Mutex::default(),
            key: hmac::Key::new(hmac::HMAC_SHA256, key.reveal()),
            marker: Marker::new(key),
        }
    }

    pub(crate) fn account(&self, site: SiteId, subject: &Subject, epoch: u64) -> Option<Arc<Account>> {
        self.accounts.get(&(site, key_of(subject)?)).filter(|a| a.epoch == epoch).map(|a| a.value)
    }

    pub(crate) fn keep_account(&self, site: SiteId, subject: &Subject, epoch: u64, account: &Arc<Account>) {
        if let Some(key) = key_of(subject) {
            self.accounts.insert((site, key), Aged { epoch, value: Arc::clone(account) });
        }
    }

    /// The key under which a Basic login is remembered: says nothing without the process's random key.
    pub(crate) fn basic_key(&self, site: SiteId, user: &str, password: &[u8]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.key);
        context.update(&site.0.to_be_bytes());
        context.update(&(user.len() as u64).to_be_bytes());
        context.update(user.as_bytes());
        context.update(password);
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }

    pub(crate) fn basic(&self, key: &[u8; 32], epoch: u64, now: Time) -> Option<i64> {
        self.basic.get(key).filter(|b| b.epoch == epoch && now < b.value.1).map(|b| b.value.0)
    }

    pub(crate) fn keep_basic(&self, key: [u8; 32], epoch: u64, account: i64, now: Time) {
        self.basic.insert(key, Aged { epoch, value: (account, now.plus(BASIC_LIFE)) });
    }

    /// What a credential, or a question that holds one, is known by: says nothing of it without the process's random key.
    #[must_use]
    pub fn mark(&self, words: &[u8]) -> Mark {
        self.marker.mark(words)
    }

    pub(crate) fn pass(&self, key: &ProofKey) -> Option<Arc<Pass>> {
        self.passes.get(key)
    }

    pub(crate) fn keep_pass(&self, key: ProofKey, pass: &Arc<Pass>) {
        self.passes.insert(key, Arc::clone(pass));
    }

    /// Forgets every proven credential: the sites that they were proven on are compiled anew.
    pub(crate) fn forget_passes(&self) {
        self.passes.clear();
    }

    /// Remembers that a token is revoked until it expires by itself.
    pub fn revoke(&self, token: TokenId, expires: Time) {
        self.revoked.pin().insert(token, expires);
    }

    /// Forgets that a token was revoked: its revocation was taken back.
    pub(crate) fn lift(&self, token: &TokenId) {
        self.revoked.pin().remove(token);
    }

    /// True if a token was revoked.
    #[must_use]
    pub fn is_revoked(&self, token: &TokenId) -> bool {
        !self.revoked.is_empty() && self.revoked.pin().contains_key(token)
    }

    /// Forgets revocations of tokens that have expired.
    pub fn forget_expired(&self, now: Time) {
        self.revoked.pin().retain(|_, expires| *expires > now);
    }

    /// Notes that an API token was used.
    pub(crate) fn note_used(&self, token: i64, now: Time, address: IpAddr) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let last = used.entry(token).or_insert((now, address));
        if last.0 < now {
            *last = (now, address);
        }
    }

    /// Takes what was noted since the last time: `(token, when, from where)`.
    #[must_use]
    pub fn take_used(&self) -> Vec<(i64, Time, String)> {
        let taken = std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner));
        let mut list: Vec<_> = taken.into_iter().map(|(id, (at, from))| (id, at, from.to_string())).collect();
        list.sort_unstable_by_key(|(id, _, _)| *id);
        list
    }

    /// Gathers a refused check for the audit; those alike are folded into one entry with a count.
    pub fn gather(&self, entry: AuditEntry) {
        let mut gathered = self.gathered.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (entry.site, entry.account, entry.action.clone(), entry.reason.clone(), entry.address.clone());
        if let Some(&at) = gathered.index.get(&key) {
            gathered.entries[at].count += 1;
        } else if gathered.entries.len() < GATHER {
            let at = gathered.entries.len();
            gathered.index.insert(key, at);
            gathered.entries.push(entry);
        } else {
            gathered.dropped += 1;
        }
    }

    /// Takes what was gathered since the last time.
    #[must_use]
    pub fn take_gathered(&self) -> Gathered {
        std::mem::take(&mut *self.gathered.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Memory({} accounts, {} passes)", self.accounts.len(), self.passes.len())
    }
}

fn key_of(subject: &Subject) -> Option<Key> {
    match subject {
        Subject::Number(number) => Some(Key::Number(*number)),
        Subject::Login(login) => Some(Key::Login(login.clone())),
        Subject::Email(email) => Some(Key::Email(email.clone())),
        Subject::Guest => None,
    }
}

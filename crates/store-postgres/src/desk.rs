//! The desk that a job is handed: every method of the port, by one line each.

use crate::sql::{Link, Sql};
use crate::{accounts, audit, changes, credentials, errands, kept, sessions, sites, slips};
use doorward_core::account::{Account, Handle};
use doorward_core::audit::{AuditEntry, AuditQuery};
use doorward_core::call::Time;
use doorward_core::limit::{AttemptKey, Attempts};
use doorward_core::policy::Scopes;
use doorward_core::port::store::{
    ApiToken, Change, Errand, ErrandQuery, Kept, KeyRow, LIFTED, Look, Put, Sealed, SiteRow, Slip, Swept, TotpRow, Work,
};
use doorward_core::refusal::Fault;
use doorward_core::session::{Session, SessionId};
use doorward_core::site::SiteId;
use doorward_core::token::TokenId;

/// One job's desk. A job that looks gets it as [`Look`] alone.
pub(crate) struct Desk<'l> {
    pub(crate) sql: Sql<'l>,
    working: bool,
    noted: Vec<Change>,
    /// Noted, but not yet written: see [`changes::enter`].
    unwritten: Vec<(Change, Option<Time>)>,
}

impl<'l> Desk<'l> {
    /// A desk for a job that looks.
    pub(crate) fn looking(link: &'l mut Link) -> Self {
        Self { sql: Sql::new(link), working: false, noted: Vec::new(), unwritten: Vec::new() }
    }

    /// A desk for a job that works.
    pub(crate) fn working(link: &'l mut Link) -> Self {
        Self { working: true, ..Self::looking(link) }
    }

    /// Writes what the job noted and returns it; a fault if one of its statements failed, even if the job thought
    /// nothing of it: the engine would take the COMMIT and roll back.
    pub(crate) fn close(mut self) -> Result<Vec<Change>, Fault> {
        if self.sql.failed() {
            return Err(Fault::new("a statement of the job failed, and the job went on"));
        }
        self.write_notes()?;
        Ok(self.noted)
    }

    fn write_notes(&mut self) -> Result<(), Fault> {
        if self.unwritten.is_empty() {
            return Ok(());
        }
        changes::enter(&mut self.sql)?;
        for (change, at) in std::mem::take(&mut self.unwritten) {
            changes::note(&mut self.sql, change, at)?;
        }
        Ok(())
    }

    fn note_once(&mut self, change: Change, at: Option<Time>) {
        // An import touches a site's accounts by the thousand; one note per site says as much.
        if matches!(change, Change::Site(_) | Change::Account(_)) && self.noted.contains(&change) {
            return;
        }
        self.noted.push(change);
        self.unwritten.push((change, at));
    }

    pub(crate) fn note_if(&mut self, done: bool, change: Change) -> bool {
        if done {
            self.note_once(change, None);
        }
        done
    }
}

impl Look for Desk<'_> {
    fn sites(&mut self) -> Result<Vec<SiteRow>, Fault> {
        sites::all(&mut self.sql)
    }

    fn keys(&mut self, site: SiteId) -> Result<Vec<KeyRow>, Fault> {
        sites::keys(&mut self.sql, site)
    }

    fn account(&mut self, site: SiteId, number: i64) -> Result<Option<Account>, Fault> {
        accounts::by_number(&mut self.sql, site, number)
    }

    fn account_by(&mut self, site: SiteId, handle: &Handle) -> Result<Option<Account>, Fault> {
        accounts::by_handle(&mut self.sql, site, handle)
    }

    fn nicenamed(&mut self, site: SiteId, nicename: &str) -> Result<Vec<Account>, Fault> {
        accounts::by_nicename(&mut self.sql, site, nicename)
    }

    fn accounts(&mut self, site: SiteId, after: i64, limit: u32) -> Result<Vec<Account>, Fault> {
        accounts::after(&mut self.sql, site, after, limit)
    }

    fn last_account(&mut self, site: SiteId) -> Result<i64, Fault> {
        // Who works with it is about to give out the next number.
        if self.working {
            accounts::hold(&mut self.sql, site)?;
        }
        accounts::last(&mut self.sql, site)
    }

    fn password(&mut self, site: SiteId, number: i64) -> Result<Option<String>, Fault> {
        accounts::password(&mut self.sql, site, number)
    }

    fn is_password_given(&mut self, site: SiteId, number: i64) -> Result<bool, Fault> {
        accounts::is_password_given(&mut self.sql, site, number)
    }

    fn pad(&mut self, site: SiteId) -> Result<String, Fault> {
        sites::pad(&mut self.sql, site)
    }

    fn meta(&mut self, site: SiteId, number: i64) -> Result<String, Fault> {
        accounts::meta(&mut self.sql, site, number)
    }

    fn api_token(&mut self, digest: &[u8; 32]) -> Result<Option<ApiToken>, Fault> {
        credentials::by_digest(&mut self.sql, digest)
    }

    fn api_token_by_id(&mut self, site: SiteId, id: i64) -> Result<Option<ApiToken>, Fault> {
        credentials::by_id(&mut self.sql, site, id)
    }

    fn api_tokens(&mut self, site: SiteId, account: Option<i64>) -> Result<Vec<ApiToken>, Fault> {
        credentials::of_site(&mut self.sql, site, account)
    }

    fn totp(&mut self, site: SiteId, number: i64) -> Result<Option<TotpRow>, Fault> {
        credentials::totp(&mut self.sql, site, number)
    }

    fn recovery_codes(&mut self, site: SiteId, number: i64) -> Result<Vec<[u8; 32]>, Fault> {
        credentials::recovery_codes(&mut self.sql, site, number)
    }

    fn all_api_tokens(&mut self, site: SiteId, account: Option<i64>) -> Result<Vec<ApiToken>, Fault> {
        credentials::all_of_site(&mut self.sql, site, account)
    }

    fn slips(&mut self, site: SiteId, kind: &str, account: Option<i64>) -> Result<Vec<Slip>, Fault> {
        slips::of_site(&mut self.sql, site, kind, account)
    }

    fn kept(&mut self, prefix: &str) -> Result<Vec<Kept>, Fault> {
        kept::under(&mut self.sql, prefix)
    }

    fn errands(&mut self, query: &ErrandQuery) -> Result<Vec<Errand>, Fault> {
        errands::list(&mut self.sql, query)
    }

    fn next_errand(&mut self) -> Result<Option<Time>, Fault> {
        errands::next(&mut self.sql)
    }

    fn session(&mut self, id: SessionId) -> Result<Option<Session>, Fault> {
        sessions::by_id(&mut self.sql, id)
    }

    fn sessions(&mut self, site: SiteId, account: Option<i64>, now: Time) -> Result<Vec<Session>, Fault> {
        sessions::live(&mut self.sql, site, account, now)
    }

    fn revoked(&mut self, now: Time) -> Result<Vec<(TokenId, Time)>, Fault> {
        sessions::revoked(&mut self.sql, now)
    }

    fn attempts(&mut self, key: AttemptKey, now: Time, window: i64) -> Result<Option<Attempts>, Fault> {
        sessions::attempts(&mut self.sql, key, now, window)
    }

    fn audit(&mut self, query: &AuditQuery) -> Result<Vec<AuditEntry>, Fault> {
        audit::entries(&mut self.sql, query)
    }

    fn changes_after(&mut self, seq: i64) -> Result<(Vec<Change>, i64), Fault> {
        self.write_notes()?;
        changes::after(&mut self.sql, seq)
    }

    fn first_change(&mut self) -> Result<i64, Fault> {
        self.write_notes()?;
        changes::first(&mut self.sql)
    }

    fn last_change(&mut self) -> Result<i64, Fault> {
        self.write_notes()?;
        changes::last(&mut self.sql)
    }
}

impl Work for Desk<'_> {
    fn put_site(&mut self, site: &SiteRow) -> Result<(), Fault> {
        sites::put(&mut self.sql, site)?;
        self.note_once(Change::Site(site.id), None);
        Ok(())
    }

    fn remove_site(&mut self, site: SiteId) -> Result<bool, Fault> {
        let done = sites::remove(&mut self.sql, site)?;
        Ok(self.note_if(done, Change::Site(site)))
    }

    fn put_key(&mut self, key: &KeyRow) -> Result<(), Fault> {
        sites::put_key(&mut self.sql, key)?;
        self.note_once(Change::Site(key.site), None);
        Ok(())
    }

    fn remove_key(&mut self, site: SiteId, dialect: &str, kid: &str) -> Result<bool, Fault> {
        let done = sites::remove_key(&mut self.sql, site, dialect, kid)?;
        Ok(self.note_if(done, Change::Site(site)))
    }

    fn put_account(&mut self, account: &Account) -> Result<Put, Fault> {
        let put = accounts::put(&mut self.sql, account)?;
        self.note_if(matches!(put, Put::Made | Put::Changed), Change::Account(account.site));
        Ok(put)
    }

    fn set_password(&mut self, site: SiteId, number: i64, hash: Option<&str>) -> Result<(), Fault> {
        accounts::set_password(&mut self.sql, site, number, hash)?;
        self.note_once(Change::Account(site), None);
        Ok(())
    }

    fn mark_password_given(&mut self, site: SiteId, number: i64) -> Result<(), Fault> {
        accounts::mark_password_given(&mut self.sql, site, number)
    }

    fn swap_password(&mut self, site: SiteId, number: i64, old: &str, new: &str) -> Result<bool, Fault> {
        accounts::swap_password(&mut self.sql, site, number, old, new)
    }

    fn set_pad(&mut self, site: SiteId, pad: &str) -> Result<(), Fault> {
        sites::set_pad(&mut self.sql, site, pad)
    }

    fn set_meta(&mut self, site: SiteId, number: i64, meta: &str) -> Result<(), Fault> {
        accounts::set_meta(&mut self.sql, site, number, meta)
    }

    fn add_api_token(&mut self, token: &ApiToken) -> Result<i64, Fault> {
        credentials::add(&mut self.sql, token)
    }

    fn revoke_api_token(&mut self, site: SiteId, id: i64, now: Time) -> Result<bool, Fault> {
        let done = credentials::revoke(&mut self.sql, site, id, now)?;
        Ok(self.note_if(done, Change::Account(site)))
    }

    fn touch_api_tokens(&mut self, used: &[(i64, Time, String)]) -> Result<(), Fault> {
        credentials::touch(&mut self.sql, used)
    }

    fn edit_api_token(&mut self, site: SiteId, id: i64, name: &str, scopes: &Scopes, expires: Option<Time>) -> Result<bool, Fault> {
        let done = credentials::edit(&mut self.sql, site, id, name, scopes, expires)?;
        Ok(self.note_if(done, Change::Account(site)))
    }

    fn remove_api_token(&mut self, site: SiteId, id: i64) -> Result<bool, Fault> {
        let done = credentials::remove(&mut self.sql, site, id)?;
        Ok(self.note_if(done, Change::Account(site)))
    }

    fn add_slip(&mut self, slip: &Slip) -> Result<i64, Fault> {
        slips::add(&mut self.sql, slip)
    }

    fn take_slip(&mut self, site: SiteId, kind: &str, key: &[u8; 32], account: i64, now: Time) -> Result<bool, Fault> {
        slips::take(&mut self.sql, site, kind, key, account, now)
    }

    fn drop_slips(&mut self, site: SiteId, kind: &str, account: i64) -> Result<(), Fault> {
        slips::drop_all(&mut self.sql, site, kind, account)
    }

    fn keep(&mut self, kept: &Kept) -> Result<(), Fault> {
        kept::keep(&mut self.sql, kept)
    }

    fn claim(&mut self, kept: &Kept, now: Time) -> Result<bool, Fault> {
        kept::claim(&mut self.sql, kept, now)
    }

    fn forget(&mut self, name: &str) -> Result<bool, Fault> {
        kept::forget(&mut self.sql, name)
    }

    fn tally(&mut self, site: SiteId, kind: &str, key: &[u8; 32], most: i64) -> Result<bool, Fault> {
        slips::tally(&mut self.sql, site, kind, key, most)
    }

    fn untally(&mut self, site: SiteId, kind: &str, key: &[u8; 32]) -> Result<(), Fault> {
        slips::untally(&mut self.sql, site, kind, key)
    }

    fn add_errand(&mut self, errand: &Errand) -> Result<i64, Fault> {
        errands::add(&mut self.sql, errand)
    }

    fn take_errands(&mut self, now: Time, until: Time, limit: u32) -> Result<Vec<Errand>, Fault> {
        errands::take(&mut self.sql, now, until, limit)
    }

    fn settle_errand(&mut self, taken: &Errand, after: &Errand) -> Result<bool, Fault> {
        errands::settle(&mut self.sql, taken, after)
    }

    fn drop_errands(&mut self, site: SiteId, before: Time) -> Result<(), Fault> {
        errands::drop_ended(&mut self.sql, site, before)
    }

    fn put_totp(&mut self, site: SiteId, number: i64, secret: &Sealed) -> Result<(), Fault> {
        credentials::put_totp(&mut self.sql, site, number, secret)?;
        self.note_once(Change::Account(site), None);
        Ok(())
    }

    fn remove_totp(&mut self, site: SiteId, number: i64) -> Result<bool, Fault> {
        let done = credentials::remove_totp(&mut self.sql, site, number)?;
        Ok(self.note_if(done, Change::Account(site)))
    }

    fn spend_totp_step(&mut self, site: SiteId, number: i64, step: i64) -> Result<bool, Fault> {
        credentials::spend_step(&mut self.sql, site, number, step)
    }

    fn put_recovery_codes(&mut self, site: SiteId, number: i64, digests: &[[u8; 32]]) -> Result<(), Fault> {
        credentials::put_recovery_codes(&mut self.sql, site, number, digests)
    }

    fn spend_recovery_code(&mut self, site: SiteId, number: i64, digest: &[u8; 32]) -> Result<bool, Fault> {
        credentials::spend_recovery_code(&mut self.sql, site, number, digest)
    }

    fn open_session(&mut self, session: &Session) -> Result<(), Fault> {
        sessions::open(&mut self.sql, session)
    }

    fn advance_session(&mut self, id: SessionId, from: i64, now: Time, expires: Time) -> Result<bool, Fault> {
        sessions::advance(&mut self.sql, id, from, now, expires)
    }

    fn end_session(&mut self, id: SessionId, now: Time, reason: &str) -> Result<bool, Fault> {
        sessions::end(&mut self.sql, id, now, reason)
    }

    fn revoke_token(&mut self, site: SiteId, token: TokenId, expires: Time) -> Result<bool, Fault> {
        let (first, written) = sessions::revoke(&mut self.sql, site, token, expires)?;
        self.note_if(written, Change::Revoked(token, expires));
        Ok(first)
    }

    fn lift_token(&mut self, site: SiteId, token: TokenId) -> Result<bool, Fault> {
        let done = sessions::lift(&mut self.sql, site, token)?;
        Ok(self.note_if(done, Change::Revoked(token, LIFTED)))
    }

    fn charge(&mut self, key: AttemptKey, now: Time, window: i64) -> Result<Attempts, Fault> {
        sessions::charge(&mut self.sql, key, now, window)
    }

    fn refund(&mut self, key: AttemptKey) -> Result<(), Fault> {
        sessions::refund(&mut self.sql, key)
    }

    fn forgive(&mut self, key: AttemptKey) -> Result<(), Fault> {
        sessions::forgive(&mut self.sql, key)
    }

    fn remember(&mut self, entry: &AuditEntry) -> Result<(), Fault> {
        audit::remember(&mut self.sql, entry)
    }

    fn drop_audit(&mut self, site: SiteId, actions: &str, before: Time) -> Result<u64, Fault> {
        audit::drop_before(&mut self.sql, site, actions, before)
    }

    fn sweep(&mut self, now: Time, window: i64, keep_audit: i64) -> Result<Swept, Fault> {
        audit::sweep(&mut self.sql, now, window, keep_audit)
    }

    fn note(&mut self, change: Change, now: Time) -> Result<(), Fault> {
        self.note_once(change, Some(now));
        Ok(())
    }
}

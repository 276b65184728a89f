//! What administrators look for: accounts, roles in use, what happened how often.

use doorward_core::account::Account;
use doorward_core::audit::{AuditQuery, Count, Span, Traffic};
use doorward_core::call::Time;
use doorward_core::port::store::{AccountQuery, AdminLook, AdminWork, Errand};
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;

use crate::desk::Desk;
use crate::sql::get;
use crate::{accounts, audit, errands};

impl AdminLook for Desk<'_> {
    fn find_accounts(&mut self, query: &AccountQuery) -> Result<Vec<Account>, Fault> {
        accounts::find(&mut self.sql, query)
    }

    fn count_accounts(&mut self, site: SiteId, most: u32) -> Result<i64, Fault> {
        accounts::count(&mut self.sql, site, most)
    }

    fn roles(&mut self, site: SiteId, most: u32) -> Result<Vec<(String, i64)>, Fault> {
        accounts::roles(&mut self.sql, site, most)
    }

    fn last_seen(&mut self, site: SiteId, number: i64) -> Result<Option<Time>, Fault> {
        let select = "SELECT max(at) FROM (
            SELECT max(rotated) AS at FROM session WHERE site_id = $1 AND account = $2
            UNION ALL SELECT max(v.seen) FROM session s JOIN visit v ON v.session = s.id WHERE s.site_id = $1 AND s.account = $2
            UNION ALL SELECT max(used) FROM api_token WHERE site_id = $1 AND account = $2) seen";
        Ok(self.sql.first(select, &[&site.0, &number], |row| get::<Option<i64>>(row, 0))?.flatten().map(Time))
    }

    fn audit_counts(&mut self, span: &Span, query: &AuditQuery) -> Result<Vec<Count>, Fault> {
        audit::counts(&mut self.sql, span, query)
    }

    fn errand(&mut self, site: SiteId, id: i64) -> Result<Option<Errand>, Fault> {
        errands::one(&mut self.sql, site, id)
    }

    fn traffic(&mut self, span: &Span) -> Result<Vec<(i64, i64)>, Fault> {
        audit::traffic(&mut self.sql, span)
    }
}

impl AdminWork for Desk<'_> {
    fn add_traffic(&mut self, traffic: &[Traffic]) -> Result<(), Fault> {
        audit::add_traffic(&mut self.sql, traffic)
    }

    fn hurry_errand(&mut self, site: SiteId, id: i64, now: Time) -> Result<bool, Fault> {
        errands::hurry(&mut self.sql, site, id, now)
    }
}

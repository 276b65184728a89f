//! Sites, by whoever runs the server: what people may do for themselves, and the end of a site.

use super::{Authority, Stays, somebody_left};
use crate::audit::AuditEntry;
use crate::call::Call;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::port::store::{Look, SelfService, Work};
use crate::refusal::Refusal;
use crate::site::SiteId;

/// What people of a site may do for themselves in the console, as somebody sets it: put beside a site's own row, in one transaction.
#[derive(Debug)]
pub struct Offering {
    authority: Authority,
    offers: SelfService,
    mark: AuditEntry,
}

impl Offering {
    /// As somebody wants it.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] with the member.
    pub fn new(call: &Call, authority: Authority, offers: SelfService) -> Result<Self, Refusal> {
        let bad = |role: &String| role.trim().is_empty() || role.chars().count() > 100 || role.chars().any(char::is_control);
        if offers.roles.len() > 50 || offers.roles.iter().any(bad) {
            return Err(Refusal::Invalid("self_service.roles"));
        }
        let told = format!("register {}, reset {}, change_email {}", offers.register, offers.reset, offers.change_email);
        let mark = entry(call, None, None, "console.site.self_service", Ok("granted"), &told);
        Ok(Self { authority, offers, mark })
    }

    /// Puts it, inside a transaction; `seen` = as whoever sets it saw it before.
    ///
    /// # Errors
    /// [`Refusal::NotYours`], [`Refusal::Invalid`]; [`Stays::Changed`].
    pub fn put_in(self, desk: &mut dyn Work, site: SiteId, seen: &SelfService) -> Result<(), Stays> {
        let authority = self.authority.again(desk, site)?;
        let before = desk.self_service(site)?.unwrap_or_default();
        if before != *seen {
            return Err(Stays::Changed);
        }
        if before == self.offers {
            return Ok(());
        }
        if self.offers.level > authority.highest_level() && self.offers.level != before.level {
            return Err(Refusal::Invalid("self_service.level").into());
        }
        desk.set_self_service(site, &self.offers)?;
        desk.remember(&AuditEntry { site: Some(site), ..self.mark })?;
        Ok(())
    }
}

/// Looks again, inside a transaction that changes a site, whether somebody still runs it; `owners` = it is for owners alone.
///
/// # Errors
/// [`Refusal::NotYours`].
pub fn still_runs(desk: &mut dyn Look, authority: Authority, site: SiteId, owners: bool) -> Result<(), Stays> {
    let now = authority.again(desk, site)?;
    if owners && !now.is_owner() { Err(Refusal::NotYours.into()) } else { Ok(()) }
}

/// Removes a site with its users, tokens and keys, for good. Owners only, and never the site that they are of.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`]; [`Stays::Yourself`], [`Stays::LastOwner`].
pub async fn remove_site(house: &House, call: &Call, authority: Authority, site: SiteId, name: &str) -> Result<(), Stays> {
    let mark = entry(call, Some(site), None, "console.site.remove", Ok("granted"), name);
    whole(house, move |desk| {
        let authority = authority.again(desk, site)?;
        if !authority.is_owner() {
            return Err(Refusal::NotYours.into());
        }
        if authority.actor().site == site {
            return Err(Stays::Yourself);
        }
        desk.remember(&mark)?;
        if !desk.remove_site(site)? {
            return Err(Refusal::NotFound.into());
        }
        somebody_left(desk)
    })
    .await
}

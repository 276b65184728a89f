//! Sites, by whoever runs the server: what people may do for themselves, and the end of a site.

use super::{Authority, Stays, somebody_left};
use crate::call::Call;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::port::store::SelfService;
use crate::refusal::Refusal;
use crate::site::SiteId;

/// Says what people of a site may do for themselves in the console.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`]; [`Refusal::Invalid`] with the member.
pub async fn set_self_service(house: &House, call: &Call, authority: Authority, site: SiteId, offers: SelfService) -> Result<(), Stays> {
    let bad = |role: &String| role.trim().is_empty() || role.chars().count() > 100 || role.chars().any(char::is_control);
    if offers.roles.len() > 50 || offers.roles.iter().any(bad) {
        return Err(Refusal::Invalid("self_service.roles").into());
    }
    let told = format!("register {}, reset {}, change_email {}", offers.register, offers.reset, offers.change_email);
    let mark = entry(call, Some(site), None, "console.site.self_service", Ok("granted"), &told);
    whole(house, move |desk| {
        let authority = authority.again(desk, site)?;
        if !desk.sites()?.iter().any(|row| row.id == site) {
            return Err(Refusal::NotFound.into());
        }
        let before = desk.self_service(site)?.unwrap_or_default();
        if before == offers {
            return Ok(());
        }
        if offers.level > authority.highest_level() && offers.level != before.level {
            return Err(Refusal::Invalid("self_service.level").into());
        }
        desk.set_self_service(site, &offers)?;
        desk.remember(&mark)?;
        Ok(())
    })
    .await
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

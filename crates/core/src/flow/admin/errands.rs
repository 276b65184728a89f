//! What is told to other servers, by whoever runs the site: told again now.

use super::{Authority, Stays};
use crate::call::Call;
use crate::flow::whole::whole;
use crate::house::{House, entry};
use crate::port::store::Standing;
use crate::refusal::Refusal;
use crate::site::SiteId;

/// Has an errand told again now: one that waits, or was given up (it gets one more try). One that was heard is told no more, and one that
/// is being told is not told beside that.
///
/// # Errors
/// [`Refusal::NotYours`], [`Refusal::NotFound`]; [`Stays::Settled`] if it was heard, [`Stays::Underway`] if it is being told.
pub async fn hurry(house: &House, call: &Call, authority: Authority, site: SiteId, id: i64) -> Result<(), Stays> {
    let (now, told) = (call.now, format!("delivery {id}"));
    let mark = entry(call, Some(site), None, "console.webhook.retry", Ok("granted"), &told);
    whole(house, move |desk| {
        authority.again(desk, site)?;
        if !desk.hurry_errand(site, id, now)? {
            let errand = desk.errand(site, id)?.ok_or(Refusal::NotFound)?;
            return Err(if errand.standing == Standing::Done { Stays::Settled } else { Stays::Underway });
        }
        desk.remember(&mark)?;
        Ok(())
    })
    .await
}

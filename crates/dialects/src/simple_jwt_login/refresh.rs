//! `POST auth/refresh`: a new JWT for one that is good, or that expired within the site's time of grace. The old one stays
//! good until its own end, as with the plugin.

use std::sync::Arc;

use doorward_core::flow::login::opening;
use doorward_core::flow::verify::open_jwt;
use doorward_core::house::entry;
use doorward_core::refusal::{No, Refusal};
use doorward_core::session::Session;
use doorward_core::token::Scratch;
use doorward_web::{Ask, Reply};

use super::gate::{Endpoint, admit};
use super::{NAME, Settings, claims, envelope, present};

/// Answers with a token of the same owner, issued now.
pub(super) async fn answer(mut ask: Ask) -> Result<Reply, No> {
    let view = Arc::clone(&ask.view);
    let settings = Settings::of(&view)?;
    admit(&ask, settings, Endpoint::Refresh).await?;
    let token = present::own(&settings.sources, &ask.head, &ask.fields)?;
    let opened = open_jwt(&ask.house, &view, NAME, token, &mut Scratch::new(), ask.call.now, settings.refresh_grace).await;
    if let Err(No::Refused(refusal)) = &opened {
        ask.house.memory().gather(entry(&ask.call, Some(view.site.id), None, "refresh", Err(refusal.reason()), NAME));
    }
    let account = opened?.account.ok_or(Refusal::AccountGone)?;
    let opening = opening(&ask.house, &mut ask.call, &account, NAME);
    let minted = claims::mint(&ask.house, &view, settings, &account, opening.iat)?;
    let session = Session { expires: minted.expires, token: minted.token, ..opening.session };
    let granted = entry(&ask.call, Some(view.site.id), Some(account.number), "refresh", Ok("granted"), NAME);
    let write = ask.house.work(move |desk| {
        // The account was read before: a sign-out in between must not be survived by what is made here.
        let now_account = desk.account(account.site, account.number)?;
        if !now_account.is_some_and(|a| a.is_active() && a.valid_after == account.valid_after) {
            return Ok(Err(Refusal::RevokedToken));
        }
        desk.open_session(&session)?;
        desk.remember(&granted)?;
        Ok(Ok(()))
    });
    write.await?.map_err(No::Refused)?;
    Ok(envelope::jwt(&minted.answer))
}

//! `POST auth/revoke`: this token stops working, here and at refresh.

use std::sync::Arc;

use doorward_core::call::Time;
use doorward_core::flow::revoke::{self, Revoked};
use doorward_core::flow::verify::open_jwt;
use doorward_core::house::entry;
use doorward_core::refusal::{No, Refusal};
use doorward_core::token::Scratch;
use doorward_web::{Ask, Reply};
use serde_json::json;

use super::gate::{Endpoint, admit};
use super::{NAME, Settings, envelope, present};

/// Answers with the token that is revoked. One that has expired and could still be refreshed is revoked as well, and refused
/// in the plugin's words all the same.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let view = Arc::clone(&ask.view);
    let settings = Settings::of(&view)?;
    admit(&ask, settings, Endpoint::Revoke).await?;
    let token = present::own(&settings.sources, &ask.head, &ask.fields)?;
    let opened = open_jwt(&ask.house, &view, NAME, token, &mut Scratch::new(), ask.call.now, settings.refresh_grace).await;
    if let Err(No::Refused(refusal)) = &opened {
        ask.house.memory().gather(entry(&ask.call, Some(view.site.id), None, "revoke", Err(refusal.reason()), NAME));
    }
    let mut opened = opened?;
    let expires = opened.claims.times.exp.map(Time);
    // Kept in mind for as long as it could be refreshed, not only until it expires.
    opened.claims.times.exp = expires.map(|end| end.plus(settings.refresh_grace).0);
    let revoked = revoke::jwt(&ask.house, &view, &ask.call, NAME, &opened).await?;
    if expires.is_some_and(|end| ask.call.now >= end) {
        return Err(Refusal::ExpiredToken.into());
    }
    match revoked {
        Revoked::Now => Ok(envelope::ok("POST", &json!({"success": true, "message": "Token was revoked.", "data": {"jwt": [token]}}))),
        Revoked::Already => Err(Refusal::RevokedToken.into()),
    }
}

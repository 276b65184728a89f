//! `POST /api/v1/jwt/refresh`: a new pair for a refresh token.

use doorward_core::flow::refresh::refresh;
use doorward_core::refusal::{Fault, No};
use doorward_web::{Ask, Reply};

use super::{NAME, Settings, claims, envelope};

/// Answers with the successor pair; an `Authorization` header is not looked at.
pub(super) async fn answer(ask: Ask) -> Result<Reply, No> {
    let token = ask.fields.required("refresh_token")?.trim();
    let settings = ask.view.settings::<Settings>(NAME).ok_or_else(|| Fault::new("the site has no wporchestrix settings"))?;
    let renewed = refresh(&ask.house, &ask.view, &ask.call, NAME, token, settings.refresh_life, settings.access_life).await?;
    Ok(envelope::ok(&claims::pair(&ask.view, &renewed.account, &renewed.session)?))
}

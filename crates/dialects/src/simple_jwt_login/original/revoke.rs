//! `POST auth/revoke`: this token stops working; in 4.x the owner's refresh tokens do too.

use doorward_core::flow::revoke::{self, Revoked};
use doorward_core::flow::verify::Verified;
use doorward_core::policy::Scopes;
use doorward_core::site::{Claims, Subject, TokenKind};
use doorward_core::token::TimeClaims;
use doorward_web::Reply;
use serde_json::json;

use super::words::{Stop, word, word_with};
use super::{Case, cookies, revoked_tokens};
use crate::simple_jwt_login::NAME;

/// Answers with the token that is revoked.
pub(super) async fn answer(case: &Case) -> Result<Reply, Stop> {
    let auth = &case.plugin.auth;
    case.admit_switch()?;
    if !auth.revoke {
        return Err(word(83, "Revoke Token endpoint is not enabled.").into());
    }
    case.admit_address()?;
    if auth.code_on_revoke {
        case.admit_code(27).await?;
    }
    let token = case.jwt().ok_or_else(|| word(53, "The `jwt` parameter is missing."))?;
    let (opened, account) = case.open_unrevoked(&token).await?;
    let already = || if case.is_v4() { word(55, "Token was already revoked.") } else { word_with(400, 0, "Token was already revoked.") };
    if case.is_revoked(&opened, &account) {
        return Err(already().into());
    }
    // In 3.x an ended token still buys its successor for a while: kept in mind for as long.
    let grace = if case.is_v4() { 0 } else { auth.refresh_ttl };
    let exp = opened.ends().map(|end| end.plus(grace).0);
    let claims = Claims {
        subject: Subject::Number(account.number),
        kind: TokenKind::Access,
        times: TimeClaims { exp, ..TimeClaims::default() },
        scopes: Scopes::All,
        level: None,
        family: None,
    };
    let number = account.number;
    let slip = revoked_tokens::slip(case, &opened.token, opened.id, number, opened.date("exp").map(super::chain::whole));
    let verified = Verified { claims, id: opened.id, account: Some(account) };
    if revoke::jwt(&case.house, &case.view, &case.call, NAME, &verified).await? == Revoked::Already {
        return Err(already().into());
    }
    if case.is_v4() {
        let (site, now) = (case.view.site.id, case.call.now);
        let end = case.house.work(move |desk| {
            desk.add_slip(&slip)?;
            for session in
                desk.sessions(site, Some(number), now)?.into_iter().filter(|s| s.dialect == NAME && s.generation != cookies::GENERATION)
            {
                desk.end_session(session.id, now, "revoked")?;
            }
            Ok(())
        });
        end.await?;
    }
    Ok(case.ok("POST", &json!({"success": true, "message": "Token was revoked.", "data": {"jwt": [opened.token]}})))
}

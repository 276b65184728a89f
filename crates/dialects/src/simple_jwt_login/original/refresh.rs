//! `POST auth/refresh`: in 3.x a JWT buys a younger copy of itself, in 4.x an opaque token buys its successor and a new JWT.

use doorward_core::house::entry;
use doorward_core::refusal::Refusal;
use doorward_core::site::Subject;
use doorward_web::Reply;
use serde_json::{Value, json};

use super::words::{Stop, word, word_with};
use super::{Case, Generation, chain, mint, php, refresh_token};
use crate::simple_jwt_login::NAME;

/// Answers with the new token.
pub(super) async fn answer(case: &mut Case) -> Result<Reply, Stop> {
    case.admit_switch()?;
    if case.plugin.generation == Generation::V3 { jwt(case).await } else { opaque(case).await }
}

/// The same claims and `iat`, another end. Who owns the token is not asked: it buys nothing that its owner does not have.
async fn jwt(case: &Case) -> Result<Reply, Stop> {
    let auth = &case.plugin.auth;
    case.admit_address()?;
    if auth.code_on_refresh {
        case.admit_code(27).await?;
    }
    let token = case.jwt().ok_or_else(|| word(51, "JWT is missing."))?;
    let opened = chain::open(&case.view, &case.plugin, &token, case.call.now, false)?;
    let Value::Object(mut claims) = chain::shown_payload(Generation::V3, &opened) else {
        return Err(word(49, "There was an error with your JWT and we can not refresh it.").into());
    };
    let subject = chain::subject(&case.plugin.owner, &opened.payload)?;
    let account = case.account(&subject).await?;
    let is_revoked = match &account {
        Some(account) => case.is_revoked(&opened, account),
        None => case.house.memory().is_revoked(&opened.id),
    };
    if is_revoked {
        return Err(word(55, "This JWT is invalid.").into());
    }
    if let Some(exp) = opened.date("exp") {
        if case.call.now > chain::whole(exp).plus(auth.refresh_ttl) {
            return Err(word(50, "JWT is too old to be refreshed.").into());
        }
        claims.insert("exp".to_owned(), Value::from(case.call.now.plus(auth.ttl).0));
    }
    let (token, _) = mint::sign(&case.view, &case.plugin, &claims)?;
    let number = account.map(|a| a.number);
    case.house.memory().gather(entry(&case.call, Some(case.view.site.id), number, case.door.action(), Ok("granted"), NAME));
    Ok(case.ok("POST", &json!({"success": true, "data": {"jwt": token}})))
}

/// The old token dies with the answer. One that was spent moments ago is only refused: two tabs of one browser do that; later it
/// is somebody else's copy, and ends the session.
async fn opaque(case: &mut Case) -> Result<Reply, Stop> {
    if let Some(token) = case.jwt()
        && let Ok(opened) = chain::open(&case.view, &case.plugin, &token, case.call.now, false)
        && case.house.memory().is_revoked(&opened.id)
    {
        return Err(word(55, "This JWT is invalid.").into());
    }
    let auth = &case.plugin.auth;
    if !auth.refresh {
        return Err(word(81, "Refresh Token endpoint is not enabled.").into());
    }
    case.admit_address()?;
    if auth.code_on_refresh {
        case.admit_code(27).await?;
    }
    let sent = match case.params.get("refresh_token").filter(|v| !php::is_empty(v)) {
        None => return Err(word_with(422, 51, "Refresh token is missing.").into()),
        Some(Value::Array(_) | Value::Object(_)) => {
            return Err(word(0, "hash_hmac(): Argument #2 ($data) must be of type string, array given").into());
        }
        Some(value) => php::text(value).unwrap_or_default(),
    };
    let unknown = || word(51, "Invalid refresh token.");
    let sent = refresh_token::read(&sent).ok_or_else(unknown)?;
    let (id, site, now) = (sent.session, case.view.site.id, case.call.now);
    let session = case.house.look(move |desk| desk.session(id)).await?;
    let session = session.filter(|s| s.site == site && s.dialect == NAME && s.ended.is_none() && now < s.expires).ok_or_else(unknown)?;
    if !sent.is_of(&case.house, &case.plugin, &session, session.generation) {
        let window = case.house.terms().retry_window.max(1);
        let spent = (0..session.generation).rev().take(64).find(|g| sent.is_of(&case.house, &case.plugin, &session, *g));
        if spent.is_some_and(|g| g + 1 < session.generation || now.since(session.rotated) > window) {
            let mark = entry(&case.call, Some(site), Some(session.account), case.door.action(), Err(Refusal::ReusedRefresh.reason()), NAME);
            let end = case.house.work(move |desk| {
                desk.end_session(id, now, Refusal::ReusedRefresh.reason())?;
                desk.remember(&mark)
            });
            end.await?;
        }
        return Err(unknown().into());
    }
    let account = case.account(&Subject::Number(session.account)).await?.ok_or_else(|| word(55, "User not found."))?;
    if account.outlived(session.rotated) {
        return Err(unknown().into());
    }
    let extra = mint::brought(&case.plugin, case.params.get("payload"));
    let iat = account.issue_time(now);
    let minted = mint::mint(&case.house, &case.view, &case.plugin, &account, iat, &extra)?;
    let expires = iat.plus(auth.refresh_ttl);
    let mark = entry(&case.call, Some(site), Some(account.number), case.door.action(), Ok("granted"), NAME);
    let generation = session.generation;
    let advance = case.house.work(move |desk| {
        let advanced = desk.advance_session(id, generation, iat, expires)?;
        if advanced {
            desk.remember(&mark)?;
        }
        Ok(advanced)
    });
    if !advance.await? {
        return Err(unknown().into());
    }
    let refresh = refresh_token::write(&case.house, &case.plugin, site, id, generation + 1);
    Ok(case.ok("POST", &json!({"success": true, "data": {"jwt": minted.token, "refresh_token": refresh}})))
}

//! `revoked-tokens` (4.x): administrators see which tokens were revoked, and take a revocation back.

use doorward_core::call::Time;
use doorward_core::house::entry;
use doorward_core::port::store::Slip;
use doorward_core::secret::sha256;
use doorward_core::token::TokenId;
use doorward_web::Reply;
use serde_json::{Value, json};

use super::api_keys::{forbidden, is_admin, paging};
use super::refresh_token::hex;
use super::words::{Stop, word};
use super::{Case, wire};

/// The kind of its slips.
pub(super) const KIND: &str = "simple_jwt_login.revoked";

/// The slip of a token that was revoked: its digest for people, its id for the law.
pub(super) fn slip(case: &Case, token: &str, id: TokenId, account: i64, expires: Option<Time>) -> Slip {
    let note = json!({"id": hex(&id.0), "expires": expires.map(|t| t.0)}).to_string();
    let kept = expires.unwrap_or(Time(i64::MAX));
    Slip {
        id: 0,
        site: case.view.site.id,
        kind: KIND.to_owned(),
        key: sha256(token.as_bytes()),
        account,
        note,
        created: case.call.now,
        expires: kept,
    }
}

/// Answers with the list.
pub(super) async fn list(case: &Case) -> Result<Reply, Stop> {
    admin(case).await?;
    let site = case.view.site.id;
    let slips = case.house.look(move |desk| desk.slips(site, KIND, None)).await?;
    let (page, per_page) = paging(case);
    let items: Vec<Value> = slips.iter().skip((page - 1).saturating_mul(per_page)).take(per_page).map(item).collect();
    let data = json!({"items": items, "total": slips.len(), "page": page, "per_page": per_page});
    Ok(wire::known(case.ok("GET", &json!({"success": true, "data": data}))))
}

fn item(slip: &Slip) -> Value {
    let digest = hex(&slip.key);
    let note: Value = serde_json::from_str(&slip.note).unwrap_or(Value::Null);
    let expires = note.get("expires").and_then(Value::as_i64).map(|at| Time(at).wordpress());
    json!({
        "id": slip.id,
        "user_id": slip.account,
        "token_hash_masked": format!("{}...{}", &digest[..8], &digest[60..]),
        "expires_at": expires,
        "revoked_at": slip.created.wordpress(),
    })
}

/// Takes a revocation back, by the number in the path: the original looks for it elsewhere and never finds it.
pub(super) async fn remove(case: &Case) -> Result<Reply, Stop> {
    let caller = admin(case).await?;
    let site = case.view.site.id;
    let wanted = case.number();
    let slips = case.house.look(move |desk| desk.slips(site, KIND, None)).await?;
    let unknown = || word(116, "Invalid revoked token ID.");
    let slip = slips.into_iter().find(|slip| Some(slip.id) == wanted).ok_or_else(unknown)?;
    let note: Value = serde_json::from_str(&slip.note).unwrap_or(Value::Null);
    let id = note.get("id").and_then(Value::as_str).and_then(doorward_core::session::parse_id).ok_or_else(unknown)?;
    let mark = entry(&case.call, Some(site), Some(caller), "simple_jwt_login.unrevoke", Ok("granted"), "");
    let done = case.house.work(move |desk| {
        let lifted = desk.take_slip(site, KIND, &slip.key, slip.account, Time(i64::MIN))?;
        if lifted {
            desk.lift_token(site, TokenId(id))?;
            desk.remember(&mark)?;
        }
        Ok(lifted)
    });
    if !done.await? {
        return Err(unknown().into());
    }
    Ok(wire::known(case.ok("DELETE", &json!({"success": true, "message": "Revoked token deleted successfully."}))))
}

/// The caller's number, if they may.
async fn admin(case: &Case) -> Result<i64, Stop> {
    let caller = case.caller().await?.ok_or_else(|| Stop::from(forbidden()))?;
    if is_admin(&caller) {
        return Ok(caller.number);
    }
    Err(word(115, "You must be an administrator to manage revoked tokens.").into())
}

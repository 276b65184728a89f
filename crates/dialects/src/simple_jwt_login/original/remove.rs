//! `DELETE users`: the owner of a JWT removes their own account.

use doorward_core::flow::enrol::leave;
use doorward_core::port::store::Work;
use doorward_web::Reply;
use serde_json::json;

use super::webhooks::Event;
use super::words::{Stop, word};
use super::{Case, chain, issuers};

/// Answers that the account is gone.
pub(super) async fn answer(case: &Case) -> Result<Reply, Stop> {
    let remove = &case.plugin.remove;
    if !remove.enabled {
        return Err(word(39, "Delete is not enabled.").into());
    }
    let token = case.jwt().ok_or_else(|| word(42, "The `jwt` parameter is missing."))?;
    if remove.code {
        case.admit_code(40).await?;
    }
    let address = case.call.client.address;
    if !remove.addresses.welcomes(address) {
        return Err(word(41, format!("You are not allowed to delete users from this IP: {address}")).into());
    }
    // Only here does an issuer's own login claim count.
    let (header, payload) = (chain::header(&token).unwrap_or_default(), chain::peek(&token).unwrap_or_default());
    let owner = issuers::of(&case.plugin.issuers, &header, &payload).map_or(&remove.owner, |issuer| &issuer.owner);
    let (opened, subject) = case.owned(&token, owner).await?;
    let account = case.account(&subject).await?.ok_or_else(|| word(24, "User not found."))?;
    if case.is_revoked(&opened, &account) {
        return Err(word(55, "This JWT is invalid.").into());
    }
    let (news, owner) = (case.news(Event::DeleteUser), std::sync::Arc::clone(&account));
    let also = move |desk: &mut dyn Work| news.keep_in(desk, &owner);
    if !leave(&case.house, &case.call, case.view.site.id, account.number, case.door.action(), also).await? {
        return Err(word(24, "User not found.").into());
    }
    let message = "User was successfully deleted.";
    Ok(if case.is_v4() {
        case.ok("POST, DELETE", &json!({"success": true, "data": {"message": message}}))
    } else {
        case.ok("POST, DELETE", &json!({"message": message, "id": account.number.to_string()}))
    })
}

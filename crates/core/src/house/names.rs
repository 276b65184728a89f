//! What the house calls things: the purposes of what it seals, and the entries of what it decides.

use crate::audit::{AuditEntry, Outcome};
use crate::call::Call;
use crate::site::SiteId;

/// The vault purpose of a site's settings of a language.
#[must_use]
pub fn settings_purpose(site: SiteId, dialect: &str) -> String {
    format!("settings/{}/{dialect}", site.0)
}

/// The vault purpose of a signing key.
#[must_use]
pub fn key_purpose(site: SiteId, dialect: &str, kid: &str) -> String {
    format!("key/{}/{dialect}/{kid}", site.0)
}

/// The vault purpose of an account's TOTP secret.
#[must_use]
pub fn totp_purpose(site: SiteId, account: i64) -> String {
    format!("totp/{}/{account}", site.0)
}

/// An audit entry of a call, to be completed by the flow.
#[must_use]
pub fn entry(
    call: &Call,
    site: Option<SiteId>,
    account: Option<i64>,
    action: &str,
    reason: Result<&str, &str>,
    detail: &str,
) -> AuditEntry {
    let (outcome, reason) = match reason {
        Ok(reason) => (Outcome::Granted, reason),
        Err(reason) => (Outcome::Refused, reason),
    };
    AuditEntry {
        id: 0,
        at: call.now,
        site,
        account,
        action: action.to_owned(),
        outcome,
        reason: reason.to_owned(),
        detail: detail.to_owned(),
        address: call.client.address.to_string(),
        request: call.request_id.as_str().to_owned(),
        count: 1,
        actor: call.actor,
    }
}

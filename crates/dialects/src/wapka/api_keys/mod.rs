//! `/v1/api-keys`: a superadmin's own keys for programs. Made, listed and deleted by their owner alone.

pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::flow::verify::Pass;
use doorward_core::port::store::ApiToken;
use doorward_core::refusal::{No, Refusal};
use doorward_web::Ask;
use serde::Serialize;

use super::{EVERYTHING, NAME, present};

/// What a drawn key begins with, and the `prefix` that answers name.
const PREFIX: &str = "wpk_live_";
/// The level that keys belong to (contract §1).
const SUPERADMIN: u8 = 10;

/// A key as answers show it: `key` is the whole text once, at its making, and its ends ever after.
#[derive(Serialize)]
struct Shown<'a> {
    id: i64,
    name: &'a str,
    key: &'a str,
    prefix: &'static str,
    scope: String,
    created_at: String,
    expires_at: Option<String>,
}

impl<'a> Shown<'a> {
    fn of(row: &'a ApiToken, key: &'a str) -> Self {
        Self {
            id: row.id,
            name: &row.name,
            key,
            prefix: PREFIX,
            scope: row.scopes.text(),
            created_at: row.created.iso(),
            expires_at: row.expires.map(doorward_core::call::Time::iso),
        }
    }
}

/// A superadmin who may do everything; a key for what is public does not handle keys.
async fn superadmin(ask: &Ask) -> Result<(Arc<Pass>, Arc<Account>), No> {
    let pass = ask.verify(NAME, present::any(&ask.head)).await?;
    let account = pass.account().filter(|_| pass.level() >= SUPERADMIN).cloned().ok_or(Refusal::LevelTooLow)?;
    if !pass.scopes().covers(EVERYTHING) {
        return Err(Refusal::ScopeMissing.into());
    }
    Ok((pass, account))
}

/// True for this language's keys, made here or imported; the owner may have other tokens for other languages.
fn is_key(row: &ApiToken) -> bool {
    match row.dialect.as_deref() {
        Some(dialect) => dialect == NAME,
        None => row.hint.starts_with("wpk_"),
    }
}

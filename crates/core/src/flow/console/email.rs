//! Changing one's own address: both addresses are told, and the new one counts only once its owner opened the link.

use serde_json::{Value, json};

use crate::account::{Account, Handle, fold};
use crate::call::Call;
use crate::house::{House, entry};
use crate::port::store::Put;
use crate::refusal::{No, Refusal};
use crate::secret::Secret;
use crate::site::SiteView;

use super::letters::Letter;
use super::self_service::{is_address, offers, post};
use super::ticket::{self, Order};
use super::visit::Visitor;

const KIND: &str = "console.email";
/// Seconds that the link is good for.
const LIFE: i64 = 24 * 3600;

/// Asks for another address. Whether somebody else has it is told to nobody but them.
///
/// # Errors
/// [`Refusal::SwitchedOff`], [`Refusal::Invalid`] with `email`; a fault.
pub async fn ask(
    house: &House,
    call: &mut Call,
    view: &SiteView,
    visitor: &Visitor,
    email: &str,
    link: impl Fn(&str) -> String,
) -> Result<(), No> {
    let (account, email) = (visitor.account(), email.trim().to_owned());
    if !offers(house, account.site).await?.change_email {
        return Err(Refusal::SwitchedOff("change_email".into()).into());
    }
    if !is_address(&email) || fold(&email) == fold(&account.email) {
        return Err(Refusal::Invalid("email").into());
    }
    let (site, number, handle) = (account.site, account.number, Handle::Email(email.clone()));
    let note = Secret::new(json!({"email": email, "old": fold(&account.email), "state": account.valid_after.0}).to_string());
    let (text, row) = ticket::draw(house, call, Order { kind: KIND, site, account: number, life: LIFE }, &note)?;
    let mark = entry(call, Some(site), Some(number), "console.email.ask", Ok("granted"), "");
    let is_taken = house
        .work(move |desk| {
            desk.drop_tickets(KIND, site, number)?;
            desk.add_ticket(&row)?;
            desk.remember(&mark)?;
            Ok(desk.account_by(site, &handle)?.is_some())
        })
        .await?;
    let link = link(text.reveal_text().unwrap_or_default());
    let letter = if is_taken { Letter::AlreadyThere } else { Letter::ConfirmEmail { link: &link } };
    post(house, call, view, &email, &letter).await?;
    if !account.email.is_empty() {
        post(house, call, view, &account.email, &Letter::EmailWillChange { new: &email }).await?;
    }
    Ok(())
}

/// Confirms the address that was written to, and no other. Links for the old one die.
///
/// # Errors
/// [`Refusal::UnknownToken`] if the link is over, another account's, or the account changed since; a fault.
pub async fn confirm(house: &House, call: &mut Call, view: &SiteView, visitor: &Visitor, text: &str) -> Result<Account, No> {
    let (site, number, now) = (visitor.account().site, visitor.account().number, call.now);
    let found = ticket::find(house, KIND, text, now).await?;
    let found = found.filter(|t| t.row.site == site && t.row.account == number).ok_or(Refusal::UnknownToken)?;
    let note: Value = serde_json::from_slice(found.note.reveal()).unwrap_or_default();
    let (email, key) = (note["email"].as_str().unwrap_or_default().to_owned(), found.row.key);
    let mark = entry(call, Some(site), Some(number), "console.email", Ok("granted"), "");
    let done = house
        .work(move |desk| {
            let Some(account) = desk.account(site, number)?.filter(Account::is_active) else { return Ok(None) };
            let unchanged = note["old"] == fold(&account.email).as_str() && note["state"] == account.valid_after.0;
            if desk.take_ticket(KIND, &key, now)?.is_none() || !unchanged {
                return Ok(None);
            }
            let old = account.email.clone();
            let account = Account { email, ..account };
            match desk.put_account(&account)? {
                Put::Changed => desk.remember(&mark)?,
                Put::Made | Put::Same | Put::Taken(_) => return Ok(None),
            }
            Ok(Some((account, old)))
        })
        .await?;
    let (account, old) = done.ok_or(Refusal::UnknownToken)?;
    if !old.is_empty() {
        post(house, call, view, &old, &Letter::EmailChanged { new: &account.email }).await?;
    }
    Ok(account)
}

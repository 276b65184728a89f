//! What administrators do: one file per page's API. Who may knock is on the routes; what is decided, is decided in
//! `doorward_core::flow::admin` and behind [`crate::behind::Behind`].
//!
//! | file | page |
//! |---|---|
//! | [`sites`] | sites, and what their people may do for themselves |
//! | [`users`], [`tokens`] | users, service accounts, powers; their sessions and API tokens |
//! | [`rules`] | roles, rules, explain |
//! | [`keys`] | signing keys |
//! | [`dialects`] | the settings of each language |
//! | [`lists`] | auth codes and lists of addresses |
//! | [`webhooks`] | who is told of what happens, and what became of it |
//! | [`audit`], [`export`], [`chart`] | what was decided |
//! | [`live`] | what is being decided |
//! | [`server`] | imports, and the server's settings |

pub mod audit;
pub mod chart;
pub mod dialects;
pub mod export;
pub mod keys;
pub mod lists;
pub mod live;
pub mod rules;
pub mod server;
pub mod sites;
pub mod tokens;
pub mod users;
pub mod webhooks;

use data_encoding::HEXLOWER;
use doorward_core::flow::admin::{Authority, Stays};
use doorward_core::port::store::SiteRow;
use doorward_core::secret::sha256;
use http::header::{ETAG, IF_MATCH};
use serde_json::Value;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::behind::{Document, Stopped};
use crate::refusals::No;

/// How far things are counted: whoever reads "10,000 and more" wants no other number.
pub(crate) const COUNTED: u32 = 10_000;

/// Who acts, with the power that they had when they knocked. The flows look again.
///
/// # Errors
/// If they have none.
pub(crate) fn authority(ask: &Ask) -> Result<Authority, No> {
    let visitor = ask.visitor()?;
    Authority::of(visitor.account(), visitor.power()).ok_or_else(No::not_yours)
}

/// The site that the path names, as it is stored.
///
/// # Errors
/// If it is gone, or the store's.
pub(crate) async fn row(ask: &Ask) -> Result<SiteRow, No> {
    let id = ask.site()?.site.id;
    let found = ask.console.house.look(move |desk| Ok(desk.sites()?.into_iter().find(|row| row.id == id))).await?;
    found.ok_or_else(No::not_found)
}

/// The mark of the document that an editor has seen; `None` = whatever is there (`*`).
///
/// # Errors
/// 428 if they do not say: nobody overwrites what they have not seen by forgetting a header.
pub(crate) fn seen(ask: &Ask) -> Result<Option<String>, No> {
    match told(ask)? {
        Some(seen) => Ok(seen),
        None => Err(No::said(428, "if_match_missing", "If-Match must say what is replaced: its ETag, or *")),
    }
}

/// The same where it may be left out: then whatever is there is meant.
///
/// # Errors
/// If there are several, or it cannot be read.
pub(crate) fn told(ask: &Ask) -> Result<Option<Option<String>>, No> {
    let mut values = ask.head.headers.get_all(IF_MATCH).iter();
    match (values.next().map(|value| value.to_str()), values.next()) {
        (None, _) => Ok(None),
        (Some(Ok(value)), None) if value.trim() == "*" => Ok(Some(None)),
        (Some(Ok(value)), None) => Ok(Some(Some(value.trim().trim_start_matches("W/").trim_matches('"').to_owned()))),
        (Some(_), _) => Err(No::said(400, "bad_request", "If-Match cannot be read")),
    }
}

/// A mark of some bytes: another for others.
pub(crate) fn mark(bytes: &[u8]) -> String {
    HEXLOWER.encode(&sha256(bytes)[..16])
}

/// An answer with the mark of what it shows.
pub(crate) fn document(value: &Value, mark: &str) -> Answer {
    Answer::ok(value).with(ETAG, &format!("\"{mark}\""))
}

impl From<Document> for Answer {
    fn from(found: Document) -> Self {
        document(&found.value, &found.mark)
    }
}

impl From<Stopped> for No {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::NoSite => Self::not_found(),
            Stopped::Changed => Self::changed(),
            Stopped::LastOwner => last_owner(),
            Stopped::Problem { place, text } => {
                let rule = place.strip_prefix("endpoints[").and_then(|rest| rest.split(']').next()?.parse::<u64>().ok());
                let no = Self::invalid(place, text);
                match rule {
                    Some(index) => no.with("rule", index.into()),
                    None => no,
                }
            }
            Stopped::Refused(refusal) => refusal.into(),
            Stopped::Fault(fault) => fault.into(),
        }
    }
}

impl From<Stays> for No {
    fn from(stays: Stays) -> Self {
        match stays {
            Stays::LastOwner => last_owner(),
            Stays::Yourself => Self::conflict("yourself", "Your own account is for somebody else to end"),
            Stays::Changed => Self::changed(),
            Stays::ProofDue => Self::reauth_due(),
            Stays::Settled => Self::conflict("delivered", "It was delivered: it is told no more"),
            Stays::Underway => Self::conflict("being_told", "It is being told at this moment: look again soon"),
            Stays::Refused(refusal) => refusal.into(),
            Stays::Broken(fault) => fault.into(),
        }
    }
}

fn last_owner() -> No {
    No::conflict("last_owner", "It would leave nobody who runs the server")
}

//! Behind: what only the server can do, as the console sees it. The server implements it; the console never knows how.

use std::net::SocketAddr;

use doorward_core::call::Call;
use doorward_core::flow::admin::Stays;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::store::{SiteRow, Work};
use doorward_core::refusal::{Fault, Refusal};
use doorward_core::site::SiteId;
use serde_json::Value;

use crate::answer::Pieces;

/// A document that is edited as a whole, and the mark by which an editor knows it again.
#[derive(Clone, Debug)]
pub struct Document {
    /// As JSON.
    pub value: Value,
    /// Another for another document.
    pub mark: String,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Stopped {
    /// There is no such site.
    NoSite,
    /// Somebody else has changed it since it was read.
    Changed,
    /// It would leave nobody who runs the server.
    LastOwner,
    /// A member cannot be used: where, and why.
    Problem {
        /// The member's path.
        place: String,
        /// What is wrong with it, as a sentence.
        text: String,
    },
    /// Refused as anybody would be.
    Refused(Refusal),
    /// Something of ours broke.
    Fault(Fault),
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Stays> for Stopped {
    fn from(stays: Stays) -> Self {
        match stays {
            Stays::LastOwner => Self::LastOwner,
            Stays::Changed => Self::Changed,
            Stays::Yourself | Stays::Settled | Stays::Underway | Stays::ProofDue => Self::Refused(Refusal::NotYours),
            Stays::Refused(refusal) => Self::Refused(refusal),
            Stays::Broken(fault) => Self::Fault(fault),
        }
    }
}

/// What must hold of a site as it is, inside the transaction that changes it; `None` = there is no such site.
pub type Condition = Box<dyn FnOnce(Option<&SiteRow>) -> Result<(), Stopped> + Send>;

/// What is written beside a site, inside the transaction that writes it.
pub type Beside = Box<dyn FnOnce(&mut dyn Work, SiteId) -> Result<(), Stopped> + Send>;

/// A site that is made or changed, as a bundle has it.
pub struct SiteEdit {
    /// The bundle's object: what is absent stays.
    pub site: Value,
    /// What must hold.
    pub condition: Condition,
    /// What else is written.
    pub beside: Beside,
    /// The action in the audit.
    pub action: &'static str,
    /// What the audit shall say of it; never a secret.
    pub detail: String,
}

/// Rules that somebody sends.
pub struct RulesEdit<'a> {
    /// The site's name.
    pub site: &'a str,
    /// The mark of the rules that the editor has seen; `None` = whatever is there.
    pub seen: Option<String>,
    /// The rules, as a bundle has them.
    pub endpoints: Value,
}

/// The listener at which sites answer, as this machine reaches it.
#[derive(Clone, Copy, Debug)]
pub struct Listener {
    /// Where it is.
    pub address: SocketAddr,
    /// True if only TLS is spoken there.
    pub tls: bool,
}

/// What only the server can do.
pub trait Behind: Send + Sync {
    /// The server's version.
    fn version(&self) -> &'static str;

    /// Where sites answer.
    fn listener(&self) -> Listener;

    /// The rules of a site, as a bundle has them.
    fn rules<'a>(&'a self, site: &'a str) -> BoxFuture<'a, Result<Document, Stopped>>;

    /// Replaces the rules of a site.
    fn put_rules<'a>(&'a self, call: &'a Call, edit: RulesEdit<'a>) -> BoxFuture<'a, Result<Document, Stopped>>;

    /// Checks that rules could be used for a site.
    fn check_rules<'a>(&'a self, site: &'a str, endpoints: Value) -> BoxFuture<'a, Result<(), Stopped>>;

    /// What would be decided of a request to a site, and why.
    fn explain<'a>(&'a self, site: &'a str, question: Value) -> BoxFuture<'a, Result<Value, Stopped>>;

    /// Makes or changes a site; what somebody should look at.
    fn put_site<'a>(&'a self, call: &'a Call, edit: SiteEdit) -> BoxFuture<'a, Result<Vec<String>, Stopped>>;

    /// Reads a bundle, and writes it unless it is only tried: the report, and the number under which it is found again.
    fn import<'a>(&'a self, call: &'a Call, bundle: &'a [u8], only_tried: bool) -> BoxFuture<'a, Result<Value, Stopped>>;

    /// The reports of the newest imports and trials, newest first.
    fn imports(&self) -> BoxFuture<'_, Result<Vec<Value>, Fault>>;

    /// The report of an import, if it is one of the newest.
    fn imported<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Fault>>;

    /// Every setting of the server: its value without secrets, and where it comes from.
    fn settings(&self) -> Value;

    /// The traffic of a site, or of all: one event a second.
    fn live(&self, site: Option<SiteId>) -> Pieces;
}

//! Import: one transaction, all of it or nothing; importing the same bundle twice changes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use doorward_core::call::Call;
use doorward_core::house::{House, entry};
use doorward_core::port::store::Work;
use doorward_core::refusal::Fault;
use serde_json::{Value, json};

use super::format::{Bundle, Problem};
use super::{sites, users};

/// Whether anything is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// All is written, and remembered under this action.
    Write(&'static str),
    /// All is tried, and nothing stays.
    DryRun,
}

/// How many were made, changed, or found just so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New ones.
    pub made: u64,
    /// Changed ones.
    pub changed: u64,
    /// Those that were there just so.
    pub same: u64,
}

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Sites.
    pub sites: Counts,
    /// Accounts with their credentials.
    pub users: Counts,
    /// API tokens that were added.
    pub tokens: u64,
    /// Signing keys that were made, replaced or removed.
    pub keys: u64,
    /// What somebody should look at.
    pub warnings: Vec<String>,
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Stopped {
    /// The bundle's doing.
    Problem(Problem),
    /// What had to hold does not: the reason id.
    Kept(&'static str),
    /// Ours.
    Fault(Fault),
}

/// What is asked inside the transaction of an import.
pub type Condition = Box<dyn FnOnce(&mut dyn Work) -> Result<(), Stopped> + Send>;

/// What must hold for an import, and what the audit says of it.
#[derive(Default)]
pub struct Terms {
    /// Before anything is written.
    pub before: Option<Condition>,
    /// After everything was.
    pub after: Option<Condition>,
    /// What the audit says instead of the report.
    pub detail: Option<String>,
}

/// What the parts of an import work with.
pub(super) struct Job<'a> {
    pub(super) house: &'a House,
    pub(super) desk: &'a mut dyn Work,
    pub(super) call: &'a mut Call,
    pub(super) report: Report,
}

impl Report {
    /// True if something was written.
    #[must_use]
    pub fn wrote(&self) -> bool {
        self.sites.made + self.sites.changed + self.users.made + self.users.changed + self.tokens + self.keys > 0
    }

    /// The report as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let counts = |c: &Counts| json!({"made": c.made, "changed": c.changed, "same": c.same});
        json!({
            "sites": counts(&self.sites),
            "users": counts(&self.users),
            "api_tokens_added": self.tokens,
            "signing_keys_changed": self.keys,
            "warnings": self.warnings,
        })
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let counts = [
            (self.sites.made, "site", "made"),
            (self.sites.changed, "site", "changed"),
            (self.users.made, "user", "made"),
            (self.users.changed, "user", "changed"),
            (self.tokens, "API token", "added"),
            (self.keys, "signing key", "changed"),
        ];
        let mut separator = "";
        for (count, what, how) in counts.into_iter().filter(|(count, _, _)| *count > 0) {
            let plural = if count == 1 { "" } else { "s" };
            write!(f, "{separator}{count} {what}{plural} {how}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing changed") } else { Ok(()) }
    }
}

impl From<Fault> for Stopped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

/// Imports a bundle. A running server on the same store takes it up with its next reading of the change feed.
///
/// # Errors
/// [`Stopped`]: nothing was written then.
pub async fn import(house: &Arc<House>, call: Call, bundle: Bundle, mode: Mode) -> Result<Report, Stopped> {
    import_on(house, call, bundle, mode, Terms::default()).await
}

/// The same, if something holds.
///
/// # Errors
/// [`Stopped`]: nothing was written then.
pub async fn import_on(house: &Arc<House>, mut call: Call, bundle: Bundle, mode: Mode, terms: Terms) -> Result<Report, Stopped> {
    // The store takes only faults as a reason to roll back: the true reason goes by this way.
    let slot = Arc::new(Mutex::new(None));
    let (inside, within) = (Arc::clone(&slot), Arc::clone(house));
    let outcome = house
        .work(move |desk| {
            let done = write(&within, desk, &mut call, &bundle, mode, terms);
            let stays = done.is_ok() && mode != Mode::DryRun;
            *inside.lock().unwrap_or_else(PoisonError::into_inner) = Some(done);
            if stays { Ok(()) } else { Err(Fault::new("nothing of the bundle was written")) }
        })
        .await;
    let done = slot.lock().unwrap_or_else(PoisonError::into_inner).take();
    match (done, outcome, mode) {
        (Some(Ok(report)), Ok(()), _) | (Some(Ok(report)), Err(_), Mode::DryRun) => Ok(report),
        (Some(Err(stopped)), _, _) => Err(stopped),
        (Some(Ok(_)) | None, Err(fault), _) => Err(Stopped::Fault(fault)),
        (None, Ok(()), _) => Err(Stopped::Fault(Fault::new("the store did not run the import"))),
    }
}

fn write(house: &House, desk: &mut dyn Work, call: &mut Call, bundle: &Bundle, mode: Mode, terms: Terms) -> Result<Report, Stopped> {
    if let Some(before) = terms.before {
        before(desk)?;
    }
    let mut written = None;
    let mut job = Job { house, desk: &mut *desk, call: &mut *call, report: Report::default() };
    sites::refuse_doubles(bundle)?;
    for (index, site) in bundle.sites.iter().enumerate() {
        let at = format!("sites[{index}]");
        let id = sites::write(&mut job, site, &at, bundle.without_secrets)?;
        written = Some(id);
        users::write(&mut job, id, site.users.as_deref().unwrap_or_default(), &at)?;
    }
    sites::refuse_shared_hosts(job.desk, bundle)?;
    let report = job.report;
    if let Some(after) = terms.after {
        after(desk)?;
    }
    if let Mode::Write(action) = mode
        && report.wrote()
    {
        let site = written.filter(|_| bundle.sites.len() == 1);
        let detail = terms.detail.unwrap_or_else(|| report.to_string());
        desk.remember(&entry(call, site, None, action, Ok("granted"), &detail))?;
    }
    Ok(report)
}

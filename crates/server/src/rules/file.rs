//! The watched file: the rules of some sites as JSON. A good edit holds with the next turn of the timer; a bad one changes
//! nothing, is told once, and can be seen in the metrics until it is mended.

use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use doorward_core::call::{Call, Client, RequestId, Time};
use doorward_core::house::House;
use doorward_core::secret::sha256;
use doorward_web::Source;

use super::{Editor, Stopped, read_sites, replace};
use crate::bundle::Problem;
use crate::metrics::Metrics;

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024 * 1024;

/// A file that is looked at now and then.
pub struct Watch {
    path: PathBuf,
    metrics: Arc<Metrics>,
    seen: Option<(Option<SystemTime>, u64)>,
    read: Option<[u8; 32]>,
    complaint: Option<String>,
}

impl Watch {
    /// A watch on a file.
    #[must_use]
    pub fn new(path: PathBuf, metrics: Arc<Metrics>) -> Self {
        Self { path, metrics, seen: None, read: None, complaint: None }
    }

    /// Looks at the file, and takes it up if it has changed.
    pub async fn turn(&mut self, house: &Arc<House>, source: &dyn Source) {
        let Err(stopped) = self.take_up(house, source).await else { return };
        // Ours may be better with the next turn; what the file says is looked at again when it says something else.
        if matches!(stopped, Stopped::Fault(_)) {
            (self.seen, self.read) = (None, None);
        }
        self.metrics.rules_file_bad.set(1);
        let complaint = stopped.to_string();
        if self.complaint.as_ref() != Some(&complaint) {
            let file = self.path.display();
            tracing::error!(%file, problem = %complaint, "the rules in the file cannot be used; the last good ones stand");
            self.complaint = Some(complaint);
        }
    }

    async fn take_up(&mut self, house: &Arc<House>, source: &dyn Source) -> Result<(), Stopped> {
        let about = std::fs::metadata(&self.path).map_err(|e| {
            self.seen = None;
            unreadable(&self.path, &e)
        })?;
        let stamp = (about.modified().ok(), about.len());
        if self.seen == Some(stamp) {
            return Ok(());
        }
        if about.len() > LARGEST {
            self.seen = Some(stamp);
            return Err(Problem::at(self.path.display().to_string(), format!("has more than {LARGEST} bytes")).into());
        }
        let text = std::fs::read_to_string(&self.path).map_err(|e| unreadable(&self.path, &e))?;
        // A file that was written just now may be written again without its stamp telling.
        self.seen = Some(stamp).filter(|(modified, _)| modified.is_some_and(|at| is_settled(at, source.now())));
        let digest = sha256(text.as_bytes());
        // The same text again, after it was away or touched: it is as good or bad as it was.
        if self.read == Some(digest) && self.complaint.is_none() {
            return Ok(());
        }
        self.read = Some(digest);
        let sites = read_sites(&text)?;
        let call = call(source);
        let editor = Editor { call: &call, account: None, action: "rules.file", seen: None };
        let changed = replace(house, sites, editor).await?;
        if changed > 0 || self.complaint.is_some() {
            tracing::info!(file = %self.path.display(), sites = changed, "the rules in the file hold");
        }
        self.complaint = None;
        self.metrics.rules_file_bad.set(0);
        Ok(())
    }
}

/// True if the last write is more than two seconds ago.
fn is_settled(modified: SystemTime, now: Time) -> bool {
    let since = modified.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    since.saturating_add(2) < now.0
}

fn unreadable(path: &Path, error: &std::io::Error) -> Stopped {
    Problem::at(path.display().to_string(), format!("cannot be read: {error}")).into()
}

fn call(source: &dyn Source) -> Call {
    let mut dice = source.dice();
    let request_id = RequestId::draw(dice.as_mut());
    let client = Client { address: IpAddr::V4(Ipv4Addr::LOCALHOST), agent: Some("rules file".into()) };
    Call { now: source.now(), dice, client, request_id, actor: None }
}

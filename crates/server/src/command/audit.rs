//! `doorward audit`: what was decided, for whom, and why.

use doorward_core::audit::{AuditEntry, AuditQuery};
use doorward_core::call::Time;
use serde_json::{Value, json};

use super::room::{Room, block};
use super::{Common, Failed, out};

#[derive(clap::Subcommand)]
pub(super) enum Audit {
    /// Entries, newest first
    List(List),
}

#[derive(clap::Args)]
pub(super) struct List {
    /// Of this site
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// Of this user (login, e-mail address or number)
    #[arg(long, value_name = "USER")]
    user: Option<String>,
    /// Whose action starts so, such as wapka.login
    #[arg(long, value_name = "ACTION")]
    action: Option<String>,
    /// With this reason id, such as bad_credentials
    #[arg(long, value_name = "REASON")]
    reason: Option<String>,
    /// Not older than this date, or than so many hours or days: 2026-01-02, 24h, 7d
    #[arg(long, value_name = "WHEN")]
    since: Option<String>,
    /// Before this entry, to read on
    #[arg(long, value_name = "ID")]
    before: Option<i64>,
    /// At most so many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// As JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let Self::List(list) = self;
        block(list.run(common))
    }
}

impl List {
    async fn run(self, common: &Common) -> Result<(), Failed> {
        let room = Room::open(common).await?;
        let site = match (&self.site, &self.user) {
            (None, None) => None,
            (site, _) => Some(room.site(site.as_deref()).await?.id),
        };
        let account = match (site, &self.user) {
            (Some(site), Some(user)) => Some(room.account(site, user).await?.number),
            (_, _) => None,
        };
        let since = self.since.as_deref().map(|text| when(text, room.call().now)).transpose()?;
        let query = AuditQuery {
            site,
            account,
            action: self.action,
            reason: self.reason,
            since,
            before: self.before,
            limit: self.limit,
            ..AuditQuery::default()
        };
        let (entries, sites) = room.house().look(move |desk| Ok((desk.audit(&query)?, desk.sites()?))).await?;
        let name = |entry: &AuditEntry| sites.iter().find(|s| Some(s.id) == entry.site).map(|s| s.name.clone());
        if self.json {
            out::json(&entries.iter().map(|e| object(e, name(e))).collect());
            return Ok(());
        }
        let rows: Vec<_> = entries.iter().map(|e| row(e, name(e))).collect();
        let heading = ["id", "when", "site", "user", "action", "outcome", "reason", "detail", "from"];
        out::table(heading, &rows, "nothing of this kind is remembered");
        Ok(())
    }
}

fn row(entry: &AuditEntry, site: Option<String>) -> [String; 9] {
    let times = if entry.count > 1 { format!(" (×{})", entry.count) } else { String::new() };
    [
        entry.id.to_string(),
        entry.at.iso(),
        site.unwrap_or_else(|| "-".into()),
        entry.account.map_or_else(|| "-".into(), |n| n.to_string()),
        entry.action.clone(),
        format!("{}{times}", entry.outcome.word()),
        entry.reason.clone(),
        entry.detail.clone(),
        entry.address.clone(),
    ]
}

fn object(entry: &AuditEntry, site: Option<String>) -> Value {
    json!({
        "id": entry.id,
        "at": entry.at.iso(),
        "site": site,
        "user_id": entry.account,
        "action": entry.action,
        "outcome": entry.outcome.word(),
        "reason": entry.reason,
        "detail": entry.detail,
        "address": entry.address,
        "request": entry.request,
        "count": entry.count,
    })
}

/// A date, or so long ago.
fn when(text: &str, now: Time) -> Result<Time, Failed> {
    let ago = |unit: &str, seconds: i64| text.strip_suffix(unit)?.parse::<i64>().ok()?.checked_mul(seconds);
    let found = [("d", 86_400), ("h", 3_600), ("m", 60)].into_iter().find_map(|(unit, seconds)| ago(unit, seconds));
    let date = || Time::parse(text).or_else(|| Time::parse(&format!("{text} 00:00:00")));
    found
        .map(|seconds| now.plus(-seconds))
        .or_else(date)
        .ok_or_else(|| Failed::Usage(format!("`{text}` is no date and no time span such as 24h or 7d")))
}

//! `doorward acme`: the certificates that a certificate authority gives by itself.

use std::sync::Arc;

use doorward_core::call::Time;
use serde_json::{Value, json};

use super::room::{Room, block};
use super::{Common, Failed, out};
use crate::acme::renewal;
use crate::acme::shelf::Shelf;
use crate::config::did_you_mean;

#[derive(clap::Subcommand)]
pub(super) enum Acme {
    /// The names, how long their certificates are good, and what went wrong
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Have the running server obtain a new certificate within a few seconds, whatever went wrong before
    Renew {
        /// The name, one of acme.names
        name: String,
    },
}

impl Acme {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        let settings = common.settings()?;
        let configured: Vec<String> = settings.acme.iter().flat_map(|terms| &terms.names).map(|name| name.to_string()).collect();
        block(async move {
            let room = Room::open(common).await?;
            let shelf = Shelf::new(Arc::clone(room.house()), Arc::clone(&room.opened.source));
            match self {
                Self::List { json } => list(&shelf, configured, json).await,
                Self::Renew { name } => {
                    let name = name.to_ascii_lowercase();
                    if !configured.contains(&name) {
                        let near = did_you_mean(&name, configured.iter().map(String::as_str));
                        return Err(Failed::Said(format!("`{name}` is none of acme.names{near}")));
                    }
                    shelf.want(&name).await?;
                    out::line(format_args!("The running server will obtain a new certificate for {name}: see `doorward acme list`."));
                    Ok(())
                }
            }
        })
    }
}

async fn list(shelf: &Shelf, configured: Vec<String>, json: bool) -> Result<(), Failed> {
    let mut names = shelf.names().await?;
    names.extend(configured.iter().cloned());
    names.sort_unstable();
    names.dedup();
    let (mut values, mut rows) = (Vec::new(), Vec::new());
    for name in names {
        let standing = shelf.standing(&name).await?;
        let (held, trouble) = (standing.certificate, standing.trouble.unwrap_or_default());
        let is_configured = configured.contains(&name);
        let last = held.as_ref().map(|held| held.dates.last.0);
        let renews = held.as_ref().map(|held| renewal(held.dates).0);
        values.push(json!({
            "name": name,
            "configured": is_configured,
            "valid_until": last.map(iso),
            "renewed_from": renews.map(iso),
            "authority": held.as_ref().map(|held| &held.directory),
            "failures": trouble.failures,
            "last_failure": (trouble.failures > 0).then_some(&trouble.story),
            "last_failure_at": (trouble.failures > 0).then(|| iso(trouble.at)),
            "tried_again_at": (trouble.failures > 0).then(|| iso(trouble.next)),
            "renewal_wanted": trouble.wanted,
        }));
        let date = |at: Option<i64>| at.map(iso).unwrap_or_default();
        let story = if trouble.failures > 0 {
            format!("{} ({} times, again {})", trouble.story, trouble.failures, iso(trouble.next))
        } else if trouble.wanted {
            "wanted".to_owned()
        } else if is_configured {
            String::new()
        } else {
            "no longer in acme.names".to_owned()
        };
        rows.push([name, date(last), date(renews), story]);
    }
    if json {
        out::json(&Value::Array(values));
    } else {
        out::table(["name", "valid until", "renewed from", "trouble"], &rows, "no names: set acme.names");
    }
    Ok(())
}

fn iso(at: i64) -> String {
    Time(at).iso()
}

//! `doorward webhooks`: what became of them, and the secret that they are signed with.

use doorward_core::port::store::{Errand, ErrandQuery};
use doorward_dialects::simple_jwt_login::webhook_secret;
use serde_json::{Value, json};

use super::room::{Room, block};
use super::{Common, Failed, out};

#[derive(clap::Subcommand)]
pub(super) enum Webhooks {
    /// The latest webhooks of a site, newest first: waiting, delivered, given up
    List {
        /// The site, if there are several
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
        /// How many
        #[arg(long, default_value_t = 50)]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// The secret that receivers check a site's webhooks with
    Secret {
        /// The site, if there are several
        #[arg(long, value_name = "NAME")]
        site: Option<String>,
    },
}

impl Webhooks {
    pub(super) fn run(self, common: &Common) -> Result<(), Failed> {
        block(async {
            let room = Room::open(common).await?;
            match self {
                Self::List { site, limit, json } => list(&room, site.as_deref(), limit, json).await,
                Self::Secret { site } => {
                    let site = room.site(site.as_deref()).await?.id;
                    out::line(webhook_secret(room.house(), site).reveal_text().unwrap_or_default());
                    Ok(())
                }
            }
        })
    }
}

async fn list(room: &Room, site: Option<&str>, limit: u32, json: bool) -> Result<(), Failed> {
    let site = room.site(site).await?.id;
    let errands = room.house().look(move |desk| desk.errands(&ErrandQuery { site: Some(site), limit, ..ErrandQuery::default() })).await?;
    if json {
        out::json(&errands.iter().map(object).collect());
        return Ok(());
    }
    let row = |errand: &Errand| {
        [
            errand.id.to_string(),
            errand.made.iso(),
            event(errand),
            errand.standing.word().to_owned(),
            errand.tries.to_string(),
            errand.heard.clone(),
            errand.due.iso(),
        ]
    };
    let rows: Vec<_> = errands.iter().map(row).collect();
    out::table(["id", "made", "event", "standing", "tries", "heard", "tried or due"], &rows, "No webhooks.");
    Ok(())
}

fn event(errand: &Errand) -> String {
    let about: Value = serde_json::from_str(&errand.about).unwrap_or_default();
    about.get("event").and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn object(errand: &Errand) -> Value {
    json!({
        "id": errand.id, "event": event(errand), "target": errand.target, "made": errand.made.iso(), "standing": errand.standing.word(),
        "tries": errand.tries, "heard": errand.heard, "due": errand.due.iso()
    })
}

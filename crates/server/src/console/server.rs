//! What only the server can do for its console: rules, explanations, sites, imports, settings, the live view.

use std::sync::{Arc, Mutex, PoisonError};

use doorward_console::answer::Pieces;
use doorward_console::behind::{Behind, Document, Listener, RulesEdit, SiteEdit, Stopped};
use doorward_core::call::{Call, Client};
use doorward_core::flow::admin::has_owner;
use doorward_core::house::House;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::refusal::Fault;
use doorward_core::site::SiteId;
use doorward_web::Source;
use serde_json::{Value, json};

use super::reports;
use crate::bundle::{self, Bundle, Mode, Terms, endpoints_of, format};
use crate::live::Live;
use crate::reception::Reception;
use crate::rules::admin::{Asked, explained};
use crate::rules::{self, Editor, Rules};

/// What only the server can do.
pub struct Server {
    /// The house.
    pub house: Arc<House>,
    /// Who answers requests.
    pub reception: Arc<Reception>,
    /// Time and randomness.
    pub source: Arc<dyn Source>,
    /// The live view.
    pub live: Arc<Live>,
    /// Every setting, as it is shown.
    pub settings: Value,
    /// Where sites answer.
    pub listener: Listener,
}

impl Behind for Server {
    fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    fn listener(&self) -> Listener {
        self.listener
    }

    fn rules<'a>(&'a self, site: &'a str) -> BoxFuture<'a, Result<Document, Stopped>> {
        Box::pin(async move {
            let name = site.to_owned();
            let row = self.house.look(move |desk| Ok(desk.sites()?.into_iter().find(|row| row.name == name))).await?;
            Ok(document(&Rules::warned(&row.ok_or(Stopped::NoSite)?)))
        })
    }

    fn put_rules<'a>(&'a self, call: &'a Call, edit: RulesEdit<'a>) -> BoxFuture<'a, Result<Document, Stopped>> {
        Box::pin(async move {
            let wanted = endpoints_of(edit.endpoints, "endpoints").map_err(problem)?;
            let editor = Editor { call, account: None, action: "console.rules.put", seen: edit.seen };
            let put = rules::edit(&self.house, edit.site, editor, move |endpoints| {
                *endpoints = wanted;
                Ok(())
            });
            put.await.map(|rules| document(&rules)).map_err(by_rules)
        })
    }

    fn check_rules<'a>(&'a self, site: &'a str, endpoints: Value) -> BoxFuture<'a, Result<(), Stopped>> {
        Box::pin(async move {
            let endpoints = endpoints_of(endpoints, "endpoints").map_err(problem)?;
            let all = vec![Rules { site: site.to_owned(), endpoints, warnings: Vec::new() }];
            rules::check(&self.house, all, Some("endpoints")).await.map(|_| ()).map_err(by_rules)
        })
    }

    fn explain<'a>(&'a self, site: &'a str, mut question: Value) -> BoxFuture<'a, Result<Value, Stopped>> {
        Box::pin(async move {
            if let Value::Object(map) = &mut question {
                map.insert("site".into(), site.into());
                // Forms send what was not filled in as nothing.
                map.retain(|_, value| !value.is_null());
            }
            let asked: Asked = serde_path_to_error::deserialize(question).map_err(|e| {
                let place = e.path().to_string();
                Stopped::Problem { place, text: e.into_inner().to_string() }
            })?;
            explained(&self.house, &self.reception, asked).await.map_err(|why| match why {
                None => Stopped::NoSite,
                Some(text) => Stopped::Problem { place: "path".into(), text: text.into() },
            })
        })
    }

    fn put_site<'a>(&'a self, call: &'a Call, edit: SiteEdit) -> BoxFuture<'a, Result<Vec<String>, Stopped>> {
        Box::pin(async move {
            let SiteEdit { site, condition, beside, action, detail } = edit;
            let site: format::Site = serde_path_to_error::deserialize(site).map_err(|e| {
                let place = e.path().to_string();
                Stopped::Problem { place, text: e.into_inner().to_string() }
            })?;
            let name = site.name.clone();
            let slot = Arc::new(Mutex::new(None));
            let stop = |slot: &Arc<Mutex<Option<Stopped>>>| {
                let slot = Arc::clone(slot);
                move |stopped| {
                    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(stopped);
                    bundle::Stopped::Kept("condition")
                }
            };
            let (stopped_before, stopped_after, same) = (stop(&slot), stop(&slot), name.clone());
            let before: bundle::Condition = Box::new(move |desk| {
                let row = desk.sites()?.into_iter().find(|row| row.name == name);
                condition(row.as_ref()).map_err(stopped_before)
            });
            let after: bundle::Condition = Box::new(move |desk| match desk.sites()?.into_iter().find(|row| row.name == same) {
                Some(row) => beside(desk, row.id).map_err(stopped_after),
                None => Err(stopped_after(Stopped::NoSite)),
            });
            let terms = Terms { before: Some(before), after: Some(after), detail: Some(detail) };
            let bundle = Bundle { doorward_bundle: format::VERSION, without_secrets: false, sites: vec![site] };
            let done = bundle::import_on(&self.house, self.again(call), bundle, Mode::Write(action), terms).await;
            if let Some(stopped) = slot.lock().unwrap_or_else(PoisonError::into_inner).take() {
                return Err(stopped);
            }
            done.map(|report| report.warnings).map_err(by_bundle).map_err(alone)
        })
    }

    fn import<'a>(&'a self, call: &'a Call, bundle: &'a [u8], only_tried: bool) -> BoxFuture<'a, Result<Value, Stopped>> {
        Box::pin(async move {
            let at = |place: &str, text: &str| Stopped::Problem { place: place.into(), text: text.into() };
            let text = std::str::from_utf8(bundle).map_err(|_| at("the bundle", "is no UTF-8"))?;
            let bundle = bundle::read(text).map_err(problem)?;
            let mode = if only_tried { Mode::DryRun } else { Mode::Write("console.import") };
            // Whoever imports came in as an owner, so there was one.
            let after: bundle::Condition =
                Box::new(|desk| if has_owner(desk)? { Ok(()) } else { Err(bundle::Stopped::Kept("last_owner")) });
            let terms = Terms { after: Some(after), ..Terms::default() };
            let report = bundle::import_on(&self.house, self.again(call), bundle, mode, terms).await.map_err(by_bundle)?;
            let id = call.request_id.as_str().to_owned();
            let told = json!({"id": id, "at": call.now.iso(), "dry_run": only_tried, "report": report.json()});
            // The import itself is written: that its report is not, is told in the log alone.
            if let Err(fault) = reports::keep(&self.house, &id, told.clone(), call.now).await {
                tracing::error!(%fault, "the report of an import was not kept");
            }
            Ok(told)
        })
    }

    fn imports(&self) -> BoxFuture<'_, Result<Vec<Value>, Fault>> {
        Box::pin(reports::all(&self.house))
    }

    fn imported<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Value>, Fault>> {
        Box::pin(reports::find(&self.house, id))
    }

    fn settings(&self) -> Value {
        self.settings.clone()
    }

    fn live(&self, site: Option<SiteId>) -> Pieces {
        Box::pin(self.live.watch(site))
    }
}

impl Server {
    /// A call of the same request for a job that must own one.
    fn again(&self, call: &Call) -> Call {
        let client = Client { address: call.client.address, agent: call.client.agent.clone() };
        Call { now: call.now, dice: self.source.dice(), client, request_id: call.request_id, actor: call.actor }
    }
}

fn document(rules: &Rules) -> Document {
    Document { value: rules.json(), mark: rules.mark() }
}

fn problem(problem: bundle::Problem) -> Stopped {
    Stopped::Problem { place: problem.path, text: problem.text }
}

fn by_rules(stopped: rules::Stopped) -> Stopped {
    match stopped {
        rules::Stopped::NoSite(_) => Stopped::NoSite,
        rules::Stopped::Changed => Stopped::Changed,
        rules::Stopped::Problem(found) => problem(found),
        rules::Stopped::Fault(fault) => Stopped::Fault(fault),
    }
}

fn by_bundle(stopped: bundle::Stopped) -> Stopped {
    match stopped {
        bundle::Stopped::Problem(found) => problem(found),
        bundle::Stopped::Kept("last_owner") => Stopped::LastOwner,
        bundle::Stopped::Kept(_) => Stopped::Changed,
        bundle::Stopped::Fault(fault) => Stopped::Fault(fault),
    }
}

/// Whoever edits one site did not write a bundle.
fn alone(stopped: Stopped) -> Stopped {
    match stopped {
        Stopped::Problem { place, text } => {
            let place = place.strip_prefix("sites[0].").or_else(|| place.strip_prefix("sites[0]")).unwrap_or(&place);
            Stopped::Problem { place: if place.is_empty() { "site".into() } else { place.to_owned() }, text }
        }
        other @ (Stopped::NoSite | Stopped::Changed | Stopped::LastOwner | Stopped::Refused(_) | Stopped::Fault(_)) => other,
    }
}

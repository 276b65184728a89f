//! What a framework in front of an endpoint adds: a route in a posted form, languages that look at every call, and the last
//! touch on an answer.

use std::sync::Arc;

use bytes::Bytes;
use doorward_core::refusal::{No, Refusal};
use doorward_gateway::guard::Witness;
use doorward_gateway::guise::Arrival;
use doorward_web::body::{BODY_LIMIT, collect};
use doorward_web::{Dialect, Seen, Unread};

use super::{Endpoint, Reception, Visit};

/// A body: still arriving, or read already.
pub(super) enum Sent {
    Arriving(Arrival),
    Read(Bytes),
}

/// A form whose route cannot be followed.
pub(super) struct Misrouted {
    pub(super) visit: Visit,
    pub(super) dialect: Arc<dyn Dialect>,
    pub(super) refusal: Refusal,
}

impl Reception {
    /// Reads the form that is posted to the front page of a framed site, and goes where its `rest_route` says.
    pub(super) async fn routed_by_form(&self, mut visit: Visit, body: Sent) -> Result<(Visit, Sent), Misrouted> {
        let Some(dialect) = self.framed(&visit).filter(|_| is_front_form(&visit)).map(Arc::clone) else {
            return Ok((visit, body));
        };
        let read = match body {
            Sent::Arriving(body) => collect(body, BODY_LIMIT, self.body_time).await,
            Sent::Read(raw) => Ok(raw),
        };
        let raw = match read {
            Ok(raw) => raw,
            Err(refusal) => return Err(Misrouted { visit, dialect, refusal }),
        };
        let route = match dialect.read(&visit.view, &visit.head, raw.clone()).await {
            Ok(fields) => fields.value("rest_route").and_then(|v| v.as_str()).map(str::to_owned),
            Err(Unread::Refused(_) | Unread::Answered(_)) => None,
        };
        if let Some(route) = route.filter(|r| !r.is_empty()) {
            let mut head = (*visit.head).clone();
            match head.target.with_rest_route(&route) {
                Ok(target) => head.target = target,
                Err(_) => return Err(Misrouted { visit, dialect, refusal: Refusal::Invalid("rest_route") }),
            }
            visit.head = Arc::new(head);
        }
        Ok((visit, Sent::Read(raw)))
    }

    /// The first of the site's languages that lives in a framework.
    fn framed(&self, visit: &Visit) -> Option<&Arc<dyn Dialect>> {
        let mut spoken = visit.view.dialects().filter_map(|s| self.guard.by_name(s.profile.name()));
        spoken.find(|dialect| dialect.framed(&visit.view))
    }

    /// Asks the languages that look at every call of the site; the first that refuses answers. What one guards holds for what another
    /// says of its endpoints; for these themselves it is asked when their body was read.
    pub(super) async fn watched(&self, visit: &Visit, endpoint: &Endpoint, witness: Option<&Witness>) -> Option<(Arc<dyn Dialect>, No)> {
        let (head, now, client) = (&*visit.head, visit.call.now, &visit.call.client);
        let guarded = matches!(endpoint, Endpoint::Elsewhere);
        let seen = Seen { house: &self.house, view: &visit.view, head, now, client, guarded, asks: witness.is_some() };
        let spoken = || visit.view.dialects().filter_map(|s| self.guard.by_name(s.profile.name()));
        // Who joins the others comes after them.
        let joins = |dialect: &&Arc<dyn Dialect>| dialect.joins(&visit.view, &head.target.path);
        for dialect in spoken().filter(|d| !joins(d)).chain(spoken().filter(joins)) {
            let Some(watch) = dialect.watch(seen) else { continue };
            let outcome = watch.await;
            if let Some(witness) = witness {
                witness.watched(dialect.name(), &outcome);
            }
            if let Err(no) = outcome {
                return Some((Arc::clone(dialect), no));
            }
        }
        match endpoint {
            Endpoint::Preflight(_) | Endpoint::Refused(..) => Box::pin(self.by_others(visit, witness)).await,
            Endpoint::Own(..) | Endpoint::Elsewhere => None,
        }
    }
}

/// True for a form that is posted to the front page.
fn is_front_form(visit: &Visit) -> bool {
    let target = &visit.head.target;
    let front = target.rest_route || target.path == "/" || target.path == "/index.php";
    let kind = visit.head.content_type().unwrap_or_default().trim_start().to_ascii_lowercase();
    let form = kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/form-data");
    visit.head.method == http::Method::POST && front && form
}

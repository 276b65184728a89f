//! A language's own endpoint: read the body, ask the handler, say no in its words.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use doorward_core::meter::Came;
use doorward_core::refusal::{Fault, No};
use doorward_gateway::guard::Witness;
use doorward_gateway::{Denial, Gate};
use doorward_web::body::{BODY_LIMIT, collect};
use doorward_web::{Ask, Dialect, Fields, Reply, Route, Unread};

use super::guarded::asked_of;
use super::{Reception, Sent, Visit};

/// How long an endpoint may take, its body apart: hashing queues and stores have shorter limits of their own.
const PATIENCE: Duration = Duration::from_secs(30);

impl Reception {
    pub(super) async fn endpoint(
        &self,
        visit: Visit,
        dialect: &Arc<dyn Dialect>,
        route: &'static Route,
        values: Vec<String>,
        body: Sent,
    ) -> Reply {
        let mut gate = Gate::default();
        let mut reply = self.endpoint_behind(&mut gate, visit, dialect, route, values, body).await;
        gate.tally.tell(&mut reply.headers);
        reply
    }

    /// The site's rules come before the endpoint.
    async fn endpoint_behind(
        &self,
        gate: &mut Gate,
        visit: Visit,
        dialect: &Arc<dyn Dialect>,
        route: &'static Route,
        values: Vec<String>,
        body: Sent,
    ) -> Reply {
        let (raw_body, fields) = match self.behind_rules(gate, &visit, dialect, body, None).await {
            Ok(read) => read,
            Err(Turned::ByRules(no)) => return self.turn_away(&visit, dialect, route, no),
            Err(Turned::ByOthers(no, other)) => return self.turn_away_as(&visit, &other, route.action, no),
            Err(Turned::Unread(Unread::Refused(refusal))) => return self.refuse(&visit, Some(dialect), route.action, &refusal, true),
            Err(Turned::Unread(Unread::Answered(reply))) => return self.written(&visit, dialect, route.action, *reply),
        };
        let Some(handler) = route.handler else {
            let fault = Fault::new("a route without a handler was asked for one");
            return self.broken(&visit, Some(dialect), route.action, &fault, true);
        };
        // The handler owns the call; what a refusal needs of it is kept.
        let (request_id, now, client) = (visit.call.request_id, visit.call.now, visit.call.client.clone());
        let ask = Ask {
            house: Arc::clone(&self.house),
            view: Arc::clone(&visit.view),
            call: visit.call,
            head: Arc::clone(&visit.head),
            fields,
            values,
            raw_body,
        };
        let outcome = tokio::time::timeout(PATIENCE, handler(ask)).await;
        let outcome = outcome.unwrap_or_else(|_| Err(No::Broken(Fault::new("the endpoint took too long"))));
        let call = doorward_core::call::Call { now, dice: self.source.dice(), client, request_id, actor: None };
        let visit = Visit { call, head: visit.head, view: visit.view, secure: visit.secure, counted: visit.counted, fields: visit.fields };
        match outcome {
            Ok(reply) => self.written(&visit, dialect, route.action, reply),
            Err(no) => self.say_no(&visit, Some(dialect), route.action, no, true),
        }
    }

    /// An answer that the language wrote, a refusal in words of its own among them: counted, and given the last touch.
    fn written(&self, visit: &Visit, dialect: &Arc<dyn Dialect>, action: &'static str, reply: Reply) -> Reply {
        match reply.refused {
            None => {
                self.metrics.granted(action);
                visit.view.meter().count(Came::Answered);
            }
            Some(reason) => {
                self.metrics.refused(reason);
                visit.view.meter().count(Came::Refused(reason));
                let request = visit.call.request_id.as_str();
                tracing::debug!(request, site = visit.view.site.name.as_str(), action, reason, "refused");
            }
        }
        dialect.finish(&visit.view, &visit.head, reply)
    }

    /// What the site's rules let through to an endpoint: its body and fields.
    pub(super) async fn behind_rules(
        &self,
        gate: &mut Gate,
        visit: &Visit,
        dialect: &Arc<dyn Dialect>,
        body: Sent,
        witness: Option<&Witness>,
    ) -> Result<(Bytes, Fields), Turned> {
        let none = Fields::default();
        self.guard.before_own(asked_of(visit, &none, witness), gate).await.map_err(Turned::ByRules)?;
        let raw = match body {
            Sent::Arriving(body) => {
                collect(body, BODY_LIMIT, self.body_time).await.map_err(|refusal| Turned::Unread(Unread::Refused(refusal)))?
            }
            Sent::Read(raw) => raw,
        };
        let fields = dialect.read(&visit.view, &visit.head, raw.clone()).await.map_err(Turned::Unread)?;
        match self.guard.by_own(asked_of(visit, &fields, witness), dialect, gate).await {
            Ok(()) => Ok((raw, fields)),
            Err(Denial { no, by }) => {
                // Whose words it is answered in may depend on what was read.
                let _ = visit.fields.set(fields);
                Err(match by {
                    None => Turned::ByRules(no),
                    Some(other) => Turned::ByOthers(no, other),
                })
            }
        }
    }

    /// What other plugins of its application refuse of a request for what a language has, but is no endpoint; and in whose words.
    pub(super) async fn by_others(&self, visit: &Visit, witness: Option<&Witness>) -> Option<(Arc<dyn Dialect>, No)> {
        let fields = Fields::new(serde_json::Map::new(), &visit.head.target.query);
        let asked = asked_of(visit, &fields, witness);
        let dialect = self.guard.joining(asked).filter(|_| visit.head.method != http::Method::OPTIONS)?;
        let Denial { no, by } = self.guard.by_others(asked, dialect).await.err()?;
        Some((by.unwrap_or_else(|| Arc::clone(dialect)), no))
    }

    /// A no of what another language guards, in its words.
    fn turn_away_as(&self, visit: &Visit, dialect: &Arc<dyn Dialect>, action: &'static str, no: No) -> Reply {
        self.gather(visit, action, &no);
        self.say_no(visit, Some(dialect), action, no, false)
    }

    /// A no of the site's rules: no flow has remembered it.
    fn turn_away(&self, visit: &Visit, dialect: &Arc<dyn Dialect>, route: &'static Route, no: No) -> Reply {
        self.gather(visit, route.action, &no);
        self.say_no(visit, Some(dialect), route.action, no, true)
    }
}

/// Why a request does not reach an endpoint.
pub(super) enum Turned {
    /// The site's rules say so.
    ByRules(No),
    /// Another plugin guards it as well, and has words of its own.
    ByOthers(No, Arc<dyn Dialect>),
    /// Its body cannot be read.
    Unread(Unread),
}

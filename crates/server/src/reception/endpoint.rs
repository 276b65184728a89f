//! A language's own endpoint: read the body, ask the handler, say no in its words.

use std::sync::Arc;
use std::time::Duration;

use doorward_core::refusal::{Fault, No};
use doorward_gateway::Gate;
use doorward_gateway::guard::Asked;
use doorward_web::body::{BODY_LIMIT, collect};
use doorward_web::{Ask, Dialect, Fields, Reply, Route, Unread};

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
        let none = Fields::default();
        if let Err(no) = self.guard.before_own(asked(&visit, &none), gate).await {
            return self.turn_away(&visit, dialect, route, no);
        }
        let read = async {
            let raw = match body {
                Sent::Arriving(body) => collect(body, BODY_LIMIT, self.body_time).await.map_err(Unread::Refused)?,
                Sent::Read(raw) => raw,
            };
            dialect.read(&visit.view, &visit.head, raw.clone()).await.map(|fields| (raw, fields))
        };
        let (raw_body, fields) = match read.await {
            Ok(read) => read,
            Err(Unread::Refused(refusal)) => return self.refuse(&visit, Some(dialect), route.action, &refusal, true),
            Err(Unread::Answered(reply)) => return self.written(&visit, dialect, route.action, *reply),
        };
        if let Err(no) = self.guard.by_own(asked(&visit, &fields), dialect, gate).await {
            return self.turn_away(&visit, dialect, route, no);
        }
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
        let call = doorward_core::call::Call { now, dice: self.source.dice(), client, request_id };
        let visit = Visit { call, head: visit.head, view: visit.view, secure: visit.secure };
        match outcome {
            Ok(reply) => self.written(&visit, dialect, route.action, reply),
            Err(no) => self.say_no(&visit, Some(dialect), route.action, no, true),
        }
    }

    /// An answer that the language wrote, a refusal in words of its own among them: counted, and given the last touch.
    fn written(&self, visit: &Visit, dialect: &Arc<dyn Dialect>, action: &'static str, reply: Reply) -> Reply {
        match reply.refused {
            None => self.metrics.granted(action),
            Some(reason) => {
                self.metrics.refused(reason);
                let request = visit.call.request_id.as_str();
                tracing::debug!(request, site = visit.view.site.name.as_str(), action, reason, "refused");
            }
        }
        dialect.finish(&visit.view, &visit.head, reply)
    }

    /// A no of the site's rules: no flow has remembered it.
    fn turn_away(&self, visit: &Visit, dialect: &Arc<dyn Dialect>, route: &'static Route, no: No) -> Reply {
        self.gather(visit, route.action, &no);
        self.say_no(visit, Some(dialect), route.action, no, true)
    }
}

fn asked<'a>(visit: &'a Visit, fields: &'a Fields) -> Asked<'a> {
    Asked { view: &visit.view, head: &visit.head, fields, now: visit.call.now, client: &visit.call.client }
}

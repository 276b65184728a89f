//! Explain: what would be decided of a request, and why. The decision is the one that requests of clients get, with a witness
//! beside it; nothing is sent on, counted, charged or remembered.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::refusal::{No, Refusal};
use doorward_gateway::guard::{Action, Checked, RuleSeen, Seen, Witness};
use doorward_gateway::guise::Arrival;
use doorward_gateway::{Door, Gate, identity};
use doorward_web::client_addr::TrustedProxies;
use doorward_web::reply::vary;
use doorward_web::{Dialect, Head, Reply, Unread, cors, incoming};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use serde_json::{Map, Value, json};

use super::endpoint::Turned;
use super::front::{Misrouted, Sent};
use super::guarded::{Decided, Onward, preflight};
use super::{CloneOrigin, Endpoint, Reception, Visit, ambiguous, no_site, operator, stamp};

/// A request that nobody sent.
#[derive(Clone, Debug)]
pub struct Question {
    /// Its method.
    pub method: Method,
    /// Its target: path and query.
    pub target: Uri,
    /// Its headers, `Host` among them.
    pub headers: HeaderMap,
    /// Its body.
    pub body: Bytes,
    /// From which address it would come.
    pub address: IpAddr,
    /// True if a password may be weighed: a wrong one is charged to the counters of wrong tries.
    pub weighs: bool,
}

/// What would become of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// It would be passed on: where to, the request line's target, and what the upstream would be told of the caller.
    Through {
        /// The site's upstream.
        upstream: String,
        /// Path and query as they would be sent.
        target: String,
        /// The identity headers.
        told: HeaderMap,
        /// The body, if it would be read here first.
        body: Option<Bytes>,
    },
    /// It would be refused for this reason.
    Refused(&'static str),
    /// Doorward answers it itself: an endpoint of this action, which is not run here.
    Endpoint(&'static str),
    /// Doorward answers it itself, without asking any rule.
    Answered,
    /// A password would be weighed, and nobody asked for that.
    Unweighed,
    /// Something of ours would break.
    Broken,
}

/// What would be decided, and why.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// The site whose rules are asked; `None` if there is none.
    pub site: Option<String>,
    /// The language that owns the path, if one does.
    pub dialect: Option<&'static str>,
    /// The action's name.
    pub action: String,
    /// The rule that decided.
    pub rule: Option<RuleSeen>,
    /// What would become of the request.
    pub came: Came,
    /// What was looked at, in order.
    pub seen: Vec<Seen>,
    /// The answer, if it is known without asking the upstream.
    pub answer: Option<Reply>,
}

impl Explanation {
    fn new(view: Option<&str>, action: &str, came: Came, answer: Option<Reply>) -> Self {
        let (site, action) = (view.map(str::to_owned), action.to_owned());
        Self { site, dialect: None, action, rule: None, came, seen: Vec::new(), answer }
    }

    /// The stable word of what would become of it.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self.came {
            Came::Through { .. } => "passes",
            Came::Refused(_) => "refused",
            Came::Endpoint(_) | Came::Answered => "answered",
            Came::Unweighed => "unweighed",
            Came::Broken => "broken",
        }
    }

    /// The reason id, if it would be refused.
    #[must_use]
    pub fn reason(&self) -> Option<&'static str> {
        if let Came::Refused(reason) = self.came { Some(reason) } else { None }
    }

    /// The same as JSON.
    #[must_use]
    pub fn json(&self) -> Value {
        let through = match &self.came {
            Came::Through { upstream, target, told, body } => json!({
                "url": format!("{}{target}", upstream.trim_end_matches('/')),
                "told": headers(told),
                "body_read": body.is_some(),
            }),
            Came::Refused(_) | Came::Endpoint(_) | Came::Answered | Came::Unweighed | Came::Broken => Value::Null,
        };
        let answer = self.answer.as_ref().map(|reply| {
            let text = String::from_utf8_lossy(&reply.body);
            json!({"status": reply.status.as_u16(), "headers": headers(&reply.headers), "body": text})
        });
        json!({
            "outcome": self.word(),
            "reason": self.reason(),
            "site": self.site,
            "dialect": self.dialect,
            "action": self.action,
            "rule": self.rule.as_ref().map(rule),
            "checks": self.seen.iter().map(seen).collect::<Vec<_>>(),
            "upstream": through,
            "answer": answer,
        })
    }
}

fn headers(map: &HeaderMap) -> Value {
    let text = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes())));
    Value::Object(map.iter().map(text).collect::<Map<_, _>>())
}

fn rule(rule: &RuleSeen) -> Value {
    json!({"site": rule.site, "of": rule.dialect.unwrap_or("site"), "number": rule.number, "action": rule.action, "path": rule.path})
}

fn seen(seen: &Seen) -> Value {
    match seen {
        Seen::Rule(found) => json!({"rule": rule(found)}),
        Seen::Check(check, about, checked) => {
            let (result, reason) = match checked {
                Checked::Passed => ("passed", None),
                Checked::Refused(reason) => ("refused", Some(*reason)),
                Checked::Absent => ("absent", None),
                Checked::Unweighed => ("unweighed", None),
                Checked::Broken => ("broken", None),
            };
            json!({"check": check, "about": about, "result": result, "reason": reason})
        }
    }
}

impl Reception {
    /// What would be decided of a request. Spends nothing, unless the question lets a password be weighed.
    pub async fn explain(&self, question: Question) -> Explanation {
        let Question { method, target, headers, body, address, weighs } = question;
        if operator::is_own(target.path()) || Door::at(target.path()).is_some() {
            return Explanation::new(None, "server", Came::Answered, None);
        }
        let mut request = Request::new(());
        (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, target, headers);
        let (parts, ()) = request.into_parts();
        let origin = parts.headers.clone_origin();
        // The address is the client's own: no proxy's word is needed for it.
        let call = incoming::call(self.source.as_ref(), &TrustedProxies::default(), address, &parts.headers);
        let id = call.request_id;
        let Ok(head) = Head::read(parts) else {
            let mut reply = ambiguous();
            finish(&mut reply, None, &origin, id.as_str());
            return Explanation::new(None, "target", Came::Refused("ambiguous_target"), Some(reply));
        };
        let Ok(visit) = self.visit(head, call) else {
            let mut reply = no_site();
            finish(&mut reply, None, &origin, id.as_str());
            return Explanation::new(None, "site", Came::Refused("no_site"), Some(reply));
        };
        let witness = if weighs { Witness::weighing() } else { Witness::default() };
        let (visit, mut told) = match self.routed_by_form(visit, Sent::Arriving(Arrival::Told(body))).await {
            Ok((visit, body)) => {
                let told = self.explain_at(&visit, body, &witness).await;
                (visit, told)
            }
            Err(Misrouted { visit, dialect, refusal }) => {
                let told = refused(&visit, &dialect, "route", refusal.into(), false);
                (visit, told)
            }
        };
        told.seen = witness.seen();
        if witness.is_unweighed() {
            (told.came, told.answer) = (Came::Unweighed, None);
        }
        if let Some(reply) = &mut told.answer {
            finish(reply, Some(&visit), &origin, id.as_str());
        }
        told
    }

    async fn explain_at(&self, visit: &Visit, body: Sent, witness: &Witness) -> Explanation {
        let name = Some(visit.view.site.name.as_str());
        let endpoint = self.endpoint_of(&visit.view, &visit.head);
        if let Some((dialect, no)) = self.watched(visit, &endpoint, Some(witness)).await {
            return refused(visit, &dialect, "watch", no, false);
        }
        match endpoint {
            Endpoint::Preflight(reply) => Explanation::new(name, "preflight", Came::Answered, Some(reply)),
            Endpoint::Refused(dialect, refusal) => refused(visit, &dialect, "route", refusal.into(), true),
            Endpoint::Own(dialect, route, _) => {
                let mut gate = Gate::default();
                let behind = self.behind_rules(&mut gate, visit, &dialect, body, Some(witness)).await;
                let (came, answer) = match behind {
                    Ok(_) => (Came::Endpoint(route.action), None),
                    Err(turned) => {
                        let (came, mut reply) = match turned {
                            Turned::ByRules(by_rules) => no(visit, Some(&dialect), by_rules, true),
                            Turned::ByOthers(by_others, other) => no(visit, Some(&other), by_others, false),
                            Turned::Unread(Unread::Refused(refusal)) => no(visit, Some(&dialect), refusal.into(), true),
                            Turned::Unread(Unread::Answered(reply)) => {
                                let came = reply.refused.map_or(Came::Answered, Came::Refused);
                                (came, dialect.finish(&visit.view, &visit.head, *reply))
                            }
                        };
                        gate.tally.tell(&mut reply.headers);
                        vary(&mut reply.headers, dialect.varies(&visit.view));
                        (came, Some(reply))
                    }
                };
                Explanation { dialect: Some(dialect.name()), ..Explanation::new(name, route.action, came, answer) }
            }
            Endpoint::Elsewhere => {
                let Decided { owner, action, tally, varies, outcome, is_marked, .. } = self.decide(visit, body, Some(witness)).await;
                let (came, answer) = match outcome {
                    Ok(onward) => (through(onward), None),
                    Err(refused) => {
                        let (came, mut reply) = match preflight(visit, &refused, is_marked) {
                            Some(reply) => (Came::Answered, reply),
                            None => no(visit, owner.as_ref(), refused, false),
                        };
                        tally.tell(&mut reply.headers);
                        if let Some(names) = varies {
                            vary(&mut reply.headers, names);
                        }
                        (came, Some(reply))
                    }
                };
                let rule = match &action {
                    Action::Of(found) => Some(Witness::told(&visit.view, found)),
                    Action::Plain(_) => None,
                };
                let told = Explanation::new(name, &action, came, answer);
                Explanation { dialect: owner.map(|dialect| dialect.name()), rule, ..told }
            }
        }
    }
}

fn refused(visit: &Visit, dialect: &Arc<dyn Dialect>, action: &str, why: No, own: bool) -> Explanation {
    let (came, reply) = no(visit, Some(dialect), why, own);
    let told = Explanation::new(Some(&visit.view.site.name), action, came, Some(reply));
    Explanation { dialect: Some(dialect.name()), ..told }
}

fn no(visit: &Visit, dialect: Option<&Arc<dyn Dialect>>, no: No, own: bool) -> (Came, Reply) {
    match no {
        No::Refused(refusal) => (Came::Refused(Refusal::reason(&refusal)), visit.refusal(dialect, &refusal, own)),
        No::Broken(_) => (Came::Broken, visit.breakage(dialect, own)),
    }
}

fn through(onward: Onward) -> Came {
    let mut told = HeaderMap::new();
    identity::tell(&mut told, &onward.view, &onward.admission);
    let upstream = onward.view.site.upstream.clone().unwrap_or_default();
    Came::Through { upstream, target: onward.head.target.raw.clone(), told, body: onward.whole }
}

/// What every answer gets on its way out.
fn finish(reply: &mut Reply, visit: Option<&Visit>, origin: &HeaderMap, id: &str) {
    stamp(&mut reply.headers, id);
    cors::decorate(visit.map(|visit| &*visit.view), origin, &mut reply.headers);
}

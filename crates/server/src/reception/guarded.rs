//! What the languages guard: judged, and passed to the upstream or refused in the owner's words.

use std::sync::Arc;

use bytes::Bytes;
use doorward_core::house::entry;
use doorward_core::meter::{Came, Talker};
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::SiteView;
use doorward_gateway::guard::{Action, Admission, Asked, Judged, Place, Tally, Witness};
use doorward_gateway::guise::{Arrival, Beginning, Rest, Scanned};
use doorward_gateway::proxy::{Load, Passage};
use doorward_gateway::{Body, identity};
use doorward_web::body::{BODY_LIMIT, collect, decode};
use doorward_web::guise::Scanner;
use doorward_web::reply::vary;
use doorward_web::{Dialect, Fields, Head, Reply, cors, guise};
use http::{HeaderMap, HeaderValue, Response};

use super::{Reception, Sent, Visit, send};

/// A form that is looked through: all of it, or on its way, with what its beginning says.
enum Begun {
    Whole(Bytes),
    Passing(Scanned, guise::Guises),
}

/// What is decided of a request to something protected.
pub(super) struct Decided {
    /// The language in whose words a no is said.
    pub(super) owner: Option<Arc<dyn Dialect>>,
    /// What it was about.
    pub(super) action: Action,
    /// What rate limits have counted.
    pub(super) tally: Tally,
    /// The headers that the decision looked at.
    pub(super) varies: Option<HeaderValue>,
    /// What is passed on, or why not.
    pub(super) outcome: Result<Onward, No>,
    /// True if it is a decision of the rules, which is remembered.
    pub(super) is_marked: bool,
    /// What of the body was not read, to be taken off the wire before a no is said.
    rest: Option<Rest>,
}

/// A request that may pass.
pub(super) struct Onward {
    /// The site that it is for.
    pub(super) view: Arc<SiteView>,
    /// Whose it is.
    pub(super) admission: Admission,
    /// Its head, without credentials where the rule says so.
    pub(super) head: Arc<Head>,
    /// Its body, if it was read.
    pub(super) whole: Option<Bytes>,
    /// Its body, if it was not.
    body: Option<Arrival>,
    /// Its body, if its beginning was judged and the rest is looked through on its way.
    scanned: Option<Scanned>,
}

/// A framework answers preflights; where its site asks for more than it would, they are answered here.
pub(super) fn preflight(visit: &Visit, no: &No, is_marked: bool) -> Option<Reply> {
    let asks_first = visit.head.method == http::Method::OPTIONS && cors::is_preflight(&visit.head.headers);
    let is_shut = is_marked && asks_first && matches!(no, No::Refused(Refusal::NoCredential));
    is_shut.then(|| cors::options(&visit.head.method, &visit.head.headers, "").unwrap_or_else(|| Reply::empty(204)))
}

impl Reception {
    /// Judges a request to something protected and passes it on, or refuses; says what the decision looked at.
    pub(super) async fn guarded(&self, visit: Visit, body: Sent) -> Response<Body> {
        let Decided { owner, action, tally, varies, outcome, is_marked, rest } = self.decide(&visit, body, None).await;
        let mut answer = match outcome {
            Ok(onward) => self.pass_on(&visit, owner.as_ref(), &action, onward).await,
            Err(no) => match preflight(&visit, &no, is_marked) {
                Some(reply) => send(reply),
                None => {
                    self.drain(rest).await;
                    if is_marked {
                        self.gather(&visit, &action, &no);
                    }
                    send(self.say_no(&visit, owner.as_ref(), &action, no, false))
                }
            },
        };
        tally.tell(answer.headers_mut());
        if let Some(names) = varies {
            vary(answer.headers_mut(), names);
        }
        answer
    }

    /// The whole decision on a request to something protected: what would be passed on to where, or why not. Tells nobody.
    pub(super) async fn decide(&self, visit: &Visit, body: Sent, witness: Option<&Witness>) -> Decided {
        let (mut body, mut whole): (Option<Arrival>, Option<Bytes>) = match body {
            Sent::Arriving(body) => (Some(body), None),
            Sent::Read(raw) => (None, Some(raw)),
        };
        let mut fields = Fields::new(serde_json::Map::new(), &visit.head.target.query);
        let (mut guises, mut unreadable) = (None, None);
        let place = self.guard.place(&visit.view, &visit.head);
        let in_guise = self.guard.wants_guises(&visit.view, &visit.head, place);
        let looked = in_guise || self.guard.wants_body(&visit.view, &visit.head, place);
        let mut scanned = None;
        if let Some(scanner) = in_guise.then(|| self.guard.scanner(&visit.view, &visit.head, place)).flatten().filter(|_| whole.is_none()) {
            match self.begin(scanner, body.take()).await {
                Ok(Begun::Whole(raw)) => whole = Some(raw),
                Ok(Begun::Passing(opened, found)) => (scanned, guises) = (Some(opened), Some(found)),
                Err(refusal @ (Refusal::BodyTooLarge | Refusal::BodyTooSlow)) => {
                    let owner = place.owner.cloned();
                    let (action, tally) = (Action::Plain("guarded"), Tally::default());
                    return Decided { owner, action, tally, varies: None, outcome: Err(refusal.into()), is_marked: false, rest: None };
                }
                Err(refusal) => unreadable = Some(refusal),
            }
            if let Some(raw) = &whole
                && let Ok(read) = self.fields(visit, raw).await
            {
                fields = read;
            }
        } else if looked {
            match self.read(visit, body.take(), whole.take()).await {
                Ok((raw, read)) => (whole, fields) = (Some(raw), read),
                // A body that cannot be read shows no credential; the decision says whether one was needed. Too large and
                // too slow are said at once.
                Err((refusal @ (Refusal::BodyTooLarge | Refusal::BodyTooSlow), _)) => {
                    let owner = place.owner.cloned();
                    let (action, tally) = (Action::Plain("guarded"), Tally::default());
                    return Decided { owner, action, tally, varies: None, outcome: Err(refusal.into()), is_marked: false, rest: None };
                }
                Err((_, raw)) => whole = Some(raw),
            }
        }
        if let (true, Some(raw)) = (in_guise, &whole) {
            let one_type = visit.head.headers.get_all(http::header::CONTENT_TYPE).iter().nth(1).is_none();
            let read = guise::read(visit.head.content_type(), visit.head.content_encoding(), raw).await;
            match read.and_then(|found| if one_type { Ok(found) } else { Err(Refusal::MalformedBody) }) {
                Ok(found) => guises = Some(found),
                Err(refusal) => unreadable = Some(refusal),
            }
        }
        let Judged { owner, action, mut outcome, tally, strip } = self.judge(visit, place, &fields, guises.as_ref(), witness).await;
        if looked {
            let _ = visit.fields.set(fields);
        }
        // Somebody else may read what we cannot: nothing is passed on that could be another request.
        if let (Ok(_), Some(refusal)) = (&outcome, unreadable) {
            outcome = Err(refusal.into());
        }
        // What a field of it was judged by could say more further on, and nothing is cut out of what was not read.
        let unstripped = strip && scanned.is_some() && guises.as_ref().is_some_and(|found| *found != guise::Guises::default());
        if unstripped && outcome.is_ok() {
            outcome = Err(Refusal::BodyTooLarge.into());
        }
        let rest = scanned.as_ref().map(Scanned::rest);
        let varies = varies_by(visit, owner.as_ref(), &action);
        let is_marked = outcome.is_err();
        let outcome = outcome.and_then(|admission| {
            let view = match &admission {
                Admission::Known(pass) => Arc::clone(pass.site()),
                Admission::Anonymous => Arc::clone(&visit.view),
            };
            if view.site.upstream.is_none() {
                return Err(Refusal::NoRoute.into());
            }
            let mut head = Arc::clone(&visit.head);
            if strip {
                // Nothing is cut out of a body that the decision did not look into: it streams, or was at hand by chance.
                let read = if looked { whole.take() } else { None };
                let (stripped, left) = self.guard.without_credentials(&view, &head, read)?;
                (head, whole) = (Arc::new(stripped), if looked { left } else { whole });
            }
            Ok(Onward { view, admission, head, whole, body, scanned })
        });
        Decided { owner, action, tally, varies, outcome, is_marked, rest }
    }

    async fn pass_on(&self, visit: &Visit, owner: Option<&Arc<dyn Dialect>>, action: &str, onward: Onward) -> Response<Body> {
        self.metrics.passed_on.inc();
        self.through(&visit.view, &onward.admission);
        let Onward { view, admission, head, whole, body, scanned } = onward;
        let upstreams = view.site.upstream.as_deref().unwrap_or_default();
        let rest = scanned.as_ref().map(Scanned::rest);
        let load = match (scanned, whole, body) {
            (Some(scanned), ..) => Load::Scanned(scanned),
            (None, None, Some(Arrival::Wire(stream))) => Load::Stream(stream),
            (None, None, Some(Arrival::Told(raw))) => Load::Whole(raw),
            (None, whole, _) => Load::Whole(whole.unwrap_or_default()),
        };
        let tell = |headers: &mut HeaderMap| identity::tell(headers, &view, &admission);
        let passage = Passage { upstreams, head: &head, client: visit.call.client.address, secure: visit.secure, tell: &tell };
        match self.proxy.pass(passage, load).await {
            Ok(answer) => answer,
            Err(no) => {
                self.drain(rest).await;
                send(self.say_no(visit, owner, action, no, false))
            }
        }
    }

    /// Counts what is let through, and whose it is while somebody watches.
    pub(super) fn through(&self, view: &SiteView, admission: &Admission) {
        let meter = view.meter();
        meter.count(Came::Through);
        if self.house.is_watched()
            && let Admission::Known(pass) = admission
            && let Some(account) = pass.account().filter(|account| account.site == view.site.id)
        {
            meter.talk(Talker::Account(account.number));
        }
    }

    pub(super) async fn judge(
        &self,
        visit: &Visit,
        place: Place<'_>,
        fields: &Fields,
        guises: Option<&guise::Guises>,
        witness: Option<&Witness>,
    ) -> Judged {
        let asked = asked_of(visit, fields, witness);
        let none = guise::Guises::default();
        match guises {
            None if visit.head.target.aliases.is_empty() => self.guard.judge(asked, place).await,
            guises => Box::pin(self.guard.judge_guises(asked, place, guises.unwrap_or(&none))).await,
        }
    }

    async fn read(&self, visit: &Visit, body: Option<Arrival>, whole: Option<Bytes>) -> Result<(Bytes, Fields), (Refusal, Bytes)> {
        let raw = match (body, whole) {
            (_, Some(raw)) => raw,
            (Some(body), None) => collect(body, BODY_LIMIT, self.body_time).await.map_err(|refusal| (refusal, Bytes::new()))?,
            (None, None) => return Ok((Bytes::new(), Fields::default())),
        };
        let fields = self.fields(visit, &raw).await;
        fields.map(|fields| (raw.clone(), fields)).map_err(|refusal| (refusal, raw))
    }

    async fn fields(&self, visit: &Visit, raw: &Bytes) -> Result<Fields, Refusal> {
        let map = decode(visit.head.content_type(), visit.head.content_encoding(), raw.clone()).await;
        map.map(|map| Fields::new(map, &visit.head.target.query))
    }

    /// Reads a form that is only looked through for guises: all of it, or what is judged before the rest streams past.
    async fn begin(&self, scanner: Scanner, body: Option<Arrival>) -> Result<Begun, Refusal> {
        let Some(body) = body else { return Ok(Begun::Whole(Bytes::new())) };
        match Beginning::of(body, BODY_LIMIT, self.body_time).await? {
            Beginning::Whole(raw) => Ok(Begun::Whole(raw)),
            Beginning::Part(first, rest) => match Scanned::open(scanner, &first, rest) {
                Ok((scanned, guises)) => Ok(Begun::Passing(scanned, guises)),
                Err((refusal, rest)) => {
                    rest.drain(self.body_time).await;
                    Err(refusal)
                }
            },
        }
    }

    /// Takes some of a body that is not passed on off the wire, so that the client can read the answer.
    async fn drain(&self, rest: Option<Rest>) {
        if let Some(rest) = rest {
            rest.drain(self.body_time).await;
        }
    }

    /// Refused checks are gathered and written by the timer: the reading path writes nothing.
    pub(super) fn gather(&self, visit: &Visit, action: &str, no: &No) {
        let No::Refused(refusal) = no else { return };
        let mark = entry(&visit.call, Some(visit.view.site.id), None, action, Err(refusal.reason()), visit.head.method.as_str());
        self.house.memory().gather(mark);
    }
}

/// What is judged of a visit.
pub(super) fn asked_of<'a>(visit: &'a Visit, fields: &'a Fields, witness: Option<&'a Witness>) -> Asked<'a> {
    let Visit { call, head, view, counted, .. } = visit;
    Asked { view, head, fields, now: call.now, client: &call.client, counted, witness }
}

/// The headers that a decision looked at; `None` where nobody owns the path and no rule is there: then it looked at none.
pub(super) fn varies_by(visit: &Visit, owner: Option<&Arc<dyn Dialect>>, action: &str) -> Option<HeaderValue> {
    match owner {
        Some(dialect) => Some(dialect.varies(&visit.view)),
        None => (action != "no_rule").then(|| HeaderValue::from_static("Authorization")),
    }
}

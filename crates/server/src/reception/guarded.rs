//! What the languages guard: judged, and passed to the upstream or refused in the owner's words.

use std::sync::Arc;

use bytes::Bytes;
use doorward_core::house::entry;
use doorward_core::refusal::{No, Refusal};
use doorward_gateway::guard::{Admission, Asked, Judged};
use doorward_gateway::proxy::{Load, Passage};
use doorward_gateway::{Body, identity};
use doorward_web::body::{BODY_LIMIT, collect, decode};
use doorward_web::reply::vary;
use doorward_web::{Dialect, Fields, Reply, cors, guise};
use http::{HeaderMap, HeaderValue, Response};
use hyper::body::Incoming;

use super::{Reception, Sent, Visit, send};

impl Reception {
    /// Judges a request to something protected and passes it on, or refuses; says what the decision looked at.
    pub(super) async fn guarded(&self, visit: Visit, body: Sent) -> Response<Body> {
        let mut varies = None;
        let mut answer = self.judged(visit, body, &mut varies).await;
        if let Some(names) = varies {
            vary(answer.headers_mut(), names);
        }
        answer
    }

    async fn judged(&self, visit: Visit, body: Sent, varies: &mut Option<HeaderValue>) -> Response<Body> {
        let (mut body, mut whole): (Option<Incoming>, Option<Bytes>) = match body {
            Sent::Arriving(body) => (Some(body), None),
            Sent::Read(raw) => (None, Some(raw)),
        };
        let mut fields = Fields::new(serde_json::Map::new(), &visit.head.target.query);
        let (mut guises, mut unreadable) = (None, None);
        let in_guise = self.guard.wants_guises(&visit.view, &visit.head);
        if in_guise || self.guard.wants_body(&visit.view, &visit.head) {
            match self.read(&visit, body.take(), whole.take()).await {
                Ok((raw, read)) => (whole, fields) = (Some(raw), read),
                // A body that cannot be read shows no credential; the decision says whether one was needed. Too large and
                // too slow are said at once.
                Err((refusal @ (Refusal::BodyTooLarge | Refusal::BodyTooSlow), _)) => {
                    let owner = self.guard.owner(&visit.view, &visit.head.target.path).cloned();
                    return send(self.refuse(&visit, owner.as_ref(), "guarded", &refusal, false));
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
        let Judged { owner, action, mut outcome, tally, strip } = self.judge(&visit, &fields, guises.as_ref()).await;
        // Somebody else may read what we cannot: nothing is passed on that could be another request.
        if let (Ok(_), Some(refusal)) = (&outcome, unreadable) {
            outcome = Err(refusal.into());
        }
        *varies = varies_by(&visit, owner.as_ref(), &action);
        let admission = match outcome {
            Ok(admission) => admission,
            // A framework answers preflights; where its site asks for more than it would, they are answered here.
            Err(No::Refused(Refusal::NoCredential))
                if visit.head.method == http::Method::OPTIONS && cors::is_preflight(&visit.head.headers) =>
            {
                return send(cors::options(&visit.head.method, &visit.head.headers, "").unwrap_or_else(|| Reply::empty(204)));
            }
            Err(no) => {
                self.gather(&visit, &action, &no);
                let mut reply = self.say_no(&visit, owner.as_ref(), &action, no, false);
                tally.tell(&mut reply.headers);
                return send(reply);
            }
        };
        self.metrics.granted("guarded");
        let view = match &admission {
            Admission::Known(pass) => Arc::clone(pass.site()),
            Admission::Anonymous => Arc::clone(&visit.view),
        };
        let Some(upstreams) = view.site.upstream.as_deref() else {
            return send(self.refuse(&visit, owner.as_ref(), &action, &Refusal::NoRoute, false));
        };
        let mut head = Arc::clone(&visit.head);
        if strip {
            match self.guard.without_credentials(&view, &head, whole.take()) {
                Ok((stripped, left)) => (head, whole) = (Arc::new(stripped), left),
                Err(refusal) => return send(self.refuse(&visit, owner.as_ref(), &action, &refusal, false)),
            }
        }
        let load = match (whole, body) {
            (None, Some(stream)) => Load::Stream(stream),
            (whole, _) => Load::Whole(whole.unwrap_or_default()),
        };
        let tell = |headers: &mut HeaderMap| identity::tell(headers, &view, &admission);
        let passage = Passage { upstreams, head: &head, client: visit.call.client.address, secure: visit.secure, tell: &tell };
        match self.proxy.pass(passage, load).await {
            Ok(mut answer) => {
                tally.tell(answer.headers_mut());
                answer
            }
            Err(no) => send(self.say_no(&visit, owner.as_ref(), &action, no, false)),
        }
    }

    pub(super) async fn judge(&self, visit: &Visit, fields: &Fields, guises: Option<&guise::Guises>) -> Judged {
        let asked = Asked { view: &visit.view, head: &visit.head, fields, now: visit.call.now, client: &visit.call.client };
        let none = guise::Guises::default();
        match guises {
            None if visit.head.target.aliases.is_empty() => self.guard.judge(asked).await,
            guises => Box::pin(self.guard.judge_guises(asked, guises.unwrap_or(&none))).await,
        }
    }

    async fn read(&self, visit: &Visit, body: Option<Incoming>, whole: Option<Bytes>) -> Result<(Bytes, Fields), (Refusal, Bytes)> {
        let raw = match (body, whole) {
            (_, Some(raw)) => raw,
            (Some(body), None) => collect(body, BODY_LIMIT, self.body_time).await.map_err(|refusal| (refusal, Bytes::new()))?,
            (None, None) => return Ok((Bytes::new(), Fields::default())),
        };
        let map = decode(visit.head.content_type(), visit.head.content_encoding(), raw.clone()).await;
        map.map(|map| (raw.clone(), Fields::new(map, &visit.head.target.query))).map_err(|refusal| (refusal, raw))
    }

    /// Refused checks are gathered and written by the timer: the reading path writes nothing.
    pub(super) fn gather(&self, visit: &Visit, action: &str, no: &No) {
        let No::Refused(refusal) = no else { return };
        let mark = entry(&visit.call, Some(visit.view.site.id), None, action, Err(refusal.reason()), visit.head.method.as_str());
        self.house.memory().gather(mark);
    }
}

/// The headers that a decision looked at; `None` where nobody owns the path and no rule is there: then it looked at none.
pub(super) fn varies_by(visit: &Visit, owner: Option<&Arc<dyn Dialect>>, action: &str) -> Option<HeaderValue> {
    match owner {
        Some(dialect) => Some(dialect.varies(&visit.view)),
        None => (action != "no_rule").then(|| HeaderValue::from_static("Authorization")),
    }
}

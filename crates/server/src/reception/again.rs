//! What a proxy asks again: answered from what is remembered, where that still holds (`recall`), before anything is thought about.

use std::net::IpAddr;
use std::time::Instant;

use doorward_core::call::Call;
use doorward_gateway::guard::{Admission, Asked, Tally};
use doorward_gateway::{Body, Door, identity};
use doorward_web::{Fields, Head};
use http::request::Parts;
use http::{HeaderMap, Response};

use super::doors::{Inquiry, yes};
use super::recall::{Kept, Question};
use super::{CloneOrigin, Endpoint, Reception, took};

impl Reception {
    /// A proxy asks over HTTP: what was asked before is answered at once, the rest is to be thought about.
    pub(super) fn at_door(
        &self,
        door: Door,
        mut parts: Parts,
        mut call: Call,
        peer: IpAddr,
        started: Option<Instant>,
    ) -> Result<Response<Body>, Box<Inquiry>> {
        let question = self.recall.question(&self.house, door, peer, &parts);
        if let Some(answer) = self.as_before(door, question.as_ref(), &call, &parts.headers, started) {
            return Ok(answer);
        }
        if let Some(question) = &question
            && let Some(answer) = self.as_nearby(door, question, &mut call, &mut parts, started)
        {
            return Ok(answer);
        }
        let origin = parts.headers.clone_origin();
        let head = if self.proxies.may_ask(peer) { door.original(parts).ok() } else { None };
        // In a box: what is asked again is not to carry the size of what is asked for the first time.
        Err(Box::new(Inquiry { door, head, call, peer, origin, question, started }))
    }

    /// The yes to a question that was asked before, if it still holds.
    fn as_before(
        &self,
        door: Door,
        question: Option<&Question>,
        call: &Call,
        headers: &HeaderMap,
        started: Option<Instant>,
    ) -> Option<Response<Body>> {
        let kept = self.recall.word_for_word(&self.house, question?)?;
        self.once_more(door, kept, call, headers, started)
    }

    /// The yes to a question of which all but the path was asked before, if the path changes nothing and it still holds.
    fn as_nearby(
        &self,
        door: Door,
        question: &Question,
        call: &mut Call,
        parts: &mut Parts,
        started: Option<Instant>,
    ) -> Option<Response<Body>> {
        let kept = self.recall.but_for_the_path(&self.house, question)?;
        // Whoever asks, asks about the same client.
        call.client.address = kept.client();
        let head = kept.head(door.target(parts).ok()?, parts);
        let answer = self.is_nearby(&kept, call, &head).then(|| self.once_more(door, &kept, call, &head.headers, started)).flatten();
        if answer.is_some() {
            self.recall.keep_path(question, kept, &head.target.raw);
        }
        parts.headers = head.headers;
        answer
    }

    fn is_nearby(&self, kept: &Kept, call: &Call, head: &Head) -> bool {
        let (view, fields, counted) = (kept.view(), Fields::default(), Tally::default());
        let asked = Asked { view, head, fields: &fields, now: call.now, client: &call.client, counted: &counted, witness: None };
        let place = self.guard.place(view, head);
        self.guard.is_alike(asked, place, kept.plain()) && matches!(self.endpoint_of(view, head), Endpoint::Elsewhere)
    }

    fn once_more(&self, door: Door, kept: &Kept, call: &Call, headers: &HeaderMap, started: Option<Instant>) -> Option<Response<Body>> {
        let pass = kept.pass(&self.house, call.now)?;
        self.metrics.granted_checks.inc();
        self.metrics.recalled_checks.inc();
        let admission = Admission::Known(pass);
        self.through(kept.view(), &admission);
        let answer = yes(door, identity::answer(kept.view(), &admission, call.request_id.as_str()), headers, &[]);
        took(started, kept.view(), kept.client());
        Some(answer)
    }
}

//! How often: the rule's limits are charged, and the answer says what is left (`RateLimit`, `RateLimit-Policy`).

use std::fmt::Write;
use std::sync::Arc;

use doorward_core::flow::verify::Pass;
use doorward_core::limit::{CounterKey, Step, Whose};
use doorward_core::policy::{CompiledLimit, CompiledRule, Per};
use doorward_core::refusal::{No, Refusal};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::{Asked, Guard};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const STATE: HeaderName = HeaderName::from_static("ratelimit");

/// What the limits that a request came by have counted. Empty for almost all requests, and costs nothing then.
#[derive(Clone, Default)]
pub struct Tally(Vec<Counted>);

#[derive(Clone)]
struct Counted {
    rule: Arc<CompiledRule>,
    limit: usize,
    step: Step,
}

impl Tally {
    /// Writes what was counted, as draft-ietf-httpapi-ratelimit-headers has it: `"address";q=60;w=60` and
    /// `"address";r=59;t=1`. Those of an upstream stay beside ours.
    pub fn tell(&self, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        let (mut policy, mut state) = (String::new(), String::new());
        for Counted { rule, limit, step } in &self.0 {
            let CompiledLimit { label, limit, .. } = &rule.limits[*limit];
            let comma = if policy.is_empty() { "" } else { ", " };
            // Writing to a String does not fail.
            let _ = write!(policy, "{comma}\"{label}\";q={};w={}", limit.count, limit.period);
            let _ = write!(state, "{comma}\"{label}\";r={};t={}", step.remaining, step.whole_in);
        }
        for (name, text) in [(POLICY, policy), (STATE, state)] {
            if let Ok(value) = HeaderValue::from_str(&text) {
                headers.append(name, value);
            }
        }
    }

    /// True if nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn of(&self, id: u64) -> Option<&Counted> {
        self.0.iter().find(|counted| counted.rule.limits[counted.limit].id == id)
    }
}

impl Guard {
    /// Charges the limits that ask for nobody's name: by address and for the whole route. A request that is refused later
    /// has been counted here.
    pub(super) async fn count(&self, asked: Asked<'_>, found: &Arc<CompiledRule>, tally: &mut Tally) -> Result<(), No> {
        self.charge(asked, found, false, None, tally).await
    }

    /// Charges the limits of an account or a token.
    pub(super) async fn count_known(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        pass: Option<&Pass>,
        tally: &mut Tally,
    ) -> Result<(), No> {
        self.charge(asked, found, true, pass, tally).await
    }

    async fn charge(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        after_proof: bool,
        pass: Option<&Pass>,
        tally: &mut Tally,
    ) -> Result<(), No> {
        for (at, one) in found.limits.iter().enumerate().filter(|(_, one)| one.limit.per.needs_proof() == after_proof) {
            // A limit that two rules of a request share by its name counts the request once.
            if tally.of(one.id).is_some() {
                continue;
            }
            if let Some(before) = asked.counted.of(one.id) {
                tally.0.push(before.clone());
                continue;
            }
            let key = CounterKey { site: asked.view.site.id, limit: one.id, whose: whose(asked, one.limit.per, pass) };
            let counters = &self.house.terms().counters;
            let step = match asked.witness {
                None => counters.take(key, one.pace, asked.now).await?,
                Some(witness) => witness.counted(&one.label, counters.peek(key, one.pace, asked.now).await?),
            };
            tally.0.push(Counted { rule: Arc::clone(found), limit: at, step });
            if !step.granted {
                return Err(Refusal::RateLimited(step.wait).into());
            }
        }
        Ok(())
    }
}

/// Whose counter it is; see [`Per`] for who is counted as what.
fn whose(asked: Asked<'_>, per: Per, pass: Option<&Pass>) -> Whose {
    let address = || Whose::address(asked.client.address);
    let account = || pass.and_then(|pass| Some(Whose::Account(pass.site().site.id, pass.account()?.number)));
    let token = || {
        let pass = pass?;
        pass.api_token().map(Whose::ApiToken).or_else(|| pass.token().map(|(id, _)| Whose::Token(id.0)))
    };
    match per {
        Per::Address => address(),
        Per::Account => account().or_else(token).unwrap_or_else(address),
        Per::Token => token().or_else(account).unwrap_or_else(address),
        Per::Route => Whose::All,
    }
}

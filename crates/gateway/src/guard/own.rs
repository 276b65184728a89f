//! The languages' own endpoints (logins, refresh, revocation): which of the site's rules hold for them.
//!
//! Switch, hosts, addresses, methods and rate limits of whatever rule the path comes by. Ways, roles, scopes and level only
//! of a rule that names the endpoint itself (exactly or by a pattern): a prefix that asks for a token must not shut the
//! login below it, where tokens are got. What the endpoint asks for itself is asked besides.

use std::sync::Arc;

use doorward_core::policy::{CompiledRule, PathMatch, Verdict, Way};
use doorward_core::refusal::No;
use doorward_web::{Dialect, Fields};

use super::{Asked, Denial, Guard, Tally};

/// An own endpoint's request on its way through the site's rules.
#[derive(Default)]
pub struct Gate {
    rules: Vec<Arc<CompiledRule>>,
    /// What rate limits have counted.
    pub tally: Tally,
}

impl Guard {
    /// The checks that need neither body nor credential. Most sites have no rule here, and nothing is done.
    ///
    /// # Errors
    /// A refusal for the endpoint's language to word, or a fault.
    pub async fn before_own(&self, asked: Asked<'_>, gate: &mut Gate) -> Result<(), No> {
        let head = asked.head;
        let first = asked.view.rules().find(head.method.as_str(), &head.target.path, &head.host);
        let none = Fields::default();
        gate.rules = first.into_iter().chain(self.others(asked.view, None, head, &none)).cloned().collect();
        for found in &gate.rules {
            let before = found.before_all(asked.client.address);
            if let Some(witness) = asked.witness {
                witness.rule(asked.view, found);
                witness.before(asked.client.address, before.as_ref().err());
            }
            before?;
            self.count(asked, found, &mut gate.tally).await?;
        }
        Ok(())
    }

    /// The checks on who asks, once the body was read.
    ///
    /// # Errors
    /// A refusal for the endpoint's language to word, or a fault.
    pub async fn by_own(&self, asked: Asked<'_>, dialect: &Arc<dyn Dialect>, gate: &mut Gate) -> Result<(), Denial> {
        for found in &gate.rules {
            let named = found.rule.matching != PathMatch::Prefix;
            if named && !found.rule.ways.contains(&Way::None) {
                self.prove(asked, found, Verdict::Prove, Some(dialect), &mut gate.tally).await?;
            } else {
                self.count_known(asked, found, None, &mut gate.tally).await?;
            }
        }
        self.by_others(asked, dialect).await
    }
}

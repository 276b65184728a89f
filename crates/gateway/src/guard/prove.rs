//! One rule: its switch and addresses, how often, what is shown for its ways, and whether what was proven is enough.

use std::sync::Arc;

use doorward_core::account::Account;
use doorward_core::flow::verify::{Pass, Shown, verify};
use doorward_core::policy::{CompiledRule, Rule, Scopes, Stale, Verdict, Way, decide};
use doorward_core::refusal::{No, Refusal};
use doorward_web::Dialect;

use super::{Admission, Asked, Denial, Guard, Tally, rule_of};

impl Guard {
    pub(super) async fn by_rule(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        owner: Option<&Arc<dyn Dialect>>,
        tally: &mut Tally,
    ) -> Result<Admission, Denial> {
        let verdict = self.before(asked, found)?;
        if !found.limits.is_empty() {
            Box::pin(self.count(asked, found, tally)).await?;
        }
        self.prove(asked, found, verdict, owner, tally).await
    }

    pub(super) fn before(&self, asked: Asked<'_>, found: &Arc<CompiledRule>) -> Result<Verdict, Refusal> {
        let verdict = found.before_proof(asked.client.address);
        if let Some(witness) = asked.witness {
            witness.rule(asked.view, found);
            witness.before(asked.client.address, verdict.as_ref().err());
        }
        verdict
    }

    /// What is shown for the rule's ways: proven, or nothing where nothing need be.
    pub(super) async fn prove(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        verdict: Verdict,
        owner: Option<&Arc<dyn Dialect>>,
        tally: &mut Tally,
    ) -> Result<Admission, Denial> {
        let rule = &found.rule;
        if rule.all {
            return Ok(Box::pin(self.prove_all(asked, found, owner, tally)).await?);
        }
        if let Some(joint) = self.joint(asked, owner) {
            return Box::pin(self.prove_joint(asked, found, verdict, joint, tally)).await;
        }
        let mut refused = None;
        for &way in rule.ways.iter().filter(|w| **w != Way::None) {
            let Some((dialect, shown)) = self.shown(asked, owner, way) else { continue };
            match self.verified(asked, &dialect, way, shown).await {
                Ok(pass) => {
                    if !found.limits.is_empty() {
                        Box::pin(self.count_known(asked, found, Some(&pass), tally)).await?;
                    }
                    self.may(asked, found, &pass, way, tally).await?;
                    return Ok(Admission::Known(pass));
                }
                Err(No::Refused(refusal)) if verdict == Verdict::Open && rule.stale == Stale::Ignore && is_stale(&refusal) => {}
                Err(No::Refused(refusal)) if dialect.overlooks(asked.view, asked.head, asked.now, &refusal) => {}
                Err(no) if dialect.insists(asked.view, way) => return Err(no.into()),
                Err(No::Refused(refusal)) => {
                    refused.get_or_insert(refusal);
                }
                Err(broken) => return Err(broken.into()),
            }
        }
        match (refused, verdict) {
            (Some(refusal), _) => Err(refusal.into()),
            (None, Verdict::Open) => Ok(self.as_nobody(asked, found, tally).await?),
            (None, Verdict::Prove) => Err(Refusal::NoCredential.into()),
        }
    }

    /// Nobody is let in as nobody, or refused.
    pub(super) async fn as_nobody(&self, asked: Asked<'_>, found: &Arc<CompiledRule>, tally: &mut Tally) -> Result<Admission, No> {
        if !found.limits.is_empty() {
            Box::pin(self.count_known(asked, found, None, tally)).await?;
        }
        // Who is nobody has no role, level or scope: a rule that asks for one all the same stays shut.
        decided(asked, &found.rule, None, 0, &Scopes::Only(Vec::new()))?;
        Ok(Admission::Anonymous)
    }

    /// Each of the rule's ways, all by one account. Who is let in is who the first way proves.
    async fn prove_all(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        owner: Option<&Arc<dyn Dialect>>,
        tally: &mut Tally,
    ) -> Result<Admission, No> {
        let mut passes: Vec<(Way, Arc<Pass>)> = Vec::new();
        for &way in &found.rule.ways {
            let (dialect, shown) = self.shown(asked, owner, way).ok_or(Refusal::NoCredential)?;
            passes.push((way, self.verified(asked, &dialect, way, shown).await?));
        }
        let whose = |pass: &Pass| pass.account().map(|account| (pass.site().site.id, account.number));
        let (_, first) = passes.first().ok_or(Refusal::NoCredential)?;
        if whose(first).is_none() || passes.iter().any(|(_, pass)| whose(pass) != whose(first)) {
            if let Some(witness) = asked.witness {
                witness.check("same_account", "", Some(&Refusal::NotYours));
            }
            return Err(Refusal::NotYours.into());
        }
        if !found.limits.is_empty() {
            self.count_known(asked, found, Some(first), tally).await?;
        }
        for (way, pass) in &passes {
            self.may(asked, found, pass, *way, tally).await?;
        }
        let first = passes.into_iter().next().ok_or(Refusal::NoCredential)?;
        Ok(Admission::Known(first.1))
    }

    pub(super) async fn verified(&self, asked: Asked<'_>, dialect: &Arc<dyn Dialect>, way: Way, shown: Shown<'_>) -> Result<Arc<Pass>, No> {
        match asked.witness {
            None => verify(&self.house, asked.view, dialect.name(), shown, asked.now, asked.client).await,
            Some(witness) => Box::pin(witness.verified(&self.house, asked, dialect.name(), way, shown)).await,
        }
    }

    /// What the request shows for a way, in the words of the owner, or where nobody owns the path of any language of
    /// the site.
    pub(super) fn shown<'r>(&self, asked: Asked<'r>, owner: Option<&Arc<dyn Dialect>>, way: Way) -> Option<(Arc<dyn Dialect>, Shown<'r>)> {
        let by = |dialect: &Arc<dyn Dialect>| {
            asked.view.dialect(dialect.name())?;
            dialect.shown(asked.view, asked.head, asked.fields, way).map(|shown| (Arc::clone(dialect), shown))
        };
        let shown = match owner {
            Some(dialect) => by(dialect),
            None => asked.view.dialects().filter_map(|d| self.by_name(d.profile.name())).find_map(by),
        };
        if let (Some(witness), None) = (asked.witness, &shown) {
            witness.absent(way);
        }
        shown
    }

    /// The checks on what was proven. A credential that names another site (one host, many sites) is judged by that
    /// site's rules, not by those of the host it came to.
    pub(super) async fn may(&self, asked: Asked<'_>, found: &CompiledRule, pass: &Pass, way: Way, tally: &mut Tally) -> Result<(), No> {
        let account = pass.account().map(AsRef::as_ref);
        if Arc::ptr_eq(pass.site(), asked.view) || pass.site().site.id == asked.view.site.id {
            return Ok(decided(asked, &found.rule, account, pass.level(), pass.scopes())?);
        }
        Box::pin(self.may_there(asked, pass, way, tally)).await
    }

    async fn may_there(&self, asked: Asked<'_>, pass: &Pass, way: Way, tally: &mut Tally) -> Result<(), No> {
        let (there, head) = (pass.site(), asked.head);
        let account = pass.account().map(AsRef::as_ref);
        let owner = self.owner(there, &head.target.path);
        let first = rule_of(there, owner, head.method.as_str(), &head.target.path, &head.host).ok_or(Refusal::NoRoute)?;
        for found in std::iter::once(first).chain(self.others(there, owner, head, asked.fields)) {
            let asked = Asked { view: there, ..asked };
            let verdict = self.before(asked, found)?;
            // All of several ways cannot be shown to two sites at once.
            if verdict == Verdict::Prove && (found.rule.all || !found.rule.ways.contains(&way)) {
                return Err(Refusal::NoCredential.into());
            }
            self.count(asked, found, tally).await?;
            self.count_known(asked, found, Some(pass), tally).await?;
            decided(asked, &found.rule, account, pass.level(), pass.scopes())?;
        }
        Ok(())
    }
}

fn decided(asked: Asked<'_>, rule: &Rule, account: Option<&Account>, level: u8, scopes: &Scopes) -> Result<(), Refusal> {
    let decision = decide(rule, account, level, scopes);
    if let Some(witness) = asked.witness {
        witness.decided(rule, decision.as_ref().err());
    }
    decision
}

/// True if it is the credential that is no good: not for those who try too often, nor where we are too busy to know.
pub(super) fn is_stale(refusal: &Refusal) -> bool {
    !matches!(refusal, Refusal::TooMany(_) | Refusal::RateLimited(_) | Refusal::Busy(_))
}

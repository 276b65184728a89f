//! Plugins beside each other: one guards a path, another joins it and looks at its own credentials there.
//!
//! The rule is the guard's, and the one look-up is for that. Both look at what they are shown: who guards first, then who joins. A
//! refusal of one that insists ends the request, in its own words; a good credential of either is as good.

use std::sync::Arc;

use doorward_core::flow::verify::Pass;
use doorward_core::policy::{CompiledRule, Stale, Verdict, Way};
use doorward_core::refusal::{Fault, No, Refusal};
use doorward_web::{Dialect, Territory};

use super::prove::is_stale;
use super::{Admission, Asked, Guard, Tally};

/// A no, and in whose words if not the owner's.
pub struct Denial {
    /// The no.
    pub no: No,
    /// Whose it is; `None` = the owner's.
    pub by: Option<Arc<dyn Dialect>>,
}

/// A path that one plugin guards and another joins.
#[derive(Clone, Copy)]
pub(super) struct Joint<'a> {
    guards: &'a Arc<dyn Dialect>,
    joins: &'a Arc<dyn Dialect>,
    /// False if who joins has said its no already.
    refuses: bool,
}

impl Guard {
    /// The plugin that joins the owner of the path. Most sites have one language, and nobody joins it.
    pub(super) fn joint<'a>(&'a self, asked: Asked<'a>, owner: Option<&'a Arc<dyn Dialect>>) -> Option<Joint<'a>> {
        let (view, path) = (asked.view, asked.head.target.path.as_str());
        let guards = owner.filter(|_| view.dialects().nth(1).is_some())?;
        let joins = self.spoken(view).find(|dialect| dialect.name() != guards.name() && dialect.joins(view, path))?;
        Some(Joint { guards, joins, refuses: true })
    }

    pub(super) async fn prove_joint(
        &self,
        asked: Asked<'_>,
        found: &Arc<CompiledRule>,
        verdict: Verdict,
        joint: Joint<'_>,
        tally: &mut Tally,
    ) -> Result<Admission, Denial> {
        let (mut known, mut refused): (Option<(Way, Arc<Pass>)>, Option<Refusal>) = (None, None);
        for dialect in [joint.guards, joint.joins] {
            for way in ways(asked, found, joint, dialect) {
                let Some(shown) = dialect.shown(asked.view, asked.head, asked.fields, way) else {
                    if let Some(witness) = asked.witness {
                        witness.absent(way);
                    }
                    continue;
                };
                let is_heard = dialect.name() == joint.guards.name() || joint.refuses;
                match self.verified(asked, dialect, way, shown).await {
                    Ok(pass) => {
                        known.get_or_insert((way, pass));
                        break;
                    }
                    Err(No::Refused(refusal)) if verdict == Verdict::Open && found.rule.stale == Stale::Ignore && is_stale(&refusal) => {}
                    Err(No::Refused(refusal)) if dialect.overlooks(asked.view, asked.head, asked.now, &refusal) => {}
                    Err(No::Refused(_)) if !is_heard => {}
                    Err(no) if dialect.insists(asked.view, way) => return Err(Denial { no, by: Some(Arc::clone(dialect)) }),
                    Err(No::Refused(refusal)) => _ = refused.get_or_insert(refusal),
                    Err(broken) => return Err(broken.into()),
                }
            }
        }
        if let Some((way, pass)) = known {
            if !found.limits.is_empty() {
                Box::pin(self.count_known(asked, found, Some(&pass), tally)).await?;
            }
            self.may(asked, found, &pass, way, tally).await?;
            return Ok(Admission::Known(pass));
        }
        match (refused, verdict) {
            (Some(refusal), _) => Err(refusal.into()),
            (None, Verdict::Open) => Ok(self.as_nobody(asked, found, tally).await?),
            (None, Verdict::Prove) => Err(Refusal::NoCredential.into()),
        }
    }

    /// What the others guard, for the endpoints of one that joins them. What that itself refuses, it has refused by now.
    ///
    /// # Errors
    /// A refusal, and who words it, or a fault.
    pub async fn by_others(&self, asked: Asked<'_>, dialect: &Arc<dyn Dialect>) -> Result<(), Denial> {
        let (view, head) = (asked.view, asked.head);
        let path = head.target.path.as_str();
        if view.dialects().nth(1).is_none() || !dialect.joins(view, path) {
            return Ok(());
        }
        let is_guard = |other: &&Arc<dyn Dialect>| !other.joins(view, path) && other.territory(view, path) == Territory::Shared;
        let Some(guards) = self.spoken(view).find(is_guard) else { return Ok(()) };
        let Some(found) = view.dialect(guards.name()).and_then(|spoken| spoken.rules.find(head.method.as_str(), path, &head.host)) else {
            return Ok(());
        };
        let worded = |denial: Denial| Denial { by: denial.by.or_else(|| Some(Arc::clone(guards))), ..denial };
        let verdict = self.before(asked, found).map_err(|refusal| worded(refusal.into()))?;
        let joint = Joint { guards, joins: dialect, refuses: false };
        let proven = self.prove_joint(asked, found, verdict, joint, &mut Tally::default()).await;
        proven.map(|_| ()).map_err(worded)
    }

    /// The language whose own a path is, if it joins others of the site.
    #[must_use]
    pub fn joining<'a>(&'a self, asked: Asked<'a>) -> Option<&'a Arc<dyn Dialect>> {
        let (view, path) = (asked.view, asked.head.target.path.as_str());
        let mut spoken = self.spoken(view);
        spoken.find(|dialect| dialect.joins(view, path) && dialect.territory(view, path) == Territory::Own)
    }
}

/// The ways by which a plugin may be shown something: the rule's, and where the rule is the guard's own, those of who joins as well.
fn ways(asked: Asked<'_>, found: &Arc<CompiledRule>, joint: Joint<'_>, dialect: &Arc<dyn Dialect>) -> impl Iterator<Item = Way> {
    let (view, head) = (asked.view, asked.head);
    let of = |name: &str| view.dialect(name)?.rules.find(head.method.as_str(), &head.target.path, &head.host);
    let mut ways = found.rule.ways.clone();
    let is_joining = dialect.name() == joint.joins.name();
    if is_joining && !ways.contains(&Way::Bearer) && of(joint.guards.name()).is_some_and(|own| Arc::ptr_eq(own, found)) {
        ways.extend(of(dialect.name()).map(|own| own.rule.ways.clone()).unwrap_or_default());
    }
    ways.into_iter().filter(|way| *way != Way::None)
}

impl From<No> for Denial {
    fn from(no: No) -> Self {
        Self { no, by: None }
    }
}

impl From<Refusal> for Denial {
    fn from(refusal: Refusal) -> Self {
        No::from(refusal).into()
    }
}

impl From<Fault> for Denial {
    fn from(fault: Fault) -> Self {
        No::from(fault).into()
    }
}

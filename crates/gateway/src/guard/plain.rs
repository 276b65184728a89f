//! Decisions that may be given again as they were: what they hang on, besides what the request says.

use std::sync::Arc;

use doorward_core::policy::{CompiledRule, Way};
use doorward_core::site::SiteView;
use doorward_web::{Dialect, Head, Seen};

use super::{Asked, Guard, Place, overrides};

/// What a plain decision hung on, besides the words of the request and the pass.
pub struct Plain {
    rule: Arc<CompiledRule>,
    owner: Option<&'static str>,
    /// What of the path each language of the site looks at for what is shown.
    sides: u64,
    /// True if the request says its own method and no other: then only its path could bring other rules in.
    is_one: bool,
}

impl Guard {
    /// What the decision on a request hung on, if the same request, let in by one pass, is let in again as long as the site is the
    /// same and the pass good: one rule is for it that counts nothing and hides nothing, one credential is shown for its ways, and
    /// nobody else looks. The time is in the pass alone.
    #[must_use]
    pub fn plain(&self, asked: Asked<'_>, place: Place<'_>) -> Option<Plain> {
        let Asked { view, head, fields, .. } = asked;
        let found = place.rule?;
        let owner = self.answering(found, place.owner);
        let shown = found.rule.ways.iter().filter(|way| **way != Way::None && self.shown(asked, owner, **way).is_some());
        let is_plain = !found.rule.all
            && !found.rule.strip_credential
            && found.limits.is_empty()
            && head.target.aliases.is_empty()
            && self.others(view, place.owner, head, fields).is_empty()
            && shown.count() == 1
            && self.joint(asked, owner).is_none()
            && !self.is_watched(asked);
        is_plain.then(|| Plain {
            rule: Arc::clone(found),
            owner: place.owner.map(|owner| owner.name()),
            sides: self.sides(view, head),
            is_one: fields.folded("_method").next().is_none() && overrides(head).next().is_none(),
        })
    }

    /// True if the decision on a request hangs on the same as that on another that differs from it in the path of its target alone,
    /// and is not that of an endpoint.
    #[must_use]
    pub fn is_alike(&self, asked: Asked<'_>, place: Place<'_>, other: &Plain) -> bool {
        let Asked { view, head, .. } = asked;
        other.is_one
            && place.rule.is_some_and(|rule| Arc::ptr_eq(rule, &other.rule))
            && place.owner.map(|owner| owner.name()) == other.owner
            && head.target.literal.is_none()
            && head.target.aliases.is_empty()
            && self.spoken(view).all(|dialect| dialect.also(&head.target.path).is_none())
            && self.sides(view, head) == other.sides
            && !self.is_watched(asked)
    }

    fn sides(&self, view: &SiteView, head: &Head) -> u64 {
        self.spoken(view).fold(0, |sides, dialect| (sides << 1) | u64::from(dialect.side(view, &head.target)))
    }

    /// The languages of a site.
    pub(super) fn spoken<'a>(&'a self, view: &'a SiteView) -> impl Iterator<Item = &'a Arc<dyn Dialect>> {
        view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name()))
    }

    /// True if a language looks at every such call itself.
    fn is_watched(&self, asked: Asked<'_>) -> bool {
        let Asked { view, head, now, client, .. } = asked;
        let seen = Seen { house: &self.house, view, head, now, client, guarded: true, asks: true };
        self.spoken(view).any(|dialect| dialect.watch(seen).is_some())
    }
}

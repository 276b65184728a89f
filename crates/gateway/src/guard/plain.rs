//! Decisions that may be given again as they were: what they hang on, besides what the request says.

use doorward_core::policy::Way;
use doorward_web::Seen;

use super::{Asked, Guard, Place};

impl Guard {
    /// True if the same request, let in by one pass, is let in again as long as the site is the same and the pass good: one
    /// rule is for it that counts nothing and hides nothing, one credential is shown for its ways, and nobody else looks. The
    /// time is in the pass alone.
    #[must_use]
    pub fn is_plain(&self, asked: Asked<'_>, place: Place<'_>) -> bool {
        let Asked { view, head, fields, .. } = asked;
        let Some(found) = place.rule else { return false };
        let owner = self.answering(found, place.owner);
        let shown = found.rule.ways.iter().filter(|way| **way != Way::None && self.shown(asked, owner, **way).is_some());
        !found.rule.all
            && !found.rule.strip_credential
            && found.limits.is_empty()
            && head.target.aliases.is_empty()
            && self.others(view, place.owner, head, fields).is_empty()
            && shown.count() == 1
            && !self.is_watched(asked)
    }

    /// True if a language looks at every such call itself.
    fn is_watched(&self, asked: Asked<'_>) -> bool {
        let Asked { view, head, now, client, .. } = asked;
        let seen = Seen { house: &self.house, view, head, now, client, guarded: true, asks: true };
        view.dialects().filter_map(|spoken| self.by_name(spoken.profile.name())).any(|dialect| dialect.watch(seen).is_some())
    }
}

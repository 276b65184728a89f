//! The recorded editions: the plugin 1.3.4 (`tmeister`) and Disciple.Tools' fork of it, as they answer on WordPress 6.8.
//!
//! Reading order: [`verdict`] (what the plugin says of a token), [`login`], [`validate`], [`claims`] (its JWT), [`words`] (how it
//! says no), [`dates`].

pub(super) mod claims;
mod dates;
pub(super) mod login;
pub(super) mod validate;
pub(super) mod verdict;
pub(super) mod words;

use doorward_core::flow::verify::{Shown, examine, verify};
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::SiteView;
use doorward_web::{Head, Seen, Target};

use super::settings::Recorded;
use super::{NAME, Settings, present};

/// The routes, as the namespace describes them.
pub(super) const ROWS: &[crate::wordpress::describe::Row] = &[("/token", &[&["POST"]]), ("/token/validate", &[&["POST"]])];

/// The settings of a site that speaks a recorded edition.
pub(super) fn settings(view: &SiteView) -> Option<(&Settings, Recorded)> {
    let settings = view.settings::<Settings>(NAME)?;
    settings.recorded.map(|recorded| (settings, recorded))
}

/// True if an edition looks for a token at an address: not where that spells the check of one, and the fork only where it spells `wp-json`.
pub(super) fn minds(recorded: Recorded, target: &Target) -> bool {
    !target.raw.contains(CHECK) && (recorded != Recorded::DiscipleTools || target.raw.contains("wp-json"))
}

/// The check of a token, which looks at it itself.
const CHECK: &str = "token/validate";

/// What the header shows on a route that is not the plugin's own.
pub(super) fn shown(head: &Head, recorded: Recorded) -> Option<Shown<'_>> {
    if !minds(recorded, &head.target) {
        return None;
    }
    Some(match present::on_guarded(head)? {
        Shown::Jwt(token) if token == "0" || verdict::bare(token).is_empty() => Shown::Malformed,
        Shown::Jwt(token) => Shown::Jwt(verdict::bare(token)),
        other @ (Shown::Malformed | Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => other,
    })
}

/// Before anybody of the site answers, a bearer must hold: the plugin refuses the request otherwise, its own login included;
/// the fork only where it is another site's or nobody's.
pub(super) async fn watch(seen: Seen<'_>, settings: &Settings, recorded: Recorded) -> Result<(), No> {
    let Some(shown) = shown(seen.head, recorded) else { return Ok(()) };
    let examined = match shown {
        Shown::Jwt(token) => verdict::examine(seen.view, settings, token, seen.now),
        Shown::Malformed | Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_) => Err(verdict::Problem::Header),
    };
    match examined {
        Err(problem) if recorded == Recorded::DiscipleTools && problem.is_ignored_by_fork() => return Ok(()),
        Err(problem) => return Err(problem.refusal().into()),
        Ok(()) => {}
    }
    let outcome = if seen.asks {
        examine(seen.house, seen.view, NAME, shown, seen.now, seen.client).await
    } else {
        verify(seen.house, seen.view, NAME, shown, seen.now, seen.client).await
    };
    match outcome {
        Err(No::Refused(refusal)) if overlooks(seen.view, settings, recorded, seen.head, seen.now, &refusal) => Ok(()),
        Err(no) => Err(no),
        Ok(_) => Ok(()),
    }
}

/// True if the caller is nobody, and not refused: whose good token names nobody, and with the fork whose token php-jwt does not take.
pub(super) fn overlooks(
    view: &SiteView,
    settings: &Settings,
    recorded: Recorded,
    head: &Head,
    now: doorward_core::call::Time,
    refusal: &Refusal,
) -> bool {
    let examined = match shown(head, recorded) {
        Some(Shown::Jwt(token)) => verdict::examine(view, settings, token, now),
        Some(Shown::Malformed | Shown::ApiToken(_) | Shown::Basic { .. } | Shown::Session(_)) => Err(verdict::Problem::Header),
        None => return true,
    };
    match (recorded, examined) {
        (Recorded::Tmeister, Ok(())) => *refusal == Refusal::AccountGone,
        (Recorded::Tmeister, Err(_)) => false,
        (Recorded::DiscipleTools, Ok(())) => !matches!(refusal, Refusal::TooMany(_) | Refusal::Busy(_)),
        (Recorded::DiscipleTools, Err(problem)) => problem.is_ignored_by_fork(),
    }
}

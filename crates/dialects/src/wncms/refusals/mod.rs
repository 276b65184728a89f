//! How it says no: every refusal has one word in each edition.

mod documented;
mod recorded;

use doorward_core::refusal::Refusal;
use doorward_core::site::SiteView;
use doorward_web::{About, Reply};

use super::edition::Edition;
use super::envelope::{Status, fail, said};
use super::{NAME, Settings};

/// The answer to a refusal, on the language's own endpoints and on what it guards.
pub(super) fn refuse(view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
    match edition(view) {
        Edition::Documented => documented::refuse(view, refusal),
        Edition::V63 => recorded::refuse(Status::OfCode, view, refusal, about),
        Edition::V6 => recorded::refuse(Status::Always200, view, refusal, about),
    }
}

fn edition(view: &SiteView) -> Edition {
    view.settings::<Settings>(NAME).map(|s| s.edition).unwrap_or_default()
}

//! `WPOrchestrix`: API tokens under `Authorization: token`, and JWT pairs with refresh, revocation and a second factor.

mod auth;
mod claims;
mod envelope;
mod jwt;
mod present;
mod refresh;
mod refusals;
mod revoke;
mod routes;
mod settings;

use std::sync::Arc;

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::{Profile, SiteView};
use doorward_web::guise::Folds;
use doorward_web::{About, Dialect, Fields, Found, Head, Reply, Route, Target, Territory, route};

pub use settings::Settings;

/// The language's name.
pub const NAME: &str = "wporchestrix";

/// The language.
#[derive(Debug)]
pub struct Wporchestrix;

impl Dialect for Wporchestrix {
    fn name(&self) -> &'static str {
        NAME
    }

    fn profile(&self) -> Arc<dyn Profile> {
        Arc::new(claims::WporchestrixProfile)
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    /// Rails takes `.json` on every path; so do we. An endpoint of ours in another format or letter case is nobody's.
    fn find(&self, _view: &SiteView, method: &str, target: &Target) -> Found {
        let path = target.trimmed();
        match route::find_as_spelled(routes::ROUTES, method, path.strip_suffix(".json").unwrap_or(path)) {
            Found::Miss if self.also(path).is_some_and(|base| route::is_own(routes::ROUTES, base)) => Found::Lookalike,
            found @ (Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike | Found::Miss) => found,
        }
    }

    /// Rails takes a format on every path: `/sites.json` and `/sites.xml` are `/sites`.
    fn also<'p>(&self, path: &'p str) -> Option<&'p str> {
        let dot = memchr::memrchr(b'.', path.as_bytes())?;
        let (base, format) = (&path[..dot], &path[dot + 1..]);
        (!base.ends_with('/') && !format.is_empty() && !format.contains('/')).then_some(base)
    }

    /// Rails reads `_method` from a posted form.
    fn folds(&self) -> Folds {
        Folds { method: true, ..Folds::default() }
    }

    fn territory(&self, _view: &SiteView, path: &str) -> Territory {
        let own = ["/api/v1/jwt", "/api/v1/auth", "/api/v1/sites"].iter().any(|base| below(path, base));
        match (own, below(path, "/api/v1")) {
            (true, _) => Territory::Own,
            (false, true) => Territory::Shared,
            (false, false) => Territory::No,
        }
    }

    fn shown<'r>(&self, _view: &SiteView, head: &'r Head, _fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        present::shown(head, way)
    }

    fn refuse(&self, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
        refusals::refuse(view, refusal, about)
    }

    fn broken(&self, _about: &About<'_>) -> Reply {
        envelope::error(503, "Service Unavailable")
    }
}

/// True if the path is the base or below it, in any letter case; a format may follow.
fn below(path: &str, base: &str) -> bool {
    let Some((start, rest)) = path.split_at_checked(base.len()) else { return false };
    start.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/') || rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_holds_whole_segments_and_formats_in_any_letter_case() {
        for (path, expected) in [
            ("/api/v1/sites", true),
            ("/api/v1/sites/7", true),
            ("/API/v1/Sites.json", true),
            ("/Api/V1/SITES.XML/x", true),
            ("/api/v1/sitesx", false),
            ("/api/v1/site", false),
            ("/api/v1/site\u{17f}", false),
        ] {
            assert_eq!(below(path, "/api/v1/sites"), expected, "{path}");
        }
    }
}

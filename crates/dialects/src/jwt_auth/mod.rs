//! JWT Authentication for WP REST API (`jwt-auth/v1`): a login for a token of seven days, a check of it, and the bearer on
//! every other REST route.
//!
//! Spoken here is the edition `documented` (seed 004). `tmeister` and `disciple_tools`, recorded from the real plugin and its
//! fork, come later: a site that asks for one is answered in the documented words until then.

mod claims;
mod envelope;
mod present;
mod refusals;
mod routes;
mod settings;
mod token;
mod validate;

use std::sync::Arc;

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::{Profile, SiteView};
use doorward_web::guise::Folds;
use doorward_web::{About, Dialect, Fields, Found, Head, Reply, Route, Target, Territory, route};

pub use settings::Settings;

/// The language's name.
pub const NAME: &str = "jwt_auth";

/// Its namespace below the REST root.
const NAMESPACE: &str = "/wp-json/jwt-auth/v1";

/// The language.
#[derive(Debug)]
pub struct JwtAuth;

impl Dialect for JwtAuth {
    fn name(&self) -> &'static str {
        NAME
    }

    fn profile(&self) -> Arc<dyn Profile> {
        Arc::new(claims::JwtAuthProfile)
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    /// WordPress takes any letter case and a trailing slash. What is in the namespace and no route of ours goes no further:
    /// it must not reach a second such plugin behind us.
    fn find(&self, _view: &SiteView, method: &str, target: &Target) -> Found {
        match route::find(routes::ROUTES, method, &target.path, true) {
            Found::Miss if below(&target.path, NAMESPACE) => Found::WrongMethod(""),
            found @ (Found::Miss | Found::Hit(_, _) | Found::WrongMethod(_)) => found,
        }
    }

    /// WordPress reads `rest_route` from a posted form, on every path.
    fn folds(&self) -> Folds {
        Folds { route: true, ..Folds::default() }
    }

    fn territory(&self, _view: &SiteView, path: &str) -> Territory {
        match (below(path, NAMESPACE), below(path, "/wp-json")) {
            (true, _) => Territory::Own,
            (false, true) => Territory::Shared,
            (false, false) => Territory::No,
        }
    }

    fn shown<'r>(&self, _view: &SiteView, head: &'r Head, _fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        if way == Way::Bearer { present::on_guarded(head) } else { None }
    }

    fn refuse(&self, _view: &SiteView, refusal: &Refusal, _about: &About<'_>) -> Reply {
        refusals::refuse(refusal)
    }

    fn broken(&self, _about: &About<'_>) -> Reply {
        envelope::error(503, "service_unavailable", "Service Unavailable")
    }
}

/// True if the path is the base or below it, whatever the letter case.
fn below(path: &str, base: &str) -> bool {
    let Some((start, rest)) = path.split_at_checked(base.len()) else { return false };
    start.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_holds_whole_segments_in_any_letter_case() {
        for (path, expected) in [
            ("/wp-json/jwt-auth/v1", true),
            ("/wp-json/jwt-auth/v1/", true),
            ("/WP-JSON/Jwt-Auth/V1/token", true),
            ("/wp-json/jwt-auth/v10", false),
            ("/wp-json/jwt-auth", false),
            ("/wp-json/jwt-aut\u{e9}/v1", false),
            ("/", false),
        ] {
            assert_eq!(below(path, NAMESPACE), expected, "{path}");
        }
    }
}

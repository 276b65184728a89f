//! Simple JWT Login: a login for a JWT of the site's own making, and its check, refresh and revocation.
//!
//! Spoken here is the edition `documented` (seed 001). `v3` and `v4`, recorded from the real plugin, come later: a site that
//! asks for one is answered in the documented words until then. The site's settings are the plugin's own option, in the flat
//! form of 3.x or the sections of 4.x.
//!
//! Logging in with `password_hash` is *pass-the-hash*: whoever has read the user table is in, without any password. It is off
//! until the site turns it on, and stands in the audit as `password_hash` whenever it is used.

mod auth;
mod claims;
mod envelope;
mod gate;
mod present;
mod refresh;
mod refusals;
mod revoke;
mod routes;
mod settings;
mod validate;

use std::sync::Arc;

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::{Profile, SiteView};
use doorward_web::guise::Folds;
use doorward_web::{About, Dialect, Fields, Found, Head, Places, Reply, Route, Target, Territory, route};
use http::HeaderValue;

pub use settings::{AuthCodes, Owner, Payload, Settings, Sources};

/// The language's name.
pub const NAME: &str = "simple_jwt_login";

/// Where the routes are, unless the site has a namespace of its own.
const NAMESPACE: &str = "/wp-json/simple-jwt-login/v1";

/// The language.
#[derive(Debug)]
pub struct SimpleJwtLogin;

impl Dialect for SimpleJwtLogin {
    fn name(&self) -> &'static str {
        NAME
    }

    fn profile(&self) -> Arc<dyn Profile> {
        Arc::new(claims::SimpleJwtLoginProfile)
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    /// WordPress takes any letter case and a trailing slash. What is in the namespace and no route of ours goes no further:
    /// behind us the plugin itself may still be there, with its own ideas of who may register or delete.
    fn find(&self, view: &SiteView, method: &str, target: &Target) -> Found {
        let Some(rest) = view.settings::<Settings>(NAME).and_then(|s| inside(&target.path, &s.namespace)) else { return Found::Miss };
        match route::find(routes::ROUTES, method, &format!("{NAMESPACE}{rest}"), true) {
            Found::Miss => Found::WrongMethod(""),
            found @ (Found::Hit(_, _) | Found::WrongMethod(_)) => found,
        }
    }

    /// WordPress reads `rest_route` from a posted form, on every path.
    fn folds(&self) -> Folds {
        Folds { route: true, ..Folds::default() }
    }

    /// Beside `jwt_auth`, which looks at every call below `/wp-json`, only the namespace is left.
    fn territory(&self, view: &SiteView, path: &str) -> Territory {
        let own = view.settings::<Settings>(NAME).is_some_and(|s| inside(path, &s.namespace).is_some());
        let rest = inside(path, "/wp-json").is_some() && view.dialect("jwt_auth").is_none();
        match (own, rest) {
            (true, _) => Territory::Own,
            (false, true) => Territory::Shared,
            (false, false) => Territory::No,
        }
    }

    fn shown<'r>(&self, view: &SiteView, head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        let settings = view.settings::<Settings>(NAME).filter(|_| way == Way::Bearer)?;
        present::token(&settings.sources, head, fields)
    }

    fn varies(&self, view: &SiteView) -> HeaderValue {
        let plain = HeaderValue::from_static("Authorization");
        view.settings::<Settings>(NAME).and_then(|settings| present::varies(&settings.sources)).unwrap_or(plain)
    }

    fn places(&self, view: &SiteView) -> Places {
        let Some(settings) = view.settings::<Settings>(NAME) else { return Places::header() };
        let sources = settings.sources.clone();
        Places {
            headers: sources.header.into_iter().collect(),
            cookies: sources.cookie.into_iter().collect(),
            fields: sources.field.into_iter().collect(),
        }
    }

    fn refuse(&self, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
        refusals::refuse(view, refusal, about)
    }

    fn broken(&self, _about: &About<'_>) -> Reply {
        envelope::error(503, "Service Unavailable")
    }
}

/// What follows the base in a path that is the base or below it, whatever the letter case.
fn inside<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(base.len())?;
    (start.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_holds_whole_segments_in_any_letter_case() {
        for (path, expected) in [
            ("/wp-json/simple-jwt-login/v1", Some("")),
            ("/wp-json/Simple-JWT-Login/v1/auth/", Some("/auth/")),
            ("/wp-json/simple-jwt-login/v1auth", None),
            ("/wp-json/simple-jwt-login", None),
            ("/wp-json/simple-jwt-logi\u{e9}/v1", None),
        ] {
            assert_eq!(inside(path, NAMESPACE), expected, "{path}");
        }
    }
}

//! `WNCMS` API v1: API tokens in the body or query, HTTP Basic, and a mode, a switch and a role for every endpoint.
//!
//! Doorward stands before the application: it decides who may call an endpoint, the application does the work. Whether a
//! post or website is the caller's own is therefore the application's to check. Its own endpoints are only those behind the
//! panel's token buttons. The editions differ in their words alone ([`Edition`]).

mod claims;
mod edition;
mod endpoints;
mod envelope;
mod members;
mod present;
mod refusals;
mod routes;
mod rows;
mod settings;
mod token;
mod whitelist;

use std::sync::Arc;

use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::{Profile, SiteView};
use doorward_web::guise::Folds;
use doorward_web::target::inside;
use doorward_web::{About, Dialect, Fields, Found, Head, Places, Reply, Route, Target, Territory, route};

use http::HeaderValue;
use http::header::{ACCESS_CONTROL_MAX_AGE, CACHE_CONTROL};

pub use edition::Edition;
pub use settings::Settings;

/// The language's name.
pub const NAME: &str = "wncms";

/// The first segments below `/api/v1` that are surely its own.
const OWN: &[&str] = &["posts", "tags", "websites", "menus", "pages", "update", "token"];

/// The language.
#[derive(Debug)]
pub struct Wncms;

impl Dialect for Wncms {
    fn name(&self) -> &'static str {
        NAME
    }

    fn profile(&self) -> Arc<dyn Profile> {
        Arc::new(claims::WncmsProfile)
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    /// Endpoints that the application answers are left to the rules; a method that none of them has is refused here, unless
    /// the site has a rule of its own for it.
    fn find(&self, view: &SiteView, method: &str, target: &Target) -> Found {
        let path = target.trimmed();
        match route::find_as_spelled(routes::ROUTES, method, path) {
            Found::Hit(route, _) if route.handler.is_none() => Found::Miss,
            Found::WrongMethod(_) if view.rules().has(method, path) => Found::Miss,
            found @ (Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike | Found::Miss) => found,
        }
    }

    /// Laravel reads `_method` from whatever is posted.
    fn folds(&self) -> Folds {
        Folds { method: true, json_method: true, ..Folds::default() }
    }

    fn territory(&self, _view: &SiteView, path: &str) -> Territory {
        territory(path)
    }

    fn shown<'r>(&self, _view: &SiteView, head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        present::shown(head, fields, way)
    }

    fn places(&self, _view: &SiteView) -> Places {
        Places { fields: vec!["api_token".into()], ..Places::header() }
    }

    fn in_body(&self, _view: &SiteView, _head: &Head, way: Way) -> bool {
        way == Way::Simple
    }

    fn refuse(&self, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
        refusals::refuse(view, refusal, about)
    }

    /// The recorded editions have the framework's headers: nothing is remembered of a preflight, and a no may be kept by whoever
    /// asked, unless its address holds a token.
    fn finish(&self, view: &SiteView, head: &Head, mut reply: Reply) -> Reply {
        let is_recorded = view.settings::<Settings>(NAME).is_some_and(|settings| settings.edition != Edition::Documented);
        let is_ours = inside(&head.target.path, "/api/v1/token").is_some();
        if !is_recorded || is_ours || inside(&head.target.path, "/api").is_none() {
            return reply;
        }
        if reply.headers.contains_key(ACCESS_CONTROL_MAX_AGE) {
            reply.headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("0"));
        }
        if reply.headers.contains_key(CACHE_CONTROL) && !head.target.query.contains("token") && !head.target.query.contains('%') {
            reply.headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, private"));
        }
        reply
    }

    /// A fault of ours is 503 in every edition: a 200 would tell whoever reads the status that all is well.
    fn broken(&self, _about: &About<'_>) -> Reply {
        envelope::fail(503, "Service unavailable")
    }
}

/// The original answers its API a second time without `/api`; that alias is not served, and claimed so that it is not
/// passed on unguarded either. In any letter case: its router minds it, what stands before or behind it may not.
fn territory(path: &str) -> Territory {
    if let Some(alias) = inside(path, "/v1") {
        return if is_own(alias) { Territory::Shared } else { Territory::No };
    }
    match inside(path, "/api/v1") {
        Some(rest) if is_own(rest) => Territory::Own,
        Some(_) => Territory::Shared,
        None => Territory::No,
    }
}

/// True if what follows its base begins with a segment that is surely its own.
fn is_own(rest: &str) -> bool {
    let first = rest.split('/').nth(1).unwrap_or_default();
    OWN.iter().any(|own| own.eq_ignore_ascii_case(first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn its_territory_goes_by_whole_segments() {
        for (path, expected) in [
            ("/api/v1/posts", Territory::Own),
            ("/api/v1/posts/", Territory::Own),
            ("/api/v1/posts/hello", Territory::Own),
            ("/api/v1/token/generate", Territory::Own),
            ("/api/v1/postscript", Territory::Shared),
            ("/api/v1/sites", Territory::Shared),
            ("/api/v1", Territory::Shared),
            ("/api/v1/", Territory::Shared),
            ("/api/v12/posts", Territory::No),
            ("/api/v2/posts", Territory::No),
            ("/v1/posts", Territory::Shared),
            ("/v1/update/progress", Territory::Shared),
            ("/v1/users", Territory::No),
            ("/v12/posts", Territory::No),
            ("/API/v1/posts/store", Territory::Own),
            ("/Api/V1/Posts", Territory::Own),
            ("/api/v1/TOKEN/generate", Territory::Own),
            ("/API/V1/Sites", Territory::Shared),
            ("/API/V12/posts", Territory::No),
            ("/V1/Posts", Territory::Shared),
            ("/v1", Territory::No),
        ] {
            assert_eq!(territory(path), expected, "{path}");
        }
    }
}

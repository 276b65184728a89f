//! Wapka REST API v1: guest and login tokens that name their site, and API keys, in envelopes with `meta`.
//!
//! One host serves every site that speaks it: a login names the site, a token or key carries it, and what is done is done
//! there. Spoken is the documented edition (seed 003).

mod api_keys;
mod claims;
mod envelope;
mod guest;
mod login;
mod me;
mod present;
mod refusals;
mod routes;
mod settings;
mod user;

use std::sync::Arc;

use doorward_core::flow::verify::Shown;
use doorward_core::house::House;
use doorward_core::policy::Way;
use doorward_core::refusal::Refusal;
use doorward_core::site::{Profile, Site, SiteView};
use doorward_web::target::inside;
use doorward_web::{About, Dialect, Fields, Found, Head, Reply, Route, Target, Territory, route};

pub use settings::Settings;

/// The language's name.
pub const NAME: &str = "wapka";

/// What a login may do: everything its account may. Writes ask for it.
const EVERYTHING: &str = "*";
/// What a guest may do: read what is public.
const PUBLIC_READ: &str = "public:read";

/// The language.
#[derive(Debug)]
pub struct Wapka;

impl Dialect for Wapka {
    fn name(&self) -> &'static str {
        NAME
    }

    fn profile(&self) -> Arc<dyn Profile> {
        Arc::new(claims::WapkaProfile)
    }

    fn routes(&self) -> &'static [Route] {
        routes::ROUTES
    }

    /// Only reading one's own profile is answered here; what else is done to it is the application's, under the rules.
    fn find(&self, _view: &SiteView, method: &str, target: &Target) -> Found {
        let path = target.trimmed();
        match route::find_as_spelled(routes::ROUTES, method, path) {
            Found::WrongMethod(_) if path == routes::ME => Found::Miss,
            Found::Lookalike if path.eq_ignore_ascii_case(routes::ME) && !matches!(method, "GET" | "HEAD") => Found::Miss,
            found @ (Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike | Found::Miss) => found,
        }
    }

    fn territory(&self, _view: &SiteView, path: &str) -> Territory {
        if is_own(path) { Territory::Own } else { Territory::No }
    }

    fn shown<'r>(&self, _view: &SiteView, head: &'r Head, _fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        present::shown(head, way)
    }

    fn refuse(&self, _view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
        refusals::refuse(refusal, about)
    }

    fn broken(&self, about: &About<'_>) -> Reply {
        envelope::error(about, 500, "internal_error", "Something went wrong on our side")
    }
}

/// True for `/v1` and what is below it, in any letter case.
fn is_own(path: &str) -> bool {
    inside(path, "/v1").is_some()
}

/// The site that the field `site` names: any that speaks this language, by its name in any letter case. Of a full host
/// (`yoursite.wapka.site`) the first label counts.
///
/// # Errors
/// [`Refusal::Missing`] or [`Refusal::WrongShape`] for the field, [`Refusal::UnknownSite`].
fn named_site(house: &House, fields: &Fields) -> Result<Arc<SiteView>, Refusal> {
    let name = site_name(fields.required("site")?).ok_or(Refusal::UnknownSite)?;
    house.directory().by_name(&name).filter(|view| view.dialect(NAME).is_some()).cloned().ok_or(Refusal::UnknownSite)
}

/// A site's name out of what was sent; `None` if no site can have it.
fn site_name(sent: &str) -> Option<String> {
    let label = sent.trim().split('.').next()?.to_ascii_lowercase();
    Site::is_name(&label).then_some(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_named_in_any_letter_case_and_by_its_full_host() {
        for (sent, name) in [
            ("yoursite", Some("yoursite")),
            (" YourSite ", Some("yoursite")),
            ("yoursite.wapka.site", Some("yoursite")),
            ("my-site2.wapka.site:8080", Some("my-site2")),
            ("", None),
            (".wapka.site", None),
            ("your site", None),
            ("http://yoursite.wapka.site", None),
            ("ÿoursite", None),
        ] {
            assert_eq!(site_name(sent).as_deref(), name, "{sent}");
        }
    }

    #[test]
    fn its_territory_is_v1_by_whole_segments() {
        for (path, expected) in [
            ("/v1", true),
            ("/v1/", true),
            ("/v1/posts", true),
            ("/V1", true),
            ("/V1/Posts", true),
            ("/v12", false),
            ("/v1x/posts", false),
            ("/V1x/posts", false),
            ("/", false),
        ] {
            assert_eq!(is_own(path), expected, "{path}");
        }
    }
}

//! Simple JWT Login: a login for a JWT of the site's own making, and its check, refresh and revocation.
//!
//! Spoken here is the edition `documented` (seed 001); the real plugin's two generations, editions `v3` and `v4`, are in `original`. The
//! site's settings are the plugin's own option, in the flat form of 3.x or the sections of 4.x.
//!
//! Logging in with `password_hash` is *pass-the-hash*: whoever has read the user table is in, without any password. It is off
//! until the site turns it on, and stands in the audit as `password_hash` whenever it is used.

mod auth;
mod claims;
mod envelope;
mod gate;
mod members;
mod original;
mod present;
mod refresh;
mod refusals;
mod revoke;
mod routes;
mod settings;
mod validate;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;

use doorward_core::call::Time;
use doorward_core::flow::verify::Shown;
use doorward_core::house::House;
use doorward_core::policy::Way;
use doorward_core::port::fetcher::Question;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::port::store::Errand;
use doorward_core::refusal::{No, Refusal};
use doorward_core::secret::Secret;
use doorward_core::site::{Profile, SiteId, SiteView};
use doorward_web::body::decode;
use doorward_web::guise::Folds;
use doorward_web::target::inside;
use doorward_web::{About, Dialect, Fields, Found, Head, Places, Reply, Route, Seen, Target, Territory, Unread, route};
use http::HeaderValue;

use crate::wordpress;

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
        let Some(rest) = view.settings::<Settings>(NAME).and_then(|s| inside(&target.path, &s.namespace)) else {
            // The plugin behind us answers in its own namespace only; in ours it has nothing to say.
            let is_old = original(view).is_some() && inside(&target.path, NAMESPACE).is_some();
            return if is_old { Found::WrongMethod("") } else { Found::Miss };
        };
        let path = format!("{NAMESPACE}{rest}");
        let found = match original(view) {
            Some(plugin) => original::find(plugin, method, &path),
            None => route::find(routes::DOCUMENTED, method, &path, true),
        };
        match found {
            Found::Miss => Found::WrongMethod(""),
            found @ (Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike) => found,
        }
    }

    /// WordPress reads `rest_route` from a posted form, on every path.
    fn folds(&self) -> Folds {
        Folds { route: true, ..Folds::default() }
    }

    fn framed(&self, view: &SiteView) -> bool {
        original(view).is_some()
    }

    fn method<'h>(&self, view: &SiteView, head: &'h Head) -> Cow<'h, str> {
        if original(view).is_some() { wordpress::method(head) } else { Cow::Borrowed(head.method.as_str()) }
    }

    fn describe(&self, view: &SiteView, head: &Head) -> Option<Reply> {
        original::describe(view, original(view)?, head)
    }

    fn read<'a>(&'a self, view: &'a SiteView, head: &'a Head, body: Bytes) -> BoxFuture<'a, Result<Fields, Unread>> {
        if original(view).is_some() {
            return Box::pin(wordpress::read(head, body));
        }
        Box::pin(async move {
            let map = decode(head.content_type(), head.content_encoding(), body).await.map_err(Unread::Refused)?;
            Ok(Fields::new(map, &head.target.query))
        })
    }

    /// A browser's session that is over is as if it were not there; so is a JWT outside the REST routes.
    fn overlooks(&self, view: &SiteView, head: &Head, _now: Time, refusal: &Refusal) -> bool {
        original(view).is_some_and(|plugin| original::overlooks(view, plugin, head, refusal))
    }

    fn finish(&self, view: &SiteView, head: &Head, reply: Reply) -> Reply {
        match original(view) {
            Some(plugin) => original::finish(view, plugin, head, reply),
            None => reply,
        }
    }

    fn territory(&self, view: &SiteView, path: &str) -> Territory {
        let own = view.settings::<Settings>(NAME).is_some_and(|s| inside(path, &s.namespace).is_some());
        let is_all = original(view).is_some_and(|plugin| plugin.login.enabled);
        let rest = is_all || inside(path, "/wp-json").is_some();
        match (own, rest) {
            (true, _) => Territory::Own,
            (false, true) => Territory::Shared,
            (false, false) => Territory::No,
        }
    }

    /// The middleware comes before whatever else of WordPress looks at a call, and so does an API key.
    fn insists(&self, view: &SiteView, way: Way) -> bool {
        let has_middleware = view.settings::<Settings>(NAME).is_some_and(|settings| settings.middleware);
        way == Way::ApiKey || (way == Way::Bearer && has_middleware)
    }

    /// So they do before the endpoints of other plugins: what is guarded is looked at by its rule, the root of the API apart.
    fn watch<'a>(&'a self, seen: Seen<'a>) -> Option<BoxFuture<'a, Result<(), No>>> {
        let plugin = original(seen.view)?;
        if seen.guarded {
            return original::shuts_root(plugin, seen.head).then(|| original::watch_root(seen, plugin));
        }
        let is_others = self.territory(seen.view, &seen.head.target.path) == Territory::Shared;
        (is_others && original::watches(plugin, seen.head)).then(|| original::watch(seen, plugin))
    }

    /// A JWT counts below `/wp-json` alone.
    fn side(&self, _view: &SiteView, target: &Target) -> bool {
        wordpress::below(&target.path, "/wp-json").is_some()
    }

    fn errand(&self, house: &House, view: &SiteView, errand: &Errand, now: Time) -> Option<Question> {
        original::question(house, view, original(view)?, errand, now)
    }

    fn keeps_errands(&self, view: &SiteView) -> i64 {
        original(view).map_or(0, original::Plugin::keeps_errands)
    }

    fn keeps_audit(&self, view: &SiteView) -> Option<i64> {
        original(view)?.keeps_audit()
    }

    fn shown<'r>(&self, view: &SiteView, head: &'r Head, fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        if let Some(plugin) = original(view) {
            return original::shown(view, plugin, head, fields, way);
        }
        let settings = view.settings::<Settings>(NAME).filter(|_| way == Way::Bearer)?;
        present::token(&settings.sources, head, fields)
    }

    fn varies(&self, view: &SiteView) -> HeaderValue {
        let plain = HeaderValue::from_static("Authorization");
        view.settings::<Settings>(NAME).and_then(|settings| present::varies(&settings.sources)).unwrap_or(plain)
    }

    fn in_body(&self, view: &SiteView, head: &Head, way: Way) -> bool {
        original(view).is_some_and(|plugin| original::in_body(plugin, head, way))
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

/// The secret that a site's webhooks are signed with, in the form of Standard Webhooks.
#[must_use]
pub fn webhook_secret(house: &House, site: SiteId) -> Secret {
    let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, original::secret(house, site).reveal());
    Secret::new(format!("whsec_{encoded}"))
}

/// The settings of a recorded edition, if the site asks for one.
fn original(view: &SiteView) -> Option<&original::Plugin> {
    view.settings::<Settings>(NAME)?.original.as_deref()
}

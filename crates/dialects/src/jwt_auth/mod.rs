//! JWT Authentication for WP REST API (`jwt-auth/v1`): a login for a token of seven days, a check of it, and the bearer on
//! every other REST route.
//!
//! Spoken are the edition `documented` (seed 004), and in [`recorded`] `tmeister` and `disciple_tools`, which answer as the real
//! plugin and its fork did.

mod claims;
mod envelope;
mod members;
mod present;
mod recorded;
mod refusals;
mod routes;
mod settings;
mod token;
mod validate;

use std::borrow::Cow;
use std::sync::Arc;

use bytes::Bytes;
use doorward_core::call::Time;
use doorward_core::flow::verify::Shown;
use doorward_core::policy::Way;
use doorward_core::port::hasher::BoxFuture;
use doorward_core::refusal::{No, Refusal};
use doorward_core::site::{Profile, SiteView};
use doorward_web::guise::Folds;
use doorward_web::{About, Dialect, Fields, Found, Head, Reply, Route, Seen, Target, Territory, Unread, body, route};

use http::header::ALLOW;

use crate::wordpress::{self, below};

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
            Found::Miss if below(&target.path, NAMESPACE).is_some() => Found::WrongMethod(""),
            found @ (Found::Miss | Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike) => found,
        }
    }

    /// WordPress reads `rest_route` from a posted form, on every path.
    fn folds(&self) -> Folds {
        Folds { route: true, ..Folds::default() }
    }

    fn territory(&self, _view: &SiteView, path: &str) -> Territory {
        match (below(path, NAMESPACE).is_some(), below(path, "/wp-json").is_some()) {
            (true, _) => Territory::Own,
            (false, true) => Territory::Shared,
            (false, false) => Territory::No,
        }
    }

    /// Every REST call is looked at, whoever guards it.
    fn joins(&self, _view: &SiteView, path: &str) -> bool {
        below(path, "/wp-json").is_some()
    }

    fn insists(&self, _view: &SiteView, _way: Way) -> bool {
        true
    }

    fn shown<'r>(&self, view: &SiteView, head: &'r Head, _fields: &'r Fields, way: Way) -> Option<Shown<'r>> {
        match recorded::settings(view) {
            _ if way != Way::Bearer => None,
            Some((_, edition)) => recorded::shown(head, edition),
            None => present::on_guarded(head),
        }
    }

    /// The fork looks for the word in the address.
    fn side(&self, view: &SiteView, target: &Target) -> bool {
        recorded::settings(view).is_some_and(|(_, edition)| recorded::minds(edition, target))
    }

    fn framed(&self, view: &SiteView) -> bool {
        recorded::settings(view).is_some()
    }

    fn method<'h>(&self, view: &SiteView, head: &'h Head) -> Cow<'h, str> {
        if self.framed(view) { wordpress::method(head) } else { Cow::Borrowed(head.method.as_str()) }
    }

    fn describe(&self, view: &SiteView, head: &Head) -> Option<Reply> {
        recorded::settings(view)?;
        wordpress::describe::describe(view, "jwt-auth/v1", recorded::ROWS, head)
    }

    /// What is guarded is looked at by its rule; before the endpoints of the site's languages the plugin looks itself.
    fn watch<'a>(&'a self, seen: Seen<'a>) -> Option<BoxFuture<'a, Result<(), No>>> {
        if seen.guarded {
            return None;
        }
        let (settings, edition) = recorded::settings(seen.view)?;
        Some(Box::pin(recorded::watch(seen, settings, edition)))
    }

    fn read<'a>(&'a self, view: &'a SiteView, head: &'a Head, body: Bytes) -> BoxFuture<'a, Result<Fields, Unread>> {
        if self.framed(view) { Box::pin(wordpress::read(head, body)) } else { Box::pin(documented(head, body)) }
    }

    fn finish(&self, view: &SiteView, head: &Head, reply: Reply) -> Reply {
        if !self.framed(view) {
            return reply;
        }
        let is_route =
            below(&head.target.path, NAMESPACE).is_some_and(|rest| recorded::ROWS.iter().any(|(row, _)| row.eq_ignore_ascii_case(rest)));
        // WordPress has found the route by the time that it finds no JSON in the body.
        let reply = if is_route && reply.refused == Some("malformed_body") { reply.with(ALLOW, "POST") } else { reply };
        wordpress::finish(view, head, reply)
    }

    fn overlooks(&self, view: &SiteView, head: &Head, now: Time, refusal: &Refusal) -> bool {
        recorded::settings(view).is_some_and(|(settings, edition)| recorded::overlooks(view, settings, edition, head, now, refusal))
    }

    fn refuse(&self, view: &SiteView, refusal: &Refusal, about: &About<'_>) -> Reply {
        match recorded::settings(view) {
            Some((settings, _)) => recorded::words::refuse(view, settings, refusal, about),
            None => refusals::refuse(refusal),
        }
    }

    fn broken(&self, _about: &About<'_>) -> Reply {
        envelope::error(503, "service_unavailable", "Service Unavailable")
    }
}

/// The documented edition reads whatever clients send.
async fn documented(head: &Head, sent: Bytes) -> Result<Fields, Unread> {
    let map = body::decode(head.content_type(), head.content_encoding(), sent).await.map_err(Unread::Refused)?;
    Ok(Fields::new(map, &head.target.query))
}

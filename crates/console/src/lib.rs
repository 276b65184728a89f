//! The console: what people see. A small JSON API over the core's flows, and the pages that ask it.
//!
//! Reading order:
//! - [`route`], [`routes`]: every endpoint with its action and who may knock;
//! - [`gate`]: from a request to a handler: host, origin, session, CSRF token, power, freshness;
//! - [`ask`], [`answer`], [`refusals`]: what a handler is given and gives back, and how it says no;
//! - [`cookies`], [`public_url`], [`pages`]: the session's cookie, the one origin, the files;
//! - [`behind`]: what only the server can do;
//! - one file per page's API: [`session`] …; [`admin`]: what administrators do
//!
//! Handlers translate; what is decided is decided in `doorward_core::flow::console` and the flows beside it.

pub mod admin;
pub mod answer;
pub mod ask;
pub mod behind;
pub mod challenge;
pub mod cookies;
pub mod device;
pub mod gate;
pub mod pages;
pub mod passkeys;
pub mod person;
pub mod prove;
pub mod public_url;
pub mod refusals;
pub mod route;
pub mod routes;
pub mod second_factor;
pub mod self_service;
pub mod session;
pub mod sessions;
pub mod setup;
pub mod tokens;

use std::sync::Arc;
use std::time::Duration;

use doorward_core::flow::console::Lifetimes;
use doorward_core::house::House;
use doorward_core::port::passkeys::Passkeys;
use doorward_core::site::SiteId;

pub use answer::Answer;
pub use ask::Ask;
pub use public_url::PublicUrl;
pub use refusals::No;
pub use route::{Access, Route};

use crate::behind::Behind;
use crate::pages::Pages;

/// On which terms the console is open.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Its one public origin.
    pub url: PublicUrl,
    /// How long visits last.
    pub lifetimes: Lifetimes,
    /// True if the names of sites may be known before anybody signs in, though there are several.
    pub lists_sites: bool,
    /// How long a body may take to arrive.
    pub body_time: Duration,
}

/// The console.
pub struct Console {
    /// The house.
    pub house: Arc<House>,
    /// On which terms it is open.
    pub terms: Terms,
    /// What only the server can do.
    pub behind: Arc<dyn Behind>,
    /// Who checks passkeys; `None` where they cannot be bound to the console's host.
    pub passkeys: Option<Arc<dyn Passkeys>>,
    pages: Pages,
}

impl Console {
    /// The name of a site; empty if it is gone.
    #[must_use]
    pub fn site_name(&self, site: SiteId) -> String {
        self.house.directory().by_id(site).map(|view| view.site.name.clone()).unwrap_or_default()
    }

    /// A console of a house.
    #[must_use]
    pub fn new(house: Arc<House>, terms: Terms, behind: Arc<dyn Behind>, passkeys: Option<Arc<dyn Passkeys>>) -> Self {
        Self { house, terms, behind, passkeys, pages: Pages::load() }
    }
}

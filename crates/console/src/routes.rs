//! Every endpoint of the console: one table per page's API, in the order in which they are looked up.

use crate::route::Route;
use crate::{admin, challenge, passkeys, person, prove, second_factor, self_service, session, sessions, setup, tokens};

/// The tables.
pub const TABLES: &[&[Route]] = &[
    session::ROUTES,
    prove::ROUTES,
    challenge::ROUTES,
    passkeys::ROUTES,
    person::ROUTES,
    second_factor::ROUTES,
    sessions::ROUTES,
    tokens::ROUTES,
    setup::ROUTES,
    self_service::ROUTES,
    admin::sites::ROUTES,
    admin::users::ROUTES,
    admin::tokens::ROUTES,
    admin::rules::ROUTES,
    admin::keys::ROUTES,
    admin::dialects::ROUTES,
    admin::lists::ROUTES,
    admin::webhooks::ROUTES,
    admin::audit::ROUTES,
    admin::live::ROUTES,
    admin::server::ROUTES,
];

/// All endpoints, for the access matrix.
pub fn all() -> impl Iterator<Item = &'static Route> {
    TABLES.iter().flat_map(|table| table.iter())
}

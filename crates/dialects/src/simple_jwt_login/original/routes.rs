//! Its routes: which of the language's a generation has, and what WordPress says of them.

use doorward_core::site::SiteView;
use doorward_web::{Found, Head, Reply, Route, route};

use super::super::routes::{COMMON, ROUTES, V3, V4};
use super::{Generation, Plugin};
use crate::wordpress::below;
use crate::wordpress::describe::{self, Row};

const V3_ROWS: &[Row] = &[
    ("/autologin", &[&["GET"]]),
    ("/register", &[&["POST"]]),
    ("/users", &[&["POST"], &["DELETE"]]),
    ("/auth", &[&["POST"]]),
    ("/auth/refresh", &[&["POST"]]),
    ("/auth/validate", &[&["GET"], &["POST"]]),
    ("/auth/revoke", &[&["POST"]]),
    ("/user/reset_password", &[&["PUT"], &["POST"]]),
    ("/oauth/token", &[&["GET"], &["POST"]]),
];

const V4_ROWS: &[Row] = &[
    ("/autologin", &[&["GET"]]),
    ("/users", &[&["POST"], &["DELETE"]]),
    ("/auth", &[&["POST"]]),
    ("/auth/refresh", &[&["POST"]]),
    ("/auth/validate", &[&["GET", "POST"]]),
    ("/auth/revoke", &[&["POST"]]),
    ("/user/reset_password", &[&["PUT", "POST"]]),
    ("/oauth/token", &[&["GET", "POST"]]),
    ("/auth/2fa", &[&["POST"]]),
    ("/api-keys", &[&["GET"], &["POST"]]),
    ("/api-keys/(?P<id>\\d+)", &[&["PUT"], &["DELETE"]]),
    ("/api-keys/(?P<id>\\d+)/revoke", &[&["POST"]]),
    ("/revoked-tokens", &[&["GET"]]),
    ("/revoked-tokens/(?P<id>\\d+)", &[&["DELETE"]]),
];

impl Plugin {
    fn rows(&self) -> &'static [Row] {
        match self.generation {
            Generation::V3 => V3_ROWS,
            Generation::V4 => V4_ROWS,
        }
    }
}

/// Finds the endpoint of a path below the namespace.
pub(in super::super) fn find(plugin: &Plugin, method: &str, path: &str) -> Found {
    let own: &'static [Route] = match plugin.generation {
        Generation::V3 => V3,
        Generation::V4 => V4,
    };
    for routes in [COMMON, own] {
        if let Found::Hit(route, values) = route::find(routes, method, path, true) {
            let is_number = |value: &String| !value.is_empty() && value.len() < 19 && value.bytes().all(|b| b.is_ascii_digit());
            return if values.iter().all(is_number) { Found::Hit(route, values) } else { Found::Miss };
        }
    }
    debug_assert!(!ROUTES.is_empty(), "the language has routes");
    Found::Miss
}

/// What WordPress says of the namespace and its routes.
pub(in super::super) fn describe(view: &SiteView, plugin: &Plugin, head: &Head) -> Option<Reply> {
    describe::describe(view, &plugin.namespace, plugin.rows(), head)
}

/// The methods of a route, as `Allow` names them.
pub(super) fn allowed(plugin: &Plugin, path: &str) -> Option<String> {
    let rest = below(path, &format!("/wp-json/{}", plugin.namespace))?;
    let (_, endpoints) = plugin.rows().iter().find(|(row, _)| describe::fits(row, rest))?;
    Some(endpoints.iter().flat_map(|methods| methods.iter()).copied().collect::<Vec<_>>().join(", "))
}

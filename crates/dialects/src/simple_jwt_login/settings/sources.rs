//! Where the option says that a JWT is looked for, and where the routes are.

use doorward_core::site::ConfigProblem;
use http::header::{AUTHORIZATION, HeaderName};

use super::stored::Stored;

/// Where a JWT is looked for, in this order. The plugin's fourth place, the PHP session, does not exist here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sources {
    /// A header.
    pub header: Option<HeaderName>,
    /// The header's value must begin with `Bearer`.
    pub bearer_only: bool,
    /// A cookie.
    pub cookie: Option<String>,
    /// A field of the query or body, in any letter case.
    pub field: Option<String>,
}

impl Sources {
    pub(super) fn read(stored: &Stored<'_>) -> Result<Self, ConfigProblem> {
        let is_on = |flat, sectioned, default| stored.switch(flat, sectioned).map(|on| on.unwrap_or(default));
        let keys = ("request_keys.header", "general.request_keys.header");
        let header = match stored.text(keys.0, keys.1)?.filter(|name| !name.is_empty()) {
            None => AUTHORIZATION,
            Some(name) => HeaderName::try_from(name).map_err(|_| stored.wrong(keys.0, keys.1, "must be the name of a header"))?,
        };
        let named = |flat, sectioned, default: &str| {
            stored.text(flat, sectioned).map(|name| name.filter(|n| !n.is_empty()).unwrap_or(default).to_owned())
        };
        let cookie = named("request_keys.cookie", "general.request_keys.cookie", "simple-jwt-login-token")?;
        let field = named("request_keys.url", "general.request_keys.url", "JWT")?;
        Ok(Self {
            header: is_on("request_jwt_header", "general.request_jwt_header", true)?.then_some(header),
            bearer_only: is_on("", "general.request_jwt_header_require_bearer", false)?,
            cookie: is_on("request_jwt_cookie", "general.request_jwt_cookie", false)?.then_some(cookie),
            field: is_on("request_jwt_url", "general.request_jwt_url", true)?.then_some(field),
        })
    }
}

/// The path of the routes: `/wp-json/` and the namespace, which is a name and a version.
pub(super) fn namespace(stored: &Stored<'_>) -> Result<String, ConfigProblem> {
    let names = ("route_namespace", "general.route_namespace");
    let namespace = stored.text(names.0, names.1)?.unwrap_or_default().trim_matches('/');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
    let is_canonical = namespace.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    match namespace {
        "" => Ok(super::super::NAMESPACE.to_owned()),
        plain if plain.bytes().all(is_plain) && is_canonical => Ok(format!("/wp-json/{plain}")),
        _ => Err(stored.wrong(names.0, names.1, "must be a path such as simple-jwt-login/v1")),
    }
}

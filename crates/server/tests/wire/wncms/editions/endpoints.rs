//! The guarded endpoints (contract §2), written down a second time: the test must not read its expectations from the code.

/// Whom an endpoint needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    Nobody,
    User,
    Admin,
}

/// An endpoint.
#[derive(Clone, Copy, Debug)]
pub(super) struct Endpoint {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// Group and key of its settings; nothing for endpoints that have none.
    pub(super) feature: Option<(&'static str, &'static str)>,
    pub(super) needs: Needs,
    /// Whether it asks for a token where no setting speaks.
    pub(super) token: bool,
}

const fn row(
    method: &'static str,
    path: &'static str,
    feature: Option<(&'static str, &'static str)>,
    needs: Needs,
    token: bool,
) -> Endpoint {
    Endpoint { method, path, feature, needs, token }
}

use Needs::{Admin, Nobody, User};

/// All of them.
#[rustfmt::skip]
pub(super) const ENDPOINTS: &[Endpoint] = &[
    row("GET",  "/api/v1/posts",                  Some(("post", "wncms_api_post_index")),               Nobody, false),
    row("POST", "/api/v1/posts",                  Some(("post", "wncms_api_post_index")),               Nobody, false),
    row("POST", "/api/v1/posts/store",            Some(("post", "wncms_api_post_store")),               Nobody, true),
    row("POST", "/api/v1/posts/update/7",         Some(("post", "wncms_api_post_update")),              Nobody, true),
    row("POST", "/api/v1/posts/delete/hello",     Some(("post", "wncms_api_post_delete")),              Nobody, true),
    row("GET",  "/api/v1/posts/hello",            Some(("post", "wncms_api_post_show")),                Nobody, false),
    row("POST", "/api/v1/posts/hello",            Some(("post", "wncms_api_post_show")),                Nobody, false),
    row("GET",  "/api/v1/posts/store",            Some(("post", "wncms_api_post_show")),                Nobody, false),
    row("POST", "/api/v1/tags",                   Some(("tag", "wncms_api_tag_index")),                 Nobody, false),
    row("POST", "/api/v1/tags/exist",             Some(("tag", "wncms_api_tag_exist")),                 Nobody, false),
    row("POST", "/api/v1/tags/store",             Some(("tag", "wncms_api_tag_store")),                 Nobody, true),
    row("GET",  "/api/v1/websites",               Some(("website", "wncms_api_website_index")),         User,   true),
    row("POST", "/api/v1/websites",               Some(("website", "wncms_api_website_index")),         User,   true),
    row("POST", "/api/v1/websites/store",         Some(("website", "wncms_api_website_store")),         Admin,  true),
    row("GET",  "/api/v1/websites/3",             Some(("website", "wncms_api_website_show")),          User,   true),
    row("POST", "/api/v1/websites/3",             Some(("website", "wncms_api_website_show")),          User,   true),
    row("POST", "/api/v1/websites/update/3",      Some(("website", "wncms_api_website_update")),        User,   true),
    row("POST", "/api/v1/websites/delete/3",      Some(("website", "wncms_api_website_delete")),        Admin,  true),
    row("POST", "/api/v1/websites/add-domain",    Some(("website", "wncms_api_website_add_domain")),    User,   true),
    row("POST", "/api/v1/websites/remove-domain", Some(("website", "wncms_api_website_remove_domain")), User,   true),
    row("GET",  "/api/v1/menus",                  None,                                                 Nobody, false),
    row("POST", "/api/v1/menus",                  None,                                                 Nobody, false),
    row("POST", "/api/v1/menus/store",            None,                                                 Nobody, true),
    row("POST", "/api/v1/menus/sync",             None,                                                 Admin,  true),
    row("GET",  "/api/v1/menus/3",                None,                                                 Nobody, false),
    row("POST", "/api/v1/menus/3",                None,                                                 Nobody, false),
    row("POST", "/api/v1/pages",                  None,                                                 Nobody, false),
    row("POST", "/api/v1/pages/store",            None,                                                 Nobody, true),
    row("POST", "/api/v1/pages/3",                None,                                                 Nobody, false),
    row("POST", "/api/v1/update",                 None,                                                 Admin,  true),
    row("POST", "/api/v1/update/progress",        None,                                                 Admin,  true),
];

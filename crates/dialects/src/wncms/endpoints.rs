//! The endpoints that it guards: what each asks for where the settings say nothing else (contract §2 and §5).
//!
//! Reads are open and writes ask for a token. What the original leaves open to anybody though it writes or updates
//! (menus, pages, `update`) asks for a token here, `update` for an admin's.

/// An endpoint that Doorward guards and the application answers.
pub(super) struct Endpoint {
    /// Its path; segments in braces stand for any one segment.
    pub(super) path: &'static str,
    /// Its methods.
    pub(super) methods: &'static [&'static str],
    /// The action's name: `wncms.<group>.<name>`. The settings of a feature are named after both.
    pub(super) action: &'static str,
    /// Whom it needs, whatever its mode.
    pub(super) needs: Needs,
    /// Its mode where the settings name none.
    pub(super) habit: Habit,
    /// What it is.
    pub(super) summary: &'static str,
}

/// Whom an endpoint needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Needs {
    /// Nobody: in mode `none` it is anonymous.
    Nobody,
    /// Somebody: in mode `none` nobody can be shown, so everybody is refused (contract §3, step 6).
    User,
    /// Somebody with the role [`ADMIN`].
    Admin,
}

/// An endpoint's mode where the settings name none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    /// Mode `none`.
    Open,
    /// Mode `simple`.
    Token,
}

/// The role of admins, exactly so: `superadmin` alone is another (contract §4).
pub(super) const ADMIN: &str = "admin";
/// The groups whose endpoints have settings.
pub(super) const FEATURES: &[&str] = &["post", "tag", "website"];
/// The one that `disable_core_update` switches off.
pub(super) const UPDATE: &str = "wncms.update.run";

/// The one that says in two members who it is not for, whatever the edition.
pub(super) const SYNC: &str = "wncms.menu.sync";
/// How the actions of the websites begin.
pub(super) const WEBSITES: &str = "wncms.website.";

const BOTH: &[&str] = &["GET", "POST"];
const POST: &[&str] = &["POST"];

/// All of them. `GET posts/store` is `posts/{slug}`, as in the original: a line further down with the method.
pub(super) const ENDPOINTS: &[Endpoint] = &[
    open("/api/v1/posts", BOTH, "wncms.post.index", "List posts"),
    write("/api/v1/posts/store", "wncms.post.store", "Make a post"),
    write("/api/v1/posts/update/{slug}", "wncms.post.update", "Change a post, by slug or id"),
    write("/api/v1/posts/delete/{slug}", "wncms.post.delete", "Delete a post, by slug or id"),
    open("/api/v1/posts/{slug}", BOTH, "wncms.post.show", "Show a post"),
    open("/api/v1/tags", POST, "wncms.tag.index", "List tags"),
    open("/api/v1/tags/exist", POST, "wncms.tag.exist", "Which of some tags exist"),
    write("/api/v1/tags/store", "wncms.tag.store", "Make a tag"),
    user("/api/v1/websites", BOTH, "wncms.website.index", "List websites: an admin all, others their own"),
    admin("/api/v1/websites/store", "wncms.website.store", "Make a website"),
    user("/api/v1/websites/update/{id}", POST, "wncms.website.update", "Change a website of yours"),
    admin("/api/v1/websites/delete/{id}", "wncms.website.delete", "Delete a website"),
    user("/api/v1/websites/add-domain", POST, "wncms.website.add_domain", "Add a domain to a website of yours"),
    user("/api/v1/websites/remove-domain", POST, "wncms.website.remove_domain", "Remove a domain from a website of yours"),
    user("/api/v1/websites/{id}", BOTH, "wncms.website.show", "Show a website of yours"),
    open("/api/v1/menus", BOTH, "wncms.menu.index", "List menus"),
    write("/api/v1/menus/store", "wncms.menu.store", "Make a menu"),
    admin("/api/v1/menus/sync", SYNC, "Replace a menu"),
    open("/api/v1/menus/{id}", BOTH, "wncms.menu.show", "Show a menu"),
    open("/api/v1/pages", POST, "wncms.page.index", "List pages"),
    write("/api/v1/pages/store", "wncms.page.store", "Make a page"),
    open("/api/v1/pages/{id}", POST, "wncms.page.show", "Show a page"),
    admin("/api/v1/update", UPDATE, "Update the application"),
    admin("/api/v1/update/progress", "wncms.update.progress", "How far the update is"),
];

impl Endpoint {
    /// Group and name of an endpoint that has settings.
    pub(super) fn feature(&self) -> Option<(&'static str, &'static str)> {
        let (group, name) = self.action.strip_prefix("wncms.")?.split_once('.')?;
        FEATURES.contains(&group).then_some((group, name))
    }
}

const fn open(path: &'static str, methods: &'static [&'static str], action: &'static str, summary: &'static str) -> Endpoint {
    Endpoint { path, methods, action, needs: Needs::Nobody, habit: Habit::Open, summary }
}

const fn write(path: &'static str, action: &'static str, summary: &'static str) -> Endpoint {
    Endpoint { path, methods: POST, action, needs: Needs::Nobody, habit: Habit::Token, summary }
}

const fn user(path: &'static str, methods: &'static [&'static str], action: &'static str, summary: &'static str) -> Endpoint {
    Endpoint { path, methods, action, needs: Needs::User, habit: Habit::Token, summary }
}

const fn admin(path: &'static str, action: &'static str, summary: &'static str) -> Endpoint {
    Endpoint { path, methods: POST, action, needs: Needs::Admin, habit: Habit::Token, summary }
}

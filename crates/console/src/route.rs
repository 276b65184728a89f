//! Routes: a method, a path, an action, who may knock, and the function that answers.

use doorward_core::port::hasher::BoxFuture;

use crate::answer::Answer;
use crate::ask::Ask;
use crate::refusals::No;

/// A function that answers an endpoint.
pub type Handler = fn(Ask) -> BoxFuture<'static, Result<Answer, No>>;

/// The largest body of most endpoints, in bytes.
pub const BODY: usize = 64 * 1024;

/// Who may knock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Anybody,
    /// Whoever is signed in: their own things.
    User,
    /// Whoever runs the site that the path's first brace names: its administrators, and owners.
    Site,
    /// Whoever runs any site; the handler shows each their own.
    Admin,
    /// Whoever runs the server.
    Owner,
}

impl Access {
    /// The word in the access matrix.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Anybody => "anybody",
            Self::User => "signed in",
            Self::Site => "owner, site's admin",
            Self::Admin => "owner, any admin",
            Self::Owner => "owner",
        }
    }
}

/// One endpoint.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path; segments in braces stand for any one segment.
    pub path: &'static str,
    /// The action's name.
    pub action: &'static str,
    /// Who may knock.
    pub access: Access,
    /// True if it needs a fresh proof of who is asking.
    pub fresh: bool,
    /// True if it is open to who must choose a password of their own first.
    pub early: bool,
    /// True if it is asked by pages on their own: it does not count as somebody being there.
    pub quiet: bool,
    /// The largest body, in bytes.
    pub body: usize,
    /// The function.
    pub handler: Handler,
}

impl Route {
    /// An endpoint with a small body that needs no fresh proof.
    #[must_use]
    pub const fn new(method: &'static str, path: &'static str, action: &'static str, access: Access, handler: Handler) -> Self {
        Self { method, path, action, access, fresh: false, early: false, quiet: false, body: BODY, handler }
    }

    /// The same, dangerous: the proof of who is asking must be fresh.
    #[must_use]
    pub const fn fresh(self) -> Self {
        Self { fresh: true, ..self }
    }

    /// The same, open to who must choose a password of their own first.
    #[must_use]
    pub const fn early(self) -> Self {
        Self { early: true, ..self }
    }

    /// The same, asked by pages on their own.
    #[must_use]
    pub const fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// The same, with a body of up to so many bytes.
    #[must_use]
    pub const fn body(self, bytes: usize) -> Self {
        Self { body: bytes, ..self }
    }
}

/// What became of looking a path up.
pub enum Found {
    /// A route, and the values of its braces.
    Hit(&'static Route, Vec<String>),
    /// The path is known with other methods: which.
    WrongMethod(String),
    /// No such path.
    Miss,
}

/// Looks a path up. A route whose segment is spelled out comes before one with a brace there, by the order of the tables.
#[must_use]
pub fn find(tables: &[&'static [Route]], method: &str, path: &str) -> Found {
    let mut others = Vec::new();
    for route in tables.iter().flat_map(|table| table.iter()) {
        let Some(values) = fits(route.path, path) else { continue };
        if route.method == method || (method == "HEAD" && route.method == "GET") {
            return Found::Hit(route, values);
        }
        if !others.contains(&route.method) {
            others.push(route.method);
        }
    }
    if others.is_empty() { Found::Miss } else { Found::WrongMethod(others.join(", ")) }
}

fn fits(pattern: &str, path: &str) -> Option<Vec<String>> {
    let mut values = Vec::new();
    let (mut want, mut got) = (pattern.split('/'), path.split('/'));
    loop {
        match (want.next(), got.next()) {
            (None, None) => return Some(values),
            (Some(w), Some(g)) if w.starts_with('{') && !g.is_empty() => values.push(g.to_owned()),
            (Some(w), Some(g)) if w == g => {}
            (_, _) => return None,
        }
    }
}

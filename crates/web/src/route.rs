//! Routes: a method, a path, who may knock, what it answers, and the function that answers it.

use crate::dialect::Handler;
use crate::target::trim_slash;

/// One endpoint of a language.
pub struct Route {
    /// The method.
    pub method: &'static str,
    /// The path; segments in braces stand for any one segment.
    pub path: &'static str,
    /// The action's name in policy, audit and the access matrix.
    pub action: &'static str,
    /// Who may knock.
    pub access: Access,
    /// What it is, for people and for `OpenAPI`.
    pub doc: Doc,
    /// The function; `None` for endpoints that are guarded here and answered by the upstream.
    pub handler: Option<Handler>,
}

/// Who may knock at a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody: the route is where a credential is got.
    Public,
    /// Whoever shows one of these, checked by the handler or the rules.
    Credential(&'static str),
}

/// What an endpoint is.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// One line.
    pub summary: &'static str,
    /// The fields it reads.
    pub fields: &'static [Field],
    /// What it answers, besides what every endpoint may answer.
    pub answers: &'static [Answer],
}

/// A field of a request.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub about: &'static str,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// Text that is a secret.
    Secret,
    /// A whole number.
    Number,
}

/// A status that an endpoint answers, and when.
#[derive(Clone, Copy, Debug)]
pub struct Answer(pub u16, pub &'static str);

/// What became of looking a path up.
pub enum Found {
    /// A route, and the values of its braces.
    Hit(&'static Route, Vec<String>),
    /// The path is known with other methods: which.
    WrongMethod(&'static str),
    /// The path is spelled otherwise than the original's, and some application would take it for an endpoint that is answered
    /// here. It goes no further, whatever the rules say: behind us it would be a login beside the counters.
    Lookalike,
    /// No such path.
    Miss,
}

/// Looks a path up in a language's routes. Compared without regard to letter case if `fold`.
#[must_use]
pub fn find(routes: &'static [Route], method: &str, path: &str, fold: bool) -> Found {
    let path = trim_slash(path);
    let mut others = 0;
    for route in routes {
        if let Some(values) = fits(route.path, path, fold) {
            if route.method == method || (method == "HEAD" && route.method == "GET") {
                return Found::Hit(route, values);
            }
            others |= bit(route.method);
        }
    }
    if others == 0 { Found::Miss } else { Found::WrongMethod(allow(others)) }
}

/// Looks a path up in its own letter case. One that is an endpoint of ours in another is a [`Found::Lookalike`].
#[must_use]
pub fn find_as_spelled(routes: &'static [Route], method: &str, path: &str) -> Found {
    match find(routes, method, path, false) {
        Found::Miss if path.bytes().any(|byte| byte.is_ascii_uppercase()) && is_own(routes, path) => Found::Lookalike,
        found @ (Found::Hit(_, _) | Found::WrongMethod(_) | Found::Lookalike | Found::Miss) => found,
    }
}

/// True if a path is that of an endpoint that is answered here, whatever its letter case and the method.
#[must_use]
pub fn is_own(routes: &'static [Route], path: &str) -> bool {
    let path = trim_slash(path);
    routes.iter().any(|route| route.handler.is_some() && fits(route.path, path, true).is_some())
}

fn fits(pattern: &str, path: &str, fold: bool) -> Option<Vec<String>> {
    // Most paths are none of ours: told by the length, or what stands before the first brace, before anything is cut.
    let same = |want: &[u8], got: &[u8]| want == got || (fold && want.eq_ignore_ascii_case(got));
    let Some(brace) = memchr::memchr(b'{', pattern.as_bytes()) else {
        return (pattern.len() == path.len() && same(pattern.as_bytes(), path.as_bytes())).then(Vec::new);
    };
    if path.len() < brace || !same(&pattern.as_bytes()[..brace], &path.as_bytes()[..brace]) {
        return None;
    }
    let mut values = Vec::new();
    let mut want = trim_slash(pattern).split('/');
    let mut got = path.split('/');
    loop {
        match (want.next(), got.next()) {
            (None, None) => return Some(values),
            (Some(w), Some(g)) if w.starts_with('{') && !g.is_empty() => values.push(g.to_owned()),
            (Some(w), Some(g)) if w == g || (fold && w.eq_ignore_ascii_case(g)) => {}
            (_, _) => return None,
        }
    }
}

fn bit(method: &str) -> u8 {
    match method {
        "GET" => 1,
        "POST" => 2,
        "DELETE" => 4,
        _ => 0,
    }
}

fn allow(bits: u8) -> &'static str {
    match bits {
        1 => "GET, HEAD, OPTIONS",
        2 => "POST, OPTIONS",
        3 => "GET, HEAD, POST, OPTIONS",
        4 => "DELETE, OPTIONS",
        5 => "GET, HEAD, DELETE, OPTIONS",
        6 => "POST, DELETE, OPTIONS",
        _ => "GET, HEAD, POST, DELETE, OPTIONS",
    }
}

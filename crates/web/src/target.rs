//! The path a request is judged by: decoded once, and refused where it could mean two things.

use doorward_core::policy::path::{LONGEST, canonical, is_plain};

/// The path and query of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The path as the rules see it: decoded once, without dot segments, starting with `/`.
    pub path: String,
    /// The raw query, without `?`; empty if there is none.
    pub query: String,
    /// The path as it was asked for, where `path` is another: `/index.php/x`, or `/` with a `rest_route`. Rules on it hold too.
    pub literal: Option<String>,
    /// Other paths that some application takes this one for: without dots and blanks at the end of segments (Windows), the
    /// script before a path behind it, and what a front controller elsewhere (`/public/index.php/x`) answers. Judged as well.
    pub aliases: Vec<String>,
    /// WordPress's `rest_route`, if the query of `/` or `/index.php` names one: the path is then `/wp-json` and this.
    pub rest_route: bool,
    /// Path and query exactly as they came, for the upstream.
    pub raw: String,
}

/// A path that could mean one thing here and another behind: refused with 400 before anybody judges it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ambiguous;

impl Target {
    /// Reads a request target in origin form.
    ///
    /// Refused are: encoded slashes and backslashes, raw backslashes, NUL and control characters, dot segments in any
    /// spelling, empty segments (`//`), path parameters (`;`), and encodings that are not UTF-8.
    ///
    /// # Errors
    /// [`Ambiguous`].
    pub fn parse(raw: &str) -> Result<Self, Ambiguous> {
        let (path, query) = memchr::memchr(b'?', raw.as_bytes()).map_or((raw, ""), |at| (&raw[..at], &raw[at + 1..]));
        let mut path = canonical(path).map_err(|_| Ambiguous)?.into_owned();
        let mut literal = None;
        let mut rest_route = false;
        // PHP's front controllers answer `/index.php/x` as `/x`: so it is judged.
        if has_dot_or_blank(&path)
            && let Some(("/", inner)) = behind_front(&path)
        {
            let inner = inner.to_owned();
            literal = Some(std::mem::replace(&mut path, inner));
        }
        if let Some(route) = rest_route_of(query)? {
            // WordPress takes it on every path that is no file; elsewhere than at the front it would mean two things.
            if path != "/" && path != "/index.php" {
                return Err(Ambiguous);
            }
            let slash = if route.starts_with('/') { "" } else { "/" };
            let front = std::mem::replace(&mut path, format!("/wp-json{slash}{route}"));
            literal = literal.or(Some(front));
            if path.len() > LONGEST || !is_plain(&path) {
                return Err(Ambiguous);
            }
            rest_route = true;
        }
        let aliases = aliases(&path);
        Ok(Self { path, literal, aliases, query: query.to_owned(), rest_route, raw: raw.to_owned() })
    }

    /// The same request with a `rest_route` that came in the posted form: what is judged changes, what goes on does not.
    ///
    /// # Errors
    /// [`Ambiguous`] if the path is not the front page's, the query names another route, or the route is not plain.
    pub fn with_rest_route(self, route: &str) -> Result<Self, Ambiguous> {
        let slash = if route.starts_with('/') { "" } else { "/" };
        let path = format!("/wp-json{slash}{route}");
        if self.rest_route {
            return if self.path == path { Ok(self) } else { Err(Ambiguous) };
        }
        if (self.path != "/" && self.path != "/index.php") || path.len() > LONGEST || !is_plain(&path) {
            return Err(Ambiguous);
        }
        let literal = self.literal.clone().or_else(|| Some(self.path.clone()));
        let aliases = aliases(&path);
        Ok(Self { path, literal, aliases, rest_route: true, ..self })
    }

    /// The path without a trailing slash (but `/` stays).
    #[must_use]
    pub fn trimmed(&self) -> &str {
        trim_slash(&self.path)
    }
}

/// A path without its trailing slash (but `/` stays).
#[must_use]
pub fn trim_slash(path: &str) -> &str {
    match path.strip_suffix('/') {
        Some("") | None => path,
        Some(trimmed) => trimmed,
    }
}

/// What follows the base in a path that is the base or below it, whatever the letter case: `""` or what begins with a slash.
#[must_use]
pub fn inside<'p>(path: &'p str, base: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(base.len())?;
    (start.eq_ignore_ascii_case(base) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

/// Nearly every path has neither, and then no other name.
fn has_dot_or_blank(path: &str) -> bool {
    memchr::memchr2(b'.', b' ', path.as_bytes()).is_some()
}

/// The other names of a path.
fn aliases(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    if !has_dot_or_blank(path) {
        return found;
    }
    let mut shorter = String::with_capacity(path.len());
    for segment in path.split('/').skip(1) {
        let kept = segment.trim_end_matches(['.', ' ']);
        shorter.push('/');
        shorter.push_str(if kept.is_empty() { segment } else { kept });
    }
    if let Some((before, inner)) = behind_front(&shorter) {
        found.push(inner.to_owned());
        found.push(before.to_owned());
    }
    if let Some(end) = script_end(&shorter) {
        found.push(shorter[..end].to_owned());
    }
    if shorter != path {
        found.push(shorter);
    }
    found
}

/// Where a front controller ends and what it answers begins: the folder before it and the path behind it.
fn behind_front(path: &str) -> Option<(&str, &str)> {
    let mut at = 0;
    for segment in path.split('/') {
        let end = at + segment.len();
        if segment.eq_ignore_ascii_case("index.php") {
            let behind = if path.len() > end { &path[end..] } else { "/" };
            // Alone at the front it is a path of its own.
            return (at > 1 || behind != "/").then_some((&path[..at], behind));
        }
        at = end + 1;
    }
    None
}

/// Where a script ends that has a path behind it.
fn script_end(path: &str) -> Option<usize> {
    let mut at = 0;
    for segment in path.split('/') {
        let end = at + segment.len();
        let is_script = segment.len() > 4 && segment.get(segment.len() - 4..).is_some_and(|dot| dot.eq_ignore_ascii_case(".php"));
        if is_script && path.len() > end {
            return Some(end);
        }
        at = end + 1;
    }
    None
}

/// The `rest_route` of a query; PHP keeps the last of several. A name that PHP would fold into it (`rest.route`,
/// `rest route`, `rest_route[]`) is ambiguous: not every reader folds alike.
fn rest_route_of(query: &str) -> Result<Option<String>, Ambiguous> {
    if query.is_empty() {
        return Ok(None);
    }
    let mut last = None;
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if name == "rest_route" {
            last = Some(value.into_owned());
        } else if folds_to(&name, "rest_route") {
            return Err(Ambiguous);
        }
    }
    Ok(last)
}

/// True if PHP makes `name` of this key: blanks in front are dropped, `.`, a blank and a `[` that nothing closes become `_`,
/// and what follows a `[` or NUL is no part of the name.
pub(crate) fn folds_to(key: &str, name: &str) -> bool {
    let key = key.trim_start().as_bytes();
    let alike = |(got, want): (&u8, u8)| *got == want || (want == b'_' && matches!(*got, b'.' | b' ' | b'['));
    key.len() >= name.len() && key.iter().zip(name.bytes()).all(alike) && matches!(key.get(name.len()), None | Some(b'[' | 0))
}

/// As PHP would fold it, and whatever the letter case: for what must not be there under any reading.
pub(crate) fn folds_to_in_any_case(key: &str, name: &str) -> bool {
    folds_to(&key.to_ascii_lowercase(), &name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_paths_are_decoded_once() {
        for (raw, path, rest) in [
            ("/", "/", false),
            ("/v1/posts?page=2", "/v1/posts", false),
            ("/caf%C3%A9/x%20y", "/café/x y", false),
            ("/?rest_route=/simple-jwt-login/v1/auth&email=a@b", "/wp-json/simple-jwt-login/v1/auth", true),
            ("/?rest_route=%2Fjwt-auth%2Fv1%2Ftoken", "/wp-json/jwt-auth/v1/token", true),
            ("/index.php?rest_route=/x", "/wp-json/x", true),
            ("/index.php/wp-json/jwt-auth/v1/token", "/wp-json/jwt-auth/v1/token", false),
            ("/?rest_route=/a&rest_route=/b", "/wp-json/b", true),
            ("/?rest%5Froute=/x", "/wp-json/x", true),
            ("/index.php/api/v1/update", "/api/v1/update", false),
            ("/INDEX.php/api/v1/update", "/api/v1/update", false),
            ("/other?q=rest_route&rest_routes=/x", "/other", false),
        ] {
            let target = Target::parse(raw).unwrap();
            assert_eq!((target.path.as_str(), target.rest_route), (path, rest), "{raw}");
        }
    }

    #[test]
    fn other_names_of_a_path_are_known() {
        for (raw, path, aliases) in [
            ("/v1/posts", "/v1/posts", &[][..]),
            ("/index.php", "/index.php", &[]),
            ("/index.php/x", "/x", &[]),
            ("/a.b/c", "/a.b/c", &[]),
            ("/admin.", "/admin.", &["/admin"]),
            ("/admin%20/x..", "/admin /x..", &["/admin/x"]),
            ("/admin. ./x", "/admin. ./x", &["/admin/x"]),
            ("/.../x", "/.../x", &[]),
            ("/public/index.php/x", "/public/index.php/x", &["/x", "/public/", "/public/index.php"]),
            ("/public/Index.PHP./x", "/public/Index.PHP./x", &["/x", "/public/", "/public/Index.PHP", "/public/Index.PHP/x"]),
            ("/public/index.php", "/public/index.php", &["/", "/public/"]),
            ("/wp-login.php/x", "/wp-login.php/x", &["/wp-login.php"]),
            ("/index.php/index.php/x", "/index.php/x", &["/x", "/", "/index.php"]),
            ("/\u{e9}.php/x", "/\u{e9}.php/x", &["/\u{e9}.php"]),
        ] {
            let target = Target::parse(raw).unwrap();
            assert_eq!((target.path.as_str(), target.aliases), (path, aliases.iter().map(|a| (*a).to_owned()).collect()), "{raw}");
        }
    }

    #[test]
    fn a_base_holds_whole_segments_in_any_letter_case() {
        for (path, expected) in
            [("/api/v1", Some("")), ("/Api/V1/auth/", Some("/auth/")), ("/api/v1auth", None), ("/api", None), ("/ap\u{131}/v1", None)]
        {
            assert_eq!(inside(path, "/api/v1"), expected, "{path}");
        }
    }

    #[test]
    fn what_could_mean_two_things_is_refused() {
        for raw in [
            "",
            "v1",
            "*",
            "/a//b",
            "//",
            "/a/../b",
            "/a/./b",
            "/a/..",
            "/%2e%2e/b",
            "/a%2fb",
            "/a%2Fb",
            "/a%5cb",
            "/a\\b",
            "/a%00",
            "/a%0d%0ab",
            "/a;b",
            "/a%3bb",
            "/a%252fb",
            "/a%ff",
            "/a%",
            "/a%zz",
            "/a%%32fb",
            "/a%2%66b",
            "/?rest_route=/a/../b",
            "/?rest_route=/a//b",
            "/other?rest_route=/x",
            "/other?rest%5Froute=/x",
            "/?rest.route=/x",
            "/?rest+route=/x",
            "/?rest%20route=/x",
            "/?rest_route[]=/x",
            "/?%20rest_route=/x",
            "/?rest[route=/x",
            "/?rest%5Broute=/x",
            "/?rest_route%00=/x",
            "/index.php/../x",
            "/index.php//x",
        ] {
            assert_eq!(Target::parse(raw), Err(Ambiguous), "{raw}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_target_panics_and_what_passes_is_plain(raw in "\\PC{0,64}") {
            if let Ok(target) = Target::parse(&raw) {
                proptest::prop_assert!(target.path.starts_with('/') && is_plain(&target.path));
            }
        }
    }
}

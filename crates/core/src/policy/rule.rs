//! A rule: which requests it is for, and what it asks of them.

use super::rate::RateLimit;

/// A way of proving oneself that a rule accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Way {
    /// Nothing need be proven; what is proven all the same is passed on, and a bad credential refuses.
    None,
    /// WNCMS's API token in body or query (`api_token`).
    Simple,
    /// HTTP Basic with e-mail and password.
    Basic,
    /// `Authorization: token …`: an API token.
    Token,
    /// `Authorization: Bearer …`: a JWT.
    Bearer,
    /// An API key bare in `Authorization` (Wapka's `wpk_live_…`).
    ApiKey,
}

impl Way {
    /// The word in bundles and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Simple => "simple",
            Self::Basic => "basic",
            Self::Token => "token",
            Self::Bearer => "bearer",
            Self::ApiKey => "api_key",
        }
    }

    /// The way of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Simple, Self::Basic, Self::Token, Self::Bearer, Self::ApiKey].into_iter().find(|w| w.word() == word)
    }
}

/// How a rule's path is compared with a request's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathMatch {
    /// The same path (a trailing slash apart).
    Exact,
    /// The path or anything below it, by whole segments.
    Prefix,
    /// Segments in braces stand for any one segment: `/posts/{id}`.
    Pattern,
    /// Any path that begins with this text, in the middle of a segment too: `/posts` holds `/posts-old`.
    Start,
}

impl PathMatch {
    /// The word in bundles.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
            Self::Pattern => "pattern",
            Self::Start => "start",
        }
    }

    /// The match of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Exact, Self::Prefix, Self::Pattern, Self::Start].into_iter().find(|m| m.word() == word)
    }
}

/// What a bad or expired credential does where nobody need be anybody ([`Way::None`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stale {
    /// It refuses: a client that thinks it is somebody is told that it is not.
    #[default]
    Refuse,
    /// It is as if it were not there.
    Ignore,
}

impl Stale {
    /// The word in bundles and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Ignore => "ignore",
        }
    }

    /// What a word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Refuse, Self::Ignore].into_iter().find(|s| s.word() == word)
    }
}

/// One line of a site's policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The action's name, stable in audit and console (`wncms.post.index`).
    pub action: String,
    /// The path, canonical, starting with `/`.
    pub path: String,
    /// How the path is compared.
    pub matching: PathMatch,
    /// Upper-case methods; empty = all.
    pub methods: Vec<String>,
    /// Hosts, lower case, with the port if only that one is meant; `*.` in front stands for any name before it. Empty = all.
    pub hosts: Vec<String>,
    /// `None` = on; `Some(key)` = off, and the switch that says so (shown in some dialects' refusals).
    pub off: Option<String>,
    /// Ways of proving oneself; one that succeeds is enough. Contains [`Way::None`] if nobody is welcome too.
    pub ways: Vec<Way>,
    /// True if each of the ways must be proven, all by the same account.
    pub all: bool,
    /// What a bad credential does where `ways` contains [`Way::None`].
    pub stale: Stale,
    /// A mode that nobody knows, as configured (refused in the dialect's words).
    pub unknown_mode: Option<String>,
    /// Roles, of which one must be had; empty = none asked.
    pub roles: Vec<String>,
    /// Scopes, all of which must be had; empty = none asked.
    pub scopes: Vec<String>,
    /// Smallest level.
    pub min_level: u8,
    /// Addresses from which alone it may be used (CIDR, `*` wildcards); empty = all.
    pub ip_allow: Vec<String>,
    /// Addresses from which it may not be used, whatever `ip_allow` says.
    pub ip_deny: Vec<String>,
    /// How often it may be used.
    pub rate_limits: Vec<RateLimit>,
    /// True if credentials are removed before the upstream sees the request.
    pub strip_credential: bool,
    /// The language in whose words it refuses; `None` = the one that owns the path.
    pub answers_as: Option<String>,
}

impl Rule {
    /// A rule that asks for one of `ways` on a path, and for nothing else.
    #[must_use]
    pub fn new(action: &str, matching: PathMatch, path: &str, ways: &[Way]) -> Self {
        Self {
            action: action.into(),
            path: path.into(),
            matching,
            methods: Vec::new(),
            hosts: Vec::new(),
            off: None,
            ways: ways.to_vec(),
            all: false,
            stale: Stale::Refuse,
            unknown_mode: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            min_level: 0,
            ip_allow: Vec::new(),
            ip_deny: Vec::new(),
            rate_limits: Vec::new(),
            strip_credential: false,
            answers_as: None,
        }
    }

    /// True if it is on, and nobody is welcome too.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.off.is_none() && self.ways.contains(&Way::None)
    }
}

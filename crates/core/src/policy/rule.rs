//! A rule: which requests it is for, and what it asks of them.

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
}

impl PathMatch {
    /// The word in bundles.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Prefix => "prefix",
            Self::Pattern => "pattern",
        }
    }

    /// The match of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Exact, Self::Prefix, Self::Pattern].into_iter().find(|m| m.word() == word)
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
    /// `None` = on; `Some(key)` = off, and the switch that says so (shown in some dialects' refusals).
    pub off: Option<String>,
    /// Ways of proving oneself; one that succeeds is enough. Contains [`Way::None`] if nobody is welcome too.
    pub ways: Vec<Way>,
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
            off: None,
            ways: ways.to_vec(),
            unknown_mode: None,
            roles: Vec::new(),
            scopes: Vec::new(),
            min_level: 0,
            ip_allow: Vec::new(),
            answers_as: None,
        }
    }

    /// True if it is on, and nobody is welcome too.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.off.is_none() && self.ways.contains(&Way::None)
    }
}

/// What a credential may be used for. An empty set means nothing, never everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scopes {
    /// Everything its account may do.
    All,
    /// Only these.
    Only(Vec<String>),
}

impl Scopes {
    /// True if the scope is covered.
    #[must_use]
    pub fn covers(&self, scope: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(list) => list.iter().any(|s| s == scope),
        }
    }

    /// True if every scope of `child` is covered.
    #[must_use]
    pub fn contains(&self, child: &Self) -> bool {
        match (self, child) {
            (Self::All, _) => true,
            (Self::Only(_), Self::All) => false,
            (Self::Only(_), Self::Only(wanted)) => wanted.iter().all(|s| self.covers(s)),
        }
    }

    /// Space-separated, `*` for all: the stored and the wire form.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::All => "*".into(),
            Self::Only(list) => list.join(" "),
        }
    }

    /// Reads the text form.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let list: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        if list.iter().any(|s| s == "*") { Self::All } else { Self::Only(list) }
    }
}

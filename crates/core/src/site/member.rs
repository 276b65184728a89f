//! The members of a language's settings as somebody may edit them: where each stands, what it holds, what holds without it.

use serde_json::Value;

/// A member of a language's settings object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Where it stands, dots between the levels (`settings.token_seconds`).
    pub path: String,
    /// What it is called among the words for people (`wapka.token_seconds`).
    pub word: &'static str,
    /// What those words name, if they are the same for several members: an endpoint's path; else empty.
    pub of: &'static str,
    /// What it belongs to, among the words for people.
    pub group: &'static str,
    /// What it holds.
    pub kind: MemberKind,
    /// What holds where it is not written; empty = nothing, or what is said elsewhere.
    pub default: &'static str,
    /// What has to be written here as soon as anything else is, for what holds to go on: some defaults are those of an empty object.
    pub keep: Option<Value>,
}

/// What a member holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberKind {
    /// `true` or `false`.
    Switch,
    /// A truth value as PHP keeps it: `"1"` or `"0"`.
    Row,
    /// A whole number.
    Number {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// A text in one line.
    Text,
    /// A text of several lines.
    Lines,
    /// A list of texts.
    List,
    /// One of these texts.
    Choice(&'static [&'static str]),
}

impl MemberKind {
    /// Its name, for programs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Switch => "switch",
            Self::Row => "row",
            Self::Number { .. } => "number",
            Self::Text => "text",
            Self::Lines => "lines",
            Self::List => "list",
            Self::Choice(_) => "choice",
        }
    }
}

impl Member {
    /// A member of a kind, with what holds without it.
    #[must_use]
    pub fn new(path: impl Into<String>, word: &'static str, group: &'static str, kind: MemberKind, default: &'static str) -> Self {
        Self { path: path.into(), word, of: "", group, kind, default, keep: None }
    }

    /// What every language has: the others whose tokens it takes.
    #[must_use]
    pub fn accepts() -> Self {
        Self::new("accept_tokens_of", "accept_tokens_of", "general", MemberKind::List, "")
    }
}

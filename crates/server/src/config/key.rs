//! One setting: its name, where it may be set, what it takes, and what it does.

use std::fmt;

/// A setting.
#[derive(Debug)]
pub struct Key {
    /// Section and name (`server.listen`), as in the file.
    pub name: &'static str,
    /// The environment variable.
    pub env: &'static str,
    /// The flag, where there is one.
    pub flag: Option<&'static str>,
    /// What it takes.
    pub kind: Kind,
    /// Its value if nobody sets it.
    pub default: &'static str,
    /// What it does, in a paragraph.
    pub about: &'static str,
}

/// What a setting takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An address with a port.
    Address,
    /// An address with a port, or nothing.
    OptionalAddress,
    /// Addresses and networks; a list in the file, separated by commas elsewhere.
    Networks,
    /// A path of the file system.
    Path,
    /// Paths; a list in the file, separated by commas elsewhere.
    Paths,
    /// Host names; a list in the file, separated by commas elsewhere.
    Hosts,
    /// Any text.
    Text,
    /// Text that may hold a password, which is never printed.
    DatabaseUrl,
    /// The URL of a mail server, which may hold a password and is never printed.
    SmtpUrl,
    /// An address that mail is from.
    Mailbox,
    /// A whole number in a range.
    Number(i64, i64),
    /// One of these words.
    Word(&'static [&'static str]),
}

impl Kind {
    /// What it takes, for people.
    #[must_use]
    pub fn about(self) -> String {
        match self {
            Self::Address => "an address with a port, such as 127.0.0.1:8080".into(),
            Self::OptionalAddress => "an address with a port, or nothing".into(),
            Self::Networks => "addresses and networks such as 10.0.0.0/8; a list in the file, separated by commas elsewhere".into(),
            Self::Path => "a path, relative to the working directory".into(),
            Self::Paths => "paths; a list in the file, separated by commas elsewhere".into(),
            Self::Hosts => "host names; a list in the file, separated by commas elsewhere".into(),
            Self::Text => "text, or nothing".into(),
            Self::DatabaseUrl => "a postgres:// URL, or nothing".into(),
            Self::SmtpUrl => "an smtp:// or smtps:// URL, or nothing".into(),
            Self::Mailbox => "an address, or a name and <an address>".into(),
            Self::Number(least, most) => format!("a whole number from {least} to {most}"),
            Self::Word(words) => words.join(", "),
        }
    }
}

impl Key {
    /// The section.
    #[must_use]
    pub fn section(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(section, _)| section)
    }
}

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// A line of the file.
    File(String, usize),
    /// An environment variable.
    Environment(&'static str),
    /// A flag.
    Flag(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path, line) => write!(f, "{path}:{line}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => write!(f, "flag {name}"),
        }
    }
}

/// The known word that somebody most likely meant, if one is near.
#[must_use]
pub fn suggest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this, a suggestion confuses more than it helps.
    const NEAR: f64 = 0.8;
    known
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&word.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(score, _)| *score >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// The same as the end of a sentence: `; did you mean ``x``?`, or nothing.
#[must_use]
pub fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    suggest(word, known).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

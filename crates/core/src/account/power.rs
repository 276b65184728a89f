//! Power: who runs the server or a site. Kept apart from roles and levels, which an import or a language may write.

/// What an account may do in the console beyond its own things.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Power {
    /// Its own things only.
    #[default]
    None,
    /// Its own site.
    Admin,
    /// The whole server.
    Owner,
}

impl Power {
    /// The word in the store, in commands and on the wire.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }

    /// The power of a word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::None, Self::Admin, Self::Owner].into_iter().find(|power| power.word() == word)
    }
}

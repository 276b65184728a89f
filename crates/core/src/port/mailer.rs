//! The port to the post: a letter is handed over and on its way; nobody waits for its arrival.

/// A letter.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// The one it is for.
    pub to: String,
    /// Its subject; line breaks are taken out.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// True if the text is HTML.
    pub html: bool,
}

impl std::fmt::Debug for Mail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Mail(…)")
    }
}

/// Sends letters.
pub trait Mailer: Send + Sync {
    /// Hands a letter over: false if the post takes none now, and it is lost.
    fn post(&self, mail: Mail) -> bool;
}

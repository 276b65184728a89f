//! The port to the post: a letter is handed to a mail server, which takes it, or may take it later, or never will.

use super::hasher::BoxFuture;

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

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// The mail server has it.
    Taken,
    /// It may take it another time.
    Later,
    /// It will not.
    Never,
}

/// Sends letters.
pub trait Mailer: Send + Sync {
    /// Hands a letter over, which has this number in the store and the log; it was kept before, and is tried again if it may be. Several are
    /// handed over at once, in no order.
    fn send<'a>(&'a self, number: i64, mail: &'a Mail) -> BoxFuture<'a, Delivery>;
}

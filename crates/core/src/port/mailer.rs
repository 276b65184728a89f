//! The port to the post: a letter is handed to a mail server, which takes it, or may take it later, or never will.

use super::hasher::BoxFuture;
use crate::call::Time;

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

/// A letter that was kept, as it is handed over: the same at each try.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Its number in the store and the log.
    pub number: i64,
    /// Its `Message-ID`, without the angle brackets: whoever gets it twice knows it for one.
    pub id: String,
    /// When it was written.
    pub written: Time,
    /// What it says, and to whom.
    pub mail: Mail,
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
    /// Hands a letter over; it was kept before, and is tried again if it may be. Several are handed over at once, in no order.
    fn send<'a>(&'a self, letter: &'a Letter) -> BoxFuture<'a, Delivery>;
}

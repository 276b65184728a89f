//! The port to other servers: one question over HTTP, one answer, within limits of time and size. No redirect is ever followed.

use std::fmt;

use crate::port::hasher::BoxFuture;

/// A question to another server.
#[derive(Clone)]
pub struct Question {
    /// Its method.
    pub method: String,
    /// The whole URL.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
    /// Where it may go.
    pub reach: Reach,
}

impl Question {
    /// A `GET` without headers.
    #[must_use]
    pub fn get(url: &str, reach: Reach) -> Self {
        Self { method: "GET".to_owned(), url: url.to_owned(), headers: Vec::new(), body: Vec::new(), reach }
    }

    /// A `POST` of a form.
    #[must_use]
    pub fn form(url: &str, body: String, reach: Reach) -> Self {
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        Self { method: "POST".to_owned(), url: url.to_owned(), headers, body: body.into_bytes(), reach }
    }

    /// The same with another header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

impl fmt::Debug for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Question({} …)", self.method)
    }
}

/// Where a question may go. The default is the strictest: public addresses, by TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Addresses of private networks and of this machine, too.
    pub private: bool,
    /// Without TLS: nowhere, on this machine, or everywhere.
    pub plain: Plain,
}

/// Where a question may go without TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Plain {
    /// Nowhere.
    #[default]
    Never,
    /// To this machine.
    Loopback,
    /// Everywhere.
    Anywhere,
}

/// What another server said.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// Its status.
    pub status: u16,
    /// Its body, whole.
    pub body: Vec<u8>,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heard({}, {} bytes)", self.status, self.body.len())
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unheard {
    /// The URL is none, or none that [`Reach`] allows: nothing was sent.
    Forbidden,
    /// Nobody is there, or the connection broke.
    Unreachable,
    /// It took too long.
    TooLate,
    /// The answer is larger than is read.
    TooLarge,
}

impl Unheard {
    /// One word for logs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Forbidden => "forbidden",
            Self::Unreachable => "unreachable",
            Self::TooLate => "too late",
            Self::TooLarge => "too large",
        }
    }
}

/// Asks other servers.
pub trait Fetcher: Send + Sync {
    /// Asks one question.
    ///
    /// # Errors
    /// If there is no whole answer; any status is one.
    fn fetch(&self, question: Question) -> BoxFuture<'_, Result<Heard, Unheard>>;
}

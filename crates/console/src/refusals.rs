//! How the console says no: a status, a code that the pages have words for, and plain English for whoever uses curl.

use doorward_core::refusal::{Fault, No as CoreNo, Refusal};
use doorward_web::Reply;
use doorward_web::json::Style;
use http::header::{ALLOW, RETRY_AFTER};
use serde_json::{Map, Value, json};

/// A no.
#[derive(Debug)]
pub enum No {
    /// The caller's doing.
    Refused(Box<Said>),
    /// Ours: logged, never told.
    Broken(Fault),
}

/// A refusal as it is written.
#[derive(Debug)]
pub struct Said {
    /// The status.
    pub status: u16,
    /// The reason id.
    pub code: &'static str,
    /// Plain English.
    pub message: String,
    /// The member of the body that is wrong.
    pub field: Option<String>,
    /// Seconds after which it makes sense to try again.
    pub retry_after: Option<u32>,
    /// What else the answer holds beside `error`.
    pub more: Map<String, Value>,
    /// The methods that are offered, of 405.
    pub allow: Option<String>,
}

impl No {
    /// A refusal in the console's own words.
    #[must_use]
    pub fn said(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let (message, more) = (message.into(), Map::new());
        Self::Refused(Box::new(Said { status, code, message, field: None, retry_after: None, more, allow: None }))
    }

    /// 401: nobody is signed in.
    #[must_use]
    pub fn no_session() -> Self {
        Self::said(401, "no_session", "Sign in first")
    }

    /// 403: the CSRF token or the origin is missing or wrong.
    #[must_use]
    pub fn csrf() -> Self {
        Self::said(403, "csrf", "X-CSRF-Token must be the one of GET /api/session, and the request must come from the console's own pages")
    }

    /// 403: a fresh proof is asked for.
    #[must_use]
    pub fn reauth_due() -> Self {
        Self::said(403, "reauth_due", "Prove who you are again: POST /api/session/reauth")
    }

    /// 403: the password was given by an administrator.
    #[must_use]
    pub fn own_password_due() -> Self {
        Self::said(403, "own_password_due", "Choose a password of your own first: POST /api/me/password")
    }

    /// 403: it is somebody else's to do.
    #[must_use]
    pub fn not_yours() -> Self {
        Self::said(403, "not_yours", "This is not yours to do")
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::said(404, "not_found", "There is no such thing")
    }

    /// 422: a member is there and cannot be used.
    #[must_use]
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::said(422, "invalid_field", message).about(field)
    }

    /// 409.
    #[must_use]
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::said(409, code, message)
    }

    /// 412: somebody else changed it in between.
    #[must_use]
    pub fn changed() -> Self {
        Self::said(412, "changed", "It was changed in between: read it again")
    }

    /// 405.
    #[must_use]
    pub fn method(allow: String) -> Self {
        Self::said(405, "method_not_allowed", "Method not allowed").but(|said| said.allow = Some(allow))
    }

    /// The same, about a member of the body.
    #[must_use]
    pub fn about(self, field: impl Into<String>) -> Self {
        self.but(|said| said.field = Some(field.into()))
    }

    /// The same, with another member beside `error`.
    #[must_use]
    pub fn with(self, name: &str, value: Value) -> Self {
        self.but(|said| {
            said.more.insert(name.to_owned(), value);
        })
    }

    /// The same, with a status of its own.
    #[must_use]
    pub fn status(self, status: u16) -> Self {
        self.but(|said| said.status = status)
    }

    fn but(mut self, change: impl FnOnce(&mut Said)) -> Self {
        match &mut self {
            Self::Refused(said) => change(said),
            Self::Broken(_) => {}
        }
        self
    }

    /// The answer. A fault is logged here, once.
    #[must_use]
    pub fn reply(self, request: &str, action: &str) -> Reply {
        let said = match self {
            Self::Refused(said) => *said,
            Self::Broken(fault) => {
                tracing::error!(request, action, %fault, "fault");
                let error = json!({"error": {"code": "unavailable", "message": "Service unavailable"}});
                return Reply::json(503, Style::Plain, &error).refusing("fault");
            }
        };
        let mut error = Map::new();
        error.insert("code".into(), said.code.into());
        if let Some(field) = said.field {
            error.insert("field".into(), field.into());
        }
        error.insert("message".into(), said.message.into());
        if let Some(seconds) = said.retry_after {
            error.insert("retry_after".into(), seconds.into());
        }
        for (name, value) in said.more {
            error.insert(name, value);
        }
        let mut reply = Reply::json(said.status, Style::Plain, &json!({"error": error})).refusing(said.code);
        if let Some(seconds) = said.retry_after {
            reply = reply.with(RETRY_AFTER, &seconds.to_string());
        }
        if let Some(allow) = said.allow {
            reply = reply.with(ALLOW, &allow);
        }
        reply
    }
}

impl From<Fault> for No {
    fn from(fault: Fault) -> Self {
        Self::Broken(fault)
    }
}

impl From<CoreNo> for No {
    fn from(no: CoreNo) -> Self {
        match no {
            CoreNo::Refused(refusal) => refusal.into(),
            CoreNo::Broken(fault) => Self::Broken(fault),
        }
    }
}

impl From<Refusal> for No {
    fn from(refusal: Refusal) -> Self {
        let reason = refusal.reason();
        match refusal {
            Refusal::MalformedBody => Self::said(400, reason, "The body is no JSON object"),
            Refusal::WrongShape(field) => Self::said(422, reason, format!("`{field}` has the wrong type")).about(field),
            Refusal::Missing(field) => Self::said(422, reason, format!("`{field}` is missing")).about(field),
            Refusal::Invalid(field) => Self::said(422, reason, format!("`{field}` cannot be used")).about(field),
            Refusal::BodyTooLarge => Self::said(413, reason, "The body is too large"),
            Refusal::BodyTooSlow => Self::said(408, reason, "The body took too long"),
            Refusal::LoopDetected => Self::said(508, reason, "The request has been here before"),
            Refusal::UnsupportedMediaType => Self::said(415, reason, "application/json is asked for"),
            Refusal::MethodNotAllowed(allow) => Self::method(allow.to_owned()),
            Refusal::NoRoute | Refusal::UnknownSite | Refusal::NotFound => Self::not_found(),
            Refusal::BadCredentials => Self::said(401, reason, "Login or password is wrong"),
            Refusal::SecondFactorDue => Self::said(401, reason, "A second factor is due"),
            Refusal::SecondFactorWrong => Self::said(401, reason, "The code is wrong or was used already"),
            Refusal::Banned => Self::said(403, reason, "The account is banned"),
            Refusal::NoCredential | Refusal::RevokedToken | Refusal::AccountGone => Self::no_session(),
            Refusal::UnknownToken
            | Refusal::MalformedCredential
            | Refusal::ForgedToken(_)
            | Refusal::EarlyToken
            | Refusal::ExpiredToken
            | Refusal::WrongKind
            | Refusal::ReusedRefresh => Self::said(410, "link_over", "The link or step is over or was used already: begin again"),
            Refusal::LoginWayOff(_) | Refusal::SwitchedOff(_) | Refusal::UnknownMode(_) => {
                Self::said(403, "switched_off", "The site does not offer this")
            }
            Refusal::AuthCodeWrong
            | Refusal::NotYours
            | Refusal::RoleMissing(_)
            | Refusal::ScopeMissing
            | Refusal::LevelTooLow
            | Refusal::AddressNotAllowed => Self::said(403, reason, "This is not yours to do"),
            Refusal::TooMany(seconds) | Refusal::RateLimited(seconds) => later(429, reason, "Too many tries", seconds),
            Refusal::Busy(seconds) => later(503, reason, "The server is busy", seconds),
        }
    }
}

fn later(status: u16, code: &'static str, message: &str, seconds: u32) -> No {
    No::said(status, code, message).but(|said| said.retry_after = Some(seconds))
}

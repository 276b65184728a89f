//! The doors: one for each proxy that asks before it passes a request on itself. Each reads the original request from the
//! headers that its own proxy sets, and from no others; what is missing, double or unreadable is not guessed.
//!
//! Reading order:
//! - this file: which door, and what all of them have in common;
//! - [`asked`]: one header, once;
//! - `nginx`, `caddy`, `traefik`, `haproxy`, `envoy`: one file per proxy; [`grpc`]: Envoy's other language;
//! - [`fallback`]: the credential of a proxy that cannot pass `Authorization` on.

pub mod asked;
mod caddy;
mod envoy;
pub mod fallback;
pub mod grpc;
mod haproxy;
mod nginx;
mod traefik;

#[cfg(test)]
mod tests;

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use doorward_web::target::Ambiguous;
use doorward_web::{Head, Target};

use crate::identity;

/// A proxy that asks over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// nginx's `auth_request`.
    Nginx,
    /// Caddy's `forward_auth`.
    Caddy,
    /// Traefik's `ForwardAuth`.
    Traefik,
    /// `HAProxy` with the script of `examples/haproxy`.
    Haproxy,
    /// Envoy's `ext_authz` over HTTP.
    Envoy,
}

/// Where a question says the original target.
pub enum Told {
    /// In this header.
    In(HeaderName),
    /// Behind this path, in the question's own target.
    Behind(&'static str),
}

/// The doors that ask at a path of their own: path, door, and what is said of it.
pub const DOORS: [(&str, Door, &str); 5] = [
    (nginx::PATH, Door::Nginx, "nginx's auth_request asks here, with X-Original-Method and X-Original-URI"),
    (caddy::PATH, Door::Caddy, "Caddy's forward_auth asks here, with X-Forwarded-Method, -Proto, -Host and -Uri"),
    (traefik::PATH, Door::Traefik, "Traefik's ForwardAuth asks here, with X-Forwarded-Method, -Proto, -Host and -Uri"),
    (haproxy::PATH, Door::Haproxy, "HAProxy's script asks here, with X-Original-Method and X-Original-URI"),
    (envoy::PATH, Door::Envoy, "Envoy's ext_authz asks here over HTTP: the original path follows, the method is the original one"),
];

/// The header by which a proxy is told that Doorward answers a path itself and must be sent the request.
pub const SEND_HERE: &str = "x-doorward-send-here";

/// The header by which a proxy is told which of the client's headers the application must not see.
const REMOVE: HeaderName = HeaderName::from_static("x-doorward-remove");

impl Door {
    /// The door that a path leads to.
    #[must_use]
    pub fn at(path: &str) -> Option<Self> {
        if !path.starts_with("/_doorward/check/") {
            return None;
        }
        let own = |(at, door, _): &(&str, Self, &str)| (path == *at || (*door == Self::Envoy && envoy::is_below(path))).then_some(*door);
        DOORS.iter().find_map(own)
    }

    /// The head of the request that is asked about: its method, target, host and headers.
    ///
    /// # Errors
    /// [`Ambiguous`] if what the proxy must say is missing, double or unreadable: then the door stays shut.
    pub fn original(self, asked: Parts) -> Result<Head, Ambiguous> {
        match self {
            Self::Nginx => nginx::original(asked),
            Self::Caddy => caddy::original(asked),
            Self::Traefik => traefik::original(asked),
            Self::Haproxy => haproxy::original(asked),
            Self::Envoy => envoy::original(asked),
        }
    }

    /// Where the proxy says the original target.
    #[must_use]
    pub fn told(self) -> Told {
        match self {
            Self::Nginx | Self::Haproxy => Told::In(asked::ORIGINAL_URI),
            Self::Caddy | Self::Traefik => Told::In(asked::FORWARDED_URI),
            Self::Envoy => Told::Behind(envoy::PATH),
        }
    }

    /// The original target alone, of a question that says all else as one that was read already.
    ///
    /// # Errors
    /// As for [`original`](Self::original).
    pub fn target(self, asked: &Parts) -> Result<Target, Ambiguous> {
        match self.told() {
            Told::In(header) => asked::target(asked::one(&asked.headers, &header)?),
            Told::Behind(path) => {
                let raw = asked.uri.path_and_query().ok_or(Ambiguous)?.as_str();
                asked::target(raw.strip_prefix(path).ok_or(Ambiguous)?)
            }
        }
    }

    /// True if the proxy can hand any answer to the client and still knows that it is a no. The others take every 2xx for a
    /// yes: they are never answered 2xx unless it is one.
    #[must_use]
    pub fn tells_a_no_from_its_status(self) -> bool {
        match self {
            Self::Haproxy => true,
            Self::Nginx | Self::Caddy | Self::Traefik | Self::Envoy => false,
        }
    }

    /// The status that lets a request through.
    #[must_use]
    pub fn yes(self) -> StatusCode {
        match self {
            // Envoy takes 200 for a yes, and nothing else.
            Self::Envoy => StatusCode::OK,
            Self::Nginx | Self::Caddy | Self::Traefik | Self::Haproxy => StatusCode::NO_CONTENT,
        }
    }

    /// True if a browser's preflight can be answered at this door. The others are told to send it here.
    #[must_use]
    pub fn answers_preflights(self) -> bool {
        match self {
            Self::Haproxy | Self::Envoy => true,
            Self::Nginx | Self::Caddy | Self::Traefik => false,
        }
    }

    /// True if the proxy drops the body of a no and sends the client's request here for it.
    #[must_use]
    pub fn comes_back(self) -> bool {
        match self {
            Self::Nginx => true,
            Self::Caddy | Self::Traefik | Self::Haproxy | Self::Envoy => false,
        }
    }

    /// What a no must not say, because the proxy says it again beside the answer that the client gets from Doorward itself.
    pub fn undress(self, answer: &mut HeaderMap) {
        if self == Self::Nginx {
            answer.remove(http::header::WWW_AUTHENTICATE);
        }
    }

    /// What the answer must say beside who was let in. `asked` are the headers that the question came with, `hidden` those
    /// that the application must not see.
    pub fn dress(self, answer: &mut HeaderMap, asked: &HeaderMap, hidden: &[String]) {
        match self {
            Self::Caddy => caddy::dress(answer),
            Self::Envoy => return envoy::dress(answer, asked, hidden),
            Self::Nginx | Self::Haproxy if !hidden.is_empty() => {}
            Self::Nginx | Self::Haproxy | Self::Traefik => return,
        }
        if let Ok(names) = HeaderValue::from_str(&hidden.join(", ")) {
            answer.insert(REMOVE, names);
        }
    }

    /// True if the proxy can be told by an answer to remove a header from the client's request. Traefik cannot, and is not
    /// held up for it: what it removes is in its configuration.
    #[must_use]
    pub fn hides(self, header: &str) -> bool {
        match self {
            Self::Nginx | Self::Caddy => header == "authorization",
            Self::Haproxy | Self::Envoy | Self::Traefik => true,
        }
    }
}

/// The identity headers that an answer does not set, and every other spelling of them among `asked`: what a proxy must
/// remove from the client's request.
fn to_remove(answer: &HeaderMap, asked: &HeaderMap) -> Vec<String> {
    let unset = identity::NAMES.iter().filter(|name| !answer.contains_key(**name)).map(|name| (*name).to_owned());
    let spelled = asked.keys().map(http::HeaderName::as_str);
    let spelled = spelled.filter(|name| identity::is_ours(name) && !identity::NAMES.contains(name)).map(str::to_owned);
    unset.chain(spelled).collect()
}

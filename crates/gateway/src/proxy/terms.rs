//! What the operator chose for the way to the upstreams: times, sizes, who is asked next.

use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;

/// Times, sizes and choices. The defaults are those of the settings.
#[derive(Clone, Debug)]
pub struct Terms {
    /// How long a connection (with its TLS handshake) may take.
    pub connect: Duration,
    /// How long an upstream may think, once it has the request, before its head is there.
    pub head: Duration,
    /// How long a client may be silent within a request's body.
    pub request_idle: Duration,
    /// How long an upstream may be silent within an answer's body.
    pub answer_idle: Duration,
    /// How long an upgraded connection may be silent in both directions.
    pub tunnel_idle: Duration,
    /// The longest request body in bytes; 0 = any.
    pub request_bytes: u64,
    /// The longest answer body in bytes; 0 = any.
    pub answer_bytes: u64,
    /// The largest head of an answer in bytes.
    pub head_bytes: usize,
    /// By which headers an upstream is told of the client.
    pub forwarded: Forwarded,
    /// Which of several upstreams is asked next.
    pub balance: Balance,
    /// Failures in a row that put one of several upstreams out.
    pub failures: u32,
    /// How long it stays out.
    pub out: Duration,
    /// The path that is asked for to see whether upstreams are well; `None` = they are not asked.
    pub health_path: Option<String>,
    /// How often.
    pub health_every: Duration,
    /// How upstreams' certificates are judged; `None` = by the platform's trust store.
    pub tls: Option<Arc<ClientConfig>>,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            head: Duration::from_secs(60),
            request_idle: Duration::from_secs(30),
            answer_idle: Duration::from_secs(300),
            tunnel_idle: Duration::from_secs(3600),
            request_bytes: 100 * 1024 * 1024,
            answer_bytes: 0,
            head_bytes: 64 * 1024,
            forwarded: Forwarded::XForwarded,
            balance: Balance::RoundRobin,
            failures: 3,
            out: Duration::from_secs(10),
            health_path: None,
            health_every: Duration::from_secs(10),
            tls: None,
        }
    }
}

/// By which headers an upstream is told of the client. Whatever is chosen, the client's own copies of all are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forwarded {
    /// `X-Forwarded-For`, `-Proto`, `-Host`.
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Standard,
    /// Both.
    Both,
}

/// Which of several upstreams is asked next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// One after the other.
    RoundRobin,
    /// The one with the fewest requests in flight.
    LeastConnections,
}

//! `[server]`: where it listens, and whom it believes.

use std::net::SocketAddr;
use std::time::Duration;

use doorward_web::client_addr::TrustedProxies;

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "server.listen",
        env: "DOORWARD_LISTEN",
        flag: Some("--listen"),
        kind: Kind::Address,
        default: "127.0.0.1:8080",
        about: "Where clients and proxies reach the server, in plain HTTP/1.1 and HTTP/2. The default is reachable from this machine \
                alone: set tls.listen, or put a proxy that speaks TLS in front, before you listen on another address.",
    },
    Key {
        name: "server.metrics_listen",
        env: "DOORWARD_METRICS_LISTEN",
        flag: Some("--metrics-listen"),
        kind: Kind::OptionalAddress,
        default: "127.0.0.1:9180",
        about: "Where Prometheus reads /metrics. It has a listener of its own so that numbers are never shown to clients by \
                mistake. Empty = no metrics.",
    },
    Key {
        name: "server.grpc_listen",
        env: "DOORWARD_GRPC_LISTEN",
        flag: Some("--grpc-listen"),
        kind: Kind::OptionalAddress,
        default: "",
        about: "Where Envoy's ext_authz asks over gRPC (envoy.service.auth.v3), in plain HTTP/2; nothing else is answered there. \
                Only this machine and trusted proxies may ask. Empty = nowhere.",
    },
    Key {
        name: "server.trusted_proxies",
        env: "DOORWARD_TRUSTED_PROXIES",
        flag: Some("--trusted-proxies"),
        kind: Kind::Networks,
        default: "",
        about: "The proxies in front of this server, and nobody else. From these peers alone, X-Forwarded-For is believed (the \
                rightmost address that is no proxy's is the client's) and, beside this machine, forward-auth questions are \
                answered. Empty = the peer itself is always the client. Never trust 0.0.0.0/0: whoever is trusted can choose the address that limits \
                and allow-lists see.",
    },
    Key {
        name: "server.body_seconds",
        env: "DOORWARD_BODY_SECONDS",
        flag: None,
        kind: Kind::Number(1, 300),
        default: "20",
        about: "Seconds that a body may take to arrive where this server reads it: at the endpoints of the dialects, and where a \
                rule takes its credential from the body. Later it is answered 408. What only passes through to the upstream is \
                not timed here but by proxy.request_idle_seconds.",
    },
    Key {
        name: "server.head_seconds",
        env: "DOORWARD_HEAD_SECONDS",
        flag: None,
        kind: Kind::Number(1, 300),
        default: "10",
        about: "Seconds that a request's head, or a TLS handshake, may take to arrive, and that an HTTP/1.1 connection may be idle \
                between two requests.",
    },
    Key {
        name: "server.write_seconds",
        env: "DOORWARD_WRITE_SECONDS",
        flag: None,
        kind: Kind::Number(1, 3600),
        default: "60",
        about: "Seconds that a client may take nothing of what is written to it. Then its connection is cut.",
    },
    Key {
        name: "server.head_bytes",
        env: "DOORWARD_HEAD_BYTES",
        flag: None,
        kind: Kind::Number(8192, 1_048_576),
        default: "65536",
        about: "The largest head of a request, in bytes. A larger one is answered 431.",
    },
    Key {
        name: "server.headers",
        env: "DOORWARD_HEADERS",
        flag: None,
        kind: Kind::Number(16, 1000),
        default: "100",
        about: "The most header lines of a request. More are answered 431.",
    },
    Key {
        name: "server.streams",
        env: "DOORWARD_STREAMS",
        flag: None,
        kind: Kind::Number(1, 1000),
        default: "100",
        about: "The most requests at once on one HTTP/2 connection.",
    },
    Key {
        name: "server.stop_seconds",
        env: "DOORWARD_STOP_SECONDS",
        flag: None,
        kind: Kind::Number(1, 3600),
        default: "8",
        about: "Seconds that requests in flight, and upgraded connections, are waited for when the server is told to stop. Then they \
                are cut off.",
    },
];

/// The section's values.
#[derive(Clone, Debug)]
pub struct Server {
    /// Where clients reach it.
    pub listen: SocketAddr,
    /// Where Prometheus reads; `None` = nowhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where Envoy asks over gRPC; `None` = nowhere.
    pub grpc_listen: Option<SocketAddr>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: TrustedProxies,
    /// How long a body may take to arrive.
    pub body_time: Duration,
    /// What connections may cost.
    pub doors: crate::listener::Terms,
}

impl Server {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        Ok(Self {
            listen: values.parse("server.listen", address)?,
            metrics_listen: values.parse("server.metrics_listen", optional_address)?,
            grpc_listen: values.parse("server.grpc_listen", optional_address)?,
            trusted_proxies: values.parse("server.trusted_proxies", TrustedProxies::parse)?,
            body_time: Duration::from_secs(values.number("server.body_seconds")?),
            doors: crate::listener::Terms {
                head_time: Duration::from_secs(values.number("server.head_seconds")?),
                write_time: Duration::from_secs(values.number("server.write_seconds")?),
                head_bytes: values.number("server.head_bytes")?,
                headers: values.number("server.headers")?,
                streams: values.number("server.streams")?,
                last_wait: Duration::from_secs(values.number("server.stop_seconds")?),
            },
        })
    }
}

pub(super) fn optional_address(text: &str) -> Result<Option<SocketAddr>, String> {
    if text.is_empty() { Ok(None) } else { address(text).map(Some) }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let named = text.strip_prefix("localhost:").map(|port| format!("127.0.0.1:{port}"));
    named.as_deref().unwrap_or(text).parse().map_err(|_| format!("`{text}` is no address with a port, such as 127.0.0.1:8080"))
}

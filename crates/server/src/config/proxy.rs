//! `[proxy]`: the way to the upstreams.

use std::sync::Arc;
use std::time::Duration;

use doorward_gateway::proxy::terms::{Balance, Forwarded, Terms};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::key::{Key, Kind};
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "proxy.connect_seconds",
        env: "DOORWARD_PROXY_CONNECT_SECONDS",
        flag: None,
        kind: Kind::Number(1, 300),
        default: "5",
        about: "Seconds that a connection to an upstream, with its TLS handshake, may take. Then another upstream of the site is \
                asked, if there is one.",
    },
    Key {
        name: "proxy.answer_seconds",
        env: "DOORWARD_PROXY_ANSWER_SECONDS",
        flag: None,
        kind: Kind::Number(1, 86_400),
        default: "60",
        about: "Seconds that an upstream may think before the head of its answer is there. The clock starts anew while the \
                request's body is still on its way.",
    },
    Key {
        name: "proxy.request_idle_seconds",
        env: "DOORWARD_PROXY_REQUEST_IDLE_SECONDS",
        flag: None,
        kind: Kind::Number(1, 86_400),
        default: "30",
        about: "Seconds that a client may be silent in the middle of a request's body that is passed on. Then it is answered 408.",
    },
    Key {
        name: "proxy.answer_idle_seconds",
        env: "DOORWARD_PROXY_ANSWER_IDLE_SECONDS",
        flag: None,
        kind: Kind::Number(1, 86_400),
        default: "300",
        about: "Seconds that an upstream may be silent in the middle of an answer. Then the client's connection is broken off, so \
                that half an answer never looks like a whole one. Server-sent events must come, or be kept alive by a comment, \
                within this time.",
    },
    Key {
        name: "proxy.upgraded_idle_seconds",
        env: "DOORWARD_PROXY_UPGRADED_IDLE_SECONDS",
        flag: None,
        kind: Kind::Number(1, 86_400),
        default: "3600",
        about: "Seconds that an upgraded connection, such as a WebSocket, may be silent in both directions.",
    },
    Key {
        name: "proxy.request_bytes",
        env: "DOORWARD_PROXY_REQUEST_BYTES",
        flag: None,
        kind: Kind::Number(0, 1_099_511_627_776),
        default: "104857600",
        about: "The longest request body, in bytes, that is passed on; a longer one is answered 413. 0 = any. What a dialect or a \
                rule reads itself is held to 1 MiB all the same.",
    },
    Key {
        name: "proxy.answer_bytes",
        env: "DOORWARD_PROXY_ANSWER_BYTES",
        flag: None,
        kind: Kind::Number(0, 1_099_511_627_776),
        default: "0",
        about: "The longest answer body, in bytes, that an upstream may send. 0 = any. One that announces more is answered as if \
                the upstream were down; one that turns out longer is broken off.",
    },
    Key {
        name: "proxy.answer_head_bytes",
        env: "DOORWARD_PROXY_ANSWER_HEAD_BYTES",
        flag: None,
        kind: Kind::Number(8192, 1_048_576),
        default: "65536",
        about: "The largest head of an upstream's answer, in bytes. A larger one, or one of more than 100 lines, is answered as if \
                the upstream were down.",
    },
    Key {
        name: "proxy.forwarded",
        env: "DOORWARD_PROXY_FORWARDED",
        flag: None,
        kind: Kind::Word(&["x-forwarded", "forwarded", "both"]),
        default: "x-forwarded",
        about: "By which headers upstreams are told of the client: X-Forwarded-For, -Proto and -Host; Forwarded (RFC 7239); or \
                both. What clients send of these, and of X-Real-IP and its like, is always removed.",
    },
    Key {
        name: "proxy.balance",
        env: "DOORWARD_PROXY_BALANCE",
        flag: None,
        kind: Kind::Word(&["round_robin", "least_connections"]),
        default: "round_robin",
        about: "Which of a site's upstreams is asked next, if it has several: one after the other, or the one with the fewest \
                requests in flight.",
    },
    Key {
        name: "proxy.failures",
        env: "DOORWARD_PROXY_FAILURES",
        flag: None,
        kind: Kind::Number(1, 1000),
        default: "3",
        about: "Failures in a row (no connection, no answer in time, or one that is no HTTP) that put one of several upstreams \
                out. An only upstream is never put out.",
    },
    Key {
        name: "proxy.out_seconds",
        env: "DOORWARD_PROXY_OUT_SECONDS",
        flag: None,
        kind: Kind::Number(1, 3600),
        default: "10",
        about: "Seconds that such an upstream stays out. If all are out, or sick, requests are answered 503.",
    },
    Key {
        name: "proxy.health_path",
        env: "DOORWARD_PROXY_HEALTH_PATH",
        flag: None,
        kind: Kind::Text,
        default: "",
        about: "The path that each upstream is asked for (GET, with its own address as Host) to see whether it is well: any answer \
                below 500 says so. It holds for all sites. One that is not well gets no requests. Empty = upstreams are not asked.",
    },
    Key {
        name: "proxy.health_seconds",
        env: "DOORWARD_PROXY_HEALTH_SECONDS",
        flag: None,
        kind: Kind::Number(1, 3600),
        default: "10",
        about: "Seconds between two such questions.",
    },
    Key {
        name: "proxy.upstream_ca",
        env: "DOORWARD_PROXY_UPSTREAM_CA",
        flag: None,
        kind: Kind::Path,
        default: "",
        about: "A file of CA certificates (PEM) by which the certificates of https:// upstreams are judged. Empty = by the \
                platform's trust store. An upstream's certificate must be valid for its name, always.",
    },
];

/// Reads the section.
pub(super) fn read(values: &Values) -> Result<Terms, Problem> {
    let seconds = |name| values.number::<u32>(name).map(|n| Duration::from_secs(u64::from(n)));
    Ok(Terms {
        connect: seconds("proxy.connect_seconds")?,
        head: seconds("proxy.answer_seconds")?,
        request_idle: seconds("proxy.request_idle_seconds")?,
        answer_idle: seconds("proxy.answer_idle_seconds")?,
        tunnel_idle: seconds("proxy.upgraded_idle_seconds")?,
        request_bytes: values.number("proxy.request_bytes")?,
        answer_bytes: values.number("proxy.answer_bytes")?,
        head_bytes: values.number("proxy.answer_head_bytes")?,
        forwarded: match values.word("proxy.forwarded", &["x-forwarded", "forwarded", "both"])? {
            "forwarded" => Forwarded::Standard,
            "both" => Forwarded::Both,
            _ => Forwarded::XForwarded,
        },
        balance: match values.word("proxy.balance", &["round_robin", "least_connections"])? {
            "least_connections" => Balance::LeastConnections,
            _ => Balance::RoundRobin,
        },
        failures: values.number("proxy.failures")?,
        out: seconds("proxy.out_seconds")?,
        health_path: values.parse("proxy.health_path", health_path)?,
        health_every: seconds("proxy.health_seconds")?,
        tls: values.parse("proxy.upstream_ca", trusting)?,
    })
}

fn health_path(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        path if path.starts_with('/') && path.parse::<http::Uri>().is_ok() => Ok(Some(path.to_owned())),
        other => Err(format!("`{other}` is no path, such as /up")),
    }
}

/// TLS that trusts the certificates of a file alone; `None` = no file is named.
pub(super) fn trusting(path: &str) -> Result<Option<Arc<rustls::ClientConfig>>, String> {
    if path.is_empty() {
        return Ok(None);
    }
    let mut roots = rustls::RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|e| format!("{path}: {e}"))? {
        let certificate = certificate.map_err(|e| format!("{path}: {e}"))?;
        roots.add(certificate).map_err(|e| format!("{path}: {e}"))?;
    }
    if roots.is_empty() {
        return Err(format!("{path} holds no certificate in PEM"));
    }
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|e| e.to_string())?;
    Ok(Some(Arc::new(config.with_root_certificates(roots).with_no_client_auth())))
}

//! `[tls]`: the listener that speaks TLS.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::key::{Key, Kind};
use super::server::optional_address;
use super::{Problem, Values};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "tls.listen",
        env: "DOORWARD_TLS_LISTEN",
        flag: Some("--tls-listen"),
        kind: Kind::OptionalAddress,
        default: "",
        about: "Where clients reach the server over TLS (1.2 and 1.3, HTTP/2 and HTTP/1.1), beside server.listen. Empty = nowhere: \
                a proxy in front speaks TLS, or nobody does.",
    },
    Key {
        name: "tls.certificate",
        env: "DOORWARD_TLS_CERTIFICATE",
        flag: None,
        kind: Kind::Paths,
        default: "",
        about: "The certificate file (PEM, with its chain), or several: a list in the file, separated by commas elsewhere. The first \
                that is valid for the name a client asks for is shown, else the first of all. Changed files are noticed within \
                two seconds, or at once on SIGHUP; files that cannot be used leave the certificates before in place, and the log \
                says why.",
    },
    Key {
        name: "tls.key",
        env: "DOORWARD_TLS_KEY",
        flag: None,
        kind: Kind::Paths,
        default: "",
        about: "The private key of each certificate (PEM), in the same order. Readable by the server alone.",
    },
    Key {
        name: "tls.redirect",
        env: "DOORWARD_TLS_REDIRECT",
        flag: None,
        kind: Kind::Word(&["off", "on"]),
        default: "off",
        about: "On: the plain listener answers nothing but /healthz and the server's other own paths, and sends everybody else to \
                the same path over TLS (308).",
    },
];

/// The section's values.
#[derive(Clone, Debug)]
pub struct Tls {
    /// Where; `None` = nowhere.
    pub listen: Option<SocketAddr>,
    /// Certificates and keys.
    pub files: Vec<(PathBuf, PathBuf)>,
    /// True if the plain listener sends everybody here.
    pub redirect: bool,
}

impl Tls {
    pub(super) fn read(values: &Values) -> Result<Self, Problem> {
        let listen = values.parse("tls.listen", optional_address)?;
        let paths = |text: &str| Ok(text.split(',').map(str::trim).filter(|p| !p.is_empty()).map(PathBuf::from).collect::<Vec<_>>());
        let (certificates, keys) = (values.parse("tls.certificate", paths)?, values.parse("tls.key", paths)?);
        if certificates.len() != keys.len() {
            let text = format!("{} certificates and {} keys: each certificate needs its key", certificates.len(), keys.len());
            return Err(Problem::new("tls.key", text));
        }
        if listen.is_some() && certificates.is_empty() && values.get("acme.names").0.is_empty() {
            return Err(Problem::new("tls.certificate", "must name a file if tls.listen is set, or acme.names a host"));
        }
        let redirect = values.word("tls.redirect", &["off", "on"])? == "on";
        if redirect && listen.is_none() {
            return Err(Problem::new("tls.redirect", "needs tls.listen: there is nowhere to send anybody"));
        }
        Ok(Self { listen, files: certificates.into_iter().zip(keys).collect(), redirect })
    }
}

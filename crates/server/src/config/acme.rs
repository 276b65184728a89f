//! `[acme]`: certificates that a certificate authority gives by itself (RFC 8555).

use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::ServerName;

use super::key::{Key, Kind};
use super::proxy::trusting;
use super::{Problem, Values};
use crate::acme::{Proof, Terms};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "acme.names",
        env: "DOORWARD_ACME_NAMES",
        flag: None,
        kind: Kind::Hosts,
        default: "",
        about: "The host names to obtain certificates for, one certificate each, to be shown by tls.listen beside those of \
                tls.certificate. Each name must lead to this server, or to one that shares its database. Empty = none: ACME is off.",
    },
    Key {
        name: "acme.agree",
        env: "DOORWARD_ACME_AGREE",
        flag: None,
        kind: Kind::Word(&["no", "yes"]),
        default: "no",
        about: "Yes: you have read the terms of service of the authority and agree to them. Nothing is asked of it before.",
    },
    Key {
        name: "acme.directory",
        env: "DOORWARD_ACME_DIRECTORY",
        flag: None,
        kind: Kind::Text,
        default: "https://acme-v02.api.letsencrypt.org/directory",
        about: "The authority: the https URL of its directory. Certificates of another one are replaced.",
    },
    Key {
        name: "acme.email",
        env: "DOORWARD_ACME_EMAIL",
        flag: None,
        kind: Kind::Text,
        default: "",
        about: "Where the authority may write to. Empty = nowhere.",
    },
    Key {
        name: "acme.proof",
        env: "DOORWARD_ACME_PROOF",
        flag: None,
        kind: Kind::Word(&["http-01", "tls-alpn-01"]),
        default: "http-01",
        about: "How it is shown that the names are yours: http-01 answers on server.listen, which the authority must reach at port 80 \
                of the name; tls-alpn-01 answers on tls.listen, which it must reach at port 443.",
    },
    Key {
        name: "acme.ca",
        env: "DOORWARD_ACME_CA",
        flag: None,
        kind: Kind::Path,
        default: "",
        about: "A PEM file with the certificates by which the authority's own https is judged, for one of your own. Empty = the \
                platform's trust store.",
    },
    Key {
        name: "acme.binding",
        env: "DOORWARD_ACME_BINDING",
        flag: None,
        kind: Kind::Path,
        default: "",
        about: "A file with the account that you have with the authority already (external account binding): its key id and its HMAC \
                key in base64url, with a blank or line end between. Readable by the server alone. Empty = none is asked for.",
    },
];

/// How the section is read: `None` = off.
pub(super) fn read(values: &Values) -> Result<Option<Terms>, Problem> {
    let names = values.parse("acme.names", names)?;
    let directory = values.parse("acme.directory", directory)?;
    let email = values.parse("acme.email", email)?;
    let proof = match values.word("acme.proof", &["http-01", "tls-alpn-01"])? {
        "tls-alpn-01" => Proof::TlsAlpn01,
        _ => Proof::Http01,
    };
    let tls = values.parse("acme.ca", trusting)?;
    let binding = values.parse("acme.binding", |text| Ok((!text.is_empty()).then(|| PathBuf::from(text))))?;
    let agreed = values.word("acme.agree", &["no", "yes"])? == "yes";
    if names.is_empty() {
        return Ok(None);
    }
    if !agreed {
        return Err(Problem::new("acme.agree", "must be yes: read the authority's terms of service first"));
    }
    if values.get("tls.listen").0.is_empty() {
        return Err(Problem::new("tls.listen", "must be set if acme.names is: certificates are shown there"));
    }
    Ok(Some(Terms { names: names.into_iter().map(Arc::from).collect(), directory, email, proof, tls, binding }))
}

/// Host names, lower case, each once.
fn names(text: &str) -> Result<Vec<String>, String> {
    let mut found: Vec<String> = Vec::new();
    for name in text.split(',').map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty()) {
        if name.starts_with("*.") {
            return Err(format!("`{name}`: a wildcard must be proven in the DNS, which is not done here; name the hosts"));
        }
        if !matches!(ServerName::try_from(name.as_str()), Ok(ServerName::DnsName(_))) || name.ends_with('.') {
            return Err(format!("`{name}` is no host name, such as login.example.com"));
        }
        if !found.contains(&name) {
            found.push(name);
        }
    }
    Ok(found)
}

fn directory(text: &str) -> Result<String, String> {
    let url = text.parse::<http::Uri>().ok().filter(|url| url.scheme_str() == Some("https") && url.host().is_some());
    url.map(|_| text.to_owned()).ok_or_else(|| format!("`{text}` is no https URL"))
}

fn email(text: &str) -> Result<Option<String>, String> {
    match text {
        "" => Ok(None),
        address if address.parse::<lettre::Address>().is_ok() => Ok(Some(address.to_owned())),
        other => Err(format!("`{other}` is no address")),
    }
}

//! Its whitelist: one entry a line, of which addresses and networks are kept and hosts are not.
//!
//! The original holds host entries against `Origin` or `Referer`. Those are written by the client: any program can name
//! any origin, so such an entry proves nothing and opens nothing here. It still closes the list: with hosts alone on it,
//! nobody is welcome.

use doorward_core::policy::AddressList;

/// An address that no client has: alone on a list it welcomes nobody.
const NOBODY: &str = "0.0.0.0/32";

/// A whitelist as configured; empty means that all are welcome.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Whitelist {
    /// Addresses, CIDR blocks, and IPv4 patterns.
    pub(super) addresses: Vec<String>,
    /// What is neither: hosts, which match nobody.
    pub(super) hosts: Vec<String>,
}

impl Whitelist {
    /// Reads the setting's lines. An entry may be a URL: its host counts, without port.
    pub(super) fn read(text: &str) -> Self {
        let mut list = Self::default();
        for entry in text.split(['\n', '\r']).map(str::trim).filter(|e| !e.is_empty()) {
            let host = host_of(entry);
            if is_address(entry) {
                list.addresses.push(entry.to_owned());
            } else if is_address(&host) {
                list.addresses.push(host);
            } else {
                list.hosts.push(host);
            }
        }
        list
    }

    /// The entries for a rule's address list.
    pub(super) fn ip_allow(&self) -> Vec<String> {
        match (self.addresses.is_empty(), self.hosts.is_empty()) {
            (true, false) => vec![NOBODY.to_owned()],
            (_, _) => self.addresses.clone(),
        }
    }
}

fn is_address(entry: &str) -> bool {
    AddressList::compile([entry]).is_ok()
}

/// The host part of an entry: lower case, without scheme, name, path and port.
fn host_of(entry: &str) -> String {
    let lower = entry.to_ascii_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if let Some(v6) = host.strip_prefix('[') {
        return v6.split(']').next().unwrap_or_default().to_owned();
    }
    host.split(':').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_networks_are_kept_and_hosts_match_nobody() {
        for (text, addresses, hosts) in [
            ("", &[][..], &[][..]),
            (" \r\n\r\n", &[], &[]),
            ("203.0.113.9\r\n10.0.0.0/8\n2001:db8::1", &["203.0.113.9", "10.0.0.0/8", "2001:db8::1"], &[]),
            ("http://203.0.113.9:8080/x", &["203.0.113.9"], &[]),
            ("https://[2001:db8::1]:443/", &["2001:db8::1"], &[]),
            ("https://User@Example.com:8443/path\nexample.org", &[], &["example.com", "example.org"]),
            ("10.0.0.0/33", &["10.0.0.0"], &[]),
        ] {
            let list = Whitelist::read(text);
            assert_eq!(
                (list.addresses, list.hosts),
                (addresses.iter().map(|s| s.to_string()).collect(), hosts.iter().map(|s| s.to_string()).collect()),
                "{text}"
            );
        }
    }

    #[test]
    fn hosts_alone_keep_the_list_closed() {
        let welcomes = |text: &str| {
            let entries = Whitelist::read(text).ip_allow();
            AddressList::compile(entries.iter().map(String::as_str)).unwrap().welcomes("203.0.113.9".parse().unwrap())
        };
        assert!(welcomes(""));
        assert!(welcomes("203.0.113.9\nexample.com"));
        assert!(!welcomes("example.com"));
        assert!(!welcomes("203.0.113.8"));
    }
}

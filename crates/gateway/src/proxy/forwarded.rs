//! What an upstream is told of the client and its connection: `X-Forwarded-*` and `Forwarded`, ours alone.

use std::net::IpAddr;

use http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue};

use super::terms::Forwarded;
use crate::identity;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Removes what others said of the client, says it anew, and sets `Host` to the one that was judged.
pub(super) fn tell(headers: &mut HeaderMap, how: Forwarded, client: IpAddr, secure: bool, host: &str) {
    // Few requests have any: looked for before a list is made.
    if headers.keys().any(|name| identity::is_a_proxys(name.as_str())) {
        let theirs: Vec<HeaderName> = headers.keys().filter(|name| identity::is_a_proxys(name.as_str())).cloned().collect();
        for name in theirs {
            headers.remove(name);
        }
    }
    let proto = if secure { "https" } else { "http" };
    if how != Forwarded::Standard {
        set(headers, FOR, &client.to_string());
        headers.insert(PROTO, HeaderValue::from_static(proto));
        if !host.is_empty() {
            set(headers, FORWARDED_HOST, host);
        }
    }
    if how != Forwarded::XForwarded {
        set(headers, FORWARDED, &element(client, proto, host));
    }
    if !host.is_empty() {
        set(headers, HOST, host);
    }
}

/// One element of `Forwarded`. A host may hold a colon or brackets, which only a quoted string may; it holds nothing that
/// would have to be escaped there (`web::incoming` refuses it).
fn element(client: IpAddr, proto: &str, host: &str) -> String {
    let client = match client {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => format!("\"[{v6}]\""),
    };
    if host.is_empty() { format!("for={client};proto={proto}") } else { format!("for={client};host=\"{host}\";proto={proto}") }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clients_copies_go_and_ours_come() {
        for (how, secure, client, expected) in [
            (
                Forwarded::XForwarded,
                false,
                "192.0.2.1",
                "host=a.example:1 x-forwarded-for=192.0.2.1 x-forwarded-host=a.example:1 x-forwarded-proto=http",
            ),
            (Forwarded::Standard, true, "2001:db8::1", "forwarded=for=\"[2001:db8::1]\";host=\"a.example:1\";proto=https host=a.example:1"),
            (
                Forwarded::Both,
                true,
                "192.0.2.1",
                "forwarded=for=192.0.2.1;host=\"a.example:1\";proto=https host=a.example:1 x-forwarded-for=192.0.2.1 \
                 x-forwarded-host=a.example:1 x-forwarded-proto=https",
            ),
        ] {
            let mut headers = HeaderMap::new();
            for name in ["forwarded", "x-forwarded-for", "x_forwarded_for", "x-forwarded-port", "x-real-ip", "client-ip", "host"] {
                headers.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_static("6.6.6.6"));
            }
            tell(&mut headers, how, client.parse().unwrap(), secure, "a.example:1");
            let mut lines: Vec<_> = headers.iter().map(|(n, v)| format!("{n}={}", v.to_str().unwrap())).collect();
            lines.sort();
            assert_eq!(lines.join(" "), expected);
        }
    }
}

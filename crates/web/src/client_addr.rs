//! The client's address: the peer's, unless the peer is a trusted proxy; then the rightmost address it did not vouch for.

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;

/// The peers whose `X-Forwarded-For` is believed; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// A list of networks.
    #[must_use]
    pub fn new(nets: Vec<IpNet>) -> Self {
        Self(nets)
    }

    /// Reads comma-separated addresses and networks.
    ///
    /// # Errors
    /// The entry that cannot be read.
    pub fn parse(text: &str) -> Result<Self, String> {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(|entry| {
                entry
                    .parse::<IpNet>()
                    .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
                    .map_err(|_| format!("`{entry}` is no address or network such as 127.0.0.1/32"))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// True if the address is a trusted proxy's.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|net| net.contains(&address))
    }

    /// True for peers that may ask about requests which they pass on themselves: this machine, and trusted proxies.
    #[must_use]
    pub fn may_ask(&self, peer: IpAddr) -> bool {
        peer.to_canonical().is_loopback() || self.trusts(peer)
    }

    /// True if the peer is a trusted proxy and says that the client came to it over TLS. The last word counts: a proxy adds
    /// at the end.
    #[must_use]
    pub fn says_secure(&self, peer: IpAddr, headers: &HeaderMap) -> bool {
        if self.0.is_empty() || !self.trusts(peer) {
            return false;
        }
        let last = headers.get_all("x-forwarded-proto").iter().next_back();
        last.and_then(|v| v.to_str().ok()).and_then(|v| v.rsplit(',').next()).is_some_and(|v| v.trim().eq_ignore_ascii_case("https"))
    }

    /// The client's address. Walks `X-Forwarded-For` from the right as long as proxies are trusted; an entry that
    /// cannot be read ends the walk at the last address that could.
    #[must_use]
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let address = peer.to_canonical();
        if self.0.is_empty() || !self.trusts(address) {
            return address;
        }
        self.told(peer, headers)
    }

    /// The client's address as a peer tells it that is believed for another reason than this list: it asks at a door.
    #[must_use]
    pub fn told(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut address = peer.to_canonical();
        let values: Vec<&[u8]> = headers.get_all("x-forwarded-for").iter().map(http::HeaderValue::as_bytes).collect();
        // By bytes: a line with one entry that is no text must not be skipped whole, or the line before it would be believed.
        for entry in values.iter().rev().flat_map(|v| v.rsplit(|b| *b == b',')) {
            let Some(next) = std::str::from_utf8(entry).ok().and_then(address_of) else { break };
            address = next.to_canonical();
            if !self.trusts(address) {
                break;
            }
        }
        address
    }
}

/// An entry: an address, or one with a port (`192.0.2.1:5555`, `[2001:db8::1]:5555`), as some proxies write it.
fn address_of(entry: &str) -> Option<IpAddr> {
    let text = entry.trim();
    let with_port = || text.parse::<std::net::SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<std::net::Ipv6Addr>().ok().map(IpAddr::from);
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trusted_peers_are_believed_and_only_up_to_the_first_stranger() {
        for (trusted, peer, header, expected) in [
            ("", "127.0.0.1", "203.0.113.9", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "203.0.113.9", "203.0.113.9"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6, 203.0.113.9, 10.1.1.1", "203.0.113.9"),
            ("127.0.0.1/32", "198.51.100.1", "203.0.113.9", "198.51.100.1"),
            ("127.0.0.1/32", "127.0.0.1", "garbage", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "1.2.3.4, garbage", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, 203.0.113.9:5555", "203.0.113.9"),
            ("127.0.0.1,10.0.0.0/8", "127.0.0.1", "6.6.6.6, 203.0.113.9:80 , 10.1.1.1:443", "203.0.113.9"),
            ("127.0.0.1/32", "127.0.0.1", "[2001:db8::1]:443", "2001:db8::1"),
            ("127.0.0.1/32", "127.0.0.1", "[2001:db8::1]", "2001:db8::1"),
            ("127.0.0.1/32", "127.0.0.1", "[::ffff:203.0.113.9]:1", "203.0.113.9"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, 203.0.113.9:99999", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, 203.0.113.9:", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, [203.0.113.9]:1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "6.6.6.6, [::1", "127.0.0.1"),
            ("127.0.0.1/32", "127.0.0.1", "2001:db8::1", "2001:db8::1"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", header.parse().unwrap());
            let proxies = TrustedProxies::parse(trusted).unwrap();
            assert_eq!(proxies.client(peer.parse().unwrap(), &headers), expected.parse::<IpAddr>().unwrap(), "{trusted} {header}");
        }
    }

    #[test]
    fn this_machine_and_trusted_proxies_may_ask() {
        let (none, some) = (TrustedProxies::default(), TrustedProxies::parse("192.0.2.0/24").unwrap());
        for (peer, without, with) in [
            ("127.0.0.1", true, true),
            ("127.9.9.9", true, true),
            ("::1", true, true),
            ("::ffff:127.0.0.1", true, true),
            ("192.0.2.7", false, true),
            ("::ffff:192.0.2.7", false, true),
            ("203.0.113.9", false, false),
            ("10.0.0.1", false, false),
            ("fe80::1", false, false),
        ] {
            let peer: IpAddr = peer.parse().unwrap();
            assert_eq!((none.may_ask(peer), some.may_ask(peer)), (without, with), "{peer}");
        }
    }

    #[test]
    fn a_line_that_is_no_text_ends_the_walk_and_is_not_skipped() {
        let proxies = TrustedProxies::parse("127.0.0.1").unwrap();
        for (lines, expected) in [
            (&[&b"6.6.6.6"[..], b"\xff, 203.0.113.9"][..], "203.0.113.9"),
            (&[b"6.6.6.6", b"\xff"], "127.0.0.1"),
            (&[b"6.6.6.6", b"203.0.113.9"], "203.0.113.9"),
            (&[b"6.6.6.6", b""], "127.0.0.1"),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", http::HeaderValue::from_bytes(line).unwrap());
            }
            let client = proxies.client("127.0.0.1".parse().unwrap(), &headers);
            assert_eq!(client, expected.parse::<IpAddr>().unwrap(), "{lines:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_header_moves_the_address_further_than_the_last_proxy_said(lines in proptest::collection::vec("[0-9a-f.:, ]{0,30}|\\PC{0,20}", 0..4), said: u32) {
            let peer: IpAddr = "127.0.0.1".parse().unwrap();
            let said = IpAddr::from((said | 0x8000_0000).to_be_bytes());
            let mut headers = HeaderMap::new();
            for line in &lines {
                if let Ok(value) = http::HeaderValue::from_bytes(line.as_bytes()) {
                    headers.append("x-forwarded-for", value);
                }
            }
            proptest::prop_assert_eq!(TrustedProxies::default().client(peer, &headers), peer);
            headers.append("x-forwarded-for", said.to_string().parse().unwrap());
            proptest::prop_assert_eq!(TrustedProxies::parse("127.0.0.1").unwrap().client(peer, &headers), said);
        }
    }
}

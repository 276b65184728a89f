//! Address lists: exact addresses, CIDR blocks of both families, and `*` octets of IPv4.

use std::net::IpAddr;

/// A compiled list of addresses. Empty means: all are welcome.
#[derive(Clone, Debug, Default)]
pub struct AddressList {
    nets: Vec<ipnet::IpNet>,
    wild: Vec<[Option<u8>; 4]>,
    /// Entries that nothing can match still close the list: a typo must not open a door.
    entries: usize,
}

/// An entry that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address, CIDR block, or IPv4 pattern such as 85.*.*.*")]
pub struct AddressProblem(pub String);

impl AddressList {
    /// Compiles entries; blank ones are skipped.
    ///
    /// # Errors
    /// The first entry that cannot be read.
    pub fn compile<'a>(entries: impl IntoIterator<Item = &'a str>) -> Result<Self, AddressProblem> {
        let mut list = Self::default();
        for entry in entries {
            let entry = entry.trim();
            if entry.is_empty() {
                continue;
            }
            if !list.add(entry) {
                return Err(AddressProblem(entry.to_owned()));
            }
        }
        Ok(list)
    }

    /// Compiles entries of which some may be unreadable: those match nobody, but keep the list closed.
    #[must_use]
    pub fn compile_lenient<'a>(entries: impl IntoIterator<Item = &'a str>) -> Self {
        let mut list = Self::default();
        for entry in entries {
            let entry = entry.trim();
            if !entry.is_empty() && !list.add(entry) {
                list.entries += 1;
            }
        }
        list
    }

    /// True if nobody is shut out.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.entries == 0
    }

    /// True if it is closed and no address is on it that a client can have.
    #[must_use]
    pub fn welcomes_nobody(&self) -> bool {
        let unspecified = |net: &ipnet::IpNet| net.max_prefix_len() == net.prefix_len() && net.addr().is_unspecified();
        !self.is_open() && self.wild.is_empty() && self.nets.iter().all(unspecified)
    }

    /// True if the address is welcome. IPv4 addresses mapped into IPv6 count as IPv4.
    #[must_use]
    pub fn welcomes(&self, address: IpAddr) -> bool {
        if self.is_open() {
            return true;
        }
        let address = address.to_canonical();
        if self.nets.iter().any(|net| net.contains(&address)) {
            return true;
        }
        let IpAddr::V4(v4) = address else { return false };
        self.wild.iter().any(|pattern| pattern.iter().zip(v4.octets()).all(|(want, got)| want.is_none_or(|w| w == got)))
    }

    fn add(&mut self, entry: &str) -> bool {
        if let Ok(net) = entry.parse::<ipnet::IpNet>() {
            self.nets.push(net);
        } else if let Ok(address) = entry.parse::<IpAddr>() {
            self.nets.push(address.to_canonical().into());
        } else if let Some(pattern) = wildcard(entry) {
            self.wild.push(pattern);
        } else {
            return false;
        }
        self.entries += 1;
        true
    }
}

/// `85.*.*.*`: four octets, each a number or `*`.
fn wildcard(entry: &str) -> Option<[Option<u8>; 4]> {
    let mut out = [None; 4];
    let mut parts = entry.split('.');
    for slot in &mut out {
        let part = parts.next()?;
        *slot = if part == "*" { None } else { Some(part.parse().ok()?) };
    }
    parts.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcomes(list: &str, address: &str) -> bool {
        AddressList::compile(list.split(',')).unwrap().welcomes(address.parse().unwrap())
    }

    #[test]
    fn lists_welcome_exact_wild_and_cidr_of_both_families() {
        for (list, address, expected) in [
            ("", "203.0.113.9", true),
            ("192.0.1.1, 192.2.2.2", "192.2.2.2", true),
            ("192.0.1.1, 192.2.2.2", "192.2.2.3", false),
            ("85.*.*.*, 86.*.*.*", "86.1.2.3", true),
            ("85.*.*.*, 86.*.*.*", "87.1.2.3", false),
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.0/8", "::ffff:10.0.0.1", true),
            ("2001:db8::/32", "2001:db8:1::5", true),
            ("2001:db8::/32", "2001:db9::5", false),
            ("2001:db8::1", "2001:db8::1", true),
            ("*.*.*.*", "2001:db8::1", false),
        ] {
            assert_eq!(welcomes(list, address), expected, "{list} / {address}");
        }
    }

    #[test]
    fn unreadable_entries_are_refused_or_keep_the_list_closed() {
        for bad in ["*", "87.1.*", "10.0.0.0/33", "1.2.3.4.5", "300.*.*.*", "example.com"] {
            assert!(AddressList::compile([bad]).is_err(), "{bad}");
            assert!(!AddressList::compile_lenient([bad]).welcomes("10.0.0.1".parse().unwrap()), "{bad}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_entry_panics_and_a_list_that_was_written_is_never_open(entries in proptest::collection::vec("[0-9a-f:./*, x]{0,20}|\\PC{0,12}", 1..6), address: u32) {
            let address = IpAddr::from(address.to_be_bytes());
            let list = AddressList::compile_lenient(entries.iter().map(String::as_str));
            let blank = entries.iter().all(|e| e.trim().is_empty());
            proptest::prop_assert_eq!(list.is_open(), blank);
            if let Ok(strict) = AddressList::compile(entries.iter().map(String::as_str)) {
                proptest::prop_assert_eq!(strict.welcomes(address), list.welcomes(address));
            }
        }

        #[test]
        fn an_address_is_welcome_by_itself_by_its_net_and_by_its_pattern(address: u32, bits in 0..=32_u8, other: u32) {
            let [a, b, c, d] = address.to_be_bytes();
            let text = IpAddr::from([a, b, c, d]);
            for list in [text.to_string(), format!("{text}/{bits}"), format!("{a}.*.{c}.*"), format!("::ffff:{text}")] {
                proptest::prop_assert!(AddressList::compile([list.as_str()]).unwrap().welcomes(text), "{}", list);
            }
            let net = AddressList::compile([format!("{text}/{bits}").as_str()]).unwrap();
            let same = bits == 0 || (address ^ other) >> (32 - u32::from(bits)) == 0;
            proptest::prop_assert_eq!(net.welcomes(IpAddr::from(other.to_be_bytes())), same);
        }
    }
}

//! The plugin's own lists of addresses: exact, or four parts with `*` for any one of them.

use std::net::IpAddr;

use super::Generation;

/// A list as the option holds it; empty = everybody.
#[derive(Clone, Debug)]
pub(super) struct Addresses {
    entries: Vec<String>,
    generation: Generation,
}

impl Addresses {
    /// Reads a comma-separated list.
    pub(super) fn read(list: &str, generation: Generation) -> Self {
        let entries = if list.trim().is_empty() { Vec::new() } else { list.split(',').map(|e| e.trim().to_owned()).collect() };
        Self { entries, generation }
    }

    /// True if an address may come. In 3.x the first wildcard that does not fit ends the search.
    pub(super) fn welcomes(&self, address: IpAddr) -> bool {
        if self.entries.is_empty() {
            return true;
        }
        let text = address.to_string();
        for entry in &self.entries {
            if *entry == text {
                return true;
            }
            if entry.contains('*') {
                if fits(entry, &text) {
                    return true;
                }
                if self.generation == Generation::V3 {
                    return false;
                }
            }
        }
        false
    }
}

fn fits(entry: &str, text: &str) -> bool {
    let (want, got): (Vec<_>, Vec<_>) = (entry.split('.').collect(), text.split('.').collect());
    got.len() == 4 && got.iter().enumerate().all(|(at, part)| want.get(at).is_some_and(|w| *w == "*" || w == part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_parts_alone_may_be_anything() {
        for (list, address, v4, v3) in [
            ("", "1.2.3.4", true, true),
            ("1.2.3.4", "1.2.3.4", true, true),
            ("1.2.3.5, 1.2.3.4,", "1.2.3.4", true, true),
            ("85.*.*.*, 86.*.*.*", "86.1.2.3", true, false),
            ("*.*.*.*", "86.1.2.3", true, true),
            ("*", "86.1.2.3", false, false),
            ("86.1.*", "86.1.2.3", false, false),
            ("86.1.2.*.*", "86.1.2.3", true, true),
            ("86.0.0.0/8", "86.1.2.3", false, false),
            ("::1", "::1", true, true),
            ("2001:*", "2001:db8::1", false, false),
            ("*", "::1", false, false),
        ] {
            let welcomes = |generation| Addresses::read(list, generation).welcomes(address.parse().unwrap());
            assert_eq!((welcomes(Generation::V4), welcomes(Generation::V3)), (v4, v3), "{list} {address}");
        }
    }
}

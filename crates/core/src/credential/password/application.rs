//! Application Passwords, as WordPress keeps them among an account's fields: `$generic$` (6.8) and phpass (before).
//!
//! They are long and random, so `$generic$` is one keyed BLAKE2b without a salt. Blanks and whatever else is no letter or
//! digit is dropped from what was typed: WordPress shows them in groups of four.

use blake2::Blake2bMac;
use blake2::digest::typenum::U30;
use blake2::digest::{FixedOutput, KeyInit, Update};
use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;
use zeroize::Zeroizing;

use super::{HashMemory, MAX_PASSWORD, MAX_STORED, phpass};
use crate::secret::{Secret, same};

/// Where WordPress keeps them: a list of objects with `password` among an account's fields.
pub const META: &str = "_application_passwords";

/// The most of one account that are looked at.
const MOST: usize = 32;

/// The key is public; it only keeps these hashes apart from others.
const KEY: &[u8] = b"wp_fast_hash_6.8+";
const PREFIX: &str = "$generic$";

/// The Application Passwords of an account, hashed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ApplicationHashes(Vec<Zeroizing<String>>);

impl std::fmt::Debug for ApplicationHashes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ApplicationHashes({})", self.0.len())
    }
}

impl ApplicationHashes {
    /// Reads them from an account's fields; what is not in their form is left out, and so are all but the first 32.
    #[must_use]
    pub fn of_meta(meta: &str) -> Self {
        let meta: Value = serde_json::from_str(meta).unwrap_or_default();
        let items = match meta.get(META) {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(Value::Object(map)) => map.values().collect(),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) | None => Vec::new(),
        };
        let hashes = items.into_iter().filter_map(|item| item.get("password")?.as_str()).filter(|hash| hash.len() <= MAX_STORED);
        Self(hashes.take(MOST).map(|hash| Zeroizing::new(hash.to_owned())).collect())
    }

    /// True if there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// True if what was typed is one of them. All are looked at, whichever it is.
    pub(super) fn hold(&self, typed: &Secret, memory: &mut HashMemory) -> bool {
        if typed.len() > MAX_PASSWORD {
            return false;
        }
        let letters: Zeroizing<Vec<u8>> = Zeroizing::new(typed.reveal().iter().copied().filter(u8::is_ascii_alphanumeric).collect());
        self.0.iter().filter(|hash| fits(hash, &letters, memory)).count() > 0 && !letters.is_empty()
    }
}

fn fits(hash: &str, letters: &[u8], memory: &mut HashMemory) -> bool {
    match hash.strip_prefix(PREFIX) {
        Some(tag) => fast(letters).is_some_and(|digest| same(BASE64URL_NOPAD.encode(&digest).as_bytes(), tag.as_bytes())),
        None => phpass::verify(hash, letters, memory),
    }
}

/// `wp_fast_hash`: thirty octets.
fn fast(letters: &[u8]) -> Option<[u8; 30]> {
    let mut mac = Blake2bMac::<U30>::new_from_slice(KEY).ok()?;
    mac.update(letters);
    Some(mac.finalize_fixed().into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Computed with another implementation (Python's `hashlib.blake2b`, key `wp_fast_hash_6.8+`, thirty octets).
    const GENERIC: &str = "$generic$F6W18u0QEytvRVb59DemVWRxyTxU6vg_VK0s_f-h";
    /// phpass's own test vector, of `test12345`.
    const PHPASS: &str = "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0";

    fn hashes(items: &Value) -> ApplicationHashes {
        ApplicationHashes::of_meta(&json!({ META: items }).to_string())
    }

    #[test]
    fn both_forms_are_known_and_blanks_are_free() {
        let memory = &mut HashMemory::new();
        let both = hashes(&json!([{"name": "a", "password": GENERIC}, {"name": "b", "password": PHPASS}]));
        for (typed, expected) in [
            ("abcd EFGH 1234 ijkl MNOP 5678", true),
            ("abcdEFGH1234ijklMNOP5678", true),
            ("abcd-EFGH-1234-ijkl-MNOP-5678!", true),
            ("abcd EFGH 1234 ijkl MNOP 5679", false),
            ("test 12345", true),
            ("", false),
            ("  ", false),
        ] {
            assert_eq!(both.hold(&Secret::new(typed), memory), expected, "{typed}");
        }
        assert!(!both.hold(&Secret::new(vec![b'x'; MAX_PASSWORD + 1]), memory));
        assert_eq!(format!("{both:?}"), "ApplicationHashes(2)");
    }

    #[test]
    fn what_is_in_another_form_fits_nobody() {
        let memory = &mut HashMemory::new();
        for items in [
            json!([]),
            json!("x"),
            json!([{"password": 1}]),
            json!([{"password": "$generic$"}]),
            json!([{"password": "900150983cd24fb0d6963f7d28e17f72"}]),
            json!([{"password": "$generic$".to_owned() + &"A".repeat(600)}]),
        ] {
            assert!(!hashes(&items).hold(&Secret::new("abc"), memory), "{items}");
        }
        assert!(ApplicationHashes::of_meta("").is_empty() && ApplicationHashes::of_meta("[]").is_empty());
    }
}

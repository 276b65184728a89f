//! Auth codes: shared words a site may ask for beside the credential itself.

use crate::call::Time;
use crate::secret::{Secret, same, sha256};

/// One entry of a site's list of auth codes.
#[derive(Clone, Debug)]
pub struct AuthCode {
    /// The code; compared exactly, byte for byte. An empty one accepts nobody.
    pub code: Secret,
    /// The role that a registration with this code receives instead of the site's default.
    pub role: Option<String>,
    /// The first second at which the code no longer counts; `None`: it never ends.
    pub expires: Option<Time>,
}

impl AuthCode {
    fn is_live(&self, now: Time) -> bool {
        self.expires.is_none_or(|end| now < end)
    }
}

/// The first live entry of the list whose code is `presented`.
///
/// Every entry is compared, each in constant time and by digest, so neither a code's place, its
/// length nor its first letters show in the time. An expired entry never hides a later live one
/// with the same code.
#[must_use]
pub fn accept<'a>(codes: &'a [AuthCode], presented: &str, now: Time) -> Option<&'a AuthCode> {
    let presented_digest = sha256(presented.as_bytes());
    let mut found = None;
    for entry in codes {
        let right = same(&sha256(entry.code.reveal()), &presented_digest);
        if right & entry.is_live(now) & !entry.code.is_empty() & found.is_none() {
            found = Some(entry);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_000);

    fn code(text: &str, role: &str, expires: Option<i64>) -> AuthCode {
        AuthCode { code: Secret::new(text), role: Some(role.to_owned()), expires: expires.map(Time) }
    }

    fn role_for(codes: &[AuthCode], presented: &str) -> Option<String> {
        accept(codes, presented, NOW).and_then(|entry| entry.role.clone())
    }

    #[test]
    fn the_first_live_entry_wins() {
        let codes = [code("twin", "editor", None), code("twin", "author", None)];
        assert_eq!(role_for(&codes, "twin").as_deref(), Some("editor"));
        assert_eq!(role_for(&codes, "TWIN"), None);
        assert_eq!(role_for(&codes, "twin "), None);
    }

    #[test]
    fn an_expired_entry_does_not_match_and_does_not_shadow() {
        let codes = [code("k", "old", Some(999)), code("other", "x", None), code("k", "new", Some(1_001))];
        assert_eq!(role_for(&codes, "k").as_deref(), Some("new"));
        assert_eq!(role_for(&[code("k", "r", Some(1_000))], "k"), None);
    }

    #[test]
    fn an_empty_code_accepts_nobody() {
        assert_eq!(role_for(&[code("", "admin", None)], ""), None);
        assert_eq!(role_for(&[], "x"), None);
    }

    #[test]
    fn a_code_does_not_print() {
        assert!(!format!("{:?}", code("hush-hush", "r", None)).contains("hush"));
    }
}

//! WordPress 6.8: `$wp$2y$…`, bcrypt over the base-64 text of an HMAC, so that all bytes count.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use super::{HashMemory, Scheme, StoredHash, bcrypt};

/// The key is public; it only keeps these hashes apart from bcrypt over other pre-hashes.
const KEY: &[u8] = b"wp-sha384";

pub(super) fn recognise(text: &str) -> Option<Scheme> {
    bcrypt::cost(text.strip_prefix("$wp")?).map(|cost| Scheme::WordPress { cost })
}

/// As `wp_check_password` does it: the password is *not* trimmed here (see [`trim_as_php`]).
pub(super) fn verify(text: &str, password: &[u8], memory: &mut HashMemory) -> bool {
    let Some(inner) = text.strip_prefix("$wp") else { return false };
    bcrypt::verify(inner, prehash(password).as_bytes(), memory)
}

/// WordPress's own cost.
const COST: u32 = 10;

/// True for a hash that WordPress would not replace at a login.
pub(super) fn is_current(stored: Option<&StoredHash>) -> bool {
    stored.is_some_and(|stored| stored.scheme() == Scheme::WordPress { cost: COST })
}

/// The hash under which WordPress 6.8 would store a password.
pub(super) fn hash(password: &[u8], salt: [u8; 16], memory: &mut HashMemory) -> String {
    format!("$wp{}", bcrypt::hash(COST, salt, prehash(password).as_bytes(), memory))
}

/// One computation of that cost, for nothing but its time.
pub(super) fn dummy(password: &[u8], memory: &mut HashMemory) {
    bcrypt::dummy(COST, prehash(password).as_bytes(), memory);
}

fn prehash(password: &[u8]) -> Zeroizing<String> {
    let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA384, KEY), password);
    Zeroizing::new(BASE64_STANDARD.encode(mac.as_ref()))
}

/// A password without the blanks around it, as PHP's `trim` cuts them (blank, tab, line feed,
/// carriage return, NUL, vertical tab).
///
/// WordPress trims whatever password it sets, and its own login trims what is typed, whatever the
/// scheme of the stored hash; `wp_check_password` itself does not, and plugins that call it
/// directly refuse a password with blanks around it.
#[must_use]
pub fn trim_as_php(password: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0 | 0x0B);
    let start = password.iter().position(|b| !is_blank(b)).unwrap_or(password.len());
    let end = password.iter().rposition(|b| !is_blank(b)).map_or(start, |last| last + 1);
    &password[start..end]
}

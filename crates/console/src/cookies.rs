//! Cookies: the session's, which nobody can make without the master key, and that of somebody not yet signed in. The CSRF token is
//! derived from whichever of the two there is.

use doorward_core::call::Dice;
use doorward_core::secret::same;
use doorward_core::session::{SessionId, parse_id};
use doorward_core::vault::Vault;
use http::HeaderMap;
use http::header::COOKIE;

/// The session's cookie.
pub const SESSION: &str = "__Host-doorward";
/// The cookie of somebody not yet signed in: what the CSRF token of signing in hangs on.
pub const GUEST: &str = "__Host-doorward-guest";

/// The value of a session's cookie: its id, and what only the master key derives of it. Who reads the store makes none of it.
#[must_use]
pub fn sealed(vault: &Vault, id: SessionId) -> String {
    let id = id.hex();
    let seal = derived(vault, "cookie", &id);
    format!("{id}.{seal}")
}

/// The session of a request's cookie, if the seal is ours. Nothing is known yet of the session itself.
#[must_use]
pub fn session(vault: &Vault, headers: &HeaderMap) -> Option<SessionId> {
    let value = only(headers, SESSION)?;
    let (id, seal) = value.split_once('.')?;
    let parsed = SessionId::parse(id)?;
    same(seal.as_bytes(), derived(vault, "cookie", id).as_bytes()).then_some(parsed)
}

/// Who is not yet signed in, by their cookie.
#[must_use]
pub fn guest(headers: &HeaderMap) -> Option<String> {
    only(headers, GUEST).filter(|value| parse_id(value).is_some())
}

/// A fresh value of the guest's cookie.
#[must_use]
pub fn new_guest(dice: &mut dyn Dice) -> String {
    data_encoding::HEXLOWER.encode(&dice.bytes::<16>())
}

/// The CSRF token of a session.
#[must_use]
pub fn token_of_session(vault: &Vault, id: SessionId) -> String {
    derived(vault, "csrf", &id.hex())
}

/// The CSRF token of a guest.
#[must_use]
pub fn token_of_guest(vault: &Vault, guest: &str) -> String {
    derived(vault, "guest", guest)
}

/// The line that sets a cookie until the browser is closed.
#[must_use]
pub fn set(name: &str, value: &str) -> String {
    format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Strict")
}

/// The line that takes a cookie away.
#[must_use]
pub fn clear(name: &str) -> String {
    format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0")
}

fn derived(vault: &Vault, what: &str, id: &str) -> String {
    data_encoding::BASE64URL_NOPAD.encode(vault.derive(&format!("console {what}/{id}")).reveal())
}

/// A cookie that is there exactly once: of two, one is somebody else's.
fn only(headers: &HeaderMap, name: &str) -> Option<String> {
    let lines = headers.get_all(COOKIE).iter().filter_map(|line| line.to_str().ok());
    let mut values = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('=')).filter(|(n, _)| *n == name);
    match (values.next(), values.next()) {
        (Some((_, value)), None) => Some(value.to_owned()),
        (_, _) => None,
    }
}

#[cfg(test)]
mod tests {
    use doorward_core::secret::Secret;
    use http::HeaderValue;

    use super::*;

    fn headers(lines: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_str(line).unwrap());
        }
        headers
    }

    #[test]
    fn only_what_this_master_key_sealed_is_a_session_and_only_once() {
        let vault = Vault::new(&Secret::new([7; 32])).unwrap();
        let other = Vault::new(&Secret::new([8; 32])).unwrap();
        let id = SessionId([3; 16]);
        let good = sealed(&vault, id);
        let line = |value: &str| format!("a=b; {SESSION}={value}");
        assert_eq!(session(&vault, &headers(&[&line(&good)])), Some(id));
        assert_eq!(session(&other, &headers(&[&line(&good)])), None);
        assert_eq!(session(&vault, &headers(&[&line(&good), &line(&good)])), None, "twice");
        for bad in [
            id.hex(),
            format!("{}.", id.hex()),
            good.to_uppercase(),
            good.replace('3', "4"),
            good[..good.len() - 1].to_owned(),
            String::new(),
        ] {
            assert_eq!(session(&vault, &headers(&[&line(&bad)])), None, "{bad}");
        }
        assert_ne!(token_of_session(&vault, id), sealed(&vault, id).split_once('.').unwrap().1);
        assert_ne!(token_of_session(&vault, id), token_of_guest(&vault, &id.hex()));
    }

    proptest::proptest! {
        #[test]
        fn no_cookie_line_panics(line in "[ -~]{0,200}") {
            let vault = Vault::new(&Secret::new([7; 32])).unwrap();
            let headers = headers(&[&line]);
            proptest::prop_assert_eq!(session(&vault, &headers), None);
            let _ = guest(&headers);
        }
    }
}

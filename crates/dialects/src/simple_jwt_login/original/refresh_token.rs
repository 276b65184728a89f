//! The opaque refresh token of 4.x: 64 hex digits, half of them the session's id, half the proof of its generation.
//!
//! The proof is derived from the server's master key, the site's refresh key and the session, so a token is known by nobody who
//! has only seen the store, and none is known any more when the refresh key is changed.

use doorward_core::house::House;
use doorward_core::secret::same;
use doorward_core::session::{Session, SessionId};
use doorward_core::site::SiteId;

use super::Plugin;

/// A refresh token that was sent.
pub(super) struct Sent {
    /// The session it names.
    pub(super) session: SessionId,
    proof: [u8; 16],
}

/// The refresh token of a session at a generation.
pub(super) fn write(house: &House, plugin: &Plugin, site: SiteId, session: SessionId, generation: i64) -> String {
    let mut octets = session.0.to_vec();
    octets.extend(proof(house, plugin, site, session, generation));
    hex(&octets)
}

/// Reads a token; `None` if it is none of ours.
pub(super) fn read(text: &str) -> Option<Sent> {
    let octets = unhex(text)?;
    let (id, proof) = octets.split_at_checked(16)?;
    Some(Sent { session: SessionId(id.try_into().ok()?), proof: proof.try_into().ok()? })
}

impl Sent {
    /// True if it is the token of this generation of its session.
    pub(super) fn is_of(&self, house: &House, plugin: &Plugin, session: &Session, generation: i64) -> bool {
        same(&self.proof, &proof(house, plugin, session.site, session.id, generation))
    }
}

fn proof(house: &House, plugin: &Plugin, site: SiteId, session: SessionId, generation: i64) -> [u8; 16] {
    let binding = hex(&plugin.auth.refresh_binding);
    let secret = house.terms().vault.derive(&format!("simple_jwt_login/refresh/{}/{binding}/{}/{generation}", site.0, session.hex()));
    let mut out = [0; 16];
    for (slot, octet) in out.iter_mut().zip(secret.reveal()) {
        *slot = *octet;
    }
    out
}

/// Lower-case hex.
pub(super) fn hex(octets: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    octets.iter().flat_map(|o| [DIGITS[usize::from(o >> 4)], DIGITS[usize::from(o & 15)]]).map(char::from).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sixty_four_small_hex_digits_are_read() {
        assert!(read(&"0f".repeat(32)).is_some());
        for text in ["", "x", &"0F".repeat(32), &"0f".repeat(31), &"0g".repeat(32), &"é0".repeat(22)] {
            assert!(read(text).is_none(), "{text}");
        }
        assert_eq!(hex(&[0, 0x0f, 0xff]), "000fff");
    }
}

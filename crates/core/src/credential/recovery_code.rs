//! Recovery codes: ten one-time codes on paper, for the day the authenticator is lost.

use crate::call::Dice;
use crate::credential::digest::Digest;
use crate::secret::Secret;

/// How many codes one account is given at a time.
pub const CODES_PER_SET: usize = 10;

/// Letters of a code without its dash: 10 × 5 bits = 50 bits, beyond guessing behind a limiter.
const LETTERS_PER_CODE: usize = 10;

/// Crockford's base 32: no `i`, `l`, `o` (read as `1`, `1`, `0`) and no `u`.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Longest text that is looked at, in bytes; a longer one is no code.
const MAX_TEXT: usize = 128;

/// Fewest letters an imported code may have: below that, a limiter alone does not protect it.
const MIN_IMPORTED: usize = 6;

/// Keeps these digests apart from every other digest of this product.
const LABEL: &[u8] = b"doorward recovery code 1";

/// Ten fresh codes such as `k7m2p-9xq4t`, to be shown once.
pub fn draw_set(dice: &mut dyn Dice) -> Vec<Secret> {
    (0..CODES_PER_SET).map(|_| draw(dice)).collect()
}

/// The digest by which a code of this account is stored and looked up; `None` if the text cannot
/// be a code (nothing left after [normalising](normalise), or over 128 bytes).
///
/// Site and account go into the digest: equal codes of two accounts have different digests.
#[must_use]
pub fn digest(site: &str, account: i64, code: &str) -> Option<Digest> {
    digest_normal(site, account, &normalise(code)?)
}

/// The digest of a code that comes in plain text from another system, of whatever shape.
/// [`digest`] of the presented text finds it again. `None`: too short (under 6 letters) or too long.
#[must_use]
pub fn digest_imported(site: &str, account: i64, code: &str) -> Option<Digest> {
    let normal = normalise(code)?;
    let letters = normal.reveal_text()?.chars().count();
    if letters < MIN_IMPORTED { None } else { digest_normal(site, account, &normal) }
}

/// A code as it counts: lower case, without blanks and dashes, `o` read as `0`, `i` and `l` as `1`.
#[must_use]
pub fn normalise(code: &str) -> Option<Secret> {
    if code.len() > MAX_TEXT {
        return None;
    }
    let mut normal = zeroize::Zeroizing::new(String::with_capacity(MAX_TEXT * 2));
    for letter in code.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '‐' | '‑' | '–' | '—' | '_')) {
        normal.extend(letter.to_lowercase().map(|c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            other => other,
        }));
    }
    if normal.is_empty() { None } else { Some(Secret::new(normal.as_bytes())) }
}

fn draw(dice: &mut dyn Dice) -> Secret {
    let mut text = Vec::with_capacity(LETTERS_PER_CODE + 1);
    for (place, byte) in dice.bytes::<LETTERS_PER_CODE>().into_iter().enumerate() {
        if place == LETTERS_PER_CODE / 2 {
            text.push(b'-');
        }
        // 32 divides 256: no letter is likelier than another.
        text.push(ALPHABET[usize::from(byte & 31)]);
    }
    Secret::new(text)
}

fn digest_normal(site: &str, account: i64, normal: &Secret) -> Option<Digest> {
    Some(Digest::of_parts(&[LABEL, site.as_bytes(), &account.to_be_bytes(), normal.reveal()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::api_token::tests::Counting;

    #[test]
    fn a_set_has_ten_different_codes_of_the_promised_shape() {
        let codes = draw_set(&mut Counting::default());
        let texts: std::collections::HashSet<_> = codes.iter().map(|c| c.reveal_text().unwrap().to_owned()).collect();
        assert_eq!(texts.len(), 10);
        for text in texts {
            assert_eq!(text.len(), 11);
            assert_eq!(text.as_bytes()[5], b'-');
            assert!(text.bytes().all(|b| b == b'-' || ALPHABET.contains(&b)));
        }
    }

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        let stored = digest("blog", 7, "k7m2p-90q41").unwrap();
        for typed in ["K7M2P-90Q41", "k7m2p90q41", " k7 m2p – 9Oq4l ", "k7m2p_9oq4I"] {
            assert_eq!(digest("blog", 7, typed), Some(stored), "{typed}");
        }
        assert_ne!(digest("blog", 7, "k7m2p-90q42"), Some(stored));
    }

    #[test]
    fn equal_codes_differ_per_account_and_site() {
        let one = digest("blog", 7, "k7m2p-90q41");
        assert_ne!(one, digest("blog", 8, "k7m2p-90q41"));
        assert_ne!(one, digest("shop", 7, "k7m2p-90q41"));
    }

    #[test]
    fn imported_codes_keep_working_in_their_own_shape() {
        for code in ["12345678", "Löffel-Gabel 42", "A1B2C3D4-E5F6"] {
            let stored = digest_imported("blog", 7, code).unwrap();
            assert_eq!(digest("blog", 7, code), Some(stored), "{code}");
        }
        assert_eq!(digest_imported("blog", 7, "12345"), None);
        assert_eq!(digest_imported("blog", 7, &"9".repeat(129)), None);
        assert_eq!(digest("blog", 7, " - "), None);
    }
}

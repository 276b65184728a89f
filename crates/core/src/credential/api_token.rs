//! API tokens: long random texts for programs, shown once and stored as a digest.

use crate::call::Dice;
use crate::credential::digest::Digest;
use crate::secret::{Secret, same};

/// What Doorward's own tokens begin with: leak scanners and people recognise it.
pub const PREFIX: &str = "dwd_";

/// Random letters after the prefix: 30 × 5.95 = 178 bits.
const RANDOM: usize = 30;

/// Base-62 letters that hold a CRC-32: 62⁶ > 2³².
const CHECK: usize = 6;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A token in plain text: exists between its drawing and the one answer that shows it.
#[derive(Clone, Debug)]
pub struct ApiTokenText(Secret);

impl ApiTokenText {
    /// A token in Doorward's own form: `dwd_`, 30 random base-62 letters, and the CRC-32 of all
    /// of that in 6 more, so that typos and leaks are recognised without asking a server.
    pub fn draw(dice: &mut dyn Dice) -> Self {
        let mut text = random_base62(PREFIX, RANDOM, CHECK, dice);
        let check = check_letters(&text);
        text.extend_from_slice(&check);
        Self(Secret::new(text))
    }

    /// A token in somebody else's form: the prefix and `letters` random base-62 letters, no checksum.
    pub fn draw_with_prefix(prefix: &str, letters: usize, dice: &mut dyn Dice) -> Self {
        Self(Secret::new(random_base62(prefix, letters, 0, dice)))
    }

    /// A token of 32 lower-case hexadecimal letters: 128 random bits.
    pub fn draw_hex32(dice: &mut dyn Dice) -> Self {
        Self(Secret::new(data_encoding::HEXLOWER.encode(&dice.bytes::<16>())))
    }

    /// The text, for the one answer that shows it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        self.0.reveal_text().unwrap_or_default()
    }

    /// What is stored of it.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest::of(self.reveal())
    }

    /// What lists show of it; see [`hint_of`].
    #[must_use]
    pub fn hint(&self) -> String {
        hint_of(self.reveal())
    }
}

/// The digest of a presented token's text: the key to look it up by.
#[must_use]
pub fn digest_of(text: &str) -> Digest {
    Digest::of(text)
}

/// Enough of a token for its owner to tell it from others, never enough to rebuild it: the first
/// four letters (prefix included), `…`, and the last four. Of texts under 24 letters (imported
/// ones) only the last two are shown, under 16 none.
#[must_use]
pub fn hint_of(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let (head, tail) = match letters.len() {
        0..16 => (0, 0),
        16..24 => (0, 2),
        24.. => (4, 4),
    };
    letters[..head].iter().chain(&['…']).chain(&letters[letters.len() - tail..]).collect()
}

/// Whether the checksum of a token in Doorward's own form holds; `None` if it is not in that form
/// at all (another prefix). `Some(false)` means a typo or an invention: no look-up is needed.
#[must_use]
pub fn checksum_holds(text: &str) -> Option<bool> {
    let rest = text.strip_prefix(PREFIX)?;
    if rest.len() != RANDOM + CHECK || !rest.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Some(false);
    }
    let (body, check) = text.as_bytes().split_at(PREFIX.len() + RANDOM);
    Some(same(&check_letters(body), check))
}

fn random_base62(prefix: &str, letters: usize, spare: usize, dice: &mut dyn Dice) -> Vec<u8> {
    // Its full size at once: a growing vector would leave copies of the secret behind.
    let mut text = Vec::with_capacity(prefix.len() + letters + spare);
    text.extend_from_slice(prefix.as_bytes());
    while text.len() < prefix.len() + letters {
        let [byte] = dice.bytes::<1>();
        // 248 = 4 × 62: what lies above would make the first eight letters likelier.
        if byte < 248 {
            text.push(BASE62[usize::from(byte % 62)]);
        }
    }
    text
}

fn check_letters(bytes: &[u8]) -> [u8; CHECK] {
    let mut rest = crc32(bytes);
    let mut letters = [b'0'; CHECK];
    for slot in letters.iter_mut().rev() {
        *slot = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    letters
}

/// CRC-32 as in ISO 3309 (zip, PNG, GitHub's tokens): reflected, polynomial `EDB88320`.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Dice for tests: SHA-256 in counter mode, so that every value of a byte turns up.
    #[derive(Default)]
    pub(crate) struct Counting(pub(crate) u64);

    impl Dice for Counting {
        fn fill(&mut self, buffer: &mut [u8]) {
            for byte in buffer {
                self.0 += 1;
                *byte = crate::secret::sha256(&self.0.to_be_bytes())[0];
            }
        }
    }

    #[test]
    fn our_form_is_forty_letters_and_checks() {
        let token = ApiTokenText::draw(&mut Counting::default());
        assert_eq!(token.reveal().len(), 40);
        assert!(token.reveal().starts_with("dwd_"));
        assert_eq!(checksum_holds(token.reveal()), Some(true));
        assert_eq!(token.digest(), digest_of(token.reveal()));
        assert_eq!(format!("{token:?}"), "ApiTokenText(Secret(…))");
    }

    #[test]
    fn every_single_typo_is_noticed() {
        let text = ApiTokenText::draw(&mut Counting(99)).reveal().to_owned();
        for place in 4..text.len() {
            let mut typo = text.clone().into_bytes();
            typo[place] = if typo[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(checksum_holds(std::str::from_utf8(&typo).unwrap()), Some(false), "at {place}");
        }
        assert_eq!(checksum_holds(&text[..39]), Some(false));
        assert_eq!(checksum_holds(&format!("{text}0")), Some(false));
    }

    #[test]
    fn other_forms_are_not_judged() {
        let dice = &mut Counting::default();
        let wapka = ApiTokenText::draw_with_prefix("wpk_live_", 40, dice);
        assert_eq!(wapka.reveal().len(), 49);
        assert_eq!(checksum_holds(wapka.reveal()), None);
        let hex = ApiTokenText::draw_hex32(dice);
        assert_eq!(hex.reveal().len(), 32);
        assert!(hex.reveal().bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')));
        assert_eq!(checksum_holds(hex.reveal()), None);
    }

    #[test]
    fn the_checksum_is_the_well_known_crc() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(crc32(b""), 0);
        assert_eq!(&check_letters(b""), b"000000");
        // The greatest CRC fits: 62⁶ - 1 > u32::MAX.
        assert!(62u64.pow(6) > u64::from(u32::MAX));
    }

    #[test]
    fn base62_letters_are_equally_likely() {
        let text = random_base62("", 62_000, 0, &mut Counting(5));
        let mut counts = [0u32; 128];
        text.iter().for_each(|b| counts[usize::from(*b)] += 1);
        // 1000 expected, standard deviation about 32: five of them either way.
        assert!(BASE62.iter().all(|b| (840..1160).contains(&counts[usize::from(*b)])));
    }

    #[test]
    fn a_hint_never_rebuilds_a_token() {
        assert_eq!(hint_of("dwd_0123456789abcdefghijABCDEFGHIJ123456"), "dwd_…3456");
        assert_eq!(hint_of("0123456789abcdef"), "…ef");
        assert_eq!(hint_of("0123456789abcde"), "…");
        assert_eq!(hint_of("äöüäöüäöüäöüäöüäöüäöüäöü"), "äöüä…üäöü");
        assert_eq!(hint_of(""), "…");
    }

    proptest! {
        #[test]
        fn drawn_tokens_always_check(seed in any::<u64>()) {
            prop_assert_eq!(checksum_holds(ApiTokenText::draw(&mut Counting(seed >> 8)).reveal()), Some(true));
        }

        #[test]
        fn check_letters_hold_the_whole_crc(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let back = check_letters(&bytes).iter().fold(0u64, |sum, letter| {
                sum * 62 + BASE62.iter().position(|b| b == letter).unwrap() as u64
            });
            prop_assert_eq!(back, u64::from(crc32(&bytes)));
        }

        #[test]
        fn any_text_can_be_judged_and_hinted(text in "\\PC{0,60}", tail in "\\PC{0,40}") {
            let _ = checksum_holds(&text);
            let _ = checksum_holds(&format!("dwd_{tail}"));
            prop_assert!(hint_of(&text).chars().count() <= 9);
        }
    }
}

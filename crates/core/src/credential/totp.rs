//! Time-based one-time passwords: six digits, every 30 seconds, HMAC-SHA-1 (RFC 6238).

use totp_rs::{Algorithm, Builder};
use zeroize::Zeroizing;

use crate::call::{Dice, Time};
use crate::secret::{Secret, same};

/// Length of one step in seconds (RFC 6238 section 5.2 recommends 30).
pub const STEP_SECONDS: u64 = 30;

/// Bytes of a new secret: 160 bits, the length RFC 4226 section 4 (R6) recommends.
pub const NEW_SECRET_BYTES: usize = 20;

/// Fewest bytes of an imported secret: 80 bits, what widespread authenticators used to make
/// (16 base-32 letters). Refusing those would lock out their owners; less is not worth keeping.
pub const MIN_SECRET_BYTES: usize = 10;

/// Most bytes of an imported secret: twice an HMAC-SHA-1 block; a longer one is a mistake.
pub const MAX_SECRET_BYTES: usize = 128;

/// Longest code text that is looked at, in bytes.
const MAX_CODE_TEXT: usize = 32;

/// Why a secret cannot be taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TotpProblem {
    /// Not base 32 (RFC 4648 section 6), even leniently read.
    NotBase32,
    /// Fewer than [`MIN_SECRET_BYTES`].
    TooShort,
    /// More than [`MAX_SECRET_BYTES`].
    TooLong,
}

/// The step whose code this is: the current one, the one before or the one after (a clock that is
/// up to 30 seconds wrong). The caller must spend the step: RFC 6238 section 5.2 allows each once.
///
/// Blanks and dashes in the code are ignored; anything else than six ASCII digits never matches.
/// All three steps are computed and compared in constant time; should two of them share a code,
/// the later one is returned, so that spending it spends both.
#[must_use]
pub fn matching_step(secret: &Secret, code: &str, now: Time) -> Option<i64> {
    let code = clean(code)?;
    if secret.len() < MIN_SECRET_BYTES {
        return None;
    }
    // The builder's checked form refuses secrets under 128 bits, which imports may have.
    let totp = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(6)
        .with_step_duration(STEP_SECONDS)
        .with_secret(secret.reveal().to_vec())
        .build_noncompliant();
    let current = u64::try_from(now.0).ok()? / STEP_SECONDS;
    let mut matching = None;
    for step in current.saturating_sub(1)..=current + 1 {
        let expected = Zeroizing::new(totp.generate(step * STEP_SECONDS).to_string());
        if same(expected.as_bytes(), code.as_slice()) {
            matching = i64::try_from(step).ok();
        }
    }
    matching
}

/// A new secret of [`NEW_SECRET_BYTES`].
pub fn new_secret(dice: &mut dyn Dice) -> Secret {
    Secret::new(dice.bytes::<NEW_SECRET_BYTES>())
}

/// The secret in base 32 without padding, as authenticators take it.
#[must_use]
pub fn encode_base32(secret: &Secret) -> Secret {
    Secret::new(data_encoding::BASE32_NOPAD.encode(secret.reveal()))
}

/// Reads a secret from base 32 as people and other systems write it: either case, with blanks,
/// dashes or padding or without; left-over bits at the end are dropped, as authenticators do.
///
/// # Errors
/// A letter outside the alphabet, or a length outside the bounds of an imported secret.
pub fn decode_base32(text: &str) -> Result<Secret, TotpProblem> {
    // Full size at once: a growing vector would leave copies of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_BYTES));
    let (mut bits, mut held) = (0u32, 0u32);
    for letter in text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '=')) {
        let value = match letter {
            'A'..='Z' => u32::from(letter) - u32::from('A'),
            'a'..='z' => u32::from(letter) - u32::from('a'),
            '2'..='7' => u32::from(letter) - u32::from('2') + 26,
            _ => return Err(TotpProblem::NotBase32),
        };
        bits = (bits << 5) | value;
        held += 5;
        if held >= 8 {
            held -= 8;
            if bytes.len() == MAX_SECRET_BYTES {
                return Err(TotpProblem::TooLong);
            }
            bytes.push(((bits >> held) & 0xFF) as u8);
            bits &= (1 << held) - 1;
        }
    }
    if bytes.len() < MIN_SECRET_BYTES { Err(TotpProblem::TooShort) } else { Ok(Secret::new(bytes.as_slice())) }
}

/// The `otpauth://` address that authenticators read from a QR code. It holds the secret.
///
/// Format: the key URI format that all authenticators share; a colon in issuer or account would
/// end the issuer early, so it becomes a blank.
#[must_use]
pub fn otpauth_uri(issuer: &str, account: &str, secret: &Secret) -> Secret {
    let mut uri = String::with_capacity(160 + 9 * issuer.len() + 3 * account.len() + 2 * secret.len());
    uri.push_str("otpauth://totp/");
    percent_encode(issuer, &mut uri);
    uri.push(':');
    percent_encode(account, &mut uri);
    uri.push_str("?secret=");
    data_encoding::BASE32_NOPAD.encode_append(secret.reveal(), &mut uri);
    uri.push_str("&issuer=");
    percent_encode(issuer, &mut uri);
    uri.push_str("&algorithm=SHA1&digits=6&period=30");
    Secret::new(uri)
}

/// Six ASCII digits, or nothing.
fn clean(code: &str) -> Option<Zeroizing<[u8; 6]>> {
    if code.len() > MAX_CODE_TEXT {
        return None;
    }
    let mut digits = Zeroizing::new([0; 6]);
    let mut count = 0;
    for letter in code.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let digit = u8::try_from(letter).ok().filter(u8::is_ascii_digit)?;
        *digits.get_mut(count)? = digit;
        count += 1;
    }
    (count == digits.len()).then_some(digits)
}

/// RFC 3986: everything but unreserved letters becomes `%XX`.
fn percent_encode(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes().map(|b| if b == b':' { b' ' } else { b }) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(HEX[usize::from(byte >> 4)]));
            out.push(char::from(HEX[usize::from(byte & 15)]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credential::api_token::tests::Counting;
    use proptest::prelude::*;

    fn rfc_secret() -> Secret {
        Secret::new("12345678901234567890")
    }

    #[test]
    fn rfc_6238_appendix_b() {
        // SHA-1 rows; the table has eight digits, the last six are the six-digit code.
        for (time, eight) in [
            (59, "94287082"),
            (1_111_111_109, "07081804"),
            (1_111_111_111, "14050471"),
            (1_234_567_890, "89005924"),
            (2_000_000_000, "69279037"),
            (20_000_000_000, "65353130"),
        ] {
            assert_eq!(matching_step(&rfc_secret(), &eight[2..], Time(time)), Some(time / 30), "{time}");
        }
    }

    #[test]
    fn a_clock_may_be_one_step_wrong_and_no_more() {
        let at = |time| matching_step(&rfc_secret(), "005924", Time(time));
        let step = 1_234_567_890 / 30;
        assert_eq!(at((step - 1) * 30), Some(step));
        assert_eq!(at((step + 1) * 30 + 29), Some(step));
        assert_eq!(at((step - 1) * 30 - 1), None);
        assert_eq!(at((step + 2) * 30), None);
    }

    #[test]
    fn codes_are_cleaned_but_only_ascii_digits_count() {
        let at = |code| matching_step(&rfc_secret(), code, Time(59));
        for good in ["287082", "287 082", "287-082", " 28 70 82\n"] {
            assert_eq!(at(good), Some(1), "{good:?}");
        }
        for bad in ["", "28708", "2870822", "94287082", "+87082", "28708٢", "２８７０８２", "28708a", "287.082"] {
            assert_eq!(at(bad), None, "{bad:?}");
        }
        assert_eq!(at(&format!("287082{}", " ".repeat(40))), None);
    }

    #[test]
    fn times_at_the_edges_do_not_break() {
        assert_eq!(matching_step(&rfc_secret(), "755224", Time(0)), Some(0));
        assert_eq!(matching_step(&rfc_secret(), "755224", Time(-1)), None);
        let _ = matching_step(&rfc_secret(), "755224", Time(i64::MAX));
        assert_eq!(matching_step(&Secret::new(""), "328482", Time(0)), None);
    }

    #[test]
    fn base32_is_read_as_people_write_it() {
        let text = encode_base32(&rfc_secret());
        assert_eq!(text.reveal_text(), Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"));
        for written in
            ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", "gezd gnbv gy3t qojq gezd gnbv gy3t qojq", "GEZDGNBV-GY3TQOJQ-GEZDGNBVGY3TQOJQ===="]
        {
            assert_eq!(decode_base32(written), Ok(rfc_secret()), "{written}");
        }
        // 26 letters: 16 bytes and two bits that nobody needs.
        assert_eq!(decode_base32("GEZDGNBVGY3TQOJQGEZDGNBVGZ").map(|s| s.len()), Ok(16));
    }

    #[test]
    fn imported_secrets_have_bounds() {
        assert_eq!(decode_base32("GEZDGNBVGY3TQOJQ").map(|s| s.len()), Ok(10));
        assert_eq!(decode_base32("GEZDGNBVGY3TQOJ"), Err(TotpProblem::TooShort));
        assert_eq!(decode_base32(""), Err(TotpProblem::TooShort));
        assert_eq!(decode_base32("GEZDGNBVGY3TQOJ1"), Err(TotpProblem::NotBase32));
        assert_eq!(decode_base32(&"A".repeat(1000)), Err(TotpProblem::TooLong));
        assert!(new_secret(&mut Counting::default()).len() * 8 >= 160);
    }

    #[test]
    fn the_address_is_what_authenticators_read() {
        let uri = otpauth_uri("My: Blog", "zoë@example.org", &rfc_secret());
        assert_eq!(
            uri.reveal_text(),
            Some(
                "otpauth://totp/My%20%20Blog:zo%C3%AB%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
                 &issuer=My%20%20Blog&algorithm=SHA1&digits=6&period=30"
            )
        );
    }

    proptest! {
        #[test]
        fn base32_goes_round(bytes in proptest::collection::vec(any::<u8>(), MIN_SECRET_BYTES..=MAX_SECRET_BYTES)) {
            let secret = Secret::new(bytes);
            prop_assert_eq!(decode_base32(encode_base32(&secret).reveal_text().unwrap()), Ok(secret));
        }

        #[test]
        fn any_text_may_be_tried(text in "\\PC{0,60}") {
            let _ = decode_base32(&text);
            let _ = matching_step(&rfc_secret(), &text, Time(1_000_000));
        }
    }
}

//! The registered claims about time (RFC 7519 §4.1): strictly read, then held against `now`.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use crate::call::Time;
use crate::refusal::{Forgery, Refusal};

/// The three dates of a token, in whole seconds since the Unix epoch (`NumericDate`, RFC 7519 §2).
///
/// `None` is "not there"; whether that is allowed, each dialect decides. A date of a wrong type
/// (string, null, fraction, negative, too large) does not become `None`: reading fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, serde::Deserialize)]
pub struct TimeClaims {
    /// When it was issued.
    #[serde(default, deserialize_with = "strict_seconds")]
    pub iat: Option<i64>,
    /// From when on it is valid.
    #[serde(default, deserialize_with = "strict_seconds")]
    pub nbf: Option<i64>,
    /// From when on it is no longer valid.
    #[serde(default, deserialize_with = "strict_seconds")]
    pub exp: Option<i64>,
}

/// Reads the claims of a proven payload into a dialect's own struct, which may borrow from it.
///
/// The payload must be one JSON object (RFC 7519 §3). A claim that the struct names may be there only
/// once (RFC 7519 §4): derived structs see to that, unless they use `serde(flatten)`, so do not.
///
/// # Errors
/// [`Forgery::Claims`] if it is no JSON object, or a claim is missing, twice there, or of a wrong type.
pub fn read_claims<'b, T: Deserialize<'b>>(payload: &'b [u8]) -> Result<T, Forgery> {
    // A derived struct would also read itself from an array, hence the look at the first byte.
    match payload.trim_ascii_start().first() {
        // Read as text: the octets are held to be UTF-8 once, not string by string.
        Some(b'{') => {
            let text = std::str::from_utf8(payload).map_err(|_| Forgery::Claims)?;
            serde_json::from_str(text).map_err(|_| Forgery::Claims)
        }
        Some(_) | None => Err(Forgery::Claims),
    }
}

/// Holds the dates against `now`; a date that is not there is not checked.
///
/// `leeway_s` is the tolerated difference between clocks, in seconds (RFC 7519 §4.1.4; negative counts
/// as zero). `iat` is not checked: it tells an age, not a validity.
///
/// # Errors
/// [`Refusal::ExpiredToken`] from the second `exp + leeway` on, [`Refusal::EarlyToken`] before the
/// second `nbf - leeway`.
pub fn check_times(times: &TimeClaims, now: Time, leeway_s: i64) -> Result<(), Refusal> {
    let leeway_s = leeway_s.max(0);
    if times.exp.is_some_and(|exp| now >= Time(exp).plus(leeway_s)) {
        return Err(Refusal::ExpiredToken);
    }
    if times.nbf.is_some_and(|nbf| Time(nbf) > now.plus(leeway_s)) {
        return Err(Refusal::EarlyToken);
    }
    Ok(())
}

/// Reads a date that is there: a non-negative JSON integer, nothing else.
///
/// For claim structs: `#[serde(default, deserialize_with = "strict_seconds")]` on an `Option<i64>`.
/// RFC 7519 would allow a fraction; nobody here issues one, and half of the failures of others with
/// dates came from reading numbers kindly.
///
/// # Errors
/// That of the deserializer, for a string, null, bool, fraction, exponent, negative or too large number.
pub fn strict_seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    deserializer.deserialize_u64(Seconds).map(Some)
}

struct Seconds;

impl Visitor<'_> for Seconds {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a date in whole seconds since 1970")
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<i64, E> {
        i64::try_from(value).map_err(|_| E::custom("a date beyond the end of time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Time = Time(1_000);

    #[test]
    fn a_date_is_a_whole_number_of_seconds_or_not_there() {
        let read = read_claims::<TimeClaims>;
        assert_eq!(read(b"{}"), Ok(TimeClaims::default()));
        assert_eq!(read(br#" { "exp" : 0 }"#), Ok(TimeClaims { exp: Some(0), ..TimeClaims::default() }));
        assert_eq!(
            read(br#"{"iat":1,"nbf":2,"exp":9223372036854775807,"sub":"x"}"#),
            Ok(TimeClaims { iat: Some(1), nbf: Some(2), exp: Some(i64::MAX) })
        );
    }

    #[test]
    fn a_date_of_another_type_is_an_error_and_not_an_absence() {
        let values = [
            "\"1\"",
            "\"\"",
            "null",
            "true",
            "false",
            "1.0",
            "1.5",
            "1e3",
            "1e400",
            "-1e400",
            "-1",
            "-0.0",
            "[]",
            "[1]",
            "{}",
            "01",
            "0x1",
            "+1",
            "NaN",
            "Infinity",
            "9223372036854775808",
            "18446744073709551616",
            "99999999999999999999999999",
            "",
        ];
        for name in ["iat", "nbf", "exp"] {
            for value in values {
                let payload = format!(r#"{{"{name}":{value}}}"#);
                assert_eq!(read_claims::<TimeClaims>(payload.as_bytes()), Err(Forgery::Claims), "{payload}");
            }
        }
    }

    #[test]
    fn a_payload_is_one_object_with_each_claim_once() {
        for payload in [
            "",
            " ",
            "null",
            "1",
            "\"exp\"",
            "[]",
            "[1,2,3]",
            r#"{"exp":1,"exp":2}"#,
            r#"{"exp":1,"\u0065xp":2}"#,
            r#"{"exp":1}{}"#,
            r#"{"exp":1}x"#,
            r#"{"exp":1"#,
            "\u{feff}{}",
            r#"{exp:1}"#,
            "{'exp':1}",
            r#"{"exp":1,}"#,
        ] {
            assert_eq!(read_claims::<TimeClaims>(payload.as_bytes()), Err(Forgery::Claims), "{payload}");
        }
        assert_eq!(read_claims::<TimeClaims>(b"{\"sub\":\"\xff\",\"exp\":\xff}"), Err(Forgery::Claims));
    }

    #[test]
    fn the_payload_may_be_deeply_nested_without_harm() {
        let deep = format!(r#"{{"x":{}1{},"exp":1}}"#, "[".repeat(3_000), "]".repeat(3_000));
        // Read or refused, but neither a panic nor an overflow of the stack.
        let _either = read_claims::<TimeClaims>(deep.as_bytes());
    }

    #[test]
    fn validity_begins_and_ends_on_the_second() {
        let exp = |exp| TimeClaims { exp: Some(exp), ..TimeClaims::default() };
        let nbf = |nbf| TimeClaims { nbf: Some(nbf), ..TimeClaims::default() };
        for (times, leeway_s, expected) in [
            (TimeClaims::default(), 0, Ok(())),
            (exp(1_001), 0, Ok(())),
            (exp(1_000), 0, Err(Refusal::ExpiredToken)),
            (exp(999), 0, Err(Refusal::ExpiredToken)),
            (exp(971), 30, Ok(())),
            (exp(970), 30, Err(Refusal::ExpiredToken)),
            (exp(1_001), -30, Ok(())),
            (exp(i64::MAX), i64::MAX, Ok(())),
            (exp(0), i64::MAX, Ok(())),
            (nbf(1_000), 0, Ok(())),
            (nbf(1_001), 0, Err(Refusal::EarlyToken)),
            (nbf(1_030), 30, Ok(())),
            (nbf(1_031), 30, Err(Refusal::EarlyToken)),
            (nbf(i64::MAX), 0, Err(Refusal::EarlyToken)),
            (TimeClaims { iat: Some(2_000), nbf: None, exp: None }, 0, Ok(())),
            (TimeClaims { iat: None, nbf: Some(2_000), exp: Some(999) }, 0, Err(Refusal::ExpiredToken)),
        ] {
            assert_eq!(check_times(&times, NOW, leeway_s), expected, "{times:?} leeway {leeway_s}");
        }
    }
}

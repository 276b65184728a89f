//! The dates of a payload as PHP compares them with the clock: numbers, texts that are numbers, and whatever else somebody signed.

use doorward_core::call::Time;
use doorward_core::token::TimeClaims;
use serde_json::Value;

/// `nbf`, `iat` and `exp` as they stand in a payload.
pub(in crate::jwt_auth) struct Dates<'p> {
    nbf: Option<&'p Value>,
    iat: Option<&'p Value>,
    exp: Option<&'p Value>,
}

impl<'p> Dates<'p> {
    pub(in crate::jwt_auth) fn of(payload: &'p Value) -> Self {
        let get = |name| payload.get(name).filter(|v| !v.is_null());
        Self { nbf: get("nbf"), iat: get("iat"), exp: get("exp") }
    }

    /// The date that a token is too early for, if it is: `nbf` first, then `iat`.
    pub(in crate::jwt_auth) fn early(&self, now: Time) -> Option<i64> {
        let later = |value: &&Value| first_second(value).is_none_or(|second| second > now.0);
        [self.nbf, self.iat].into_iter().flatten().find(later).map(seconds)
    }

    /// True if the token is over.
    pub(in crate::jwt_auth) fn expired(&self, now: Time) -> bool {
        self.exp.and_then(first_second).is_some_and(|second| now.0 >= second)
    }

    /// The same for the law: whole seconds, with an `iat` to come counted as an `nbf`.
    pub(in crate::jwt_auth) fn claims(&self) -> TimeClaims {
        let begin = |value: Option<&Value>| value.map(|v| first_second(v).unwrap_or(i64::MAX));
        let iat = self.iat.filter(|v| v.is_number()).and_then(first_second);
        TimeClaims { iat, nbf: begin(self.nbf).max(begin(self.iat)), exp: self.exp.and_then(first_second) }
    }
}

/// The first second that is not before the value; `None` if no clock ever gets there: a text that is no number is later than any
/// number if its first letter is, and an array always is.
fn first_second(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(ceil)),
        Value::String(text) => match numeric(text) {
            Some(number) => ceil(number),
            None => text.bytes().next().is_none_or(|first| first <= b'9').then_some(0),
        },
        Value::Array(_) => None,
        // A truth value is compared as one, and an object counts as 1: both are past.
        Value::Null | Value::Bool(_) | Value::Object(_) => Some(0),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "saturates, as dates beyond the end of time should")]
fn ceil(number: f64) -> Option<i64> {
    (number < 9.2e18).then(|| number.ceil() as i64)
}

/// A numeric text, as PHP takes it: blanks around, a sign, digits, a point, an exponent.
pub(in crate::jwt_auth) fn numeric(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\u{b}');
    let plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.' | b'e' | b'E'));
    if plain && text.bytes().any(|b| b.is_ascii_digit()) { text.parse().ok() } else { None }
}

/// PHP's `(int)`.
#[expect(clippy::cast_possible_truncation, reason = "as PHP's (int), but saturating")]
fn seconds(value: &Value) -> i64 {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|f| f as i64)).unwrap_or(0),
        Value::String(text) => {
            let digits: String = text.trim_start().chars().take_while(char::is_ascii_digit).collect();
            numeric(text).map_or_else(|| digits.parse().unwrap_or(0), |number| number as i64)
        }
        Value::Array(items) => i64::from(!items.is_empty()),
        Value::Bool(yes) => i64::from(*yes),
        Value::Object(_) => 1,
        Value::Null => 0,
    }
}

/// `date(DateTime::ISO8601)` in UTC: `2033-05-18T03:33:20+0000`.
pub(in crate::jwt_auth) fn iso8601(second: i64) -> String {
    format!("{}+0000", Time(second).iso().trim_end_matches('Z'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Time = Time(1_800_000_000);

    #[test]
    fn an_exp_is_compared_as_php_compares() {
        for (exp, expired) in [
            (json!(1_800_000_000), true),
            (json!(1_800_000_001), false),
            (json!(1_800_000_000.5), false),
            (json!(1_799_999_999.5), true),
            (json!("1800000001"), false),
            (json!(" 1800000000"), true),
            (json!("soon"), false),
            (json!("12x"), true),
            (json!(""), true),
            (json!(true), true),
            (json!(false), true),
            (json!(null), false),
            (json!([]), false),
            (json!({}), true),
            (json!(1e300), false),
        ] {
            assert_eq!(Dates::of(&json!({"exp": exp})).expired(NOW), expired, "{exp}");
            let law = Dates::of(&json!({"exp": exp})).claims().exp.is_some_and(|exp| NOW.0 >= exp);
            assert_eq!(law, expired, "{exp}");
        }
    }

    #[test]
    fn nbf_and_iat_must_be_past_and_nbf_speaks_first() {
        for (payload, early) in [
            (json!({"nbf": 1_800_000_000}), None),
            (json!({"nbf": 1_800_000_001, "iat": 1_900_000_000}), Some("2027-01-15T08:00:01+0000")),
            (json!({"nbf": 1, "iat": 2_000_000_000}), Some("2033-05-18T03:33:20+0000")),
            (json!({"nbf": "soon"}), Some("1970-01-01T00:00:00+0000")),
            (json!({"iat": []}), Some("1970-01-01T00:00:00+0000")),
            (json!({"iat": true}), None),
            (json!({}), None),
        ] {
            assert_eq!(Dates::of(&payload).early(NOW).map(iso8601).as_deref(), early, "{payload}");
            let law = Dates::of(&payload).claims().nbf.is_some_and(|nbf| nbf > NOW.0);
            assert_eq!(law, early.is_some(), "{payload}");
        }
    }

    #[test]
    fn dates_are_written_as_php_writes_them() {
        for (second, expected) in [
            (0, "1970-01-01T00:00:00+0000"),
            (951_782_400, "2000-02-29T00:00:00+0000"),
            (1_795_292_748, "2026-11-21T20:25:48+0000"),
            (2_000_000_000, "2033-05-18T03:33:20+0000"),
            (-1, "1969-12-31T23:59:59+0000"),
        ] {
            assert_eq!(iso8601(second), expected);
        }
    }
}
